"""Compare two settlements on the same boundaries: transfers of land and people."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.arguments import parse_choice, unknown_name
from geo.arrays import Geometries
from geo.comparison.place_changes import PlaceChange, changed_places
from geo.crs import Floats
from geo.geometry.overlay import check_area, cut_into_pieces, merge_pieces
from geo.geometry.topology import Integers
from geo.model.control import Control
from geo.model.frames import to_geodataframe
from geo.places.gazetteer import Gazetteer
from geo.plans.categories import Recognition
from geo.plans.clauses import Forces
from geo.plans.outcomes import Settlement
from geo.plans.plan import Category
from geo.repr_html import Rich
from geo.statistics.tables import CODE, NAME, SHARE_OF_OBLAST, Column, Table
from geo.statistics.withdrawals import TOTAL

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "CompareBy",
    "Comparison",
    "Difference",
    "PlaceChange",
    "compare_settlements",
]

_SMALLEST_KM2: Final = 1e-9
"""Differences below a thousandth of a square metre are rounding, and no difference."""


class CompareBy(StrEnum):
    """Attribute that is compared, and rows of a comparison's table."""

    CATEGORY = "category"
    HELD_BY = "held_by"
    RECOGNISED_AS = "recognised_as"
    FORCES_ALLOWED = "forces_allowed"
    OBLAST = "oblast"
    SETTLEMENTS = "settlements"


_KINDS: Final[dict[CompareBy, tuple[StrEnum, ...]]] = {
    CompareBy.CATEGORY: tuple(Category),
    CompareBy.HELD_BY: tuple(Control),
    CompareBy.RECOGNISED_AS: tuple(Recognition),
    CompareBy.FORCES_ALLOWED: tuple(Forces),
}
"""What land can be, for each way of comparing that makes a matrix."""


@dataclass(frozen=True)
class Difference:
    """Land of one oblast that has one category (holder, ...) in ``a`` and another in ``b``."""

    oblast: str
    name_en: str
    before: str
    after: str
    area_km2: float
    geometry: shapely.Geometry


