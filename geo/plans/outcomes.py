"""Apply the clauses of a plan to faces: one pure function for each kind of clause."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.arrays import Geometries
from geo.errors import Fault, PlanError
from geo.model.control import Control
from geo.model.frames import to_geodataframe
from geo.model.identity import Identity
from geo.model.partition import Partition
from geo.plans.categories import label_of
from geo.plans.plan import (
    Category,
    Change,
    Demilitarise,
    Flag,
    Forces,
    Freeze,
    Plan,
    Recognise,
    Recognition,
    Relinquish,
    check_plan,
    identify,
)
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "EFFECTS",
    "Outcome",
    "Settlement",
    "Step",
    "apply_plan",
    "decide",
    "label_in_plan",
    "trace",
]


@dataclass(frozen=True)
class Outcome:
    """Outcome of one face.

    ``category`` is ``None`` only while a plan is being applied, for land that Russia holds and of
    which no clause has spoken yet.
    """

    held_by: Control
    category: Category | None
    recognised_as: Recognition
    forces_allowed: Forces
    change: Change = Change.NONE
    clauses: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def label(self) -> str:
        """Name of the category for people, as exact as the clauses; empty without a category."""
        return "" if self.category is None else label_of(self.category, {self.recognised_as})

    def with_flags(self, *flags: Flag) -> "Outcome":
        """Add flags, each once."""
        return replace(self, flags=tuple(dict.fromkeys([*self.flags, *flags])))


@dataclass(frozen=True, eq=False)
class Settlement(Rich):
    """A partition and what a plan makes of each of its faces; rows as in the partition."""

    partition: Partition
    plan: Plan
    outcomes: tuple[Outcome, ...]

    def __len__(self) -> int:
        return len(self.outcomes)

    @cached_property
    def category(self) -> npt.NDArray[np.object_]:
        """Category of each face, shape (n,)."""
        return np.array([outcome.category for outcome in self.outcomes], dtype=object)

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """The categories a table or an index lists: all, ``not_settled`` only if a face has it."""
        open_too = any(outcome.category is Category.NOT_SETTLED for outcome in self.outcomes)
        return tuple(
            category for category in Category if open_too or category is not Category.NOT_SETTLED
        )

    def label_of(self, category: Category) -> str:
        """Name a category for people, as exact as is true of all its faces.

        Parameters
        ----------
        category
            What becomes of the land. If no face has it, its name is that of the plan.
        """
        found = {row.recognised_as for row in self.outcomes if row.category is category}
        return label_of(category, found) if found else label_in_plan(category, self.plan)

    @property
    def geometry(self) -> Geometries:
        """Faces, shape (n,), longitude and latitude in degrees."""
        return self.partition.geometry

    @property
    def identity(self) -> Identity:
        """Identity of the outcomes, without a data version, which a scenario knows."""
        return identify(self.partition.boundaries, self.partition.line, self.plan)

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each face with all its attributes."""
        rows = self.outcomes
        columns = {
            "oblast": self.partition.oblast_id,
            "category": [str(row.category) for row in rows],
            "held_by": [str(row.held_by) for row in rows],
            "recognised_as": [str(row.recognised_as) for row in rows],
            "forces_allowed": [str(row.forces_allowed) for row in rows],
            "change": [str(row.change) for row in rows],
            "clauses": [", ".join(row.clauses) for row in rows],
            "flags": [", ".join(row.flags) for row in rows],
            "area_km2": self.partition.area_km2,
        }
        about = {"identity": self.identity.to_dict()}
        return to_geodataframe(columns, self.geometry, about=about)


def label_in_plan(category: Category, plan: Plan) -> str:
    """Name a category as the clauses of a plan say, whichever of its readings is chosen.

    Parameters
    ----------
    category
        What becomes of the land.
    plan
        The plan.

    Returns
    -------
    str
        The most exact name that is true under every reading; see :func:`label_of`.
    """
    found: set[Recognition] = {
        clause.recognised_as for clause in plan.clause if isinstance(clause, Recognise)
    }
    found |= {
        Recognition(str(patch.value))
        for reading in plan.reading
        for option in reading.option
        for patch in option.patch
        if patch.key == "recognised_as" and patch.value in list(Recognition)
    }
    return label_of(category, found)


