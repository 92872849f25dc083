"""``point21 verify``."""

from typing import Annotated, Any

import typer

from app.terminal.options import (
    BoundariesOption,
    JsonOption,
    NearestOption,
    OutputOption,
    SourceOption,
    open_catalogue,
    which_day,
)
from app.terminal.output import print_line, print_table, write_bytes

__all__ = ["EXAMPLES", "verify"]

EXAMPLES = (
    "Examples: `point21 verify` · `point21 verify --date 2026-01-01` · "
    "`point21 verify --source deepstate_day.geojson --date 2025-11-21 --json`"
)


def verify(
    date: Annotated[
        str | None,
        typer.Option(
            "--date",
            help="Day of the line; by default that nearest to each published figure.",
            metavar="DAY",
        ),
    ] = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    nearest: NearestOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when a difference is not explained.")
    ] = False,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Show our figures beside published ones, and whether definitions explain the difference."""
    from app.documents.geojson import write_json
    from app.documents.verification import check_figures, describe_checks
    from app.parameters import parse_date

    catalogue = open_catalogue(source, boundaries)
    figures = catalogue.published
    checks = check_figures(catalogue, figures, parse_date(date), nearest=which_day(nearest))
    document = describe_checks(catalogue, figures, checks)
    if json or output is not None:
        write_bytes(write_json(document), output)
    else:
        _print(document)
    if strict and document["verdicts"].get("unexplained"):
        raise typer.Exit(1)


def _print(document: dict[str, Any]) -> None:
    print_line(f"Line: {document['source']}; boundaries: {document['boundaries']}.")
    rows = [
        {
            "published_by": f"{row['published_by']}, {row['line_date']}",
            "figure": _name(row),
            "published": f"{row['value']:,g} {row['unit'].replace('km2', 'km²')}",
            "ours": f"{row['ours']:,.2f}" if row["unit"] == "%" else f"{row['ours']:,.0f}",
            "difference": f"{row['difference']:+,.2f}"
            if row["unit"] == "%"
            else f"{row['difference']:+,.0f}",
            "line_of": row["date"],
            "verdict": row["verdict"].replace("_", " "),
        }
        for row in document["checks"]
    ]
    print_table([(name, "") for name in rows[0]], rows, title="")
    for text in dict.fromkeys(
        f"{row['published_by']}: {row['definition']}; {row['explanation']}."
        for row in document["checks"]
        if row["verdict"] == "explained"
    ):
        print_line(f"Explained. {text}")


def _name(row: dict[str, Any]) -> str:
    where = " + ".join(row["oblasts"]) or "Ukraine"
    less = f" − {' − '.join(row['minus'])}" if row["minus"] else ""
    return f"{row['figure'].replace('_', ' ')}: {where}{less}"
