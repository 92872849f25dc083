"""Rows of a history: the figures of a plan on one day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arguments import parse_choice, unknown_name
from geo.crs import Floats
from geo.histories.day_areas import HOLDERS, DayAreas
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.partition import Partition
from geo.model.provenance import Provenance
from geo.plans.outcomes import Settlement, apply_plan
from geo.plans.plan import Plan
from geo.statistics.tables import CODE, By, Column

__all__ = ["HISTORY_BY", "HistoryTable"]

HISTORY_BY: Final = (By.OBLAST_CATEGORY, By.CATEGORY, By.OBLAST)
"""What a history can have one row for, besides the day."""

_DAY = Column("date", "", "Day of the line, ISO 8601")
_HELD = (
    Column("ukraine_held_km2", "km2", "Of this, held by Ukraine on that day"),
    Column("russia_held_km2", "km2", "Of this, held by Russia on that day"),
)
_AREA = Column("area_km2", "km2", "Area on the WGS 84 ellipsoid")
_CATEGORY = Column("category", "", "What becomes of the land")
_COLUMNS: Final[dict[By, tuple[Column, ...]]] = {
    By.OBLAST_CATEGORY: (
        _DAY,
        CODE,
        _CATEGORY,
        Column("held_by", "", "Who holds it on that day"),
        _AREA,
    ),
    By.CATEGORY: (_DAY, _CATEGORY, _AREA, *_HELD),
    By.OBLAST: (
        _DAY,
        CODE,
        _AREA,
        *_HELD,
        Column("russia_held_share", "1", "Share held by Russia, 0 to 1"),
    ),
}


class HistoryTable:
    """Turns the areas of a day into the rows of a table.

    Parameters
    ----------
    plan
        What the text says.
    boundaries
        The oblasts.
    by
        What the table has one row for, besides the day.

    Raises
    ------
    ValueError
        There is no such table of a history.
    PlanError
        The plan does not fit the boundaries.
    """

    def __init__(
        self, plan: Plan, boundaries: Boundaries, *, by: By | str = By.OBLAST_CATEGORY
    ) -> None:
        self.by = parse_choice(By, by, name="by")
        if self.by not in HISTORY_BY:
            raise unknown_name(by, [*HISTORY_BY], name="by")
        self.plan = plan
        self.boundaries = boundaries
        self._settlements: dict[bytes, Settlement] = {}

    @property
    def columns(self) -> tuple[Column, ...]:
        """Name, unit and meaning of each column."""
        return _COLUMNS[self.by]

    def rows(self, day: DayAreas) -> list[dict[str, Any]]:
        """Return the rows of a day.

        Raises
        ------
        PlanError
            No clause says what becomes of land that Russia holds on that day.

        Notes
        -----
        Sums are taken as :func:`geo.tabulate` takes them, in the same order: the figures are the
        same to the last digit.
        """
        exists = ~np.isnan(day.area_km2)
        oblast, holder = np.nonzero(exists)
        area = day.area_km2[exists]
        settlement = self._settle(exists)
        start = {"date": day.date.isoformat()}
        if self.by is By.OBLAST_CATEGORY:
            return [
                start
                | {
                    "oblast": self.boundaries.ids[row],
                    "category": str(kind),
                    "held_by": str(HOLDERS[who]),
                    "area_km2": float(km2),
                }
                for row, who, kind, km2 in zip(
                    oblast, holder, settlement.category, area, strict=True
                )
            ]
        held = [np.where(holder == HOLDERS.index(who), area, 0.0) for who in Control]
        if self.by is By.CATEGORY:
            return [start | row for row in _by_category(settlement, area, held)]
        return [start | row for row in self._by_oblast(oblast, held)]

    def check(self, day: DayAreas) -> None:
        """Refuse a day of which the plan does not speak.

        Raises
        ------
        PlanError
            No clause says what becomes of land that Russia holds on that day.
        """
        self._settle(~np.isnan(day.area_km2))

    def _settle(self, exists: npt.NDArray[np.bool_]) -> Settlement:
        """Ask the plan once for each pattern of who holds land where; it seldom changes."""
        key = exists.tobytes()
        if key not in self._settlements:
            oblast, holder = np.nonzero(exists)
            names = np.array(self.boundaries.ids, dtype=object)[oblast]
            holders = np.array(HOLDERS, dtype=object)[holder]
            nothing = np.full(len(names), shapely.MultiPolygon(), dtype=object)
            areas = np.zeros(len(names))
            faces = Partition(self.boundaries, _NO_LINE, names, holders, nothing, areas)
            self._settlements[key] = apply_plan(faces, self.plan)
        return self._settlements[key]

    def _by_oblast(
        self, oblast: npt.NDArray[np.intp], held: Sequence[Floats]
    ) -> list[dict[str, Any]]:
        boundaries = self.boundaries
        ukraine, russia = (np.bincount(oblast, areas, len(boundaries)) for areas in held)
        return [
            {
                "oblast": unit,
                "area_km2": float(boundaries.area_km2[row]),
                "ukraine_held_km2": float(ukraine[row]),
                "russia_held_km2": float(russia[row]),
                "russia_held_share": float(russia[row] / boundaries.area_km2[row]),
            }
            for row, unit in enumerate(boundaries.ids)
        ]


_NO_LINE: Final = ContactLine(
    date.min, shapely.MultiLineString(), "none", "none", Provenance("", "", "", "", "")
)


def _by_category(
    settlement: Settlement, area: Floats, held: Sequence[Floats]
) -> Iterator[dict[str, Any]]:
    for kind in settlement.categories:
        mine = settlement.category == kind
        ukraine, russia = (float(areas[mine].sum()) for areas in held)
        yield {
            "category": str(kind),
            "area_km2": float(area[mine].sum()),
            "ukraine_held_km2": ukraine,
            "russia_held_km2": russia,
        }