@dataclass(frozen=True, eq=False)
class Comparison(Rich):
    """Two settlements cut into pieces that belong to one face of each.

    Parameters
    ----------
    a, b
        What is compared, on the same boundaries.
    face_a, face_b
        Rows of the faces each piece belongs to, shape (n,).
    geometry
        Pieces, shape (n,), longitude and latitude in degrees; those of an oblast add up to it.
    area_km2
        Area of each piece, shape (n,).
    places
        Populated places that differ in category or holder, the most populous first.
    about
        What ``a`` and ``b`` depend on, where scenarios were compared; goes with tables and frames.
    """

    a: Settlement
    b: Settlement
    face_a: Integers
    face_b: Integers
    geometry: Geometries
    area_km2: Floats
    places: tuple[PlaceChange, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.area_km2)

    @property
    def categories(self) -> tuple[Category, ...]:
        """The categories that either settlement lists, in order."""
        listed = {*self.a.categories, *self.b.categories}
        return tuple(category for category in Category if category in listed)

    def matrix(self, by: CompareBy | str = CompareBy.CATEGORY) -> Floats:
        """Return the transfer matrix in km².

        Parameters
        ----------
        by
            ``category``, ``held_by``, ``recognised_as`` or ``forces_allowed``.

        Returns
        -------
        numpy.ndarray
            Shape (k, k): row i, column j is the land that is i in ``a`` and j in ``b``, both in
            the order of :meth:`kinds`. Rows add up to the areas
            of ``a``, columns to those of ``b``.
        """
        kinds, before, after = self._kinds(parse_choice(CompareBy, by, name="by"))
        matrix: Floats = np.zeros((len(kinds), len(kinds)))
        np.add.at(matrix, (before, after), self.area_km2)
        return matrix

    def kinds(self, by: CompareBy | str = CompareBy.CATEGORY) -> tuple[str, ...]:
        """Return the categories, holders, ways of recognition or forces, in the matrix's order."""
        return self._kinds(parse_choice(CompareBy, by, name="by"))[0]

    def _kinds(self, by: CompareBy) -> tuple[tuple[str, ...], Integers, Integers]:
        """Return the kinds there are, and which each piece is in ``a`` and in ``b``."""
        if by not in _KINDS:
            raise unknown_name(by.value, [*_KINDS], name="by")
        kinds = self.categories if by is CompareBy.CATEGORY else _KINDS[by]
        values = (
            [getattr(outcome, by.value) for outcome in settlement.outcomes]
            for settlement in (self.a, self.b)
        )
        rank = {kind: row for row, kind in enumerate(kinds)}
        before, after = (
            np.array([rank[value] for value in column], dtype=np.intp) for column in values
        )
        return tuple(map(str, kinds)), before[self.face_a], after[self.face_b]

    @property
    def same_partition(self) -> bool:
        """Whether both divide the country alike, so that only the plans' outcomes can differ."""
        held_a, held_b = self.a.partition.held_by, self.b.partition.held_by
        alike = len(self) == len(self.a) == len(self.b)
        return alike and bool((held_a[self.face_a] == held_b[self.face_b]).all())

    @property
    def differs_km2(self) -> float:
        """Land whose category differs, in km²."""
        return self.moved_km2()

    @property
    def changed_hands_km2(self) -> float:
        """Land whose holder differs, in km²."""
        return self.moved_km2(CompareBy.HELD_BY)

    def moved_km2(self, by: CompareBy | str = CompareBy.CATEGORY) -> float:
        """Return the land that is one kind in ``a`` and another in ``b``, in km²; see `kinds`."""
        _, before, after = self._kinds(parse_choice(CompareBy, by, name="by"))
        return float(self.area_km2[before != after].sum())

    def differences(self, by: CompareBy | str = CompareBy.CATEGORY) -> tuple[Difference, ...]:
        """Return the land that differs, one valid face for each oblast and pair.

        Parameters
        ----------
        by
            ``category``, ``held_by``, ``recognised_as`` or ``forces_allowed``.

        Returns
        -------
        tuple of Difference
            In order of oblast, then of the pair. Their areas are the entries of the matrix off
            its diagonal; what is smaller than a thousandth of a square metre is rounding and left
            out.

        Raises
        ------
        ConservationError
            A face does not have the area that the matrix says.
        """
        by = parse_choice(CompareBy, by, name="by")
        if by not in self._differences:
            self._differences[by] = self._collect(by)
        return self._differences[by]

    @cached_property
    def _differences(self) -> dict[CompareBy, tuple[Difference, ...]]:
        return {}

    def _collect(self, by: CompareBy) -> tuple[Difference, ...]:
        kinds, before, after = self._kinds(by)
        boundaries = self.a.partition.boundaries
        oblast = self.a.partition.oblast_row[self.face_a]
        key = (oblast * len(kinds) + before) * len(kinds) + after
        found = []
        for group in np.unique(key[before != after]):
            rows = np.flatnonzero(key == group)
            area = float(self.area_km2[rows].sum())
            if area < _SMALLEST_KM2:
                continue
            unit, first = int(oblast[rows[0]]), int(rows[0])
            shape = merge_pieces(self.geometry[rows])
            check_area(shape, area, boundaries, unit)
            pair = kinds[before[first]], kinds[after[first]]
            names = boundaries.ids[unit], boundaries.name_en[unit]
            found.append(Difference(*names, *pair, area, shape))
        return tuple(found)

    def table(self, by: CompareBy | str = CompareBy.CATEGORY, *, totals: bool = False) -> Table:
        """Return a table of the comparison.

        Parameters
        ----------
        by
            ``oblast``: one row for each oblast and pair that occurs; ``settlements``: the places
            that differ; all others: the transfer matrix.
        totals
            Add to a matrix its sums, as a last column and a last row named ``total``.

        Returns
        -------
        Table
            Areas in km².
        """
        table = self._table(parse_choice(CompareBy, by, name="by"), totals=totals)
        return replace(table, about=self.about)

    def _table(self, by: CompareBy, *, totals: bool) -> Table:
        if by is CompareBy.OBLAST:
            return self._by_oblast()
        if by is CompareBy.SETTLEMENTS:
            rows = tuple(
                {column.name: getattr(place, column.name) for column in _PLACE_COLUMNS}
                for place in self.places
            )
            return Table(by, _PLACE_COLUMNS, rows)
        table = self._matrix_table(by)
        return _with_sums(table) if totals else table

    def _matrix_table(self, by: CompareBy) -> Table:
        kinds, matrix = self._kinds(by)[0], self.matrix(by)
        columns = (
            Column("a", "", f"The {by.value} in a; the columns are those in b"),
            *(Column(kind, "km2", f"Area that is {kind} in b") for kind in kinds),
        )
        *rows, sums = (
            {"a": name, **dict(zip(kinds, line.tolist(), strict=True))}
            for name, line in [*zip(kinds, matrix, strict=True), (TOTAL, matrix.sum(axis=0))]
        )
        return Table(by, columns, tuple(rows), (sums,))

    def _by_oblast(self) -> Table:
        categories, before, after = self._kinds(CompareBy.CATEGORY)
        holders, held, then_held = self._kinds(CompareBy.HELD_BY)
        oblast = self.a.partition.oblast_row[self.face_a]
        key = np.column_stack([oblast, before, after, held, then_held])
        groups, group = np.unique(key, axis=0, return_inverse=True)
        areas = np.bincount(group.ravel(), self.area_km2, len(groups))
        boundaries = self.a.partition.boundaries
        rows = tuple(
            {
                "oblast": boundaries.ids[unit],
                "name_en": boundaries.name_en[unit],
                "category_a": categories[a],
                "category_b": categories[b],
                "held_by_a": holders[was],
                "held_by_b": holders[is_now],
                "area_km2": float(area),
                "share_of_oblast": float(area / boundaries.area_km2[unit]),
            }
            for (unit, a, b, was, is_now), area in zip(groups.tolist(), areas, strict=True)
            if area >= _SMALLEST_KM2
        )
        return Table(CompareBy.OBLAST, _OBLAST_COLUMNS, rows)

    def to_geodataframe(self, by: CompareBy | str = CompareBy.CATEGORY) -> "geopandas.GeoDataFrame":
        """Return one row for each oblast and pair that differs; see :meth:`differences`."""
        found = self.differences(by)
        names = ("oblast", "name_en", "before", "after", "area_km2")
        columns = {name: [getattr(item, name) for item in found] for name in names}
        return to_geodataframe(columns, [item.geometry for item in found], about=self.about)


