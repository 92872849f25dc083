"""``point21 validate``."""

from typing import Annotated

import typer

from app.terminal.exit_codes import Exit
from app.terminal.options import JsonOption, open_catalogue
from app.terminal.output import print_line, write_bytes

__all__ = ["EXAMPLES", "validate"]

EXAMPLES = (
    "Examples: `point21 validate my-plan.toml` · `point21 validate front.kml#layer=South --json`"
)


def validate(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Plans (TOML, JSON), lines, areas of control or boundaries in any format; a part "
            "of a file as FILE#layer=NAME; a folder with one file a day."
        ),
    ],
    json: JsonOption = False,
) -> None:
    """Check your own plans, lines, areas and boundaries; lists every fault at once."""
    from app.documents.clause_effects import write_effects
    from app.documents.geojson import write_json
    from app.validation.user_files import check_files, write_found

    report = check_files(files, open_catalogue())
    if json:
        write_bytes(write_json(report), None)
    for entry in () if json else report["files"]:
        print_line(f"{entry['file']}: {entry['kind']}, {'valid' if entry['valid'] else 'invalid'}")
        for words in write_found(entry):
            print_line(f"  {words}")
        for line in write_effects(entry.get("effects", ())):
            print_line(f"  {line}")
        for fault in entry["faults"]:
            key = f"{fault['key']}: " if fault["key"] else ""
            print_line(f"  - {key}{fault['message']}")
    if not report["valid"]:
        raise typer.Exit(Exit.INVALID)
