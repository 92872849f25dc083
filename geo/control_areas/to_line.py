"""Turn an area of control into the line of contact inside the country."""

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arguments import show
from geo.arrays import Geometries
from geo.control_areas.border_cells import SliverRule, shore_of
from geo.control_areas.border_snapping import snap_area
from geo.control_areas.slivers import Slivers
from geo.control_areas.tile_areas import TileState, grid_of
from geo.crs import check_geographic
from geo.dates import DayLike, as_day
from geo.empty_parts import drop_empty_parts
from geo.errors import InvalidGeometryError
from geo.geometry.snapping import SNAP_DEG, node_lines, snap_line
from geo.geometry.topology import Bridge, crosses, directed_segments, topology_of
from geo.lines.faces import Faces, cut_country
from geo.lines.shift import across
from geo.lines.split import KYIV, check_place
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine, HeldAreas
from geo.model.provenance import Provenance

__all__ = ["check_area", "contact_line_from_area"]


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
        The area is invalid, empty, no polygon, lies elsewhere on Earth, or holds Kyiv, which is
        Ukrainian-held.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.

    Notes
    -----
    Slivers are found near the outline, cell by cell: see
    :class:`geo.control_areas.slivers.Slivers`. Strips reach at most their greatest width inland,
    pieces twice.
    """
    area = drop_empty_parts(np.array([area], dtype=object))[0]
    check_area(area)
    day = as_day(day)
    topology = topology_of(boundaries)
    check_place(area, topology, name=f"area of control of {day}")
    snapped = snap_area(area, topology)
    rule = SliverRule(sliver_width_km, sliver_area_km2)
    slivers = Slivers(shore_of(boundaries, rule))
    state = TileState(grid_of(boundaries), slivers)
    state.move_to(snapped)
    grown = shapely.union(snapped, shapely.union_all(slivers.grown()))
    line = _inner_boundary(grown, boundaries)
    held = HeldAreas(line, boundaries.ids, boundaries.area_km2, state.held_km2)
    return ContactLine(
        date=day,
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
        raise InvalidGeometryError(f"area of control: expected a polygon; got {show(area)}")
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
    faces = cut_country(topology, snap_line(shapely.boundary(area), topology))
    held = _inside(faces.polygons, area)
    segments = directed_segments(faces.polygons)
    rows = segments.pairs
    rows = rows[held[segments.owner[rows]] != held[segments.owner[segments.twin[rows]]]]
    ends = np.stack([segments.start[rows], segments.end[rows]], axis=1)
    pieces = np.asarray(shapely.linestrings(ends), dtype=object)
    line = node_lines(shapely.MultiLineString(list(pieces)))
    crossings = [
        across(bridge)
        for bridge in topology.bridges
        if _divides(faces, held, bridge) != crosses(line, bridge.path)
    ]
    return shapely.MultiLineString([*line, *crossings])


def _inside(polygons: Geometries, area: BaseGeometry) -> npt.NDArray[np.bool_]:
    """Tell which faces lie in an area that cuts them out; narrow ones by their larger part."""
    shapely.prepare(area)
    points = np.asarray(shapely.point_on_surface(polygons), dtype=object)
    inside = np.asarray(shapely.intersects(area, points))
    near = shapely.dwithin(shapely.boundary(area), points, 2.0 * SNAP_DEG)
    for row in np.flatnonzero(near):
        common = shapely.area(shapely.intersection(polygons[row], area))
        inside[row] = bool(2.0 * common > shapely.area(polygons[row]))
    return inside


def _divides(faces: Faces, held: npt.NDArray[np.bool_], bridge: Bridge) -> bool:
    """Tell whether the two shores of a way over water are on different sides."""
    sides = []
    for part, at in ((bridge.part, 0), (bridge.other, -1)):
        rows = np.flatnonzero(faces.part == part)
        end = shapely.get_point(bridge.path, at)
        sides.append(bool(held[rows[np.argmin(shapely.distance(faces.polygons[rows], end))]]))
    return sides[0] != sides[1]
