"""The command ``point21``, and its commands serve, stats, layers, locate, map and plans.

Exit codes
----------
0
    Done.
1
    It could not be done: a file cannot be written, a port is in use.
2
    It was asked for wrongly: an unknown option, plan, date or category.
3
    A data file, a plan or a setting cannot be used.
4
    There is no such place, or it lies outside the country.

What ``--json`` and ``--csv`` write is what the server answers, byte for byte.
"""

import gc
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.cli import band as cli_band
from app.cli import compare as cli_compare
from app.cli import export as cli_export
from app.cli import history as cli_history
from app.cli import plans as cli_plans
from app.cli import publish as cli_publish
from app.cli import readings as cli_readings
from app.cli import search as cli_search
from app.cli import uncertainty as cli_uncertainty
from app.cli import validate as cli_validate
from app.cli import verify as cli_verify
from app.cli import what_if as cli_what_if
from app.cli.fetch import fetch_app
from app.terminal.console import describe_fault, run
from app.terminal.exit_codes import Exit
from app.terminal.help import ListingCommand
from app.terminal.options import (
    BoundariesOption,
    DateOption,
    JsonOption,
    NearestOption,
    OutputOption,
    PlanOption,
    ReadingOption,
    SourceOption,
    TotalsOption,
    choose_form,
    open_catalogue,
    print_identity,
    print_united,
    report_effects,
    select,
    write_document,
)
from app.terminal.output import print_error, print_facts, print_line, print_table, write_bytes
from geo.text import restore_text

__all__ = ["Exit", "app", "main", "open_catalogue"]


class _Group(TyperGroup):
    """Turns errors into one paragraph on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run a command."""
        from geo.errors import SettlementError

        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has read enough, as with `| head`
            raise typer.Exit from None
        except (SettlementError, OSError, ValueError, RuntimeError) as error:
            code = _exit_code(error)
            if code is None:
                raise
            print_error(describe_fault(error))
            raise typer.Exit(code) from error


def _exit_code(error: Exception) -> Exit | None:
    """Find the exit code of an error; ``None`` when it is a fault of the program."""
    from app.connectors.errors import FetchError
    from app.errors import (
        InvalidRequestError,
        UnknownBoundariesError,
        UnknownCategoryError,
        UnknownSourceError,
    )
    from app.postgis.errors import AddressError, PublishError
    from app.scratch import DiskError
    from app.settings import SettingsError
    from geo.errors import (
        NotFoundError,
        ReadingError,
        SettlementError,
        UnknownDateError,
        UnknownPlanError,
    )

    usage = (
        *(UnknownPlanError, UnknownDateError, UnknownCategoryError),
        *(InvalidRequestError, ReadingError, UnknownSourceError, UnknownBoundariesError),
        AddressError,
    )
    table: tuple[tuple[tuple[type[Exception], ...], Exit], ...] = (
        (usage, Exit.USAGE),
        ((NotFoundError,), Exit.NOT_FOUND),
        ((FetchError, PublishError, DiskError), Exit.FAILED),
        ((SettlementError, SettingsError), Exit.INVALID),
        ((OSError,), Exit.FAILED),
    )
    found = next((code for kinds, code in table if isinstance(error, kinds)), None)
    return Exit.FAILED if found is None and type(error).__name__ == "ServeError" else found


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog="Exit codes: 0 done, 1 failed, 2 asked for wrongly, 3 invalid data, plan or setting, "
    "4 no such place.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from app.version import program_version

        print_line(f"point21 {program_version()}")
        raise typer.Exit


