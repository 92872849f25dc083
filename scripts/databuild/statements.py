"""What dated published statements say about single places."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from databuild.places import Interval, Place, metric_points
from geo.crs import to_metric

__all__ = ["kinburn", "mark_contested"]

_SAME_SPOT_M: Final = 150.0
_STATEMENT_M: Final = 5_000.0


def kinburn(statement: dict[str, str]) -> Place:
    """Make the observation of the Kinburn spit, which no assessed place stands for."""
    return Place(
        geoname_id="",
        name="Kinburn Spit (Pokrovske, Vasylivka)",
        name_uk="Кінбурнська коса (Покровське, Василівка)",
        oblast="UA-48",
        lat=float(statement["lat"]),
        lon=float(statement["lon"]),
        population="",
        history=(Interval(statement["status"], "", ""),),
        source="statement",
        alternate_names=("Kinburn", "Kinburn spit", "Кінбурн", "Кінбурнська коса"),
    )


def _letters(name: str) -> str:
    """Fold case and drop apostrophes, which tables write in four ways."""
    return "".join(letter for letter in name.casefold() if letter.isalpha())


def _places_meant(
    statement: dict[str, str], places: Sequence[Place], points: np.ndarray
) -> list[int]:
    """Find the place at the statement's position, or the nearest of its name."""
    name = _letters(statement["name_uk"])
    named = [i for i, place in enumerate(places) if _letters(place.name_uk) == name]
    if not statement["lat"]:
        return named
    point = to_metric(shapely.Point(float(statement["lon"]), float(statement["lat"])))
    distance_m = np.asarray(shapely.distance(points, point))
    nearest = int(distance_m.argmin())
    if distance_m[nearest] <= _SAME_SPOT_M:
        return [nearest]
    near = [i for i in named if distance_m[i] <= _STATEMENT_M]
    return sorted(near, key=distance_m.__getitem__)[:1]


def mark_contested(
    places: Sequence[Place], statements: Sequence[dict[str, str]]
) -> tuple[list[Place], list[str]]:
    """Mark the places that a statement calls contested; return also those not found."""
    contested: dict[int, str] = {}
    lost = []
    points = metric_points(places)
    for statement in statements:
        if statement["status"] != "contested":
            continue
        found = _places_meant(statement, places, points)
        if len(found) == 1:
            contested[found[0]] = statement["as_of"]
        else:
            lost.append(statement["name"])
    marked = [replace(place, contested_on=contested.get(i, "")) for i, place in enumerate(places)]
    return marked, lost
