"""Draw the first view as an SVG that the page carries, before any script has run.

The picture is an SVG in the page's own text: ground, faces and line of contact in whole numbers of
Web Mercator, so that a browser shows the map with the first thing it paints, and people without
scripts see it too. Its paths are also the only place where the page keeps this geometry: the page's
script reads the shapes back (``static/map/first_picture.js``), lets Leaflet draw the same ones in
the same place, and takes the picture away.

References
----------
EPSG:3857, WGS 84 / Pseudo-Mercator, on the sphere, north up and y growing to the south.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from app.page.elements.base import Bundle, PageElement
from geo.numerics import arctanh, sin
from geo.plans.categories import CATEGORIES, Pattern

__all__ = ["WORLD", "Picture", "to_world", "write_path"]

WORLD: Final = 2**20
"""Steps around the equator: a screen pixel at zoom 12; 38 m, and 24 m at the latitude of Kyiv."""

_FRAME_DEG: Final = 0.005
_STEPS_PER_PIXEL: Final = 80
"""Scale of the patterns until the script knows that of the picture."""

_LAYERS: Final = (("land", "ground"), ("country", "ground"), ("coast", "ground"))
_WATER: Final = (("lake", "water"), ("river", "water"))
_CLASSES: Final = {"country": "border"}

Positions = Sequence[Sequence[float]]
Box = tuple[float, float, float, float]


def to_world(positions: Positions) -> npt.NDArray[np.int64]:
    """Project positions to whole steps of Web Mercator.

    Parameters
    ----------
    positions
        Shape (n, 2), longitude and latitude in degrees, WGS 84.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), steps from the antimeridian eastwards and from about 85° N southwards;
        :data:`WORLD` of them are once around.

    Examples
    --------
    >>> to_world([[0.0, 0.0]]).tolist()
    [[524288, 524288]]
    """
    degrees = np.asarray(positions, dtype=np.float64)[:, :2]
    east = degrees[:, 0] / 360 + 0.5
    south = 0.5 - arctanh(sin(np.radians(degrees[:, 1]))) / (2 * np.pi)
    return np.rint(np.column_stack([east, south]) * WORLD).astype(np.int64)


def _write_run(positions: Positions, *, closed: bool, before: npt.NDArray[np.int64] | None) -> str:
    """Write a ring or a line; ``before`` is where the ring began that this one is a hole of."""
    steps = to_world(positions)
    moved = np.ones(len(steps), dtype=bool)
    moved[1:] = (steps[1:] != steps[:-1]).any(axis=1)
    steps = steps[moved]
    if closed:
        steps = steps[:-1]
    if len(steps) < (3 if closed else 2):
        return ""
    x, y = steps[0] if before is None else steps[0] - before
    letter = "M" if before is None else "m"
    deltas = " ".join(map(str, np.diff(steps, axis=0).ravel().tolist())).replace(" -", "-")
    return f"{letter}{x} {y}l{deltas}{'z' if closed else ''}"


def _write_polygon(rings: Sequence[Positions]) -> str:
    """Write shell and holes; a hole begins relative to the ring before, by which it is known."""
    text = ""
    before: npt.NDArray[np.int64] | None = None
    for ring in rings:
        run = _write_run(ring, closed=True, before=before)
        if run:
            before = to_world(ring[:1])[0]
        elif before is None:
            return ""
        text += run
    return text


def write_path(geometry: Mapping[str, Any]) -> str:
    """Write a GeoJSON geometry as the ``d`` of an SVG path, in steps of Web Mercator.

    Parameters
    ----------
    geometry
        Polygon, MultiPolygon, LineString or MultiLineString, degrees, WGS 84.

    Returns
    -------
    str
        Shells and lines begin with ``M``, holes with ``m``; all else is relative. Rings and lines
        shorter than a step are left out, and so the text may be empty.

    Examples
    --------
    >>> square = [[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01], [0, 0]]
    >>> write_path({"type": "Polygon", "coordinates": [square]})
    'M524288 524288l29 0 0-29-29 0z'
    """
    found = geometry["coordinates"]
    match geometry["type"]:
        case "Polygon":
            return _write_polygon(found)
        case "MultiPolygon":
            return "".join(_write_polygon(rings) for rings in found)
        case "LineString":
            return _write_run(found, closed=False, before=None)
        case "MultiLineString":
            return "".join(_write_run(line, closed=False, before=None) for line in found)
        case other:
            raise ValueError(f"expected polygons or lines to draw, got {other}")


def _rings(features: Iterable[Mapping[str, Any]]) -> Iterator[Positions]:
    """Every ring of polygons."""
    for feature in features:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        for rings in [polygons] if geometry["type"] == "Polygon" else polygons:
            yield from rings


def _without_frame(rings: Iterable[Positions], frame: Box) -> list[list[Sequence[float]]]:
    """Cut rings along the edge of the data, which is no border, into lines.

    Parameters
    ----------
    rings
        Rings of polygons that were cut at ``frame``.
    frame
        West, south, east and north edge in degrees.
    """
    lines: list[list[Sequence[float]]] = []

    def near(value: float, side: float) -> bool:
        return abs(value - side) < _FRAME_DEG

    def on_frame(a: Sequence[float], b: Sequence[float]) -> bool:
        return any(near(a[0], side) and near(b[0], side) for side in frame[::2]) or any(
            near(a[1], side) and near(b[1], side) for side in frame[1::2]
        )

    for ring in rings:
        joined = False
        for a, b in pairwise(ring):
            if on_frame(a, b):
                joined = False
            elif joined:
                lines[-1].append(b)
            else:
                lines.append([a, b])
                joined = True
    return lines


def _frame_of(features: Sequence[Mapping[str, Any]]) -> Box:
    corners = np.concatenate([np.asarray(ring)[:, :2] for ring in _rings(features)])
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    return float(west), float(south), float(east), float(north)


def _ground_paths(background: Mapping[str, Any] | None) -> dict[str, list[tuple[str, str]]]:
    """Draw what lies under and over the faces: for each level, class and ``d`` of its paths."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for feature in (background or {"features": []})["features"]:
        kinds.setdefault(feature["properties"]["layer"], []).append(feature)
    levels: dict[str, list[tuple[str, str]]] = {"ground": [], "water": []}
    if "land" not in kinds:
        return levels
    frame = _frame_of(kinds["land"])
    west, south, east, north = frame
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    levels["ground"].append(("sea", write_path({"type": "Polygon", "coordinates": [corners]})))
    for kind, level in (*_LAYERS, *_WATER):
        geometries = [feature["geometry"] for feature in kinds.get(kind, ())]
        if kind == "country":
            lines = _without_frame(_rings(kinds.get(kind, ())), frame)
            geometries = [{"type": "MultiLineString", "coordinates": lines}]
        drawn = "".join(map(write_path, geometries))
        if drawn:
            levels[level].append((_CLASSES.get(kind, kind), drawn))
    return levels


