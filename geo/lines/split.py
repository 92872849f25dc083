"""Split the oblasts by the contact line: one face for each oblast and holder."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.crs import Floats
from geo.errors import (
    ConservationError,
    ContradictorySidesError,
    InvalidGeometryError,
    LineDoesNotSplitError,
    OutsideCountryError,
)
from geo.geometry.snapping import ON_DEG, SNAP_KM
from geo.geometry.topology import (
    Bridge,
    Integers,
    Segments,
    Topology,
    crosses,
    directed_segments,
    topology_of,
)
from geo.lines.faces import Faces, cut_country
from geo.lines.repair import repair_line
from geo.measure import area_km2, length_km
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.partition import Partition

__all__ = ["AREA_TOLERANCE", "KYIV", "check_place", "split_by_contact_line"]

KYIV: Final = (30.5234, 50.4501)
"""Longitude and latitude of Kyiv, the anchor: it is Ukrainian-held."""

AREA_TOLERANCE: Final = 1e-9
"""Largest relative difference between an oblast and the sum of its faces."""


def split_by_contact_line(
    boundaries: Boundaries,
    line: ContactLine,
    *,
    anchor: tuple[float, float] = KYIV,
    end_tolerance_km: float = 5.0,
) -> Partition:
    """Divide every oblast by the line of contact.

    Which side is whose follows from topology, not from the direction in which the line was drawn:
    the anchor is Ukrainian-held, crossing the line changes the holder, crossing an oblast border
    does not. Separate parts (islands) are reached by the shortest way over water, and a line
    crossed on that way counts. An oblast the line does not touch becomes one face.

    Parameters
    ----------
    boundaries
        The oblasts, a valid coverage.
    line
        Any number of parts, closed or open. Ends may overshoot the outer border and the coast.
    anchor
        Longitude and latitude in degrees of a place that is Ukrainian-held.
    end_tolerance_km
        An end that stops short of the border, or of another end, by no more than this is drawn
        on; a stub no longer than this is left out. Both are reported.

    Returns
    -------
    Partition
        One row for each oblast and holder that occurs, sorted; the input is unchanged.

    Raises
    ------
    LineDoesNotSplitError
        An end hangs inside the country; the message gives the place, the gap and the remedy.
    ContradictorySidesError
        A place would be on both sides, for instance where three branches meet.
    InvalidGeometryError
        The line lies elsewhere on Earth; the message says so if its axes are swapped.
    OutsideCountryError
        The anchor is in none of the oblasts.
    ConservationError
        The faces do not add up to the oblasts.

    See Also
    --------
    geo.contact_line_from_area : Turn an area of control into a line.
    geo.contact_line_from_observations : Compute a line from places.

    Notes
    -----
    Steps: repair the ends; node the line with the border arcs it meets; polygonise; give each face
    to the oblast it lies in; spread sides over shared segments. Laws checked on every call: each
    face is valid; every boundary segment inside the country is cancelled by its neighbour's (so
    that there is neither gap nor overlap); areas of an oblast's faces add up to the oblast within
    1e-9. The line's own positional uncertainty is larger than that by many orders of magnitude.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946. On ``shapely.ops.split``: issue 1988.

    Examples
    --------
    >>> import datetime, numpy, shapely, geo
    >>> squares = numpy.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> nowhere = geo.Provenance("squares", "docstring", "2025-11-21", "CC0", "nobody")
    >>> two = geo.Boundaries(("XX-1", "XX-2"), squares, ("One", "Two"), ("", ""), ("", ""),
    ...                      numpy.full(2, numpy.nan), numpy.full(2, numpy.nan), nowhere)
    >>> cut = shapely.LineString([(1.25, -0.1), (1.25, 1.1)])
    >>> line = geo.ContactLine(datetime.date(2025, 11, 21), cut, "docstring", "drawn", nowhere)
    >>> faces = geo.split_by_contact_line(two, line, anchor=(0.5, 0.5))
    >>> for row in zip(faces.oblast_id, faces.held_by, faces.area_km2.round(1)):
    ...     print(*row)
    XX-1 ukraine 12308.5
    XX-2 russia 9231.3
    XX-2 ukraine 3077.1
    """
    topology = topology_of(boundaries)
    check_place(line.geometry, topology, name=f"contact line of {line.date}")
    chains, report = repair_line(line.geometry, topology, tolerance_km=end_tolerance_km)
    faces = cut_country(topology, chains)
    _refuse_leftovers(faces, topology)
    segments = topology.segments if not faces.cut.any() else directed_segments(faces.polygons)
    side, islands = _assign_sides(faces, segments, chains, topology, anchor)
    _check_cancellation(faces, segments, topology)
    partition = _assemble(boundaries, line, faces, side)
    _check_conservation(partition)
    areas = _areas_of_control_km2(partition)
    return replace(partition, report=replace(report, islands=islands), area_km2=areas)


def check_place(geometry: BaseGeometry, topology: Topology, *, name: str) -> None:
    """Refuse a line or an area of control that lies elsewhere on Earth.

    Parameters
    ----------
    geometry
        Lines or polygons, degrees; an empty one is accepted.
    topology
        The country.
    name
        What it is, for the message.

    Raises
    ------
    InvalidGeometryError
        It meets neither the country nor a way over water between its parts. The message says
        whether it would with the axes swapped.
    """
    if shapely.is_empty(geometry) or _meets(geometry, topology):
        return
    swapped = shapely.transform(geometry, lambda lonlat: lonlat[:, ::-1])
    west, south, east, north = shapely.bounds(geometry).round(2).tolist()
    hint = (
        " With the axes swapped it would: write longitude before latitude."
        if _meets(shapely.make_valid(swapped), topology)
        else " Check its coordinate reference system, and whether it is the file you mean."
    )
    raise InvalidGeometryError(
        f"{name}: expected a geometry that meets the country; it lies at longitude {west:g} to "
        f"{east:g}, latitude {south:g} to {north:g}.{hint}"
    )


def _meets(geometry: BaseGeometry, topology: Topology) -> bool:
    if shapely.intersects(topology.country, geometry):
        return True
    return any(bool(shapely.intersects(bridge.path, geometry)) for bridge in topology.bridges)


def _refuse_leftovers(faces: Faces, topology: Topology) -> None:
    """Refuse linework inside the country that bounds nothing."""
    for pieces, branch in ((faces.isthmuses, True), (faces.dangles, False)):
        middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
        inside = np.flatnonzero(shapely.contains(topology.country, middles))
        if len(inside) == 0:
            continue
        lengths_km = length_km(pieces[inside])
        worst = int(np.argmax(lengths_km))
        lon, lat = shapely.get_coordinates(middles[inside[worst]])[0].tolist()
        if lengths_km[worst] <= 2.0 * SNAP_KM:
            continue  # within the snap distance
        if branch:
            raise ContradictorySidesError(
                lon_deg=lon, lat_deg=lat, detail="a stretch has the same land on both sides"
            )
        raise LineDoesNotSplitError(
            lon_deg=lon, lat_deg=lat, gap_km=float(lengths_km[worst]), tolerance_km=0.0
        )


def _neighbours(
    faces: Faces, segments: Segments, chains: Geometries
) -> tuple[Integers, npt.NDArray[np.bool_], Integers]:
    """Pairs of neighbouring faces (m, 2), whether the line lies between them, and a segment."""
    rows = segments.pairs
    pairs = np.column_stack([segments.owner[rows], segments.owner[segments.twin[rows]]])
    pairs.sort(axis=1)
    flips = faces.row[pairs[:, 0]] == faces.row[pairs[:, 1]]
    candidates = np.flatnonzero(~flips & faces.cut[pairs].all(axis=1))
    flips[candidates] = _on_line(segments, rows[candidates], chains)
    count = len(faces.polygons)
    key = (pairs[:, 0] * count + pairs[:, 1]) * 2 + flips
    _, first = np.unique(key, return_index=True)
    return pairs[first], flips[first], rows[first]


def _on_line(segments: Segments, rows: Integers, chains: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which border segments are segments of the line."""
    if len(rows) == 0 or len(chains) == 0:
        return np.zeros(len(rows), dtype=bool)
    lonlat, chain = shapely.get_coordinates(chains, return_index=True)
    joined = chain[1:] == chain[:-1]
    drawn = _undirected(lonlat[:-1][joined], lonlat[1:][joined])
    borders = _undirected(segments.start[rows], segments.end[rows])
    return np.isin(borders, drawn)


