"""GeoJSON: a document, or one feature a line, without any library the server has not loaded."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import GEOGRAPHIC_CRS, Floats
from geo.errors import DataFormatError
from geo.formats.features import Faults, RawLayer, label
from geo.formats.incremental_geojson import polygons_from_arrays, positions_from_arrays

__all__ = ["build_geometry", "is_geojson", "parse_geojson", "parse_sequence"]

_CRS84_NAMES: Final = re.compile(
    r"((urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(OGC[:/][\d.]*[:/]?CRS84|EPSG[:/][\d.]*[:/]?4326))|WGS ?84",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"https?://www\.opengis\.net/def/crs/EPSG/[\d.]*/(\d+)", re.IGNORECASE)
_DEPTH: Final = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
    "MultiPolygon": 3,
}  # fmt: skip
_TYPES: Final = frozenset({*_DEPTH, "GeometryCollection", "Feature", "FeatureCollection"})
_MOST_NESTED: Final = 32


def is_geojson(value: object) -> bool:
    """Tell whether plain data say that they are GeoJSON.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    bool
        Whether it is an object with one of the types of GeoJSON.
    """
    kind = value.get("type") if isinstance(value, Mapping) else None
    return isinstance(kind, str) and kind in _TYPES


class _UnreadableError(Exception):
    """A geometry cannot be read; says why, and where if that is known."""

    def __init__(self, message: str, at: Sequence[float] | None = None) -> None:
        super().__init__(message)
        self.at = at


def parse_geojson(
    document: Mapping[str, Any],
    *,
    name: str,
    faults: Faults,
    polygons: shapely.MultiPolygon | None = None,
) -> RawLayer:
    """Take the features out of a GeoJSON document.

    Parameters
    ----------
    document
        A FeatureCollection, Feature or geometry as plain data.
    name
        Name of the layer where the document gives none.
    faults
        Where faults are added.
    polygons
        The geometry of the one feature, where it has been read already.

    Returns
    -------
    RawLayer
        Rings that lack their last position are closed, empty ones left out.

    Raises
    ------
    DataFormatError
        It is no GeoJSON, or names its reference system in no way we know.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946 (no statement means CRS84).
    """
    features = _features_of(document, faults)
    properties = tuple(_properties(feature) for feature in features)
    if polygons is not None:
        geometry = np.array([polygons], dtype=object)
    else:
        geometry = np.empty(len(features), dtype=object)
        geometry[:] = [
            build_geometry(feature.get("geometry"), label(row, properties), faults)
            for row, feature in enumerate(features)
        ]
    stated = document.get("provenance")
    return RawLayer(
        name=str(document.get("name") or name),
        crs=_crs_of(document, faults.name),
        geometry=geometry,
        properties=properties,
        stated=stated if isinstance(stated, dict) else {},
    )


def parse_sequence(text: str, *, name: str, faults: Faults) -> RawLayer | None:
    """Take features out of text with one GeoJSON object a line, or after each record separator.

    Parameters
    ----------
    text
        The text.
    name
        Name of the layer.
    faults
        Where faults are added.

    Returns
    -------
    RawLayer or None
        ``None`` if the text does not begin with a GeoJSON object in its first record.

    Raises
    ------
    DataFormatError
        A later record is none.

    References
    ----------
    Gillies, S. (2017). GeoJSON Text Sequences. RFC 8142.
    """
    mark, noun = ("\x1e", "record") if "\x1e" in text else ("\n", "line")
    features: list[Any] = []
    for number, record in enumerate(text.split(mark), start=1):
        if not record.strip():
            continue
        try:
            found = orjson.loads(record)
        except orjson.JSONDecodeError as error:
            if not features:
                return None
            raise DataFormatError(
                f"{faults.name}: expected one GeoJSON object a {noun}; {noun} {number} is not JSON "
                f"({error}). Remove it, or write the file again."
            ) from error
        if not is_geojson(found):
            if not features:
                return None
            raise DataFormatError(
                f"{faults.name}: expected one GeoJSON object a {noun}; {noun} {number} is "
                f"{_shown(found)}. Remove it."
            )
        features.append(found)
    if not features:
        return None
    document = {"type": "FeatureCollection", "features": features}
    return parse_geojson(document, name=name, faults=faults)


# --- features ----------------------------------------------------------------------------------


def _features_of(document: Mapping[str, Any], faults: Faults) -> list[Mapping[str, Any]]:
    """Return features; those inside collections of features, too; a bare geometry becomes one."""
    found: list[Mapping[str, Any]] = []
    waiting: list[tuple[object, str]] = [(document, "the GeoJSON")]
    while waiting:
        value, name = waiting.pop()
        kind = value.get("type") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or not is_geojson(value):
            got = _shown(value if not isinstance(value, Mapping) else kind)
            if value is document:
                raise DataFormatError(
                    f"{faults.name}: expected a GeoJSON FeatureCollection, Feature or geometry of "
                    f"type {', '.join(_DEPTH)}; its type is {got}. Write it as GeoJSON (RFC 7946)."
                )
            faults.add(name, f"expected a GeoJSON Feature or geometry, got {got}. Remove it")
        elif kind == "FeatureCollection":
            inner = value.get("features")
            if not isinstance(inner, list | tuple):
                faults.add(name, f"expected a list 'features', got {_shown(inner)}")
                continue
            waiting += [(one, f"features[{row}]") for row, one in enumerate(inner)][::-1]
        else:
            found.append(value if kind == "Feature" else {"geometry": value})
    return found


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if "id" in feature and "id" not in properties:
        return {**properties, "id": feature["id"]}
    return properties


def _crs_of(document: Mapping[str, Any], name: str) -> str:
    """Return the stated system; GeoJSON that states none is CRS84 (RFC 7946, section 4)."""
    stated = document.get("crs")
    if stated is None:
        return GEOGRAPHIC_CRS
    properties = stated.get("properties") if isinstance(stated, dict) else None
    text = properties.get("name") if isinstance(properties, dict) else None
    if isinstance(properties, dict) and isinstance(properties.get("code"), int | str):
        text = f"EPSG:{properties['code']}"  # GeoJSON of 2008: {"type": "EPSG", ...}
    if not isinstance(text, str):
        raise DataFormatError(
            f"{name}: expected 'crs' to be absent (longitude and latitude) or to name a system; "
            f"got {orjson.dumps(stated).decode()[:80]}. Leave 'crs' out, or write "
            '{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}.'
        )
    if _CRS84_NAMES.fullmatch(text.strip()):
        return GEOGRAPHIC_CRS
    return _CODE.sub(r"EPSG:\1", text.strip())


def _shown(value: object) -> str:
    """Show a value in a message, cut short."""
    if isinstance(value, Mapping | list | tuple):
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)}"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


# --- geometries --------------------------------------------------------------------------------


def build_geometry(value: object, feature: str, faults: Faults) -> BaseGeometry | None:
    """Build a geometry from plain data.

    Parameters
    ----------
    value
        A GeoJSON geometry, or ``None``.
    feature
        Name of its feature, for a fault.
    faults
        Where a fault is added.

    Returns
    -------
    shapely.Geometry or None
        ``None`` if there is none, if it has no positions, or if it cannot be read.
    """
    if value is None:
        return None
    try:
        return _build(value, 0)
    except _UnreadableError as error:
        faults.add(feature, str(error), error.at)
        return None


def _build(value: object, depth: int) -> BaseGeometry | None:
    """Build one geometry; ``None`` if it has no positions."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(kind, str):
        got = _shown(value if not isinstance(value, Mapping) else kind)
        raise _UnreadableError(f"expected a GeoJSON geometry, got {got}. Remove it")
    if kind == "GeometryCollection":
        return _build_collection(value, depth)
    if kind not in _DEPTH:
        raise _UnreadableError(
            f"expected a geometry of type {', '.join(_DEPTH)} or GeometryCollection, got "
            f"{_shown(kind)}"
        )
    coordinates = value.get("coordinates")
    quick = polygons_from_arrays(coordinates) if kind == "MultiPolygon" else None
    if quick is not None:
        return quick
    if not isinstance(coordinates, list | tuple):
        raise _UnreadableError(f"expected coordinates as a list, got {_shown(coordinates)}")
    lists = list(_lists(coordinates, _DEPTH[kind]))
    if kind in {"Polygon", "MultiPolygon"}:
        return _build_polygons(lists)
    if kind in {"LineString", "MultiLineString"}:
        return _build_lines([positions for _, positions in lists if len(positions)])
    points = [positions for _, positions in lists if len(positions)]
    return shapely.MultiPoint(np.concatenate(points)) if points else None


