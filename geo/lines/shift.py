"""Shift a contact line by some kilometres, whole or in part."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.arguments import show
from geo.arrays import Geometries
from geo.crs import Floats, to_geographic, to_metric
from geo.errors import ConservationError, ShiftError
from geo.geometry.overlay import merge_pieces
from geo.geometry.snapping import SNAP_KM
from geo.geometry.topology import Bridge, Topology, crosses, topology_of
from geo.lines.repair import repair_line
from geo.lines.split import KYIV, split_by_contact_line
from geo.measure import area_km2, distance_km, length_km
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.identity import hash_texts
from geo.model.partition import Partition
from geo.numerics import cos

__all__ = ["Shift", "across", "shift_line"]

_EDGE_DEG: Final = 0.02
_TOUCH_DEG: Final = 1e-9
_MARGIN_DEG: Final = 1e-7
_JOIN_KM: Final = 0.001
_ON_LINE_KM: Final = 20.0
_LARGEST_KM: Final = 200.0
_AREA_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Shift:
    """A line that was moved, and the land that changed hands by it.

    Parameters
    ----------
    line
        The line after the move.
    partition
        The country divided by it.
    km, into
        How far it was moved, and into whose land.
    stretch
        The part of the line that was moved, as it was before, degrees.
    stretch_km
        Its length: for a small move, the km² that each km moves.
    moved_km2
        Land that changed hands.
    """

    line: ContactLine
    partition: Partition
    km: float
    into: Control
    stretch: shapely.MultiLineString
    stretch_km: float
    moved_km2: float

    @property
    def km2_per_km(self) -> float:
        """Land that changed hands for each km of the move; its limit where nothing was moved."""
        return self.moved_km2 / self.km if self.km else self.stretch_km


def shift_line(
    divided: Partition,
    km: float,
    *,
    into: Control,
    between: tuple[tuple[float, float], tuple[float, float]] | None = None,
    within: tuple[float, float, float, float] | None = None,
) -> Shift:
    """Move the line of contact, or a stretch of it, into the land that one side holds.

    All land of that side that lies within ``km`` of the stretch, and is connected with it, changes
    hands; the new line is the border of what then belongs to whom. So the line never crosses
    itself: bays narrower than twice the distance close, and pockets that small disappear.

    Parameters
    ----------
    divided
        The country divided by the line as it is.
    km
        How far, 0 to 200; measured in :data:`geo.crs.METRIC_CRS`.
    into
        Whose land is entered: ``ukraine`` moves the line to where Ukraine holds the land.
    between
        Two positions, longitude and latitude in degrees, within 20 km of the line: only the stretch
        between them is moved. On a closed part of the line the shorter way is meant.
    within
        West, south, east, north in degrees: only what lies in this box is moved.

    Returns
    -------
    Shift
        The new line and partition; the input is unchanged. A move by 0 km changes nothing.

    Raises
    ------
    ShiftError
        The distance is out of range, there is no line to move, or the two positions are not on
        one part of it; says where.
    ConservationError
        The new line does not divide the country as the move says.

    Notes
    -----
    The move is a dilation by a disk (Minkowski sum). For small moves the area is the length of the
    stretch times the distance; corners, ends and the outline of the country add terms of second
    order. Edges are cut to 0.02 degrees before they are projected.

    References
    ----------
    Serra, J. (1982). Image Analysis and Mathematical Morphology. Academic Press (dilation).
    """
    if not 0.0 <= km <= _LARGEST_KM:
        raise ShiftError(f"expected a distance from 0 to {_LARGEST_KM:g} km; got {show(km)}")
    topology = topology_of(divided.boundaries)
    chains, _ = repair_line(divided.line.geometry, topology, tolerance_km=5.0)
    inside = _inside(chains, topology)
    stretch = _choose(inside, between, within)
    stretch_km = float(length_km(np.array([stretch], dtype=object))[0])
    if km == 0.0:
        return Shift(divided.line, divided, km, into, stretch, stretch_km, 0.0)
    entered = merge_pieces(divided.geometry[divided.held_by == into])
    zone = _zone(stretch, km, entered)
    _refuse_anchor(zone, into)
    line = _redraw(chains, zone, entered, topology)
    after = _divide(divided, line, zone, into, topology)
    moved = _moved_km2(divided, after, into)
    _check_moved(moved, zone, entered, line)
    shifted = _describe(divided.line, after.line, (float(km), str(into), between, within))
    after = replace(after, line=shifted)
    return Shift(shifted, after, km, into, stretch, stretch_km, moved)


def _describe(before: ContactLine, after: ContactLine, asked: tuple[object, ...]) -> ContactLine:
    """Say of a moved line what was asked: its hash never depends on a position computed."""
    km, into, between, within = asked
    part = "a stretch of it" if between or within else "all of it"
    move = f"{part} moved {km:g} km into land held by {into}"
    sha256 = hash_texts([before.provenance.sha256, "moved", *map(repr, asked)])
    return replace(
        after,
        method=f"{before.method}; {move}",
        basis=f"{before.basis or before.source_id or before.source}; {move}",
        provenance=replace(before.provenance, sha256=sha256),
    )


# --- which stretch -----------------------------------------------------------------------------


def _inside(chains: Geometries, topology: Topology) -> Geometries:
    """Return the line inside the country, cut where it meets itself, shape (n,)."""
    if len(chains) == 0:
        raise ShiftError("there is no line to move: nothing divides the country")
    clipped = shapely.intersection(shapely.MultiLineString(list(chains)), topology.country)
    return np.asarray(shapely.get_parts(shapely.line_merge(_lines(clipped))), dtype=object)


def _lines(geometry: BaseGeometry) -> shapely.MultiLineString:
    """Keep the linear parts of a geometry."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    linear = (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
    return shapely.MultiLineString(list(parts[linear]))


