"""Spatial functions of CQL2 over geometries."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import shapely

from app.cql2.feature_table import Booleans
from geo.arrays import Geometries

__all__ = ["SPATIAL", "read_geometry"]

SPATIAL: Final[Mapping[str, Callable[[Geometries, Geometries], Booleans]]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
    "s_contains": shapely.contains,
}
"""From n geometries and n geometries to n truths."""


def read_geometry(literal: Any, count: int) -> Geometries:  # noqa: ANN401
    """Read a geometry of CQL2 JSON.

    Parameters
    ----------
    literal
        GeoJSON, or ``{"bbox": [...]}``.
    count
        How many geometries it stands for.

    Raises
    ------
    ValueError
        It is none.
    """
    if not isinstance(literal, Mapping) or not {"bbox", "type"} & set(literal):
        raise ValueError("spatial functions compare geometry with a geometry such as BBOX(…).")
    found = _read_box(literal["bbox"]) if "bbox" in literal else _read_geojson(literal)
    return np.full(count, found, dtype=object)


def _read_box(edges: list[Any]) -> shapely.Geometry:
    if len(edges) not in (4, 6) or not all(
        isinstance(edge, int | float) and math.isfinite(edge) for edge in edges
    ):
        raise ValueError("a BBOX is west, south, east, north in degrees.")
    west, south, *_ = edges
    east, north = edges[len(edges) // 2 : len(edges) // 2 + 2]
    if south > north:
        raise ValueError("a BBOX has its south before its north.")
    if west > east:
        return shapely.union(
            shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)
        )
    box: shapely.Geometry = shapely.box(west, south, east, north)
    return box


def _read_geojson(literal: Mapping[str, Any]) -> shapely.Geometry:
    try:
        geometry = shapely.from_geojson(json.dumps(literal))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise ValueError(f"a geometry cannot be used: {error}.") from error
    if shapely.is_empty(geometry):
        raise ValueError("a geometry is empty; expected one with positions.")
    if not shapely.is_valid(geometry):
        raise ValueError(f"a geometry is not valid: {shapely.is_valid_reason(geometry)}.")
    return geometry