def _build_collection(value: Mapping[str, Any], depth: int) -> BaseGeometry:
    inner = value.get("geometries")
    if not isinstance(inner, list | tuple):
        raise _UnreadableError(f"expected a list 'geometries', got {_shown(inner)}")
    if depth >= _MOST_NESTED:
        raise _UnreadableError(
            f"nested too deeply: expected at most {_MOST_NESTED} collections inside each other"
        )
    built = [_build(one, depth + 1) for one in inner if one is not None]
    return shapely.GeometryCollection([one for one in built if one is not None])


def _lists(value: object, depth: int) -> Iterator[tuple[int, Floats]]:
    """Walk through nested lists to lists of positions; each with the polygon it belongs to."""
    if not isinstance(value, list | tuple):
        raise _UnreadableError(f"expected coordinates as a list, got {_shown(value)}")
    if depth <= 1:
        yield 0, _positions([value] if value and depth == 0 else value)
        return
    for row, inner in enumerate(value):
        for _, positions in _lists(inner, depth - 1):
            yield (row if depth == 3 else 0), positions


def _positions(value: Sequence[Any]) -> Floats:
    """Read positions; a third number and more are left out."""
    quick = positions_from_arrays(value)
    if quick is not None:
        return quick
    for row, position in enumerate(value):
        if (
            not isinstance(position, list | tuple)
            or len(position) < 2
            or not (_is_number(position[0]) and _is_number(position[1]))
        ):
            raise _UnreadableError(
                f"expected position {row + 1} as [longitude, latitude], two numbers; got "
                f"{_described(position)}{_quoted(position)}"
            )
    return np.array([position[:2] for position in value], dtype=np.float64).reshape(-1, 2)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def _described(position: object) -> str:
    if isinstance(position, list | tuple) and 0 < len(position) <= 4:
        return f"[{', '.join(_shown(number) for number in position)}]"
    return _shown(position)


