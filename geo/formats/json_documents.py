"""JSON that holds geometries: GeoJSON, one object a line, TopoJSON, Esri JSON."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from geo.dates import read_day
from geo.errors import DataFormatError
from geo.files.content import decode_text
from geo.formats.features import Faults, RawLayer
from geo.formats.gdal import list_gdal_layers
from geo.formats.geojson import is_geojson, parse_geojson, parse_sequence
from geo.formats.incremental_geojson import SeenRings
from geo.formats.layers import LayerHandle, Opened

__all__ = ["is_json_of_geometries", "open_document", "open_json", "parse_object"]

_MOST_LISTS: Final = 4_000_000
_ESRI: Final = {"rings": "esriGeometryPolygon", "paths": "esriGeometryPolyline"}


def open_json(content: bytes, *, name: str, stem: str, seen: SeenRings | None) -> Opened:
    """List the layers of a file of JSON.

    Parameters
    ----------
    content
        Its bytes.
    name
        The file, for messages.
    stem
        Name of a layer that has none of its own.
    seen
        What was read before of files that say nearly the same; this file is remembered instead.

    Returns
    -------
    Opened
        The layers.

    Raises
    ------
    DataFormatError
        It is no JSON with geometries, or has more lists than positions are allowed.
    """
    if content[:1] not in {b"{", b"["} or b"\x00" in content[:4]:
        content = decode_text(content, name=name).encode()
    lists = content.count(b"[")
    if lists > _MOST_LISTS:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_LISTS:,} positions; it has {lists:,} lists and "
            "too many vertices. Split it by day into a folder, or simplify it."
        )
    told = None if seen is None else seen.read(content)
    if told is not None:
        document, polygons = told
        _check_whole(document, name)
        return _geojson(document, stem, polygons)
    try:
        parsed = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return _open_sequence(content, name, stem, error)
    return open_document(parsed, name=name, stem=stem)


def _geojson(document: Mapping[str, Any], stem: str, polygons: Any = None) -> Opened:  # noqa: ANN401
    def read(faults: Faults) -> RawLayer:
        return parse_geojson(document, name=stem, faults=faults, polygons=polygons)

    return Opened([LayerHandle(str(document.get("name") or stem), read, (stem,))])


def _open_sequence(content: bytes, name: str, stem: str, error: Exception) -> Opened:
    text = decode_text(content, name=name)
    faults = Faults(name)
    layer = parse_sequence(text, name=stem, faults=faults)
    if layer is None:
        raise DataFormatError(
            f"{name}: expected GeoJSON, but it is not JSON ({error}). Save it again from the "
            "program that made it."
        ) from error
    return Opened([_read_already(layer, faults)])


def _read_already(layer: RawLayer, found: Faults) -> LayerHandle:
    def read(faults: Faults) -> RawLayer:
        faults.extend(found)
        return layer

    return LayerHandle(layer.name, read)


def open_document(document: object, *, name: str, stem: str) -> Opened:
    """List the layers of a JSON document.

    Parameters
    ----------
    document
        GeoJSON, TopoJSON or Esri JSON as plain data.
    name
        The file, for messages.
    stem
        Name of a layer that has none of its own.

    Returns
    -------
    Opened
        The layers.

    Raises
    ------
    DataFormatError
        It is none of these; an error that a server sent instead is shown.
    """
    if not isinstance(document, Mapping):
        raise DataFormatError(
            f"{name}: expected a GeoJSON object (RFC 7946), got a "
            f"{type(document).__name__}. Wrap features as "
            '{"type": "FeatureCollection", "features": […]}.'
        )
    error = document.get("error")
    if not is_geojson(document) and isinstance(error, Mapping | str):
        said = error if isinstance(error, str) else error.get("message") or error
        raise DataFormatError(
            f"{name}: expected GeoJSON, got the error of a server: {said!s:.200}. Ask it again, "
            "for instance with f=geojson, and save the answer."
        )
    _check_whole(document, name)
    wrapped = _unwrapped(document)
    if wrapped is not None:
        return _geojson(wrapped, stem)
    esri = _as_esri(document)
    if document.get("type") == "Topology" or esri is not None:
        content = orjson.dumps(esri or document)
        convert = "ogr2ogr -f GeoJSON new.geojson"
        return Opened(list_gdal_layers(content, name=name, stem=stem, convert=convert))
    return _geojson(document, stem)


def _check_whole(document: Mapping[str, Any], name: str) -> None:
    """Refuse an answer of which an ArcGIS server says that it is only a part."""
    inner = document.get("properties")
    within = inner if isinstance(inner, Mapping) else {}
    key = "exceededTransferLimit"
    if document.get(key) is True or within.get(key) is True:
        raise DataFormatError(
            f"{name}: expected all features of a layer; the server that made the file says that "
            f"it sent only the first {len(document.get('features') or ()):,} ({key}). Ask it for "
            "the others too, with resultOffset, and join them; then leave the member out."
        )


def _unwrapped(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the map that DeepState's address ``/api/history/last`` answers with, and its day.

    The answer is ``{"id": seconds since 1970, "datetime": text, "map": FeatureCollection}``.
    """
    inner = document.get("map")
    if "type" in document or not isinstance(inner, Mapping) or not is_geojson(inner):
        return None
    try:
        day = read_day(document.get("id"))
    except ValueError:
        day = None
    features = inner.get("features")
    if day is None or not isinstance(features, list):
        return inner
    dated = [_dated(feature, day.isoformat()) for feature in features]
    return {**inner, "features": dated}


def _dated(feature: object, day: str) -> object:
    """Give a feature a day, unless it states one."""
    if not isinstance(feature, Mapping):
        return feature
    properties = feature.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    return {**feature, "properties": {"date": day, **properties}}


def parse_object(content: bytes) -> Mapping[str, Any] | None:
    """Parse a JSON object.

    Parameters
    ----------
    content
        Bytes of a file.

    Returns
    -------
    Mapping or None
        ``None`` for anything else.
    """
    try:
        found = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def is_json_of_geometries(content: bytes) -> bool:
    """Tell geometries from other JSON.

    Parameters
    ----------
    content
        Bytes of a file.

    Returns
    -------
    bool
        Whether it, or its first line, is GeoJSON, TopoJSON or Esri JSON.
    """
    first = content.lstrip(b"\x1e\xef\xbb\xbf").partition(b"\n")[0]
    found = parse_object(content) or parse_object(first) or {}
    if is_geojson(found) or found.get("type") == "Topology":
        return True
    return _unwrapped(found) is not None or _as_esri(found) is not None


def _as_esri(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return Esri's set of features, which a single one and a geometry are made into."""
    if "type" in document:
        return None
    if set(document) & set(_ESRI):
        document = {"geometry": document, "attributes": {}}
    if isinstance(document.get("geometry"), Mapping) and "attributes" in document:
        document = {"features": [document]}
    features = document.get("features")
    if not isinstance(features, list) or not all(isinstance(one, Mapping) for one in features):
        return None
    shapes = (one.get("geometry") for one in features)
    geometry: Mapping[str, Any] = next((one for one in shapes if isinstance(one, Mapping)), {})
    kind = next((_ESRI[key] for key in geometry if key in _ESRI), None)
    if kind is None and "geometryType" not in document:
        return None
    reference = geometry.get("spatialReference")
    return {
        "geometryType": kind,
        **({} if reference is None else {"spatialReference": reference}),
        **document,
    }
