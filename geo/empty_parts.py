"""Remove parts and rings without positions, and open collections.

Some of the functions of GEOS end the process with a signal when a ring is empty (shapely#2425).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["drop_empty_parts"]

_COLLECTION = 7


def drop_empty_parts(
    geometry: npt.NDArray[np.object_], *, collections: bool = False
) -> npt.NDArray[np.object_]:
    """Remove parts and rings without positions; nothing is lost by that.

    Parameters
    ----------
    geometry
        Shape (n,); ``None`` where there is none.
    collections
        Whether collections are opened as well: lines are gathered in one MultiLineString, polygons
        in one MultiPolygon, and points next to them are left out.

    Returns
    -------
    numpy.ndarray
        Shape (n,), ``None`` where nothing is left. Geometries without empty parts are the same
        objects.
    """
    rows = _rows_to_rebuild(geometry, collections)
    if not rows:
        return geometry
    cleaned = np.array(geometry, dtype=object)
    for row in rows:
        cleaned[row] = _rebuild(cleaned[row], collections)
    return cleaned


def _rows_to_rebuild(geometry: npt.NDArray[np.object_], collections: bool) -> list[int]:
    parts, owner = shapely.get_parts(geometry, return_index=True)
    wrong = shapely.is_empty(parts)
    if collections:
        wrong |= shapely.get_type_id(parts) == _COLLECTION
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    wrong[ring_owner[shapely.get_num_coordinates(rings) == 0]] = True
    found = set(owner[wrong].tolist()) | set(np.flatnonzero(shapely.is_empty(geometry)).tolist())
    if collections:
        found |= set(np.flatnonzero(shapely.get_type_id(geometry) == _COLLECTION).tolist())
    return sorted(found)


def _rebuild(geometry: BaseGeometry, collections: bool) -> BaseGeometry | None:
    parts = [part for part in _parts_of(geometry) if not part.is_empty]
    kinds: list[list[BaseGeometry]] = [[], [], []]
    for part in parts:
        kinds[shapely.get_dimensions(part)].append(_without_empty_rings(part))
    points, lines, polygons = kinds
    if not parts:
        return None
    if not collections and geometry.geom_type == "GeometryCollection":
        return shapely.GeometryCollection([*points, *lines, *polygons])
    several = [
        group
        for group in (
            _gather(lines, shapely.MultiLineString),
            _gather(polygons, shapely.MultiPolygon),
        )
        if group is not None
    ]
    if not several:
        return _gather(points, shapely.MultiPoint)
    return several[0] if len(several) == 1 else shapely.GeometryCollection(several)


def _parts_of(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the single geometries of a collection, however deep it is nested."""
    single: list[BaseGeometry] = []
    waiting: list[BaseGeometry] = [geometry]
    while waiting:
        for part in shapely.get_parts(waiting.pop()).tolist():
            (waiting if hasattr(part, "geoms") else single).append(part)
    return single


def _without_empty_rings(part: BaseGeometry) -> BaseGeometry:
    if not isinstance(part, shapely.Polygon):
        return shapely.LineString(part) if isinstance(part, shapely.LinearRing) else part
    holes = [ring for ring in part.interiors if not ring.is_empty]
    return part if len(holes) == len(part.interiors) else shapely.Polygon(part.exterior, holes)


def _gather(parts: list[BaseGeometry], kind: Callable[[Any], BaseGeometry]) -> BaseGeometry | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return kind(parts)
