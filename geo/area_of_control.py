"""An area of control → the line of contact inside the country."""

from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import check_geographic
from geo.errors import InvalidGeometryError
from geo.geometry.empties import drop_empty_parts
from geo.io.dates import DayLike, as_day
from geo.partition import KYIV
from geo.repair import node_lines, repair_line
from geo.shift import across
from geo.shore import SliverRule, shore_of
from geo.slivers import Slivers
from geo.territory import Boundaries, ContactLine, HeldAreas, Provenance
from geo.tiles import TileState, grid_of
from geo.topology import Bridge, Topology, crosses, topology_of

__all__ = ["check_area", "contact_line_from_area"]

_MARGIN_DEG: Final = 1e-4
"""So near to the outline (11 m) the line is left out and drawn anew."""


def contact_line_from_area(
    area: BaseGeometry,
    boundaries: Boundaries,
    *,
    day: DayLike,
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
        The area is invalid, empty, no polygon, or holds Kyiv, which is Ukrainian-held.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.

    Notes
    -----
    Slivers are found near the outline, cell by cell: see :class:`geo.slivers.Slivers`. Strips
    reach at most their greatest width inland, pieces twice.
    """
    area = drop_empty_parts(np.array([area], dtype=object))[0]
    check_area(area)
    rule = SliverRule(sliver_width_km, sliver_area_km2)
    slivers = Slivers(shore_of(boundaries, rule))
    state = TileState(grid_of(boundaries), slivers)
    state.move_to(shapely.MultiPolygon(shapely.get_parts(area).tolist()))
    grown = shapely.union(area, shapely.union_all(slivers.grown()))
    line = _inner_boundary(grown, boundaries)
    held = HeldAreas(line, boundaries.ids, boundaries.area_km2, state.held_km2)
    return ContactLine(
        date=as_day(day),
        geometry=line,
        source=source,
        method=(
            "boundary of the published area of control inside the country; strips up to "
            f"{sliver_width_km:g} km along the state border and the coast count with the area"
        ),
        provenance=provenance,
        held=held,
    )


def check_area(area: BaseGeometry) -> None:
    """Refuse what is no area of control.

    Parameters
    ----------
    area
        Anything.

    Raises
    ------
    InvalidGeometryError
        It is invalid, empty, or no polygon.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.
    """
    if shapely.get_type_id(area) not in {3, 6} or shapely.is_empty(area):
        raise InvalidGeometryError(f"area of control: expected a polygon, {area!r:.60} came")
    check_geographic(np.array([area], dtype=object), name="area of control")
    if not shapely.is_valid(area):
        raise InvalidGeometryError(
            f"area of control: {shapely.is_valid_reason(area)}. Repair it with shapely.make_valid."
        )
    if shapely.contains_xy(area, *KYIV):
        raise InvalidGeometryError(
            "area of control: expected the land that Russia holds, but Kyiv lies in it. Give the "
            "other side of the line."
        )


def _inner_boundary(area: BaseGeometry, boundaries: Boundaries) -> shapely.MultiLineString:
    """Return the boundary of the area inside the country, ending on its outline."""
    topology = topology_of(boundaries)
    inside = shapely.intersection(shapely.boundary(area), topology.country)
    chains = node_lines(shapely.difference(inside, _border_zone(boundaries)))
    gap_km = 4 * _MARGIN_DEG * 111.0
    repaired, _ = repair_line(shapely.MultiLineString(list(chains)), topology, tolerance_km=gap_km)
    crossings = [
        across(bridge)
        for bridge in topology.bridges
        if _divides(area, bridge, topology) != crosses(repaired, bridge.path)
    ]
    return shapely.MultiLineString([*repaired, *crossings])


def _divides(area: BaseGeometry, bridge: Bridge, topology: Topology) -> bool:
    """Tell whether the two shores of a way over water are on different sides."""
    sides = []
    for part, at in ((bridge.part, 0), (bridge.other, -1)):
        shore = shapely.buffer(shapely.get_point(bridge.path, at), _SHORE_DEG, quad_segs=2)
        land = shapely.intersection(topology.parts[part], shore)
        inside = shapely.area(shapely.intersection(land, area))
        sides.append(bool(2.0 * inside > shapely.area(land)))
    return sides[0] != sides[1]


_SHORE_DEG: Final = 2e-3
"""So much land at the end of a way over water tells its side."""


@lru_cache(maxsize=8)
def _border_zone(boundaries: Boundaries) -> BaseGeometry:
    outline = shapely.union_all(topology_of(boundaries).outline)
    return shapely.buffer(outline, _MARGIN_DEG, quad_segs=2)
