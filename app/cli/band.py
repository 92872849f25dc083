"""``point21 band``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.options import (
    BoundariesOption,
    DateOption,
    JsonOption,
    NearestOption,
    PlanOption,
    ReadingOption,
    choose_form,
    open_sources,
    print_united,
    report_effects,
    which_day,
)
from app.terminal.output import print_line, print_table, write_bytes

if TYPE_CHECKING:
    from app.documents.band import Banded
    from geo.analysis.source_spread import BandBy

__all__ = ["EXAMPLES", "band"]

EXAMPLES = (
    "Examples: `point21 band --source observations --source deepstate_20251121.geojson` · "
    "`point21 band --source observations --source deepstate --by oblast --csv` · "
    "`point21 band --source observations --source theirs.gpkg -o disagree.geojson`"
)

SourcesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        help="Whose line: observations, a source of the settings or the cache, or any file; "
        "repeat it. By default observations, all of the cache and all of the settings.",
        metavar="ID|FILE",
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write to a file; .geojson takes the land of which the sources disagree.",
        metavar="FILE",
    ),
]


def band(
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourcesOption = None,
    boundaries: BoundariesOption = None,
    by: Annotated[str, typer.Option(help="One row for each {bands}.")] = "figure",
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV, as the server answers.")] = False,
    output: FileOption = None,
) -> None:
    """Put the same plan over several sources of the line side by side."""
    from app.documents import band as banding
    from app.parameters import parse_choice, parse_date, parse_readings
    from geo.analysis.source_spread import BandBy

    wanted = parse_choice(BandBy, by)
    form = choose_form(json=json, csv=csv, output=output, among=("json", "csv", "geojson"))
    readings = parse_readings(reading)
    catalogue, sources, units = open_sources(source, boundaries, plan=plan, readings=readings)
    banded = banding.find_band(
        catalogue,
        banding.parse_sources(sources, catalogue),
        plan_id=plan,
        day=parse_date(date),
        nearest=which_day(nearest),
        readings=readings,
        boundaries=units,
    )
    print_united(*banded.selections)
    report_effects(banded.selections[0])
    if form:
        write_bytes(_write(banded, wanted, form), output)
    else:
        _print(banded, wanted)


def _write(banded: "Banded", by: "BandBy", form: str) -> bytes:
    from app.documents import band as banding
    from app.documents.clause_effects import with_effects
    from app.documents.geojson import write_json

    if form == "csv":
        return banding.write_band_csv(banded, by)
    if form == "json":
        return write_json(with_effects(banding.describe_band(banded, by), banded.selections[0]))
    return write_json(banding.describe_disputed(banded))


def _print(banded: "Banded", by: "BandBy") -> None:
    for name, found in zip(banded.band.sources, banded.selections, strict=True):
        print_line(f"{name}: {found.about}. Line: {found.scenario.line.source}.")
    table = banded.band.table(by)
    rows = [row for row in table.rows if _differs(row)]
    print_table([(column.name, column.unit) for column in table.columns], rows, title="")
    print_line(
        f"The sources do not name the same holder of {banded.disputed_km2:,.1f} km2. "
        f"{len(table.rows) - len(rows)} rows in which they agree are not shown."
    )


def _differs(row: dict[str, Any]) -> bool:
    if "disputed_km2" in row:
        return bool(row["disputed_km2"] > 0.0)
    return bool(row["high_km2"] > row["low_km2"])
