"""GeoParquet, with geometry as WKB or in its native encodings."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson

from geo.arrays import Geometries
from geo.errors import DataFormatError
from geo.formats.features import Faults, RawLayer, label
from geo.formats.gdal import geometries_from_wkb, plain_value
from geo.formats.geojson import build_geometry

__all__ = ["read_parquet"]

_NATIVE: Final = {
    "point": "Point",
    "linestring": "LineString",
    "polygon": "Polygon",
    "multipoint": "MultiPoint",
    "multilinestring": "MultiLineString",
    "multipolygon": "MultiPolygon",
}


def read_parquet(content: bytes, *, stem: str, faults: Faults) -> RawLayer:
    """Read a GeoParquet file.

    Parameters
    ----------
    content
        Its bytes.
    stem
        Name of its layer.
    faults
        Where faults are added; knows the file's name.

    Returns
    -------
    RawLayer
        As the file has it.

    Raises
    ------
    DataFormatError
        It is damaged, no GeoParquet, or the extra ``formats`` is not installed.

    References
    ----------
    OGC GeoParquet 1.1 (no ``crs`` means CRS84, null means unknown).
    """
    name = faults.name
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise DataFormatError(
            f"{name}: GeoParquet needs the extra 'formats': pip install 'point21[formats]'."
        ) from error
    try:
        table = parquet.read_table(io.BytesIO(content))
        stated = orjson.loads((table.schema.metadata or {}).get(b"geo", b"null"))
        primary = stated["primary_column"]
        column = stated["columns"][primary]
        crs = column.get("crs", "OGC:CRS84")
        values = table.column(primary).combine_chunks()
        properties = _properties(table, primary)
        geometry = _decode(values, str(column["encoding"]), properties, faults)
    except (KeyError, TypeError, AttributeError, orjson.JSONDecodeError) as error:
        raise DataFormatError(
            f"{name}: expected GeoParquet; its metadata name no column of geometry. Write it again "
            "with geopandas (to_parquet), or as GeoPackage (to_file)."
        ) from error
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise DataFormatError(
            f"{name}: the file is damaged, or no Parquet. Get it again, or write it again with "
            "geopandas (to_parquet)."
        ) from error
    return RawLayer(
        name=stem,
        crs=crs if isinstance(crs, str) else "" if crs is None else orjson.dumps(crs).decode(),
        geometry=geometry,
        properties=properties,
    )


def _properties(table: Any, primary: str) -> tuple[dict[str, Any], ...]:  # noqa: ANN401
    values = {key: table.column(key).to_pylist() for key in table.column_names if key != primary}
    return tuple(
        {key: plain_value(values[key][row]) for key in values} for row in range(table.num_rows)
    )


def _decode(
    values: Any,  # noqa: ANN401
    encoding: str,
    properties: Sequence[Mapping[str, Any]],
    faults: Faults,
) -> Geometries:
    if encoding == "WKB":
        blobs = np.array([*values.to_pylist(), None], dtype=object)[:-1]
        return geometries_from_wkb(blobs, properties, faults)
    kind = _NATIVE.get(encoding)
    if kind is None:
        raise DataFormatError(
            f"{faults.name}: expected geometry as WKB or {', '.join(_NATIVE)}, got {encoding!r}. "
            "Write it again with geopandas (to_parquet), or as GeoPackage (to_file)."
        )
    geometry = np.empty(len(values), dtype=object)
    for row, value in enumerate(values.to_pylist()):
        plain = None if value is None else {"type": kind, "coordinates": _positions(value)}
        geometry[row] = build_geometry(plain, label(row, properties), faults)
    return geometry


def _positions(value: Any) -> Any:  # noqa: ANN401
    """Write positions as lists, which the format has as mappings of x and y."""
    if isinstance(value, Mapping):
        return [value["x"], value["y"]]
    return [_positions(inner) for inner in value] if isinstance(value, list) else value
