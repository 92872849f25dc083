"""Compute the line of contact from populated places and their holders.

The plane is divided into the Voronoi cells of the places; each cell belongs to whoever holds its
place; the border between the two sides is the line. Water that nobody lives on belongs to no cell:
cells end at the bank, and what they own beyond it goes to the neighbour there. The line is then
smoothed within the free space around it, so that no place changes side.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Floats, to_geographic, to_metric
from geo.dates import DayLike, as_day
from geo.errors import ContradictorySidesError
from geo.lines.smoothing import smooth_line
from geo.lines.voronoi import russian_held_region
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.observations import Places
from geo.model.provenance import Provenance
from geo.numerics import hypot

__all__ = [
    "METHOD",
    "UNCERTAINTY_DEFINITION",
    "Waters",
    "contact_line_from_observations",
    "positional_uncertainty_km",
]

METHOD: Final = (
    "Voronoi cells of the places in a Lambert equal-area projection, cut at the banks of the "
    "former Kakhovka reservoir, dissolved by holder; border between the two, smoothed within the "
    "empty space around it"
)
UNCERTAINTY_DEFINITION: Final = (
    "Median, over points every 500 m of the line, of half the distance from the nearest "
    "Ukrainian-held place over the point to the nearest Russian-held one: between the two nothing "
    "is observed, and the front can lie anywhere"
)

_STEP_M: Final = 500.0
_BORDER_M: Final = 1.0
_INLAND_M: Final = 100.0
_OVERSHOOT_M: Final = 25.0
_BAY_M: Final = 1_500.0
_AXIS_STEP_M: Final = 1_000.0
_AXIS_CLEARANCE_M: Final = 1_500.0
_BANK_M: Final = 500.0
_DECIMALS: Final = 5

Bools = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Waters:
    """Water that separates the sides, in longitude and latitude.

    Parameters
    ----------
    bed
        Polygon of a water body that is not Russian-held: the bed of the former Kakhovka
        reservoir. Empty if there is none.
    axis
        Line along the middle of a river whose far bank the line follows where no polygon of the
        river is known: the Dnipro below the reservoir. Empty if there is none.
    """

    bed: shapely.Geometry = field(default_factory=shapely.Polygon)
    axis: shapely.Geometry = field(default_factory=shapely.LineString)


def _border_between(
    region_m: shapely.Geometry, country_m: shapely.Geometry
) -> shapely.MultiLineString:
    """Return the region's border inside the country, drawn on to cross the country's edge."""
    edge = shapely.boundary(country_m)
    inside = shapely.difference(shapely.boundary(region_m), shapely.buffer(edge, _BORDER_M))
    lines = shapely.get_parts(shapely.line_merge(inside))
    lines = lines[(shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 0.0)]
    return shapely.MultiLineString(lines.tolist())


def _cross_the_edge(
    line_m: shapely.MultiLineString, country_m: shapely.Geometry
) -> shapely.MultiLineString:
    """Draw open ends on to the nearest point of the country's edge and a little beyond."""
    edge = shapely.boundary(country_m)
    shapely.prepare(edge)
    parts = []
    for part in shapely.get_parts(line_m):
        xy = shapely.get_coordinates(part)
        if not part.is_closed:
            head, tail = (_beyond(xy[end], edge) for end in (0, -1))
            xy = np.vstack([head, xy, tail])
        parts.append(shapely.LineString(xy))
    return shapely.MultiLineString(parts)


def _beyond(end: Floats, edge: shapely.Geometry) -> Floats:
    """Return a point across the edge from ``end``."""
    near: Floats = shapely.get_coordinates(shapely.shortest_line(shapely.Point(end), edge))[1]
    step = near - end
    gap = float(hypot(*step))
    return near if gap == 0.0 else near + step / gap * _OVERSHOOT_M


