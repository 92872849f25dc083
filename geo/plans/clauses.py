"""Kinds of clauses: one pydantic model for each.

Nothing here knows a geometry; what a clause *does* is the business of :mod:`geo.plans.outcomes`.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geo.arguments import show
from geo.plans.categories import Category, Recognition

__all__ = [
    "CLAUSE_KINDS",
    "Category",
    "Change",
    "Clause",
    "Context",
    "Demilitarise",
    "Flag",
    "Forces",
    "Freeze",
    "FrozenModel",
    "NotMapped",
    "Oblasts",
    "Recognise",
    "Recognition",
    "Relinquish",
]


class Forces(StrEnum):
    """Forces that may be in a face after the plan."""

    UKRAINE = "ukraine"
    RUSSIA = "russia"
    NONE = "none"


class Change(StrEnum):
    """Change of control, seen from the day of the line."""

    UKRAINE_WITHDRAWS = "ukraine_withdraws"
    RUSSIA_WITHDRAWS = "russia_withdraws"
    RECOGNITION_ONLY = "recognition_only"
    NONE = "none"


class Flag(StrEnum):
    """Qualification of a face beyond its category; a face may have several."""

    RECOGNISED_WITHOUT_WITHDRAWAL = "recognised_without_withdrawal"
    RETAINED_BY_IMPLICATION = "retained_by_implication"
    RECOGNITION_NOT_STATED = "recognition_not_stated"
    EXTENT_TO_BE_AGREED = "extent_to_be_agreed"
    NOT_NAMED_IN_TEXT = "not_named_in_text"
    NOT_AMONG_AGREED = "not_among_agreed"
    KEPT_BY_RUSSIA = "kept_by_russia"
    FAR_SIDE_UNDEFINED = "far_side_undefined"
    UNIT_LEFT_OPEN = "unit_left_open"

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
    Flag.NOT_AMONG_AGREED: (
        "Read as not among the agreed territories; the text does not say what becomes of it."
    ),
    Flag.KEPT_BY_RUSSIA: "Read as staying with Russia, which the text does not say.",
    Flag.FAR_SIDE_UNDEFINED: "The text does not say what becomes of this side of the line.",
    Flag.UNIT_LEFT_OPEN: (
        "Read as a unit of its own that the text does not name; what becomes of it is not said."
    ),
}


class FrozenModel(BaseModel):
    """Base of what a plan file is made of: frozen, no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Oblasts: TypeAlias = Literal["all"] | tuple[str, ...]


class _Clause(FrozenModel):
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

    @model_validator(mode="after")
    def _check_oblasts(self) -> "_Mapped":
        named = () if self.oblasts == "all" else self.oblasts
        twice = sorted({oblast for oblast in named if named.count(oblast) > 1})
        faults = [f"oblasts: {show(oblast)} is named twice" for oblast in twice]
        if self.oblasts == ():
            faults.append("oblasts: expected at least one oblast, or 'all'")
        return _refuse(self, [*faults, *_not_covered(self, "not_named", self.not_named)])

    def covers(self, oblast: str) -> bool:
        """Tell whether the clause speaks of an oblast."""
        return self.oblasts == "all" or oblast in self.oblasts


Checked = TypeVar("Checked", bound=_Mapped)


def _not_covered(clause: _Mapped, key: str, oblasts: tuple[str, ...]) -> list[str]:
    """Name the oblasts of a key that the clause does not speak of."""
    return [
        f"{key}: expected oblasts this clause speaks of; it does not speak of {show(oblast)}"
        for oblast in oblasts
        if not clause.covers(oblast)
    ]


def _refuse(clause: Checked, faults: list[str]) -> Checked:
    if faults:
        raise ValueError("\n".join(faults))
    return clause


RussianRecognition: TypeAlias = Literal[
    Recognition.RUSSIA_DE_FACTO,
    Recognition.RUSSIA_DE_FACTO_ALONG_LINE,
    Recognition.RUSSIA_INTERNATIONAL,
]
"""As what land can be recognised that becomes, or stays, Russian."""


class Recognise(_Mapped):
    """An oblast is recognised as Russian, whoever holds it.

    What Ukraine holds of it is recognised without an ordered withdrawal, unless the oblast is
    named in ``ceded`` or in ``retained``.
    """

    kind: Literal["recognise"]
    recognised_as: RussianRecognition
    ceded: tuple[str, ...] = Field(
        default=(), description="Oblasts in which Ukraine also leaves what it holds."
    )
    retained: tuple[str, ...] = Field(
        default=(), description="Oblasts in which what Ukraine holds stays with Ukraine."
    )

    @model_validator(mode="after")
    def _check_exceptions(self) -> "Recognise":
        faults = [
            *_not_covered(self, "ceded", self.ceded),
            *_not_covered(self, "retained", self.retained),
        ]
        for oblast in sorted({*self.ceded} & {*self.retained}):
            faults.append(
                f"retained: {show(oblast)} is in 'ceded' as well; it can be in one of them"
            )
        return _refuse(self, faults)


class Freeze(_Mapped):
    """An oblast stays divided along the line of contact."""

    kind: Literal["freeze"]
    recognised_as: RussianRecognition | Literal[Recognition.NOT_STATED]
    far_side: Literal["retained", "undefined"] = Field(
        default="retained", description="What becomes of the side that Ukraine holds."
    )


class Demilitarise(_Mapped):
    """Ukraine leaves what it holds of an oblast; nobody's forces enter."""

    kind: Literal["demilitarise"]
    recognised_as: Recognition | None = None


class Relinquish(_Mapped):
    """Russia leaves what it holds of an oblast, except in the regions named.

    Where it does not leave although the clause speaks of the oblast, nothing is settled.
    """

    kind: Literal["relinquish"]
    except_oblasts: tuple[str, ...] = ()
    agreed: Oblasts = Field(default="all", description="Of the oblasts, those that Russia leaves.")
    kept_by_russia: tuple[str, ...] = Field(
        default=(), description="Oblasts in which Russia stays all the same."
    )
    left_open: tuple[str, ...] = Field(
        default=(), description="Units not named in the text, of which nothing is said."
    )

    def covers(self, oblast: str) -> bool:
        """Tell whether the clause speaks of an oblast."""
        return super().covers(oblast) and oblast not in self.except_oblasts

    @model_validator(mode="after")
    def _check_exceptions(self) -> "Relinquish":
        agreed = () if self.agreed == "all" else self.agreed
        faults = [
            *_not_covered(self, "agreed", agreed),
            *_not_covered(self, "kept_by_russia", self.kept_by_russia),
            *_not_covered(self, "left_open", self.left_open),
            *(
                f"agreed: {show(oblast)} is in {key!r} as well; it can be in one of them"
                for key in ("kept_by_russia", "left_open")
                for oblast in sorted({*agreed} & {*getattr(self, key)})
            ),
        ]
        return _refuse(self, faults)


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

CLAUSE_KINDS: Final[dict[str, type[BaseModel]]] = {
    "recognise": Recognise,
    "freeze": Freeze,
    "demilitarise": Demilitarise,
    "relinquish": Relinquish,
    "context": Context,
    "not_mapped": NotMapped,
}
"""The model of each kind of clause."""
