"""What each clause does, and where it stands in its file."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geo
from drawn import make_plan
from geo.analysis.clause_effects import Role
from geo.plans.categories import CATEGORIES, Category, Recognition, label_of
from geo.plans.clause_lines import clause_lines
from geo.scenario import Scenario

SHIPPED = ("point21-axios", "point21-cbs", "freeze-everywhere", "borders-1991")
RUSSIAN = ("russia_de_facto", "russia_de_facto_along_line", "russia_international")
UNITS = ("UA-14", "UA-09", "UA-48", "UA-07", "UA-43", "UA-65")


def plan_of(clauses: list[dict[str, Any]]) -> geo.Plan:
    numbered = [
        {"id": str(number), "article": "1", **clause} for number, clause in enumerate(clauses, 1)
    ]
    return make_plan(numbered)


def apply(base: Scenario, clauses: list[dict[str, Any]]) -> Scenario:
    settlement = geo.apply_plan(base.partition, plan_of(clauses))
    return Scenario(settlement, base.gazetteer, "x")


def check_sums(scenario: Scenario) -> None:
    """Land is decided by one clause or by none: effects add up to the categories."""
    deciding = [
        effect
        for found in geo.clause_effects(scenario)
        for effect in found.effects
        if effect.role is Role.DECIDES
    ]
    for row in scenario.table("category").rows:
        mine = [effect for effect in deciding if effect.category == row["category"]]
        for key in ("area_km2", "settlements", "population_recorded"):
            assert math.fsum(getattr(effect, key) for effect in mine) == pytest.approx(
                row[key], rel=1e-12
            )


oblasts = st.lists(st.sampled_from(UNITS), min_size=1, unique=True)
clauses = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("recognise"),
            "oblasts": oblasts,
            "recognised_as": st.sampled_from(RUSSIAN),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("demilitarise"),
            "oblasts": oblasts,
            "recognised_as": st.sampled_from([None, *Recognition]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("relinquish"), "oblasts": oblasts}),
    st.fixed_dictionaries(
        {
            "kind": st.just("freeze"),
            "oblasts": oblasts,
            "recognised_as": st.sampled_from([*RUSSIAN, "not_stated"]),
            "far_side": st.sampled_from(["retained", "undefined"]),
        }
    ),
)
FREEZE = {"kind": "freeze", "oblasts": "all", "recognised_as": "not_stated"}
SPIT = {"kind": "demilitarise", "oblasts": ["UA-48"], "recognised_as": None}


@given(st.lists(clauses, max_size=6), st.booleans())
@settings(derandomize=True, max_examples=60)
@example([SPIT], True)
@example([{"kind": "recognise", "oblasts": ["UA-48"], "recognised_as": RUSSIAN[2]}, SPIT], True)
@example([SPIT, {"kind": "recognise", "oblasts": ["UA-48"], "recognised_as": RUSSIAN[2]}], False)
def test_effects_of_any_plan_add_up_to_its_categories(scenarios, listed, first) -> None:
    scenario = apply(scenarios["point21-axios"], [FREEZE, *listed] if first else [*listed, FREEZE])
    check_sums(scenario)
    spoken = {clause for outcome in scenario.settlement.outcomes for clause in outcome.clauses}
    for found in geo.clause_effects(scenario):
        if found.clause:
            assert bool(found.effects) == (found.clause in spoken)
            assert bool(found.note) != found.has_effect


@given(st.lists(clauses, max_size=6))
@settings(derandomize=True, max_examples=60)
def test_no_label_contradicts_the_plan(scenarios, listed) -> None:
    settlement = apply(scenarios["point21-axios"], [FREEZE, *listed]).settlement
    for outcome in settlement.outcomes:
        if outcome.category is Category.DE_FACTO_RECOGNIZED:
            for label in (outcome.label, settlement.label_of(outcome.category)):
                de_facto = outcome.recognised_as is not Recognition.RUSSIA_INTERNATIONAL
                assert ("de facto" not in label) or de_facto
                assert ("international" not in label) or not de_facto


@pytest.mark.parametrize("plan", SHIPPED)
def test_effects_of_shipped_plans_add_up(scenarios, plan) -> None:
    check_sums(scenarios[plan])


def test_a_clause_that_takes_a_whole_oblast_is_seen(scenarios) -> None:
    late_clause = {"kind": "relinquish", "oblasts": ["UA-07"]}
    scenario = apply(scenarios["point21-axios"], [FREEZE, SPIT, late_clause])
    _, zone, late = geo.clause_effects(scenario)
    [effect] = zone.effects
    assert (effect.held_by, effect.change) == ("ukraine", "ukraine_withdraws")
    assert effect.oblasts == ("UA-48",)
    assert effect.area_km2 == pytest.approx(23_412.6, abs=0.1)
    assert not late.has_effect
    assert late.note.startswith("no effect")


@pytest.mark.parametrize(
    ("recognised", "label"),
    [
        ({Recognition.RUSSIA_DE_FACTO}, "Recognised as de facto Russian"),
        ({Recognition.RUSSIA_INTERNATIONAL}, "Recognised internationally as Russian"),
        (set(Recognition), "Recognised as Russian"),
        (
            {Recognition.RUSSIA_DE_FACTO, Recognition.RUSSIA_DE_FACTO_ALONG_LINE},
            "Recognised as de facto Russian",
        ),
        (set(), "Recognised as Russian"),
    ],
)
def test_a_category_is_called_what_its_clauses_say(recognised, label) -> None:
    assert label_of(Category.DE_FACTO_RECOGNIZED, recognised) == label


def test_the_table_of_categories_has_every_category_in_order() -> None:
    assert list(CATEGORIES) == list(Category)


def test_the_lines_of_clauses_are_those_of_the_file() -> None:
    text = (
        'title = """\n[[clause]]\nid = "no"\n"""\n'  # a text, no clause
        '[[reading]]\nid = "r"\n'
        "  [[ clause ]]  # the first\nid = \"21.1\"\nquote = '''\n[[clause]]\n'''\n"
        '[["clause"]]\nid = "21.2"\n'
    )
    assert clause_lines(text) == {"21.1": 7, "21.2": 12}
    assert clause_lines('clause = [{id = "a"}, {id = "b"}]') == {}
    assert clause_lines("no toml") == {}
    assert clause_lines('title = """\n' + "[[clause]]\n" * 10_000 + '"""\n') == {}


@pytest.mark.parametrize("plan", SHIPPED)
def test_the_lines_of_shipped_plans(plan: str) -> None:
    text = (geo.data_directory() / "plans" / f"{plan}.toml").read_text("utf-8")
    found = clause_lines(text)
    assert list(found) == [clause.id for clause in geo.load_plan(plan).clause]
    lines = text.splitlines()
    assert all(lines[row - 1] == "[[clause]]" for row in found.values())
