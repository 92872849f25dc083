"""What a figure depends on, and what a plan means at one place."""

from dataclasses import asdict, dataclass, field
from typing import Any

from geo.html import Rich
from geo.model.united import United
from geo.plan import Clause
from geo.settle import Outcome

__all__ = ["Identity", "Location", "Place"]


@dataclass(frozen=True)
class Identity:
    """What a figure depends on: give it with every figure.

    ``source`` and ``boundaries`` are short names of the line's source and of the units,
    ``readings`` the choices that differ from the plan's defaults, and ``data_version`` a hash of
    the contents of the files that were used. ``united`` says which features of a file the line was
    made of; ``None`` for a line that did not come from a user's file.
    """

    plan: str
    date: str
    source: str
    boundaries: str
    data_version: str
    readings: dict[str, str] = field(default_factory=dict)
    united: United | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the identity as plain data; without ``united`` where there is none."""
        values = {key: value for key, value in asdict(self).items() if key != "united"}
        return values if self.united is None else {**values, "united": self.united.to_dict()}


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
    """What a plan means at one position.

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
