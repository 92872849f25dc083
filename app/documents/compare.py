"""Parse how two settlements are named, and write the documents of their comparison.

A settlement is written ``PLAN@DATE~CHOICES``, for instance ``point21-axios@2025-11-21`` or
``point21-axios@2025-11-21~luhansk_pocket:ceded,source:deepstate``. Every part may be left out: no
plan means the default plan, no date the plan's own day. A choice is ``NAME:VALUE``; a member
without a colon belongs to the value before it (``agreed_territories:UA-63,UA-59``).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import numpy as np

from app.datasets.catalogue import Catalogue, Selection
from app.documents.common import METHOD, list_sources
from app.documents.csv_rows import write_csv
from app.documents.geojson import write_features
from app.errors import InvalidRequestError, ParameterFault
from app.parameters import parse_date
from geo.arguments import show
from geo.comparison.compare import CompareBy, Comparison
from geo.plans.categories import Category
from geo.scenario import Scenario

__all__ = [
    "CatalogueOfSources",
    "Compared",
    "Differing",
    "Reference",
    "compare_selections",
    "describe_comparison",
    "describe_differences",
    "parse_reference",
    "select_reference",
    "write_comparison_csv",
]

_REFERENCE: Final = re.compile(
    r"(?P<plan>[^@~]*)(?:@(?P<date>[^@~]*))?(?:~(?P<choices>.*))?", re.DOTALL
)
_FORM: Final = (
    "expected PLAN@DATE, perhaps with choices after a tilde "
    "(point21-axios@2025-11-21~source:deepstate,luhansk_pocket:ceded)"
)


CatalogueOfSources = Callable[[str | None, str | None], Catalogue]
"""From the names of a source and of boundaries to the catalogue of both."""


class Differing(StrEnum):
    """Attribute for which differing land is listed."""

    CATEGORY = "category"
    HELD_BY = "held_by"
    RECOGNISED_AS = "recognised_as"
    FORCES_ALLOWED = "forces_allowed"


@dataclass(frozen=True)
class Reference:
    """One settlement as it is named in a request.

    ``choices`` holds what was chosen beside plan and day: ``source``, ``boundaries`` and readings,
    by name.
    """

    plan: str | None = None
    day: date | None = None
    choices: dict[str, str] = field(default_factory=dict)


def parse_reference(text: str, *, parameter: str) -> Reference:
    """Read how a settlement is named.

    Parameters
    ----------
    text
        Such as ``point21-axios@2025-11-21~luhansk_pocket:ceded``.
    parameter
        What to call it in messages.

    Raises
    ------
    InvalidRequestError
        It is written otherwise.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None or not text.strip():
        message = f"Parameter {parameter!r}: {_FORM}; got {show(text)}."
        raise InvalidRequestError([ParameterFault(parameter, message, text)])
    try:
        day = parse_date(found["date"])
    except InvalidRequestError:
        message = (
            f"Parameter {parameter!r}: {_FORM}; {show(found['date'])} is no day of the calendar "
            "written YYYY-MM-DD."
        )
        raise InvalidRequestError([ParameterFault(parameter, message, text)]) from None
    return Reference(found["plan"] or None, day, _choices(found["choices"], text, parameter))


def _choices(written: str | None, text: str, parameter: str) -> dict[str, str]:
    choices: dict[str, str] = {}
    name = ""
    for member in [] if written is None else written.split(","):
        head, colon, value = member.partition(":")
        if colon and head and value and head not in choices:
            name, choices[head] = head, value
        elif not colon and head and name:
            choices[name] += f",{head}"
        else:
            message = (
                f"Parameter {parameter!r}: {_FORM}; expected each choice once, as NAME:VALUE, "
                f"got {show(member)}."
            )
            raise InvalidRequestError([ParameterFault(parameter, message, text)])
    return choices


def select_reference(
    grounds: CatalogueOfSources,
    reference: Reference,
    *,
    nearest: bool | str = False,
    boundaries: str | None = None,
) -> Selection:
    """Find or build the settlement that is named.

    Parameters
    ----------
    grounds
        Gives the catalogue of a source and boundaries, such as :meth:`Catalogue.using`.
    reference
        What is asked for.
    nearest
        Which other line is used when the day has none; see :class:`geo.model.line_series.Nearest`.
    boundaries
        Used where none are chosen.

    Raises
    ------
    NotFoundError
        There is no such plan, line, source or boundaries.
    ReadingError
        There is no such reading or option.
    """
    catalogue, readings = _find_ground(grounds, reference, boundaries)
    return catalogue.select(reference.plan, reference.day, nearest=nearest, readings=readings)


def _find_ground(
    grounds: CatalogueOfSources, reference: Reference, boundaries: str | None = None
) -> tuple[Catalogue, dict[str, str]]:
    """Tell source and boundaries from readings; return the catalogue of the former, the latter."""
    readings = dict(reference.choices)
    source = readings.pop("source", None)
    return grounds(source, readings.pop("boundaries", boundaries)), readings


@dataclass(frozen=True, eq=False)
class Compared:
    """Two settlements and their comparison."""

    a: Selection
    b: Selection
    comparison: Comparison