def _quoted(position: object) -> str:
    if isinstance(position, list | tuple) and any(isinstance(one, str) for one in position):
        return ". Write numbers without quotation marks"
    return ""


def _build_lines(lists: Sequence[Floats]) -> BaseGeometry | None:
    for positions in lists:
        if len(positions) < 2:
            raise _UnreadableError(
                "expected a line of at least two different positions. Draw it on, or remove it",
                positions[0].tolist(),
            )
    if len(lists) == 1:
        return shapely.LineString(lists[0])
    return shapely.MultiLineString(list(lists)) if lists else None


def _build_polygons(lists: Sequence[tuple[int, Floats]]) -> BaseGeometry | None:
    rings: dict[int, list[Floats]] = {}
    for polygon, positions in lists:
        rings.setdefault(polygon, []).append(positions)
    built = []
    for shell, *inner in rings.values():
        holes = [_closed(hole) for hole in inner if len(hole)]
        if len(shell):
            built.append(shapely.Polygon(_closed(shell), holes))
        elif holes:
            raise _UnreadableError(
                "expected a polygon to begin with its outer ring, which is empty; the next ring is "
                "a hole. Remove the empty ring",
                holes[0][0].tolist(),
            )
    if len(built) == 1:
        return built[0]
    return shapely.MultiPolygon(built) if built else None


def _closed(positions: Floats) -> Floats:
    """Close a ring whose last position does not repeat the first, as Google Earth does."""
    if (positions[0] != positions[-1]).any():
        positions = np.concatenate([positions, positions[:1]])
    if len(positions) < 4:
        raise _UnreadableError(
            "expected a ring of at least three different positions. Draw it on, or remove it",
            positions[0].tolist(),
        )
    return positions
