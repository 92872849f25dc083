"""Schemas of the answers about plans, lines, layers, statistics and places.

Answers are written from plain documents; a test reads each back through these models, which accept
no member that is not described here.
"""

import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Answer",
    "Clause",
    "Health",
    "Identity",
    "LayerSummary",
    "Layers",
    "LineProperties",
    "Lines",
    "PlanDetail",
    "Plans",
    "Problem",
    "ProblemKind",
    "ProblemKinds",
    "Provenance",
    "Statistics",
]


class Answer(BaseModel):
    """Base of all: no member that is not described."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Problem details, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="What kind of problem; the address explains it.")
    title: str
    status: int
    detail: str = Field(description="What was expected, what was found, how to mend it.")
    instance: str | None = Field(None, description="The request.")
    valid: list[str] | dict[str, list[str]] | None = Field(
        None, description="The values that would have been accepted."
    )
    nearest: list[str] | None = Field(None, description="The closest dates that have a line.")
    errors: list["ParameterProblem"] | None = Field(None, description="One for each parameter.")


class ParameterProblem(Answer):
    """Fault of one parameter."""

    parameter: str
    message: str
    given: str | None = None
    valid: list[str] | None = None
    did_you_mean: str | None = None


class ProblemKind(Answer):
    """Meaning of a problem type."""

    type: str
    title: str
    status: int
    meaning: str


class Health(Answer):
    """That the program runs, with which data."""

    status: Literal["ok"]
    version: str
    files_version: str = Field(description="Hash of all data files that were loaded.")
    data_version: str = Field(
        description="The same under its old name; not that of an answer's identity.",
        deprecated=True,
    )


class Readiness(Answer):
    """Whether new requests are welcome."""

    status: Literal["starting", "ready", "stopping"]
    version: str
    files_version: str = Field(description="Hash of all data files that were loaded.")
    data_version: str = Field(
        description="The same under its old name; not that of an answer's identity.",
        deprecated=True,
    )


class Links(Answer):
    """Addresses of related answers."""

    self: str | None = None
    geojson: str | None = None
    csv: str | None = None


class LeftOut(Answer):
    """Features of a file that were left out."""

    reason: Literal["status", "no_status", "day", "not_chosen", "kind"]
    features: int
    names: list[str]


class United(Answer):
    """Features of a file that were united to one line or area."""

    choice: str = Field(description="The part asked for, such as `layer=South`; empty for all.")
    features: int = Field(description="How many were united.")
    names: list[str] = Field(description="Their names, at most 20.")
    distinct_names: int = Field(description="How many different names they bear.")
    days: list[datetime.date] = Field(description="The days they state.")
    left_out: list[LeftOut] = Field(description="The others of the file, by reason.")


class Identity(BaseModel):
    """Identity of figures."""

    model_config = ConfigDict(extra="allow")

    plan: str = Field(description="Id of the plan.")
    date: datetime.date
    source: str = Field(description="Short name of the source of the contact line.")
    boundaries: str = Field(description="Short name of the set of first-level units.")
    readings: dict[str, str] = Field(description="Readings chosen that differ from the default.")
    data_version: str = Field(
        description="Hash of the files that the figures depend on, and of what was asked."
    )
    basis: str | None = Field(None, description="What a line that was drawn or moved was made of.")
    requested_date: datetime.date | None = Field(
        None, description="The date asked for, when an earlier line was used instead."
    )
    united: United | None = Field(
        None, description="Which features of a file the line was made of; absent for our own lines."
    )


class Provenance(Answer):
    """Origin, date and licence of a data set."""

    title: str
    source: str
    url: str
    date: str
    licence: str
    licence_url: str
    attribution: str
    sha256: str


class PlanSource(Answer):
    """Publication of the text of a plan."""

    title: str
    publisher: str
    date: datetime.date
    url: str
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )


class FlagMeaning(Answer):
    """Meaning of a flag."""

    flag: str
    meaning: str


class Clause(BaseModel):
    """A clause of a plan: the text's own words, how we read them, and its parameters."""

    model_config = ConfigDict(extra="allow")

    id: str
    kind: Literal["recognise", "freeze", "demilitarise", "relinquish", "context", "not_mapped"]
    article: str
    quote: str
    reading: str
    quote_lang: str | None = Field(None, description="Language of the quotation.")
    quote_translation: str | None = Field(None, description="Our translation of the quotation.")
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )


