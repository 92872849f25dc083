"""The same land under other plans and readings: what the clauses say, and nothing but."""

from __future__ import annotations

import datetime
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from geo.plans.alternatives import list_alternatives

PLANS = tuple(geo.load_plans().values())
UNITS = geo.load_boundaries().ids
SHOWN = [plan for plan in PLANS if plan.id in ("point21-axios", "point21-cbs", "borders-1991")]
DAY = datetime.date(2025, 11, 21)


@lru_cache
def scenario(plan: geo.Plan) -> geo.Scenario:
    """The whole corridor, for an answer that does not come from the clause engine alone."""
    return geo.build_scenario(
        geo.load_boundaries(), geo.load_contact_line(DAY), plan, geo.load_observations()
    )


def face_of(plan: geo.Plan, oblast: str, held_by: geo.Control) -> geo.Outcome | None:
    partition, outcomes = scenario(plan).partition, scenario(plan).settlement.outcomes
    rows = zip(partition.oblast_id, partition.held_by, outcomes, strict=True)
    return next((o for unit, side, o in rows if (unit, side) == (oblast, held_by)), None)


def meaning(outcome: geo.Outcome) -> tuple[str, ...]:
    keys = ("category", "recognised_as", "forces_allowed", "change")
    return tuple(str(getattr(outcome, key)) for key in keys)


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(UNITS), st.sampled_from(list(geo.Control)), st.sampled_from(SHOWN))
def test_alternatives_are_what_the_whole_corridor_gives(
    oblast: str, held_by: geo.Control, shown: geo.Plan
) -> None:
    for other in list_alternatives(oblast, held_by, shown, PLANS):
        whole = face_of(other.plan.read(**other.readings), oblast, held_by)
        if whole is None:
            continue  # nobody of that side is in this oblast on this day
        assert meaning(whole) == meaning(other.outcome)
        assert whole.clauses == tuple(clause.id for clause in other.clauses)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(UNITS), st.sampled_from(list(geo.Control)), st.sampled_from(SHOWN))
def test_only_what_differs_is_listed(oblast: str, held_by: geo.Control, shown: geo.Plan) -> None:
    from geo.plans.outcomes import decide

    here = decide(oblast, held_by, shown)
    for other in list_alternatives(oblast, held_by, shown, PLANS):
        assert meaning(other.outcome) != meaning(here)
        assert other.plan.basis == "published" or other.plan.id == shown.id
        assert bool(other.question) == bool(other.option) == bool(other.readings)


@pytest.mark.parametrize(
    ("oblast", "held_by", "options"),
    [
        ("UA-09", "ukraine", {"luhansk_pocket": {"ceded", "retained"}}),
        ("UA-14", "ukraine", {"buffer_recognition": {"as_donetsk"}}),
        ("UA-48", "russia", {"agreed_territories": {"none"}, "kinburn": {"retained_by_russia"}}),
        ("UA-05", "ukraine", {}),
    ],
)
def test_the_readings_that_matter_are_found(
    oblast: str, held_by: str, options: dict[str, set[str]]
) -> None:
    shown = next(plan for plan in PLANS if plan.id == "point21-axios")
    found: dict[str, set[str]] = {}
    for other in list_alternatives(oblast, geo.Control(held_by), shown, PLANS):
        if other.plan.id == shown.id:
            for name, option in other.readings.items():
                found.setdefault(name, set()).add(option)
    assert found == options


def test_under_another_reading_the_default_is_an_alternative() -> None:
    plan = next(plan for plan in PLANS if plan.id == "point21-axios")
    shown = plan.read(luhansk_pocket="retained")
    others = list_alternatives("UA-09", geo.Control.UKRAINE, shown, PLANS)
    ours = [other for other in others if other.plan.id == plan.id]
    assert [other.readings for other in ours] == [{}, {"luhansk_pocket": "ceded"}]
    assert ours[0].option
