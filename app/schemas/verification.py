"""Schema of the answer of ``/api/verify``."""

import datetime
from typing import Literal

from pydantic import Field

from app.schemas.common import Answer, Provenance

__all__ = ["CheckRow", "Checks"]


class CheckRow(Answer):
    """One of our figures beside a published one, in the unit of the latter."""

    id: str
    published_by: str
    line_date: datetime.date = Field(description="Day the published figure describes.")
    figure: str
    oblasts: list[str] = Field(description="Summed over these; empty: the whole country.")
    minus: list[str]
    value: float
    unit: str
    tolerance: float
    definition: str
    ours_should_be: Literal["equal", "higher", "lower", "either"]
    explanation: str
    citation: str
    ours: float
    difference: float = Field(description="Ours minus the published one.")
    verdict: Literal["agrees", "explained", "unexplained", "other_day"]
    date: datetime.date = Field(description="Day of the line ours is measured with.")
    source: str
    boundaries: str


class Checks(Answer):
    """Our figures beside published ones."""

    source: str
    boundaries: str
    checks: list[CheckRow]
    verdicts: dict[str, int]
    sources: list[Provenance]
