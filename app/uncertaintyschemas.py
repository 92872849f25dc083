"""The form of the answers of ``/api/uncertainty`` and ``/api/band``."""

from typing import Any

from pydantic import Field

from app.schemas import Answer, Column, Identity, Links

__all__ = ["UncertainFigures"]


class DisplacementModel(Answer):
    """Where the line may lie instead."""

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
