"""Documents of ``/api/history`` and ``point21 history``."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import asdict
from datetime import date
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlencode

from app.datasets.catalogue import Catalogue
from app.documents.common import METHOD
from app.documents.csv_rows import write_csv
from app.errors import InvalidRequestError, ParameterFault
from app.parameters import parse_date
from geo.histories.history import History, collect_history, history
from geo.histories.table import HistoryTable
from geo.plans.choices import Chosen
from geo.statistics.tables import By

__all__ = [
    "HISTORY_METHOD",
    "MissingPackageError",
    "cached_history",
    "check_parquet",
    "compute_history",
    "describe_history",
    "name_history",
    "parse_period",
    "write_history_csv",
    "write_history_parquet",
]

HISTORY_METHOD: Final = (
    f"{METHOD} The figures of a day are those of /api/statistics for that day; where the source "
    "publishes areas instead of lines they are measured without making faces, and are the same to "
    "the last digit."
)


class MissingPackageError(OSError):
    """A package is not installed; the message says how to install it."""


_ROWS_IN_A_GROUP: Final = 50_000


def parse_period(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Read the first and the last day of a period.

    Raises
    ------
    InvalidRequestError
        One of them is no day, or the last comes before the first.
    """
    begin, end = parse_date(first, parameter="from"), parse_date(last, parameter="to")
    if begin is not None and end is not None and end < begin:
        message = f"Parameter 'to': expected a day not before {begin}; got {end}."
        raise InvalidRequestError([ParameterFault("to", message, last)])
    return begin, end


def compute_history(
    catalogue: Catalogue,
    plan_id: str | None = None,
    *,
    period: tuple[date | None, date | None] = (None, None),
    by: By = By.OBLAST_CATEGORY,
    readings: Mapping[str, Chosen] | None = None,
    workers: int | None = 1,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> History:
    """Apply a plan on every day of the catalogue's source.

    Raises
    ------
    UnknownPlanError, UnknownDateError
        There is no such plan, or no line in the period.
    ReadingError
        There is no such reading or option.
    """
    dataset = catalogue.dataset
    return history(
        catalogue.read(plan_id, readings or {}),
        dataset.lines,
        boundaries=dataset.boundaries,
        observations=dataset.observations,
        first=period[0],
        last=period[1],
        by=by,
        workers=workers,
        executor=executor,
        progress=None if progress is None else lambda done, total, _: progress(done, total),
    )


def cached_history(
    catalogue: Catalogue,
    plan_id: str | None = None,
    *,
    period: tuple[date | None, date | None] = (None, None),
    by: By = By.OBLAST_CATEGORY,
    readings: Mapping[str, Chosen] | None = None,
) -> History:
    """Apply a plan on every day; each day is measured once for all plans.

    Raises
    ------
    UnknownPlanError, UnknownDateError
        There is no such plan, or no line in the period.
    ReadingError
        There is no such reading or option.
    """
    dataset = catalogue.dataset
    plan = catalogue.read(plan_id, readings or {})
    table = HistoryTable(plan, dataset.boundaries, by=by)
    measured = catalogue.past.measure(dataset.lines, dataset.boundaries, period)
    return collect_history(table, dataset.lines, measured, observations=dataset.observations)


def _days(found: History) -> list[date]:
    return sorted([*(day.date for day in found.days), *(day.date for day in found.failed)])


def describe_history(found: History) -> dict[str, Any]:
    """Give a history with its method, units and the meaning of its columns."""
    days = _days(found)
    identity = found.identity.to_dict()
    query = {
        "plan": identity["plan"],
        "from": days[0].isoformat(),
        "to": days[-1].isoformat(),
        "by": found.table.by.value,
        "source": identity["source"],
        "boundaries": identity["boundaries"],
        "format": "csv",
    }
    return {
        "identity": identity,
        "by": found.table.by.value,
        "from": query["from"],
        "to": query["to"],
        "days": len(found.days),
        "failed": [{"date": day.date.isoformat(), "message": day.message} for day in found.failed],
        "method": HISTORY_METHOD,
        "units": {column.name: column.unit for column in found.columns if column.unit},
        "columns": [asdict(column) for column in found.columns],
        "rows": list(found.rows),
        "links": {"csv": f"/api/history?{urlencode(query, safe=',')}"},
    }


def name_history(found: History) -> str:
    """Name the file of a history."""
    days = _days(found)
    by = found.table.by.value.replace(",", "-")
    return f"{found.table.plan.id}_{days[0]}_{days[-1]}_{by}"


def write_history_csv(found: History) -> bytes:
    """Write a history as CSV (RFC 4180), the identity of the figures on each row.

    Notes
    -----
    As :func:`app.documents.common.write_statistics_csv`; the day is in each row already.
    """
    names = [column.name for column in found.columns]
    return write_csv(names, found.rows, found.identity.to_row())


def check_parquet() -> None:
    """Refuse to write Parquet before any work is done, when it cannot be written.

    Raises
    ------
    MissingPackageError
        The package ``pyarrow`` is not installed.
    """
    if find_spec("pyarrow") is None:
        raise MissingPackageError(
            "Parquet needs the package pyarrow: pip install 'point21[formats]', or write CSV."
        )


def write_history_parquet(found: History) -> bytes:
    """Write a history as Parquet; the identity is in the metadata of the file.

    Raises
    ------
    MissingPackageError
        The package ``pyarrow`` is not installed.
    """
    check_parquet()
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"date": pa.date32()}
    fields = [
        pa.field(
            column.name,
            kinds.get(column.name, pa.float64() if column.unit else pa.string()),
            metadata={"unit": column.unit, "description": column.description},
        )
        for column in found.columns
    ]
    about = {name: str(value) for name, value in found.identity.to_dict().items()}
    schema = pa.schema(fields, metadata=about)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema) as writer:
        for rows in _groups(found.rows, _ROWS_IN_A_GROUP):
            table = [row | {"date": date.fromisoformat(row["date"])} for row in rows]
            writer.write_table(pa.Table.from_pylist(table, schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def _groups(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    for row in rows:
        group.append(row)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
