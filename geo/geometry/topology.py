"""Topology of polygons: shared segments, arcs, bridges over water.

Sides are spread from face to face over shared segments, so everything here is exact: two faces
are neighbours when they own the same two positions, bit for bit.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.crs import Floats, to_geographic, to_metric
from geo.model.boundaries import Boundaries

__all__ = ["Bridge", "Edges", "Segments", "Topology", "components", "crosses", "directed_segments"]
__all__ += ["spread", "topology_of"]

Integers = npt.NDArray[np.intp]

_INLAND_M: Final = 10.0
"""A way over water begins and ends at most this far from the shore."""


@dataclass(frozen=True, eq=False)
class Segments:
    """Directed boundary segments of polygons, the polygon on the left.

    ``start`` and ``end`` have shape (n, 2), degrees; ``owner`` is the row of the polygon;
    ``twin`` is the row of the same segment seen from the neighbour, or -1 on the outside;
    ``repeated`` tells whether two polygons own the same segment on the same side (they overlap).
    """

    start: Floats
    end: Floats
    owner: Integers
    twin: Integers
    repeated: bool

    @cached_property
    def middle(self) -> npt.NDArray[np.complex128]:
        """Middle of each segment, longitude + i latitude; the same from both sides."""
        middle = (self.start + self.end) / 2
        return np.asarray(middle[:, 0] + 1j * middle[:, 1])

    @cached_property
    def pairs(self) -> Integers:
        """Rows of segments that have a twin, each pair once."""
        rows = np.arange(len(self.owner))
        return rows[self.twin > rows]

    @property
    def outside(self) -> Integers:
        """Rows of segments without a twin."""
        return np.flatnonzero(self.twin < 0)


def directed_segments(polygons: Geometries) -> Segments:
    """List the boundary segments of polygons and match those that neighbours share.

    Parameters
    ----------
    polygons
        Polygons, shape (n,), degrees. Multipolygons are not accepted: pass their parts.

    Returns
    -------
    Segments
        Exterior rings run counter-clockwise, interior rings clockwise.

    Notes
    -----
    Where each segment is cancelled by its twin, the oriented boundaries of the polygons add up to
    the boundary of their union; equal boundaries have equal winding numbers almost everywhere, so
    the polygons neither overlap nor leave gaps. This is how a partition is proved.
    """
    rings, ring_owner = shapely.get_rings(
        shapely.orient_polygons(polygons, exterior_cw=False), return_index=True
    )
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    joined = ring[1:] == ring[:-1]
    positions = (lonlat[:, 0] + 0.0) + 1j * (lonlat[:, 1] + 0.0)
    _, vertex = np.unique(positions, return_inverse=True)
    first, last = vertex[:-1][joined], vertex[1:][joined]
    twin, repeated = _match(first, last, len(positions))
    owner = ring_owner[ring[:-1][joined]]
    return Segments(lonlat[:-1][joined], lonlat[1:][joined], owner, twin, repeated)


def _match(first: Integers, last: Integers, vertices: int) -> tuple[Integers, bool]:
    """Return, for each directed segment, the row of its reverse, or -1; and whether any repeats."""
    forward, backward = first * vertices + last, last * vertices + first
    order = np.argsort(forward)
    ranked = forward[order]
    found = order[np.minimum(np.searchsorted(ranked, backward), len(order) - 1)]
    repeated = bool((ranked[1:] == ranked[:-1]).any())
    return np.where(forward[found] == backward, found, -1), repeated


def components(pairs: Integers, count: int) -> Integers:
    """Label the connected components of a graph.

    Parameters
    ----------
    pairs
        Edges, shape (m, 2).
    count
        Number of nodes.

    Returns
    -------
    numpy.ndarray
        Label of each node, shape (count,): the smallest node of its component.
    """
    label = np.arange(count)
    while True:
        previous = label.copy()
        np.minimum.at(label, pairs[:, 0], previous[pairs[:, 1]])
        np.minimum.at(label, pairs[:, 1], previous[pairs[:, 0]])
        label = label[label]
        if np.array_equal(label, previous):
            return label


def spread(first: Integers, count: Integers) -> tuple[Integers, Integers]:
    """List the numbers of several stretches.

    Parameters
    ----------
    first
        First number of each stretch, shape (n,).
    count
        How many numbers it has, shape (n,).

    Returns
    -------
    stretch : numpy.ndarray
        The stretch of each number, shape (m,).
    number : numpy.ndarray
        The numbers, stretch by stretch, shape (m,).

    Examples
    --------
    >>> spread(np.array([5, 1]), np.array([2, 3]))
    (array([0, 0, 1, 1, 1]), array([5, 6, 1, 2, 3]))
    """
    before = np.cumsum(count) - count
    stretch = np.repeat(np.arange(len(count)), count)
    return stretch, (first - before)[stretch] + np.arange(len(stretch))


@dataclass(frozen=True, eq=False)
class Bridge:
    """The shortest way over water from a separate part to the rest of the country.

    ``shores`` runs in degrees from the boundary of ``part`` to that of ``other``. ``path`` runs
    straight from a position inside ``part`` to one inside ``other``, each some metres from the
    shore: so a line along the shore is crossed too.
    """

    part: int
    other: int
    shores: shapely.LineString
    path: shapely.LineString


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of all arcs, arc by arc; positions are longitude + i latitude, shape (n,).

    ``arc`` is the row of each edge's arc, ``first`` the first edge of each arc; ``tree`` is an
    index of the edges, degrees.
    """

    start: npt.NDArray[np.complex128]
    end: npt.NDArray[np.complex128]
    arc: Integers
    first: Integers
    tree: shapely.STRtree

    @staticmethod
    def of(arcs: Geometries) -> "Edges":
        """Take arcs apart."""
        lonlat, owner = shapely.get_coordinates(arcs, return_index=True)
        lonlat = lonlat + 0.0  # one zero, not two
        inner = np.flatnonzero(owner[1:] == owner[:-1])
        ends = np.stack([lonlat[inner], lonlat[inner + 1]], axis=1)
        pieces = np.asarray(shapely.linestrings(ends), dtype=object)
        at, arc = lonlat.view(np.complex128).ravel(), owner[inner]
        first = np.searchsorted(arc, np.arange(len(arcs)))
        return Edges(at[inner], at[inner + 1], arc, first, shapely.STRtree(pieces))


