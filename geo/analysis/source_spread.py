"""Spread of the figures over several sources of the line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.arguments import parse_choice
from geo.arrays import Geometries, Strings
from geo.crs import Floats
from geo.errors import IncomparableError
from geo.geometry.overlay import cut_into_pieces
from geo.model.boundaries import Boundaries
from geo.model.frames import to_geodataframe
from geo.model.partition import Partition
from geo.plans.plan import Plan
from geo.repr_html import Rich
from geo.scenario import Scenario
from geo.statistics.tables import CODE, NAME, SHARE_OF_OBLAST, By, Column, Table
from geo.uncertainty.estimate import FIGURE_COLUMNS, area_figures

if TYPE_CHECKING:
    import geopandas

__all__ = ["BandBy", "Disputed", "SourceBand", "measure_band"]

_GIVEN: Final = frozenset({"area_km2", "area_official_km2"})
_SEPARATOR: Final = "|"


class BandBy(StrEnum):
    """Rows of a table of the band."""

    FIGURE = "figure"
    SOURCE = "source"
    OBLAST = "oblast"


_COLUMNS: Final[dict[BandBy, tuple[Column, ...]]] = {
    BandBy.FIGURE: (
        *FIGURE_COLUMNS,
        Column("low_km2", "km2", "Smallest value over the sources"),
        Column("low_source", "", "Source that gives it, the first where several do"),
        Column("high_km2", "km2", "Largest value over the sources"),
        Column("high_source", "", "Source that gives it, the first where several do"),
        Column("spread_km2", "km2", "Largest minus smallest"),
    ),
    BandBy.SOURCE: (
        *FIGURE_COLUMNS,
        Column("source", "", "Source of the line"),
        Column("date", "", "Day of the line"),
        Column("value_km2", "km2", "The figure for the line of this source"),
        Column("low_km2", "km2", "Smallest value over the sources"),
        Column("high_km2", "km2", "Largest value over the sources"),
    ),
    BandBy.OBLAST: (
        CODE,
        NAME,
        Column("disputed_km2", "km2", "Land of which the sources do not name the same holder"),
        SHARE_OF_OBLAST,
    ),
}


@dataclass(frozen=True, eq=False)
class Disputed:
    """Land of which the sources do not name the same holder; arrays have n rows.

    ``held_by`` has shape (n, sources): who holds the face according to each source. Faces are
    valid and disjoint, one for each oblast and combination of holders.
    """

    oblast_id: Strings
    held_by: Strings
    geometry: Geometries
    area_km2: Floats

    def __len__(self) -> int:
        return len(self.oblast_id)


@dataclass(frozen=True, eq=False)
class SourceBand(Rich):
    """The same plan over several sources.

    Parameters
    ----------
    sources
        Short name of each source.
    dates
        Day of each source's line; they differ only where a source has none for the day.
    scenarios
        The plan on each source's line, in the same order.
    disputed
        Where the sources disagree.
    """

    sources: tuple[str, ...]
    dates: tuple[date, ...]
    scenarios: tuple[Scenario, ...]
    disputed: Disputed

    @property
    def plan(self) -> Plan:
        """The plan that was applied to each."""
        return self.scenarios[0].plan

    @property
    def boundaries(self) -> Boundaries:
        """The oblasts."""
        return self.scenarios[0].boundaries

    @property
    def _about(self) -> dict[str, Any]:
        known = (scenario.identity.to_dict() for scenario in self.scenarios)
        return {"identities": dict(zip(self.sources, known, strict=True))}

    @cached_property
    def _figures(self) -> dict[tuple[str, str, str], list[float]]:
        """Every area, a value for each source; 0 where a source's table has no such row."""
        known = [area_figures(scenario) for scenario in self.scenarios]
        names = dict.fromkeys(name for figures in known for name in figures)
        order = list(By)
        listed = sorted(names, key=lambda name: order.index(name[0]))  # stable
        return {
            (str(by), key, name): [figures.get((by, key, name), 0.0) for figures in known]
            for by, key, name in listed
            if by is By.CATEGORY or name not in _GIVEN
        }

    def table(self, by: BandBy | str = BandBy.FIGURE) -> Table:
        """Return a table of figures.

        Parameters
        ----------
        by
            What the table has one row for.
        """
        by = parse_choice(BandBy, by, name="by")
        makers = {
            BandBy.FIGURE: self._by_figure,
            BandBy.SOURCE: self._by_source,
            BandBy.OBLAST: self._by_oblast,
        }
        return Table(by, _COLUMNS[by], tuple(makers[by]()), about=self._about)

    def _by_figure(self) -> list[dict[str, Any]]:
        return [
            {
                "by": by,
                "key": key,
                "figure": name,
                "low_km2": min(values),
                "low_source": self.sources[values.index(min(values))],
                "high_km2": max(values),
                "high_source": self.sources[values.index(max(values))],
                "spread_km2": max(values) - min(values),
            }
            for (by, key, name), values in self._figures.items()
        ]

    def _by_source(self) -> list[dict[str, Any]]:
        return [
            {
                "by": by,
                "key": key,
                "figure": name,
                "source": source,
                "date": day.isoformat(),
                "value_km2": value,
                "low_km2": min(values),
                "high_km2": max(values),
            }
            for (by, key, name), values in self._figures.items()
            for source, day, value in zip(self.sources, self.dates, values, strict=True)
        ]

    def _by_oblast(self) -> list[dict[str, Any]]:
        units = self.boundaries
        rows = np.array([units.index(unit) for unit in self.disputed.oblast_id], dtype=np.intp)
        disputed = np.bincount(rows, self.disputed.area_km2, len(units))
        return [
            {
                "oblast": unit,
                "name_en": units.name_en[row],
                "disputed_km2": float(disputed[row]),
                "share_of_oblast": float(disputed[row] / units.area_km2[row]),
            }
            for row, unit in enumerate(units.ids)
        ]

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each face of which the sources disagree."""
        disputed = self.disputed
        holders = {
            f"held_by {source}": disputed.held_by[:, column]
            for column, source in enumerate(self.sources)
        }
        columns = {"oblast": disputed.oblast_id, **holders, "area_km2": disputed.area_km2}
        return to_geodataframe(columns, disputed.geometry, about=self._about)


def measure_band(scenarios: Mapping[str, Scenario] | Sequence[Scenario]) -> SourceBand:
    """Put the same plan over several sources side by side.

    Parameters
    ----------
    scenarios
        The plan applied to each source's line, on the same boundaries: by name of the source, or
        in a row, when the lines' own names are taken.

    Returns
    -------
    SourceBand
        Every area for each source, lowest and highest, and where the sources disagree.

    Raises
    ------
    ValueError
        Fewer than two sources, or two of the same name.
    IncomparableError
        Plans, readings or boundaries differ.
    ConservationError
        The pieces do not add up to the faces they were cut from.

    Notes
    -----
    All partitions are noded together and cut into pieces that lie in one face of each, whose
    areas are checked against the faces; a piece is disputed when the holders differ.

    Examples
    --------
    >>> import datetime, geo
    >>> country, plan = geo.load_boundaries(), geo.load_plan("point21-axios")
    >>> lines = [geo.load_contact_line(datetime.date(2026, month, 1)) for month in (1, 2)]
    >>> places = geo.load_observations()
    >>> band = geo.measure_band(
    ...     {str(line.date): geo.build_scenario(country, line, plan, places) for line in lines}
    ... )
    >>> band.sources
    ('2026-01-01', '2026-02-01')
    >>> row = next(row for row in band.table().rows if row["key"] == "buffer_zone")
    >>> row["low_source"], round(row["spread_km2"]) > 0
    ('2026-02-01', True)
    """
    named = (
        dict(scenarios) if isinstance(scenarios, Mapping) else
        {scenario.identity.source: scenario for scenario in scenarios}
    )  # fmt: skip
    if len(named) < 2 or len(named) < len(scenarios):
        raise ValueError(
            f"a band needs at least two sources of different names; got {len(scenarios)} "
            f"({', '.join(named) or 'none'})"
        )
    found = tuple(named.values())
    for scenario in found[1:]:
        if scenario.plan != found[0].plan:
            raise IncomparableError(
                "a band shows one plan under one reading: expected the same for every source, "
                f"got {found[0].plan.id!r} and {scenario.plan.id!r}, or their readings differ"
            )
    return SourceBand(
        sources=tuple(named),
        dates=tuple(scenario.line.date for scenario in found),
        scenarios=found,
        disputed=_find_disputed([scenario.partition for scenario in found]),
    )


def _find_disputed(partitions: Sequence[Partition]) -> Disputed:
    """Cut all partitions by each other; keep what the sources do not agree on."""
    together = partitions[0]
    for other in partitions[1:]:
        pieces = cut_into_pieces(together, other)
        held = zip(together.held_by[pieces.face_a], other.held_by[pieces.face_b], strict=True)
        together = replace(
            together,
            oblast_id=together.oblast_id[pieces.face_a],
            held_by=np.array([_SEPARATOR.join(pair) for pair in held], dtype=object),
            geometry=pieces.geometry,
            area_km2=pieces.area_km2,
        )
    signatures = [str(held).split(_SEPARATOR) for held in together.held_by]
    holders = np.array(signatures, dtype=object).reshape(-1, len(partitions))
    differ = (holders != holders[:, :1]).any(axis=1)
    return Disputed(
        oblast_id=together.oblast_id[differ],
        held_by=holders[differ],
        geometry=together.geometry[differ],
        area_km2=together.area_km2[differ],
    )
