"""Single figures of a settlement, computed from face areas and outcomes alone.

The sums are those of :mod:`geo.statistics.tables`, to the last digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from geo.errors import Fault, PlanError
from geo.model.control import Control
from geo.places.gazetteer import Gazetteer
from geo.plans.categories import Category, Recognition
from geo.plans.clauses import Change
from geo.plans.outcomes import Outcome
from geo.statistics.tables import line_km_by_oblast
from geo.statistics.withdrawals import withdrawn_km2

__all__ = ["FIGURES", "Figure", "Meter"]


@dataclass(frozen=True)
class Figure:
    """Something that is measured: what, of what, and in which unit ('' for a count)."""

    name: str
    of: str
    unit: str
    label: str


_LEAVING: Final = {
    "ukraine_leaves_km2": "Land that Ukraine's forces leave",
    "russia_leaves_km2": "Land that Russia's forces leave",
    "net_leaves_km2": "What Ukraine's forces leave minus what Russia's forces leave",
}
_COUNTRY: Final = {
    "area_km2": ("km2", "The country"),
    "ukraine_held_km2": ("km2", "Held by Ukraine on the day of the line"),
    "russia_held_km2": ("km2", "Held by Russia on the day of the line"),
    "contact_line_km": ("km", "Length of the line of contact inside the country"),
}
FIGURES: Final = (
    *(Figure("area_km2", str(item), "km2", item.label) for item in Category),
    *(Figure(name, "total", "km2", label) for name, label in _LEAVING.items()),
    *(
        Figure("recognised_as_km2", str(item), "km2", f"Recognised as: {item}")
        for item in Recognition
    ),
    *(Figure("settlements", str(item), "", item.label) for item in Category),
    *(Figure("population_recorded", str(item), "people", item.label) for item in Category),
    *(Figure(name, "country", unit, label) for name, (unit, label) in _COUNTRY.items()),
)


class Meter:
    """Measures one day; sums are kept by which faces they are over."""

    def __init__(self, divided: Gazetteer) -> None:
        self._divided = divided
        self._partition = divided.partition
        partition = self._partition
        self.pairs = list(zip(partition.oblast_id, partition.held_by, strict=True))
        faces = len(partition)
        located = divided.face >= 0
        self._settlements = np.bincount(divided.face[located], minlength=faces)
        known = np.nan_to_num(divided.places.population[located]).astype(np.int64)
        self._population = np.zeros(faces, dtype=np.int64)
        np.add.at(self._population, divided.face[located], known)
        self._sums: dict[bytes, tuple[float, float, float]] = {}
        held = {holder: partition.held_by == holder for holder in Control}
        self._country = [
            float(partition.boundaries.area_km2.sum()),
            *(float(np.where(held[holder], partition.area_km2, 0.0).sum()) for holder in Control),
            float(line_km_by_oblast(partition).sum()),
        ]

    def measure(self, outcomes: Mapping[tuple[str, Control], Outcome]) -> list[float]:
        """Return the figures in their order."""
        rows = [outcomes[pair] for pair in self.pairs]
        silent = sorted({pair[0] for pair in self.pairs if outcomes[pair].category is None})
        if silent:
            named = ", ".join(silent)
            message = f"no clause says what becomes of land that Russia holds in {named}"
            raise PlanError("readings", [Fault("clause", message)])
        areas, places, people = zip(
            *(
                self._sum(np.array([row.category is category for row in rows]))
                for category in Category
            ),
            strict=True,
        )
        ukraine, russia = (
            float(
                withdrawn_km2(self._partition, np.array([row.change is side for row in rows])).sum()
            )
            for side in (Change.UKRAINE_WITHDRAWS, Change.RUSSIA_WITHDRAWS)
        )
        recognised = [
            self._sum(np.array([row.recognised_as is item for row in rows]))[0]
            for item in Recognition
        ]
        ledger = [ukraine, russia, ukraine - russia]
        return [*areas, *ledger, *recognised, *places, *people, *self._country]

    def _sum(self, mine: Any) -> tuple[float, float, float]:  # noqa: ANN401
        key = mine.tobytes()
        if key not in self._sums:
            self._sums[key] = (
                float(self._partition.area_km2[mine].sum()),
                float(self._settlements[mine].sum()),
                float(self._population[mine].sum()),
            )
        return self._sums[key]