@app.callback(help="What the territorial clauses of a published proposal mean on the map.")
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Handle the options that belong to no command."""


@app.command(
    epilog="Examples: `point21 serve` · `point21 serve --port 8080` · "
    "`POINT21_DATA_DIRECTORY=/srv/data point21 serve --host 0.0.0.0`"
)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="How many processes answer.")] = None,
    log_level: Annotated[str | None, typer.Option(help="critical … debug.")] = None,
    access_log: Annotated[bool, typer.Option("--access-log", help="Log every request.")] = False,
) -> None:
    """Serve the map and the HTTP API (by default at http://127.0.0.1:8000/)."""
    gc.disable()  # nothing that is loaded now is garbage; the server enables it again
    from app.serve.run import serve as serve_until_stopped
    from app.settings import load_settings

    settings = load_settings(
        host=host,
        port=port,
        workers=workers,
        log_level=log_level,
        access_log=access_log or None,
    )
    serve_until_stopped(settings)


@app.command(
    cls=ListingCommand,
    epilog="Examples: `point21 stats` · `point21 stats --by oblast --csv -o oblasts.csv` · "
    "`point21 stats --plan point21-cbs --date 2026-01-01 --by change --json` · "
    "`point21 stats --source deepstate_day.geojson --date 2025-11-21 --by oblast --json`",
)
def stats(
    plan: PlanOption = None,
    date: DateOption = None,
    by: Annotated[str, typer.Option(help="One row for each {tables}.")] = "category",
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV, as the server answers.")] = False,
    totals: TotalsOption = False,
    output: OutputOption = None,
) -> None:
    """Show a table of figures: areas, shares, settlements, the ledger of change."""
    from app.documents import common as documents
    from app.parameters import parse_choice
    from geo.statistics.tables import By

    form = choose_form(json=json, csv=csv, output=output)
    wanted = parse_choice(By, by)
    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    if form == "csv":
        written = documents.write_statistics_csv(selection, wanted, totals=totals)
        write_bytes(written, output)
    elif form == "json":
        write_document(documents.describe_statistics(selection, wanted), selection, output)
    else:
        table = selection.scenario.table(wanted, totals=True)
        print_identity(selection)
        columns = [(column.name, column.unit) for column in table.columns]
        print_table(columns, table.rows, title="")


@app.command(
    cls=ListingCommand,
    epilog="Examples: `point21 layers` · `point21 layers --category buffer_zone -o buffer.geojson`",
)
def layers(
    category: Annotated[
        str | None, typer.Option(help="Write this layer as GeoJSON: {categories}.", metavar="NAME")
    ] = None,
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """List the layers, or write one as GeoJSON at full precision."""
    from app.documents import common as documents

    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    if category is not None:
        write_document(documents.describe_layer(selection, category), selection, output)
        return
    index = documents.describe_layers(selection)
    if json or output is not None:
        write_document(index, selection, output)
        return
    print_identity(selection)
    columns = [("category", ""), ("label", ""), ("area_km2", "km2"), ("share", "1")]
    print_table([*columns, ("features", "")], index["layers"], title="")


@app.command(
    epilog="Examples: `point21 locate Kramatorsk` · `point21 locate Слов'янськ --plan point21-cbs`"
    " · `point21 locate '48.72, 37.58'` · `point21 locate --lon 37.58 --lat 48.72 --json`"
)
def locate(
    place: Annotated[
        str | None, typer.Argument(help="Name of a settlement in any spelling, or a position.")
    ] = None,
    lon: Annotated[
        float | None, typer.Option(help="Longitude in degrees.", min=-180, max=180)
    ] = None,
    lat: Annotated[float | None, typer.Option(help="Latitude in degrees.", min=-90, max=90)] = None,
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Say what the plan means at a place, with the clauses in the text's own words."""
    from app.documents.place import check_place, describe_location

    place = place and restore_text(place)
    check_place(lon=lon, lat=lat, place=place)
    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    document = describe_location(selection, lon=lon, lat=lat, place=place)
    if json or output is not None:
        write_document(document, selection, output)
        return
    print_identity(selection)
    if document["ambiguous"]:
        print_line(f"{len(document['matches'])} settlements have this name.")
    for match in document["matches"]:
        _print_match(match)


def _contested(place: dict[str, Any] | None) -> str:
    stated = place is not None and place["contested"]
    return "published statements of that day call it contested" if stated else ""


def _print_match(match: dict[str, Any]) -> None:
    place = match["place"]
    name = f"{place['name_en']} ({place['name_uk']})" if place else "This position"
    print_line(f"\n{name}, {match['name_en']}, {match['lon']:.4f}, {match['lat']:.4f}")
    print_facts(
        {
            "category": f"{match['category']}: {match['label']}",
            "held by": match["held_by"],
            "recognised as": match["recognised_as"],
            "forces allowed": match["forces_allowed"],
            "change": match["change"],
            "km to the line": match["distance_to_line_km"],
            "km outside the generalised border": match["outside_by_km"] or "",
            "contested": _contested(place),
            "note": " ".join(flag["meaning"] for flag in match["flags"]),
        }
    )
    for clause in match["clauses"]:
        print_line(
            f"  {clause['id']} ({clause['article']}): {clause['quote'] or clause['reading']}"
        )


@app.command(
    name="map",
    epilog="Examples: `point21 map -o map.html` · `point21 map --date 2026-01-01 -o january.html`",
)
def write_map(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")
    ],
    plan: PlanOption = None,
    date: DateOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
) -> None:
    """Write the map as one HTML file that needs nothing else."""
    from app.page.render import render_map
    from app.parameters import parse_date, parse_readings

    readings = parse_readings(reading)
    catalogue = open_catalogue(source, boundaries, plan=plan, readings=readings)
    day = parse_date(date)
    page = render_map(catalogue, plan_id=plan, day=day, readings=readings, inline=True)
    first = catalogue.select(plan, day, readings=readings)
    print_united(first)
    if plan is not None and plan.endswith(".toml"):
        report_effects(first)
    write_bytes(page.encode(), output)


app.command(epilog=cli_validate.EXAMPLES)(cli_validate.validate)
app.command(epilog=cli_plans.EXAMPLES)(cli_plans.plans)
app.command(epilog=cli_search.EXAMPLES)(cli_search.search)
app.command(cls=ListingCommand, epilog=cli_compare.EXAMPLES)(cli_compare.compare)
app.command(cls=ListingCommand, epilog=cli_history.EXAMPLES)(cli_history.history)
app.command(name="what-if", epilog=cli_what_if.EXAMPLES)(cli_what_if.what_if)
app.command(epilog=cli_readings.EXAMPLES)(cli_readings.readings)
app.command(epilog=cli_uncertainty.EXAMPLES)(cli_uncertainty.uncertainty)
app.command(epilog=cli_verify.EXAMPLES)(cli_verify.verify)
app.add_typer(fetch_app, name="fetch")
app.command(cls=ListingCommand, epilog=cli_band.EXAMPLES)(cli_band.band)
app.command(cls=ListingCommand, epilog=cli_export.EXAMPLES)(cli_export.export)
app.command(epilog=cli_publish.EXAMPLES)(cli_publish.publish)


def main() -> None:
    """Run the command line, and exit with its code."""
    sys.exit(run(app))
