"""Schema of the answer of ``/api/readings``."""

import datetime

from pydantic import Field

from app.schemas.common import Answer, Identity, PlanReading

__all__ = ["Readings"]


class ChosenReading(PlanReading):
    """A question the text leaves open, and how it is answered here."""

    chosen: str = Field(description="The option of the default; `asked`: the day asked for.")
    varied: bool = Field(description="Whether the ranges run over its options.")


class Extreme(Answer):
    """The lowest or highest value, and the readings that give it."""

    value: float
    readings: dict[str, str] = Field(description="Choices that differ from the default.")
    one_by_one: float = Field(description="Sum of what each of them contributes alone.")


class Contribution(Answer):
    """Change by one option alone."""

    reading: str
    option: str
    value: float
    contribution: float = Field(description="Value minus default.")


class FigureRange(Answer):
    """A figure over all combinations of readings."""

    figure: str
    of: str
    label: str
    unit: str
    default: float
    low: Extreme
    high: Extreme
    options: list[Contribution]


class Readings(Answer):
    """Open questions of a plan, and the range of every figure over them."""

    identity: Identity
    explanation: str
    method: str
    readings: list[ChosenReading]
    combinations: int
    fixed: dict[str, str] = Field(description="Readings that were held.")
    days: dict[str, datetime.date] = Field(description="Day of each option of the day.")
    figures: list[FigureRange]
