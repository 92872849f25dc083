"""Identity of a figure (plan, day, sources, readings, data), written for JSON, rows and frames."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from geo.model.united import United

__all__ = ["IDENTITY_COLUMNS", "Identity", "hash_texts", "name_version", "write_choices"]

IDENTITY_COLUMNS: Final = ("plan", "date", "source", "boundaries", "readings", "data_version")
"""What each row of a table carries, so that it can be read without the file around it."""

_ALWAYS: Final = ("plan", "source", "boundaries", "readings")


@dataclass(frozen=True)
class Identity:
    """Everything that a figure depends on; it goes with every figure.

    Parameters
    ----------
    plan
        Id of the plan.
    date
        Day of the line, ISO 8601; empty for a history, whose rows have days of their own.
    source, boundaries
        Short names of the line's source and of the units.
    data_version
        Hash of the files that were used, and of what was asked for of them; never of a coordinate
        that was computed. It is not the version of all files that a server loaded. Empty for a
        settlement without its places.
    readings
        The choices that differ from the plan's defaults.
    basis
        What a line that somebody drew or moved was made of; empty for the line of a source.
    united
        Which features of a file the line was made of, where it was read from one.
    requested_date
        The day that was asked for, where the line is of an earlier one.
    """

    plan: str
    date: str
    source: str
    boundaries: str
    data_version: str
    readings: dict[str, str] = field(default_factory=dict)
    basis: str = ""
    united: United | None = None
    requested_date: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; of what need not be known only what is."""
        stated = {**asdict(self), "united": None if self.united is None else self.united.to_dict()}
        return {name: value for name, value in stated.items() if value or name in _ALWAYS}

    def to_row(self, suffix: str = "") -> dict[str, str]:
        """Return the columns that each row of a table carries.

        Parameters
        ----------
        suffix
            Put behind each name, where a row is about two settlements.

        Returns
        -------
        dict
            Column to text; a history has no ``date``.
        """
        cells = {**asdict(self), "readings": write_choices(self.readings)}
        names = [name for name in IDENTITY_COLUMNS if cells[name] or name != "date"]
        return {f"{name}{suffix}": cells[name] for name in names}

    def __str__(self) -> str:
        """Return one line for people."""
        asked = f" ({self.requested_date} was asked for)" if self.requested_date else ""
        parts = [
            self.plan,
            f"line of {self.date}{asked}" if self.date else "every day",
            f"source {self.source}",
            self.basis,
            f"boundaries {self.boundaries}",
            f"readings {write_choices(self.readings)}" if self.readings else "",
            f"data version {self.data_version}" if self.data_version else "",
        ]
        return ", ".join(filter(None, parts))


def write_choices(readings: Mapping[str, str]) -> str:
    """Write choices as one text, in the form they are asked for: ``ID:OPTION ID:OPTION``.

    Parameters
    ----------
    readings
        Reading to option.

    Returns
    -------
    str
        Empty when nothing is chosen.
    """
    return " ".join(f"{name}:{option}" for name, option in readings.items())


def hash_texts(texts: Iterable[str]) -> str:
    """Hash what an answer stands on: hashes of files, plans, parameters.

    Parameters
    ----------
    texts
        In a fixed order; none of them but the last may hold a line break.

    Returns
    -------
    str
        SHA-256, 64 hexadecimal digits.
    """
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def name_version(texts: Iterable[str]) -> str:
    """Name the version of what an answer stands on; see :func:`hash_texts`.

    Parameters
    ----------
    texts
        In a fixed order.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    return hash_texts(texts)[:16]
