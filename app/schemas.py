"""The form of every answer, for the OpenAPI document and for tests.

Answers are written from plain documents; a test reads each back through these models, which accept
no member that is not described here.
"""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Health",
    "Layers",
    "LineFeature",
    "Lines",
    "Located",
    "MapBundle",
    "PlanDetail",
    "Plans",
    "Problem",
    "ProblemKind",
    "Statistics",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Problem details, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="What kind of problem; the address explains it.")
    title: str
    status: int
    detail: str = Field(description="What was expected, what came, how to mend it.")
    instance: str | None = Field(None, description="The request.")
    valid: list[str] | dict[str, list[str]] | None = Field(
        None, description="The values that would have been accepted."
    )
    nearest: list[str] | None = Field(None, description="The closest dates that have a line.")
    errors: list["ParameterProblem"] | None = Field(None, description="One for each parameter.")


class ParameterProblem(_Model):
    """What is wrong with one parameter."""

    parameter: str
    message: str
    given: str | None = None
    valid: list[str] | None = None
    did_you_mean: str | None = None


class ProblemKind(_Model):
    """What a problem type means."""

    type: str
    title: str
    status: int
    meaning: str


class Health(_Model):
    """That the program runs, with which data."""

    status: Literal["ok"]
    version: str
    data_version: str


class Links(_Model):
    """Addresses of related answers."""

    self: str | None = None
    geojson: str | None = None
    csv: str | None = None


class Identity(BaseModel):
    """What figures are about."""

    model_config = ConfigDict(extra="allow")

    plan: str = Field(description="Id of the plan.")
    date: date
    source: str = Field(description="Source of the contact line.")
    data_version: str = Field(description="Hash of the content of the data files.")
    requested_date: date | None = Field(
        None, description="The date asked for, when an earlier line was used instead."
    )


class Provenance(_Model):
    """Where a data set comes from."""

    title: str
    source: str
    url: str
    date: str
    licence: str
    licence_url: str
    attribution: str
    sha256: str


class PlanSource(_Model):
    """Where the text of a plan was published."""

    title: str
    publisher: str
    date: date
    url: str


class Clause(BaseModel):
    """A clause of a plan: the text's own words, how we read them, and its parameters."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: Literal["recognise", "freeze", "demilitarise", "relinquish", "context", "not_mapped"]
    article: str
    quote: str
    reading: str


class _PlanFacts(_Model):
    schema_version: int
    id: str
    title: str
    title_short: str
    basis: str
    published: date
    line_date: date
    note: str
    source: PlanSource
    links: Links


class PlanSummary(_PlanFacts):
    """A plan without its clauses."""

    clauses: int = Field(description="How many clauses it has.")


class PlanDetail(_PlanFacts):
    """A plan with its clauses."""

    clauses: list[Clause]


class Plans(_Model):
    """All plans."""

    default: str
    plans: list[PlanSummary]


class LineProperties(_Model):
    """Facts about the contact line of one day."""

    date: date
    source: str
    method: str
    length_km: float
    observations: int | None
    uncertainty_km: float | None
    uncertainty_definition: str
    requested_date: "date | None" = None
    links: Links | None = None


class Lines(_Model):
    """The dates that have a contact line."""

    dates: list[date]
    lines: list[LineProperties]
    sources: list[Provenance]


class Geometry(_Model):
    """A GeoJSON geometry, longitude and latitude on WGS 84."""

    type: Literal["Polygon", "MultiPolygon", "LineString", "MultiLineString", "Point"]
    coordinates: list[Any]


class LineFeature(_Model):
    """The contact line of one day, a GeoJSON Feature."""

    type: Literal["Feature"]
    id: str
    bbox: list[float] = []
    properties: LineProperties
    geometry: Geometry
    provenance: Provenance


class OblastProperties(_Model):
    """Facts about a first-level unit."""

    oblast: str = Field(description="ISO 3166-2.")
    katottg: str
    name_en: str
    name_uk: str
    area_km2: float = Field(description="Measured on the geometry served here.")
    area_official_km2: float | None
    population_2022: float | None = Field(description="1 January 2022; null: not published.")


class OblastFeature(_Model):
    """A first-level unit."""

    type: Literal["Feature"]
    id: str
    properties: OblastProperties
    geometry: Geometry


class Oblasts(_Model):
    """The first-level units, a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    bbox: list[float] = []
    provenance: Provenance
    features: list[OblastFeature]


