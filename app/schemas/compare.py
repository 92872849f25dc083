"""Schemas of the answers of ``/api/compare``."""

from typing import Any, Literal

from pydantic import Field

from app.schemas.common import Answer, Identity, Provenance
from app.schemas.geojson import Geometry

__all__ = ["ComparedSettlements", "Differences"]

Matrix = dict[str, dict[str, float]]


class CategorySums(Answer):
    """Area of a category in either settlement."""

    category: str
    label: str
    a_km2: float
    b_km2: float
    difference_km2: float = Field(description="b minus a.")


class Pair(Answer):
    """Land (or a place) that differs: what it is in a, and in b."""

    category_a: str
    category_b: str
    held_by_a: Literal["ukraine", "russia"]
    held_by_b: Literal["ukraine", "russia"]


class OblastPair(Pair):
    """Land of one oblast that differs."""

    oblast: str = Field(description="ISO 3166-2.")
    name_en: str
    area_km2: float
    share_of_oblast: float = Field(description="Share of the oblast, 0 to 1.")


class PlacePair(Pair):
    """A populated place that differs."""

    name_en: str
    name_uk: str
    oblast: str
    lon_deg: float
    lat_deg: float
    population: int | None


class PlacePairs(Answer):
    """All populated places that differ, the most populous first."""

    settlements: int
    population_recorded: int
    settlements_population_unknown: int
    places: list[PlacePair]


class ComparedSettlements(Answer):
    """Comparison of two settlements."""

    a: Identity
    b: Identity
    method: str
    same_partition: bool = Field(description="Both divide the country alike.")
    differs_km2: float = Field(description="Land whose category differs.")
    changed_hands_km2: float = Field(description="Land whose holder differs.")
    moved_km2: dict[str, float] = Field(
        description="Land that differs in category, held_by, recognised_as and forces_allowed."
    )
    categories: list[CategorySums]
    category: Matrix = Field(description="Category in a, category in b, km².")
    held_by: Matrix = Field(description="Holder in a, holder in b, km².")
    recognised_as: Matrix = Field(description="As whose it is recognised, in a and in b, km².")
    forces_allowed: Matrix = Field(description="Whose forces are allowed, in a and in b, km².")
    oblasts: list[OblastPair] = Field(description="What differs, by oblast.")
    settlements: PlacePairs
    sources: list[Provenance]


class DifferenceFeature(Answer):
    """Land of one oblast that is one thing in a and another in b."""

    type: Literal["Feature"]
    id: str
    properties: dict[str, Any]
    geometry: Geometry


class Differences(Answer):
    """The land that differs, a GeoJSON FeatureCollection."""

    type: Literal["FeatureCollection"]
    bbox: list[float] | None = None
    a: Identity
    b: Identity
    by: Literal["category", "held_by", "recognised_as", "forces_allowed"]
    area_km2: float
    sources: list[Provenance]
    features: list[DifferenceFeature]