@dataclass(frozen=True, eq=False)
class Topology:
    """Parts, arcs, outline and bridges of the country, the same for every line.

    ``parts`` are the polygons of all units, ``part_row`` the unit of each. An arc is a run of
    border between the same two parts; ``arc_parts`` has shape (n, 2) with -1 for the outside.
    """

    parts: Geometries
    part_row: Integers
    segments: Segments
    arcs: Geometries
    arc_parts: Integers
    bridges: tuple[Bridge, ...]

    @cached_property
    def part_tree(self) -> shapely.STRtree:
        """Index of the parts."""
        return shapely.STRtree(self.parts)

    @cached_property
    def outline(self) -> Geometries:
        """Arcs between the country and the outside (outer border and coast), degrees."""
        return np.asarray(self.arcs[(self.arc_parts < 0).any(axis=1)])

    @cached_property
    def outline_tree_m(self) -> shapely.STRtree:
        """Index of the outline in metres."""
        return shapely.STRtree(to_metric(shapely.segmentize(self.outline, 0.05)))

    @cached_property
    def arc_tree(self) -> shapely.STRtree:
        """Index of the arcs, degrees."""
        return shapely.STRtree(self.arcs)

    @cached_property
    def edges(self) -> Edges:
        """The edges of all arcs."""
        return Edges.of(self.arcs)

    @cached_property
    def country(self) -> BaseGeometry:
        """The whole country as one prepared geometry."""
        union: BaseGeometry = shapely.coverage_union_all(self.parts)
        shapely.prepare(union)
        return union


