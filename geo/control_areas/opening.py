"""Find narrow strips between an area of control and the border (morphological opening)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.control_areas.border_cells import TOUCH_M, Shore, clip_each
from geo.crs import Floats
from geo.geometry.topology import Integers
from geo.numerics import hypot

__all__ = ["NOTHING", "Cell", "Pieces", "look_at", "rest_of", "segments_of"]

NOTHING: Final = np.array([], dtype=object)

_SEAM_M: Final = 1e-6
_LINE_M: Final = 1e8
"""Distance between the lines of the grid when they are laid out one after the other."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Polygons of a cell, and where they meet the cell's edge.

    Parameters
    ----------
    polygons
        In metres, shape (n,).
    facts
        What is known of each, one row for each polygon.
    seams
        One row for each stretch on the cell's edge: first and last position, all lines of the grid
        laid out one after the other; polygon; side (0 to 3: west, south, east, north).
    """

    polygons: Geometries
    facts: Floats
    seams: Floats

    def __len__(self) -> int:
        return len(self.polygons)


@dataclass(eq=False)
class Cell:
    """Free land in a cell, and the part of it that is a sliver.

    Parameters
    ----------
    free, area
        Free land in the cell; the area in its window. Metres.
    untouched
        Nothing of the area is in the window.
    strips
        What the opening removes. Facts: area, length of the edge without seams, of this along the
        outline and along the area; whether it touches the outline, and the area.
    strips_kept
        Which strips count, as bytes; ``None`` before that is known.
    rest
        What the strips that count leave of the free land, see :func:`rest_of`.
    kept
        Which strips and pieces count, as bytes.
    grown
        These, grown to overlap what they adjoin; degrees.
    """

    free: BaseGeometry
    area: BaseGeometry
    untouched: bool
    strips: Pieces
    strips_kept: bytes | None = None
    rest: Pieces | None = None
    kept: bytes | None = None
    grown: Geometries = field(default_factory=lambda: NOTHING)


def look_at(shore: Shore, rows: Integers, areas: Geometries) -> dict[int, Cell]:
    """Open the free land of cells.

    Parameters
    ----------
    shore
        The cells.
    rows
        Which of them, shape (n,).
    areas
        Area of control in each window, metres, shape (n,).

    Returns
    -------
    dict of int to Cell
        By row. The free land is eroded and dilated with a disk of half the width of a strip; what
        this removes within that width of the outline is a strip.
    """
    if len(rows) == 0:
        return {}
    shapely.prepare(areas)
    free = shapely.normalize(shapely.difference(shore.land_m[rows], areas))
    mine, owner = _clip(free, np.arange(len(rows)), shore.box_m[rows])
    inside = np.full(len(rows), shapely.MultiPolygon(), dtype=object)
    held = np.unique(owner)
    inside[held] = shapely.multipolygons(mine, indices=np.searchsorted(held, owner))
    strips, home = _open(shore, rows, free)
    split = _by_cell(shore, rows, strips, home, _edge_facts(shore, rows, areas, strips, home))
    return {
        row: Cell(inside[at], areas[at], areas[at].is_empty, split[at])
        for at, row in enumerate(rows.tolist())
    }


def _open(shore: Shore, rows: Integers, free: Geometries) -> tuple[Geometries, Integers]:
    """Return what an opening removes from free land near the outline, and whose it is."""
    radius_m = shore.rule.width_km * 500.0
    mine = np.flatnonzero(~shapely.is_empty(free) & ~shapely.is_empty(shore.near_m[rows]))
    free = free[mine]
    core = shapely.buffer(free, -radius_m, quad_segs=4)
    core = shapely.buffer(core, radius_m * 1.02, quad_segs=4)
    parts, owner = shapely.get_parts(shapely.difference(free, core), return_index=True)
    parts, owner = _clip(parts, mine[owner], shore.box_m[rows])
    near = shore.near_m[rows[owner]]
    beyond = ~shapely.contains_properly(near, parts)
    parts[beyond] = shapely.intersection(parts[beyond], near[beyond])
    return _polygons(parts, owner)


def rest_of(shore: Shore, rows: Integers, cells: Sequence[Cell]) -> list[Pieces]:
    """Return what the strips that count leave of the free land.

    Parameters
    ----------
    shore
        The cells.
    rows
        Which of them, shape (n,).
    cells
        What lies in them, judged.

    Returns
    -------
    list of Pieces
        One for each cell. Facts: area in square metres; and, not known yet (``nan``), whether the
        piece touches the outline, is near the area, touches the cut.
    """
    free = np.array([cell.free for cell in cells], dtype=object)
    kept = [np.frombuffer(cell.strips_kept or b"", dtype=np.bool_) for cell in cells]
    for at in np.flatnonzero([mask.any() for mask in kept]).tolist():
        strips = shapely.union_all(cells[at].strips.polygons[kept[at]])
        free[at] = shapely.difference(free[at], strips)
    parts, owner = _polygons(free, np.arange(len(cells)))
    facts = np.full((len(parts), 4), np.nan)
    facts[:, 0] = shapely.area(parts)
    return _by_cell(shore, rows, parts, owner, facts)


def _clip(polygons: Geometries, owner: Integers, boxes: Floats) -> tuple[Geometries, Integers]:
    """Cut polygons by the box of their owner."""
    box = boxes[owner]
    bounds = shapely.bounds(polygons)
    apart = (bounds[:, :2] >= box[:, 2:]).any(axis=1) | (bounds[:, 2:] <= box[:, :2]).any(axis=1)
    polygons, owner, box, bounds = polygons[~apart], owner[~apart], box[~apart], bounds[~apart]
    out = (bounds[:, :2] < box[:, :2]).any(axis=1) | (bounds[:, 2:] > box[:, 2:]).any(axis=1)
    polygons[out] = clip_each(polygons[out], box[out])
    return _polygons(polygons, owner)


def _polygons(geometries: Geometries, owner: Integers) -> tuple[Geometries, Integers]:
    """Take geometries apart and leave out what has no area."""
    parts, index = shapely.get_parts(geometries, return_index=True)
    solid = shapely.area(parts) > 0.0
    return np.asarray(parts[solid], dtype=object), owner[index[solid]]


def _edge_facts(
    shore: Shore, rows: Integers, areas: Geometries, strips: Geometries, home: Integers
) -> Floats:
    """Measure along what each strip runs, shape (n, 6)."""
    outline = shore.outline_m[rows]
    edges = shapely.boundary(areas)
    shapely.prepare(edges)
    ends, owner = segments_of(strips)
    seam = _on_edge(ends, shore.box_m[rows[home[owner]]]).any(axis=1)
    ends, owner = ends[~seam], owner[~seam]
    middle = shapely.points((ends[:, :2] + ends[:, 2:]) / 2.0)
    length = hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    count = len(strips)

    def along(lines: Geometries) -> Floats:
        close = shapely.dwithin(lines[home[owner]], middle, TOUCH_M)
        return np.bincount(owner, np.where(close, length, 0.0), count).astype(np.float64)

    return np.column_stack(
        [
            shapely.area(strips),
            np.bincount(owner, length, count),
            along(outline),
            along(edges),
            shapely.dwithin(outline[home], strips, TOUCH_M),
            shapely.dwithin(areas[home], strips, TOUCH_M),
        ]
    ).astype(np.float64)


def segments_of(polygons: Geometries) -> tuple[Floats, Integers]:
    """List the boundary segments of polygons.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons, shape (n,).

    Returns
    -------
    segments : numpy.ndarray
        Shape (m, 4): x and y of the start, x and y of the end.
    owner : numpy.ndarray
        The polygon of each segment, shape (m,).
    """
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = xy + 0.0  # one zero, not two
    inner = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.empty((len(inner), 4))
    ends[:, :2] = xy.take(inner, axis=0)
    ends[:, 2:] = xy.take(inner + 1, axis=0)
    return ends, part_owner[ring_owner[ring.take(inner)]]


def _on_edge(ends: Floats, box: Floats) -> npt.NDArray[np.bool_]:
    """Tell whether segments lie on each side of a box, shape (m, 4)."""
    first = np.abs(ends[:, [0, 1, 0, 1]] - box) < _SEAM_M
    last = np.abs(ends[:, [2, 3, 2, 3]] - box) < _SEAM_M
    return np.asarray(first & last)


def _by_cell(
    shore: Shore, rows: Integers, polygons: Geometries, home: Integers, facts: Floats
) -> list[Pieces]:
    """Sort polygons into their cells and find where they meet the edge."""
    order = np.argsort(home, kind="stable")
    polygons, home, facts = polygons[order], home[order], facts[order]
    ends, owner = segments_of(polygons)
    box = shore.box_m[rows[home[owner]]]
    segment, side = np.nonzero(_on_edge(ends, box))
    along = 1 - side % 2  # west and east sides run along y
    first = ends[segment, along]
    last = ends[segment, along + 2]
    line = 2.0 * np.rint(box[segment, side] / shore.cell_m) + side % 2
    seams = np.column_stack(
        [
            line * _LINE_M + np.minimum(first, last),
            line * _LINE_M + np.maximum(first, last),
            owner[segment],
            side,
        ]
    )
    piece_ends = np.searchsorted(home, np.arange(len(rows) + 1))
    seam_ends = np.searchsorted(home[owner[segment]], np.arange(len(rows) + 1))
    found = []
    for at in range(len(rows)):
        start, stop = piece_ends[at : at + 2]
        mine = seams[seam_ends[at] : seam_ends[at + 1]].copy()
        mine[:, 2] -= start
        found.append(Pieces(polygons[start:stop], facts[start:stop], mine))
    return found
