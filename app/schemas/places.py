"""Schemas of the answers of ``/api/locate`` and ``/api/search``."""

import datetime
from typing import Literal

from pydantic import Field

from app.schemas.common import Answer, Clause, FlagMeaning, Identity

__all__ = ["Located", "SearchResults"]


class RecordedPlace(Answer):
    """A settlement as recorded."""

    name_en: str
    name_uk: str
    population: int | None
    observed_as: str = Field(description="Who held it on the day of the line, as recorded.")
    since: datetime.date | None = Field(
        description="First day on which that holder was observed without a break since; null: "
        "before `recorded_from`."
    )
    recorded_from: datetime.date | None = Field(description="Day on which the records begin.")
    basis: str = Field(
        description="What the observation rests on: `deepstate-assessment` (daily, near the "
        "front), `geonames` (far from it, inferred from assessed places), `statement`."
    )
    contested: bool = Field(
        description="Published statements call it contested on the day of the line."
    )


class NearbyPlace(RecordedPlace):
    """A settlement near a position, on the same side of the line."""

    lon: float
    lat: float
    distance_km: float = Field(description="Great-circle distance.")


class AppliedClause(Answer):
    """A clause in the text's own words, and how it is read."""

    id: str
    article: str
    quote: str
    quote_lang: str | None = Field(None, description="Language of the quotation.")
    quote_translation: str | None = Field(None, description="Our translation of the quotation.")
    lang: str | None = Field(None, description="Language of our words, if not translated.")
    reading: str


class AlternativeOutcome(Answer):
    """Outcome of another plan, or of one other reading, at the place."""

    plan: str
    title: str
    readings: dict[str, str] = Field(description="Readings that differ from the plan's defaults.")
    question: str = Field(description="What the reading answers; empty for a plan as it stands.")
    option: str = Field(description="How it is answered.")
    category: str
    label: str
    recognised_as: str
    forces_allowed: Literal["ukraine", "russia", "none"]
    change: Literal["ukraine_withdraws", "russia_withdraws", "recognition_only", "none"]
    clauses: list[AppliedClause]


class Match(Answer):
    """Outcome of the plan at one place."""

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
    distance_to_line_km: float | None = Field(
        description="Distance to the nearest point of the line as drawn, which ends at the coast."
    )
    outside_by_km: float = Field(
        description="How far the position lies outside the generalised border or coast."
    )
    near: NearbyPlace | None = Field(
        description="For a position at no recorded settlement: the nearest one on the same side."
    )
    alternatives: list[AlternativeOutcome] = Field(
        description="What differs under the other published plans, and under single other "
        "readings of any of them; empty when nothing does. Days of the line are not varied."
    )


class PlaceQuery(Answer):
    """The question."""

    lon: float | None = None
    lat: float | None = None
    place: str | None = None


class Located(Answer):
    """Outcome of the plan at a position, or at every populated place of a name."""

    identity: Identity
    query: PlaceQuery
    ambiguous: bool = Field(description="Several settlements have this name.")
    matches: list[Match] = Field(description="The most populous first.")


class NearestTown(Answer):
    """The nearest town of 10,000 people or more."""

    name_en: str
    name_uk: str
    distance_km: float


class SearchMatch(Answer):
    """One place, oblast or position that answers."""

    kind: Literal["place", "oblast", "position"]
    how: Literal["exact", "prefix", "transliteration", "word", "keyboard", "similar", "position"]
    spelling: str = Field(description="The name that answered, or what was typed.")
    name_en: str
    name_uk: str
    lon: float
    lat: float
    oblast: str | None = Field(description="ISO 3166-2; null: outside the country.")
    oblast_name_en: str | None
    oblast_name_uk: str | None
    population: int | None
    held_by: Literal["ukraine", "russia"] | None = Field(
        description="Who holds it on the day of the line; null for oblasts."
    )
    category: str | None
    label: str | None
    town: NearestTown | None = Field(description="To tell places of one name apart.")


class SearchQuery(Answer):
    """The question."""

    q: str
    limit: int


class SearchResults(Answer):
    """Places and oblasts with a name like the one typed."""

    identity: Identity
    query: SearchQuery
    total: int = Field(
        description="How many there are; what is merely similar is looked for only when fewer "
        "than `limit` fit better."
    )
    matches: list[SearchMatch] = Field(description="The best first.")
    note: str = Field(
        description="Why a text that looks like a position is not read, and what to give "
        "instead; empty otherwise."
    )
