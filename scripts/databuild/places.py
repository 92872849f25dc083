"""A settlement and its history, as the table of observations is made from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from geo.crs import to_metric

__all__ = ["Interval", "Place", "check_history", "metric_points"]


@dataclass(frozen=True)
class Interval:
    """A holder from one day (inclusive) to another (exclusive); empty means open."""

    controller: str
    valid_from: str
    valid_to: str

    def covers(self, day: str) -> bool:
        """Tell whether ``day`` (ISO 8601) lies in the interval."""
        return self.valid_from <= day and (not self.valid_to or day < self.valid_to)


@dataclass(frozen=True)
class Place:
    """One settlement with its history (coordinates in degrees)."""

    geoname_id: str
    name: str
    name_uk: str
    oblast: str
    lat: float
    lon: float
    population: str
    history: tuple[Interval, ...]
    source: str
    contested_on: str = ""
    alternate_names: tuple[str, ...] = field(default=())


def check_history(history: Sequence[Interval], name: str) -> None:
    """Refuse intervals that overlap or leave a gap."""
    starts = [span.valid_from for span in history]
    ends = [span.valid_to for span in history]
    if starts[0] or ends[-1] or starts[1:] != ends[:-1] or "" in starts[1:]:
        raise ValueError(f"{name}: the intervals do not follow each other: {history}")


def metric_points(places: Sequence[Place]) -> np.ndarray:
    """Return the positions as points in metres, shape (n,)."""
    lonlat = np.array([(place.lon, place.lat) for place in places])
    return np.asarray(to_metric(shapely.points(lonlat)))
