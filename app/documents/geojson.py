"""Geometries to GeoJSON bytes (RFC 7946).

Served layers keep every digit. Geometry for the screen is simplified here and nowhere else, all
faces together, so that neighbours go on sharing their borders.

References
----------
RFC 7946, The GeoJSON Format: 3.1.6 (winding), 3.1.1 (positions), 6.1 (foreign members).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from geo.arrays import Geometries
from geo.text import restore_text

__all__ = [
    "DISPLAY_DIGITS",
    "DISPLAY_TOLERANCE_DEG",
    "MEDIA_TYPE",
    "line_between",
    "simplify_for_display",
    "to_fragments",
    "write_feature",
    "write_features",
    "write_json",
]

MEDIA_TYPE: Final = "application/geo+json"

DISPLAY_TOLERANCE_DEG: Final = 0.01
"""Corners of less than half a square of this side are left out on the screen."""

DISPLAY_DIGITS: Final = 5
"""Decimal places of a position on the screen: about a metre."""

_JSON_OPTIONS: Final = orjson.OPT_SERIALIZE_NUMPY


def write_json(document: object) -> bytes:
    """Write a document as UTF-8 JSON; ``nan`` becomes ``null``."""
    try:
        return orjson.dumps(document, option=_JSON_OPTIONS)
    except TypeError:  # the name of a file may hold bytes that are no text
        return orjson.dumps(_restore(document), option=_JSON_OPTIONS)


def _restore(document: Any) -> Any:  # noqa: ANN401
    """Return a document in which every text is text."""
    if isinstance(document, str):
        return restore_text(document)
    if isinstance(document, Mapping):
        return {restore_text(str(name)): _restore(part) for name, part in document.items()}
    return [*map(_restore, document)] if isinstance(document, list | tuple) else document


def to_fragments(geometry: Geometries) -> list[orjson.Fragment]:
    """Write geometries as GeoJSON, ready to be put into a document.

    Parameters
    ----------
    geometry
        Shape (n,), longitude and latitude in degrees.

    Returns
    -------
    list of orjson.Fragment
        Shell rings run anticlockwise and holes clockwise; coordinates keep every digit.
    """
    oriented = shapely.orient_polygons(geometry, exterior_cw=False)
    return [orjson.Fragment(text) for text in shapely.to_geojson(oriented)]


def write_feature(
    geometry: shapely.Geometry,
    properties: Mapping[str, Any],
    *,
    feature_id: str,
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make one Feature, with a bounding box and perhaps foreign members."""
    single = np.array([geometry], dtype=object)
    return {
        "type": "Feature",
        "id": feature_id,
        **_bbox(single),
        **(members or {}),
        "properties": properties,
        "geometry": to_fragments(single)[0],
    }


def write_features(
    geometry: Geometries,
    properties: Sequence[Mapping[str, Any]],
    *,
    ids: Sequence[str],
    members: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make a FeatureCollection.

    Parameters
    ----------
    geometry
        Shape (n,), longitude and latitude in degrees.
    properties, ids
        One for each geometry.
    members
        Foreign members of the collection, such as where the figures come from.

    Returns
    -------
    dict
        For :func:`write_json`.
    """
    features = [
        {"type": "Feature", "id": feature_id, "properties": facts, "geometry": fragment}
        for feature_id, facts, fragment in zip(ids, properties, to_fragments(geometry), strict=True)
    ]
    return {
        "type": "FeatureCollection",
        **_bbox(geometry),
        **(members or {}),
        "features": features,
    }


def _bbox(geometry: Geometries) -> dict[str, list[float]]:
    if shapely.is_empty(geometry).all():
        return {}
    bounds = shapely.total_bounds(geometry)
    return {"bbox": bounds.tolist()}


def simplify_for_display(
    geometry: Geometries, *, tolerance_deg: float = DISPLAY_TOLERANCE_DEG
) -> Geometries:
    """Simplify a coverage for the screen; shared borders stay shared.

    Parameters
    ----------
    geometry
        Faces of a valid coverage, shape (n,), longitude and latitude in degrees.
    tolerance_deg
        See :func:`shapely.coverage_simplify`; 0 keeps every corner.

    Returns
    -------
    numpy.ndarray
        Shape (n,), rounded to :data:`DISPLAY_DIGITS`. Never measure these.
    """
    simplified = shapely.coverage_simplify(geometry, tolerance_deg)
    return np.asarray(shapely.transform(simplified, _round), dtype=object)


def _round(positions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.round(positions, DISPLAY_DIGITS)


def line_between(one_side: Geometries, other_side: Geometries) -> shapely.MultiLineString:
    """Return the border that two groups of faces of one coverage share.

    Parameters
    ----------
    one_side, other_side
        Faces of the same coverage, any number of each.

    Returns
    -------
    shapely.MultiLineString
        The shared border, exactly as the faces draw it.
    """
    corners, edges = _edges(one_side, other_side)
    unique, count = np.unique(edges, return_counts=True)
    ends = np.stack(np.divmod(unique[count == 2], len(corners)), axis=1)
    positions = np.stack([corners.real, corners.imag], axis=1)
    shared = shapely.linestrings(positions[ends])
    merged = shapely.line_merge(shapely.multilinestrings(shared))
    return shapely.MultiLineString(list(shapely.get_parts(merged)))


def _edges(*sides: Geometries) -> tuple[npt.NDArray[np.complex128], npt.NDArray[np.int64]]:
    """Give a number to each edge of the polygons, side by side.

    Returns
    -------
    tuple of numpy.ndarray
        Corners (n,), as x + iy; and for each side in turn its edges, each once, as the product of
        n and the number of one corner, plus the number of the other, the lower corner first.
    """
    rings = [shapely.get_parts(shapely.boundary(side)) for side in sides]
    read = [shapely.get_coordinates(side, return_index=True) for side in rings]
    flat = np.concatenate([positions for positions, _ in read])
    corners, corner = np.unique(flat[:, 0] + 1j * flat[:, 1], return_inverse=True)
    begins = np.cumsum([0, *(len(ring) for _, ring in read)])
    edges = []
    for (_, ring), begin, end in zip(read, begins[:-1], begins[1:], strict=True):
        same_ring = ring[:-1] == ring[1:]
        here = corner[begin:end]
        ends = np.stack([here[:-1][same_ring], here[1:][same_ring]])
        edges.append(np.unique(ends.min(axis=0) * len(corners) + ends.max(axis=0)))
    return corners, np.concatenate(edges)