def _bed_without_bays(bed: shapely.Geometry, xy_m: Floats, russian: Bools) -> shapely.Geometry:
    """Return the main water of the bed in metres, clear of Russian-held places on its shore.

    Bays narrower than 3 km are left to the bank they cut into. Where a generalised shore puts a
    Russian-held place into the water, the place keeps the ground between it and the bank.
    """
    if shapely.is_empty(bed):
        return bed
    whole = to_metric(shapely.segmentize(bed, 0.05))
    opened = shapely.buffer(shapely.buffer(whole, -_BAY_M), _BAY_M)
    water = shapely.intersection(opened, whole)
    places = _points(xy_m[russian])
    wet = places[shapely.distance(places, water) < _BANK_M]
    reach = shapely.distance(wet, shapely.boundary(water)) + _BANK_M
    water = shapely.difference(water, shapely.union_all(shapely.buffer(wet, reach)))
    return max(shapely.get_parts(water), key=shapely.area, default=water)


def _points(xy_m: Floats) -> Geometries:
    return np.asarray(shapely.points(xy_m), dtype=object)


def _points_along(line_m: shapely.Geometry, step_m: float) -> Geometries:
    """Return points at equal distances along every part of a line."""
    points: list[shapely.Geometry] = []
    for part in shapely.get_parts(line_m):
        at = np.arange(0.0, float(shapely.length(part)), step_m)
        points.extend(shapely.line_interpolate_point(part, at))
    return np.array(points, dtype=object)


def _axis_points(axis: shapely.Geometry, xy_m: Floats, russian: Bools) -> Floats:
    """Return points along the river that count as not Russian-held, in metres, shape (m, 2)."""
    if shapely.is_empty(axis):
        return np.empty((0, 2))
    line = to_metric(shapely.segmentize(axis, 0.05))
    points = _points_along(line, _AXIS_STEP_M)
    near = shapely.dwithin(points, shapely.multipoints(xy_m[russian]), _AXIS_CLEARANCE_M)
    return np.asarray(shapely.get_coordinates(points[~near]))


def _distinct(places: Places, country_m: shapely.Geometry) -> tuple[Floats, Bools]:
    """Return positions on land in metres, each once and in fixed order, and whether Russian."""
    lonlat = np.column_stack([places.lon_deg, places.lat_deg])
    xy_m = _onto_land(shapely.get_coordinates(to_metric(_points(lonlat))), country_m)
    russian = np.asarray(places.held_by) == Control.RUSSIA
    unique, first, inverse = np.unique(
        np.round(xy_m, 3), axis=0, return_index=True, return_inverse=True
    )
    clash = russian != russian[first][inverse.ravel()]
    if clash.any():
        row = int(np.flatnonzero(clash)[0])
        lon, lat = lonlat[row]
        raise ContradictorySidesError(
            lon_deg=float(lon),
            lat_deg=float(lat),
            detail=f"two places there ({places.name_en[row]}) have different holders",
        )
    return unique, russian[first]


def _onto_land(xy_m: Floats, country_m: shapely.Geometry) -> Floats:
    """Move places that a generalised border or coast leaves outside to the land nearest to them."""
    points = _points(xy_m)
    shapely.prepare(country_m)
    outside = ~shapely.contains(country_m, points)
    land = shapely.buffer(country_m, -_INLAND_M)
    if not outside.any() or shapely.is_empty(land):
        return xy_m
    ways = shapely.shortest_line(points[outside], land)
    moved = xy_m.copy()
    moved[outside] = shapely.get_coordinates(shapely.get_point(ways, -1))
    return moved


def _rounded(line_m: shapely.MultiLineString) -> shapely.MultiLineString:
    """Return the line in longitude and latitude with the published number of decimals."""
    lonlat = shapely.transform(to_geographic(line_m), lambda xy: np.round(xy, _DECIMALS))
    return shapely.remove_repeated_points(lonlat)


def _check_sides(
    line: shapely.MultiLineString, xy_m: Floats, russian: Bools, country_m: shapely.Geometry
) -> None:
    """Refuse a line that leaves places of both sides in one face of the country."""
    if shapely.is_empty(line):
        return
    chains = shapely.union_all([shapely.boundary(country_m), to_metric(line)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(chains)))
    faces = faces[shapely.contains_properly(country_m, shapely.point_on_surface(faces))]
    points = _points(xy_m)
    face = shapely.STRtree(faces).nearest(points)
    held = np.bincount(face, weights=russian, minlength=len(faces))
    mixed = (held > 0) & (held < np.bincount(face, minlength=len(faces)))
    if mixed.any():
        inside = mixed[face]
        minority = russian[inside] == (russian[inside].mean() < 0.5)
        lon, lat = shapely.get_coordinates(to_geographic(points[inside][minority][0]))[0]
        raise ContradictorySidesError(
            lon_deg=float(lon),
            lat_deg=float(lat),
            detail=f"{int(minority.sum())} places share a face with places of the other side",
        )