def _undirected(start: Floats, end: Floats) -> npt.NDArray[np.void]:
    """Describe each segment by its two positions, the same in either direction, shape (n,)."""
    ends = np.stack([start, end], axis=1) + 0.0  # one zero, not two
    ends = np.sort(ends.view(np.complex128)[..., 0], axis=1)
    return ends.view(np.dtype((np.void, 32))).ravel()


def _assign_sides(
    faces: Faces,
    segments: Segments,
    chains: Geometries,
    topology: Topology,
    anchor: tuple[float, float],
) -> tuple[npt.NDArray[np.bool_], int]:
    """Return for each face whether it is on the far side of the line, seen from the anchor."""
    pairs, flips, sample = _neighbours(faces, segments, chains)
    bridges = [_bridge_edge(bridge, faces, chains) for bridge in topology.bridges]
    edges = [*zip(*pairs.T.tolist(), flips.tolist(), strict=True), *bridges]
    graph: dict[int, list[tuple[int, bool]]] = {}
    for a, b, flip in edges:
        graph.setdefault(a, []).append((b, flip))
        graph.setdefault(b, []).append((a, flip))
    side = _spread(graph, _face_of(anchor, faces), len(faces.polygons))
    wrong = np.flatnonzero((side[pairs[:, 0]] != side[pairs[:, 1]]) != flips)
    if len(wrong):
        _refuse_contradiction(chains, topology, segments, sample[wrong])
    return side, len(topology.bridges)


