"""Voronoi cells of places, cut by borders and waters.

What lies across the water is near only as the crow flies, and nothing is observed beyond the state
border: a cell ends there, and what is cut off from its place goes to the neighbour on its bank.
"""

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Floats

__all__ = ["russian_held_region"]

Bools = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]


def russian_held_region(
    xy_m: Floats, russian: Bools, country_m: shapely.Geometry, bed_m: shapely.Geometry
) -> shapely.Geometry:
    """Return the part of the country that lies in the cells of Russian-held places.

    Parameters
    ----------
    xy_m
        Positions of the places in metres, shape (n, 2), no two alike.
    russian
        Whether each place is Russian-held, shape (n,).
    country_m
        The country, polygons in metres.
    bed_m
        Water that belongs to the other side, polygons in metres.

    Returns
    -------
    shapely.Geometry
        Polygons in metres.

    Notes
    -----
    A cell is cut by the state border, the coast and the bed. A piece that is cut off from its
    place goes to the side with which it shares the longest border: what lies across the water is
    nearer as the crow flies only. Pieces with no neighbour, islands, keep their cell's side.

    References
    ----------
    Thiessen, A. H. (1911). Precipitation averages for large areas. Monthly Weather Review 39,
    1082-1084. Okabe, A., Boots, B., Sugihara, K. and Chiu, S. N. (2000). Spatial Tessellations,
    2nd ed., Wiley.

    Examples
    --------
    Two places in a square; the eastern one is Russian-held.

    >>> square = shapely.box(0, 0, 10, 10)
    >>> places = np.array([[2.0, 5.0], [8.0, 5.0]])
    >>> region = russian_held_region(places, np.array([False, True]), square, shapely.Polygon())
    >>> region.bounds
    (5.0, 0.0, 10.0, 10.0)

    A ditch cuts the eastern place off from ground that is nearer to it than to the other.

    >>> ditch = shapely.box(6, 0, 7, 10)
    >>> russian_held_region(places, np.array([False, True]), square, ditch).bounds
    (7.0, 0.0, 10.0, 10.0)
    """
    land_m = shapely.difference(country_m, bed_m)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(xy_m), extend_to=country_m, ordered=True)
    )
    pieces, owner = _clip(cells, land_m)
    home = _is_home(pieces, owner, np.asarray(shapely.points(xy_m)))
    side = _adopt(pieces, russian[owner], home)
    return shapely.union_all(pieces[side])


def _clip(cells: Geometries, land_m: shapely.Geometry) -> tuple[Geometries, npt.NDArray[np.intp]]:
    """Cut cells by the land and return their connected pieces, each with its cell's row."""
    shapely.prepare(land_m)
    cut = ~shapely.contains_properly(land_m, cells)
    clipped = cells.copy()
    clipped[cut] = shapely.intersection(cells[cut], land_m)
    pieces, owner = shapely.get_parts(clipped, return_index=True)
    solid = shapely.area(pieces) > 0.0
    return pieces[solid], owner[solid]


def _is_home(pieces: Geometries, owner: npt.NDArray[np.intp], points: Geometries) -> Bools:
    """Mark, for each cell, the piece its place lies in, or the one nearest to it."""
    distance = shapely.distance(pieces, points[owner])
    order = np.lexsort((-shapely.area(pieces), distance, owner))
    first = np.ones(len(order), dtype=bool)
    first[1:] = owner[order][1:] != owner[order][:-1]
    home = np.zeros(len(pieces), dtype=bool)
    home[order[first]] = True
    return home


def _adopt(pieces: Geometries, russian: Bools, home: Bools) -> Bools:
    """Give pieces that are cut off from their place the side they share most border with."""
    side = russian.copy()
    settled = home.copy()
    tree = shapely.STRtree(pieces)
    waiting = [int(row) for row in np.flatnonzero(~home)]
    while waiting:
        border = {row: _shared_border(row, pieces, tree, side, settled) for row in waiting}
        adopted = [row for row in waiting if border[row] is not None]
        if not adopted:
            break
        for row in adopted:
            side[row] = border[row]
        settled[adopted] = True
        waiting = [row for row in waiting if border[row] is None]
    return side


def _shared_border(
    row: int, pieces: Geometries, tree: shapely.STRtree, side: Bools, settled: Bools
) -> bool | None:
    """Return the side with the longer border to a piece, ``None`` if it touches no settled one."""
    near = tree.query(pieces[row], predicate="intersects")
    near = near[settled[near]]
    shared = shapely.length(shapely.intersection(pieces[near], pieces[row]))
    if not shared.sum() > 0.0:
        return None
    return bool(shared[side[near]].sum() > shared[~side[near]].sum())
