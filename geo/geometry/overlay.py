"""Overlay two partitions of one country."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.crs import Floats
from geo.errors import ConservationError, IncomparableError
from geo.geometry.topology import Integers
from geo.measure import area_km2
from geo.model.boundaries import Boundaries
from geo.model.partition import Partition

__all__ = ["AREA_TOLERANCE", "Pieces", "check_area", "cut_into_pieces", "merge_pieces"]

AREA_TOLERANCE: Final = 1e-9
"""Largest difference between a face and the sum of its pieces, relative to the oblast."""

_CLEAR_DEG: Final = 1e-7
"""A point this far from every edge, about a centimetre, is on its side whatever the rounding."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces that lie in one face of either partition; arrays have shape (n,).

    ``face_a`` and ``face_b`` are the rows of the faces; ``geometry`` is in degrees.
    """

    face_a: Integers
    face_b: Integers
    geometry: Geometries
    area_km2: Floats


def cut_into_pieces(a: Partition, b: Partition) -> Pieces:
    """Cut two partitions of one country into pieces that lie in one face of either.

    Parameters
    ----------
    a, b
        Partitions of the same boundaries.

    Returns
    -------
    Pieces
        Oblast by oblast. Where both divide an oblast alike, the pieces are its faces.

    Raises
    ------
    IncomparableError
        The two are not on the same boundaries.
    ConservationError
        The pieces of a face do not add up to it within 1e-9 of its oblast.
    """
    _check_comparable(a.boundaries, b.boundaries)
    a, b = a.on_faces(), b.on_faces()
    found = [_pieces_of(a, b, unit) for unit in range(len(a.boundaries))]
    columns = (np.concatenate(column) for column in zip(*found, strict=True))
    pieces = Pieces(*columns)
    for partition, face in ((a, pieces.face_a), (b, pieces.face_b)):
        _check_conservation(partition, face, pieces.area_km2)
    return pieces


def _check_comparable(a: Boundaries, b: Boundaries) -> None:
    if a is b:
        return
    same = a.ids == b.ids and bool(shapely.equals_exact(a.geometry, b.geometry, 0.0).all())
    if not same:
        raise IncomparableError(
            "only settlements on the same boundaries can be compared: expected the same units and "
            f"the same borders; a is drawn on {a.provenance.source!r}, b on "
            f"{b.provenance.source!r}. Choose one set of boundaries for both."
        )


_Pieces = tuple[Integers, Integers, Geometries, Floats]


def _pieces_of(a: Partition, b: Partition, unit: int) -> _Pieces:
    """Cut one oblast so that each piece lies in one face of either side."""
    rows_a, rows_b = np.flatnonzero(a.oblast_row == unit), np.flatnonzero(b.oblast_row == unit)
    if _divided_alike(a, b, rows_a, rows_b):
        return rows_a, rows_b, a.geometry[rows_a], a.area_km2[rows_a]
    if len(rows_a) == 1:
        return rows_a.repeat(len(rows_b)), rows_b, b.geometry[rows_b], b.area_km2[rows_b]
    if len(rows_b) == 1:
        return rows_a, rows_b.repeat(len(rows_a)), a.geometry[rows_a], a.area_km2[rows_a]
    return _overlay(a.geometry[rows_a], b.geometry[rows_b], rows_a, rows_b)


def _divided_alike(a: Partition, b: Partition, rows_a: Integers, rows_b: Integers) -> bool:
    if len(rows_a) != len(rows_b):
        return False
    if len(rows_a) > 1 and (a.held_by[rows_a] != b.held_by[rows_b]).any():
        return False
    one, other = a.geometry[rows_a], b.geometry[rows_b]
    return bool(
        all(x is y for x, y in zip(one, other, strict=True))
        or shapely.equals_exact(one, other, 0.0).all()
    )


def _overlay(one: Geometries, other: Geometries, rows_a: Integers, rows_b: Integers) -> _Pieces:
    """Node the faces of both sides together and put what they enclose where it belongs."""
    linework = shapely.union_all(shapely.boundary(np.concatenate([one, other])))
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    inner = _points_well_inside(pieces)
    in_a, in_b = _face_of(inner, one), _face_of(inner, other)
    inside = (in_a >= 0) & (in_b >= 0)
    key = np.where(inside, in_a * len(other) + in_b, -1)
    found = [int(group) for group in np.unique(key[inside])]
    shapes = np.array([merge_pieces(pieces[key == group]) for group in found], dtype=object)
    pair = np.array(found, dtype=np.intp)
    return rows_a[pair // len(other)], rows_b[pair % len(other)], shapes, area_km2(shapes)


def _points_well_inside(pieces: Geometries) -> Geometries:
    """Return a point of each piece that lies away from its edges.

    Where two lines run within the last digits of a number, noding leaves arms of no width on a
    piece; a point in such an arm would tell nothing of the piece.
    """
    points = np.asarray(shapely.point_on_surface(pieces), dtype=object)
    narrow = np.flatnonzero(shapely.distance(points, shapely.boundary(pieces)) < _CLEAR_DEG)
    for row in narrow:
        triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(pieces[row]))
        if len(triangles):
            points[row] = shapely.centroid(triangles[np.argmax(shapely.area(triangles))])
    return points


def _face_of(points: Geometries, faces: Geometries) -> Integers:
    """Return the row of the face each point lies in, or -1 beyond a border's last digit."""
    result = np.full(len(points), -1, dtype=np.intp)
    point, face = shapely.STRtree(faces).query(points, predicate="intersects")
    result[point[::-1]] = face[::-1]
    return result