def compare_selections(
    grounds: CatalogueOfSources, a: str, b: str, *, nearest: bool | str = False
) -> Compared:
    """Compare the two settlements that are named; every fault of both names at once.

    Parameters
    ----------
    grounds
        Gives the catalogue of a source and boundaries, such as :meth:`Catalogue.using`.
    a, b
        Names, see :func:`parse_reference`.
    nearest
        Which other line is used when the day has none; see :class:`geo.model.line_series.Nearest`.
    """
    references: list[Reference] = []
    faults: list[ParameterFault] = []
    for parameter, text in (("a", a), ("b", b)):
        try:
            references.append(parse_reference(text, parameter=parameter))
        except InvalidRequestError as error:
            faults.extend(error.faults)
    if faults:
        raise InvalidRequestError(faults)
    for reference in references:  # what is chosen wrongly is refused before anything is divided
        catalogue, readings = _find_ground(grounds, reference)
        catalogue.read(reference.plan, readings)
    first, second = (
        select_reference(grounds, reference, nearest=nearest) for reference in references
    )
    return Compared(first, second, _compare(first.scenario, second.scenario))


@lru_cache(maxsize=4)
def _compare(a: Scenario, b: Scenario) -> Comparison:
    """Compare once for the figures and the land of one pair, which are asked for one by one."""
    return a.compare(b)


def describe_comparison(compared: Compared) -> dict[str, Any]:
    """Say what goes where, who changes hands, and which settlements differ."""
    comparison = compared.comparison
    places = comparison.table(CompareBy.SETTLEMENTS).rows
    known = [place["population"] for place in places if place["population"] is not None]
    return {
        "a": compared.a.identity,
        "b": compared.b.identity,
        "method": METHOD,
        "same_partition": comparison.same_partition,
        "differs_km2": comparison.differs_km2,
        "changed_hands_km2": comparison.changed_hands_km2,
        "categories": _sums(comparison),
        "moved_km2": {by.value: comparison.moved_km2(by.value) for by in Differing},
        **{by.value: _nested(comparison, by) for by in Differing},
        "oblasts": [row for row in comparison.table(CompareBy.OBLAST).rows if _differs(row)],
        "settlements": {
            "settlements": len(places),
            "population_recorded": sum(known),
            "settlements_population_unknown": len(places) - len(known),
            "places": list(places),
        },
        "sources": _sources(compared),
    }


def _sources(compared: Compared) -> list[dict[str, Any]]:
    both = [*list_sources(compared.a), *list_sources(compared.b)]
    return [source for row, source in enumerate(both) if source not in both[:row]]


def _sums(comparison: Comparison) -> list[dict[str, Any]]:
    matrix = comparison.matrix()
    return [
        {
            "category": category.value,
            "label": _label(comparison, category),
            "a_km2": float(before),
            "b_km2": float(after),
            "difference_km2": float(after - before),
        }
        for category, before, after in zip(
            comparison.categories, matrix.sum(axis=1), matrix.sum(axis=0), strict=True
        )
    ]


def _label(comparison: Comparison, category: Category) -> str:
    """Name a category of both settlements: exactly if both say the same, else as of any plan."""
    names = {side.label_of(category) for side in (comparison.a, comparison.b)}
    return names.pop() if len(names) == 1 else category.label


def _nested(comparison: Comparison, by: Differing) -> dict[str, dict[str, float]]:
    kinds, lines = comparison.kinds(by.value), comparison.matrix(by.value).tolist()
    return {
        kind: dict(zip(kinds, line, strict=True)) for kind, line in zip(kinds, lines, strict=True)
    }


def _differs(row: dict[str, Any]) -> bool:
    pairs = (row["category_a"], row["held_by_a"]), (row["category_b"], row["held_by_b"])
    return pairs[0] != pairs[1]


def describe_differences(compared: Compared, by: Differing) -> dict[str, Any]:
    """Make the land that differs a GeoJSON FeatureCollection, one feature for oblast and pair."""
    comparison = compared.comparison
    found = comparison.differences(by.value)
    names = (f"{by.value}_a", f"{by.value}_b")
    properties = [
        {
            "oblast": item.oblast,
            "name_en": item.name_en,
            names[0]: item.before,
            names[1]: item.after,
            "area_km2": item.area_km2,
        }
        for item in found
    ]
    ids = [f"{item.oblast}:{item.before}:{item.after}" for item in found]
    members = {
        "a": compared.a.identity,
        "b": compared.b.identity,
        "by": by.value,
        "area_km2": comparison.moved_km2(by.value),
        "sources": _sources(compared),
    }
    geometry = np.array([item.geometry for item in found], dtype=object)
    return write_features(geometry, properties, ids=ids, members=members)


def write_comparison_csv(compared: Compared, by: CompareBy, *, totals: bool = False) -> bytes:
    """Write one table of a comparison as CSV (RFC 4180), what is compared on each row.

    Parameters
    ----------
    compared
        The two settlements.
    by
        Which table.
    totals
        Add to a matrix its sums, as a last column and a last row.

    Notes
    -----
    But for oblasts and settlements this is the matrix: a row is what land is in ``a``, a column
    what it is in ``b``. UTF-8, CRLF, one header line; an
    unknown value is empty.
    """
    table = compared.comparison.table(by, totals=totals)
    sides = {**compared.a.about.to_row("_a"), **compared.b.about.to_row("_b")}
    return write_csv([column.name for column in table.columns], table.rows, sides)
