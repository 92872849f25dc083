"""Cells along the outline of the country, for the search of slivers.

Whether free land there is a mere strip beside an area of control follows, cell by cell, from what
lies in the cell and in a margin around it. So a change elsewhere changes nothing here.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.crs import Floats, to_geographic, to_metric
from geo.geometry.topology import Integers, topology_of
from geo.model.boundaries import Boundaries

__all__ = ["EDGE_DEG", "TOUCH_M", "Shore", "SliverRule", "clip_each", "shore_of"]

EDGE_DEG: Final = 0.02
"""Edges are cut to this length before they are projected, so that they stay where they are."""

TOUCH_M: Final = 1.0
"""What is no further apart touches."""

_CELL_M: Final = 20_000.0
_ROUGH_M: Final = 200.0
_SLACK: Final = 1.1
_GRID_DEG: Final = 0.05
_AROUND: Final = np.array([-3.0, -3.0, 3.0, 3.0])
_SIDES: Final = np.array([(-1, 0), (0, -1), (1, 0), (0, 1)])


@dataclass(frozen=True)
class SliverRule:
    """Rule for slivers: largest width and area.

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
        """Distance from the outline within which land is examined, km."""
        return 2.0 * self.width_km

    @property
    def margin_m(self) -> float:
        """Distance around a cell within which land can affect it, m."""
        return _SLACK * 1000.0 * self.width_km + 2.0 * _ROUGH_M


@dataclass(frozen=True, eq=False)
class Shore:
    """Cells along the outline, west to east and south to north.

    Parameters
    ----------
    rule
        What counts as a sliver.
    box_m, window_m
        West, south, east, north of each cell, and of what matters to it, shape (n, 4); metres.
    land_m
        The country within the reach of the outline and in the window, shape (n,), metres.
    near_m
        Land that can be part of a strip, within the window; empty where there is none.
    outline_m
        Border and coast in the window.
    cut_m
        Where the land in the window is only cut by the reach.
    beside
        The cells to the west, south, east and north, shape (n, 4); -1 where there is none.
    """

    rule: SliverRule
    box_m: Floats
    window_m: Floats
    land_m: Geometries
    near_m: Geometries
    outline_m: Geometries
    cut_m: Geometries
    beside: Integers

    def __len__(self) -> int:
        return len(self.land_m)

    @property
    def cell_m(self) -> float:
        """Side of a cell in metres."""
        return _CELL_M

    @cached_property
    def untouched(self) -> dict[int, Any]:
        """Room for what is found in cells without anything of an area: it does not change."""
        return {}

    @cached_property
    def window_deg(self) -> Floats:
        """West, south, east, north of each window, with some room; degrees, shape (n, 4)."""
        frames = shapely.segmentize(shapely.box(*self.window_m.T), 5_000.0)
        room = np.array([-1.0, -1.0, 1.0, 1.0]) * EDGE_DEG
        return np.asarray(shapely.bounds(to_geographic(frames)) + room)

    @cached_property
    def probes(self) -> tuple[Floats, Integers]:
        """One place in each piece of land, degrees, shape (m, 2), and its cell."""
        parts, cell = shapely.get_parts(self.land_m, return_index=True)
        inside = to_geographic(shapely.point_on_surface(parts))
        return shapely.get_coordinates(inside), cell

    def touched_by(self, segments: Floats) -> Integers:
        """Return the cells to whose land segments come.

        Parameters
        ----------
        segments
            Longitude and latitude of both ends, degrees, shape (m, 4).

        Returns
        -------
        numpy.ndarray
            In order.
        """
        ends = np.ascontiguousarray(segments[self._may_touch(segments)]).reshape(-1, 2, 2)
        if len(ends) == 0:
            return np.array([], dtype=np.intp)
        lines = np.asarray(shapely.linestrings(ends), dtype=object)
        paths = to_metric(shapely.segmentize(lines, EDGE_DEG))
        path, cell = self._windows.query(paths)
        order = np.argsort(cell, kind="stable")
        cells, owner = np.unique(cell[order], return_inverse=True)
        bundles = np.asarray(shapely.multilinestrings(paths[path[order]], indices=owner))
        return np.asarray(cells[shapely.dwithin(self.land_m[cells], bundles, TOUCH_M)])

    @cached_property
    def _windows(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.box(*self.window_m.T), dtype=object))

    def _may_touch(self, segments: Floats) -> npt.NDArray[np.bool_]:
        """Leave out short segments far from all windows, by a coarse grid."""
        west, south, near = self._near_deg
        column = np.floor((segments[:, 0::2] - west) / _GRID_DEG).astype(np.intp)
        row = np.floor((segments[:, 1::2] - south) / _GRID_DEG).astype(np.intp)
        long = (np.abs(np.diff(column)) > 1) | (np.abs(np.diff(row)) > 1)
        column = np.clip(column[:, 0], 0, near.shape[1] - 1)
        row = np.clip(row[:, 0], 0, near.shape[0] - 1)
        return np.asarray(near[row, column] | long[:, 0])

    @cached_property
    def _near_deg(self) -> tuple[float, float, npt.NDArray[np.bool_]]:
        """Corner of a grid of small squares, and which of them have land within two squares."""
        land = to_geographic(shapely.segmentize(self.land_m, 5_000.0))
        west, south, east, north = (shapely.total_bounds(land) + _GRID_DEG * _AROUND).tolist()
        columns, rows = (int(span / _GRID_DEG) + 1 for span in (east - west, north - south))
        at = np.arange(rows * columns)
        x, y = west + (at % columns) * _GRID_DEG, south + (at // columns) * _GRID_DEG
        room = 2.0 * _GRID_DEG
        squares = shapely.box(x - room, y - room, x + _GRID_DEG + room, y + _GRID_DEG + room)
        near = np.zeros(rows * columns, dtype=bool)
        near[shapely.STRtree(squares).query(land, predicate="intersects")[1]] = True
        return west, south, near.reshape(rows, columns)


@lru_cache(maxsize=8)
def shore_of(boundaries: Boundaries, rule: SliverRule) -> Shore:
    """Prepare the land near the outline; later calls with the same objects are free.

    Parameters
    ----------
    boundaries
        The oblasts.
    rule
        What counts as a sliver.

    Returns
    -------
    Shore
        Cells that have land within the reach of the outline.
    """
    topology = topology_of(boundaries)
    country_m = to_metric(shapely.segmentize(topology.country, EDGE_DEG))
    outline_m = to_metric(shapely.segmentize(topology.outline, EDGE_DEG))
    cells, box_m = _cells(outline_m, rule)
    margin = rule.margin_m
    window_m = box_m + np.array([-margin, -margin, margin, margin])
    lines_m = shapely.MultiLineString(outline_m.tolist())
    rough = shapely.simplify(outline_m, _ROUGH_M)  # a detailed coast takes half a minute to widen
    reach = _widen(rough, rule.reach_km * 1000.0 + _ROUGH_M)
    near = _clip_each(_widen(rough, rule.width_km * 1000.0 + _ROUGH_M), window_m)
    land = shapely.normalize(_clip_each(shapely.intersection(country_m, reach), window_m))
    close = _clip_each(lines_m, window_m + np.array([-1.0, -1.0, 1.0, 1.0]) * _ROUGH_M)
    edge = shapely.buffer(close, TOUCH_M, quad_segs=1)
    frame = shapely.buffer(shapely.boundary(shapely.box(*window_m.T)), TOUCH_M, quad_segs=1)
    cut = shapely.difference(shapely.difference(shapely.boundary(land), frame), edge)
    used = np.flatnonzero(shapely.area(shapely.intersection(land, shapely.box(*box_m.T))) > 0.0)
    shore = Shore(
        rule, box_m[used], window_m[used], land[used], near[used], close[used], cut[used],
        _beside(cells[used]),
    )  # fmt: skip
    for geometry in (shore.land_m, shore.near_m, shore.outline_m, shore.cut_m):
        shapely.prepare(geometry)
    return shore


def _cells(outline_m: Geometries, rule: SliverRule) -> tuple[Integers, Floats]:
    """Column and row of the cells within reach of the outline, shape (n, 2), and their boxes."""
    fine = shapely.segmentize(outline_m, _CELL_M / 4.0)
    home = np.unique(np.floor(shapely.get_coordinates(fine) / _CELL_M).astype(np.intp), axis=0)
    far = int(np.ceil((rule.reach_km * 1000.0 + _ROUGH_M) / _CELL_M + 0.25))
    step = np.arange(-far, far + 1)
    around = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2)
    cells = np.unique((home[:, None] + around).reshape(-1, 2), axis=0)
    return cells, np.hstack([cells, cells + 1]) * _CELL_M


