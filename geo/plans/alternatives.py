"""Categories of the same land under other plans and readings, without a new split."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from geo.model.control import Control
from geo.plans.outcomes import Outcome, decide
from geo.plans.plan import Basis, Clause, Plan

__all__ = ["Alternative", "list_alternatives"]


@dataclass(frozen=True)
class Alternative:
    """Outcome of another plan, or of one other reading, for a face.

    ``readings`` are the choices that differ from the plan's defaults; ``question`` and ``option``
    put the one that is varied here into words, and are empty where the plan itself is another.
    ``clauses`` are those that apply, in order.
    """

    plan: Plan
    outcome: Outcome
    clauses: tuple[Clause, ...]
    question: str = ""
    option: str = ""
    readings: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def list_alternatives(
    oblast: str, held_by: Control, shown: Plan, plans: tuple[Plan, ...]
) -> tuple[Alternative, ...]:
    """Find what differs for a face under other published plans, and under single other readings.

    Parameters
    ----------
    oblast
        ISO 3166-2 code.
    held_by
        Who holds the face on the day of the line. Readings that choose another day are left out:
        they can change the holder, not what the plan means for it.
    shown
        The plan to compare with, under the readings chosen. Each option of each of its readings
        is tried, the others kept as they are.
    plans
        The plans there are; of those not shown, the published ones are tried as they stand, and
        each option of their readings against that.

    Returns
    -------
    tuple of Alternative
        Those whose outcome differs from what it is held against, and those of other plans whose
        outcome differs from the one shown; the readings of the plan shown come first.
    """
    here = decide(oblast, held_by, shown)
    found = list(_by_reading(oblast, held_by, shown, here))
    for plan in plans:
        if plan.id == shown.id or plan.basis is not Basis.PUBLISHED:
            continue
        there = decide(oblast, held_by, plan)
        if _meaning(there) != _meaning(here):
            found.append(Alternative(plan, there, _clauses(plan, there)))
        found += [
            other
            for other in _by_reading(oblast, held_by, plan, there)
            if _meaning(other.outcome) != _meaning(here)
        ]
    return tuple(found)


def _by_reading(oblast: str, held_by: Control, plan: Plan, here: Outcome) -> Iterator[Alternative]:
    for reading in plan.reading:
        chosen = plan.chosen.get(reading.id, reading.default)
        for option in reading.option:
            if reading.is_of_the_day or option.id == chosen:
                continue
            other = plan.read(**{reading.id: option.id})
            outcome = decide(oblast, held_by, other)
            if _meaning(outcome) != _meaning(here):
                clauses = _clauses(other, outcome)
                words = (reading.question, option.label)
                yield Alternative(plan, outcome, clauses, *words, readings=other.chosen)


def _meaning(outcome: Outcome) -> tuple[object, ...]:
    return outcome.category, outcome.recognised_as, outcome.forces_allowed, outcome.change


def _clauses(plan: Plan, outcome: Outcome) -> tuple[Clause, ...]:
    return tuple(clause for clause in plan.clauses if clause.id in outcome.clauses)
