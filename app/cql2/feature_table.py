"""Features as columns and geometry, and as finished GeoJSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from app.cql2.fields import FIELDS, Kind
from app.documents.bounding_box import Box, BoxIndex
from app.documents.geojson import to_fragments
from geo.arrays import Geometries
from geo.crs import Floats

__all__ = ["Booleans", "FeatureTable", "Integers", "bounds_of", "join_tables"]

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features of one collection.

    Parameters
    ----------
    ids
        One for each of n features, all different.
    columns
        Property to n values; ``None`` is what is not known.
    geometry
        Shape (n,), longitude and latitude in degrees (OGC:CRS84).
    """

    ids: tuple[str, ...]
    columns: Mapping[str, Sequence[Any]]
    geometry: Geometries

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> dict[str, int]:
        """From id to row."""
        return {name: row for row, name in enumerate(self.ids)}

    @cached_property
    def _index(self) -> BoxIndex:
        return BoxIndex(self.geometry)

    @cached_property
    def _written(self) -> dict[int, bytes]:
        return {}

    @cached_property
    def _values(self) -> dict[str, tuple[npt.NDArray[Any], Booleans]]:
        return {}

    def values(self, name: str) -> tuple[npt.NDArray[Any], Booleans]:
        """Return the values of a property as an array, and where there is none.

        Numbers are floats, days their number in the calendar, words are words; what is not known
        is zero, or no word.
        """
        if name not in self._values:
            self._values[name] = _to_array(self.columns[name], FIELDS[name].kind)
        return self._values[name]

    def rows_within(self, boxes: Sequence[Box]) -> Integers:
        """Find the features that share at least a point with one of the boxes, in order."""
        return np.unique(np.concatenate([self._index.find(box) for box in boxes]))

    def feature(self, row: int) -> orjson.Fragment:
        """Return a feature as finished GeoJSON, written once."""
        if row not in self._written:
            self._written[row] = orjson.dumps(self.describe(row))
        return orjson.Fragment(self._written[row])

    def describe(
        self, row: int, *, properties: Sequence[str] | None = None, geometry: bool = True
    ) -> dict[str, Any]:
        """Make a feature with only some of its properties, or without geometry."""
        names = self.columns if properties is None else properties
        return {
            "type": "Feature",
            "id": self.ids[row],
            "properties": {name: self.columns[name][row] for name in names},
            "geometry": to_fragments(self.geometry[row : row + 1])[0] if geometry else None,
        }


def _to_array(values: Sequence[Any], kind: Kind) -> tuple[npt.NDArray[Any], Booleans]:
    missing = np.array([_is_missing(value) for value in values], dtype=bool)
    if kind is Kind.TEXT:
        words = ["" if gone else str(word) for word, gone in zip(values, missing, strict=True)]
        return np.array(words, dtype=np.str_), missing
    pairs = zip(values, missing, strict=True)
    numbers = [0.0 if gone else _to_number(value) for value, gone in pairs]
    return np.array(numbers, dtype=np.float64), missing


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _to_number(value: Any) -> float:  # noqa: ANN401
    return float(date.fromisoformat(value).toordinal() if isinstance(value, str) else value)


def join_tables(tables: Sequence[FeatureTable]) -> FeatureTable:
    """Put tables of the same columns one after the other."""
    if len(tables) == 1:
        return tables[0]
    names = tables[0].columns if tables else {}
    columns = {name: [value for table in tables for value in table.columns[name]] for name in names}
    ids = tuple(name for table in tables for name in table.ids)
    geometry = np.concatenate([np.empty(0, dtype=object), *(table.geometry for table in tables)])
    return FeatureTable(ids, columns, geometry)


def bounds_of(table: FeatureTable) -> Floats:
    """Return west, south, east and north of all features; ``nan`` where there is none."""
    return np.asarray(shapely.total_bounds(table.geometry), dtype=np.float64)
