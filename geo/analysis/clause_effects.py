"""Effects of each clause of a plan: land, oblasts, people recorded there."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.model.control import Control
from geo.plans.categories import Category
from geo.plans.outcomes import Step, trace
from geo.plans.plan import Change, Context, NotMapped

if TYPE_CHECKING:
    from geo.scenario import Scenario

__all__ = ["ClauseEffect", "ClauseEffects", "Role", "clause_effects"]


class Role(StrEnum):
    """Role of a clause for a piece of land that it names."""

    DECIDES = "decides"
    """It says what becomes of the land: the last clause that changes its category."""
    RECOGNISES = "recognises"
    """Another clause decides; this one says as whose the land is recognised."""
    OVERRIDDEN = "overridden"
    """Later clauses say otherwise: nothing of what this one says of the land is left."""


@dataclass(frozen=True)
class ClauseEffect:
    """Land of one category and holder, and what a clause is to it.

    ``category`` is what becomes of the land under the whole plan, ``oblasts`` are ISO 3166-2 codes
    and ``people`` the population recorded there, with those places that have none.
    """

    role: Role
    category: Category
    label: str
    held_by: Control
    change: Change
    area_km2: float
    oblasts: tuple[str, ...]
    settlements: int
    population_recorded: int
    settlements_population_unknown: int


@dataclass(frozen=True)
class ClauseEffects:
    """Everything that one clause does.

    ``clause`` is empty for the land of which no clause speaks. ``note`` says why a clause has no
    effect; it is empty where it has one.
    """

    clause: str
    kind: str
    effects: tuple[ClauseEffect, ...]
    note: str = ""

    @property
    def has_effect(self) -> bool:
        """Whether anything of what the clause says is left when all clauses are applied."""
        return any(effect.role is not Role.OVERRIDDEN for effect in self.effects)

    def to_dict(self) -> dict[str, Any]:
        """Return the members as plain data."""
        return asdict(self) | {"has_effect": self.has_effect}


_BY_NOBODY: Final = ""


def clause_effects(scenario: "Scenario") -> tuple[ClauseEffects, ...]:
    """Measure what each clause of a plan does.

    Parameters
    ----------
    scenario
        The plan applied to a day.

    Returns
    -------
    tuple of ClauseEffects
        One for each clause under the readings chosen, in order, then one with an empty ``clause``
        for the land of which none speaks.

    Notes
    -----
    Each face is decided by one clause or by none: areas of the effects with the role ``decides``
    add up to the areas of the categories.

    Examples
    --------
    >>> import datetime, geo
    >>> scenario = geo.build_scenario(
    ...     geo.load_boundaries(),
    ...     geo.load_contact_line(datetime.date(2025, 11, 21)),
    ...     geo.load_plan("point21-axios"),
    ...     geo.load_observations(),
    ... )
    >>> zone = next(found for found in geo.clause_effects(scenario) if found.kind == "demilitarise")
    >>> [(effect.category.value, effect.oblasts) for effect in zone.effects]
    [('buffer_zone', ('UA-14',))]
    """
    faces: dict[str, dict[Role, list[int]]] = {}
    partition, plan = scenario.partition, scenario.plan
    for face, (oblast, held_by) in enumerate(
        zip(partition.oblast_id, partition.held_by, strict=True)
    ):
        for clause, role in _roles(list(trace(oblast, held_by, plan))).items():
            faces.setdefault(clause, {}).setdefault(role, []).append(face)
    found = [
        ClauseEffects(clause.id, clause.kind, effects, _note(clause, effects, scenario))
        for clause in plan.clauses
        for effects in (_measure(scenario, faces.get(clause.id, {})),)
    ]
    rest = _measure(scenario, faces.get(_BY_NOBODY, {}))
    return (*found, *([ClauseEffects(_BY_NOBODY, "", rest)] if rest else []))


def _roles(steps: Sequence[Step]) -> dict[str, Role]:
    """Say what each clause that speaks of a face is to it; no clause is the empty one."""
    if not steps:
        return {_BY_NOBODY: Role.DECIDES}
    roles = {step.clause: Role.OVERRIDDEN for step in steps}
    recognising = [
        step for step in steps if step.before.recognised_as is not step.after.recognised_as
    ]
    deciding = [step for step in steps if _on_the_ground(step.before) != _on_the_ground(step.after)]
    if recognising:
        roles[recognising[-1].clause] = Role.RECOGNISES
    roles[(deciding or recognising or steps)[-1].clause] = Role.DECIDES
    return roles


def _on_the_ground(outcome: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return outcome.category, outcome.forces_allowed, outcome.change


def _measure(scenario: "Scenario", faces: dict[Role, list[int]]) -> tuple[ClauseEffect, ...]:
    """Measure the faces of a clause, together where category, holder and change are the same."""
    outcomes, partition = scenario.settlement.outcomes, scenario.partition
    found, order = [], [*map(str, Category)]
    for role in Role:
        kinds: dict[tuple[Any, ...], list[int]] = {}
        for face in faces.get(role, []):
            row = outcomes[face]
            key = (order.index(str(row.category)), row.label, row.held_by, row.change)
            kinds.setdefault(key, []).append(face)
        for (rank, label, held_by, change), rows in sorted(kinds.items()):
            found.append(
                ClauseEffect(
                    role=role,
                    category=Category(order[rank]),
                    label=label,
                    held_by=held_by,
                    change=change,
                    area_km2=float(partition.area_km2[rows].sum()),
                    oblasts=tuple(partition.oblast_id[rows]),
                    **scenario.gazetteer.count(np.array(rows)),
                )
            )
    return tuple(found)


def _note(clause: Any, effects: Sequence[ClauseEffect], scenario: "Scenario") -> str:  # noqa: ANN401
    """Say why a clause has no effect; empty where it has one."""
    if isinstance(clause, Context | NotMapped):
        return f"not drawn: {clause.reason}"
    if not effects:
        day = scenario.line.date.isoformat()
        return f"no effect: on the line of {day} there is no land of the kind it speaks of"
    if all(effect.role is Role.OVERRIDDEN for effect in effects):
        return "no effect: later clauses say otherwise of all the land it speaks of"
    return ""