def _with_sums(table: Table) -> Table:
    """Return a matrix with the sums of its columns as a row, and those of its rows as a column."""
    kinds = [column.name for column in table.columns if column.unit]
    rows = tuple(
        {**row, TOTAL: math.fsum(row[kind] for kind in kinds)} for row in table.with_totals().rows
    )
    columns = (*table.columns, Column(TOTAL, "km2", "All of this row"))
    return replace(table, columns=columns, rows=rows, totals=())


_PAIR_COLUMNS: Final = (
    Column("category_a", "", "What becomes of the land in a"),
    Column("category_b", "", "What becomes of the land in b"),
    Column("held_by_a", "", "Who holds it on the day of a's line"),
    Column("held_by_b", "", "Who holds it on the day of b's line"),
)
_OBLAST_COLUMNS: Final = (
    CODE,
    NAME,
    *_PAIR_COLUMNS,
    Column("area_km2", "km2", "Area on the WGS 84 ellipsoid"),
    SHARE_OF_OBLAST,
)
_PLACE_COLUMNS: Final = (
    NAME,
    Column("name_uk", "", "Ukrainian name"),
    CODE,
    Column("lon_deg", "deg", "Longitude"),
    Column("lat_deg", "deg", "Latitude"),
    Column("population", "people", "Recorded population"),
    *_PAIR_COLUMNS,
)


def compare_settlements(
    a: Settlement, b: Settlement, *, gazetteers: tuple[Gazetteer, Gazetteer] | None = None
) -> Comparison:
    """Compare two settlements of the same country.

    They may differ in plan, date, source or reading. Where both divide an oblast alike nothing is
    cut; elsewhere the faces of both are noded together, so that each piece has one category and
    one holder in either.

    Parameters
    ----------
    a, b
        What is compared; the order gives the direction of the matrix.
    gazetteers
        The populated places of ``a`` and of ``b``, to list those that differ.

    Returns
    -------
    Comparison
        Pieces, matrices, differences; the input is unchanged.

    Raises
    ------
    IncomparableError
        The two are not on the same boundaries.
    ConservationError
        The pieces of a face do not add up to it.

    Notes
    -----
    Checked on every call: the pieces of each face of ``a``, and of each face of ``b``, add up to
    it within 1e-9 of its oblast, hence rows and columns of the matrix to the categories.

    Examples
    --------
    >>> import datetime, geo
    >>> def of(plan):
    ...     day = datetime.date(2025, 11, 21)
    ...     line, places = geo.load_contact_line(day), geo.load_observations()
    ...     return geo.build_scenario(geo.load_boundaries(), line, geo.load_plan(plan), places)
    >>> found = geo.compare_settlements(
    ...     of("point21-axios").settlement, of("borders-1991").settlement
    ... )
    >>> [round(float(row[3])) for row in found.matrix()[:3]]
    [73671, 39501, 0]
    """
    pieces = cut_into_pieces(a.partition, b.partition)
    places = () if gazetteers is None else changed_places(a, b, *gazetteers)
    columns = (pieces.face_a, pieces.face_b, pieces.geometry, pieces.area_km2)
    return Comparison(a, b, *columns, places)
