"""Properties of features that can be queried: their types, units and meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from geo.model.control import Control
from geo.plans.categories import Category, Recognition
from geo.plans.clauses import Change, Forces

__all__ = ["FIELDS", "GEOMETRY", "Field", "Kind", "describe_field", "describe_geometry"]

GEOMETRY: Final = "geometry"
"""What filters call the geometry of a feature."""


class Kind(StrEnum):
    """Of what kind the values of a property are."""

    TEXT = "string"
    NUMBER = "number"
    DAY = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A property of features: its kind, its meaning, its unit and the values it can have."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    unit: str = ""
    values: tuple[str, ...] = ()
    role: str = ""


def _values(kinds: type[StrEnum]) -> tuple[str, ...]:
    return tuple(kind.value for kind in kinds)


def _km2(name: str, title: str) -> Field:
    return Field(name, title, Kind.NUMBER, "km2")


FIELDS: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field("oblast", "First-level unit, ISO 3166-2"),
        Field("katottg", "First-level unit in Ukraine's register of territories"),
        Field("name_en", "Name in English"),
        Field("name_uk", "Name in Ukrainian"),
        Field("category", "What becomes of the land", values=_values(Category)),
        Field("label", "Name of the category"),
        Field("held_by", "Who held it on the day of the line", values=_values(Control)),
        Field("observed_as", "Who held it according to the record", values=_values(Control)),
        Field("recognised_as", "As whose it would be recognised", values=_values(Recognition)),
        Field("forces_allowed", "Whose forces may be there", values=_values(Forces)),
        Field("change", "What changes under the plan", values=_values(Change)),
        Field("clauses", "Ids of the clauses that apply, with spaces between"),
        Field("flags", "What one label cannot say, with spaces between"),
        _km2("area_km2", "Area on the WGS 84 ellipsoid, edges straight in longitude and latitude"),
        _km2("area_official_km2", "Area that the state publishes"),
        _km2("ukraine_held_km2", "Area held by Ukraine on the day of the line"),
        _km2("russia_held_km2", "Area held by Russia on the day of the line"),
        Field("russia_held_share", "Share of the unit held by Russia", Kind.NUMBER, "1"),
        Field("share_of_oblast", "Share of its first-level unit", Kind.NUMBER, "1"),
        Field("population_2022", "People on 1 January 2022", Kind.NUMBER, "people"),
        Field("population", "People recorded by the gazetteer", Kind.NUMBER, "people"),
        Field("geoname_id", "Number of the settlement at GeoNames"),
        Field("line_source", "Whose line of contact"),
        Field("method", "How the line was drawn"),
        Field("length_km", "Length of the line as drawn", Kind.NUMBER, "km"),
        Field("observations", "How many places the line rests on", Kind.NUMBER),
        Field("uncertainty_km", "How far the line may be off", Kind.NUMBER, "km"),
        Field("before", "What the land is in settlement a"),
        Field("after", "What the land is in settlement b"),
        Field("by", "What is compared"),
        Field("a", "Settlement a, PLAN@DATE with its choices"),
        Field("b", "Settlement b, PLAN@DATE with its choices"),
        Field("date", "Day of the line of contact", Kind.DAY, role="primary-instant"),
        Field("plan", "Id of the plan"),
        Field("source", "Short name of the source of the line"),
        Field("boundaries", "Short name of the boundaries"),
        Field("readings", "Readings chosen, empty for the plan's own"),
        Field("data_version", "Hash of the files that the figures depend on"),
    )
}
"""Every property that a feature of some collection has."""


def describe_field(field: Field) -> dict[str, Any]:
    """Describe a property as JSON Schema."""
    schema: dict[str, Any] = {"title": field.title, "type": field.kind.value}
    if field.kind is Kind.DAY:
        schema |= {"type": "string", "format": "date"}
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    if field.values:
        schema["enum"] = list(field.values)
    if field.role:
        schema["x-ogc-role"] = field.role
    return schema


def describe_geometry(shape: str) -> dict[str, str]:
    """Describe the geometry of features as JSON Schema; ``shape`` is such as ``multipolygon``."""
    return {
        "title": "Longitude and latitude on WGS 84, full precision",
        "format": f"geometry-{shape}",
        "x-ogc-role": "primary-geometry",
    }
