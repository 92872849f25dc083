"""What a plan says: clauses with their quotations, and nothing about geometry.

A plan is a TOML file. Reading it is the business of :mod:`geo.load`; this module turns a plain
mapping into a checked, frozen :class:`Plan` and reports every fault at once.
"""

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from geo.errors import Fault, PlanError
from geo.territory import Boundaries

__all__ = [
    "Basis",
    "Category",
    "Change",
    "Clause",
    "Context",
    "Demilitarise",
    "Flag",
    "Forces",
    "Freeze",
    "NotMapped",
    "Plan",
    "PlanSource",
    "Recognise",
    "Recognition",
    "Relinquish",
    "check_plan",
    "parse_plan",
]


class Category(StrEnum):
    """What becomes of a face under a plan; exactly one applies."""

    DE_FACTO_RECOGNIZED = "de_facto_recognized"
    FROZEN = "frozen"
    BUFFER_ZONE = "buffer_zone"
    RELINQUISHED = "relinquished"
    RETAINED = "retained"

    @property
    def label(self) -> str:
        """Name for people."""
        return _LABELS[self]


_LABELS = {
    Category.DE_FACTO_RECOGNIZED: "Recognised as de facto Russian",
    Category.FROZEN: "Frozen along the line of contact",
    Category.BUFFER_ZONE: "Demilitarised buffer zone",
    Category.RELINQUISHED: "Relinquished by Russia",
    Category.RETAINED: "Stays with Ukraine",
}


class Recognition(StrEnum):
    """As whose a face would be recognised after the plan, in the text's own sense."""

    UKRAINE = "ukraine"
    RUSSIA_DE_FACTO = "russia_de_facto"
    RUSSIA_DE_FACTO_ALONG_LINE = "russia_de_facto_along_line"
    RUSSIA_INTERNATIONAL = "russia_international"
    NOT_STATED = "not_stated"


class Forces(StrEnum):
    """Whose forces may be in a face after the plan."""

    UKRAINE = "ukraine"
    RUSSIA = "russia"
    NONE = "none"


class Change(StrEnum):
    """What changes on the ground, seen from the day of the line."""

    UKRAINE_WITHDRAWS = "ukraine_withdraws"
    RUSSIA_WITHDRAWS = "russia_withdraws"
    RECOGNITION_ONLY = "recognition_only"
    NONE = "none"


class Flag(StrEnum):
    """What one label cannot say; a face may carry several."""

    RECOGNISED_WITHOUT_WITHDRAWAL = "recognised_without_withdrawal"
    RETAINED_BY_IMPLICATION = "retained_by_implication"
    RECOGNITION_NOT_STATED = "recognition_not_stated"
    EXTENT_TO_BE_AGREED = "extent_to_be_agreed"
    NOT_NAMED_IN_TEXT = "not_named_in_text"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _FLAG_MEANINGS[self]


_FLAG_MEANINGS = {
    Flag.RECOGNISED_WITHOUT_WITHDRAWAL: (
        "Recognised as Russian although Ukraine holds it and no withdrawal is ordered."
    ),
    Flag.RETAINED_BY_IMPLICATION: "That it stays with Ukraine is implied, not said.",
    Flag.RECOGNITION_NOT_STATED: "The text does not say as whose it would be recognised.",
    Flag.EXTENT_TO_BE_AGREED: "The text leaves open which territories; all are shown.",
    Flag.NOT_NAMED_IN_TEXT: "The text does not name this unit; it is counted with its neighbour.",
}


class Basis(StrEnum):
    """Where a plan comes from."""

    PUBLISHED = "published"
    BASELINE = "baseline"
    USER = "user"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlanSource(_Model):
    """Where the text of a plan was published."""

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    date: date
    url: str = ""


Oblasts: TypeAlias = Literal["all"] | tuple[str, ...]


class _Clause(_Model):
    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    article: str = Field(min_length=1, description="Where in the text, such as 'point 21, 1'.")
    quote: str = Field(default="", description="The text's own words, verbatim.")
    reading: str = Field(default="", description="How we read it, in our words.")


class _Mapped(_Clause):
    oblasts: Oblasts
    flags: tuple[Flag, ...] = ()
    not_named: tuple[str, ...] = Field(
        default=(), description="Oblasts counted here that the text does not name."
    )

    def covers(self, oblast: str) -> bool:
        """Tell whether the clause speaks of an oblast."""
        return self.oblasts == "all" or oblast in self.oblasts


class Recognise(_Mapped):
    """An oblast is recognised as Russian, whoever holds it."""

    kind: Literal["recognise"]
    recognised_as: Recognition


class Freeze(_Mapped):
    """An oblast stays divided along the line of contact."""

    kind: Literal["freeze"]
    recognised_as: Recognition


class Demilitarise(_Mapped):
    """Ukraine leaves what it holds of an oblast; nobody's forces enter."""

    kind: Literal["demilitarise"]
    recognised_as: Recognition | None = None


class Relinquish(_Mapped):
    """Russia leaves what it holds of an oblast, except in the regions named."""

    kind: Literal["relinquish"]
    except_oblasts: tuple[str, ...] = ()

    def covers(self, oblast: str) -> bool:
        """Tell whether the clause speaks of an oblast."""
        return super().covers(oblast) and oblast not in self.except_oblasts


