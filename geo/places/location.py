"""The outcome of a plan at one place."""

from dataclasses import dataclass

from geo.plans.outcomes import Outcome
from geo.plans.plan import Clause
from geo.repr_html import Rich

__all__ = ["Location", "Place"]


@dataclass(frozen=True)
class Place:
    """A populated place as recorded.

    ``contested`` tells whether published statements call it contested on the day of the line;
    ``observed_as`` and the line itself know no such zone. ``since`` is the first day on which the
    holder of that day was observed without a break, ``None`` if that was before
    ``recorded_from``, the day the records begin; ``basis`` tells what the observation rests on.
    """

    name_en: str
    name_uk: str
    oblast: str
    lon_deg: float
    lat_deg: float
    population: int | None
    observed_as: str
    since: str | None
    contested: bool = False
    basis: str = ""
    recorded_from: str | None = None


@dataclass(frozen=True)
class Location(Rich):
    """Outcome of a plan at one position.

    ``outcome`` holds the category and its attributes, ``clauses`` the clauses that apply, in
    order; the last one set the category. ``distance_to_line_km`` is measured to the line as drawn,
    which ends at the coast. ``place`` is the populated place asked for, if any.
    ``outside_by_km`` tells how far the position lies outside the generalised border or coast.
    """

    lon_deg: float
    lat_deg: float
    oblast: str
    name_en: str
    name_uk: str
    outcome: Outcome
    clauses: tuple[Clause, ...]
    distance_to_line_km: float | None
    outside_by_km: float = 0.0
    place: Place | None = None
