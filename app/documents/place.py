"""Document of ``/api/locate`` and ``point21 locate``: what a plan means at one place."""

from contextlib import suppress
from typing import Any, Final

from app.datasets.catalogue import Selection
from app.errors import InvalidRequestError, ParameterFault
from geo.errors import OutsideCountryError
from geo.place_search import Nearby, find_nearest_place
from geo.places.coordinates import parse_position
from geo.places.location import Location, Place
from geo.plans.alternatives import Alternative, list_alternatives
from geo.plans.plan import Category
from geo.scenario import Scenario

__all__ = ["check_place", "describe_location"]

_AT_THE_PLACE_KM: Final = 0.1


def describe_location(
    selection: Selection,
    *,
    lon: float | None = None,
    lat: float | None = None,
    place: str | None = None,
) -> dict[str, Any]:
    """Say what the plan means at a position, or at every settlement of a name.

    Parameters
    ----------
    selection
        The scenario.
    lon, lat
        Position in degrees on WGS 84; both or neither.
    place
        A name as people write it, or a position as they paste it, instead of ``lon`` and ``lat``.

    Returns
    -------
    dict
        ``matches`` has one entry for a position, and one for each settlement of a name, the most
        populous first.

    Raises
    ------
    InvalidRequestError
        Neither a position nor a name was given, or both, or half a position.
    OutsideCountryError
        The position lies outside the country.
    UnknownPlaceError
        No settlement has this name; similar names are listed.
    """
    check_place(lon=lon, lat=lat, place=place)
    scenario = selection.scenario
    query: dict[str, Any]
    if place is not None:
        matches = _locate_text(scenario, place)
        query = {"place": place}
    else:
        matches = (scenario.locate(lon or 0.0, lat or 0.0),)
        query = {"lon": lon, "lat": lat}
    return {
        "identity": selection.identity,
        "query": query,
        "ambiguous": len(matches) > 1,
        "matches": [_describe_match(match, selection) for match in matches],
    }


def _locate_text(scenario: Scenario, text: str) -> tuple[Location, ...]:
    """Read a position, which may have longitude first if only that lies inside, or find a name."""
    position = parse_position(text)
    if position is None:
        return scenario.find_place(text)
    lon, lat = position
    try:
        return (scenario.locate(lon, lat),)
    except OutsideCountryError:
        if abs(lon) > 90:
            raise
        with suppress(OutsideCountryError):
            return (scenario.locate(lat, lon),)
        raise


def check_place(*, lon: float | None, lat: float | None, place: str | None) -> None:
    """Check that a place is given, by position or by name.

    Raises
    ------
    InvalidRequestError
        Neither was given, or both, or half a position.
    """
    if faults := _faults(lon, lat, place):
        raise InvalidRequestError(faults)


def _faults(lon: float | None, lat: float | None, place: str | None) -> list[ParameterFault]:
    position = {"lon": lon, "lat": lat}
    missing = [name for name, value in position.items() if value is None]
    if place is None:
        return [
            ParameterFault(
                name, f"Parameter {name!r} is missing; expected lon and lat together, or place."
            )
            for name in missing
        ]
    return [
        ParameterFault(
            name, f"Parameter {name!r} cannot be given with place; expected one of the two."
        )
        for name in position
        if name not in missing
    ]


def _describe_match(match: Location, selection: Selection) -> dict[str, Any]:
    outcome = match.outcome
    place, near = _settlement_at(match, selection)
    others = list_alternatives(
        match.oblast,
        outcome.held_by,
        selection.scenario.plan,
        tuple(selection.dataset.plans.values()),
    )
    return {
        "lon": match.lon_deg,
        "lat": match.lat_deg,
        "place": None if place is None else _describe_place(place),
        "oblast": match.oblast,
        "name_en": match.name_en,
        "name_uk": match.name_uk,
        "category": _category(match).value,
        "label": outcome.label,
        "held_by": outcome.held_by.value,
        "recognised_as": outcome.recognised_as.value,
        "forces_allowed": outcome.forces_allowed.value,
        "change": outcome.change.value,
        "clauses": [clause.model_dump(mode="json") for clause in match.clauses],
        "flags": [{"flag": flag.value, "meaning": flag.meaning} for flag in outcome.flags],
        "distance_to_line_km": match.distance_to_line_km,
        "outside_by_km": match.outside_by_km,
        "near": None if near is None else _describe_nearby(near),
        "alternatives": [_describe_alternative(other) for other in others],
    }


def _category(match: Location) -> Category:
    if match.outcome.category is None:
        raise ValueError(f"{match.oblast} has no category at {match.lon_deg}, {match.lat_deg}")
    return match.outcome.category


def _settlement_at(match: Location, selection: Selection) -> tuple[Place | None, Nearby | None]:
    """Return the settlement asked for or pointed at, else the nearest one on the same side."""
    if match.place is not None:
        return match.place, None
    near = find_nearest_place(
        selection.scenario, match.lon_deg, match.lat_deg, held_by=match.outcome.held_by
    )
    if near is not None and near.distance_km <= _AT_THE_PLACE_KM:
        return near.place, None
    return None, near


def _describe_alternative(other: Alternative) -> dict[str, Any]:
    outcome = other.outcome
    return {
        "plan": other.plan.id,
        "title": other.plan.title_short,
        "readings": other.readings,
        "question": other.question,
        "option": other.option,
        "category": "" if outcome.category is None else outcome.category.value,
        "label": outcome.label,
        "recognised_as": outcome.recognised_as.value,
        "forces_allowed": outcome.forces_allowed.value,
        "change": outcome.change.value,
        "clauses": [
            {
                "id": clause.id,
                "article": clause.article,
                "quote": clause.quote,
                "reading": clause.reading,
            }
            for clause in other.clauses
        ],
    }


def _describe_nearby(near: Nearby) -> dict[str, Any]:
    place = near.place
    return {
        **_describe_place(place),
        "lon": place.lon_deg,
        "lat": place.lat_deg,
        "distance_km": near.distance_km,
    }


def _describe_place(place: Place) -> dict[str, Any]:
    return {
        "name_en": place.name_en,
        "name_uk": place.name_uk,
        "population": place.population,
        "observed_as": place.observed_as,
        "since": place.since,
        "recorded_from": place.recorded_from,
        "basis": place.basis,
        "contested": place.contested,
    }
