"""Parse the query of the map's address: parameters that can be used, and those that cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from app.datasets.catalogue import Catalogue
from geo.errors import ReadingError
from geo.plans.plan import Plan
from geo.plans.selection import choose_day

__all__ = ["Address", "Pair", "understand"]

Pair = tuple[str, str]
"""Name and value of a parameter."""

_NAMES: Final = ("plan", "date", "source", "boundaries", "lang")
_READING: Final = "reading"
_DAY: Final = "line_date"
_OF_OTHERS: Final = ("utm_", "fbclid", "gclid", "yclid", "mc_")
"""What networks and mailing lists hang on any address: taken away without a word."""


@dataclass(frozen=True)
class Address:
    """An address of the map, read.

    Parameters
    ----------
    named
        Parameters that name what there is.
    readings
        Readings that the plan has and that differ from its defaults: reading to option.
    unknown
        What was asked for that does not exist.
    """

    named: dict[str, str]
    readings: dict[str, str]
    unknown: tuple[Pair, ...]

    @property
    def pairs(self) -> list[Pair]:
        """Parameters of the address without what means nothing there."""
        chosen = sorted(self.readings.items())
        return [*self.named.items(), *((_READING, ":".join(pair)) for pair in chosen)]

    @property
    def relative(self) -> str:
        """The address written anew, relative to the page.

        What does not exist is noted behind ``#``, where the page reads it, tells the reader, and
        takes it away.
        """
        address = f"?{urlencode(self.pairs, safe=':,')}" if self.pairs else "."
        return f"{address}#unknown?{urlencode(self.unknown)}" if self.unknown else address


def understand(catalogue: Catalogue, pairs: Sequence[Pair]) -> Address:
    """Read the address of the map; of a parameter that came twice, the last counts.

    Parameters
    ----------
    catalogue
        What there is.
    pairs
        Parameters as they came, repeated ones repeated.

    Returns
    -------
    Address
        Whose :attr:`Address.pairs` equal ``pairs`` if all of them can be used as they are.
    """
    given = {name: value for name, value in pairs if name in _NAMES}
    named = catalogue.understand(given)
    unknown = [(name, given[name]) for name in given if name not in named]
    plan = catalogue.plan(named.get("plan"))
    texts = [value for name, value in pairs if name == _READING]
    readings, refused = _read(catalogue, plan, texts)
    if _DAY in readings:
        _turn_into_day(catalogue, plan, named, {_DAY: readings.pop(_DAY)})
    others = dict.fromkeys(name for name, _ in pairs if name not in (*_NAMES, _READING))
    strangers = [(name, "") for name in others if not name.startswith(_OF_OTHERS)]
    noted = [*unknown, *((_READING, text) for text in refused), *strangers]
    return Address(named, readings, tuple(noted))


def _read(
    catalogue: Catalogue, plan: Plan, texts: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Sort readings into those that can be chosen, together, and those that cannot."""
    chosen: dict[str, str] = {}
    refused = []
    for text in texts:
        name, _, option = text.partition(":")
        try:
            read = catalogue.read(plan.id, {**chosen, name: option})
        except ReadingError:
            refused.append(text)
        else:
            chosen = dict(read.chosen)
    return chosen, refused


def _turn_into_day(
    catalogue: Catalogue, plan: Plan, named: dict[str, str], reading: dict[str, str]
) -> None:
    """Write the day that a reading names as the day it is, unless a day is named as well."""
    chosen = catalogue.using(named.get("source"), named.get("boundaries"))
    dates = chosen.dataset.lines.dates
    if "date" not in named and dates:
        read = chosen.read(plan.id, reading)
        named["date"] = choose_day(read, dates, None, named=(_DAY,)).isoformat()
