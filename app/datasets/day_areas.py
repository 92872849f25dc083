"""Areas of each day of a source, measured once for all plans."""

from collections.abc import Iterator, Sequence
from datetime import date
from threading import Lock

from geo.histories.day_areas import DayAreas, FailedDay
from geo.histories.history import each_day, select_days
from geo.model.boundaries import Boundaries
from geo.model.line_series import ControlSource

__all__ = ["DayAreasCache"]


class DayAreasCache:
    """Keeps who holds how much of each oblast on each day, whatever the plan.

    Notes
    -----
    A day takes about a kilobyte. Days are measured under a lock: who asks for the same days
    meanwhile waits for them instead of measuring them again. A day that failed is tried anew.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[date, DayAreas] = {}

    def measure(
        self,
        source: ControlSource,
        boundaries: Boundaries,
        period: tuple[date | None, date | None],
    ) -> Iterator[DayAreas | FailedDay]:
        """Yield the days of a period in order, measuring those that are not known.

        Raises
        ------
        UnknownDateError
            The source has no day in the period.
        """
        days = select_days(source, *period)
        failed: dict[date, FailedDay] = {}
        with self._lock:
            for first, last in _stretches(days, self._known):
                for found in each_day(source, boundaries, first=first, last=last):
                    if isinstance(found, FailedDay):
                        failed[found.date] = found
                    else:
                        self._known[found.date] = found
        yield from (failed.get(day) or self._known[day] for day in days)


def _stretches(days: Sequence[date], known: dict[date, DayAreas]) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch of days that are not known."""
    start: date | None = None
    before: date | None = None
    for day in days:
        if day in known:
            if start is not None and before is not None:
                yield start, before
            start = None
        elif start is None:
            start = day
        before = day
    if start is not None and before is not None:
        yield start, before
