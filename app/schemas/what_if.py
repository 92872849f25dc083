"""Schemas of a what-if: the request and the answer."""

from typing import Any, Final, Literal

from pydantic import Field

from app.schemas.common import Answer, Identity, ParameterProblem, Problem, Provenance
from app.schemas.compare import ComparedSettlements, Differences
from app.schemas.geojson import FaceProperties, Geometry

__all__ = ["REQUEST_EXAMPLE", "REQUEST_SCHEMA", "BodyProblem", "WhatIfAnswer"]


class BodyFault(Answer):
    """Fault of one member of the body, with its place."""

    member: str
    message: str
    feature: str | None = None
    lon: float | None = None
    lat: float | None = None
    kind: str | None = None
    gap_km: float | None = None
    choices: list[str] | None = Field(
        None, description="What `line` holds; send one of them, or several joined by &, as `part`."
    )


class BodyProblem(Problem):
    """Problem details, RFC 9457, of a request with a body."""

    errors: list[BodyFault | ParameterProblem] | None = Field(  # type: ignore[assignment]
        None, description="One for each fault."
    )
    limit: str | None = Field(None, description="Which limit was met.")
    allowed: float | None = Field(None, description="How much is accepted.")


class EndOfLine(Answer):
    """An end of the line that was drawn on, or left out."""

    lon_deg: float
    lat_deg: float
    length_km: float


class UsedLine(Answer):
    """The line that was used."""

    date: str
    source: str
    method: str
    length_km: float = Field(
        description="Length inside the country, each stretch once: that of the statistics."
    )
    drawn_length_km: float = Field(
        description="Length of all that was drawn, outside the country too."
    )
    extended_ends: list[EndOfLine]
    trimmed_ends: list[EndOfLine]


class ShiftAnswer(Answer):
    """Shift of the line, and the land that changed hands by it."""

    km: float
    into: Literal["ukraine", "russia"]
    stretch_km: float
    moved_km2: float
    km2_per_km: float


class DrawnLine(Answer):
    """The line as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: str
    bbox: list[float] | None = None
    properties: UsedLine
    geometry: Geometry


class Face(Answer):
    """A face as a GeoJSON Feature."""

    type: Literal["Feature"]
    id: str
    properties: FaceProperties
    geometry: Geometry


class DrawnFaces(Answer):
    """All faces, a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    features: list[Face]


class WhatIfAnswer(Answer):
    """The whole result for a user's line and plan."""

    identity: Identity
    reference: Identity
    method: str
    line: UsedLine
    shift: ShiftAnswer | None
    statistics: dict[str, list[dict[str, Any]]] = Field(description="Rows of every table.")
    totals: dict[str, list[dict[str, Any]]] = Field(
        description="Sums of the rows of `change` and `leaving`, which do not hold them."
    )
    difference: ComparedSettlements = Field(description="From the reference (a) to this (b).")
    sources: list[Provenance]
    effects: list[dict[str, Any]] | None = Field(
        None, description="What each clause of a plan of your own does, by id and line."
    )
    contact_line: DrawnLine | None = None
    layers: DrawnFaces | None = None
    differs: Differences | None = Field(None, description="Land whose category differs.")
    changed_hands: Differences | None = Field(None, description="Land whose holder differs.")


_POSITION: Final = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}

REQUEST_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "plan": {
            "description": "Id of a plan, or a whole plan as JSON, or as TOML in a string.",
            "anyOf": [{"type": "string"}, {"type": "object"}],
        },
        "line": {"type": "object", "description": "GeoJSON: lines, or areas of Russian control."},
        "part": {
            "type": "string",
            "description": "Which features of `line` are meant, as `where=PROPERTY=VALUE`, "
            "`day=YYYY-MM-DD` or `kind=area`, joined by &.",
        },
        "date": {"type": "string", "format": "date", "description": "Day of the places."},
        "source": {"type": "string", "description": "Whose line, where none is given."},
        "boundaries": {"type": "string", "description": "Whose oblasts."},
        "readings": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Readings of the plan, each with the option chosen.",
        },
        "reference": {"type": "string", "description": "What to compare with: PLAN@DATE~CHOICES."},
        "geometry": {"enum": ["full", "display", "none"], "default": "full"},
        "shift": {
            "type": "object",
            "additionalProperties": False,
            "required": ["km", "into"],
            "properties": {
                "km": {"type": "number", "minimum": 0, "maximum": 200},
                "into": {"enum": ["ukraine", "russia"], "description": "Whose land is entered."},
                "between": {"type": "array", "items": _POSITION, "minItems": 2, "maxItems": 2},
                "within": {
                    "type": "array",
                    "items": {"type": "number"},
                    "minItems": 4,
                    "maxItems": 4,
                    "description": "West, south, east, north.",
                },
            },
        },
    },
}

REQUEST_EXAMPLE: Final[dict[str, Any]] = {
    "plan": "point21-axios",
    "date": "2025-11-21",
    "shift": {"km": 5, "into": "ukraine", "within": [37.0, 47.8, 38.5, 49.0]},
    "geometry": "none",
}
