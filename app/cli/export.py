"""``point21 export``."""

from pathlib import Path
from typing import Annotated

import typer

from app.terminal.options import (
    BoundariesOption,
    DateOption,
    NearestOption,
    PlanOption,
    ReadingOption,
    SourceOption,
    select,
)
from app.terminal.output import write_bytes

__all__ = ["EXAMPLES", "export"]

EXAMPLES = (
    "Examples: `point21 export -o point21.gpkg` · `point21 export -o figures.xlsx --plan "
    "point21-cbs` · `point21 export -o line.fgb --layer contact_line`"
)


def export(
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="The file to write; its name ends in {suffixes}.",
            metavar="FILE",
        ),
    ],
    layer: Annotated[
        str | None,
        typer.Option(
            help="For formats that hold one layer: {layers}.",
            metavar="NAME",
        ),
    ] = None,
    plan: PlanOption = None,
    date: DateOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    nearest: NearestOption = None,
) -> None:
    """Write layers and tables as a file that QGIS, R, Excel or Google Earth opens."""
    from app.export import FORMATS, export_file, find_format

    suffixes = [form.suffix for form in FORMATS.values()]
    name = output.name.lower()
    suffix = next((found for found in suffixes if name.endswith(f".{found}")), None)
    if suffix is None:
        raise typer.BadParameter(
            f"expected a file that ends in .{', .'.join(suffixes)}; got {str(output)!r}",
            param_hint="'--output'",
        )
    form = find_format(suffix)
    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    write_bytes(export_file(selection, form, layer=layer), output)
