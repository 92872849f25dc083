"""Rings of GeoJSON polygons: from nested arrays, or from text most of which was read before.

An archive repeats from day to day nearly all positions of an area of control. Their text is cut
where it is likely to be cut on the next day too, and only pieces that are new are parsed.
"""

import re
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import shapely

from geo.crs import Floats

__all__ = ["SeenRings", "build_polygons", "polygons_from_arrays", "positions_from_arrays"]

_flat: Final = chain.from_iterable
_MEMBER: Final = re.compile(rb'"coordinates"\s*:\s*\Z')
_NOTHING_YET: Final = {"type": "MultiPolygon", "coordinates": []}
_CUT_AFTER: Final = b"7"
"""Text is cut after positions that end with this digit: every tenth or so, wherever it moves to."""


class _Style(NamedTuple):
    """The way in which a file writes brackets and blanks."""

    start: bytes
    end: bytes
    between_rings: bytes
    between_positions: bytes
    opening: bytes
    closing: bytes


_STYLES: Final = (
    _Style(b"[[[[", b"]]]]", b"]],[[", b"],[", b"[", b"]"),
    _Style(b"[[[[", b"]]]]", b"]], [[", b"], [", b"[", b"]"),
    _Style(b"[ [ [ [ ", b" ] ] ] ]", b" ] ], [ [ ", b" ], [ ", b"[ ", b" ]"),
)
"""Written by orjson and other terse writers; by Python's json; by GDAL."""


def polygons_from_arrays(polygons: Any) -> shapely.MultiPolygon | None:  # noqa: ANN401
    """Build polygons from the ``coordinates`` of a MultiPolygon.

    Parameters
    ----------
    polygons
        Anything; polygons of rings of positions of two numbers, if all is well.

    Returns
    -------
    shapely.MultiPolygon or None
        ``None`` for anything else, with which a general reader can find the fault and name it.
    """
    try:
        rings: list[Any] = list(_flat(polygons))
        xy = _positions(list(_flat(rings)))
        sizes = [len(ring) for ring in rings]
        rings_of: list[int] = [len(polygon) for polygon in polygons]
        owner = np.repeat(np.arange(len(polygons)), rings_of)
    except (TypeError, ValueError, OverflowError):
        return None
    return build_polygons(xy, sizes, owner.tolist()) if rings_of and all(rings_of) else None


def positions_from_arrays(positions: Any) -> Floats | None:  # noqa: ANN401
    """Build an array from a list of positions.

    Parameters
    ----------
    positions
        Anything; positions of two numbers, if all is well.

    Returns
    -------
    numpy.ndarray or None
        Shape (n, 2); ``None`` for anything else, as for :func:`polygons_from_arrays`.
    """
    try:
        return _positions(positions)
    except (TypeError, ValueError, OverflowError):
        return None


def _positions(positions: Sequence[Sequence[float]]) -> Floats:
    """Return positions as an array, shape (n, 2)."""
    numbers = list(_flat(positions))
    if not set(map(len, positions)) <= {2} or not set(map(type, numbers)) <= {int, float}:
        raise ValueError("expected positions of two numbers")
    return np.array(array("d", numbers)).reshape(-1, 2)


def build_polygons(
    xy: Floats, sizes: Sequence[int], owner: Sequence[int]
) -> shapely.MultiPolygon | None:
    """Build polygons from the positions of all rings.

    Parameters
    ----------
    xy
        Positions, ring by ring, the first of a ring repeated at its end; shape (n, 2).
    sizes
        How many positions each ring has.
    owner
        The polygon of each ring, ascending from 0; the first ring of a polygon is its exterior.

    Returns
    -------
    shapely.MultiPolygon or None
        ``None`` if a ring is empty, not closed, or has too few positions.
    """
    if not sizes or not min(sizes):
        return None
    last = np.cumsum(sizes) - 1
    if (xy[last] != xy[last - sizes + 1]).any():
        return None
    try:
        rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(sizes)), sizes))
        parts = np.asarray(shapely.polygons(np.asarray(rings), indices=np.asarray(owner)))
    except (ValueError, shapely.errors.GEOSException):
        return None
    return shapely.MultiPolygon(parts.tolist())


