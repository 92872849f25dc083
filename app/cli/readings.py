"""``point21 readings``."""

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
    open_catalogue,
    print_identity,
    print_united,
    report_effects,
    which_day,
    write_document,
)
from app.terminal.output import print_line, print_table, write_bytes

if TYPE_CHECKING:
    from geo.analysis.sensitivity import ReadingRanges

__all__ = ["EXAMPLES", "readings"]

EXAMPLES = (
    "Examples: `point21 readings` · `point21 readings --plan point21-cbs --json` · "
    "`point21 readings --reading line_date:plan_date -o ranges.csv`"
)


def readings(
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    json: JsonOption = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write CSV, as the server answers.")] = False,
    output: OutputOption = None,
) -> None:
    """Show what a plan leaves open, and the range of every figure over all its readings.

    A reading that is given is held, the others are varied.
    """
    from app.documents.readings import describe_readings, write_readings_csv
    from app.parameters import parse_date, parse_readings

    form = choose_form(json=json, csv=csv, output=output)
    held = parse_readings(reading)
    catalogue = open_catalogue(source, boundaries, plan=plan, readings=held)
    selection, found = catalogue.explore(
        plan, parse_date(date), nearest=which_day(nearest), readings=held
    )
    print_united(selection)
    report_effects(selection)
    if form == "csv":
        write_bytes(write_readings_csv(selection, found), output)
    elif form == "json":
        write_document(describe_readings(selection, found), selection, output)
    else:
        print_identity(selection)
        _print_questions(found)
        _print_ranges(found)


def _print_questions(found: "ReadingRanges") -> None:
    for item in found.plan.reading:
        held = f" Held: {found.fixed[item.id]}." if item.id in found.fixed else ""
        print_line(f"\n{item.id}: {item.question}{held}")
        print_line(f"  {item.left_open_by or 'The text is silent.'}")
        for option in item.option:
            mark = "*" if option.id == item.default else "-"
            print_line(f"  {mark} {option.id}: {option.meaning}")
        if item.oblast_list:
            print_line(f"  - a list of oblasts, such as UA-63,UA-59: {item.oblast_list.meaning}")
    print_line(f"\n{found.combinations} combinations; * is the default.")


def _print_ranges(found: "ReadingRanges") -> None:
    names = ("figure", "of", "default", "low", "low_readings", "high", "high_readings")
    rows: list[dict[str, Any]] = [
        {**row, **{name: row[name] or "default" for name in ("low_readings", "high_readings")}}
        for row in found.rows()
        if row["low"] != row["high"]
    ]
    if rows:
        print_table([(name, "") for name in names], rows, title="What depends on the reading")