def merge_pieces(pieces: Geometries) -> BaseGeometry:
    """Dissolve pieces that share their vertices into one valid face.

    Parameters
    ----------
    pieces
        Polygons or multipolygons, shape (n,), degrees.

    Returns
    -------
    shapely.Geometry
        Valid; exterior rings run counter-clockwise.
    """
    try:
        merged = pieces[0] if len(pieces) == 1 else shapely.coverage_union_all(pieces)
    except shapely.errors.GEOSException:  # an edge of one has a corner of another on it
        merged = shapely.union_all(pieces)
    if not shapely.is_valid(merged):
        merged = shapely.union_all(pieces)
    oriented: BaseGeometry = shapely.orient_polygons(merged, exterior_cw=False)
    return oriented


def check_area(shape: shapely.Geometry, wanted: float, boundaries: Boundaries, unit: int) -> None:
    """Check that what differs in one oblast measures what the matrix says.

    Parameters
    ----------
    shape
        The land that differs.
    wanted
        Its area as the sum of its pieces, km².
    boundaries, unit
        The oblasts, and the row of the one it lies in.

    Raises
    ------
    ConservationError
        The two differ by more than 1e-9 of the oblast.
    """
    measured = float(area_km2(np.array([shape], dtype=object))[0])
    if abs(measured - wanted) > AREA_TOLERANCE * float(boundaries.area_km2[unit]):
        raise ConservationError(
            f"what differs in {boundaries.ids[unit]} measures {measured:.6f} km², expected "
            f"{wanted:.6f} km² as in the matrix."
        )


def _check_conservation(partition: Partition, face: Integers, areas: Floats) -> None:
    """Check that the pieces of each face add up to it."""
    total = np.bincount(face, areas, len(partition))
    whole = partition.boundaries.area_km2[partition.oblast_row]
    residual = np.abs(total - partition.area_km2) / whole
    if (residual > AREA_TOLERANCE).any():
        row = int(np.argmax(residual))
        raise ConservationError(
            f"pieces of {partition.oblast_id[row]} held by {partition.held_by[row]} add up to "
            f"{total[row]:.6f} km², expected {partition.area_km2[row]:.6f} km² (relative to the "
            f"oblast {residual[row]:.1e}, allowed {AREA_TOLERANCE:.0e})."
        )