def _spread(
    graph: dict[int, list[tuple[int, bool]]], start: int, count: int
) -> npt.NDArray[np.bool_]:
    """Walk the graph from the anchor's face, changing sides where the line is crossed."""
    known: dict[int, bool] = {start: False}
    queue = [start]
    while queue:
        face = queue.pop()
        for other, flip in graph.get(face, ()):
            if other not in known:
                known[other] = known[face] != flip
                queue.append(other)
    if len(known) != count:
        raise InvalidGeometryError(
            f"boundaries: {count - len(known)} of {count} faces cannot be reached from the anchor"
        )
    return np.array([known[face] for face in range(count)])


def _face_of(lonlat: tuple[float, float], faces: Faces) -> int:
    found = np.flatnonzero(shapely.intersects_xy(faces.polygons, *lonlat))
    if len(found) == 0:
        raise OutsideCountryError(
            f"the anchor (lon {lonlat[0]:g}, lat {lonlat[1]:g}) lies in none of the oblasts; "
            "expected a place inside the country that is Ukrainian-held."
        )
    return int(found[0])


def _bridge_edge(bridge: Bridge, faces: Faces, chains: Geometries) -> tuple[int, int, bool]:
    """Turn a way over water into an edge between the two faces at its ends."""
    ends = []
    for part, at in ((bridge.part, 0), (bridge.other, -1)):
        candidates = np.flatnonzero(faces.part == part)
        distance = shapely.distance(faces.polygons[candidates], shapely.get_point(bridge.path, at))
        ends.append(int(candidates[np.argmin(distance)]))
    return ends[0], ends[1], crosses(chains, bridge.path)


def _refuse_contradiction(
    chains: Geometries, topology: Topology, segments: Segments, sample: Integers
) -> None:
    """Name the place: a junction of an odd number of branches, or else a contested segment."""
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(chains, at)) for at in (0, -1)]
    )
    positions, count = np.unique(ends, axis=0, return_counts=True)
    odd = positions[(count % 2 == 1) & (count > 1)]
    odd = odd[shapely.contains_xy(topology.country, odd[:, 0], odd[:, 1])]
    if len(odd):
        lon, lat = odd[0].tolist()
        detail = f"an odd number of branches meets here ({len(odd)} such places in all)"
    else:
        where = segments.middle[sample[0]]
        lon, lat = float(where.real), float(where.imag)
        detail = "the land around it is reached both with and without crossing the line"
    raise ContradictorySidesError(lon_deg=lon, lat_deg=lat, detail=detail)


