"""Lines of contact by date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from geo.errors import UnknownDateError
from geo.html import Rich
from geo.io.dates import DayLike, as_day
from geo.territory import ContactLine, Provenance

__all__ = ["ControlSource", "LineSeries"]


class ControlSource(Protocol):
    """Anything that gives lines by day: the project's own series, files, archives."""

    @property
    def id(self) -> str:
        """Short name that figures are given with."""

    @property
    def dates(self) -> tuple[date, ...]:
        """The days that have a line, in order; empty when any day may be asked for."""

    @property
    def provenance(self) -> Provenance:
        """Where the lines come from."""

    def on(self, day: date, *, nearest: bool = False) -> ContactLine:
        """Return the line of a day, or the nearest earlier one when that will do."""


@dataclass(frozen=True, eq=False)
class LineSeries(Rich):
    """Lines of contact in order of date, one for each date.

    Parameters
    ----------
    lines
        The lines, sorted by date.
    id
        Short name that figures are given with.
    """

    lines: tuple[ContactLine, ...]
    id: str = "observations"

    @property
    def provenance(self) -> Provenance:
        """Where the lines come from."""
        return self.lines[0].provenance

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[ContactLine]:
        return iter(self.lines)

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates that have a line, in order."""
        return tuple(line.date for line in self.lines)

    def on(self, day: DayLike, *, nearest: bool = False) -> ContactLine:
        """Return the line of a day.

        Parameters
        ----------
        day
            The day asked for: a date, or text such as ``2025-11-21``.
        nearest
            Accept the nearest earlier line when the day has none.

        Returns
        -------
        ContactLine
            Its ``date`` tells which day it describes.

        Raises
        ------
        UnknownDateError
            There is no line for the day, nor an earlier one where that would do.
        """
        day = as_day(day)
        earlier = [line for line in self.lines if line.date <= day]
        if earlier and (nearest or earlier[-1].date == day):
            return earlier[-1]
        raise UnknownDateError(day, self.dates)
