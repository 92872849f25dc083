"""Areas, lengths and distances on the WGS 84 ellipsoid.

An edge has one meaning throughout: it is straight in longitude and latitude, as RFC 7946 defines
it. So cutting a polygon and measuring the pieces gives back the whole, and what is drawn on the
map is what was measured. Areas with geodesic edges do not have this property.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arguments import as_geometries, check_degrees
from geo.crs import ECCENTRICITY_SQUARED, SEMI_MAJOR_AXIS_M, Floats, authalic, to_metric
from geo.numerics import hypot, sin

__all__ = ["area_km2", "distance_km", "length_km", "segment_lengths_km"]

Geometries = npt.NDArray[np.object_]

_NODES: Final = (0.5 - np.sqrt(0.15), 0.5, 0.5 + np.sqrt(0.15))
_WEIGHTS: Final = (5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0)
_HALF_A2_KM2: Final = 0.5 * (1.0 - ECCENTRICITY_SQUARED) * (SEMI_MAJOR_AXIS_M / 1000.0) ** 2
_UNIT_KM2: Final = 2.0**-34
"""The part of each edge is rounded to this, 58 square millimetres, so that sums are exact."""

_LONGEST_EDGE: Final = np.radians(2.0)


_REFERENCE: Final = float(authalic(sin(np.radians(48.5))))


def _runs(index: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Mark the edges that join two positions of the same part; return them with their part."""
    joined = index[1:] == index[:-1]
    return joined, index[:-1][joined]


def _ring_areas(rings: Geometries) -> npt.NDArray[np.int64]:
    """Return the unsigned area of each linear ring, in units of ``_UNIT_KM2``."""
    lonlat, index = shapely.get_coordinates(rings, return_index=True)
    joined, owner = _runs(index)
    step = np.radians(np.diff(lonlat, axis=0)[joined])
    if step.size and np.abs(step).max() > _LONGEST_EDGE:
        return _ring_areas(shapely.segmentize(rings, 0.99 * np.degrees(_LONGEST_EDGE)))
    lat = np.radians(lonlat[:-1, 1][joined])
    mean = np.zeros_like(lat)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        mean += weight * (authalic(sin(lat + node * step[:, 1])) - _REFERENCE)
    signed = np.rint(mean * step[:, 0] * (_HALF_A2_KM2 / _UNIT_KM2)).astype(np.int64)
    total = np.concatenate([[0], np.cumsum(signed)])  # whole numbers: the order does not matter
    ends = np.searchsorted(owner, np.arange(len(rings) + 1))
    return np.abs(np.diff(total[ends]))


def area_km2(geometry: Geometries) -> Floats:
    r"""Measure areas on the WGS 84 ellipsoid.

    Parameters
    ----------
    geometry
        Array of polygons or multipolygons, shape (n,), longitude and latitude in degrees. Other
        types and empty geometries have no area.

    Returns
    -------
    numpy.ndarray
        Areas in km², shape (n,), float64.

    Notes
    -----
    By Green's theorem the area is :math:`\oint Q(\varphi)\,d\lambda`, with :math:`Q` the area
    between the equator and latitude :math:`\varphi` per radian of longitude (the authalic
    function). Along an edge that is straight in :math:`(\lambda, \varphi)` the integral is
    :math:`\Delta\lambda` times the mean of :math:`Q`, taken here by Gauss-Legendre quadrature with
    three nodes on edges of at most 2 degrees: the error is below 1e-14 of the area. Agreement with
    ``pyproj.Geod`` on densified rings is tested to 1e-9. The parts of the edges are added up as
    whole numbers of 58 square millimetres: where a ring begins, and in which order polygons come,
    changes no digit.

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395, p. 16,
    eq. 3-12. Butler, H. et al. (2016). The GeoJSON Format. RFC 7946, section 3.1.1.
    """
    geometry = as_geometries(geometry)
    check_degrees(geometry)
    parts, part_owner = shapely.get_parts(geometry, return_index=True)
    polygonal = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, part_owner = parts[polygonal], part_owner[polygonal]
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    areas = np.zeros(len(geometry), dtype=np.int64)
    if len(rings) == 0:
        return np.asarray(areas * _UNIT_KM2, dtype=np.float64)
    ring_areas = _ring_areas(rings)
    exterior = np.ones(len(rings), dtype=bool)
    exterior[1:] = ring_owner[1:] != ring_owner[:-1]
    np.add.at(areas, part_owner[ring_owner], np.where(exterior, ring_areas, -ring_areas))
    return np.asarray(areas * _UNIT_KM2, dtype=np.float64)


