"""An area of control → the line of contact inside the country."""

from datetime import date
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import check_geographic, to_geographic, to_metric
from geo.errors import InvalidGeometryError
from geo.repair import node_lines, repair_line
from geo.territory import Boundaries, ContactLine, Geometries, Provenance
from geo.topology import Topology, topology_of

__all__ = ["contact_line_from_area"]

_EDGE_DEG: Final = 0.02
"""Edges are cut to this length before they are projected, so that they stay where they are."""

_TOUCH_M: Final = 1.0
_OVERLAP_M: Final = 100.0
_MIN_SHARE_BORDER: Final = 0.2
_MIN_SHARE_AREA: Final = 0.1
_MIN_SHARE_BOTH: Final = 0.65
"""A corner that the opening rounds off has less: it is no sliver."""


def contact_line_from_area(
    area: BaseGeometry,
    boundaries: Boundaries,
    *,
    day: date,
    source: str,
    provenance: Provenance,
    sliver_width_km: float = 4.0,
    sliver_area_km2: float = 100.0,
) -> ContactLine:
    """Turn an area of Russian control into the line of contact inside the country.

    Two data sets rarely draw the state border and the coast alike. Where the area stops short of
    our border, the strip between the two is no front: it belongs to the side it adjoins, which is
    the area.

    Parameters
    ----------
    area
        Polygon or MultiPolygon, longitude and latitude in degrees; it may reach beyond the
        country.
    boundaries
        The oblasts the line is to divide.
    day
        The day the area describes.
    source
        Who published it.
    provenance
        Where the data come from.
    sliver_width_km
        Strips along the border or the coast that are narrower than this, and that lie between it
        and the area, count as held by Russia.
    sliver_area_km2
        So do pieces up to this size that touch the border or the coast and are cut off from the
        rest by the area.

    Returns
    -------
    ContactLine
        The boundary of the area inside the country, ending on the country's outline.

    Raises
    ------
    InvalidGeometryError
        The area is invalid, empty, or no polygon.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.

    Notes
    -----
    The free part of the country is opened (eroded, then dilated) with a disk of half
    ``sliver_width_km`` in :data:`geo.crs.METRIC_CRS`; what the opening removes, and what touches
    both the area and the outline along a good part of its edge, is a sliver.

    References
    ----------
    Serra, J. (1982). Image Analysis and Mathematical Morphology. Academic Press (opening).
    """
    _check_area(area)
    topology = topology_of(boundaries)
    strips = _slivers(area, topology, sliver_width_km * 1000.0, sliver_area_km2 * 1e6)
    grown = shapely.union_all([area, *to_geographic(shapely.buffer(strips, _OVERLAP_M))])
    line = _inner_boundary(grown, topology)
    return ContactLine(
        date=day,
        geometry=line,
        source=source,
        method=(
            "boundary of the published area of control inside the country; strips up to "
            f"{sliver_width_km:g} km along the state border and the coast count with the area"
        ),
        provenance=provenance,
    )


def _check_area(area: BaseGeometry) -> None:
    if shapely.get_type_id(area) not in {3, 6} or area.is_empty:
        raise InvalidGeometryError(f"area of control: expected a polygon, {area!r:.60} came")
    check_geographic(np.array([area], dtype=object), name="area of control")
    if not shapely.is_valid(area):
        raise InvalidGeometryError(
            f"area of control: {shapely.is_valid_reason(area)}. Repair it with shapely.make_valid."
        )


def _slivers(area: BaseGeometry, topology: Topology, width_m: float, piece_m2: float) -> Geometries:
    """Return the strips and pieces that count with the area, in metres."""
    area_m = to_metric(shapely.segmentize(area, _EDGE_DEG))
    window = shapely.box(*shapely.bounds(shapely.buffer(area_m, 4 * width_m, quad_segs=1)))
    country = to_metric(shapely.segmentize(topology.country, _EDGE_DEG))
    outline = shapely.boundary(country)
    free = shapely.difference(country, area_m)
    near = shapely.clip_by_rect(free, *window.bounds)
    strips = _between(_narrow(near, width_m / 2), area_m, outline)
    rest = shapely.get_parts(shapely.difference(free, shapely.union_all(strips)))
    cut_off = rest[(shapely.area(rest) <= piece_m2)]
    cut_off = cut_off[
        shapely.dwithin(cut_off, outline, _TOUCH_M) & shapely.dwithin(cut_off, area_m, width_m)
    ]
    return np.concatenate([strips, cut_off])


def _narrow(shape: BaseGeometry, radius_m: float) -> Geometries:
    """Return what an opening with a disk removes."""
    core = shapely.buffer(shapely.buffer(shape, -radius_m, quad_segs=4), radius_m, quad_segs=4)
    slack = shapely.buffer(core, radius_m * 0.02, quad_segs=2)
    return np.asarray(shapely.get_parts(shapely.difference(shape, slack)))


def _between(strips: Geometries, area_m: BaseGeometry, outline: BaseGeometry) -> Geometries:
    """Keep the strips that run along both the area and the outline."""
    for geometry in (area_m, outline):
        shapely.prepare(geometry)
        strips = strips[shapely.dwithin(strips, geometry, _TOUCH_M)]
    edges, length = shapely.boundary(strips), shapely.length(strips)

    def share(geometry: BaseGeometry) -> np.ndarray:
        zone = shapely.buffer(geometry, _TOUCH_M, quad_segs=1)
        return np.asarray(shapely.length(shapely.intersection(edges, zone)) / length)

    along_border, along_area = share(outline), share(area_m)
    keep = (along_border >= _MIN_SHARE_BORDER) & (along_area >= _MIN_SHARE_AREA)
    keep &= along_border + along_area >= _MIN_SHARE_BOTH
    return np.asarray(strips[keep])


def _inner_boundary(area: BaseGeometry, topology: Topology) -> shapely.MultiLineString:
    """Return the boundary of the area inside the country, ending on its outline."""
    inside = shapely.intersection(shapely.boundary(area), topology.country)
    margin_deg = 1e-4
    border = shapely.buffer(shapely.union_all(topology.outline), margin_deg, quad_segs=2)
    chains = node_lines(shapely.difference(inside, border))
    gap_km = 4 * margin_deg * 111.0
    repaired, _ = repair_line(shapely.MultiLineString(list(chains)), topology, tolerance_km=gap_km)
    return shapely.MultiLineString(list(repaired))
