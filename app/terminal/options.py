"""Options that several commands share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.output import print_line, write_bytes

if TYPE_CHECKING:
    from app.datasets.catalogue import Catalogue, Selection
    from geo.model.line_series import Nearest
    from geo.plans.choices import Chosen

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
    "open_sources",
    "print_effects",
    "print_identity",
    "print_united",
    "report_effects",
    "select",
    "which_day",
    "write_document",
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
    bool | None,
    typer.Option(
        "--nearest/--on-or-before",
        help="If the day has no line, use the nearest in either direction, or the last before it.",
    ),
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
        "(FILE#layer=NAME, FILE#where=PROPERTY=VALUE, FILE#day=DAY) or folder with one file a day.",
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
        raise typer.BadParameter("expected one of --json and --csv; got both")
    if json or csv:
        return "json" if json else "csv"
    if output is None:
        return ""
    suffix = output.suffix.lower().removeprefix(".")
    if suffix not in among:
        *others, last = (f".{form}" for form in among)
        raise typer.BadParameter(
            f"expected --json, --csv, or a file that ends in {', '.join(others)} or {last}; "
            f"got {str(output)!r}"
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
    named = None if source is None else [source]
    catalogue, names, units = open_sources(named, boundaries, plan=plan, readings=readings)
    return catalogue.using(names[0] if names else None, units)


def open_sources(
    sources: Sequence[str] | None,
    boundaries: str | None = None,
    *,
    plan: str | None = None,
    readings: Mapping[str, "Chosen"] | None = None,
) -> tuple["Catalogue", list[str] | None, str | None]:
    """Open the data of settings and cache, with the files that are named; every command does.

    Parameters
    ----------
    sources, boundaries
        Names or files of lines and of boundaries.
    plan, readings
        Checked before files of lines or boundaries are read.

    Returns
    -------
    catalogue
        Of our own lines and boundaries; :meth:`Catalogue.using` gives the others.
    sources, boundaries
        The short names by which the catalogue knows what was asked for.
    """
    from app.connectors.cache import cached_boundaries, cached_sources
    from app.datasets.catalogue import Catalogue
    from app.errors import UnknownBoundariesError, UnknownSourceError
    from app.settings import load_settings
    from app.sources import HOME_BOUNDARIES, HOME_SOURCE, name_file

    settings = load_settings()
    files = {**cached_sources(settings.cache), **settings.source_files}
    sets = {**cached_boundaries(settings.cache), **settings.boundary_files}
    names = (
        None
        if sources is None
        else [
            name
            if name == HOME_SOURCE
            else name_file(files, name, home=HOME_SOURCE, error=UnknownSourceError)
            for name in sources
        ]
    )
    if boundaries not in (None, HOME_BOUNDARIES):
        boundaries = name_file(sets, boundaries, home=HOME_BOUNDARIES, error=UnknownBoundariesError)
    catalogue = Catalogue(
        settings.data_directory,
        default_plan=settings.default_plan,
        sources=files,
        boundary_sets=sets,
        plan_files=True,
    )
    if plan is not None or readings:
        catalogue.read(plan, readings or {})
    return catalogue, names, boundaries


def select(
    plan: str | None,
    day: str | None,
    reading: Sequence[str] | None = None,
    *,
    nearest: bool | None,
    source: str | None = None,
    boundaries: str | None = None,
) -> "Selection":
    """Find or build the scenario that the options name."""
    from app.parameters import parse_date, parse_readings

    chosen = parse_readings(reading)
    catalogue = open_catalogue(source, boundaries, plan=plan, readings=chosen)
    selection = catalogue.select(plan, parse_date(day), nearest=which_day(nearest), readings=chosen)
    print_united(selection)
    report_effects(selection)
    return selection


def which_day(nearest: bool | None) -> "Nearest":
    """Say which other day is taken: ``--nearest``, ``--on-or-before``, or none."""
    from geo.model.line_series import Nearest

    if nearest is None:
        return Nearest.EXACT
    return Nearest.NEAREST if nearest else Nearest.ON_OR_BEFORE


def report_effects(selection: "Selection") -> None:
    """Say on standard error what each clause of a user's own plan does."""
    if selection.plan_file is None:
        return
    from app.documents.clause_effects import describe_effects, lines_of_file

    lines = lines_of_file(selection.plan_file)
    print_effects(describe_effects(selection.scenario, lines), selection.scenario.line.date)


def print_effects(effects: Sequence[Mapping[str, Any]], day: object) -> None:
    """Say on standard error what each clause of a plan does on a day."""
    from app.documents.clause_effects import write_effects

    if not effects:
        return
    print_line(f"What each clause does, on the line of {day}:", err=True)
    for line in write_effects(effects):
        print_line(f"  {line}", err=True)


def write_document(document: dict[str, Any], selection: "Selection", output: Path | None) -> None:
    """Write a document as JSON, with what each clause of a user's own plan does."""
    from app.documents.clause_effects import with_effects
    from app.documents.geojson import write_json

    write_bytes(write_json(with_effects(document, selection)), output)


def print_united(*selections: "Selection") -> None:
    """Say on standard error which features of a user's file the line was made of."""
    for selection in selections:
        united = selection.scenario.line.united
        if united is not None:
            print_line(f"{selection.scenario.identity.source}: {united}", err=True)


def print_identity(selection: "Selection") -> None:
    """Say what the figures that follow are about."""
    print_line(f"{selection.scenario.plan.title}. Line: {selection.scenario.line.source}.")
    print_line(f"{selection.about}.")
