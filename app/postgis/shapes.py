"""Tables that are published: columns, types and comments.

Layers have the columns of the files (see ``docs/downloads.md``), tables those of the statistics.
Every row carries what it is of, and a key that is the same whenever the same is published.
"""

from dataclasses import dataclass
from typing import Final

from app.export.frames import TABLES, name_sheet
from geo.statistics.tables import By, Column
from geo.statistics.tables import columns_of as columns_of_table

__all__ = ["LAYERS", "PUBLICATION", "SHAPES", "TableShape", "name_table"]

Columns = dict[str, tuple[str, str]]

_OBLAST: Final[Columns] = {
    "oblast": ("text", "ISO 3166-2 code"),
    "name_en": ("text", "English name"),
    "name_uk": ("text", "Ukrainian name"),
}
_IDENTITY: Final[Columns] = {
    "plan": ("text", "Id of the plan"),
    "date": ("date", "Day of the line of contact"),
    "source": ("text", "Short name of the source of the line"),
    "boundaries": ("text", "Short name of the oblasts' boundaries"),
    "readings": ("text", "Readings that differ from the plan's default, ID:OPTION"),
    "data_version": ("text", "Hash of the contents of the files that were used"),
}
_KEY: Final[Columns] = {
    "id": ("text", "Key of the row; the same whenever the same is published"),
    "publication": ("text", "What the row belongs to: publication.id"),
}
_AREA: Final = ("double precision", "Area in km², WGS 84 ellipsoid, full precision")


@dataclass(frozen=True)
class TableShape:
    """One table: column to SQL type and meaning, in order; the type of its geometry, if any."""

    name: str
    meaning: str
    columns: Columns
    geometry: str = ""

    @property
    def types(self) -> dict[str, str]:
        """Column to SQL type as PostgreSQL writes it, the geometry included."""
        own = {name: kind for name, (kind, _) in self.columns.items()}
        return own | ({"geom": f"geometry({self.geometry},4326)"} if self.geometry else {})


PUBLICATION: Final = TableShape(
    "publication",
    "One row for each plan, day, source, boundaries and readings that is published here",
    {
        "id": ("text", "Key; the same whenever the same is published"),
        **_IDENTITY,
        "title": ("text", "Title of the plan"),
        "line_source": ("text", "Who says where the line was"),
        "method": ("text", "How areas are measured"),
        "note": ("text", "What must be read with every figure"),
        "licence": ("text", "Licences of the sources"),
        "attribution": ("text", "Whom to name"),
        "sources": ("jsonb", "Sources with date, licence, address and hash"),
        "program_version": ("text", "Version of the program that published it"),
        "published_at": ("timestamp with time zone", "When it was last published"),
    },
)

LAYERS: Final = {
    "faces": TableShape(
        "faces",
        "The country by oblast, holder and category",
        {
            **_KEY,
            **_OBLAST,
            "category": ("text", "What becomes of the land"),
            "label": ("text", "Name of the category"),
            "held_by": ("text", "Who holds it on the day of the line"),
            "recognised_as": ("text", "As whose the plan would recognise it"),
            "forces_allowed": ("text", "Whose forces the plan would allow there"),
            "change": ("text", "Whose forces would leave"),
            "clauses": ("text[]", "Clauses that apply, in order"),
            "flags": ("text[]", "What the text leaves open there"),
            "area_km2": _AREA,
            "share_of_oblast": ("double precision", "Share of the oblast's area, 0 to 1"),
            **_IDENTITY,
        },
        "MultiPolygon",
    ),
    "contact_line": TableShape(
        "contact_line",
        "The line of contact of the day",
        {
            **_KEY,
            "line_source": ("text", "Who says where the line was"),
            "method": ("text", "How the line was made"),
            "length_km": ("double precision", "Length of the line as drawn, km"),
            "observations": ("bigint", "Observed places that entered"),
            "uncertainty_km": ("double precision", "Positional uncertainty in km"),
            **_IDENTITY,
        },
        "MultiLineString",
    ),
    "oblasts": TableShape(
        "oblasts",
        "The oblasts, with what each side holds of them",
        {
            **_KEY,
            **_OBLAST,
            "katottg": ("text", "National code"),
            "area_km2": _AREA,
            "area_official_km2": ("double precision", "Published area in km²"),
            "population_2022": ("double precision", "Published population of 2022"),
            "ukraine_held_km2": ("double precision", "Held by Ukraine on the day, km²"),
            "russia_held_km2": ("double precision", "Held by Russia on the day, km²"),
            "russia_held_share": ("double precision", "Share held by Russia, 0 to 1"),
            **_IDENTITY,
        },
        "MultiPolygon",
    ),
    "settlements": TableShape(
        "settlements",
        "Populated places and the category they lie in",
        {
            **_KEY,
            "geoname_id": ("text", "GeoNames id"),
            "name_en": ("text", "English name"),
            "name_uk": ("text", "Ukrainian name"),
            "oblast": ("text", "ISO 3166-2 code"),
            "population": ("double precision", "Recorded population, not that of the day"),
            "category": ("text", "What becomes of the land"),
            "observed_as": ("text", "Who was observed to hold the place"),
            **_IDENTITY,
        },
        "Point",
    ),
}


def name_table(by: By) -> str:
    """Name the table of figures that has one row for ``by``."""
    return f"table_{name_sheet(by)}"


def _type_of(column: Column) -> str:
    if column.unit in ("km2", "km", "1"):
        return "double precision"
    if column.unit == "people" or column.name in _COUNTS:
        return "bigint"
    return "text"


_COUNTS: Final = {
    "oblasts",
    "settlements",
    "settlements_population_unknown",
    "settlements_other_side",
}


def _shape_of(by: By) -> TableShape:
    units = {"km2": "km²", "1": "share"}
    own = {
        column.name: (
            _type_of(column),
            f"{column.description}"
            + (f" [{units.get(column.unit, column.unit)}]" * bool(column.unit)),
        )
        for column in columns_of_table(by)
    }
    return TableShape(name_table(by), f"Figures by {by.value}", {**_KEY, **own, **_IDENTITY})


SHAPES: Final = {
    shape.name: shape
    for shape in (PUBLICATION, *LAYERS.values(), *(_shape_of(by) for by in TABLES))
}
"""Every table, each after those that it refers to."""