class Picture(PageElement):
    """The SVG of the first view; ``None`` of its text is needed once Leaflet has drawn.

    Parameters
    ----------
    bundle
        Gives faces and line.
    background
        GeoJSON of the background, or ``None`` to draw none.
    bounds
        South-west and north-east corner of the view, latitude and longitude in degrees. Without
        scripts the picture is fitted to it by the browser; with scripts, as Leaflet will.
    """

    template_file = "picture.html"

    def __init__(
        self,
        bundle: Bundle,
        *,
        background: Mapping[str, Any] | None,
        bounds: tuple[tuple[float, float], tuple[float, float]],
    ) -> None:
        super().__init__("picture")
        self.levels = _ground_paths(background)
        self.faces = [_face_path(face) for face in bundle["faces"]["features"]]
        line = bundle.get("contact_line")
        self.line = write_path(line["geometry"]) if line else ""
        (south, west), (north, east) = bounds
        (left, bottom), (right, top) = to_world([[west, south], [east, north]]).tolist()
        self.box = f"{left} {top} {right - left} {bottom - top}"
        self.patterns = [
            (category.value, f"scale({_STEPS_PER_PIXEL})", Markup(_turned(facts.pattern)))
            for category, facts in CATEGORIES.items()
        ]


def _turned(pattern: Pattern) -> str:
    """Rotation of a pattern."""
    return " rotate(45)" if pattern is Pattern.STRIPES else ""


def _face_path(face: Mapping[str, Any]) -> tuple[str, str, str]:
    """Category, key and ``d`` of a face."""
    facts = face["properties"]
    key = f"{facts['oblast']} {facts['held_by']}"
    return facts["category"], key, write_path(face["geometry"])
