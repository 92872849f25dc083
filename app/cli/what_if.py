"""``point21 what-if``: a line or a plan of your own."""

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.options import BoundariesOption, SourceOption, print_effects
from app.terminal.output import print_facts, print_line, print_table, write_bytes

if TYPE_CHECKING:
    from app.what_if.document import WhatIf
    from geo.io.control import ControlFile

__all__ = ["EXAMPLES", "what_if"]

EXAMPLES = (
    "Examples: `point21 what-if --line mine.geojson` · "
    "`point21 what-if --line mine.gpkg --plan my-plan.toml -o result` · "
    "`point21 what-if --shift 5 --into ukraine --within 37 47.8 38.5 49`"
)

_Four = tuple[float, float, float, float]


_Line = Annotated[
    str | None,
    typer.Option(
        help="A line of contact, or an area of Russian control; a part of a file as for "
        "`--source`: FILE#layer=NAME, FILE#where=PROPERTY=VALUE, FILE#day=DAY.",
        metavar="FILE",
    ),
]
_Plan = Annotated[str | None, typer.Option(help="Id of a plan, or a TOML file.", metavar="ID|FILE")]
_Day = Annotated[str | None, typer.Option(help="Day of the places.", metavar="DAY")]
_Reference = Annotated[str | None, typer.Option(help="What to compare with.", metavar="PLAN@DATE")]
_Between = Annotated[
    _Four | None, typer.Option(help="Move only between two positions.", metavar="LON LAT LON LAT")
]
_Within = Annotated[_Four | None, typer.Option(help="Move only in a box.", metavar="W S E N")]
_Folder = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write everything to a folder.", metavar="FOLDER"),
]


def what_if(
    line: _Line = None,
    plan: _Plan = None,
    date: _Day = None,
    reference: _Reference = None,
    shift: Annotated[float | None, typer.Option(help="Move the line by so many km.")] = None,
    into: Annotated[str | None, typer.Option(help="Whose land is entered.")] = None,
    between: _Between = None,
    within: _Within = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON as the server does.")] = False,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    output: _Folder = None,
) -> None:
    """Apply a plan to a line, either of them your own, and compare it with the reference."""
    from app.documents.geojson import write_json
    from app.terminal.options import open_catalogue, print_united
    from app.what_if.document import answer_what_if, describe_what_if
    from app.what_if.request import WhatIfRequest, parse_day

    wanted, text = _read_plan(plan)
    request = WhatIfRequest(
        plan=wanted,
        plan_text=text,
        line=_read_line(line, parse_day(date)),
        day=parse_day(date),
        shift=_read_shift(shift, into, between, within),
        reference=reference,
        source=source,
        boundaries=boundaries,
    )
    result = answer_what_if(cache(open_catalogue), request)
    print_united(result.reference, result.selection)
    document = describe_what_if(result)
    print_effects(document.get("effects", ()), result.selection.scenario.line.date)
    if output is not None:
        _write_folder(output, document, result)
    if json:
        write_bytes(write_json(document), None)
    elif output is None:
        _print(result)


def _read_plan(given: str | None) -> tuple[str | Mapping[str, Any] | None, str]:
    """Return what a plan is: an id, or plain data with the text if it was TOML."""
    if given is None or not given.endswith((".toml", ".json")):
        return given, ""
    from app.errors import BodyError
    from app.what_if.request import parse_toml
    from geo.arguments import show
    from geo.files.bounded import read_bounded_text
    from geo.io.load import MOST_BYTES_OF_A_PLAN

    text = read_bounded_text(Path(given), most_bytes=MOST_BYTES_OF_A_PLAN, what="a plan")
    if given.endswith(".toml"):
        return parse_toml(text, member=given), text
    import orjson

    try:
        plan = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BodyError(f"{given}: expected JSON, but {error}") from error
    if not isinstance(plan, dict):
        raise BodyError(f"{given}: expected a JSON object; got {show(plan)}")
    return plan, ""


def _read_line(given: str | None, day: "datetime.date | None") -> "ControlFile | None":
    """Read a line of contact, or an area of control, as every file is read."""
    if given is None:
        return None
    from app.sources import parse_file
    from geo.formats.file_choice import choices_of
    from geo.formats.reader import read_features
    from geo.io.control import control_of

    try:
        file = parse_file(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--line") from error
    with choices_of(file.path):
        control = control_of(read_features(file.path, layer=file.choice.layer), file.choice)
        control.selected.unite(day if len(control.selected.dates) > 1 else None)
    return control


def _read_shift(
    km: float | None, into: str | None, between: _Four | None, within: _Four | None
) -> Any:  # noqa: ANN401
    if km is None:
        if into or between or within:
            raise typer.BadParameter("expected --shift KM with --into, --between and --within")
        return None
    from app.what_if.request import ShiftRequest
    from geo.model.control import Control

    known = [holder.value for holder in Control]
    if into not in known:
        raise typer.BadParameter(f"expected --into {' or '.join(known)}; got {into!r}")
    ends = None if between is None else ((between[0], between[1]), (between[2], between[3]))
    return ShiftRequest(km, Control(into), ends, within)


def _write_folder(folder: Path, document: dict[str, Any], result: "WhatIf") -> None:
    """Write the whole result: one JSON, the geometries, and each table as CSV."""
    from app.documents.common import write_statistics_csv
    from app.documents.compare import write_comparison_csv
    from app.documents.geojson import write_json
    from geo.comparison.compare import CompareBy
    from geo.statistics.tables import By

    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(write_json(document), folder / "what-if.json")
    for name in ("layers", "contact_line", "differs", "changed_hands"):
        write_bytes(write_json(document[name]), folder / f"{name}.geojson")
    for by in By:
        name = f"statistics_{by.value.replace(',', '-')}.csv"
        write_bytes(write_statistics_csv(result.selection, by), folder / name)
    compared = result.compared
    for wanted in CompareBy:
        name = f"difference_{wanted.value}.csv"
        write_bytes(write_comparison_csv(compared, wanted), folder / name)
    print_line(f"{folder}: {len(list(folder.iterdir()))} files")


def _print(result: "WhatIf") -> None:
    scenario = result.selection.scenario
    print_line(f"{scenario.plan.title}; line: {scenario.line.method}")
    print_line(f"What if: {result.selection.about}.")
    print_line(f"Compared with: {result.reference.about}.")
    comparison = result.compared.comparison
    before, after = comparison.matrix().sum(axis=1), comparison.matrix().sum(axis=0)
    rows = [
        {
            "category": category.value,
            "reference_km2": float(old),
            "what_if_km2": float(new),
            "difference_km2": float(new - old),
        }
        for category, old, new in zip(comparison.categories, before, after, strict=True)
    ]
    units = {"reference_km2": "km2", "what_if_km2": "km2", "difference_km2": "km2"}
    print_table([(name, units.get(name, "")) for name in rows[0]], rows, title="")
    shift = result.shift
    print_facts(
        {
            "line, km": scenario.contact_line_km,
            "line as drawn, km": scenario.line.length_km,
            "category differs, km2": comparison.differs_km2,
            "changed hands, km2": comparison.changed_hands_km2,
            "settlements that differ": len(comparison.places),
            **({} if shift is None else {"moved, km": shift.km, "km2 per km": shift.km2_per_km}),
        }
    )