@lru_cache(maxsize=8)
def topology_of(boundaries: Boundaries) -> Topology:
    """Build the topology of a country once; later calls with the same object are free.

    Parameters
    ----------
    boundaries
        The units, a valid coverage.

    Returns
    -------
    Topology
        Shared by all splits of these boundaries.
    """
    parts, part_row = shapely.get_parts(boundaries.geometry, return_index=True)
    segments = directed_segments(parts)
    arcs, arc_parts = _arcs(segments)
    shapely.prepare(parts)
    return Topology(parts, part_row, segments, arcs, arc_parts, _bridges(parts, segments))


def _arcs(segments: Segments) -> tuple[Geometries, Integers]:
    """Merge segments that lie between the same two parts into arcs."""
    once = (segments.twin < 0) | (segments.twin > np.arange(len(segments.owner)))
    rows = np.flatnonzero(once)
    left = segments.owner[rows]
    right = np.where(segments.twin[rows] < 0, -1, segments.owner[segments.twin[rows]])
    sides = np.column_stack([np.minimum(left, right), np.maximum(left, right)])
    groups, group = np.unique(sides, axis=0, return_inverse=True)
    group = group.ravel()
    order = np.argsort(group, kind="stable")
    ends = np.stack([segments.start[rows], segments.end[rows]], axis=1)
    pieces = np.asarray(shapely.linestrings(ends), dtype=object)
    bundles = shapely.multilinestrings(pieces[order], indices=group[order])
    arcs, owner = shapely.get_parts(shapely.line_merge(bundles), return_index=True)
    return arcs, groups[owner]


def _bridges(parts: Geometries, segments: Segments) -> tuple[Bridge, ...]:
    """Join separate groups of parts by shortest paths, the nearest first (Prim's algorithm)."""
    pairs = segments.owner[np.column_stack([segments.pairs, segments.twin[segments.pairs]])]
    label = components(pairs, len(parts))
    groups = np.unique(label)
    if len(groups) == 1:
        return ()
    plane = to_metric(parts)
    joined = label == label[np.argmax(shapely.area(plane))]
    bridges = []
    while not joined.all():
        inside, outside = np.flatnonzero(joined), np.flatnonzero(~joined)
        nearest, distance = shapely.STRtree(plane[inside]).query_nearest(
            plane[outside], return_distance=True, all_matches=False
        )
        best = int(np.argmin(distance))
        part, other = int(outside[nearest[0, best]]), int(inside[nearest[1, best]])
        shores = shapely.shortest_line(plane[part], plane[other])
        ends = [_inland(plane[part], shores, 0), _inland(plane[other], shores, -1)]
        path = to_geographic(shapely.LineString(ends))
        bridges.append(Bridge(part, other, to_geographic(shores), path))
        joined |= label == label[part]
    return tuple(bridges)


def _inland(part: BaseGeometry, shores: BaseGeometry, at: int) -> shapely.Point:
    """Return a position inside a part, close to where a way over water reaches it; metres."""
    shore = shapely.get_point(shores, at)
    near = shapely.get_parts(shapely.intersection(part, shapely.buffer(shore, _INLAND_M)))
    inside: shapely.Point = shapely.point_on_surface(near[np.argmin(shapely.distance(near, shore))])
    return inside


def crosses(chains: Geometries, path: shapely.LineString) -> bool:
    """Tell whether lines cross a straight path an odd number of times.

    Parameters
    ----------
    chains
        Lines, shape (n,).
    path
        Two positions.

    Returns
    -------
    bool
        A vertex on the path counts with the side on its right, so that touching does not count and
        crossing at a vertex counts once.
    """
    (ax, ay), (bx, by) = shapely.get_coordinates(path)[[0, -1]]
    lonlat, index = shapely.get_coordinates(chains, return_index=True)
    if len(lonlat) == 0:
        return False
    start, end = lonlat[:-1], lonlat[1:]
    left = (bx - ax) * (lonlat[:, 1] - ay) - (by - ay) * (lonlat[:, 0] - ax) > 0
    joined = (index[1:] == index[:-1]) & (left[1:] != left[:-1])
    x0, y0 = start[joined].T
    dx, dy = (end - start)[joined].T
    from_a = dx * (ay - y0) - dy * (ax - x0) > 0
    from_b = dx * (by - y0) - dy * (bx - x0) > 0
    return bool((from_a != from_b).sum() % 2)
