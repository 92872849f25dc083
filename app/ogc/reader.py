"""Read the features of a collection from a scenario, and cache those read last."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import shapely

from app.cql2.feature_table import FeatureTable, join_tables
from app.datasets.cache import Memo
from app.datasets.catalogue import Catalogue, Selection
from app.documents.common import list_sources
from app.documents.compare import Differing, compare_selections
from app.errors import InvalidRequestError, ParameterFault
from app.export.frames import describe_line_row, make_plain_columns
from app.ogc.collections import Collection
from app.parameters import parse_choice
from geo.arrays import Geometries

__all__ = ["MOST_DAYS", "Chosen", "Library"]

MOST_DAYS: Final = 64
"""Most days of which one answer can be made."""

_MOST_TABLES: Final = 96
_MOST_LARGE_TABLES: Final = 8
"""Settlements: thousands of features each."""


@dataclass(frozen=True)
class Chosen:
    """Choice of results: a plan on days, or the differences of two settlements.

    ``days`` are the days asked for by ``date``; ``first`` and ``last`` bound those asked for by
    ``datetime``, both included. With neither it is the plan's own day, and of lines all days.
    """

    plan: str | None = None
    day: date | None = None
    first: date | None = None
    last: date | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    boundaries: str | None = None
    a: str | None = None
    b: str | None = None
    by: str | None = None

    @property
    def is_over_time(self) -> bool:
        """Whether days are asked for by an interval."""
        return self.day is None and (self.first is not None or self.last is not None)


class Library:
    """The features of every collection.

    Parameters
    ----------
    catalogue
        Whose results are read.

    Notes
    -----
    Safe to use from several threads.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._tables: Memo[tuple[Hashable, ...], FeatureTable] = Memo(_MOST_TABLES)
        self._large: Memo[tuple[Hashable, ...], FeatureTable] = Memo(_MOST_LARGE_TABLES)

    def read(self, collection: Collection, chosen: Chosen) -> FeatureTable:
        """Return the features of a collection.

        Raises
        ------
        NotFoundError, ReadingError
            There is no such plan, day, source, boundaries or reading.
        InvalidRequestError
            More days are asked for than one answer can hold, or a name cannot be read.
        """
        if collection.layer == "differences":
            return self._differences(chosen)
        if collection.layer == "contact_lines":
            return self._lines(collection, chosen)
        found = [self._results(collection, chosen, day) for day in self._days(chosen)]
        if not found:
            return _without_features(self._results(collection, chosen, None))
        return join_tables(found)

    def days(self, chosen: Chosen) -> tuple[date, ...]:
        """Return all days that have a line."""
        return self._ground(chosen).dataset.lines.dates

    def identity(self, collection: Collection, chosen: Chosen) -> dict[str, Any]:
        """Say what a collection is of when no more is asked for: plan, date, data version."""
        if collection.layer == "differences":
            a, b = self._pair(chosen)
            return {"a": a, "b": b, "by": chosen.by or Differing.CATEGORY.value, **self._version()}
        if collection.layer == "contact_lines":
            dataset = self._ground(chosen).dataset
            ground = {"source": dataset.lines.id, "boundaries": dataset.boundaries.id}
            return {**ground, **self._version()}
        return self._select(chosen, chosen.day).identity

    def sources(self, collection: Collection, chosen: Chosen) -> list[dict[str, Any]]:
        """List where the features come from, with licence and attribution."""
        if collection.layer == "differences":
            a, b = self._pair(chosen)
            compared = compare_selections(self._catalogue.using, a, b)
            both = [*list_sources(compared.a), *list_sources(compared.b)]
            return [source for row, source in enumerate(both) if source not in both[:row]]
        day = None if collection.layer == "contact_lines" else chosen.day
        return list_sources(self._select(chosen, day))

    def _version(self) -> dict[str, str]:
        return {"data_version": self._catalogue.dataset.files_version}

    def _ground(self, chosen: Chosen) -> Catalogue:
        return self._catalogue.using(chosen.source, chosen.boundaries)

    def _select(self, chosen: Chosen, day: date | None) -> Selection:
        return self._ground(chosen).select(chosen.plan, day, readings=chosen.readings)

    def _days(self, chosen: Chosen) -> Sequence[date | None]:
        if not chosen.is_over_time:
            return [chosen.day]
        return _within(self.days(chosen), chosen)

    def _results(self, collection: Collection, chosen: Chosen, day: date | None) -> FeatureTable:
        selection = self._select(chosen, day)

        def make() -> FeatureTable:
            return _make_results(collection, *make_plain_columns(selection, collection.layer))

        kept = self._large if collection.layer == "settlements" else self._tables
        return kept.get((collection.id, selection.scenario), make)

    def _lines(self, collection: Collection, chosen: Chosen) -> FeatureTable:
        dataset = self._ground(chosen).dataset
        days = _within(dataset.lines.dates, chosen)

        def make() -> FeatureTable:
            ground = {"source": dataset.lines.id, "boundaries": dataset.boundaries.id}
            facts = {**ground, "data_version": dataset.files_version}
            lines = [dataset.lines.on(day) for day in days]
            rows = [{**describe_line_row(line), **facts} for line in lines]
            columns = {name: [row[name] for row in rows] for name in collection.names}
            geometry = np.array([line.geometry for line in lines], dtype=object)
            return FeatureTable(tuple(row["date"] for row in rows), columns, geometry)

        return self._tables.get(
            ("contact_lines", dataset.lines.id, dataset.boundaries.id, days), make
        )

    def _pair(self, chosen: Chosen) -> tuple[str, str]:
        plan = self._catalogue.plan()
        last = max(self._catalogue.dataset.lines.dates, default=plan.line_date)
        a = chosen.a or f"{plan.id}@{plan.line_date.isoformat()}"
        return a, chosen.b or f"{plan.id}@{last.isoformat()}"

    def _differences(self, chosen: Chosen) -> FeatureTable:
        a, b = self._pair(chosen)
        by = Differing.CATEGORY if chosen.by is None else parse_choice(Differing, chosen.by)

        def make() -> FeatureTable:
            compared = compare_selections(self._catalogue.using, a, b)
            found = compared.comparison.differences(by.value)
            facts = {"a": a, "b": b, "by": by.value, **self._version()}
            rows = [
                {
                    "oblast": item.oblast,
                    "name_en": item.name_en,
                    "before": item.before,
                    "after": item.after,
                    "area_km2": item.area_km2,
                    **facts,
                }
                for item in found
            ]
            names = ("oblast", "name_en", "before", "after", "area_km2", *facts)
            columns = {name: [row[name] for row in rows] for name in names}
            ids = tuple(f"{row['oblast']}:{row['before']}:{row['after']}" for row in rows)
            geometry = np.array([item.geometry for item in found], dtype=object)
            return FeatureTable(ids, columns, geometry)

        return self._tables.get(("differences", a, b, by), make)


