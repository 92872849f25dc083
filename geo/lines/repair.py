"""Repair the ends of a contact line: extend short gaps, trim stubs, refuse the rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.crs import Floats, to_geographic, to_metric
from geo.errors import LineDoesNotSplitError
from geo.geometry.snapping import edges_at, snap_line
from geo.geometry.topology import Integers, Topology
from geo.measure import length_km
from geo.model.partition import EndChange, SplitReport
from geo.numerics import hypot

__all__ = ["repair_line"]


@dataclass(frozen=True, eq=False)
class _Ends:
    """Free ends inside the country: position (n, 2), chain row, and whether it ends the chain."""

    lonlat: Floats
    chain: Integers
    is_last: Integers
    at_junction: Integers

    def __len__(self) -> int:
        return len(self.chain)


def _terminals(chains: Geometries) -> tuple[Floats, Integers]:
    """Positions of chain ends, shape (2n, 2), first ends then last ones, and their degree."""
    first = shapely.get_coordinates(shapely.get_point(chains, 0))
    last = shapely.get_coordinates(shapely.get_point(chains, -1))
    ends = np.concatenate([first, last])
    _, vertex, count = np.unique(
        ends[:, 0] + 1j * ends[:, 1], return_inverse=True, return_counts=True
    )
    return ends, count[vertex]


def _hanging(chains: Geometries, topology: Topology) -> _Ends:
    ends, degree = _terminals(chains)
    count = len(chains)
    rows = np.flatnonzero(degree == 1)
    inside = shapely.contains_xy(topology.country, ends[rows, 0], ends[rows, 1])
    rows = rows[inside & ~_on_outline(ends[rows], topology)]
    partner = (rows + count) % (2 * count)
    return _Ends(ends[rows], rows % count, rows // count, (degree[partner] > 2).astype(np.intp))


def _on_outline(lonlat: Floats, topology: Topology) -> npt.NDArray[np.bool_]:
    """Tell which positions lie on the outer border or the coast, shape (n,)."""
    position, edge = edges_at(lonlat, topology.edges)
    outer = (topology.arc_parts[topology.edges.arc[edge]] < 0).any(axis=1)
    return np.isin(np.arange(len(lonlat)), position[outer])


def repair_line(
    geometry: shapely.Geometry, topology: Topology, *, tolerance_km: float
) -> tuple[Geometries, SplitReport]:
    """Close the gaps of a line that are no longer than a tolerance.

    An end inside the country is drawn on to the nearest of: the outer border, the coast, another
    hanging end. A stub beyond a crossing is left out if that changes less.

    Parameters
    ----------
    geometry
        The line, degrees.
    topology
        The country.
    tolerance_km
        Longest gap that is closed, and longest stub that is left out.

    Returns
    -------
    chains
        Linestrings snapped onto borders and each other, see
        :func:`geo.geometry.snapping.snap_line`, without hanging ends inside the country, shape
        (n,).
    report
        What was drawn on and what was left out.

    Raises
    ------
    LineDoesNotSplitError
        An end hangs further from everything than the tolerance.
    ValueError
        The tolerance is negative or not finite.
    """
    if not 0.0 <= tolerance_km < np.inf:
        raise ValueError(f"expected a tolerance of 0 km or more; got {tolerance_km!r}")
    chains = snap_line(geometry, topology)
    if len(chains) == 0:
        return chains, SplitReport()
    ends = _hanging(chains, topology)
    if len(ends) == 0:
        return chains, SplitReport()
    joints, trimmed = _plan_repairs(chains, ends, topology, tolerance_km)
    keep = np.ones(len(chains), dtype=bool)
    keep[list(trimmed)] = False
    connectors = [path for path, _ in joints]
    repaired = snap_line(shapely.MultiLineString([*chains[keep], *connectors]), topology)
    extended = tuple(EndChange(path.coords[0][0], path.coords[0][1], gap) for path, gap in joints)
    return repaired, SplitReport(extended, tuple(trimmed.values()))


def _plan_repairs(
    chains: Geometries, ends: _Ends, topology: Topology, tolerance_km: float
) -> tuple[list[tuple[shapely.LineString, float]], dict[int, EndChange]]:
    """Decide for each hanging end, smallest change first."""
    points_m = np.asarray(to_metric(shapely.points(ends.lonlat)), dtype=object)
    to_border, border_gap_km = _nearest_outline(points_m, topology)
    lengths_km = length_km(chains)
    between_km = _between_ends_km(points_m, ends, lengths_km)
    joints: list[tuple[shapely.LineString, float]] = []
    trimmed: dict[int, EndChange] = {}
    open_ends = set(range(len(ends)))
    while open_ends:
        rows = sorted(open_ends)
        gaps = between_km[np.ix_(rows, rows)]
        stub = np.where(ends.at_junction[rows] == 1, lengths_km[ends.chain[rows]], np.inf)
        choices = np.stack([border_gap_km[rows], gaps.min(axis=1), stub])
        allowed = np.where(choices <= tolerance_km, choices, np.inf)
        allowed[1, np.isinf(stub)] /= 2.0  # a joint serves two ends, unless they are stubs
        cost = allowed
        best = int(np.argmin(cost.min(axis=0)))
        if np.isinf(cost[:, best].min()):
            _refuse(ends, rows, choices[:2].min(axis=0), tolerance_km)
        kind = int(np.argmin(cost[:, best]))
        gap = float(choices[kind, best])
        end = rows[best]
        open_ends.discard(end)
        if kind == 0:
            joints.append((shapely.LineString([ends.lonlat[end], to_border[end]]), gap))
        elif kind == 1:
            other = rows[int(np.argmin(gaps[best]))]
            open_ends.discard(other)
            joints.append((shapely.LineString(ends.lonlat[[end, other]]), gap))
        else:
            lon, lat = ends.lonlat[end].tolist()
            trimmed[int(ends.chain[end])] = EndChange(lon, lat, gap)
    return joints, trimmed


def _refuse(ends: _Ends, rows: list[int], gaps: Floats, tolerance_km: float) -> None:
    worst = int(np.argmax(gaps))
    lon, lat = ends.lonlat[rows[worst]]
    raise LineDoesNotSplitError(
        lon_deg=float(lon),
        lat_deg=float(lat),
        gap_km=float(gaps[worst]),
        tolerance_km=tolerance_km,
        ends=int((gaps > tolerance_km).sum()),
    )


def _nearest_outline(points_m: Geometries, topology: Topology) -> tuple[Floats, Floats]:
    """Nearest position on the outline in degrees, shape (n, 2), and its distance in km."""
    tree = topology.outline_tree_m
    found, gap_m = tree.query_nearest(points_m, return_distance=True, all_matches=False)
    paths = shapely.shortest_line(points_m, tree.geometries[found[1]])
    feet = to_geographic(shapely.get_point(paths, -1))
    exact = shapely.shortest_line(topology.outline[found[1]], feet)  # edges are lon/lat-straight
    return shapely.get_coordinates(shapely.get_point(exact, 0)), gap_m / 1000.0


def _between_ends_km(points_m: Geometries, ends: _Ends, lengths_km: Floats) -> Floats:
    """Distances between all pairs of ends, shape (n, n), infinite where they may not be joined.

    The two ends of one chain make a loop only if the chain is well longer than the gap.
    """
    between = _distances_km(points_m)
    same = ends.chain[:, None] == ends.chain[None, :]
    between[same & (2.0 * between > lengths_km[ends.chain][:, None])] = np.inf
    return between


def _distances_km(points_m: Geometries) -> Floats:
    """Distances between all pairs, shape (n, n), infinite on the diagonal."""
    xy = shapely.get_coordinates(points_m)
    apart = xy[:, None, :] - xy[None, :, :]
    between: Floats = hypot(apart[..., 0], apart[..., 1]) / 1000.0
    np.fill_diagonal(between, np.inf)
    return between
