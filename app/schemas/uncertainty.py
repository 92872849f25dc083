"""Schemas of the answers of ``/api/uncertainty`` and ``/api/band``."""

from typing import Any, Literal

from pydantic import Field

from app.schemas.common import Answer, Column, Identity, Links, Provenance
from app.schemas.geojson import Geometry

__all__ = ["Band", "DisputedLand", "UncertainFigures"]


class DisplacementModel(Answer):
    """Model of the line's displacement."""

    description: str
    half_width_km: float = Field(description="The line lies within this distance.")
    correlation_length_km: float = Field(description="Scale of the covariance along the line.")
    definition: str = Field(description="What the line's source means by its uncertainty.")


class UncertainFigures(Answer):
    """Every area with mean, standard deviation, interval and first-order check."""

    identity: Identity
    model: DisplacementModel
    draws: int
    seed: int
    interval: float = Field(description="Share of the draws between low and high.")
    method: str
    units: dict[str, str]
    columns: list[Column]
    rows: list[dict[str, Any]]
    links: Links


class BandLinks(Answer):
    """Addresses of the same band in other forms."""

    csv: str
    geojson: str


class Band(Answer):
    """One plan over several sources of the line."""

    identities: dict[str, Identity] = Field(description="What each source's figures are about.")
    explanation: str
    method: str
    by: str
    disputed_km2: float = Field(description="Land of which the sources name different holders.")
    units: dict[str, str]
    columns: list[Column]
    rows: list[dict[str, Any]]
    sources: list[Provenance]
    links: BandLinks


class DisputedProperties(Answer):
    """Holder of a piece of land according to each source."""

    oblast: str
    name_en: str
    held_by: dict[str, Literal["ukraine", "russia"]]
    area_km2: float


class DisputedFeature(Answer):
    """A piece of disputed land."""

    type: Literal["Feature"]
    id: str
    properties: DisputedProperties
    geometry: Geometry


class DisputedLand(Answer):
    """The land of which the sources name different holders, a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    identities: dict[str, Identity]
    area_km2: float
    sources: list[Provenance]
    features: list[DisputedFeature]
