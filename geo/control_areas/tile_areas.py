"""Measure areas of oblasts inside a polygon by tiles, and only where it changed.

A tile is a rectangle of longitude and latitude. What lies inside a polygon in a tile follows from
the boundary segments that touch the tile and from one point: when neither has changed, nor has
the area.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.control_areas.border_cells import Shore, clip_each
from geo.control_areas.opening import segments_of
from geo.control_areas.slivers import Slivers
from geo.crs import Floats
from geo.errors import ConservationError
from geo.geometry.topology import Integers, spread
from geo.measure import area_km2
from geo.model.boundaries import Boundaries

__all__ = ["TileGrid", "TileState", "grid_of"]

_TILE_DEG: Final = 0.5
_CLIP_DEG: Final = 0.01
_TOLERANCE: Final = 1e-9
_ODD: Final = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)

Hashes = npt.NDArray[np.uint64]


def _hash(segments: Floats) -> Hashes:
    """Hash each segment to 64 bits, shape (m,)."""
    bits = np.ascontiguousarray(segments).view(np.uint64)
    mixed = _mix(_mix(bits[:, 0] * _ODD[0] + bits[:, 1]) + bits[:, 2] * _ODD[1])
    return _mix(mixed + bits[:, 3] * _ODD[2])


def _mix(value: Hashes) -> Hashes:
    """Spread every bit over all (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(value ^ (value >> np.uint64(31)))


@dataclass(frozen=True, eq=False)
class TileGrid:
    """Oblasts cut by a grid of tiles.

    Parameters
    ----------
    west, south
        Corner of the grid, degrees; not on a round number, so that data rarely lie on its lines.
    columns, rows
        Size of the grid.
    pieces
        Parts of oblasts, each inside one tile, sorted by tile, shape (p,).
    tile, oblast
        Tile and oblast of each piece, shape (p,).
    area_km2
        Area of each piece, shape (p,).
    count
        How many oblasts there are.
    """

    west: float
    south: float
    columns: int
    rows: int
    pieces: Geometries
    tile: Integers
    oblast: Integers
    area_km2: Floats
    count: int

    @staticmethod
    def over(boundaries: Boundaries, *, tile_deg: float = _TILE_DEG) -> "TileGrid":
        """Cut the oblasts by a grid.

        Parameters
        ----------
        boundaries
            The oblasts.
        tile_deg
            Side of a tile in degrees.

        Returns
        -------
        TileGrid
            Pieces add up to the oblasts within 1e-9.

        Raises
        ------
        ConservationError
            They do not.
        """
        west, south, east, north = shapely.total_bounds(boundaries.geometry).tolist()
        west, south = west - tile_deg * 0.61803, south - tile_deg * 0.41421
        columns = int((east - west) // tile_deg) + 1
        rows = int((north - south) // tile_deg) + 1
        number = np.arange(columns * rows)
        x, y = west + (number % columns) * tile_deg, south + (number // columns) * tile_deg
        boxes = shapely.box(x, y, x + tile_deg, y + tile_deg)
        oblast, tile = shapely.STRtree(boxes).query(boundaries.geometry, predicate="intersects")
        pieces = shapely.intersection(boundaries.geometry[oblast], boxes[tile])
        areas = area_km2(pieces)
        order = np.lexsort([oblast, tile])
        order = order[areas[order] > 0.0]
        grid = TileGrid(
            west, south, columns, rows, pieces[order], tile[order], oblast[order], areas[order],
            len(boundaries),
        )  # fmt: skip
        grid._check(boundaries)
        return grid

    def _check(self, boundaries: Boundaries) -> None:
        total = np.bincount(self.oblast, self.area_km2, self.count)
        worst = np.abs(total / boundaries.area_km2 - 1.0).max()
        if worst > _TOLERANCE:
            raise ConservationError(
                f"tiles do not add up to the oblasts: relative difference {worst:.1e}, allowed "
                f"{_TOLERANCE:.0e}."
            )

    @property
    def tile_deg(self) -> float:
        """Side of a tile in degrees."""
        return _TILE_DEG

    def bounds(self, tile: int) -> tuple[float, float, float, float]:
        """Return west, south, east, north of a tile."""
        x = self.west + (tile % self.columns) * self.tile_deg
        y = self.south + (tile // self.columns) * self.tile_deg
        return x, y, x + self.tile_deg, y + self.tile_deg

    def keys(self, added: Floats, removed: Floats) -> Hashes:
        """Describe in a few numbers what a change of boundary adds to each tile.

        Parameters
        ----------
        added, removed
            Segments of the boundary of a polygon, shapes (a, 4) and (r, 4).

        Returns
        -------
        numpy.ndarray
            Shape (tiles, 4), modulo 2^64: how many segments touch the tile, two sums of their
            hashes, in any order, and whether an odd number of them lies west of the tile's
            middle. Added up over all changes they tell what of a polygon lies in a tile.
        """
        segments = np.concatenate([added, removed])
        first = _hash(segments)
        bits = segments.view(np.uint64)
        facts = np.empty((len(segments), 3), dtype=np.uint64)
        facts[:, 0] = 1
        facts[:, 1] = first
        facts[:, 2] = _mix(first * _ODD[3] + bits[:, 0] + bits[:, 3])
        facts[len(added) :] *= np.uint64(2**64 - 1)  # less one of each
        segment, tile = self._touched(segments)
        keys = np.zeros((self.columns * self.rows, 4), dtype=np.uint64)
        np.add.at(keys[:, :3], tile, facts[segment])
        keys[:, 3] = self._middles_inside(segments)
        return keys

    def _touched(self, segments: Floats) -> tuple[Integers, Integers]:
        """Pairs of a segment and a tile that its box touches."""
        first_column, last_column = self._span(segments[:, 0::2], self.west, self.columns)
        first_row, last_row = self._span(segments[:, 1::2], self.south, self.rows)
        wide = last_column - first_column + 1
        segment, step = spread(np.zeros_like(wide), wide * (last_row - first_row + 1))
        across = first_column[segment] + step % wide[segment]
        up = first_row[segment] + step // wide[segment]
        inside = (across >= 0) & (across < self.columns) & (up >= 0) & (up < self.rows)
        return segment[inside], (up * self.columns + across)[inside]

    def _span(self, ends: Floats, start: float, size: int) -> tuple[Integers, Integers]:
        """First and last cell of each pair of positions, at most one cell outside the grid."""
        cell = np.clip(np.floor((ends - start) / self.tile_deg), -1, size).astype(np.intp)
        return np.minimum(cell[:, 0], cell[:, 1]), np.maximum(cell[:, 0], cell[:, 1])

    def _middles_inside(self, segments: Floats) -> npt.NDArray[np.bool_]:
        """Tell of each tile's middle whether it is inside, by crossings of its row."""
        x0, y0, x1, y1 = segments.T
        level = np.floor((segments[:, 1::2] - self.south) / self.tile_deg + 0.5).astype(np.intp)
        cut = np.flatnonzero(level[:, 0] != level[:, 1])
        low, high = level[cut].min(axis=1), level[cut].max(axis=1)
        chosen, line = spread(low, high - low)
        cut = cut[chosen]
        y = self.south + (line + 0.5) * self.tile_deg
        at = x0[cut] + (y - y0[cut]) / (y1[cut] - y0[cut]) * (x1[cut] - x0[cut])
        first = np.ceil((at - self.west) / self.tile_deg - 0.5).astype(np.intp)
        first = np.clip(first, 0, self.columns)
        mine = (line >= 0) & (line < self.rows)
        flips = np.zeros((self.rows, self.columns + 1), dtype=np.intp)
        np.add.at(flips, (line[mine], first[mine]), 1)
        return np.asarray((np.cumsum(flips, axis=1)[:, :-1] % 2 == 1).ravel())


@lru_cache(maxsize=8)
def grid_of(boundaries: Boundaries) -> TileGrid:
    """Cut the oblasts by a grid once; later calls with the same object are free.

    Parameters
    ----------
    boundaries
        The oblasts.

    Returns
    -------
    TileGrid
        Shared by all areas that are measured in these boundaries.
    """
    return TileGrid.over(boundaries)


class TileState:
    """Areas of each oblast inside a polygon, updated as the polygon changes.

    Parameters
    ----------
    grid
        The oblasts.
    slivers
        What else counts with the polygon; by default nothing.
    """

    def __init__(self, grid: TileGrid, slivers: Slivers | None = None) -> None:
        self._grid = grid
        self._slivers = slivers
        self._grown: dict[int, BaseGeometry] = {}
        self._inside_of: tuple[Integers, Integers] | None = None
        self._keys: Hashes = np.zeros((grid.columns * grid.rows, 4), dtype=np.uint64)
        self._held_km2 = np.zeros(len(grid.pieces))
        self._segments: Floats = np.zeros((0, 4))

    @property
    def held_km2(self) -> Floats:
        """Area inside the polygon of each oblast, shape (n,)."""
        grid = self._grid
        return np.bincount(grid.oblast, self._held_km2, grid.count).astype(np.float64)

    def move_to(self, polygon: shapely.MultiPolygon) -> Floats:
        """Take over another polygon.

        Parameters
        ----------
        polygon
            Valid polygons, longitude and latitude in degrees.

        Returns
        -------
        numpy.ndarray
            The boundary segments that were added or removed, shape (c, 4).
        """
        segments, _ = segments_of(np.array([polygon], dtype=object))
        added, removed = _differences(segments, self._segments)
        self._segments = segments
        changed = np.concatenate([added, removed])
        keys = self._keys + self._grid.keys(added, removed)
        keys[:, 3] &= 1  # whether an odd number of segments lies beside the middle
        differs = (keys != self._keys).any(axis=1)
        differs[self._grow(polygon, segments, changed)] = True
        tile = self._grid.tile
        stale = differs[tile]
        grown = np.zeros(len(keys), dtype=bool)
        grown[list(self._grown)] = True
        crossed = stale & ((keys[tile, 0] > 0) | (grown[tile] & (keys[tile, 3] == 0)))
        measured = self._measure(polygon, np.flatnonzero(crossed))
        whole = self._grid.area_km2 * keys[tile, 3]
        self._held_km2 = np.where(stale, whole, self._held_km2)
        self._held_km2[crossed] = measured
        self._keys = keys
        return changed

    def _grow(self, polygon: shapely.MultiPolygon, segments: Floats, changed: Floats) -> Integers:
        """Bring the slivers up to date and return the tiles where they have changed."""
        if self._slivers is None:
            return np.array([], dtype=np.intp)
        cells = self._slivers.move_to(polygon, segments, changed if self._keys.any() else None)
        cell, tile = self._meetings(self._slivers.shore)
        stale = np.unique(tile[np.isin(cell, cells)])
        for one in stale.tolist():
            self._grown.pop(one, None)
            grown = self._slivers.grown(cell[tile == one].tolist())
            bounds = shapely.bounds(grown)
            west, south, east, north = self._grid.bounds(one)
            near = (bounds[:, 0] < east) & (bounds[:, 2] > west)
            near &= (bounds[:, 1] < north) & (bounds[:, 3] > south)
            if near.any():
                self._grown[one] = shapely.union_all(grown[near])
        return stale

    def _meetings(self, shore: Shore) -> tuple[Integers, Integers]:
        """Pairs of a cell of the shore and a tile that slivers of the cell may reach."""
        if self._inside_of is None:
            grid = self._grid
            tiles = np.arange(grid.columns * grid.rows)
            boxes = shapely.box(*np.array([grid.bounds(tile) for tile in tiles.tolist()]).T)
            found = shapely.STRtree(boxes).query(shapely.box(*shore.window_deg.T))
            self._inside_of = (found[0], found[1])
        return self._inside_of

    def _measure(self, polygon: shapely.MultiPolygon, pieces: Integers) -> Floats:
        """Measure what is inside the polygon, or a sliver, of some pieces."""
        grid = self._grid
        tiles, row = np.unique(grid.tile[pieces], return_inverse=True)
        bounds = np.array([grid.bounds(tile) for tile in tiles.tolist()]).reshape(-1, 4)
        room = np.array([-1.0, -1.0, 1.0, 1.0]) * _CLIP_DEG
        parts = clip_each(np.full(len(tiles), polygon, dtype=object), bounds + room)
        for at, tile in enumerate(tiles.tolist()):
            if tile in self._grown:
                parts[at] = shapely.union(parts[at], self._grown[tile])
        return area_km2(shapely.intersection(grid.pieces[pieces], parts[row]))


def _differences(now: Floats, before: Floats) -> tuple[Floats, Floats]:
    """Return the segments of one boundary that another has not, and the other way round.

    Most of them stay where they were in the list, and need not be hashed and sorted.
    """
    if len(now) != len(before):
        first = _leading(now, before)
        last = _leading(now[first:][::-1], before[first:][::-1])
        now, before = now[first : len(now) - last], before[first : len(before) - last]
    if len(now) == len(before):
        moved = _differ(now, before)
        now, before = now[moved], before[moved]
    mine, others = _hash(now), _hash(before)
    return now[~_is_in(mine, np.sort(others))], before[~_is_in(others, np.sort(mine))]


def _leading(one: Floats, other: Floats) -> int:
    """Count the rows that two lists begin with alike."""
    most = min(len(one), len(other))
    differs = _differ(one[:most], other[:most])
    return int(differs.argmax()) if differs.any() else most


def _differ(one: Floats, other: Floats) -> npt.NDArray[np.bool_]:
    """Tell of each row of four whether it differs; faster than ``any(axis=1)`` tells it."""
    return np.asarray(np.ascontiguousarray(one != other).view(np.uint32).ravel() != 0)


def _is_in(values: Hashes, ranked: Hashes) -> npt.NDArray[np.bool_]:
    """Tell which values are among others, which are sorted."""
    if len(ranked) == 0:
        return np.zeros(len(values), dtype=bool)
    found = np.minimum(np.searchsorted(ranked, values), len(ranked) - 1)
    return np.asarray(ranked[found] == values)
