"""The document of ``/api/search`` and ``point21 search``."""

from typing import Any

from app.datasets.catalogue import Selection
from geo.errors import OutsideCountryError
from geo.place_search import Found, Nearby, search_places
from geo.places.coordinates import explain_unread
from geo.places.location import Location
from geo.places.name_index import How

__all__ = ["describe_search"]


def describe_search(selection: Selection, text: str, *, limit: int) -> dict[str, Any]:
    """Search places and oblasts by name, or read a position.

    Parameters
    ----------
    selection
        The scenario.
    text
        What was typed.
    limit
        How many matches are listed.

    Returns
    -------
    dict
        For :func:`app.documents.geojson.write_json`. A position that lies outside the country has
        no oblast; if it lies inside with longitude first, that one comes before.
    """
    found, total = search_places(selection.scenario, text, limit=limit)
    matches = [
        described
        for one in found
        for described in (
            _describe_positions(selection, one)
            if one.how is How.POSITION
            else [_describe_found(selection, one)]
        )
    ]
    return {
        "identity": selection.identity,
        "query": {"q": text, "limit": limit},
        "total": max(total, len(matches)),
        "matches": matches,
        "note": "" if matches else explain_unread(text),
    }


def _describe_positions(selection: Selection, found: Found) -> list[dict[str, Any]]:
    there = _locate(selection, found.lon_deg, found.lat_deg)
    described = [_describe_position(found, found.lon_deg, found.lat_deg, there)]
    if there is None and abs(found.lon_deg) <= 90:
        turned = _locate(selection, found.lat_deg, found.lon_deg)
        if turned is not None:
            described.insert(0, _describe_position(found, found.lat_deg, found.lon_deg, turned))
    return described


def _locate(selection: Selection, lon_deg: float, lat_deg: float) -> Location | None:
    try:
        return selection.scenario.locate(lon_deg, lat_deg)
    except OutsideCountryError:
        return None


def _describe_position(
    found: Found, lon_deg: float, lat_deg: float, there: Location | None
) -> dict[str, Any]:
    category = None if there is None else there.outcome.category
    return {
        "kind": "position",
        "how": found.how.value,
        "spelling": found.spelling,
        "name_en": f"{lat_deg:.4f}, {lon_deg:.4f}",
        "name_uk": f"{lat_deg:.4f}, {lon_deg:.4f}",
        "lon": lon_deg,
        "lat": lat_deg,
        "oblast": None if there is None else there.oblast,
        "oblast_name_en": None if there is None else there.name_en,
        "oblast_name_uk": None if there is None else there.name_uk,
        "population": None,
        "held_by": None if there is None else there.outcome.held_by.value,
        "category": None if category is None else category.value,
        "label": None if there is None else there.outcome.label or None,
        "town": None,
    }


def _describe_found(selection: Selection, found: Found) -> dict[str, Any]:
    scenario = selection.scenario
    row = scenario.boundaries.index(found.oblast)
    outcome = None if found.face is None else scenario.settlement.outcomes[found.face]
    category = None if outcome is None else outcome.category
    return {
        "kind": "oblast" if found.place is None else "place",
        "how": found.how.value,
        "spelling": found.spelling,
        "name_en": found.name_en,
        "name_uk": found.name_uk or found.name_en,
        "lon": found.lon_deg,
        "lat": found.lat_deg,
        "oblast": found.oblast,
        "oblast_name_en": scenario.boundaries.name_en[row],
        "oblast_name_uk": scenario.boundaries.name_uk[row],
        "population": None if found.place is None else found.place.population,
        "held_by": None if outcome is None else outcome.held_by.value,
        "category": None if category is None else category.value,
        "label": None if outcome is None else outcome.label or None,
        "town": None if found.town is None else _describe_town(found.town),
    }


def _describe_town(town: Nearby) -> dict[str, Any]:
    return {
        "name_en": town.place.name_en,
        "name_uk": town.place.name_uk,
        "distance_km": town.distance_km,
    }
