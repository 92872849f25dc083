"""``data/contact_line.geojson``: the line of contact on 26 days."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

from databuild.waters import read_waters
from databuild.writing import feature_collection
from geo.io.load import load_boundaries, load_observations
from geo.lines.from_places import Waters, contact_line_from_observations
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.observations import Observations

__all__ = ["DATES", "DECIMALS", "SOURCE", "build", "line_on"]

DATES: Final = tuple(
    sorted(
        [date(2025, 11, 21), *(date(2024 + (7 + n) // 12, (7 + n) % 12 + 1, 1) for n in range(25))]
    )
)
"""The plan's date, and the first day of each month from August 2024 to August 2026."""

SOURCE: Final = "point21, from data/control_observations.csv"

PROVENANCE: Final = {
    "title": "Line of contact in Ukraine on 26 days, computed from who held which place",
    "source": "Own computation from data/control_observations.csv (daily assessments after "
    "DeepState's public map, GeoNames) and Natural Earth",
    "url": "https://www.geonames.org/",
    "date": "2026-08-01",
    "licence": "CC BY 4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    "attribution": "point21; places: GeoNames (CC BY 4.0), assessments after DeepState's public "
    "map (deepstatemap.live); made with Natural Earth",
    "retrieved_from": "data/control_observations.csv, data/oblasts.geojson, data/waters.geojson",
    "processing": "See docs/contact-line.md",
}

DECIMALS: Final = 5
"""About one metre; the line itself is uncertain by more than a kilometre."""


def line_on(
    day: date, observations: Observations, boundaries: Boundaries, water: Waters
) -> ContactLine:
    """Compute the line of one day."""
    return contact_line_from_observations(
        observations.on(day),
        boundaries,
        day=day,
        waters=water,
        source=SOURCE,
        provenance=observations.provenance,
    )


def _properties(line: ContactLine) -> dict[str, Any]:
    return {
        "date": line.date.isoformat(),
        "source": line.source,
        "method": line.method,
        "length_km": round(line.length_km, 1),
        "observations": line.observations,
        "uncertainty_km": line.uncertainty_km,
        "uncertainty_definition": line.uncertainty_definition,
    }


def build(folder: Path, *, advance: Callable[[], None] = lambda: None) -> str:
    """Return the text of ``contact_line.geojson``.

    Parameters
    ----------
    folder
        Holds ``oblasts.geojson``, ``control_observations.csv`` and ``waters.geojson``.
    advance
        Called after each day.
    """
    boundaries = load_boundaries(folder / "oblasts.geojson")
    observations = load_observations(folder / "control_observations.csv")
    water = read_waters(folder)
    features = []
    for day in DATES:
        line = line_on(day, observations, boundaries, water)
        features.append((day.isoformat(), _properties(line), line.geometry))
        advance()
    return feature_collection(features, PROVENANCE, decimals=DECIMALS)
