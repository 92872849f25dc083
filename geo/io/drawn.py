"""A line or an area that somebody drew, as GeoJSON → one geometry, or all faults with place."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import Floats
from geo.errors import SketchError, SketchFault

__all__ = ["Sketch", "read_sketch"]

_DEPTH: Final = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_MOST_FAULTS: Final = 20
_CRS84: Final = re.compile(r"(urn:ogc:def:crs:)?(OGC:[\d.]*:?CRS84|EPSG:[\d.]*:?4326)", re.I)
_PLACE: Final = re.compile(r"\[(\S+) (\S+)")
_NEAR_DEG: Final = 3.0


@dataclass(frozen=True, eq=False)
class Sketch:
    """What somebody drew: a line of contact, or an area that Russia holds.

    ``geometry`` is a MultiLineString, or a valid Polygon or MultiPolygon, degrees.
    """

    geometry: BaseGeometry
    features: int
    vertices: int

    @property
    def is_area(self) -> bool:
        """Whether an area was drawn."""
        return self.geometry.geom_type in {"Polygon", "MultiPolygon"}


@dataclass(eq=False)
class _Gathered:
    """What has been read so far."""

    lines: list[shapely.LineString] = field(default_factory=list)
    areas: list[BaseGeometry] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    faults: list[SketchFault] = field(default_factory=list)

    def blame(self, feature: str, message: str, at: tuple[float, float] | None = None) -> None:
        lon, lat = at if at is not None else (None, None)
        self.faults.append(SketchFault(feature, message, lon, lat))
        if len(self.faults) >= _MOST_FAULTS:
            raise SketchError(self.faults)


def read_sketch(document: Mapping[str, Any], *, country: BaseGeometry) -> Sketch:
    """Read a line of contact, or an area of Russian control, from GeoJSON.

    Parameters
    ----------
    document
        A geometry, Feature or FeatureCollection (RFC 7946) as plain data: lines, or polygons.
    country
        Where it should be, longitude and latitude in degrees.

    Returns
    -------
    Sketch
        All features together.

    Raises
    ------
    SketchError
        Lists up to 20 faults, each with its feature and, where there is one, its place.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946.
    """
    found = _Gathered()
    _check_crs(document, found)
    for name, geometry in _geometries(document, "the GeoJSON", found):
        _read_geometry(name, geometry, found)
    if not found.faults:
        _check_whole(found, country)
    if found.faults:
        raise SketchError(found.faults)
    whole = _together(found)
    return Sketch(whole, len(found.names), len(shapely.get_coordinates(whole)))


def _together(found: _Gathered) -> BaseGeometry:
    if found.areas:
        union: BaseGeometry = shapely.union_all(np.array(found.areas, dtype=object))
        return union
    return shapely.MultiLineString(found.lines)


# --- features ----------------------------------------------------------------------------------


def _geometries(
    value: object, name: str, found: _Gathered
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Walk through collections and features to the geometries."""
    waiting: list[tuple[object, str]] = [(value, name)]
    while waiting:
        value, name = waiting.pop()
        if not isinstance(value, Mapping):
            found.blame(name, f"expected a GeoJSON object, {_shown(value)} came")
            continue
        kind = value.get("type")
        if kind == "FeatureCollection":
            waiting += _members(value, "features", name, found)
        elif kind == "GeometryCollection":
            waiting += _members(value, "geometries", name, found)
        elif kind == "Feature":
            waiting.append((value.get("geometry"), _feature_name(value, name)))
        else:
            yield name, value


def _members(
    value: Mapping[str, Any], key: str, name: str, found: _Gathered
) -> list[tuple[object, str]]:
    members = value.get(key)
    if not isinstance(members, list) or not members:
        found.blame(name, f"expected a list {key!r} that is not empty, {_shown(members)} came")
        return []
    return [(member, f"{key}[{row}]") for row, member in enumerate(members)][::-1]


def _feature_name(feature: Mapping[str, Any], name: str) -> str:
    properties = feature.get("properties")
    label = properties.get("name") if isinstance(properties, Mapping) else None
    label = feature.get("id") if label is None else label
    return name if label is None else f"{name} ({_shown(label)})"


