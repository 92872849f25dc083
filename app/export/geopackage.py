"""GeoPackage: all layers and tables of a scenario in one file, with styles and metadata.

References
----------
OGC 12-128r19, GeoPackage Encoding Standard 1.4; its metadata extension (F.8).
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from app.datasets.catalogue import Selection
from app.documents.csv_rows import identity_columns
from app.export.frames import (
    TABLES,
    describe_export,
    describe_in_words,
    make_frames,
    name_crs,
    name_sheet,
    table_rows,
)
from app.export.qgis_style import add_styles
from app.scratch import scratch_folder
from geo.statistics.tables import By

if TYPE_CHECKING:
    import geopandas

__all__ = ["write_geopackage"]

_LOCK: Final = Lock()
"""GDAL's clock is a setting of the whole process: one file at a time."""


def write_geopackage(selection: Selection) -> bytes:
    """Write a scenario as a GeoPackage.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        The file: the layers of :data:`app.export.LAYERS`, one for each category, and one table
        ``table_NAME`` for each table of figures.
    """
    moment = f"{selection.scenario.line.date.isoformat()}T00:00:00.000Z"
    with scratch_folder() as folder:
        path = folder / "export.gpkg"
        with _LOCK, _gdal_settings(moment):
            about = {
                "DESCRIPTION": describe_in_words(selection),
                "dataset_metadata": {
                    "point21": json.dumps(describe_export(selection), ensure_ascii=False)
                },
            }
            for name, frame in _layers(selection).items():
                _write_layer(path, name, frame, about)
            for by in TABLES:
                _write_table(path, selection, by)
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA synchronous = OFF")
            add_styles(database, selection.scenario.settlement, moment=moment)
            database.commit()
        return path.read_bytes()


@contextmanager
def _gdal_settings(moment: str) -> Iterator[None]:
    """Let the file carry the day of its data, and not wait for the disk."""
    from pyogrio import get_gdal_config_option, set_gdal_config_options

    settings = {"OGR_CURRENT_DATE": moment, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: get_gdal_config_option(name) for name in settings}
    set_gdal_config_options(settings)
    try:
        yield
    finally:
        set_gdal_config_options(before)


def _layers(selection: Selection) -> "dict[str, geopandas.GeoDataFrame]":
    frames = make_frames(selection)
    faces = frames["faces"]
    for category in selection.scenario.settlement.categories:
        frames[category.value] = faces[faces["category"] == category.value]
    return frames


def _write_layer(
    path: Path, name: str, frame: "geopandas.GeoDataFrame", about: Mapping[str, Any]
) -> None:
    from pyogrio import write_dataframe

    is_first = not path.exists()
    if not is_first:  # one metadata record for the whole file
        about = {name: about[name] for name in about if name != "dataset_metadata"}
    write_dataframe(
        name_crs(frame),
        path,
        driver="GPKG",
        layer=name,
        append=not is_first,
        geometry_type=_GEOMETRY.get(name, "MultiPolygon"),
        promote_to_multi=name != "settlements",
        GEOMETRY_NAME="geom",
        IDENTIFIER=name,
        **about,
    )


_GEOMETRY: Final = {"contact_line": "MultiLineString", "settlements": "Point"}


def _write_table(path: Path, selection: Selection, by: By) -> None:
    import pandas as pd
    from pyogrio import write_dataframe

    table, rows = table_rows(selection, by)
    names = [*(column.name for column in table.columns), *identity_columns(selection)]
    columns = "; ".join(f"{column.name}: {column.description}" for column in table.columns)
    write_dataframe(
        pd.DataFrame(rows, columns=names),  # a table may have no rows
        path,
        driver="GPKG",
        layer=f"table_{name_sheet(by)}",
        append=True,
        DESCRIPTION=columns,
    )
