"""The two coordinate reference systems of the project, and transformations between them.

Files, splitting and areas live in longitude and latitude on WGS 84, where RFC 7946 says that an
edge is a straight line between its two positions. Distances, buffers, Voronoi cells and smoothing
need metres: they use a Lambert azimuthal equal-area projection centred on Ukraine.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
import shapely

from geo.arguments import show
from geo.errors import CRSMismatchError
from geo.numerics import arcsin, arctan2, cos, hypot, sin

__all__ = [
    "ECCENTRICITY_SQUARED",
    "GEOGRAPHIC_CRS",
    "METRIC_CRS",
    "SEMI_MAJOR_AXIS_M",
    "Floats",
    "authalic",
    "check_geographic",
    "reproject_to_geographic",
    "to_geographic",
    "to_metric",
]

GEOGRAPHIC_CRS: Final = "OGC:CRS84"
"""Longitude, latitude in degrees on WGS 84, in this order."""

METRIC_CRS: Final = "+proj=laea +lat_0=48.5 +lon_0=33 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
"""Lambert azimuthal equal-area centred on Ukraine, metres."""

SEMI_MAJOR_AXIS_M: Final = 6_378_137.0
_FLATTENING: Final = 1.0 / 298.257223563
ECCENTRICITY_SQUARED: Final = _FLATTENING * (2.0 - _FLATTENING)

_LON_0: Final = math.radians(33.0)
_LAT_0: Final = math.radians(48.5)

Floats: TypeAlias = npt.NDArray[np.float64]
GeometryT = TypeVar("GeometryT")


_SERIES: Final = tuple((2.0 * k + 2.0) / (2.0 * k + 1.0) for k in range(8))


def authalic(sin_lat: Floats) -> Floats:
    """Return the area between the equator and a latitude on the ellipsoid.

    Parameters
    ----------
    sin_lat
        Sine of the latitude, any shape.

    Returns
    -------
    numpy.ndarray
        Area for each radian of longitude, in units of half the square of the semi-major axis,
        divided by one minus the square of the eccentricity: a power series of what Snyder (1987),
        eq. 3-12, writes with a logarithm.
    """
    u = ECCENTRICITY_SQUARED * sin_lat * sin_lat
    total = np.full_like(u, _SERIES[-1])
    for coefficient in reversed(_SERIES[:-1]):
        total *= u
        total += coefficient
    return np.asarray(sin_lat * total)


def _q(sin_lat: Floats) -> Floats:
    """Authalic function q of Snyder (1987), eq. 3-12."""
    return (1.0 - ECCENTRICITY_SQUARED) * authalic(sin_lat)


_Q_POLE: Final = float(_q(np.array(1.0)))
_AUTHALIC_RADIUS_M: Final = SEMI_MAJOR_AXIS_M * math.sqrt(_Q_POLE / 2.0)
_SIN_LAT_0: Final = float(sin(_LAT_0))
_SIN_BETA_0: Final = float(_q(np.array(_SIN_LAT_0))) / _Q_POLE
_COS_BETA_0: Final = math.sqrt(1.0 - _SIN_BETA_0 * _SIN_BETA_0)
_D: Final = (
    SEMI_MAJOR_AXIS_M
    * float(cos(_LAT_0))
    / math.sqrt(1.0 - ECCENTRICITY_SQUARED * _SIN_LAT_0 * _SIN_LAT_0)
) / (_AUTHALIC_RADIUS_M * _COS_BETA_0)


def _project(lonlat_deg: Floats) -> Floats:
    """Longitude and latitude in degrees, shape (n, 2), to metres, shape (n, 2)."""
    lon = np.radians(lonlat_deg[:, 0]) - _LON_0
    sin_beta = _q(sin(np.radians(lonlat_deg[:, 1]))) / _Q_POLE
    cos_beta = np.sqrt(np.maximum(0.0, 1.0 - sin_beta * sin_beta))
    sin_lon, cos_lon = sin(lon), cos(lon)
    b = _AUTHALIC_RADIUS_M * np.sqrt(
        2.0 / (1.0 + _SIN_BETA_0 * sin_beta + _COS_BETA_0 * cos_beta * cos_lon)
    )
    x = b * _D * cos_beta * sin_lon
    y = (b / _D) * (_COS_BETA_0 * sin_beta - _SIN_BETA_0 * cos_beta * cos_lon)
    return np.column_stack([x, y])


def _unproject(xy_m: Floats) -> Floats:
    """Metres, shape (n, 2), to longitude and latitude in degrees, shape (n, 2)."""
    x, y = xy_m[:, 0] / _D, xy_m[:, 1] * _D
    rho = hypot(x, y)
    c = 2.0 * arcsin(np.minimum(1.0, rho / (2.0 * _AUTHALIC_RADIUS_M)))
    safe_rho = np.where(rho == 0.0, 1.0, rho)
    sin_c, cos_c = sin(c), cos(c)
    sin_beta = cos_c * _SIN_BETA_0 + np.where(rho == 0.0, 0.0, y * sin_c * _COS_BETA_0 / safe_rho)
    lon = _LON_0 + arctan2(x * sin_c, rho * _COS_BETA_0 * cos_c - y * _SIN_BETA_0 * sin_c)
    return np.column_stack([np.degrees(lon), np.degrees(_geodetic_latitude(sin_beta * _Q_POLE))])


def _geodetic_latitude(q: Floats) -> Floats:
    """Invert ``_q`` by Newton's method (Snyder 1987, eq. 3-16), to machine precision."""
    sin_lat = np.clip(q / 2.0, -1.0, 1.0)
    for _ in range(8):
        narrower = 1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat
        slope = 2.0 * (1.0 - ECCENTRICITY_SQUARED) / (narrower * narrower)
        sin_lat = np.clip(sin_lat - (_q(sin_lat) - q) / slope, -1.0, 1.0)
    return arcsin(sin_lat)