def _shown(value: object) -> str:
    """Show a value in a message, cut short."""
    if isinstance(value, Mapping | list):
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)}"
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _check_crs(document: object, found: _Gathered) -> None:
    stated = document.get("crs") if isinstance(document, Mapping) else None
    if stated is None:
        return
    properties = stated.get("properties") if isinstance(stated, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or not _CRS84.fullmatch(name):
        found.blame(
            "crs",
            f"expected no 'crs' (RFC 7946: longitude and latitude on WGS 84), {_shown(name)} came. "
            "Reproject to EPSG:4326 and leave 'crs' out",
        )


# --- geometries --------------------------------------------------------------------------------


def _read_geometry(name: str, geometry: Mapping[str, Any], found: _Gathered) -> None:
    kind = geometry.get("type")
    if not isinstance(kind, str) or kind not in _DEPTH:
        found.blame(
            name,
            f"expected a geometry of type {', '.join(_DEPTH)}; {_shown(kind)} came. "
            "Draw a line of contact, or an area of control as polygons",
        )
        return
    found.names.append(name)
    blamed = len(found.faults)
    paths = list(_paths(geometry.get("coordinates"), _DEPTH[kind] - 1, name, found))
    if len(found.faults) > blamed:
        return
    if kind.endswith("LineString"):
        for _, positions in paths:
            if positions is not None:
                _add_line(name, positions, found)
    else:
        _add_areas(name, paths, found)


Path = tuple[int, Floats | None]


def _paths(value: object, depth: int, name: str, found: _Gathered) -> Iterator[Path]:
    """Walk through nested lists to lists of positions; each with the polygon it belongs to."""
    if not isinstance(value, list) or not value:
        found.blame(name, f"expected coordinates, a list that is not empty; {_shown(value)} came")
        return
    if depth == 0:
        yield 0, _positions(value, name, found)
        return
    for row, inner in enumerate(value):
        for _, positions in _paths(inner, depth - 1, name, found):
            yield (row if depth == 2 else 0), positions


def _positions(value: list[Any], name: str, found: _Gathered) -> Floats | None:
    """Check a list of positions one by one."""
    for row, position in enumerate(value):
        if (
            not isinstance(position, list)
            or len(position) < 2
            or not all(_is_number(number) for number in position[:3])
        ):
            found.blame(
                name,
                f"expected position {row} as [longitude, latitude], two numbers; "
                f"{_described(position)} came",
            )
            return None
    lonlat = np.array([position[:2] for position in value], dtype=np.float64)
    return lonlat if _check_range(lonlat, name, found) else None


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def _described(position: object) -> str:
    if isinstance(position, list) and len(position) <= 3:
        return f"[{', '.join(_shown(number) for number in position)}]"
    return _shown(position)


def _check_range(lonlat: Floats, name: str, found: _Gathered) -> bool:
    beyond = np.flatnonzero((np.abs(lonlat[:, 0]) > 180) | (np.abs(lonlat[:, 1]) > 90))
    if len(beyond) == 0:
        return True
    x, y = lonlat[beyond[0]].tolist()
    guess = (
        "These look like projected coordinates, in metres: reproject to EPSG:4326"
        if abs(x) > 1000 or abs(y) > 1000
        else "Longitude comes first"
    )
    found.blame(
        name,
        f"expected longitude (-180 to 180) and latitude (-90 to 90) in degrees; position "
        f"{beyond[0]} is ({x:.10g}, {y:.10g}). {guess}",
        (x, y),
    )
    return False


def _add_line(name: str, positions: Floats, found: _Gathered) -> None:
    first = (float(positions[0, 0]), float(positions[0, 1]))
    if len(positions) < 2 or (positions == positions[0]).all():
        found.blame(name, "expected a line of at least two different positions", first)
        return
    found.lines.append(shapely.LineString(positions))


def _add_areas(name: str, paths: Sequence[Path], found: _Gathered) -> None:
    rings: dict[int, list[Floats]] = {}
    for polygon, positions in paths:
        if positions is None:
            continue
        first = (float(positions[0, 0]), float(positions[0, 1]))
        if len(positions) < 4 or (positions[0] != positions[-1]).any():
            found.blame(
                name,
                "expected a ring of at least four positions whose last one repeats the first",
                first,
            )
            return
        rings.setdefault(polygon, []).append(positions)
    for shell, *holes in rings.values():
        area = shapely.Polygon(shell, holes)
        if area.is_valid:
            found.areas.append(area)
            continue
        reason = shapely.is_valid_reason(area)
        place = _PLACE.search(reason)
        at = (float(place[1]), float(place[2].rstrip("]"))) if place else None
        words = reason.split("[")[0].lower()
        found.blame(name, f"the polygon is not valid: {words}. Repair it (make valid)", at)


# --- the whole ---------------------------------------------------------------------------------


def _check_whole(found: _Gathered, country: BaseGeometry) -> None:
    """Check what only all features together can tell: kind, axes, country."""
    if found.lines and found.areas:
        found.blame(
            found.names[0],
            "expected either lines or polygons, both came: a line of contact is lines, an area of "
            "control is polygons",
        )
        return
    geometries = [*found.lines, *found.areas]
    if not geometries:
        found.blame("the GeoJSON", "expected at least one line or polygon, none came")
        return
    lonlat = shapely.get_coordinates(geometries)
    west, south, east, north = country.bounds
    at = (float(lonlat[0, 0]), float(lonlat[0, 1]))
    if _in_box(lonlat, (west, south, east, north)).any():
        return
    name = found.names[0]
    if _in_box(lonlat[:, ::-1], (west, south, east, north)).mean() > 0.5:
        found.blame(
            name,
            "the axes are swapped: latitude comes first; expected longitude first (RFC 7946)",
            at,
        )
        return
    found.blame(
        name,
        "no position lies in the country; expected longitude (about "
        f"{west:.0f} to {east:.0f}) first, then latitude ({south:.0f} to {north:.0f})",
        at,
    )


def _in_box(lonlat: Floats, box: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = box
    inside = (lonlat[:, 0] > west - _NEAR_DEG) & (lonlat[:, 0] < east + _NEAR_DEG)
    inside &= (lonlat[:, 1] > south - _NEAR_DEG) & (lonlat[:, 1] < north + _NEAR_DEG)
    return np.asarray(inside)