def _choose(
    chains: Geometries,
    between: tuple[tuple[float, float], tuple[float, float]] | None,
    within: tuple[float, float, float, float] | None,
) -> shapely.MultiLineString:
    if between is not None and within is not None:
        raise ShiftError("expected one of 'between' and 'within'; got both")
    if between is not None:
        return _between(chains, *between)
    if within is None:
        return shapely.MultiLineString(list(chains))
    west, south, east, north = within
    if not (west < east and south < north):
        raise ShiftError(f"expected a box as west, south, east, north; got {show(within)}")
    line = shapely.MultiLineString(list(chains))
    found = _lines(shapely.intersection(line, shapely.box(*within)))
    if shapely.is_empty(found):
        raise ShiftError(
            f"no part of the line lies in the box {within} (west, south, east, north, degrees)",
            lon_deg=(west + east) / 2,
            lat_deg=(south + north) / 2,
        )
    return found


def _between(
    chains: Geometries, start: tuple[float, float], end: tuple[float, float]
) -> shapely.MultiLineString:
    """Return the stretch between the two positions of the line that are nearest."""
    rows = [_nearest(chains, position) for position in (start, end)]
    if rows[0] != rows[1]:
        raise ShiftError(
            f"the positions {start} and {end} are on different parts of the line; expected two on "
            "one part. Move each part by itself, or choose the stretch by a box.",
            lon_deg=end[0],
            lat_deg=end[1],
        )
    chain = chains[rows[0]]
    a, b = sorted(float(shapely.line_locate_point(chain, shapely.Point(at))) for at in (start, end))
    if a == b:
        raise ShiftError(
            "the two positions are nearest to one point of the line; expected a stretch",
            lon_deg=start[0],
            lat_deg=start[1],
        )
    direct = _lines(substring(chain, a, b))
    if not shapely.is_closed(chain):
        return direct
    ways = [substring(chain, b, chain.length), substring(chain, 0.0, a)]
    around = _lines(shapely.GeometryCollection(ways))
    lengths = length_km(np.array([direct, around], dtype=object))
    return direct if lengths[0] <= lengths[1] else around


def _nearest(chains: Geometries, position: tuple[float, float]) -> int:
    away = np.array([float(distance_km(np.array([position]), chain)[0]) for chain in chains])
    row = int(np.argmin(away))
    if away[row] > _ON_LINE_KM:
        raise ShiftError(
            f"the position lon {position[0]:g}, lat {position[1]:g} lies {away[row]:.0f} km from "
            f"the line; expected one within {_ON_LINE_KM:g} km of it",
            lon_deg=position[0],
            lat_deg=position[1],
        )
    return row


# --- the move ----------------------------------------------------------------------------------


