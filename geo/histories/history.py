"""Apply a plan on every day of a source."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from geo.dates import DayLike, as_day
from geo.errors import SettlementError, UnknownDateError
from geo.histories.day_areas import DayAreas, FailedDay, divide_days, make_divider
from geo.histories.table import HistoryTable
from geo.model.boundaries import Boundaries
from geo.model.identity import Identity, hash_texts, name_version
from geo.model.line_series import ControlSource
from geo.model.observations import Observations
from geo.parallel import LostBatch, count_processors, map_in_order
from geo.plans.plan import Plan
from geo.repr_html import Rich
from geo.statistics.tables import By, Column

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "History",
    "Progress",
    "check_days",
    "collect_history",
    "data_version",
    "each_day",
    "history",
    "select_days",
]

Progress = Callable[[int, int, date], None]
"""Called after each day with: days done, days in all, the day."""

_BATCH_DAYS: Final = 8
_BATCH_DAYS_ELSEWHERE: Final = 32
_RUNS: Final = 2
"""Stretches of days a process gets: what it measured of a day serves for the next."""

_DAYS_WORTH_A_PROCESS: Final = 60
"""A third of a second of work, against a tenth to fork a process and collect what it found."""


@dataclass(frozen=True, eq=False)
class History(Rich):
    """The figures of a plan on every day of a source.

    Parameters
    ----------
    table
        Makes the rows: plan, boundaries and what there is one row for.
    source
        Short name of the source of the lines.
    days
        The days that could be measured, in order, with their areas.
    failed
        The days that could not, in order, each with the reason.
    data_version
        Hash of the contents of the files that were used; for the project's own lines it is that
        of :class:`geo.Identity`.
    """

    table: HistoryTable
    source: str
    days: tuple[DayAreas, ...]
    failed: tuple[FailedDay, ...]
    data_version: str

    @property
    def identity(self) -> Identity:
        """Identity of the figures; the day is in each row."""
        plan, boundaries = self.table.plan, self.table.boundaries
        units = boundaries.id or boundaries.provenance.source
        return Identity(plan.id, "", self.source, units, self.data_version, plan.chosen)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Name, unit and meaning of each column."""
        return self.table.columns

    @property
    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows in order of day; made as they are asked for."""
        return (row for day in self.days for row in self.table.rows(day))

    def to_dataframe(self) -> "pd.DataFrame":
        """Return the rows as a new DataFrame; ``date`` is of type datetime64."""
        import pandas as pd

        names = [column.name for column in self.columns]
        frame = pd.DataFrame(list(self.rows), columns=names)
        frame["date"] = pd.to_datetime(frame["date"])
        frame.attrs["identity"] = self.identity.to_dict()
        return frame


def each_day(
    source: ControlSource,
    boundaries: Boundaries,
    *,
    first: DayLike | None = None,
    last: DayLike | None = None,
    workers: int | None = 1,
    executor: Executor | None = None,
) -> Iterator[DayAreas | FailedDay]:
    """Measure who holds how much of each oblast, on every day of a source.

    Parameters
    ----------
    source
        Gives the line, or the area of control, of each day.
    boundaries
        The oblasts.
    first, last
        Only the days from ``first`` to ``last``, both included; by default all.
    workers
        Processes that work, this one included; ``None`` takes one for each processor, but no more
        than there is work for.
    executor
        Does the work instead, for instance ``dask.distributed.Client(...).get_executor()``; files
        of the source are then read where the work is done, under the same path.

    Yields
    ------
    DayAreas or FailedDay
        One for each day, in order. Memory does not grow with the number of days.

    Raises
    ------
    UnknownDateError
        The source has no day between ``first`` and ``last``.

    Notes
    -----
    Where the source publishes areas, :class:`geo.histories.day_areas.AreaDivider` measures without
    cutting oblasts that did not change; otherwise each line goes through
    :func:`geo.split_by_contact_line`. What a day needs of a plan is asked afterwards: a category
    depends on the oblast and the holder only.
    """
    days = select_days(source, first, last)
    crew = (
        min(count_processors(), 1 + len(days) // _DAYS_WORTH_A_PROCESS)
        if workers is None
        else workers
    )
    most = _BATCH_DAYS if executor is None else _BATCH_DAYS_ELSEWHERE
    size = max(1, min(most, -(-len(days) // (4 * crew))))
    batches = -(-len(days) // size)
    crew = max(1, min(crew, batches))
    results = map_in_order(
        divide_days,
        make_divider(source, boundaries),
        days,
        batch=size,
        run=-(-batches // (_RUNS * crew)),
        workers=crew,
        executor=executor,
    )
    for found in results:
        if isinstance(found, LostBatch):
            yield from (FailedDay(day, found.message) for day in found.items)
        else:
            yield from found


def select_days(
    source: ControlSource, first: DayLike | None, last: DayLike | None
) -> tuple[date, ...]:
    """Return the days of a source between two days.

    Parameters
    ----------
    source
        Knows its days.
    first, last
        Both included; ``None`` is no bound.

    Returns
    -------
    tuple of datetime.date
        In order, at least one.

    Raises
    ------
    UnknownDateError
        There is none.
    """
    start = date.min if first is None else as_day(first, what="first")
    end = date.max if last is None else as_day(last, what="last")
    days = tuple(day for day in source.dates if start <= day <= end)
    if not days:
        raise UnknownDateError(end if first is None else start, source.dates)
    return days


def history(
    plan: Plan,
    source: ControlSource,
    *,
    boundaries: Boundaries,
    observations: Observations | None = None,
    first: DayLike | None = None,
    last: DayLike | None = None,
    by: By | str = By.OBLAST_CATEGORY,
    workers: int | None = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> History:
    """Apply a plan on every day of a source.

    Parameters
    ----------
    plan
        What the text says; with readings chosen, if you like.
    source
        The lines that come with the program (:func:`geo.load_contact_lines`), or a file or folder
        of your own (:func:`geo.open_source`).
    boundaries
        The oblasts.
    observations
        The populated places, whose file enters the data version; areas do not depend on them.
    first, last
        Only the days from ``first`` to ``last``, both included; by default all.
    by
        One row for each day and: ``oblast,category`` (and holder), ``category`` or ``oblast``.
    workers, executor
        See :func:`each_day`.
    progress
        Called after each day.

    Returns
    -------
    History
        Tidy rows; a day that failed is listed with the reason and does not stop the others.

    Raises
    ------
    UnknownDateError
        The source has no day between ``first`` and ``last``.
    PlanError
        The plan names an oblast that does not exist.
    ValueError
        There is no such table of a history.

    Examples
    --------
    >>> import datetime, geo
    >>> result = geo.history(
    ...     geo.load_plan("point21-axios"),
    ...     geo.load_contact_lines(),
    ...     boundaries=geo.load_boundaries(),
    ...     first=datetime.date(2025, 11, 21),
    ...     last=datetime.date(2025, 12, 1),
    ...     by="category",
    ... )
    >>> [day.date.isoformat() for day in result.days]
    ['2025-11-21', '2025-12-01']
    """
    table = HistoryTable(plan, boundaries, by=by)
    found = each_day(source, boundaries, first=first, last=last, workers=workers, executor=executor)
    if progress is not None:
        found = _tell(found, len(select_days(source, first, last)), progress)
    return collect_history(table, source, found, observations=observations)


def _tell(
    found: Iterator[DayAreas | FailedDay], total: int, progress: Progress
) -> Iterator[DayAreas | FailedDay]:
    for number, day in enumerate(found, start=1):
        yield day
        progress(number, total, day.date)


def collect_history(
    table: HistoryTable,
    source: ControlSource,
    found: Iterable[DayAreas | FailedDay],
    *,
    observations: Observations | None = None,
) -> History:
    """Make a history of days that were measured.

    Parameters
    ----------
    table
        Makes the rows, of the plan asked for.
    source
        What the days were measured of.
    found
        The days, in order.
    observations
        The populated places, whose file enters the data version.

    Returns
    -------
    History
        A day of which the plan does not speak is among those that failed.
    """
    days: list[DayAreas] = []
    failed: list[FailedDay] = []
    for day in check_days(found, table):
        if isinstance(day, FailedDay):
            failed.append(day)
        else:
            days.append(day)
    files = [day.sha256 for day in days]
    version = data_version(table.plan, table.boundaries, observations, files)
    return History(table, source.id, tuple(days), tuple(failed), version)


def check_days(
    days: Iterable[DayAreas | FailedDay], table: HistoryTable
) -> Iterator[DayAreas | FailedDay]:
    """Let a day fail whose land the plan does not speak of.

    Parameters
    ----------
    days
        What was measured.
    table
        The plan.

    Yields
    ------
    DayAreas or FailedDay
        The same days.
    """
    for day in days:
        try:
            if isinstance(day, DayAreas):
                table.check(day)
            yield day
        except SettlementError as error:
            yield FailedDay(day.date, str(error))


def data_version(
    plan: Plan,
    boundaries: Boundaries,
    observations: Observations | None,
    lines: Sequence[str],
) -> str:
    """Hash what the figures of a history depend on.

    Parameters
    ----------
    plan, boundaries, observations
        What was used.
    lines
        Hash of the file of each day's line.

    Returns
    -------
    str
        16 hexadecimal digits; those of a scenario's identity when all days are in one file.
    """
    files = list(dict.fromkeys(lines))
    joined = files[0] if len(files) == 1 else hash_texts(files)
    seen = "" if observations is None else observations.provenance.sha256
    return name_version([boundaries.provenance.sha256, joined, seen, plan.model_dump_json()])
