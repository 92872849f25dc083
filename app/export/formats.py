"""Export formats: their names, media types and writers."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from app.datasets.catalogue import Selection
from app.errors import InvalidRequestError, ParameterFault, UnknownFormatError
from app.parameters import unknown_choice
from geo.arguments import show, there_is_no

__all__ = [
    "FORMATS",
    "LAYERS",
    "FileFormat",
    "export_file",
    "find_format",
    "installed_formats",
    "name_export",
]

LAYERS: Final = ("faces", "contact_line", "oblasts", "settlements")
"""What a file can hold. ``faces`` is the country by oblast, holder and category."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format of files.

    ``writer`` names the function that writes it, ``module:function`` within :mod:`app.export`; it
    is imported when a file is asked for. ``layers`` are those among which ``layer=`` chooses; none
    where a file holds everything. ``needs`` names a package that is not part of the smallest
    installation.
    """

    id: str
    title: str
    suffix: str
    media_type: str
    holds: str
    writer: str
    layers: tuple[str, ...] = ()
    needs: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether it can be written here."""
        return not self.needs or find_spec(self.needs) is not None


_ONE: Final = "One layer, see `layer`; full precision, with all attributes."

FORMATS: Final = {
    form.id: form
    for form in (
        FileFormat(
            "geojson",
            "GeoJSON",
            "geojson",
            "application/geo+json",
            _ONE,
            "vector:write_geojson",
            LAYERS,
        ),
        FileFormat(
            "gpkg",
            "GeoPackage",
            "gpkg",
            "application/geopackage+sqlite3",
            "All layers and tables in one file, with the styles that QGIS applies by itself.",
            "geopackage:write_geopackage",
        ),
        FileFormat(
            "parquet",
            "GeoParquet 1.1",
            "parquet",
            "application/vnd.apache.parquet",
            _ONE,
            "parquet:write_geoparquet",
            LAYERS,
            "pyarrow",
        ),
        FileFormat(
            "fgb",
            "FlatGeobuf",
            "fgb",
            "application/flatgeobuf",
            _ONE,
            "vector:write_flatgeobuf",
            LAYERS,
        ),
        FileFormat(
            "kml",
            "KML",
            "kml",
            "application/vnd.google-earth.kml+xml",
            "Faces by category in colour, the line of contact and the oblasts.",
            "kml:write_kml",
        ),
        FileFormat(
            "pmtiles",
            "PMTiles",
            "pmtiles",
            "application/vnd.pmtiles",
            "All vector tiles of zoom 4 to 9 in one file, simplified for the screen.",
            "pmtiles:write_pmtiles",
        ),
        FileFormat(
            "shp",
            "Shapefile (zipped)",
            "shp.zip",
            "application/zip",
            "All layers; names of columns are cut to ten letters, README.txt has them in full.",
            "shapefile:write_shapefiles",
        ),
        FileFormat(
            "csv",
            "CSV tables (zipped)",
            "csv.zip",
            "application/zip",
            "Every table of figures, each with a CSVW description of its columns.",
            "tables:write_csv_tables",
        ),
        FileFormat(
            "xlsx",
            "Excel workbook",
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Every table of figures as a sheet, with sources, method and meaning of the columns.",
            "tables:write_workbook",
        ),
    )
}
"""All formats by their short name."""


def installed_formats() -> list[FileFormat]:
    """List the formats that can be written here."""
    return [form for form in FORMATS.values() if form.is_installed]


def find_format(wanted: str) -> FileFormat:
    """Find a format by its short name, or by how the names of its files end.

    Raises
    ------
    UnknownFormatError
        There is none of this name, or it needs a package that is not installed; all that can be
        written are listed.
    """
    by_suffix = {form.suffix: form for form in FORMATS.values()}
    form = FORMATS.get(wanted) or by_suffix.get(wanted)
    valid = [known.id for known in installed_formats()]
    if form is None:
        raise UnknownFormatError(
            f"{there_is_no('format', wanted, valid)} Known are {', '.join(valid)}.", valid=valid
        )
    if not form.is_installed:
        raise UnknownFormatError(
            f"{form.title} needs the package {form.needs}, which is not installed here: "
            f"pip install 'point21[formats]', or choose one of {', '.join(valid)}.",
            valid=valid,
        )
    return form


def export_file(selection: Selection, form: FileFormat, *, layer: str | None = None) -> bytes:
    """Write a scenario as a file.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    form
        The format.
    layer
        One of :data:`LAYERS`, for formats that hold one; ``faces`` by default.

    Returns
    -------
    bytes
        The file. The same scenario gives the same bytes.

    Raises
    ------
    InvalidRequestError
        The layer is unknown, or the format holds all of them.
    """
    chosen = _check_layer(form, layer)
    module, name = form.writer.split(":")
    write: Callable[..., bytes] = getattr(import_module(f"app.export.{module}"), name)
    return write(selection, chosen) if form.layers else write(selection)


def _check_layer(form: FileFormat, layer: str | None) -> str:
    if layer is None:
        return LAYERS[0]
    if not form.layers:
        message = (
            f"Parameter 'layer': got {show(layer)}, but {form.title} holds everything in one "
            "file; leave it out."
        )
        raise InvalidRequestError([ParameterFault("layer", message, layer)])
    if layer not in form.layers:
        raise InvalidRequestError([unknown_choice("layer", layer, form.layers)])
    return layer


def name_export(selection: Selection, form: FileFormat, layer: str | None = None) -> str:
    """Name the file of an export after what is in it."""
    from app.documents.common import name_selection

    parts = [name_selection(selection), *([layer] if layer and layer != LAYERS[0] else [])]
    return f"{'_'.join(parts)}.{form.suffix}"