class SeenRings:
    """Reads GeoJSON with one MultiPolygon, and what of it was not in the text read before.

    Notes
    -----
    A document is taken apart only where that gives what a JSON parser gives: nothing but the
    coordinates of the one geometry is cut out, the rest is parsed as it is, and each piece of the
    coordinates is parsed by itself, brackets added, when it is seen first. Texts written in
    another way are left to the general reader. As much is kept as the last text needed.

    Examples
    --------
    >>> seen = SeenRings()
    >>> text = b'{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": '
    >>> text += b'{"type": "MultiPolygon", "coordinates": [[[[0,0],[1,0],[1,1],[0,0]]]]}}]}'
    >>> document, polygons = seen.read(text)
    >>> polygons
    <MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))>
    >>> document["features"][0]["geometry"]["coordinates"]
    []
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Floats] = {}

    def read(self, content: bytes) -> tuple[dict[str, Any], shapely.MultiPolygon] | None:
        """Read a document.

        Parameters
        ----------
        content
            Its text.

        Returns
        -------
        tuple or None
            The document with the coordinates left out, and the polygons; ``None`` when it has to be
            read in the general way.
        """
        for style in _STYLES:
            start, end = content.find(style.start), content.rfind(style.end)
            if start < 0 or end < start:
                continue
            document = _without_coordinates(content[:start], content[end + len(style.end) :])
            body = content[start + len(style.start) : end]
            if document is not None and style.between_positions in body:
                polygons = self._polygons(body, style)
                return None if polygons is None else (document, polygons)
        return None

    def _polygons(self, body: bytes, style: _Style) -> shapely.MultiPolygon | None:
        """Read what lies between the outermost brackets."""
        used: dict[bytes, Floats] = {}
        pieces: list[Floats] = []
        sizes = []
        try:
            rings, owner = _cut_rings(body, style)
            for ring in rings:
                before = len(pieces)
                *texts, last = ring.split(_CUT_AFTER + style.between_positions)
                for text in texts:
                    known = self._known.get(text)
                    used[text] = _read_piece(text + _CUT_AFTER) if known is None else known
                    pieces.append(used[text])
                pieces.append(_read_piece(last))
                sizes.append(sum(map(len, pieces[before:])))
        except (TypeError, ValueError, OverflowError):  # of which orjson.JSONDecodeError is one
            return None
        self._known = used
        return build_polygons(np.concatenate(pieces), sizes, owner)


def _cut_rings(body: bytes, style: _Style) -> tuple[list[bytes], list[int]]:
    """Return the text of each ring between its brackets, and the polygon it belongs to."""
    rings = body.split(style.between_rings)
    starts = [ring.startswith(style.opening) for ring in rings]
    ends = [ring.endswith(style.closing) for ring in rings]
    if starts[1:] != ends[:-1] or starts[0] or ends[-1]:
        raise ValueError("expected a polygon to begin where another ends")
    first = len(style.opening)
    last = len(style.closing)
    texts = [
        ring[first * start : len(ring) - last * end]
        for ring, start, end in zip(rings, starts, ends, strict=True)
    ]
    return texts, np.cumsum(starts).tolist()


def _read_piece(text: bytes) -> Floats:
    """Read some positions as a JSON parser reads them."""
    return _positions(orjson.loads(b"[[" + text + b"]]"))


def _without_coordinates(head: bytes, tail: bytes) -> dict[str, Any] | None:
    """Parse a document but for the coordinates of its one MultiPolygon, if it is such a one."""
    rest = head + b"[]" + tail
    if not _MEMBER.search(head) or rest.count(b'"coordinates"') != 1 or b"\\" in rest:
        return None
    try:
        document = orjson.loads(rest)
        (feature,) = document["features"]
        return document if feature["geometry"] == _NOTHING_YET else None
    except (KeyError, TypeError, ValueError):  # of which orjson.JSONDecodeError is one
        return None
