"""Normalise geometries of any format: degrees, two dimensions, no empty parts."""

from typing import Final

import numpy as np
import shapely

from geo.arrays import Geometries
from geo.crs import Floats, reproject_to_geographic
from geo.empty_parts import drop_empty_parts
from geo.formats.features import Faults, RawLayer, add_invalid, describe_invalid, label

__all__ = ["normalise_layer"]

_MOST_LON_DEG: Final = 360.0
_HALF_TURN_DEG: Final = 180.0


def normalise_layer(raw: RawLayer, faults: Faults) -> Geometries:
    """Bring the geometries of a layer into longitude and latitude, without empty parts.

    Parameters
    ----------
    raw
        What a format gave.
    faults
        Where faults are added.

    Returns
    -------
    numpy.ndarray
        See :class:`geo.formats.features.Features`; rows with a fault are ``None``.

    Raises
    ------
    CRSMismatchError
        The layer states no reference system, an unknown one, or one its coordinates cannot be in.
    FeaturesError
        There are as many faults as are reported at once.

    Notes
    -----
    What lies east of 180° (or west of -180°) is cut off: an area drawn with all of Russia reaches
    beyond it, and nothing there is near the country.
    """
    geometry = drop_empty_parts(
        np.asarray(shapely.force_2d(raw.geometry), dtype=object), collections=True
    )
    if not _is_in_range(geometry):
        geometry = _check_finite(geometry, raw, faults)
    if shapely.is_missing(geometry).all():
        return geometry
    geometry = reproject_to_geographic(geometry, raw.crs, name=faults.name)
    geometry = _check_range(geometry, raw, faults)
    if faults.found:  # then name the others too, so that all can be mended at once
        add_invalid(geometry, raw.properties, faults)
    return geometry


def _is_in_range(geometry: Geometries) -> bool:
    """Tell whether all positions are finite and within the usual range of degrees."""
    if not len(geometry):
        return True
    west, south, east, north = shapely.total_bounds(geometry)
    # total_bounds leaves out what is not a number, which a sum over all does not
    total = shapely.get_coordinates(geometry).sum()
    return bool(
        np.isfinite(total) and west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0
    )


def _check_finite(geometry: Geometries, raw: RawLayer, faults: Faults) -> Geometries:
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    rows = sorted(set(owner[~np.isfinite(xy).all(axis=1)].tolist()))
    if not rows:
        return geometry
    checked = np.array(geometry, dtype=object)
    for row in rows:
        checked[row] = None
        faults.add(
            label(row, raw.properties),
            "a coordinate is not a finite number. Remove that position",
        )
    return checked


def _check_range(geometry: Geometries, raw: RawLayer, faults: Faults) -> Geometries:
    """Name positions that are no places on Earth; cut off what lies beyond 180 degrees."""
    if _is_in_range(geometry):
        return geometry
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    lon, lat = np.abs(xy).T
    wrong = (lon > _MOST_LON_DEG) | (lat > 90.0)
    beyond = set(owner[lon > _HALF_TURN_DEG].tolist())
    if not beyond and not wrong.any():
        return geometry
    checked = np.array(geometry, dtype=object)
    for row in dict.fromkeys(owner[wrong].tolist()):
        at = xy[wrong & (owner == row)][0]
        faults.add(label(row, raw.properties), _no_place(at), at.tolist())
        checked[row] = None
        beyond.discard(row)
    for row in sorted(beyond):
        checked[row] = _cut(checked[row], label(row, raw.properties), faults)
    return checked


def _no_place(at: Floats) -> str:
    """Say why a position is none, and what is probably wrong."""
    message = (
        f"expected longitude (-180 to 180) and latitude (-90 to 90) in degrees, got "
        f"({at[0]:.12g}, {at[1]:.12g})"
    )
    if (np.abs(at) > 1000.0).any():
        return (
            f"{message}, which looks like metres. State the reference system they are in, or "
            "reproject the file: ogr2ogr -s_srs EPSG:… -t_srs EPSG:4326 new.geojson old"
        )
    return f"{message}. Longitude comes first: swap the two numbers if latitude does"


def _cut(geometry: shapely.Geometry, name: str, faults: Faults) -> shapely.Geometry | None:
    if not shapely.is_valid(geometry):
        faults.add(name, *describe_invalid(geometry))
        return None
    world = shapely.box(-_HALF_TURN_DEG, -90.0, _HALF_TURN_DEG, 90.0)
    inside = shapely.intersection(geometry, world)
    same = shapely.get_dimensions(shapely.get_parts(inside)) == shapely.get_dimensions(geometry)
    kept = [part for part, wanted in zip(shapely.get_parts(inside), same, strict=True) if wanted]
    left: shapely.Geometry | None = drop_empty_parts(
        np.array([shapely.GeometryCollection(kept)], dtype=object), collections=True
    )[0]
    if left is None:
        at = shapely.get_coordinates(geometry)[0]
        faults.add(
            name,
            "all of it lies beyond 180 degrees of longitude. Write longitudes from -180 to 180",
            at.tolist(),
        )
    return left