def _zone(stretch: shapely.MultiLineString, km: float, entered: BaseGeometry) -> BaseGeometry:
    """Return what lies within reach of the stretch, without land it does not reach over land."""
    plane = to_metric(shapely.segmentize(stretch, _EDGE_DEG))
    reach = shapely.buffer(plane, km * 1000.0, quad_segs=16)
    zone: BaseGeometry = to_geographic(shapely.segmentize(reach, 2000.0))
    if not shapely.is_valid(zone):
        zone = shapely.make_valid(zone, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(shapely.intersection(zone, entered))
    parts = parts[shapely.get_dimensions(parts) == 2]
    shapely.prepare(stretch)
    apart = parts[~shapely.dwithin(parts, stretch, _TOUCH_DEG)]
    if len(apart):
        zone = shapely.difference(zone, shapely.union_all(shapely.buffer(apart, _MARGIN_DEG)))
    return zone


def _refuse_anchor(zone: BaseGeometry, into: Control) -> None:
    """Refuse to move over the place that tells which side is whose."""
    if into is Control.UKRAINE and shapely.intersects_xy(zone, *KYIV):
        lon, lat = KYIV
        raise ShiftError(
            f"the line would pass over Kyiv (lon {lon:g}, lat {lat:g}), which tells which side is "
            "Ukrainian-held. Move it by less.",
            lon_deg=lon,
            lat_deg=lat,
        )


def _redraw(
    chains: Geometries, zone: BaseGeometry, entered: BaseGeometry, topology: Topology
) -> Geometries:
    """Take the line out of the zone and draw the zone's edge where it cuts the land entered."""
    rest = _lines(shapely.difference(shapely.MultiLineString(list(chains)), zone))
    edge = _lines(shapely.intersection(shapely.boundary(zone), entered))
    drawn = shapely.MultiLineString([*shapely.get_parts(rest), *shapely.get_parts(edge)])
    repaired, _ = repair_line(drawn, topology, tolerance_km=_JOIN_KM)
    return repaired


def _divide(
    divided: Partition, chains: Geometries, zone: BaseGeometry, into: Control, topology: Topology
) -> Partition:
    """Divide the country by the new line; draw it between islands where the move asks for it."""
    crossings = [
        across(bridge)
        for bridge in topology.bridges
        if _is_divided(bridge, divided, zone, into) != crosses(chains, bridge.path)
    ]
    drawn = shapely.MultiLineString([*chains, *crossings])
    return split_by_contact_line(divided.boundaries, replace(divided.line, geometry=drawn))


def _is_divided(bridge: Bridge, divided: Partition, zone: BaseGeometry, into: Control) -> bool:
    """Tell whether the two shores of a way over water belong to different sides after the move."""
    sides = []
    for at in (0, -1):
        shore = shapely.get_point(bridge.path, at)
        row = int(np.argmin(shapely.distance(divided.geometry, shore)))
        held = divided.held_by[row]
        land = shapely.get_point(shapely.shortest_line(divided.geometry[row], shore), 0)
        taken = held == into and bool(shapely.intersects(zone, land))
        sides.append(held.other if taken else held)
    return bool(sides[0] != sides[1])


def across(bridge: Bridge) -> shapely.LineString:
    """Draw a short line across a way over water, at its middle.

    Parameters
    ----------
    bridge
        The way.

    Returns
    -------
    shapely.LineString
        A fifth as long as the way, degrees.
    """
    ends = shapely.get_coordinates(bridge.shores)[[0, -1]]
    middle, along = ends.mean(axis=0), ends[1] - ends[0]
    squeeze = float(cos(np.radians(middle[1])))
    across = np.array([-along[1] / squeeze, along[0] * squeeze]) * 0.1
    return shapely.LineString([middle - across, middle + across])


def _moved_km2(before: Partition, after: Partition, into: Control) -> float:
    held: list[Floats] = [
        partition.on_faces().area_km2[partition.held_by == into] for partition in (before, after)
    ]
    return float(held[0].sum() - held[1].sum())


def _check_moved(
    moved_km2: float, zone: BaseGeometry, entered: BaseGeometry, line: Geometries
) -> None:
    """Check that the land within reach changed hands, as exactly as the line is snapped."""
    reach: npt.NDArray[np.object_] = np.array([shapely.intersection(zone, entered)], dtype=object)
    wanted = float(area_km2(reach)[0])
    snapped_km2 = SNAP_KM * float(length_km(line).sum() + length_km(shapely.boundary(reach)).sum())
    if abs(moved_km2 - wanted) > _AREA_TOLERANCE * max(wanted, 1.0) + snapped_km2:
        raise ConservationError(
            f"the line was to move over {wanted:.6f} km², but {moved_km2:.6f} km² changed hands."
        )
