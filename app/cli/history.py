"""``point21 history``."""

from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.terminal.options import (
    BoundariesOption,
    JsonOption,
    OutputOption,
    PlanOption,
    ReadingOption,
    SourceOption,
    choose_form,
    open_catalogue,
    report_effects,
)
from app.terminal.output import print_error, print_table, show_progress, write_bytes

if TYPE_CHECKING:
    from app.datasets.catalogue import Catalogue
    from geo.histories.history import History

__all__ = ["EXAMPLES", "history"]

EXAMPLES = (
    "Examples: `point21 history --by category` · `point21 history -o history.parquet` · "
    "`point21 history --source deepstate/ --from 2025-01-01 --by oblast -o oblasts.csv`"
)

_FORMS = ("csv", "parquet", "json")


_From = Annotated[
    str | None, typer.Option("--from", help="First day; by default of all.", metavar="DAY")
]
_To = Annotated[str | None, typer.Option("--to", help="Last day, included.", metavar="DAY")]
_By = Annotated[str, typer.Option(help="One row for each day and {histories}.")]
_Workers = Annotated[
    int | None,
    typer.Option(help="Processes that work; by default as many as it is worth.", min=1),
]
_Dask = Annotated[
    str | None,
    typer.Option(help="Let a Dask cluster do it: address of its scheduler.", metavar="ADDRESS"),
]
_Csv = Annotated[bool, typer.Option("--csv", help="Write CSV, as the server answers.")]


def history(
    plan: PlanOption = None,
    first: _From = None,
    last: _To = None,
    by: _By = "oblast,category",
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    workers: _Workers = None,
    dask: _Dask = None,
    json: JsonOption = False,
    csv: _Csv = False,
    output: OutputOption = None,
) -> None:
    """Apply a plan on every day that has a line.

    A day that cannot be measured is named, the others are written, and the exit code is 1.
    """
    from app.documents.history import compute_history, parse_period
    from app.parameters import parse_choice, parse_readings
    from app.terminal.dask_cluster import work_on_cluster
    from geo.histories.table import HISTORY_BY
    from geo.statistics.tables import By

    form = _choose_form(json=json, csv=csv, output=output)
    wanted, period = parse_choice(By, by, among=HISTORY_BY), parse_period(first, last)
    readings, executor = parse_readings(reading), None
    catalogue = open_catalogue(source, boundaries, plan=plan, readings=readings)
    with ExitStack() as stack:
        if dask is not None:
            executor, workers = stack.enter_context(work_on_cluster(dask))
        progress = stack.enter_context(show_progress("days"))
        found = compute_history(
            catalogue,
            plan,
            period=period,
            by=wanted,
            readings=readings,
            workers=workers,
            executor=executor,
            progress=progress,
        )
    _report_effects(catalogue, plan, found, readings)
    _deliver(found, form, output)


def _report_effects(
    catalogue: "Catalogue", plan: str | None, found: "History", readings: dict[str, str]
) -> None:
    """Say what each clause of a user's own plan does on the last day of a history."""
    from geo.errors import ReadingError

    if found.days and plan is not None and plan.endswith(".toml"):
        with suppress(ReadingError):  # a reading that names another day
            report_effects(catalogue.select(plan, found.days[-1].date, readings=readings))


def _choose_form(*, json: bool, csv: bool, output: Path | None) -> str:
    from app.documents.history import check_parquet

    form = choose_form(json=json, csv=csv, output=output, among=_FORMS)
    if form == "parquet":
        check_parquet()
    return form


def _deliver(found: "History", form: str, output: Path | None) -> None:
    """Write what was measured, then name the days that failed."""
    from app.documents.geojson import write_json
    from app.documents.history import describe_history, write_history_csv, write_history_parquet

    if form == "csv":
        write_bytes(write_history_csv(found), output)
    elif form == "parquet":
        write_bytes(write_history_parquet(found), output)
    elif form == "json":
        write_bytes(write_json(describe_history(found)), output)
    else:
        columns = [(column.name, column.unit) for column in found.columns]
        print_table(columns, list(found.rows), title="")
    _report(found)


def _report(found: "History") -> None:
    """Name the days that failed, and end with the exit code that says so."""
    from app.terminal.exit_codes import Exit

    if not found.failed:
        return
    days = len(found.failed) + len(found.days)
    reasons = [f"  {day.date}: {day.message}" for day in found.failed]
    print_error("\n".join([f"{len(found.failed)} of {days} days could not be measured:", *reasons]))
    raise typer.Exit(Exit.FAILED)
