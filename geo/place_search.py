"""Find places, oblasts and positions in a scenario by text or coordinates."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely

from geo.crs import Floats
from geo.geometry.topology import Integers
from geo.numerics import arcsin, cos, log, sin
from geo.places.coordinates import parse_position
from geo.places.location import Place
from geo.places.name_index import Hit, How
from geo.plans.plan import Category
from geo.scenario import Scenario

__all__ = ["Found", "Nearby", "find_nearest_place", "search_places"]

_NEAR_LINE_DEG: Final = 0.3
_TOWN: Final = 10_000
_MANY: Final = 1e7
_EARTH_KM: Final = 6371.0
_LN_10: Final = 2.302585092994046


@dataclass(frozen=True)
class Nearby:
    """A recorded place, and how far it is."""

    place: Place
    distance_km: float


@dataclass(frozen=True)
class Found:
    """One answer to a search.

    ``how`` tells in what way, ``spelling`` which name answered. A ``place`` comes with its face
    (row in the partition) and, unless it is a town itself, the nearest town; an oblast has neither
    place nor face; a position has no names.
    """

    how: How
    spelling: str
    oblast: str
    name_en: str
    name_uk: str
    lon_deg: float
    lat_deg: float
    face: int | None = None
    place: Place | None = None
    town: Nearby | None = None


def search_places(
    scenario: Scenario, text: str, *, limit: int = 10
) -> tuple[tuple[Found, ...], int]:
    """Search populated places and oblasts by name, or read a position.

    Parameters
    ----------
    scenario
        Where to search; what a plan changes and what lies near the line comes a little sooner.
    text
        A name or its beginning, in English, Ukrainian or an older spelling, in any
        transliteration, misspelt, or typed with the wrong keyboard layout; or a position, see
        :func:`geo.places.coordinates.parse_position`.
    limit
        How many are returned.

    Returns
    -------
    tuple of Found
        Exact names first, then beginnings, transliterations and misspellings; the more populous
        first among equals.
    int
        How many there were.

    Examples
    --------
    >>> import datetime, geo
    >>> scenario = geo.build_scenario(
    ...     geo.load_boundaries(),
    ...     geo.load_contact_line(datetime.date(2025, 11, 21)),
    ...     geo.load_plan("point21-axios"),
    ...     geo.load_observations(),
    ... )
    >>> [geo.search_places(scenario, text)[0][0].name_en for text in ("Краматорск", "bahmt")]
    ['Kramatorsk', 'Bakhmut']
    """
    position = parse_position(text)
    if position is not None:
        found = Found(How.POSITION, text.strip(), "", "", "", *position)
        return (found,), 1
    index = scenario.gazetteer.index
    hits, total = index.search(text, weight=_weigh(scenario), limit=limit)
    return tuple(_describe(scenario, hit) for hit in hits), total


def find_nearest_place(
    scenario: Scenario, lon_deg: float, lat_deg: float, *, held_by: str | None = None
) -> Nearby | None:
    """Find the recorded place nearest to a position.

    Parameters
    ----------
    scenario
        Its places.
    lon_deg, lat_deg
        Position in degrees on WGS 84.
    held_by
        Only places whose face this side holds.

    Returns
    -------
    Nearby or None
        ``None`` when there is no such place. Distances are great-circle on a sphere of 6371 km.
    """
    places, face = scenario.gazetteer.places, scenario.gazetteer.face
    fits = face >= 0
    if held_by is not None:
        fits &= scenario.partition.held_by[face] == held_by
    return _nearest(scenario, np.flatnonzero(fits), lon_deg, lat_deg) if len(places) else None


def _nearest(scenario: Scenario, rows: Integers, lon_deg: float, lat_deg: float) -> Nearby | None:
    if len(rows) == 0:
        return None
    places = scenario.gazetteer.places
    away_km = _great_circle_km(lon_deg, lat_deg, places.lon_deg[rows], places.lat_deg[rows])
    best = int(np.argmin(away_km))
    return Nearby(scenario.place(int(rows[best])), float(away_km[best]))


def _great_circle_km(lon_deg: float, lat_deg: float, lons_deg: Floats, lats_deg: Floats) -> Floats:
    here, there = np.radians(lat_deg), np.radians(lats_deg)
    north, east = sin((there - here) / 2), sin(np.radians(lons_deg - lon_deg) / 2)
    half = north * north + cos(here) * cos(there) * east * east
    return np.asarray(2 * _EARTH_KM * arcsin(np.sqrt(np.minimum(half, 1.0))))


@lru_cache(maxsize=8)
def _weigh(scenario: Scenario) -> Floats:
    """Weigh what the names of the index name, places and units."""
    places, boundaries = scenario.gazetteer.places, scenario.boundaries
    people = np.clip(np.nan_to_num(places.population), 100.0, _MANY)
    near = shapely.dwithin(places.points, scenario.line.geometry, _NEAR_LINE_DEG)
    category = scenario.settlement.category[scenario.gazetteer.face]
    affected = (scenario.gazetteer.face >= 0) & (category != Category.RETAINED)
    weight = log(people) / _LN_10 + 0.3 * near + 0.3 * affected
    return np.concatenate([weight, np.full(len(boundaries.ids), 6.0)])


def _describe(scenario: Scenario, hit: Hit) -> Found:
    gazetteer, boundaries = scenario.gazetteer, scenario.boundaries
    if hit.row >= len(gazetteer.places):
        row = hit.row - len(gazetteer.places)
        inside = shapely.point_on_surface(boundaries.geometry[row])
        names = boundaries.ids[row], boundaries.name_en[row], boundaries.name_uk[row]
        return Found(hit.how, hit.spelling, *names, float(inside.x), float(inside.y))
    place = scenario.place(hit.row)
    face = int(gazetteer.face[hit.row])
    return Found(
        hit.how,
        hit.spelling,
        *(place.oblast, place.name_en, place.name_uk, place.lon_deg, place.lat_deg),
        face=face if face >= 0 else None,
        place=place,
        town=_nearest_town(scenario, place),
    )


def _nearest_town(scenario: Scenario, place: Place) -> Nearby | None:
    if (place.population or 0) >= _TOWN:
        return None
    population = np.nan_to_num(scenario.gazetteer.places.population)
    return _nearest(scenario, np.flatnonzero(population >= _TOWN), place.lon_deg, place.lat_deg)
