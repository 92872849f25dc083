"""Cut the oblasts into faces along a snapped line."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.geometry.snapping import edges_at, feet_on
from geo.geometry.topology import Integers, Topology

__all__ = ["Faces", "cut_country"]


@dataclass(frozen=True, eq=False)
class Faces:
    """Polygons, the unit of each, and the part of the country it was cut from; shape (n,).

    ``cut`` tells which parts the line touches. ``isthmuses`` are stretches of the line with one
    face on both sides, ``dangles`` stretches with a free end.
    """

    polygons: Geometries
    row: Integers
    part: Integers
    cut: npt.NDArray[np.bool_]
    isthmuses: Geometries
    dangles: Geometries


def cut_country(topology: Topology, chains: Geometries) -> Faces:
    """Cut the parts of a country that a line touches.

    Parameters
    ----------
    topology
        The country.
    chains
        The line, as :func:`geo.geometry.snapping.snap_line` returns it.

    Returns
    -------
    Faces
        Polygons that share the vertices of their borders, and what of the line bounds nothing.
    """
    everything = np.arange(len(topology.parts))
    if len(chains) == 0:
        untouched = np.zeros(len(everything), dtype=bool)
        nothing = np.array([], dtype=object)
        return Faces(topology.parts, topology.part_row, everything, untouched, nothing, nothing)
    arcs, met = _with_vertices_of(chains, topology)
    crossed = np.unique(topology.arc_tree.query(chains, predicate="intersects")[1])
    hit = np.union1d(met, crossed)
    within = topology.part_tree.query(chains, predicate="intersects")[1]
    is_touched = np.zeros(len(everything) + 1, dtype=bool)
    is_touched[within] = True  # the last entry stands for the outside, which is row -1
    is_touched[topology.arc_parts[hit]] = True
    is_touched[-1] = False
    near = np.flatnonzero(is_touched[topology.arc_parts].any(axis=1))
    noded = shapely.union_all(np.concatenate([arcs[hit], chains]))
    linework = np.concatenate([shapely.get_parts(noded), arcs[np.setdiff1d(near, hit)]])
    polygons, cuts, dangles, _ = shapely.polygonize_full(linework)
    pieces = shapely.get_parts(polygons)
    inside = topology.part_tree.query(shapely.point_on_surface(pieces), predicate="intersects")
    inside = inside[:, is_touched[inside[1]]]
    piece, first = np.unique(inside[0], return_index=True)  # on a border: either part will do
    part = inside[1][first]
    rest = everything[~is_touched[:-1]]
    all_parts = np.concatenate([rest, part])
    is_cut = np.concatenate([np.zeros(len(rest), dtype=bool), np.ones(len(part), dtype=bool)])
    polygons = np.concatenate([topology.parts[rest], pieces[piece]])
    return Faces(
        polygons,
        topology.part_row[all_parts],
        all_parts,
        is_cut,
        np.asarray(shapely.get_parts(cuts)),
        np.asarray(shapely.get_parts(dangles)),
    )


def _with_vertices_of(chains: Geometries, topology: Topology) -> tuple[Geometries, Integers]:
    """Return the arcs, with the vertices of the line that lie on them, and which have any."""
    edges = topology.edges
    lonlat = np.unique(shapely.get_coordinates(chains), axis=0)
    position, edge = edges_at(lonlat, edges)
    at = lonlat.view(np.complex128).ravel()[position]
    inner = (at != edges.start[edge]) & (at != edges.end[edge])
    arcs = topology.arcs.copy()
    _, along = feet_on(at, edges.start[edge], edges.end[edge])
    order = np.lexsort([along, edge])
    order = order[inner[order]]
    for row in np.unique(edges.arc[edge[order]]).tolist():
        mine = order[edges.arc[edge[order]] == row]
        arc = shapely.get_coordinates(arcs[row])
        where = edge[mine] - edges.first[row] + 1
        arcs[row] = shapely.linestrings(np.insert(arc, where, lonlat[position[mine]], axis=0))
    return arcs, np.unique(edges.arc[edge])