def _untouched(held_by: Control) -> Outcome:
    """Describe a face before any clause is applied."""
    if held_by is Control.UKRAINE:
        return Outcome(held_by, Category.RETAINED, Recognition.UKRAINE, Forces.UKRAINE)
    return Outcome(held_by, None, Recognition.NOT_STATED, Forces.RUSSIA)


def _recognise(clause: Recognise, before: Outcome) -> Outcome:
    if before.change is Change.UKRAINE_WITHDRAWS:  # recognition undoes no withdrawal
        return replace(before, recognised_as=clause.recognised_as)
    after = replace(
        before,
        category=Category.DE_FACTO_RECOGNIZED,
        recognised_as=clause.recognised_as,
        forces_allowed=Forces(before.held_by.value),
        change=Change.RECOGNITION_ONLY,
    )
    if before.held_by is Control.RUSSIA:
        return after
    return after.with_flags(Flag.RECOGNISED_WITHOUT_WITHDRAWAL)


def _recognise_in(oblast: str, clause: Recognise, before: Outcome) -> Outcome:
    """Recognise an oblast; what Ukraine holds of it may be ceded or retained instead."""
    if before.held_by is Control.UKRAINE and oblast in clause.retained:
        return before.with_flags(Flag.RETAINED_BY_IMPLICATION)
    after = _recognise(clause, before)
    if before.held_by is Control.UKRAINE and oblast in clause.ceded:
        return replace(
            after,
            forces_allowed=Forces.RUSSIA,
            change=Change.UKRAINE_WITHDRAWS,
            flags=before.flags,
        )
    return after


def _freeze(_: str, clause: Freeze, before: Outcome) -> Outcome | None:
    if before.held_by is Control.UKRAINE and before.category is not Category.RETAINED:
        return None  # settled by an earlier clause
    if before.held_by is Control.UKRAINE and clause.far_side == "undefined":
        return _left_open(before, Flag.FAR_SIDE_UNDEFINED)
    if before.held_by is Control.UKRAINE:
        return before.with_flags(Flag.RETAINED_BY_IMPLICATION) if clause.quote else before
    stated = clause.recognised_as is not Recognition.NOT_STATED
    after = replace(
        before,
        category=Category.FROZEN,
        recognised_as=clause.recognised_as,
        forces_allowed=Forces.RUSSIA,
        change=Change.RECOGNITION_ONLY if stated else Change.NONE,
    )
    return after if stated else after.with_flags(Flag.RECOGNITION_NOT_STATED)


def _left_open(before: Outcome, flag: Flag) -> Outcome:
    """Say that nothing is said: who is there stays there."""
    after = replace(
        before,
        category=Category.NOT_SETTLED,
        recognised_as=Recognition.NOT_STATED,
        change=Change.NONE,
    )
    return after.with_flags(flag)


def _demilitarise(_: str, clause: Demilitarise, before: Outcome) -> Outcome | None:
    if before.held_by is Control.RUSSIA:
        return None
    after = replace(
        before,
        category=Category.BUFFER_ZONE,
        recognised_as=clause.recognised_as or before.recognised_as,
        forces_allowed=Forces.NONE,
        change=Change.UKRAINE_WITHDRAWS,
    )
    unstated = clause.recognised_as is None and before.recognised_as is Recognition.UKRAINE
    return after.with_flags(Flag.RECOGNITION_NOT_STATED) if unstated else after