def to_metric(geometry: GeometryT) -> GeometryT:
    """Project geometries from longitude/latitude to :data:`METRIC_CRS`.

    Only vertices are moved: an edge that is straight in longitude and latitude is drawn straight
    in the plane, so densify long edges first where that matters.

    Parameters
    ----------
    geometry
        Array of any shape, or a single geometry, in :data:`GEOGRAPHIC_CRS`.

    Returns
    -------
    numpy.ndarray or shapely.Geometry
        The same geometries in metres.

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395,
    pp. 187-190 (ellipsoidal oblique aspect).
    """
    projected: Any = shapely.transform(cast(Any, geometry), _project)
    return cast(GeometryT, projected)


def to_geographic(geometry: GeometryT) -> GeometryT:
    """Project geometries from :data:`METRIC_CRS` back to longitude/latitude.

    Parameters
    ----------
    geometry
        Array of any shape, or a single geometry, in metres.

    Returns
    -------
    numpy.ndarray or shapely.Geometry
        The same geometries in degrees on WGS 84.

    References
    ----------
    Snyder, J. P. (1987). Map Projections: A Working Manual. USGS Professional Paper 1395.
    """
    projected: Any = shapely.transform(cast(Any, geometry), _unproject)
    return cast(GeometryT, projected)


def check_geographic(geometry: npt.NDArray[np.object_], *, name: str) -> None:
    """Refuse coordinates that cannot be longitude and latitude in degrees.

    Parameters
    ----------
    geometry
        Geometries said to be in :data:`GEOGRAPHIC_CRS`.
    name
        What they are, for the message.

    Raises
    ------
    CRSMismatchError
        A coordinate is not finite, or lies outside ±180°, ±90°.
    """
    xy = shapely.get_coordinates(geometry)
    bad = ~np.isfinite(xy).all(axis=1) | (np.abs(xy[:, 0]) > 180.0) | (np.abs(xy[:, 1]) > 90.0)
    if bad.any():
        x, y = xy[bad][0]
        raise CRSMismatchError(
            f"{name}: expected longitude and latitude in degrees (WGS 84, in this order); "
            f"{int(bad.sum())} of {len(xy)} positions are not, the first is ({show(x)}, "
            f"{show(y)}). "
            "Reproject the file to EPSG:4326 and check the order of the axes."
        )