class Context(_Clause):
    """A clause with a place on the map but no area."""

    kind: Literal["context"]
    reason: str = Field(min_length=1)
    place: str = ""
    lon_deg: float | None = Field(default=None, ge=-180, le=180)
    lat_deg: float | None = Field(default=None, ge=-90, le=90)


class NotMapped(_Clause):
    """A clause that cannot be drawn, with the reason."""

    kind: Literal["not_mapped"]
    reason: str = Field(min_length=1)


Clause = Annotated[
    Recognise | Freeze | Demilitarise | Relinquish | Context | NotMapped,
    Field(discriminator="kind"),
]


class Plan(_Model):
    """A plan: what its text says of territory, clause by clause, in order of application."""

    schema_version: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    title_short: str = Field(min_length=1)
    basis: Basis
    published: date
    line_date: date = Field(description="Day of the line the plan is drawn on by default.")
    note: str = ""
    source: PlanSource
    clause: tuple[Clause, ...] = Field(min_length=1)

    @property
    def clauses(self) -> tuple[Any, ...]:
        """The clauses, in order of application."""
        return self.clause

    @model_validator(mode="after")
    def _check_clauses(self) -> "Plan":
        faults = []
        seen: set[str] = set()
        for number, clause in enumerate(self.clause):
            if clause.id in seen:
                faults.append(f"clause.{number}.id: expected unique ids, {clause.id!r} came twice")
            seen.add(clause.id)
            if self.basis is Basis.PUBLISHED and not clause.quote:
                faults.append(f"clause.{number}.quote: a published plan needs the text's words")
        if faults:
            raise ValueError("\n".join(faults))
        return self


def parse_plan(mapping: Mapping[str, Any], *, name: str = "<mapping>") -> Plan:
    """Check a plan and freeze it.

    Parameters
    ----------
    mapping
        The plan as plain data, in the form of ``data/plans/*.toml``.
    name
        What to call it in messages, usually the file.

    Returns
    -------
    Plan
        Frozen; unknown keys are not accepted.

    Raises
    ------
    PlanError
        Lists every fault with its key, and what was probably meant.
    """
    try:
        return Plan.model_validate(dict(mapping))
    except ValidationError as error:
        faults = [fault for details in error.errors() for fault in _faults(details)]
        raise PlanError(name, faults) from None


def _faults(details: ErrorDetails) -> list[Fault]:
    """Turn one pydantic error into faults for people."""
    location = [str(part) for part in details["loc"]]
    kinds = {"recognise", "freeze", "demilitarise", "relinquish", "context", "not_mapped"}
    key = ".".join(part for part in location if part not in kinds and "tuple[" not in part)
    if details["type"] == "value_error" and not location:
        lines = str(details["ctx"]["error"]).splitlines()
        return [Fault(*line.split(": ", 1)) for line in lines]
    if details["type"] == "extra_forbidden":
        kind = next((part for part in location if part in kinds), None)
        return [Fault(key, f"unknown key{_meant(location[-1], _keys_of(kind))}")]
    if details["type"] == "missing":
        return [Fault(key, "this key is missing")]
    if details["type"] == "union_tag_invalid":
        given = str(details["ctx"]["tag"])
        known = f"expected one of {', '.join(sorted(kinds))}"
        return [Fault(f"{key}.kind", f"{known}; {given!r} came{_meant(given, kinds)}")]
    if details["type"] == "union_tag_not_found":
        return [Fault(f"{key}.kind", f"this key is missing; one of {', '.join(sorted(kinds))}")]
    return [Fault(key, f"{details['msg']}; {details['input']!r:.80} came")]


def _keys_of(kind: str | None) -> Sequence[str]:
    models: dict[str | None, type[BaseModel]] = {
        None: Plan,
        "recognise": Recognise,
        "freeze": Freeze,
        "demilitarise": Demilitarise,
        "relinquish": Relinquish,
        "context": Context,
        "not_mapped": NotMapped,
    }
    return list(models[kind].model_fields)


def _meant(word: str, known: Sequence[str] | set[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def check_plan(plan: Plan, boundaries: Boundaries, *, name: str | None = None) -> None:
    """Check that every oblast a plan names exists.

    Parameters
    ----------
    plan
        The plan.
    boundaries
        The oblasts it is to be applied to.
    name
        What to call the plan in messages; its id by default.

    Raises
    ------
    PlanError
        Lists every unknown oblast with its key.
    """
    known = set(boundaries.ids)
    faults = []
    for number, clause in enumerate(plan.clauses):
        for key in ("oblasts", "except_oblasts", "not_named"):
            named = getattr(clause, key, ())
            for place, oblast in enumerate(() if named == "all" else named):
                if oblast not in known:
                    hint = _meant(oblast, known)
                    message = f"no oblast has the ISO 3166-2 code {oblast!r}{hint}"
                    faults.append(Fault(f"clause.{number}.{key}.{place}", message))
    if faults:
        raise PlanError(name or plan.id, faults)