def _relinquish(oblast: str, clause: Relinquish, before: Outcome) -> Outcome | None:
    if before.held_by is Control.UKRAINE:
        return None
    if oblast in clause.left_open:
        return _left_open(before, Flag.UNIT_LEFT_OPEN)
    if oblast in clause.kept_by_russia:
        return _left_open(before, Flag.KEPT_BY_RUSSIA)
    if clause.agreed != "all" and oblast not in clause.agreed:
        return _left_open(before, Flag.NOT_AMONG_AGREED)
    return replace(
        before,
        category=Category.RELINQUISHED,
        recognised_as=Recognition.UKRAINE,
        forces_allowed=Forces.UKRAINE,
        change=Change.RUSSIA_WITHDRAWS,
    )


EFFECTS: dict[type, Callable[[str, Any, Outcome], Outcome | None]] = {
    Recognise: _recognise_in,
    Freeze: _freeze,
    Demilitarise: _demilitarise,
    Relinquish: _relinquish,
}
"""The operation of each kind of clause; ``None`` means that it does not concern this holder."""


def decide(oblast: str, held_by: Control, plan: Plan) -> Outcome:
    """Walk through the clauses of a plan in order; a later one overrides what an earlier one set.

    Flags belong to the clause that set the outcome, so a later clause sets them afresh.

    Parameters
    ----------
    oblast
        ISO 3166-2 code.
    held_by
        Who holds the face on the day of the line.
    plan
        The plan under the readings chosen.

    Returns
    -------
    Outcome
        Without a category if Russia holds the land and no clause speaks of it.
    """
    outcome = _untouched(held_by)
    for step in trace(oblast, held_by, plan):
        outcome = step.after
    return outcome


@dataclass(frozen=True)
class Step:
    """One clause that speaks of a face, and what it makes of it."""

    clause: str
    before: Outcome
    after: Outcome


def trace(oblast: str, held_by: Control, plan: Plan) -> Iterator[Step]:
    """Walk through the clauses that speak of a face, in order; see :func:`decide`.

    Parameters
    ----------
    oblast, held_by, plan
        As for :func:`decide`.

    Yields
    ------
    Step
        One for each clause that concerns land of this holder.
    """
    outcome = _untouched(held_by)
    for clause in plan.clauses:
        effect = EFFECTS.get(type(clause))
        if effect is None or not clause.covers(oblast):
            continue
        kept = tuple(flag for flag in outcome.flags if flag is Flag.NOT_NAMED_IN_TEXT)
        after = effect(oblast, clause, replace(outcome, flags=kept))
        if after is None:
            continue
        flags = [*clause.flags] + [Flag.NOT_NAMED_IN_TEXT] * (oblast in clause.not_named)
        before, outcome = (
            outcome,
            replace(after.with_flags(*flags), clauses=(*outcome.clauses, clause.id)),
        )
        yield Step(clause.id, before, outcome)


def apply_plan(partition: Partition, plan: Plan) -> Settlement:
    """Give every face exactly one category, and say what else the plan does to it.

    Parameters
    ----------
    partition
        The country divided by oblast and holder.
    plan
        The plan; its clauses are applied in order, later ones overriding earlier ones.

    Returns
    -------
    Settlement
        One outcome for each face. Land that Ukraine holds and of which no clause speaks stays
        with Ukraine.

    Raises
    ------
    PlanError
        The plan names an oblast that does not exist, or says nothing of land that Russia holds.

    References
    ----------
    The source of each clause is in the plan (``plan.source``, ``clause.quote``).
    """
    check_plan(plan, partition.boundaries)
    outcomes = tuple(
        decide(oblast, held_by, plan)
        for oblast, held_by in zip(partition.oblast_id, partition.held_by, strict=True)
    )
    silent = [
        oblast
        for oblast, outcome in zip(partition.oblast_id, outcomes, strict=True)
        if outcome.category is None
    ]
    if silent:
        message = (
            "no clause says what becomes of the land that Russia holds in "
            f"{', '.join(silent)}; add a clause of kind recognise, freeze or relinquish"
        )
        raise PlanError(plan.id, [Fault("clause", message)])
    return Settlement(partition, plan, outcomes)
