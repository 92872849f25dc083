"""Options that several commands share, and what they mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.catalogue import Catalogue, Selection
    from geo.choices import Chosen

__all__ = [
    "BoundariesOption",
    "DateOption",
    "JsonOption",
    "NearestOption",
    "OutputOption",
    "PlanOption",
    "ReadingOption",
    "SourceOption",
    "TotalsOption",
    "choose_form",
    "open_catalogue",
    "print_identity",
    "select",
]

PlanOption = Annotated[
    str | None,
    typer.Option(
        "--plan", help="Id of a plan (see `point21 plans`), or any .toml file.", metavar="ID|FILE"
    ),
]
DateOption = Annotated[
    str | None,
    typer.Option("--date", help="Day of the contact line; the plan's by default.", metavar="DAY"),
]
NearestOption = Annotated[
    bool, typer.Option("--nearest", help="Use the nearest earlier line if the day has none.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON, as the server answers.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to a file, all of it or nothing.", metavar="FILE"),
]
ReadingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--reading",
        help="A reading of the plan, see `point21 readings`; repeat it for more than one.",
        metavar="ID:OPTION",
    ),
]


TotalsOption = Annotated[
    bool, typer.Option("--totals", help="Add the sums of the rows to a CSV, which has none.")
]
SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Whose line: observations, a source of the settings or the cache, or any file "
        "(FILE#layer=NAME, FILE#kind=area) or folder with one file a day.",
        metavar="ID|FILE",
    ),
]
BoundariesOption = Annotated[
    str | None,
    typer.Option(
        "--boundaries",
        help="Whose oblasts: natural-earth, some of the settings or the cache, or any file.",
        metavar="ID|FILE",
    ),
]


def choose_form(
    *, json: bool, csv: bool, output: Path | None, among: Sequence[str] = ("json", "csv")
) -> str:
    """Let the name of the file decide when no format is given; empty when there is no file."""
    if json and csv:
        raise typer.BadParameter("expected one of --json and --csv, both came")
    if json or csv:
        return "json" if json else "csv"
    if output is None:
        return ""
    suffix = output.suffix.lower().removeprefix(".")
    if suffix not in among:
        *others, last = (f".{form}" for form in among)
        raise typer.BadParameter(
            f"expected --json, --csv, or a file that ends in {', '.join(others)} or {last}; "
            f"{str(output)!r} came"
        )
    return suffix


def open_catalogue(
    source: str | None = None,
    boundaries: str | None = None,
    *,
    plan: str | None = None,
    readings: Mapping[str, "Chosen"] | None = None,
) -> "Catalogue":
    """Open the data that the settings name, on the ground that is asked for.

    A plan or a reading that does not exist is refused before files of lines or boundaries are read.
    """
    from app.catalogue import Catalogue
    from app.errors import UnknownBoundariesError, UnknownSourceError
    from app.fetch.cache import cached_boundaries, cached_sources
    from app.grounds import HOME_BOUNDARIES, HOME_SOURCE, name_file
    from app.settings import load_settings

    settings = load_settings()
    sources = {**cached_sources(settings.cache), **settings.source_files}
    sets = {**cached_boundaries(settings.cache), **settings.boundary_files}
    if source not in (None, HOME_SOURCE):
        source = name_file(sources, source, home=HOME_SOURCE, error=UnknownSourceError)
    if boundaries not in (None, HOME_BOUNDARIES):
        boundaries = name_file(sets, boundaries, home=HOME_BOUNDARIES, error=UnknownBoundariesError)
    catalogue = Catalogue(
        settings.data_directory,
        default_plan=settings.default_plan,
        sources=sources,
        boundary_sets=sets,
        plan_files=True,
    )
    if plan is not None or readings:
        catalogue.read(plan, readings or {})
    return catalogue.on_ground(source, boundaries)


def select(
    plan: str | None,
    day: str | None,
    reading: Sequence[str] | None = None,
    *,
    nearest: bool,
    source: str | None = None,
    boundaries: str | None = None,
) -> "Selection":
    """Find or build the scenario that the options name."""
    from app.parameters import parse_date, parse_readings

    chosen = parse_readings(reading)
    catalogue = open_catalogue(source, boundaries, plan=plan, readings=chosen)
    return catalogue.select(plan, parse_date(day), nearest=nearest, readings=chosen)


def print_identity(selection: "Selection") -> None:
    """Say what the figures that follow are about."""
    identity = selection.identity
    asked = identity.get("requested_date")
    note = f" (nearest earlier line; {asked} was asked for)" if asked else ""
    typer.echo(f"{selection.scenario.plan.title}; line of {identity['date']}{note}")
    typer.echo(f"Line: {selection.scenario.line.source}. Data version {identity['data_version']}.")
    if identity["boundaries"] != "natural-earth":
        typer.echo(f"Boundaries: {identity['boundaries']}.")
    if identity["readings"]:
        chosen = ", ".join(f"{name}: {option}" for name, option in identity["readings"].items())
        typer.echo(f"Readings: {chosen}.")