def positional_uncertainty_km(
    line_m: shapely.MultiLineString, xy_m: Floats, russian: Bools
) -> float:
    """Measure how closely the places pin the line down.

    Parameters
    ----------
    line_m
        The line in metres.
    xy_m, russian
        Positions of the places in metres, shape (n, 2), and whether each is Russian-held.

    Returns
    -------
    float
        Median over the line, point by point every 500 m, of half the sum of the distances to the
        nearest Ukrainian-held and to the nearest Russian-held place, in km; ``nan`` without a
        line.
    """
    along = _points_along(line_m, _STEP_M)
    if not len(along):
        return float("nan")
    gap = np.zeros(len(along))
    for side in (russian, ~russian):
        places = _points(xy_m[side])
        gap += shapely.distance(along, places[shapely.STRtree(places).nearest(along)])
    return float(np.median(gap) / 2_000.0)


def contact_line_from_observations(
    places: Places,
    boundaries: Boundaries,
    *,
    day: DayLike,
    waters: Waters,
    source: str,
    provenance: Provenance,
) -> ContactLine:
    """Compute the line of contact from who holds which place.

    Parameters
    ----------
    places
        Who held which place on ``day``; places at one position must have one holder.
    boundaries
        The units; their outer edge is where the line ends.
    day
        The day of the line.
    waters
        Water that separates the sides.
    source, provenance
        Of the observations; they become those of the line.

    Returns
    -------
    ContactLine
        Open parts cross the country's edge by some 25 m; closed parts are pockets. Coordinates
        have 5 decimals. Empty if one side holds every place.

    Raises
    ------
    ContradictorySidesError
        Two places at one position have different holders, or a place would end up on the other
        side of the line than its holder's.

    See Also
    --------
    geo.lines.split.split_by_contact_line : divide the country along the line.

    Notes
    -----
    Nothing is observed beyond the state border, so the border is a wall: cells do not reach around
    it. A place that the generalised border leaves outside is moved onto the nearest land. See
    :func:`geo.lines.voronoi.russian_held_region` for the cells and
    :func:`geo.lines.smoothing.smooth_line` for the smoothing. The result does not depend on the
    order of the places.

    References
    ----------
    Okabe, A., Boots, B., Sugihara, K. and Chiu, S. N. (2000). Spatial Tessellations, 2nd ed.,
    Wiley.
    """
    country = shapely.coverage_union_all(boundaries.geometry)
    country_m = to_metric(shapely.segmentize(country, 0.05))
    xy_m, russian = _distinct(places, country_m)
    line_m = shapely.MultiLineString()
    if russian.any() and not russian.all():
        region_m = _region(xy_m, russian, country_m, waters)
        line_m = smooth_line(_border_between(region_m, country_m), _points(xy_m))
    line = _rounded(_cross_the_edge(line_m, country_m))
    _check_sides(line, xy_m, russian, country_m)
    uncertainty_km = positional_uncertainty_km(line_m, xy_m, russian)
    return ContactLine(
        date=as_day(day),
        geometry=line,
        source=source,
        method=METHOD,
        provenance=provenance,
        observations=len(places),
        uncertainty_km=None if np.isnan(uncertainty_km) else round(uncertainty_km, 2),
        uncertainty_definition=UNCERTAINTY_DEFINITION,
    )


def _region(
    xy_m: Floats, russian: Bools, country_m: shapely.Geometry, waters: Waters
) -> shapely.Geometry:
    """Return the Russian-held region, with the water counted as not Russian-held."""
    bed_m = _bed_without_bays(waters.bed, xy_m, russian)
    axis = _axis_points(waters.axis, xy_m, russian)
    sites = np.vstack([xy_m, axis])
    held = np.concatenate([russian, np.zeros(len(axis), dtype=bool)])
    return russian_held_region(sites, held, country_m, bed_m)