_SAME_AS_GEOGRAPHIC: Final = ("EPSG:4326", "OGC:CRS84")
_AREA_MARGIN_DEG: Final = 15.0


def reproject_to_geographic(
    geometry: npt.NDArray[np.object_], crs: str, *, name: str
) -> npt.NDArray[np.object_]:
    """Bring geometries from the reference system a file states to :data:`GEOGRAPHIC_CRS`.

    Parameters
    ----------
    geometry
        Geometries of the file, shape (n,); x before y (longitude or easting first), as GDAL and
        GeoParquet have them, whatever order the definition of the system gives.
    crs
        The system as the file states it: ``EPSG:…``, WKT or PROJJSON; empty when it states none.
    name
        The file, for the message.

    Returns
    -------
    numpy.ndarray
        The same geometries, longitude and latitude in degrees on WGS 84. Those said to be in
        degrees already are not checked: see :func:`check_geographic`.

    Raises
    ------
    CRSMismatchError
        No system is stated, it is unknown or local, or the coordinates cannot be in it.
    """
    if not crs.strip():
        raise CRSMismatchError(
            f"{name}: expected the file to state its coordinate reference system; it states none. "
            "Write it into the file (a .prj beside a shapefile; ogr2ogr -a_srs EPSG:4326 otherwise)"
            ": it is not guessed."
        )
    return geometry if crs in _SAME_AS_GEOGRAPHIC else _reproject(geometry, crs, name)


def _reproject(geometry: npt.NDArray[np.object_], crs: str, name: str) -> npt.NDArray[np.object_]:
    import pyproj
    from pyproj.exceptions import ProjError

    try:
        system = pyproj.CRS.from_user_input(crs)
        if not (system.is_geographic or system.is_projected) or system.name.lower().startswith(
            ("undefined", "unknown geographic")
        ):
            raise CRSMismatchError(
                f"{name}: expected a geographic or projected coordinate reference system; "
                f"{system.name!r} is none that leads to a place on Earth. State the true one."
            )
        if system.equals(GEOGRAPHIC_CRS, ignore_axis_order=True):
            return geometry
        convert = pyproj.Transformer.from_crs(system, GEOGRAPHIC_CRS, always_xy=True)
    except ProjError as error:
        raise CRSMismatchError(
            f"{name}: expected a coordinate reference system that is known (for instance "
            f"EPSG:4326); got {crs[:80]!r}."
        ) from error

    raw = np.abs(shapely.get_coordinates(geometry))
    if system.is_projected and len(raw) and (raw <= (180.0, 90.0)).all():
        raise CRSMismatchError(
            f"{name}: expected coordinates in {system.name!r}, as the file states; they look like "
            "degrees, so the statement cannot be true. State the system they are really in."
        )

    def move(xy: Floats) -> Floats:
        return np.column_stack(convert.transform(xy[:, 0], xy[:, 1]))

    moved = np.asarray(shapely.transform(geometry, move), dtype=object)
    area = system.area_of_use
    bounds = (area.west, area.south, area.east, area.north) if area else None
    _check_area_of_use(moved, bounds, name=name, system=system.name)
    return moved


def _check_area_of_use(
    geometry: npt.NDArray[np.object_],
    area: Sequence[float] | None,
    *,
    name: str,
    system: str,
) -> None:
    """Refuse positions far from where a reference system may be used."""
    lon, lat = shapely.get_coordinates(geometry).T
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    if area is not None:
        west, south, east, north = area
        margin = _AREA_MARGIN_DEG
        bad |= (lat < south - margin) | (lat > north + margin)
        if west <= east:
            bad |= (lon < west - margin) | (lon > east + margin)
    if bad.any():
        raise CRSMismatchError(
            f"{name}: expected coordinates in {system!r}, as the file states; {int(bad.sum())} of "
            f"{len(bad)} positions lie far outside the area of that system, so the statement "
            "cannot be true. State the system the coordinates are really in."
        )