def _check_cancellation(faces: Faces, segments: Segments, topology: Topology) -> None:
    """Check that what is not cancelled between faces is the outline, and nothing else."""
    if not faces.cut.any():
        return
    if segments.repeated:
        raise ConservationError("faces overlap: a boundary segment has two faces on one side.")
    outside = segments.outside
    middle = segments.middle[outside]
    known = topology.segments.middle[topology.segments.outside]
    outside, middle = outside[~np.isin(middle, known)], middle[~np.isin(middle, known)]
    points = shapely.points(middle.real, middle.imag)
    found = shapely.STRtree(topology.outline).query(points, predicate="dwithin", distance=ON_DEG)
    stray = np.setdiff1d(np.arange(len(outside)), found[0])
    if len(stray):
        lon, lat = middle[stray[0]].real, middle[stray[0]].imag
        raise ConservationError(
            f"faces leave a gap or overlap at lon {lon:.5f}, lat {lat:.5f}: expected every border "
            f"inside the country to have a face on both sides, {len(stray)} segments have one."
        )


def _assemble(
    boundaries: Boundaries, line: ContactLine, faces: Faces, side: npt.NDArray[np.bool_]
) -> Partition:
    """Collect the faces of each oblast and holder."""
    key = faces.row * 2 + np.where(side, 0, 1)  # "russia" sorts before "ukraine"
    order = np.argsort(key, kind="stable")
    keys, first = np.unique(key[order], return_index=True)
    count = np.diff([*first, len(order)])
    bundles = shapely.multipolygons(
        faces.polygons[order], indices=np.repeat(np.arange(len(keys)), count)
    )
    rows, holder = keys // 2, np.array([Control.RUSSIA, Control.UKRAINE], dtype=object)[keys % 2]
    whole = np.bincount(rows, minlength=len(boundaries))[rows] == 1
    bundles = shapely.orient_polygons(bundles, exterior_cw=False)
    geometry = np.where(whole, boundaries.geometry[rows], np.asarray(bundles, dtype=object))
    invalid = ~shapely.is_valid(geometry[~whole])
    if invalid.any():
        units = ", ".join(boundaries.ids[row] for row in np.unique(rows[~whole][invalid]))
        raise InvalidGeometryError(f"faces of {units} are not valid after the split")
    areas = boundaries.area_km2[rows].copy()
    areas[~whole] = area_km2(geometry[~whole])
    ids = np.array(boundaries.ids, dtype=object)[rows]
    return Partition(boundaries, line, ids, holder, geometry, areas)


def _check_conservation(partition: Partition) -> None:
    """Check that the faces of each oblast add up to it."""
    whole = partition.boundaries.area_km2
    total = np.bincount(partition.oblast_row, weights=partition.area_km2, minlength=len(whole))
    residual = np.abs(total - whole) / whole
    if (residual > AREA_TOLERANCE).any():
        row = int(np.argmax(residual))
        raise ConservationError(
            f"faces of {partition.boundaries.ids[row]} add up to {total[row]:.6f} km², expected "
            f"{whole[row]:.6f} km² (relative difference {residual[row]:.1e}, allowed "
            f"{AREA_TOLERANCE:.0e})."
        )


def _areas_of_control_km2(partition: Partition) -> Floats:
    """Return the areas of faces as the area of control has them from which their line was made.

    Areas in km², shape (n,): of oblasts that have a face on each side, the part inside the area of
    control and the rest. The measured areas of the faces if the line was not made from an area, was
    made on other oblasts, or if a side has nothing in the area of control.
    """
    held, boundaries = partition.line.held, partition.boundaries
    whole = boundaries.area_km2
    if held is None or held.geometry is not partition.line.geometry or held.ids != boundaries.ids:
        return partition.area_km2
    if not np.array_equal(held.whole_km2, whole):
        return partition.area_km2
    row = partition.oblast_row
    told = np.bincount(row, minlength=len(whole)) == 2
    told &= (held.held_km2 > 0.0) & (held.held_km2 < whole)
    by_russia = partition.held_by == Control.RUSSIA
    inside, outside = held.held_km2[row], (whole - held.held_km2)[row]
    return np.where(told[row], np.where(by_russia, inside, outside), partition.area_km2)
