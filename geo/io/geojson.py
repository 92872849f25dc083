"""GeoJSON that users bring: read without any library the server has not loaded anyway."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geo.errors import DataFormatError, InvalidGeometryError
from geo.io.incremental_geojson import SeenRings, polygons_from_arrays
from geo.io.vector import VectorLayer
from geo.territory import Geometries

__all__ = ["read_geojson_layer"]

_CRS84_NAMES: Final = re.compile(
    r"(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG:[\d.]*:?4326)", re.IGNORECASE
)
_GEOJSON_TYPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)


def read_geojson_layer(
    path: Path, content: bytes, layer: str | None, *, seen: SeenRings | None = None
) -> tuple[VectorLayer, dict[str, Any]]:
    """Read the features of a GeoJSON file.

    Parameters
    ----------
    path
        The file, for messages and the name of the layer.
    content
        Its bytes.
    layer
        Name of the layer asked for; a GeoJSON file has one.
    seen
        What was read before of files that say nearly the same; this file is remembered instead.

    Returns
    -------
    layer : VectorLayer
        Geometries as the file has them; nothing is reprojected or checked.
    stated : dict
        The member ``provenance``, empty when there is none.

    Raises
    ------
    DataFormatError
        It is no GeoJSON, or names its reference system in no way we know.
    InvalidGeometryError
        A geometry is no GeoJSON geometry; names the feature.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946 (no statement means CRS84).
    """
    told = None if seen is None else seen.read(content)
    try:
        document = orjson.loads(content) if told is None else told[0]
    except orjson.JSONDecodeError as error:
        raise DataFormatError(
            f"{path.name}: expected GeoJSON, but it is not JSON ({error})."
        ) from error
    if not isinstance(document, dict):
        raise DataFormatError(f"{path.name}: expected a GeoJSON object (RFC 7946).")
    name = str(document.get("name") or path.stem)
    if layer is not None and layer != name:
        raise DataFormatError(f"{path.name}: has no layer {layer!r}; its only one is {name!r}.")
    features = _features_of(path.name, document)
    rows = [_properties(feature) for feature in features]
    found = VectorLayer(
        name=name,
        crs=_crs_of_geojson(path.name, document),
        geometry=_geometries(path.name, features) if told is None else np.array([told[1]]),
        labels=tuple(str(row.get("name") or row.get("Name") or "") for row in rows),
        dates=tuple(row.get("date") for row in rows),
        properties=tuple(rows),
    )
    stated = document.get("provenance")
    return found, stated if isinstance(stated, dict) else {}


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _features_of(name: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if isinstance(features, list) and all(isinstance(item, dict) for item in features):
            return features
    elif kind == "Feature":
        return [document]
    elif kind in _GEOJSON_TYPES or kind == "GeometryCollection":
        return [{"geometry": document}]
    raise DataFormatError(
        f"{name}: expected a GeoJSON FeatureCollection, Feature or geometry; "
        f"its type is {kind!r:.40}."
    )


def _geometries(name: str, features: Sequence[dict[str, Any]]) -> Geometries:
    polygons = [_polygons(feature.get("geometry")) for feature in features]
    if all(polygon is not None for polygon in polygons):
        return np.array(polygons, dtype=object)
    try:
        texts = [orjson.dumps(feature.get("geometry")).decode() for feature in features]
    except orjson.JSONEncodeError as error:
        raise DataFormatError(f"{name}: a geometry is nested too deeply ({error}).") from error
    geometry = np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=object)
    for row in np.flatnonzero(shapely.is_missing(geometry)).tolist():
        if features[row].get("geometry") is not None:
            raise InvalidGeometryError(
                f"{name}: feature {row + 1} has a geometry that is no GeoJSON geometry (RFC 7946): "
                f"{texts[row]:.80}"
            )
    return shapely.force_2d(geometry)


def _polygons(geometry: object) -> shapely.MultiPolygon | None:
    """Build polygons from arrays, which takes a third of the time; ``None`` for anything else."""
    if not isinstance(geometry, dict) or geometry.get("type") != "MultiPolygon":
        return None
    return polygons_from_arrays(geometry.get("coordinates"))


def _crs_of_geojson(name: str, document: dict[str, Any]) -> str:
    """Return the stated system; GeoJSON that states none is CRS84 (RFC 7946, section 4)."""
    if "crs" not in document:
        return "OGC:CRS84"
    stated = document["crs"]
    properties = stated.get("properties") if isinstance(stated, dict) else None
    text = properties.get("name") if isinstance(properties, dict) else None
    if stated is None or not isinstance(text, str):
        raise DataFormatError(
            f"{name}: expected 'crs' to be absent (longitude and latitude) or to name a system; "
            f"{orjson.dumps(stated).decode()[:80]} came."
        )
    return "OGC:CRS84" if _CRS84_NAMES.fullmatch(text) else text
