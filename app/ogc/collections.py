"""Collections of ``/ogc``, and the choice of plan, day and source that each is read with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.cql2.fields import FIELDS, Field
from geo.arguments import there_is_no
from geo.errors import NotFoundError
from geo.model.identity import IDENTITY_COLUMNS
from geo.plans.categories import Category

__all__ = [
    "COLLECTIONS",
    "SELECTORS",
    "Collection",
    "Selector",
    "UnknownCollectionError",
    "find_collection",
]


class UnknownCollectionError(NotFoundError):
    """There is no collection of this name."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A parameter that chooses which results are read, with what it is when left out."""

    name: str
    description: str
    example: str
    repeatable: bool = False


SELECTORS: Final[Mapping[str, Selector]] = {
    selector.name: selector
    for selector in (
        Selector("plan", "Id of a plan; the server's default plan by default.", "point21-cbs"),
        Selector(
            "date",
            "Day of the line of contact. Default: the plan's own day, or with `datetime` all days "
            "that it covers.",
            "2026-08-01",
        ),
        Selector(
            "reading",
            "A reading of the plan, ID:OPTION; repeatable.",
            "luhansk_pocket:retained",
            True,
        ),
        Selector("source", "Whose line of contact; our own by default.", "observations"),
        Selector("boundaries", "Whose boundaries; Natural Earth's by default.", "natural-earth"),
        Selector(
            "a",
            "One settlement, PLAN@DATE~CHOICES; by default the default plan on its own day.",
            "@",
        ),
        Selector("b", "The other; by default the default plan on the last day with a line.", "@"),
        Selector(
            "by",
            "What differs: category (the default), held_by, recognised_as or forces_allowed.",
            "held_by",
        ),
    )
}

_GROUND: Final = ("source", "boundaries")
_SCENARIO: Final = ("plan", "date", "reading", *_GROUND)
_FACES: Final = (
    *("oblast", "name_en", "name_uk", "category", "label", "held_by", "recognised_as"),
    *("forces_allowed", "change", "clauses", "flags", "area_km2", "share_of_oblast"),
    *IDENTITY_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of features.

    ``layer`` is what is read (see :mod:`app.ogc.reader`), ``category`` limits it to one.
    """

    id: str
    title: str
    description: str
    layer: str
    shape: str
    names: tuple[str, ...]
    selectors: tuple[str, ...]
    category: Category | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The properties of its features."""
        return tuple(FIELDS[name] for name in self.names)

    @property
    def is_temporal(self) -> bool:
        """Whether its features belong to a day."""
        return "date" in self.names


def _of_category(category: Category) -> Collection:
    return Collection(
        category.value,
        category.label,
        f"Land of which the plan makes this: “{category.label}”. One feature for "
        "each oblast and holder; empty where a plan leads to none.",
        "faces",
        "multipolygon",
        _FACES,
        _SCENARIO,
        category,
    )


_ALL: Final = (
    Collection(
        "oblasts",
        "First-level units",
        "The 27 first-level units of Ukraine with their facts, and how much of each was held by "
        "whom on the day of the line.",
        "oblasts",
        "multipolygon",
        (
            *("oblast", "katottg", "name_en", "name_uk", "area_km2", "area_official_km2"),
            *("population_2022", "ukraine_held_km2", "russia_held_km2", "russia_held_share"),
            *IDENTITY_COLUMNS,
        ),
        _SCENARIO,
    ),
    Collection(
        "contact_lines",
        "Lines of contact",
        "The line of contact of every day that has one, with its source, length and uncertainty.",
        "contact_lines",
        "multilinestring",
        (
            *("date", "line_source", "method", "length_km", "observations", "uncertainty_km"),
            *("source", "boundaries", "data_version"),
        ),
        _GROUND,
    ),
    Collection(
        "faces",
        "The country by oblast, holder and category",
        "A partition of the country: one feature for each oblast and holder, with what the plan "
        "makes of it. Faces neither overlap nor leave gaps.",
        "faces",
        "multipolygon",
        _FACES,
        _SCENARIO,
    ),
    *(_of_category(category) for category in Category),
    Collection(
        "settlements",
        "Settlements",
        "Towns and villages of the gazetteer with what becomes of the land they are on.",
        "settlements",
        "point",
        (
            *("geoname_id", "name_en", "name_uk", "oblast", "population", "category"),
            *("observed_as", *IDENTITY_COLUMNS),
        ),
        _SCENARIO,
    ),
    Collection(
        "differences",
        "Land that differs between two settlements",
        "Land that has another category (holder, recognition, forces) in settlement b than in a: "
        "one feature for each oblast and pair. By default what changes when the default plan is "
        "applied to the last line instead of that of its own day.",
        "differences",
        "multipolygon",
        ("oblast", "name_en", "before", "after", "area_km2", "a", "b", "by", "data_version"),
        ("a", "b", "by"),
    ),
)

COLLECTIONS: Final[Mapping[str, Collection]] = {collection.id: collection for collection in _ALL}
"""Every collection by its id."""


def find_collection(wanted: str) -> Collection:
    """Find a collection by its id.

    Raises
    ------
    UnknownCollectionError
        There is none of this id; all are listed.
    """
    if wanted in COLLECTIONS:
        return COLLECTIONS[wanted]
    raise UnknownCollectionError(
        f"{there_is_no('collection', wanted, COLLECTIONS)} The collections are "
        f"{', '.join(COLLECTIONS)}.",
        valid=list(COLLECTIONS),
    )
