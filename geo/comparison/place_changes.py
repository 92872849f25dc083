"""Populated places whose category or holder differs between two settlements."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.places.gazetteer import Gazetteer
from geo.plans.outcomes import Settlement

__all__ = ["PlaceChange", "changed_places"]


@dataclass(frozen=True)
class PlaceChange:
    """A populated place whose category or holder differs."""

    name_en: str
    name_uk: str
    oblast: str
    lon_deg: float
    lat_deg: float
    population: int | None
    category_a: str
    category_b: str
    held_by_a: str
    held_by_b: str


def changed_places(
    a: Settlement, b: Settlement, places_a: Gazetteer, places_b: Gazetteer
) -> tuple[PlaceChange, ...]:
    """List the places of both days that have another category or holder.

    Parameters
    ----------
    a, b
        The settlements that are compared.
    places_a, places_b
        Places of either day, each with the row of the face it lies in.

    Returns
    -------
    tuple of PlaceChange
        The most populous first.
    """
    rows_b = {key: row for row, key in enumerate(_place_keys(places_b))}
    found = []
    for row_a, key in enumerate(_place_keys(places_a)):
        row_b = rows_b.get(key, -1)
        face_a = int(places_a.face[row_a])
        face_b = int(places_b.face[row_b]) if row_b >= 0 else -1
        if face_a < 0 or face_b < 0:
            continue
        one, other = a.outcomes[face_a], b.outcomes[face_b]
        if (one.category, one.held_by) != (other.category, other.held_by):
            found.append((places_b, row_b, one, other))
    changes = [_place_change(*change) for change in found]
    return tuple(sorted(changes, key=lambda change: -(change.population or 0)))


def _place_keys(gazetteer: Gazetteer) -> list[tuple[Any, ...]]:
    """Name a place by what does not change from day to day."""
    places = gazetteer.places
    columns = (places.geoname_id, places.name_uk, places.name_en, places.lon_deg, places.lat_deg)
    return list(zip(*columns, strict=True))


def _place_change(gazetteer: Gazetteer, row: int, one: Any, other: Any) -> PlaceChange:  # noqa: ANN401
    places = gazetteer.places
    population = places.population[row]
    return PlaceChange(
        name_en=str(places.name_en[row]),
        name_uk=str(places.name_uk[row]),
        oblast=str(places.oblast_id[row]),
        lon_deg=float(places.lon_deg[row]),
        lat_deg=float(places.lat_deg[row]),
        population=None if np.isnan(population) else int(population),
        category_a=str(one.category),
        category_b=str(other.category),
        held_by_a=str(one.held_by),
        held_by_b=str(other.held_by),
    )
