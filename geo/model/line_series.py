"""Lines of contact by date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from geo.arguments import parse_choice
from geo.dates import DayLike, as_day
from geo.errors import UnknownDateError
from geo.model.contact_line import ContactLine
from geo.model.provenance import Provenance
from geo.repr_html import Rich

__all__ = ["ControlSource", "LineSeries", "Nearest", "pick_day"]


class Nearest(StrEnum):
    """Choice of another day if the day asked for has no line."""

    EXACT = "exact"
    """None: that is an error."""
    NEAREST = "nearest"
    """The nearest in either direction; the earlier of two that are equally near."""
    ON_OR_BEFORE = "on_or_before"
    """The last one before the day."""


def pick_day(dates: Sequence[date], day: date, nearest: bool | str = Nearest.EXACT) -> date:
    """Choose the day whose line is used.

    Parameters
    ----------
    dates
        The days that have a line.
    day
        The day asked for.
    nearest
        A :class:`Nearest` or its text; ``True`` is ``nearest``, ``False`` is ``exact``.

    Returns
    -------
    datetime.date
        One of ``dates``.

    Raises
    ------
    UnknownDateError
        The day has no line, nor is there another that would do.
    UnknownNameError
        There is no such way of choosing.

    Examples
    --------
    >>> days = [date(2025, 11, 1), date(2025, 11, 21)]
    >>> pick_day(days, date(2025, 11, 19), "nearest").day
    21
    >>> pick_day(days, date(2025, 11, 19), "on_or_before").day
    1
    """
    if isinstance(nearest, bool):
        nearest = Nearest.NEAREST if nearest else Nearest.EXACT
    how = parse_choice(Nearest, nearest, name="nearest")
    if day in dates:
        return day
    known = [] if how is Nearest.EXACT else list(dates)
    if how is Nearest.ON_OR_BEFORE:
        known = [each for each in dates if each <= day]
    if not known:
        raise UnknownDateError(day, dates)
    return min(known, key=lambda each: (abs((each - day).days), each))


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
        """Provenance of the lines."""

    def on(self, day: date, *, nearest: bool | str = False) -> ContactLine:
        """Return the line of a day, or another one that will do; see :class:`Nearest`."""


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
        """Provenance of the lines."""
        return self.lines[0].provenance

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[ContactLine]:
        return iter(self.lines)

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates that have a line, in order."""
        return tuple(line.date for line in self.lines)

    def on(self, day: DayLike, *, nearest: bool | str = False) -> ContactLine:
        """Return the line of a day.

        Parameters
        ----------
        day
            The day asked for: a date, or text such as ``2025-11-21``.
        nearest
            Which other line will do when the day has none: ``True`` or ``"nearest"`` the nearest
            in either direction, ``"on_or_before"`` the last one before the day.

        Returns
        -------
        ContactLine
            Its ``date`` tells which day it describes.

        Raises
        ------
        UnknownDateError
            There is no line for the day, nor another that would do.
        """
        return self.lines[self.dates.index(pick_day(self.dates, as_day(day), nearest))]
