"""Strips along the border and the coast that lie between them and an area of control.

Two data sets rarely draw the state border and the coast alike. Everything here looks only at land
near the outline of the country, oblast by oblast, so a change elsewhere changes nothing here.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import to_geographic, to_metric
from geo.territory import Boundaries, Geometries
from geo.topology import topology_of

__all__ = ["Reach", "SliverRule", "find_slivers", "grow_slivers", "reaches_of"]

_EDGE_DEG: Final = 0.02
"""Edges are cut to this length before they are projected, so that they stay where they are."""

_MARGIN_DEG: Final = 0.6
_AROUND_M: Final = 25_000.0
_CLIP_DEG: Final = 0.05
_TOUCH_M: Final = 1.0
_OVERLAP_M: Final = 100.0
_ROUGH_M: Final = 200.0
_SMALLEST_M2: Final = 100.0
_MIN_SHARE_BORDER: Final = 0.2
_MIN_SHARE_AREA: Final = 0.1
_MIN_SHARE_BOTH: Final = 0.65
"""A corner that the opening rounds off has less: it is no sliver."""


@dataclass(frozen=True)
class SliverRule:
    """What counts as a sliver.

    Parameters
    ----------
    width_km
        Strips narrower than this count.
    area_km2
        So do pieces up to this size that the area cuts off from the rest.
    """

    width_km: float = 4.0
    area_km2: float = 100.0

    @property
    def reach_km(self) -> float:
        """How far from the outline land is looked at."""
        return 2.0 * self.width_km


@dataclass(frozen=True, eq=False)
class Reach:
    """The land near the outline in and around one oblast.

    Parameters
    ----------
    row
        The oblast's row in the boundaries.
    window_deg
        West, south, east, north of what is looked at.
    zone_deg
        What is looked at: within the reach of the outline, and in the window.
    land_m, near_m
        The country within the reach of the outline, and within a strip's width of it; metres.
    outline_m, cut_m
        Border and coast; where the land is only cut by the reach or the window. Metres.
    oblast_m
        The oblast, metres.
    """

    row: int
    window_deg: tuple[float, float, float, float]
    zone_deg: BaseGeometry
    land_m: BaseGeometry
    near_m: BaseGeometry
    outline_m: BaseGeometry
    cut_m: BaseGeometry
    oblast_m: BaseGeometry


@lru_cache(maxsize=8)
def reaches_of(boundaries: Boundaries, rule: SliverRule) -> tuple[Reach, ...]:
    """Prepare the land near the outline; later calls with the same objects are free.

    Parameters
    ----------
    boundaries
        The oblasts.
    rule
        What counts as a sliver.

    Returns
    -------
    tuple of Reach
        One for each oblast that touches the outline.
    """
    topology = topology_of(boundaries)
    outline = shapely.union_all(topology.outline)
    touching = np.flatnonzero(shapely.intersects(boundaries.geometry, outline))
    return tuple(_reach(boundaries, int(row), outline, rule) for row in touching)


def _reach(boundaries: Boundaries, row: int, outline: BaseGeometry, rule: SliverRule) -> Reach:
    country = shapely.segmentize(topology_of(boundaries).country, _EDGE_DEG)
    outline = shapely.segmentize(outline, _EDGE_DEG)
    west, south, east, north = shapely.bounds(boundaries.geometry[row]).tolist()
    window = (
        west - _MARGIN_DEG,
        south - _MARGIN_DEG,
        east + _MARGIN_DEG,
        north + _MARGIN_DEG,
    )
    box = shapely.box(*window)
    oblast_m = to_metric(shapely.segmentize(boundaries.geometry[row], _EDGE_DEG))
    around_m = shapely.buffer(shapely.simplify(oblast_m, _ROUGH_M), _AROUND_M, quad_segs=2)
    outline_m = to_metric(shapely.intersection(outline, box))
    outline_m = shapely.intersection(outline_m, around_m)
    rough_m = shapely.simplify(outline_m, _ROUGH_M)  # a detailed coast takes half a minute to widen
    zone_m = shapely.buffer(rough_m, rule.reach_km * 1000.0 + _ROUGH_M, quad_segs=4)
    country_m = to_metric(shapely.intersection(country, box))
    land_m = shapely.intersection(country_m, zone_m)
    inner_m = shapely.buffer(rough_m, rule.width_km * 1000.0 + _ROUGH_M, quad_segs=4)
    cut_m = shapely.difference(
        shapely.boundary(land_m), shapely.buffer(outline_m, _TOUCH_M, quad_segs=1)
    )
    for geometry in (inner_m, outline_m, cut_m, oblast_m):
        shapely.prepare(geometry)
    zone = shapely.intersection(to_geographic(zone_m), box)
    return Reach(row, window, zone, land_m, inner_m, outline_m, cut_m, oblast_m)


def find_slivers(area: BaseGeometry, reach: Reach, rule: SliverRule) -> Geometries:
    """Return the strips and pieces of free land that count with an area of control.

    Parameters
    ----------
    area
        Valid polygons, longitude and latitude in degrees.
    reach
        Where to look.
    rule
        What counts as a sliver.

    Returns
    -------
    numpy.ndarray
        Polygons in metres, shape (n,), that lie in the oblast or touch it. They depend only on
        the part of the area within the reach of the outline.

    Notes
    -----
    The free land is opened (eroded, then dilated) with a disk of half the width; what the opening
    removes, and what touches both the area and the outline along a good part of its edge, is a
    sliver.

    References
    ----------
    Serra, J. (1982). Image Analysis and Mathematical Morphology. Academic Press (opening).
    """
    area_m = _clip(area, reach)
    nothing = np.array([], dtype=object)
    if shapely.is_empty(area_m):
        return nothing
    free = shapely.difference(reach.land_m, area_m)
    if shapely.is_empty(free):
        return nothing
    shapely.prepare(area_m)
    strips = _between(_narrow(free, reach, rule.width_km * 500.0), area_m, reach)
    rest = shapely.get_parts(shapely.difference(free, shapely.union_all(strips)))
    rest = rest[shapely.area(rest) <= rule.area_km2 * 1e6]
    rest = rest[
        shapely.dwithin(reach.outline_m, rest, _TOUCH_M)
        & shapely.dwithin(area_m, rest, rule.width_km * 1000.0)
        & ~shapely.dwithin(reach.cut_m, rest, _TOUCH_M)
    ]
    found = np.concatenate([strips, rest])
    return np.asarray(found[shapely.dwithin(reach.oblast_m, found, 2 * _OVERLAP_M)])


def grow_slivers(slivers: Geometries) -> Geometries:
    """Let slivers overlap what they adjoin, so that no gap stays between them.

    Parameters
    ----------
    slivers
        Polygons in metres, shape (n,).

    Returns
    -------
    numpy.ndarray
        Polygons in degrees, shape (n,).
    """
    return to_geographic(shapely.buffer(slivers, _OVERLAP_M, quad_segs=2))


def _clip(area: BaseGeometry, reach: Reach) -> BaseGeometry:
    """Return the part of an area near the window, in metres."""
    west, south, east, north = reach.window_deg
    bounds = (west - _CLIP_DEG, south - _CLIP_DEG, east + _CLIP_DEG, north + _CLIP_DEG)
    fine = shapely.segmentize(area, _EDGE_DEG)
    part = shapely.clip_by_rect(fine, *bounds)
    if not shapely.is_valid(part):
        part = shapely.intersection(fine, shapely.box(*bounds))
    return to_metric(part)


def _narrow(free: BaseGeometry, reach: Reach, radius_m: float) -> Geometries:
    """Return what an opening with a disk removes, near the outline."""
    core = shapely.buffer(shapely.buffer(free, -radius_m, quad_segs=4), radius_m, quad_segs=4)
    slack = shapely.buffer(core, radius_m * 0.02, quad_segs=2)
    removed = shapely.get_parts(shapely.difference(free, slack))
    removed = removed[shapely.dwithin(reach.outline_m, removed, _TOUCH_M)]
    beyond = ~shapely.contains_properly(reach.near_m, removed)
    removed[beyond] = shapely.intersection(removed[beyond], reach.near_m)
    parts = shapely.get_parts(removed)
    return np.asarray(parts[shapely.area(parts) > _SMALLEST_M2])


def _between(strips: Geometries, area_m: BaseGeometry, reach: Reach) -> Geometries:
    """Keep the strips that run along both the area and the outline."""
    strips = strips[shapely.dwithin(reach.outline_m, strips, _TOUCH_M)]
    strips = strips[shapely.dwithin(area_m, strips, _TOUCH_M)]
    if len(strips) == 0:
        return strips
    middle, length, owner = _segments(strips)
    area_edge = shapely.boundary(area_m)
    shapely.prepare(area_edge)
    whole = np.bincount(owner, length, len(strips))

    def share(line: BaseGeometry) -> npt.NDArray[np.float64]:
        along = np.where(shapely.dwithin(line, middle, _TOUCH_M), length, 0.0)
        return np.asarray(np.bincount(owner, along, len(strips)) / whole)

    along_border, along_area = share(reach.outline_m), share(area_edge)
    keep = (along_border >= _MIN_SHARE_BORDER) & (along_area >= _MIN_SHARE_AREA)
    keep &= along_border + along_area >= _MIN_SHARE_BOTH
    return np.asarray(strips[keep])


def _segments(
    polygons: Geometries,
) -> tuple[Geometries, npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Middle, length and polygon of each boundary segment."""
    rings, ring_owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    step = np.diff(xy, axis=0)[joined]
    middle = (xy[:-1][joined] + xy[1:][joined]) / 2.0
    return np.asarray(shapely.points(middle)), np.hypot(*step.T), ring_owner[ring[:-1][joined]]
