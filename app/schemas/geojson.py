"""Schemas of the answers that carry geometry."""

import datetime
from typing import Any, Literal

from pydantic import Field

from app.schemas.common import (
    Answer,
    FlagMeaning,
    Identity,
    LayerSummary,
    LineProperties,
    PlanDetail,
    Provenance,
)

__all__ = ["LayerCollection", "LineFeature", "MapBundle", "Oblasts"]


class Geometry(Answer):
    """A GeoJSON geometry, longitude and latitude on WGS 84."""

    type: Literal["Polygon", "MultiPolygon", "LineString", "MultiLineString", "Point"]
    coordinates: list[Any]


class LineFeature(Answer):
    """The contact line of one day, a GeoJSON Feature."""

    type: Literal["Feature"]
    id: str
    bbox: list[float] | None = None
    properties: LineProperties
    geometry: Geometry
    provenance: Provenance


class OblastProperties(Answer):
    """Facts about a first-level unit."""

    oblast: str = Field(description="ISO 3166-2.")
    katottg: str
    name_en: str
    name_uk: str
    area_km2: float = Field(description="Measured on the geometry served here.")
    area_official_km2: float | None
    population_2022: float | None = Field(description="1 January 2022; null: not published.")


class OblastFeature(Answer):
    """A first-level unit."""

    type: Literal["Feature"]
    id: str
    properties: OblastProperties
    geometry: Geometry


class Oblasts(Answer):
    """The first-level units, a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    provenance: Provenance
    features: list[OblastFeature]


class FaceProperties(Answer):
    """Outcome of a plan for the part of an oblast that one side holds."""

    oblast: str = Field(description="ISO 3166-2.")
    name_en: str
    name_uk: str
    category: str
    label: str
    held_by: Literal["ukraine", "russia"] = Field(description="On the day of the line.")
    recognised_as: str = Field(description="After the plan, in the text's own sense.")
    forces_allowed: Literal["ukraine", "russia", "none"]
    change: Literal["ukraine_withdraws", "russia_withdraws", "recognition_only", "none"]
    clauses: list[str] = Field(description="Ids of all clauses that apply, in order.")
    flags: list[str] = Field(description="What one label cannot say.")
    area_km2: float
    share_of_oblast: float


class FaceFeature(Answer):
    """A face: the part of an oblast that one side holds."""

    type: Literal["Feature"]
    id: str
    properties: FaceProperties
    geometry: Geometry


class LayerCollection(Answer):
    """A layer, a GeoJSON FeatureCollection at full precision."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    identity: Identity
    category: str
    label: str
    area_km2: float
    sources: list[Provenance]
    features: list[FaceFeature]


class MapFaceProperties(FaceProperties):
    """The same, with the people recorded there."""

    settlements: int = Field(description="Populated places recorded there.")
    population_recorded: int = Field(description="Sum over the places with a recorded population.")
    settlements_population_unknown: int = Field(description="Places without a recorded population.")


class MapFace(FaceFeature):
    """A face of the map."""

    properties: MapFaceProperties


class Faces(Answer):
    """All faces, simplified for the screen."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    features: list[MapFace]


class DisplayLineProperties(Answer):
    """Facts about the contact line."""

    date: datetime.date
    source: str
    method: str
    length_km: float = Field(description="Length inside the country, as in the statistics.")
    uncertainty_km: float | None
    uncertainty_definition: str


class DisplayLine(Answer):
    """The contact line as the simplified faces draw it."""

    type: Literal["Feature"]
    id: str
    bbox: list[float] | None = None
    properties: DisplayLineProperties
    geometry: Geometry


class OblastLabel(Answer):
    """Position of an oblast's name."""

    id: str
    name_en: str
    name_uk: str
    label_lon: float
    label_lat: float


class Town(Answer):
    """A town to be named on the map."""

    name_en: str
    name_uk: str
    oblast: str
    lon: float
    lat: float
    population: int | None
    held_by: Literal["ukraine", "russia"]
    contested: bool
    category: str


class Display(Answer):
    """Simplification of geometry for the screen."""

    tolerance_deg: float
    note: str


class MapBundle(Answer):
    """Everything the page shows of a plan and a day."""

    identity: Identity
    plan: PlanDetail
    categories: list[LayerSummary]
    flags: list[FlagMeaning] = Field(description="The flags that faces carry.")
    faces: Faces
    contact_line: DisplayLine
    oblasts: list[OblastLabel]
    towns: list[Town]
    tables: dict[str, list[dict[str, Any]]]
    totals: dict[str, list[dict[str, Any]]] = Field(
        description="Sums of the rows of `change` and `leaving`, which do not hold them."
    )
    sources: list[Provenance]
    display: Display
    note: str
