"""Tables of figures of a settlement."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.arguments import parse_choice
from geo.crs import Floats
from geo.geometry.topology import Integers
from geo.measure import length_km
from geo.model.control import Control
from geo.model.partition import Partition
from geo.places.gazetteer import Gazetteer
from geo.plans.outcomes import Settlement
from geo.plans.plan import Category
from geo.repr_html import Rich
from geo.statistics.withdrawals import list_changes, list_withdrawals

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CODE",
    "NAME",
    "SHARE_OF_OBLAST",
    "By",
    "Column",
    "Table",
    "columns_of",
    "contact_line_km_by_oblast",
    "line_km_by_oblast",
    "tabulate",
]


class By(StrEnum):
    """Rows of a table."""

    CATEGORY = "category"
    OBLAST = "oblast"
    OBLAST_CATEGORY = "oblast,category"
    CHANGE = "change"
    LEAVING = "leaving"
    SETTLEMENTS = "settlements"
    COUNTRY = "country"


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its unit ('' for none) and what it says."""

    name: str
    unit: str
    description: str


@dataclass(frozen=True)
class Table(Rich):
    """Figures with the meaning of their columns.

    ``rows`` are plain dictionaries in the order of ``columns``; a figure that is not known is
    ``None``. ``totals`` are sums of the rows, for display; they are no part of the data, so that
    the sum of a column is the sum of what it lists. ``about`` says what the figures depend on, as
    plain data, and goes with every frame as its ``attrs``.
    """

    by: StrEnum
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]
    totals: tuple[dict[str, Any], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def with_totals(self) -> "Table":
        """Return the table with its totals as its last rows."""
        return replace(self, rows=(*self.rows, *self.totals), totals=())

    def to_dataframe(self) -> "pd.DataFrame":
        """Return the table as a new DataFrame."""
        import pandas as pd

        frame = pd.DataFrame(list(self.rows), columns=[column.name for column in self.columns])
        frame.attrs.update(self.about)
        return frame

    def to_csv(self) -> str:
        """Return the table as CSV (RFC 4180, CRLF); an unknown figure is an empty cell."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.name for column in self.columns])
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue()


CODE: Final = Column("oblast", "", "ISO 3166-2 code")
NAME: Final = Column("name_en", "", "English name")
SHARE_OF_OBLAST: Final = Column(
    "share_of_oblast", "1", "Share of the oblast's measured area, 0 to 1"
)
_AREA = ("km2", "Area on the WGS 84 ellipsoid")
_PLACES = (
    Column("settlements", "", "Populated places recorded there"),
    Column(
        "population_recorded",
        "people",
        "Population recorded by GeoNames (edition of July 2026), which does not date its figures: "
        "some are from before 2022, some from the war",
    ),
    Column("settlements_population_unknown", "", "Places without a recorded population"),
)


_COLUMNS: dict[By, tuple[Column, ...]] = {
    By.CATEGORY: (
        Column("category", "", "What becomes of the land"),
        Column("label", "", "Name of the category"),
        Column("area_km2", *_AREA),
        Column("share_of_country", "1", "Share of the country's measured area, 0 to 1"),
        Column("ukraine_held_km2", "km2", "Of this, held by Ukraine on the day of the line"),
        Column("russia_held_km2", "km2", "Of this, held by Russia on the day of the line"),
        Column("oblasts", "", "Oblasts that have land in this category"),
        *_PLACES,
    ),
    By.OBLAST: (
        CODE,
        NAME,
        Column("name_uk", "", "Ukrainian name"),
        Column("area_km2", *_AREA),
        Column("area_official_km2", "km2", "Official area, with inland water"),
        Column("area_deviation", "1", "Measured over official area, minus 1"),
        Column("ukraine_held_km2", "km2", "Held by Ukraine on the day of the line"),
        Column("russia_held_km2", "km2", "Held by Russia on the day of the line"),
        Column("russia_held_share", "1", "Share held by Russia, 0 to 1"),
        Column("contact_line_km", "km", "Length of the line of contact in the oblast"),
    ),
    By.OBLAST_CATEGORY: (
        CODE,
        NAME,
        Column("category", "", "What becomes of the land"),
        Column("held_by", "", "Who holds it on the day of the line"),
        Column("area_km2", *_AREA),
        SHARE_OF_OBLAST,
    ),
    By.CHANGE: (
        CODE,
        NAME,
        Column("ukraine_leaves_km2", "km2", "Land that Ukraine's forces leave"),
        Column("russia_leaves_km2", "km2", "Land that Russia's forces leave"),
        Column(
            "to_be_agreed_km2",
            "km2",
            "Of what Russia's forces leave, land that the text leaves to agreement: an upper bound",
        ),
        Column(
            "net_leaves_km2", "km2", "What Ukraine's forces leave minus what Russia's forces leave"
        ),
    ),
    By.LEAVING: (
        CODE,
        NAME,
        Column("leaves", "", "Whose forces leave; they hold it on the day of the line"),
        Column("area_km2", *_AREA),
        Column(
            "to_be_agreed_km2",
            "km2",
            "Of this, land that the text leaves to agreement: an upper bound",
        ),
        *_PLACES,
    ),
    By.SETTLEMENTS: (
        Column("category", "", "What becomes of the land"),
        Column("held_by", "", "Who holds it on the day of the line"),
        *_PLACES,
    ),
    By.COUNTRY: (
        Column("area_km2", *_AREA),
        Column("area_official_km2", "km2", "Sum of the official areas"),
        Column("ukraine_held_km2", "km2", "Held by Ukraine on the day of the line"),
        Column("russia_held_km2", "km2", "Held by Russia on the day of the line"),
        Column("russia_held_share", "1", "Share held by Russia, 0 to 1"),
        Column("contact_line_km", "km", "Length of the line of contact inside the country"),
        *_PLACES,
        Column("settlements_other_side", "", "Places observed on the other side of the line"),
    ),
}


def columns_of(by: By) -> tuple[Column, ...]:
    """Return the columns of a table of figures, in order.

    Parameters
    ----------
    by
        What the table has one row for.

    Returns
    -------
    tuple of Column
        Name, unit and meaning of each.
    """
    return _COLUMNS[by]


def tabulate(settlement: Settlement, gazetteer: Gazetteer, *, by: By) -> Table:
    """Measure a settlement.

    Parameters
    ----------
    settlement
        What a plan makes of each face.
    gazetteer
        The populated places and the faces they lie in.
    by
        What the table has one row for.

    Returns
    -------
    Table
        Areas in km² on the WGS 84 ellipsoid at full precision, shares from 0 to 1. Areas of the
        categories add up to the country, those of an oblast's faces to the oblast.

    Notes
    -----
    Areas come from :func:`geo.measure.area_km2`, whose references apply.
    """
    by = parse_choice(By, by, name="by")
    if by in (By.CHANGE, By.LEAVING):
        rows, totals = (
            list_changes(settlement) if by is By.CHANGE else list_withdrawals(settlement, gazetteer)
        )
        return Table(by, _COLUMNS[by], tuple(rows), tuple(totals))
    makers: dict[By, Callable[[Settlement, Gazetteer], list[dict[str, Any]]]] = {
        By.CATEGORY: _by_category,
        By.OBLAST: _by_oblast,
        By.OBLAST_CATEGORY: _by_oblast_and_category,
        By.SETTLEMENTS: _by_settlements,
        By.COUNTRY: _by_country,
    }
    return Table(by, _COLUMNS[by], tuple(makers[by](settlement, gazetteer)))


def _held(settlement: Settlement, holder: Control) -> Floats:
    """Area of each face held by someone, zero for the others, shape (n,)."""
    partition = settlement.partition
    return np.where(partition.held_by == holder, partition.area_km2, 0.0)


def _by_category(settlement: Settlement, gazetteer: Gazetteer) -> list[dict[str, Any]]:
    partition = settlement.partition
    whole = partition.boundaries.area_km2.sum()
    rows = []
    for category in settlement.categories:
        mine = settlement.category == category
        area = float(partition.area_km2[mine].sum())
        rows.append(
            {
                "category": str(category),
                "label": settlement.label_of(category),
                "area_km2": area,
                "share_of_country": float(area / whole),
                "ukraine_held_km2": float(_held(settlement, Control.UKRAINE)[mine].sum()),
                "russia_held_km2": float(_held(settlement, Control.RUSSIA)[mine].sum()),
                "oblasts": len(set(partition.oblast_id[mine])),
                **gazetteer.count(np.flatnonzero(mine)),
            }
        )
    return rows


def _by_oblast(settlement: Settlement, _: Gazetteer) -> list[dict[str, Any]]:
    partition, boundaries = settlement.partition, settlement.partition.boundaries
    count = len(boundaries)
    held = {
        holder: np.bincount(partition.oblast_row, _held(settlement, holder), count)
        for holder in Control
    }
    line_km = contact_line_km_by_oblast(settlement)
    return [
        {
            "oblast": boundaries.ids[row],
            "name_en": boundaries.name_en[row],
            "name_uk": boundaries.name_uk[row],
            "area_km2": float(boundaries.area_km2[row]),
            "area_official_km2": _known(boundaries.area_official_km2[row]),
            "area_deviation": _known(
                boundaries.area_km2[row] / boundaries.area_official_km2[row] - 1
            ),
            "ukraine_held_km2": float(held[Control.UKRAINE][row]),
            "russia_held_km2": float(held[Control.RUSSIA][row]),
            "russia_held_share": float(held[Control.RUSSIA][row] / boundaries.area_km2[row]),
            "contact_line_km": float(line_km[row]),
        }
        for row in range(count)
    ]


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def contact_line_km_by_oblast(settlement: Settlement) -> Floats:
    """Measure the line of contact in each oblast.

    Parameters
    ----------
    settlement
        Holds the partition with its boundaries and its line.

    Returns
    -------
    numpy.ndarray
        Kilometres in each oblast, shape (n,), rows as in the boundaries. A stretch that runs
        along the border of two oblasts counts half in each, so the rows add up.
    """
    return line_km_by_oblast(settlement.partition)


def line_km_by_oblast(partition: Partition) -> Floats:
    """Measure the line of contact in each oblast, as :func:`contact_line_km_by_oblast` does.

    Parameters
    ----------
    partition
        The country divided by oblast and holder, with its line.

    Returns
    -------
    numpy.ndarray
        Kilometres in each oblast, shape (n,), rows as in the boundaries.
    """
    divided = np.flatnonzero(np.bincount(partition.oblast_row) > 1)
    result = np.zeros(len(partition.boundaries))
    line = partition.line.geometry
    tree = shapely.STRtree(partition.boundaries.geometry)
    near = np.union1d(divided, tree.query(line, predicate="intersects"))
    inside = shapely.intersection(partition.boundaries.geometry[near], line)
    along = shapely.intersection(shapely.boundary(partition.boundaries.geometry[near]), line)
    result[near] = length_km(inside) - length_km(along) / 2
    return result


def _by_oblast_and_category(settlement: Settlement, _: Gazetteer) -> list[dict[str, Any]]:
    partition, boundaries = settlement.partition, settlement.partition.boundaries
    return [
        {
            "oblast": boundaries.ids[oblast],
            "name_en": boundaries.name_en[oblast],
            "category": str(settlement.category[row]),
            "held_by": str(partition.held_by[row]),
            "area_km2": float(partition.area_km2[row]),
            "share_of_oblast": float(partition.area_km2[row] / boundaries.area_km2[oblast]),
        }
        for row, oblast in enumerate(partition.oblast_row)
    ]


def _by_settlements(settlement: Settlement, gazetteer: Gazetteer) -> list[dict[str, Any]]:
    held_by = settlement.partition.held_by
    return [
        {
            "category": str(category),
            "held_by": str(holder),
            **gazetteer.count(
                np.flatnonzero((settlement.category == category) & (held_by == holder))
            ),
        }
        for category in Category
        for holder in Control
        if ((settlement.category == category) & (held_by == holder)).any()
    ]


def _by_country(settlement: Settlement, gazetteer: Gazetteer) -> list[dict[str, Any]]:
    boundaries = settlement.partition.boundaries
    whole = float(boundaries.area_km2.sum())
    held = {holder: float(_held(settlement, holder).sum()) for holder in Control}
    everything: Integers = np.arange(len(settlement))
    return [
        {
            "area_km2": whole,
            "area_official_km2": _known(boundaries.area_official_km2.sum()),
            "ukraine_held_km2": held[Control.UKRAINE],
            "russia_held_km2": held[Control.RUSSIA],
            "russia_held_share": held[Control.RUSSIA] / whole,
            "contact_line_km": float(contact_line_km_by_oblast(settlement).sum()),
            **gazetteer.count(everything),
            "settlements_other_side": len(gazetteer.disagreements()),
        }
    ]
