"""``point21 compare A B``."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.options import (
    NearestOption,
    TotalsOption,
    print_united,
    report_effects,
    which_day,
)
from app.terminal.output import print_facts, print_line, print_table, write_bytes

if TYPE_CHECKING:
    from app.documents.compare import Compared
    from geo.comparison.compare import CompareBy

__all__ = ["EXAMPLES", "compare"]

EXAMPLES = (
    "Examples: `point21 compare point21-axios point21-cbs` · "
    "`point21 compare @2025-11-21 @2026-08-01 --by oblast` · "
    "`point21 compare @2025-11-21 @2026-08-01 -o differs.geojson`"
)

_NAMED = "named PLAN@DATE~CHOICES, such as point21-axios@2025-11-21; parts may be left out."


def compare(
    a: Annotated[str, typer.Argument(help=f"The first settlement, {_NAMED}", metavar="A")],
    b: Annotated[str, typer.Argument(help="The second settlement.", metavar="B")],
    by: Annotated[
        str,
        typer.Option(help="Table of what differs: {comparisons}."),
    ] = "category",
    nearest: NearestOption = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON as the server does.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write one table as CSV.")] = False,
    totals: TotalsOption = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to a file; .geojson takes the land that differs.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Compare two settlements: what goes where, who changes hands, what differs."""
    from app.documents import compare as comparing
    from app.parameters import parse_choice
    from app.terminal.options import choose_form, open_catalogue
    from geo.comparison.compare import CompareBy

    wanted = parse_choice(CompareBy, by)
    form = choose_form(json=json, csv=csv, output=output, among=("json", "csv", "geojson"))
    compared = comparing.compare_selections(cache(open_catalogue), a, b, nearest=which_day(nearest))
    _report(compared)
    if form == "":
        _print(compared, wanted)
        return
    write_bytes(_write(compared, wanted, form, totals=totals), output)


def _report(compared: "Compared") -> None:
    """Say on standard error what the lines were made of, and what clauses of own plans do."""
    print_united(compared.a, compared.b)
    report_effects(compared.a)
    if compared.b is not compared.a:
        report_effects(compared.b)


def _write(compared: "Compared", by: "CompareBy", form: str, *, totals: bool) -> bytes:
    from app.documents import compare as comparing
    from app.documents.clause_effects import with_effects
    from app.documents.geojson import write_json

    if form == "csv":
        return comparing.write_comparison_csv(compared, by, totals=totals)
    if form == "json":
        sides = {"a": with_effects({}, compared.a), "b": with_effects({}, compared.b)}
        own = {name: found["effects"] for name, found in sides.items() if found}
        document = comparing.describe_comparison(compared)
        return write_json({**document, "effects": own} if own else document)
    known = [kind.value for kind in comparing.Differing]
    if by.value not in known:
        raise typer.BadParameter(f"a map shows --by {', '.join(known)}; got {by.value!r}")
    return write_json(comparing.describe_differences(compared, comparing.Differing(by)))


def _print(compared: "Compared", by: "CompareBy") -> None:
    for side, selection in (("a", compared.a), ("b", compared.b)):
        print_line(f"{side}: {selection.about}.")
    comparison = compared.comparison
    table = comparison.table(by, totals=True)
    rows = [row for row in table.rows if not _is_alike(row)]
    print_table([(column.name, column.unit) for column in table.columns], rows, title="")
    people = sum(place.population or 0 for place in comparison.places)
    print_facts(
        {
            "category differs, km2": comparison.differs_km2,
            "changed hands, km2": comparison.changed_hands_km2,
            "settlements that differ": len(comparison.places),
            "people recorded there": people,
        }
    )


def _is_alike(row: dict[str, Any]) -> bool:
    """Tell whether a row of the table by oblast is land that does not differ."""
    if "area_km2" not in row:
        return False
    return bool(row["category_a"] == row["category_b"] and row["held_by_a"] == row["held_by_b"])