class FaceProperties(_Model):
    """What a plan makes of the part of an oblast that one side holds."""

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


class FaceFeature(_Model):
    """A face: the part of an oblast that one side holds."""

    type: Literal["Feature"]
    id: str
    properties: FaceProperties
    geometry: Geometry


class LayerCollection(_Model):
    """A layer, a GeoJSON FeatureCollection at full precision."""

    type: Literal["FeatureCollection"]
    bbox: list[float] = []
    identity: Identity
    category: str
    label: str
    area_km2: float
    sources: list[Provenance]
    features: list[FaceFeature]


class LayerSummary(_Model):
    """A layer without its geometry."""

    category: str
    label: str
    area_km2: float
    share: float = Field(description="Share of the country, 0 to 1.")
    features: int
    oblasts: list[str]
    links: Links


class Layers(_Model):
    """The layers of a scenario."""

    identity: Identity
    area_km2: float = Field(description="The whole country.")
    layers: list[LayerSummary]


class Column(_Model):
    """A column of a table."""

    name: str
    unit: str
    description: str


class Statistics(_Model):
    """One table of figures."""

    identity: Identity
    by: str
    method: str
    units: dict[str, str]
    columns: list[Column]
    rows: list[dict[str, Any]]
    links: Links


class RecordedPlace(_Model):
    """A settlement as recorded."""

    name_en: str
    name_uk: str
    population: int | None
    observed_as: str = Field(description="Who held it on the day of the line, as recorded.")
    since: date | None = Field(description="Since when; null: since before the records begin.")


class FlagMeaning(_Model):
    """What one label cannot say."""

    flag: str
    meaning: str


class Match(_Model):
    """What the plan means at one place."""

    lon: float
    lat: float
    place: RecordedPlace | None
    oblast: str
    name_en: str
    name_uk: str
    category: str
    label: str
    held_by: Literal["ukraine", "russia"]
    recognised_as: str
    forces_allowed: Literal["ukraine", "russia", "none"]
    change: Literal["ukraine_withdraws", "russia_withdraws", "recognition_only", "none"]
    clauses: list[Clause] = Field(description="All that apply; the last one sets the category.")
    flags: list[FlagMeaning]
    distance_to_line_km: float | None


class PlaceQuery(_Model):
    """What was asked."""

    lon: float | None = None
    lat: float | None = None
    place: str | None = None


class Located(_Model):
    """What the plan means at a position, or at every settlement of a name."""

    identity: Identity
    query: PlaceQuery
    ambiguous: bool = Field(description="Several settlements have this name.")
    matches: list[Match] = Field(description="The most populous first.")


class Faces(_Model):
    """All faces, simplified for the screen."""

    type: Literal["FeatureCollection"]
    bbox: list[float] = []
    features: list[FaceFeature]


class DisplayLineProperties(_Model):
    """Facts about the contact line."""

    date: date
    source: str
    method: str
    length_km: float
    uncertainty_km: float | None
    uncertainty_definition: str


class DisplayLine(_Model):
    """The contact line as the simplified faces draw it."""

    type: Literal["Feature"]
    id: str
    bbox: list[float] = []
    properties: DisplayLineProperties
    geometry: Geometry


class OblastLabel(_Model):
    """Where an oblast's name goes."""

    id: str
    name_en: str
    name_uk: str
    label_lon: float
    label_lat: float


class Town(_Model):
    """A town to be named on the map."""

    name_en: str
    name_uk: str
    oblast: str
    lon: float
    lat: float
    population: int | None
    held_by: Literal["ukraine", "russia"]
    category: str


class Display(_Model):
    """How geometry was simplified for the screen."""

    tolerance_deg: float
    note: str


class MapBundle(_Model):
    """Everything the page shows of a plan and a day."""

    identity: Identity
    plan: PlanDetail
    categories: list[LayerSummary]
    faces: Faces
    contact_line: DisplayLine
    oblasts: list[OblastLabel]
    towns: list[Town]
    tables: dict[str, list[dict[str, Any]]]
    sources: list[Provenance]
    display: Display
    note: str


class ProblemKinds(_Model):
    """All kinds of problem."""

    problems: list[ProblemKind]
