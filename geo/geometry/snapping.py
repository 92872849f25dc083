"""Snap lines to borders and to themselves: the precision model of the split.

Whatever lies within :data:`SNAP_DEG` is the same place. Borders never move. Afterwards each
vertex of the line is a vertex of a border, or lies on an edge of a border, or is further than the
distance from every border; the same holds between the parts of the line. So what runs along a
border has the border's own edges, bit for bit, and what crosses does so at an angle that
floating-point numbers can tell.

Positions are kept as complex numbers, longitude + i latitude. Only sums, products, quotients and
square roots are used: every processor rounds those alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.crs import Floats
from geo.geometry.topology import Edges, Integers, Topology

__all__ = ["ON_DEG", "SNAP_DEG", "SNAP_KM", "edges_at", "feet_on", "node_lines", "runs_along"]
__all__ += ["snap_line", "snap_rings"]

SNAP_DEG: Final = 1e-5
"""What is no further apart (about a metre; the fifth decimal) is the same place."""

SNAP_KM: Final = SNAP_DEG * 111.7
"""The same in km, at most: a degree of latitude is nowhere longer."""

ON_DEG: Final = 1e-12
"""A vertex this near to an edge lies on it; its distance is the rounding of the last digits."""

_ROUNDS: Final = 16
_BOX: Final = np.array([-2.0, -2.0, 2.0, 2.0]) * SNAP_DEG

Bools = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class _Paths:
    """Vertices of paths one after the other, and the path of each; both have shape (n,)."""

    at: Positions
    path: Integers

    @property
    def first(self) -> Integers:
        """Vertex at which each segment begins; it ends at the next one."""
        return np.flatnonzero(self.path[1:] == self.path[:-1])


class _Detours(NamedTuple):
    """Positions that segments are to be led through; ``along`` tells how far on the segment."""

    segment: Integers
    along: Floats
    through: Positions


def node_lines(geometry: shapely.Geometry) -> Geometries:
    """Cut lines wherever they meet and merge what continues.

    Parameters
    ----------
    geometry
        Any linear geometry, degrees.

    Returns
    -------
    numpy.ndarray
        Chains: linestrings that meet only at their ends, shape (n,).
    """
    if shapely.is_empty(geometry):
        return np.array([], dtype=object)
    return np.asarray(shapely.get_parts(shapely.line_merge(shapely.unary_union(geometry))))


def snap_line(geometry: shapely.Geometry, topology: Topology) -> Geometries:
    """Snap a line onto the borders and onto itself, and node it.

    Parameters
    ----------
    geometry
        The line, degrees.
    topology
        The country.

    Returns
    -------
    numpy.ndarray
        Chains that meet only at their ends, shape (n,). Where the line runs within
        :data:`SNAP_DEG` of a border, its segments are those of the border (or lie between vertices
        that :func:`geo.lines.faces.cut_country` gives to the border).

    Notes
    -----
    Iterated snap rounding, with the vertices as hot spots instead of the cells of a grid: a vertex
    moves to the nearest vertex of a border, or else onto the nearest edge, or else to another
    vertex of the line; a segment is led through each vertex that it passes. This is repeated until
    nothing changes, because a segment that was led elsewhere may pass another vertex. It ends: a
    vertex is passed only inside the circle over the segment, so segments get shorter each time.

    References
    ----------
    Halperin, D. and Packer, E. (2002). Iterated snap rounding. Computational Geometry 23, 209-225.
    """
    chains = node_lines(shapely.force_2d(geometry))
    for _ in range(_ROUNDS):
        if len(chains) == 0:
            break
        paths = _paths_of(chains)
        snapped = _snap_once(paths, topology.edges)
        if snapped is paths:
            break
        chains = node_lines(shapely.MultiLineString(list(_lines_of(snapped))))
    return chains


def runs_along(segments: Floats, edges: Edges) -> Bools:
    """Tell which segments run along a border without being an edge of it, shape (n,).

    Parameters
    ----------
    segments
        Longitude and latitude of both ends, degrees, shape (n, 4).
    edges
        The edges of the borders.

    Returns
    -------
    numpy.ndarray
        Shape (n,).
    """
    ends = np.ascontiguousarray(segments + 0.0).view(np.complex128)
    start, end = np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1])
    segment, edge = edges.tree.query(_boxes(start, end))
    a, b = edges.start[edge], edges.end[edge]
    near = np.zeros((2, len(segments)), dtype=bool)
    exact = np.zeros(len(segments), dtype=bool)
    for row, position in enumerate((start[segment], end[segment])):
        near[row, segment[_length(position - feet_on(position, a, b)[0]) <= SNAP_DEG]] = True
    same = (start[segment] == a) & (end[segment] == b)
    exact[segment[same | ((start[segment] == b) & (end[segment] == a))]] = True
    return np.asarray(near.all(axis=0) & ~exact)


def snap_rings(rings: Geometries, topology: Topology) -> tuple[Floats, Integers]:
    """Snap rings onto the borders and onto each other, without noding them.

    Parameters
    ----------
    rings
        Closed lines, shape (n,), degrees.
    topology
        The country.

    Returns
    -------
    lonlat : numpy.ndarray
        Positions, ring by ring, shape (m, 2).
    ring : numpy.ndarray
        The ring of each, shape (m,). A ring may have become too short to enclose anything.
    """
    paths = _paths_of(rings)
    for _ in range(_ROUNDS):
        snapped = _snap_once(paths, topology.edges)
        if snapped is paths:
            break
        paths = snapped
    return paths.at.view(np.float64).reshape(-1, 2), paths.path


def _paths_of(lines: Geometries) -> _Paths:
    lonlat, path = shapely.get_coordinates(lines, return_index=True)
    return _Paths(lonlat[:, 0] + 0.0 + 1j * (lonlat[:, 1] + 0.0), path)  # one zero, not two


def _lines_of(paths: _Paths) -> Geometries:
    """Return the paths that have at least one segment."""
    keep = np.bincount(paths.path)[paths.path] > 1
    if not keep.any():
        return np.array([], dtype=object)
    _, path = np.unique(paths.path[keep], return_inverse=True)
    lonlat = paths.at[keep].view(np.float64).reshape(-1, 2)
    return np.asarray(shapely.linestrings(lonlat, indices=path), dtype=object)


def _snap_once(paths: _Paths, edges: Edges) -> _Paths:
    """Move the vertices, then lead the segments; return the same object if nothing changes."""
    first = paths.first
    segment, edge = edges.tree.query(_boxes(paths.at[first], paths.at[first + 1]))
    at, rank = _to_borders(paths.at, first[segment], edge, edges)
    at, near_segment, near = _to_each_other(at, rank, first)
    start, end = at[first], at[first + 1]
    found = [
        _past_corners(start, end, segment, edge, edges),
        _past_vertices(start, end, near_segment, near, _lie_on(start, end, segment, edge, edges)),
    ]
    return _lead(paths, at, first, found)


# --- which vertices move -------------------------------------------------------------------------

_VERTEX, _EDGE, _FREE = 0, 1, 2
"""What a vertex lies on: a border's vertex, a border's edge, neither."""


def _boxes(start: Positions, end: Positions) -> Geometries:
    """Return the box of each segment, a little larger."""
    ends = np.stack([start, end]).view(np.float64).reshape(2, -1, 2)
    bounds = np.hstack([ends.min(axis=0), ends.max(axis=0)]) + _BOX
    return np.asarray(shapely.box(*bounds.T), dtype=object)


def _to_borders(
    at: Positions, begin: Integers, edge: Integers, edges: Edges
) -> tuple[Positions, Integers]:
    """Move vertices on to the borders; return where they are then, and what they lie on."""
    vertex, edge = np.concatenate([begin, begin + 1]), np.concatenate([edge, edge])
    here, a, b = at[vertex], edges.start[edge], edges.end[edge]
    moved, rank = at.copy(), np.full(len(at), _FREE)
    foot, _ = feet_on(here, a, b)
    apart = _length(here - foot)
    best = _nearest(vertex, apart, foot)
    moved[vertex[best]] = np.where(apart[best] > ON_DEG, foot[best], here[best])
    rank[vertex[best]] = _EDGE
    corner, vertex = np.concatenate([a, b]), np.concatenate([vertex, vertex])
    apart = _length(at[vertex] - corner)
    best = _nearest(vertex, apart, corner)
    moved[vertex[best]] = corner[best]
    rank[vertex[best]] = _VERTEX
    return moved, rank


def _nearest(vertex: Integers, apart: Floats, target: Positions) -> Integers:
    """Return for each vertex the row of its nearest target within reach."""
    row = np.flatnonzero(apart <= SNAP_DEG)
    row = row[np.lexsort([target[row].imag, target[row].real, apart[row], vertex[row]])]
    first = np.concatenate([[True], vertex[row][1:] != vertex[row][:-1]])[: len(row)]
    return np.asarray(row[first])


def _to_each_other(
    at: Positions, rank: Integers, first: Integers
) -> tuple[Positions, Integers, Positions]:
    """Move vertices of the line to others of it; return also what each segment may pass."""
    place, vertex = np.unique(at, return_inverse=True)
    level = np.full(len(place), _FREE)
    np.minimum.at(level, vertex, rank)
    tree = shapely.STRtree(np.asarray(shapely.points(place.real, place.imag), dtype=object))
    segment, near = tree.query(_boxes(at[first], at[first + 1]))
    ends = np.concatenate([vertex[first][segment], vertex[first + 1][segment]])
    pairs = np.column_stack([ends, np.concatenate([near, near])])
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[_length(place[pairs[:, 0]] - place[pairs[:, 1]]) <= SNAP_DEG]
    merged = place.copy()
    merged[:] = place[_representatives(np.unique(pairs, axis=0), level)]
    return merged[vertex], segment, merged[near]


def _representatives(pairs: Integers, level: Integers) -> Integers:
    """Let each place stand for those near to it: vertices of a border first, then by position."""
    stands = np.arange(len(level))
    partners: dict[int, list[int]] = {}
    for one, other in pairs.tolist():
        partners.setdefault(one, []).append(other)
        partners.setdefault(other, []).append(one)
    taken: set[int] = set()
    for place in sorted(partners, key=lambda place: (int(level[place]), place)):
        if place in taken:
            continue
        for other in partners[place]:
            if other not in taken and level[other] != _VERTEX and stands[other] == other:
                stands[other] = place
                taken.add(other)
        taken.add(place)
    return stands


# --- which segments are led elsewhere ------------------------------------------------------------


def _past_corners(
    start: Positions, end: Positions, segment: Integers, edge: Integers, edges: Edges
) -> _Detours:
    """Find the vertices of borders that segments pass; what lies on an edge stays there."""
    free = ~_lie_on(start, end, segment, edge, edges)[segment]
    segment, edge = np.tile(segment[free], 2), edge[free]
    corner = np.concatenate([edges.start[edge], edges.end[edge]])
    return _passed(start, end, segment, corner, SNAP_DEG)


def _past_vertices(
    start: Positions, end: Positions, segment: Integers, near: Positions, fixed: Bools
) -> _Detours:
    """Find the vertices of the line that segments pass, on an edge of a border exactly."""
    reach = np.where(fixed[segment], ON_DEG, SNAP_DEG)
    return _passed(start, end, segment, near, reach)


def _lie_on(
    start: Positions, end: Positions, segment: Integers, edge: Integers, edges: Edges
) -> Bools:
    """Tell which segments lie on an edge of a border, shape (segments,)."""
    a, b = edges.start[edge], edges.end[edge]
    both = np.ones(len(segment), dtype=bool)
    for ends in (start, end):
        foot, _ = feet_on(ends[segment], a, b)
        both &= _length(ends[segment] - foot) <= ON_DEG
    result = np.zeros(len(start), dtype=bool)
    result[segment[both]] = True
    return result


def _passed(
    start: Positions, end: Positions, segment: Integers, place: Positions, reach: Floats | float
) -> _Detours:
    """Keep the places that lie within reach of a segment, and not at its ends."""
    a, b = start[segment], end[segment]
    foot, along = feet_on(place, a, b)
    inner = _length(place - foot) <= reach
    inner &= _dot(place - a, place - b) < 0.0  # nearer to both ends than they are to each other
    return _Detours(segment[inner], along[inner], place[inner])


def _lead(paths: _Paths, at: Positions, first: Integers, found: Iterable[_Detours]) -> _Paths:
    """Put the positions into the paths and leave out segments without length."""
    segment, along, through = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort([through.imag, through.real, along, segment])
    vertex = first[segment[order]] + 1
    if len(vertex) == 0 and np.array_equal(at, paths.at):
        return paths
    at = np.insert(at, vertex, through[order])
    path = np.insert(paths.path, vertex, paths.path[vertex - 1])
    keep = np.concatenate([[True], (at[1:] != at[:-1]) | (path[1:] != path[:-1])])
    return _Paths(at[keep], path[keep])


def feet_on(at: Positions, a: Positions, b: Positions) -> tuple[Positions, Floats]:
    """Find the positions of segments that are nearest to given ones.

    Parameters
    ----------
    at
        Given positions, shape (n,).
    a, b
        Where each segment begins and ends, shape (n,).

    Returns
    -------
    foot
        The nearest position of each segment, shape (n,).
    along : numpy.ndarray
        How far along the segment it lies, 0 to 1, shape (n,).
    """
    step, away = b - a, at - a
    square = _dot(step, step)
    along = np.clip(_dot(step, away) / np.where(square > 0.0, square, 1.0), 0.0, 1.0)
    foot = (a.real + along * step.real) + 1j * (a.imag + along * step.imag)
    return np.where(along == 1.0, b, foot), along


def _length(step: Positions) -> Floats:
    return np.asarray(np.sqrt(_dot(step, step)))


def _dot(one: Positions, other: Positions) -> Floats:
    return np.asarray(one.real * other.real + one.imag * other.imag)


# --- what lies on borders ------------------------------------------------------------------------


def edges_at(lonlat: Floats, edges: Edges) -> tuple[Integers, Integers]:
    """Find the edges of borders that positions lie on.

    Parameters
    ----------
    lonlat
        Positions, shape (n, 2), degrees.
    edges
        The edges.

    Returns
    -------
    position, edge : numpy.ndarray
        Pairs of a position and an edge, shape (m,).
    """
    at = np.ascontiguousarray(lonlat).view(np.complex128).ravel()
    position, edge = edges.tree.query(_boxes(at, at))
    foot, _ = feet_on(at[position], edges.start[edge], edges.end[edge])
    on = _length(at[position] - foot) <= ON_DEG
    return position[on], edge[on]