def _beside(cells: Integers) -> Integers:
    row = {tuple(cell): number for number, cell in enumerate(cells.tolist())}
    return np.array(
        [[row.get(tuple(other), -1) for other in (cell + _SIDES).tolist()] for cell in cells],
        dtype=np.intp,
    ).reshape(-1, 4)


def _widen(rough_m: Geometries, distance_m: float) -> BaseGeometry:
    return shapely.union_all(shapely.buffer(rough_m, distance_m, quad_segs=4))


def _clip_each(geometry: BaseGeometry, boxes_m: Floats) -> Geometries:
    return clip_each(np.full(len(boxes_m), geometry, dtype=object), boxes_m)


def clip_each(geometries: Geometries, boxes: Floats) -> Geometries:
    """Cut each geometry by a rectangle of its own.

    Parameters
    ----------
    geometries
        Valid polygons or lines, shape (n,).
    boxes
        West, south, east, north of each rectangle, in the units of the geometries, shape (n, 4).

    Returns
    -------
    numpy.ndarray
        Valid geometries, shape (n,).
    """
    parts = np.full(len(boxes), None, dtype=object)
    for at, bounds in enumerate(boxes.tolist()):
        with suppress(shapely.errors.GEOSException):  # a ring that only grazes the rectangle
            parts[at] = shapely.clip_by_rect(geometries[at], *bounds)
    torn = np.flatnonzero(~shapely.is_valid(parts))  # None is not valid
    parts[torn] = shapely.intersection(geometries[torn], shapely.box(*boxes[torn].T))
    return parts