def segment_lengths_km(start_deg: Floats, end_deg: Floats) -> Floats:
    """Measure segments that are straight in longitude and latitude.

    Parameters
    ----------
    start_deg, end_deg
        Positions, shape (n, 2), longitude and latitude in degrees.

    Returns
    -------
    numpy.ndarray
        Lengths in km, shape (n,).

    Notes
    -----
    Integrates the metric of the ellipsoid along the edge with three Gauss-Legendre nodes; the
    radii of curvature are those of the meridian and the prime vertical.

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395, p. 24.
    """
    start, step = np.radians(start_deg), np.radians(end_deg - start_deg)
    total = np.zeros(len(start))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        lat = start[:, 1] + node * step[:, 1]
        sin_lat = sin(lat)
        cos_lat = np.sqrt((1.0 - sin_lat) * (1.0 + sin_lat))
        w2 = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
        prime_vertical = SEMI_MAJOR_AXIS_M / np.sqrt(w2)
        meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / w2
        total += weight * hypot(meridian * step[:, 1], prime_vertical * cos_lat * step[:, 0])
    return np.asarray(total / 1000.0)


def length_km(geometry: Geometries) -> Floats:
    """Measure the length of lines on the WGS 84 ellipsoid.

    Parameters
    ----------
    geometry
        Array of geometries, shape (n,), longitude and latitude in degrees.

    Returns
    -------
    numpy.ndarray
        Lengths in km, shape (n,). Points and empty geometries have length zero, polygons are
        measured along all their rings, collections by their parts.

    Notes
    -----
    Edges are straight in longitude and latitude; edges longer than 2 degrees are subdivided.
    Agreement with ``pyproj.Geod`` on densified lines is tested to 1e-9.
    """
    geometry = as_geometries(geometry)
    check_degrees(geometry)
    parts, owner = shapely.get_parts(geometry, return_index=True)
    surface = shapely.get_dimensions(parts) == 2
    parts[surface] = shapely.boundary(parts[surface])
    lines = shapely.segmentize(parts, np.degrees(_LONGEST_EDGE))
    pieces, part = shapely.get_parts(lines, return_index=True)
    lonlat, index = shapely.get_coordinates(pieces, return_index=True)
    if len(lonlat) == 0:
        return np.zeros(len(geometry))
    joined, piece = _runs(index)
    lengths = segment_lengths_km(lonlat[:-1][joined], lonlat[1:][joined])
    return np.bincount(owner[part[piece]], lengths, len(geometry)).astype(np.float64)


def distance_km(points_deg: Floats, geometry: shapely.Geometry) -> Floats:
    """Measure how far positions lie from a geometry.

    Parameters
    ----------
    points_deg
        Positions, shape (n, 2), longitude and latitude in degrees.
    geometry
        Any geometry, longitude and latitude in degrees.

    Returns
    -------
    numpy.ndarray
        Distances in km, shape (n,); ``nan`` where ``geometry`` is empty.

    Notes
    -----
    Measured in the plane of :data:`geo.crs.METRIC_CRS`, with edges of the geometry cut to at most
    0.05 degrees beforehand. Within Ukraine the scale error is below 0.4 %.
    """
    plane = to_metric(shapely.segmentize(geometry, 0.05))
    shapely.prepare(plane)
    return np.asarray(shapely.distance(to_metric(shapely.points(points_deg)), plane) / 1000.0)
