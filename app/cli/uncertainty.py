"""``point21 uncertainty``."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.options import (
    BoundariesOption,
    DateOption,
    JsonOption,
    NearestOption,
    OutputOption,
    PlanOption,
    ReadingOption,
    SourceOption,
    choose_form,
    print_identity,
    select,
)
from app.terminal.output import print_line, print_table, show_progress, write_bytes

if TYPE_CHECKING:
    from app.datasets.catalogue import Selection
    from geo.uncertainty.estimate import Uncertainty

__all__ = ["EXAMPLES", "uncertainty"]

EXAMPLES = (
    "Examples: `point21 uncertainty` · `point21 uncertainty --draws 5000 --seed 7 --json` · "
    "`point21 uncertainty --date 2026-01-01 -o intervals.csv`"
)

DrawsOption = Annotated[int, typer.Option(help="How often the line is displaced.", min=10)]
SeedOption = Annotated[int, typer.Option(help="Same seed, same figures.", min=0)]
IntervalOption = Annotated[
    float, typer.Option(help="Share of draws between low and high.", min=0.01, max=0.999)
]
HalfWidthOption = Annotated[
    float | None,
    typer.Option(
        help="Half-width of the band the line lies in; by default what the line states.",
        min=0.001,
        max=25.0,
    ),
]
WorkersOption = Annotated[
    int, typer.Option(help="Processes that draw; worth it from ten thousand draws.", min=1)
]
DaskOption = Annotated[
    str | None,
    typer.Option(help="Let a Dask cluster draw: address of its scheduler.", metavar="ADDRESS"),
]


def uncertainty(
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    draws: DrawsOption = 1_000,
    seed: SeedOption = 0,
    interval: IntervalOption = 0.9,
    uncertainty_km: HalfWidthOption = None,
    workers: WorkersOption = 1,
    dask: DaskOption = None,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV, as the server answers.")] = False,
    output: OutputOption = None,
) -> None:
    """Show how far every area can be trusted, given how well the line is known."""
    from app.documents.uncertainty import estimate

    form = choose_form(json=json, csv=csv, output=output)
    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    with _crew(dask, workers) as (executor, at_a_time), show_progress("draws") as progress:
        result = estimate(
            selection,
            draws=draws,
            seed=seed,
            interval=interval,
            uncertainty_km=uncertainty_km,
            progress=progress,
            workers=at_a_time,
            executor=executor,
        )
    if form:
        write_bytes(_write(selection, result, csv=form == "csv"), output)
    else:
        print_identity(selection)
        _print(result)


@contextmanager
def _crew(dask: str | None, workers: int) -> Iterator[tuple[Executor | None, int]]:
    """Say who draws: this machine, or the cluster at an address."""
    if dask is None:
        yield None, workers
        return
    from app.terminal.dask_cluster import work_on_cluster

    with work_on_cluster(dask) as crew:
        yield crew


def _write(selection: "Selection", result: "Uncertainty", *, csv: bool) -> bytes:
    from app.documents.clause_effects import with_effects
    from app.documents.geojson import write_json
    from app.documents.uncertainty import describe_uncertainty, write_uncertainty_csv

    if csv:
        return write_uncertainty_csv(selection, result)
    return write_json(with_effects(describe_uncertainty(selection, result), selection))


def _print(result: "Uncertainty") -> None:
    print_line(
        f"The line lies within {result.half_width_km:g} km of where it is drawn; {result.draws:,} "
        f"draws, seed {result.seed}; low to high holds {result.interval:.0%} of them."
    )
    names = ["by", "key", "figure", "value_km2", "low_km2", "high_km2", "sd_km2"]
    names.append("first_order_sd_km2")
    rows: list[dict[str, Any]] = [row for row in result.table.rows if row["sd_km2"] > 0.0]
    print_table([(name, "") for name in names], rows, title="")
    still = len(result.table.rows) - len(rows)
    print_line(f"{still} figures do not depend on where the line lies; --json has them too.")
