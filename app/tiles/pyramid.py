"""Simplify the faces for a zoom, all together, so that shared borders stay shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from app.datasets.cache import Memo
from app.documents.common import face_properties
from app.documents.csv_rows import join_words
from app.documents.geojson import line_between
from app.tiles.grid import MAX_ZOOM, Tile, to_pixels
from geo.arrays import Geometries
from geo.model.control import Control
from geo.scenario import Scenario

__all__ = ["LAYERS", "Floor", "TileLayer", "floor_of", "mend_polygons"]

LAYERS: Final = ("faces", "oblasts", "contact_line", "settlements")

_TOLERANCE: Final = 8.0
"""Pixels of a tile; a screen shows a tile's 4096 as 512."""

_MOST_TRIES: Final = 8
"""Slivers thinner than a pixel fold when they are rounded; simpler faces have fewer of them."""

_POPULATION_AT: Final = {4: 300_000, 5: 150_000, 6: 60_000, 7: 20_000, 8: 3_000}
_KEPT: Final = 64


def _of_dimension(piece: shapely.Geometry, dimension: int) -> shapely.Geometry:
    """Drop the points and lines in which a polygon only touches a tile."""
    if shapely.get_type_id(piece) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return piece if shapely.get_dimensions(piece) == dimension else shapely.Point()
    parts = shapely.get_parts(piece)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])


def mend_polygons(polygons: Geometries) -> Geometries:
    """Make polygons valid whose rings touch or cross where positions were rounded."""
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.make_valid(
            polygons[broken], method="structure", keep_collapsed=False
        )
    return polygons


@dataclass(frozen=True, eq=False)
class TileLayer:
    """Features of one layer: geometry in pixels, shape (n,), and n mappings of attributes."""

    geometry: Geometries
    properties: Sequence[Mapping[str, Any]]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over the geometry."""
        return shapely.STRtree(self.geometry)

    def cut(self, tile: Tile) -> tuple[Geometries, list[Mapping[str, Any]]]:
        """Return what lies in a tile and its buffer, and its attributes."""
        rows = np.sort(self.tree.query(tile.box, predicate="intersects"))
        pieces = np.asarray(shapely.intersection(self.geometry[rows], tile.box))
        same = shapely.get_dimensions(self.geometry[rows])
        pieces = np.array(
            [_of_dimension(*found) for found in zip(pieces, same, strict=True)], dtype=object
        )
        whole = ~shapely.is_empty(pieces)
        return pieces[whole], [self.properties[row] for row in rows[whole]]


@dataclass(frozen=True, eq=False)
class Floor:
    """All layers of a scenario at one zoom."""

    layers: Mapping[str, TileLayer]

    @property
    def bounds(self) -> npt.NDArray[np.float64]:
        """West, north, east, south in pixels."""
        return np.asarray(shapely.total_bounds(self.layers["faces"].geometry))


_FLOORS: Final[Memo[tuple[str, int], Floor]] = Memo(_KEPT)


def floor_of(scenario: Scenario, zoom: int) -> Floor:
    """Return the geometry of a zoom; made once, the ones used longest ago are dropped.

    Parameters
    ----------
    scenario
        The scenario.
    zoom
        Its number.

    Returns
    -------
    Floor
        At the closest zoom all positions of the full geometry; at others simplified by
        ``shapely.coverage_simplify``, which keeps shared borders shared.
    """
    return _FLOORS.get((str(scenario.identity), zoom), lambda: _make_floor(scenario, zoom))


def _make_floor(scenario: Scenario, zoom: int) -> Floor:
    faces = _simplify(to_pixels(scenario.partition.geometry, zoom), closest=zoom == MAX_ZOOM)
    return Floor(
        {
            "faces": _faces(scenario, faces),
            "oblasts": _oblasts(scenario, faces),
            "contact_line": _line(scenario, faces),
            "settlements": _settlements(scenario, zoom),
        }
    )


def _simplify(faces: Geometries, *, closest: bool) -> Geometries:
    """Put a coverage onto whole pixels, as simple as it takes to stay a coverage there."""
    tolerance = 0.0 if closest else _TOLERANCE
    for _ in range(_MOST_TRIES):
        simple = np.asarray(shapely.coverage_simplify(faces, tolerance)) if tolerance else faces
        rounded = np.asarray(shapely.transform(simple, np.round))
        if shapely.is_valid(rounded).all() and shapely.coverage_is_valid(rounded):
            return rounded
        tolerance = max(1.0, 1.5 * tolerance)
    return mend_polygons(rounded)


def _faces(scenario: Scenario, faces: Geometries) -> TileLayer:
    rows = [face_properties(scenario, row) for row in range(len(faces))]
    return TileLayer(
        faces, [{name: join_words(value) for name, value in row.items()} for row in rows]
    )


def _oblasts(scenario: Scenario, faces: Geometries) -> TileLayer:
    units, ids = scenario.boundaries, scenario.partition.oblast_id
    merged = [shapely.union_all(faces[ids == unit]) for unit in units.ids]
    names = zip(units.ids, units.name_en, units.name_uk, strict=True)
    rows = [{"oblast": unit, "name_en": english, "name_uk": ours} for unit, english, ours in names]
    return TileLayer(np.array(merged, dtype=object), rows)


def _line(scenario: Scenario, faces: Geometries) -> TileLayer:
    ours = scenario.partition.held_by == Control.UKRAINE
    line = line_between(faces[ours], faces[~ours])
    facts = {"date": scenario.line.date.isoformat(), "source": scenario.line.source}
    return TileLayer(np.array([line], dtype=object), [facts])


def _settlements(scenario: Scenario, zoom: int) -> TileLayer:
    gazetteer = scenario.gazetteer
    places = gazetteer.places
    people = np.nan_to_num(places.population)
    rows = np.flatnonzero((gazetteer.face >= 0) & (people >= _POPULATION_AT.get(zoom, 0)))
    points = _round(to_pixels(places.points[rows], zoom))
    categories = scenario.settlement.category[gazetteer.face[rows]]
    facts = [
        {
            "name_en": str(places.name_en[row]),
            "name_uk": str(places.name_uk[row]),
            "category": str(category),
            "population": int(people[row]),
        }
        for row, category in zip(rows, categories, strict=True)
    ]
    return TileLayer(points, facts)


def _round(points: Geometries) -> Geometries:
    return np.asarray(shapely.transform(points, np.round))
