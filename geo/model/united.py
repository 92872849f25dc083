"""Record which features of a file were united to a line, and which were left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

__all__ = ["LeftOut", "Reason", "United", "distinct", "first_names", "shown"]

_MOST_NAMES: Final = 20
_MOST_SAID: Final = 5
_MOST_LETTERS: Final = 60


class Reason(StrEnum):
    """Why features were left out."""

    STATUS = "status"
    NO_STATUS = "no_status"
    DAY = "day"
    NOT_CHOSEN = "not_chosen"
    KIND = "kind"


_WORDS: Final = {
    Reason.STATUS: "not held, by DeepState's status",
    Reason.NO_STATUS: "without a DeepState status",
    Reason.DAY: "of other days",
    Reason.NOT_CHOSEN: "not chosen",
    Reason.KIND: "of another kind of geometry",
}


@dataclass(frozen=True)
class LeftOut:
    """Features that were left out for one reason.

    ``names`` are distinct, at most 20.
    """

    reason: Reason
    features: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class United:
    """Features that were united to one line or area.

    Parameters
    ----------
    features
        How many features.
    names
        Their distinct names in the order of the file, at most 20.
    distinct_names
        How many distinct names there are.
    days
        The days that they state, in order.
    left_out
        What the file holds besides.
    choice
        The part of the file that was asked for, as it stands behind the ``#`` of its name.
    """

    features: int
    names: tuple[str, ...] = ()
    distinct_names: int = 0
    days: tuple[date, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    choice: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "choice": self.choice,
            "features": self.features,
            "names": list(self.names),
            "distinct_names": self.distinct_names,
            "days": [day.isoformat() for day in self.days],
            "left_out": [
                {"reason": each.reason.value, "features": each.features, "names": list(each.names)}
                for each in self.left_out
            ],
        }

    def __str__(self) -> str:
        """Say it in one line."""
        noun = "1 feature" if self.features == 1 else f"{self.features} features united"
        days = f", of {', '.join(day.isoformat() for day in self.days)}" if self.days else ""
        told = f"{noun}{_named(self.names, self.distinct_names)}{days}"
        left = [
            f"{each.features} {_WORDS[each.reason]}{_named(each.names, len(each.names))}"
            for each in self.left_out
        ]
        return f"{told}. Left out: {'; '.join(left)}." if left else f"{told}."


def _named(names: Sequence[str], count: int) -> str:
    if not names:
        return ""
    said = [
        repr(name if len(name) <= _MOST_LETTERS else f"{name[:_MOST_LETTERS]}…") for name in names
    ]
    more = [f"{count - _MOST_SAID} more names"] if count > _MOST_SAID else []
    return f" ({', '.join([*said[:_MOST_SAID], *more])})"


def shown(value: object) -> str:
    """Write a value of a property as it is shown and chosen: one line of printable letters.

    Parameters
    ----------
    value
        Any value.

    Returns
    -------
    str
        The text, spaces collapsed; a whole number without decimals; empty for nothing.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split())
    return "".join(letter for letter in text if letter.isprintable())


def distinct(values: Iterable[object]) -> list[str]:
    """Return the distinct values as they are shown.

    Parameters
    ----------
    values
        Any values.

    Returns
    -------
    list of str
        In their order, empty ones left out.
    """
    return [text for text in dict.fromkeys(shown(value) for value in values) if text]


def first_names(names: Iterable[object]) -> tuple[str, ...]:
    """Return the distinct names that a report gives.

    Parameters
    ----------
    names
        All names.

    Returns
    -------
    tuple of str
        In their order, at most 20.
    """
    return tuple(distinct(names)[:_MOST_NAMES])