class ClausePatch(Answer):
    """One key of a clause set to another value."""

    clause: str
    key: str
    value: str | list[str] | None


class ReadingOption(Answer):
    """One answer to a question that the text leaves open."""

    id: str
    label: str
    meaning: str
    patch: list[ClausePatch] = Field(description="How the clauses change.")
    day: str | None = Field(description="For the day of the line: `plan_date`, `latest` or a day.")
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )


class ReadingList(Answer):
    """An answer that is a list of oblasts (ISO 3166-2, joined by commas)."""

    clause: str
    key: str
    label: str
    meaning: str
    patch: list[ClausePatch]
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )


class PlanReading(Answer):
    """A question the text leaves open, with the answers it allows."""

    id: str
    question: str
    left_open_by: str = Field(description="The sentence it turns on, verbatim.")
    left_open_by_lang: str | None = Field(None, description="Language of that sentence.")
    left_open_by_translation: str | None = Field(None, description="Our translation of it.")
    name: str | None = Field(None, description="The question in a word or two.")
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )
    silent: bool = Field(description="No sentence of the text speaks of it.")
    default: str
    option: list[ReadingOption]
    oblast_list: ReadingList | None


class _PlanFacts(Answer):
    schema_version: int
    id: str
    title: str
    title_short: str
    basis: str
    published: datetime.date
    line_date: datetime.date
    note: str
    lang: str | None = Field(
        None, description="Language of these words, where there is no translation."
    )
    source: PlanSource
    links: Links


class PlanSummary(_PlanFacts):
    """A plan without its clauses."""

    clauses: int = Field(description="How many clauses it has.")
    readings: int = Field(description="How many questions it leaves open.")


class PlanDetail(_PlanFacts):
    """A plan with its clauses."""

    clauses: list[Clause]
    readings: list[PlanReading]


class Plans(Answer):
    """All plans."""

    default: str
    plans: list[PlanSummary]


class LineProperties(Answer):
    """Facts about the contact line of one day."""

    date: datetime.date
    source: str
    method: str
    length_km: float | None = Field(
        description="Length as drawn, outside the country too; the statistics have that inside. "
        "Unknown in a list of lines that are made when they are asked for."
    )
    observations: int | None
    uncertainty_km: float | None
    uncertainty_definition: str
    requested_date: datetime.date | None = None
    links: Links | None = None


class SourceSummary(Answer):
    """A source of lines that can be chosen."""

    id: str
    dates: int
    first: datetime.date | None
    last: datetime.date | None
    provenance: Provenance


class BoundarySetSummary(Answer):
    """Boundaries that can be chosen."""

    id: str
    provenance: Provenance


class Sources(Answer):
    """Sources of lines and sets of boundaries that can be chosen."""

    sources: list[SourceSummary]
    boundaries: list[BoundarySetSummary]


class Lines(Answer):
    """The dates that have a contact line."""

    dates: list[datetime.date]
    lines: list[LineProperties]
    sources: list[Provenance]


class LayerSummary(Answer):
    """A layer without its geometry."""

    category: str
    label: str
    area_km2: float
    share: float = Field(description="Share of the country, 0 to 1.")
    features: int
    oblasts: list[str]
    links: Links


class Layers(Answer):
    """The layers of a scenario."""

    identity: Identity
    area_km2: float = Field(description="The whole country.")
    layers: list[LayerSummary]


class Column(Answer):
    """A column of a table."""

    name: str
    unit: str
    description: str


class Statistics(Answer):
    """One table of figures."""

    identity: Identity
    by: str
    method: str
    units: dict[str, str]
    columns: list[Column]
    rows: list[dict[str, Any]]
    totals: list[dict[str, Any]] = Field(
        description="Sums of the rows, for `change` and `leaving`; they are no part of the rows."
    )
    links: Links


class ProblemKinds(Answer):
    """All kinds of problem."""

    problems: list[ProblemKind]
