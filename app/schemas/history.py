"""Schema of the answer of ``/api/history``."""

import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.common import Answer, Column, Links

__all__ = ["HistoryOfPlan"]


class HistoryIdentity(BaseModel):
    """Identity of the figures of all days."""

    model_config = ConfigDict(extra="forbid")

    plan: str = Field(description="Id of the plan.")
    source: str = Field(description="Short name of the source of the contact lines.")
    boundaries: str = Field(description="Short name of the set of first-level units.")
    readings: dict[str, str] = Field(description="Readings chosen that differ from the default.")
    data_version: str = Field(description="Hash of the files that the figures depend on.")


class DayThatFailed(Answer):
    """A day that could not be measured."""

    date: datetime.date
    message: str


class HistoryOfPlan(Answer):
    """A plan applied on every day of a period."""

    identity: HistoryIdentity
    by: str
    from_: datetime.date = Field(alias="from", description="First day that has a line.")
    to: datetime.date = Field(description="Last day that has a line.")
    days: int = Field(description="How many days were measured.")
    failed: list[DayThatFailed] = Field(description="Days that were not, and why.")
    method: str
    units: dict[str, str]
    columns: list[Column]
    rows: list[dict[str, Any]]
    links: Links