def _within(days: tuple[date, ...], chosen: Chosen) -> tuple[date, ...]:
    """Return the days of an interval; refuse more than an answer can hold."""
    first, last = chosen.first or date.min, chosen.last or date.max
    if not days and first == last:  # any day may be asked for
        return (first,)
    found = tuple(day for day in days if first <= day <= last)
    if len(found) > MOST_DAYS:
        message = (
            f"Parameter 'datetime': expected an interval with at most {MOST_DAYS} lines, "
            f"{len(found)} are in it. Ask for a shorter one."
        )
        raise InvalidRequestError([ParameterFault("datetime", message)])
    return found


def _make_results(
    collection: Collection, columns: Mapping[str, list[Any]], geometry: Geometries
) -> FeatureTable:
    rows = [
        row
        for row in range(len(geometry))
        if collection.category is None or columns["category"][row] == collection.category.value
    ]
    kept = {name: [columns[name][row] for row in rows] for name in collection.names}
    chosen = geometry[rows]
    keys = [":".join(parts) for parts in zip(*_keys(collection, kept, chosen), strict=True)]
    return FeatureTable(tuple(keys), kept, chosen)


def _keys(
    collection: Collection, columns: Mapping[str, list[Any]], geometry: Geometries
) -> Iterator[Sequence[str]]:
    """Give what makes the id of a feature: it stays the same whatever is chosen beside the day."""
    if collection.layer == "settlements":
        places = zip(columns["geoname_id"], shapely.get_coordinates(geometry), strict=True)
        yield [known or f"{lon:.4f}_{lat:.4f}" for known, (lon, lat) in places]
    else:
        yield columns["oblast"]
    if collection.layer == "faces":
        yield columns["held_by"]
    yield columns["date"]


def _without_features(table: FeatureTable) -> FeatureTable:
    columns: dict[str, list[Any]] = {name: [] for name in table.columns}
    return FeatureTable((), columns, table.geometry[:0])
