"""The range of every figure over all readings, against a slow oracle."""

import datetime
import itertools
from functools import cache

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from thorough import thoroughly

import geo
from drawn import DAY
from geo.errors import ReadingError, UnknownDateError

A, B = "point21-axios", "point21-cbs"
OUTSIDE = ["UA-12", "UA-48", "UA-59", "UA-63"]


@pytest.fixture(scope="module")
def ranges(boundaries, lines, observations):
    return {
        name: geo.explore_readings(geo.load_plan(name), boundaries, lines, observations)
        for name in (A, B)
    }


def figures_of(scenario: geo.Scenario) -> dict[tuple[str, str], float]:
    """Every figure of a scenario, from its tables and its outcomes."""
    category = {row["category"]: row for row in scenario.table("category").rows}
    absent = {"area_km2": 0.0, "settlements": 0, "population_recorded": 0}
    found = {
        (name, kind.value): category.get(kind.value, absent)[name]
        for name in ("area_km2", "settlements", "population_recorded")
        for kind in geo.Category
    }
    [total] = scenario.table("change").totals
    for name in ("ukraine_leaves_km2", "russia_leaves_km2", "net_leaves_km2"):
        found[name, "total"] = total[name]
    for recognition in geo.Recognition:
        rows = [item.recognised_as is recognition for item in scenario.settlement.outcomes]
        area = scenario.partition.area_km2[np.array(rows)].sum()
        found["recognised_as_km2", recognition.value] = float(area)
    country = scenario.table("country").rows[0]
    for name in ("area_km2", "ukraine_held_km2", "russia_held_km2", "contact_line_km"):
        found[name, "country"] = country[name]
    return found


@pytest.fixture(scope="module")
def brute(boundaries, lines, observations):
    """Every combination of a text through the whole corridor; the country line once a day."""

    def explore(name):
        plan = geo.load_plan(name)
        divided = {
            day: geo.build_partition(boundaries, lines.on(day), observations)
            for day in (DAY, lines.dates[-1])
        }
        country = {}
        found = []
        for options in itertools.product(*(reading.option for reading in plan.reading)):
            choice = {
                reading.id: option.id for reading, option in zip(plan.reading, options, strict=True)
            }
            chosen = plan.read(**choice)
            day = chosen.day(lines.dates)
            scenario = geo.build_scenario(
                boundaries, lines.on(day), chosen, observations, divided=divided[day]
            )
            if day in country:
                scenario._tables[geo.By.COUNTRY] = country[day]
            country[day] = scenario.table("country")
            found.append((chosen.chosen, figures_of(scenario)))
        return found

    return cache(explore)


@pytest.mark.slow
@pytest.mark.parametrize("name", [A, *thoroughly(B)])
def test_ranges_are_those_of_every_combination_to_the_last_digit(name, ranges, brute):
    found = ranges[name]
    assert found.combinations == len(brute(name)) == 576
    default = next(figures for chosen, figures in brute(name) if not chosen)
    alone = {next(iter(c.items())): figures for c, figures in brute(name) if len(c) == 1}
    assert {(item.figure.name, item.figure.of) for item in found.ranges} == set(default)
    for item in found.ranges:
        key = item.figure.name, item.figure.of
        values = [figures[key] for _, figures in brute(name)]
        assert (item.default, item.low.value, item.high.value) == (
            default[key],
            min(values),
            max(values),
        ), key
        for extreme in (item.low, item.high):
            reached = [chosen for chosen, figures in brute(name) if figures[key] == extreme.value]
            assert extreme.readings in reached
            assert len(extreme.readings) == min(map(len, reached))
            assert extreme.one_by_one == pytest.approx(
                sum(alone[choice][key] - default[key] for choice in extreme.readings.items())
            )
        options = {
            (part.reading, part.option): part.value
            for part in item.contributions
            if not part.option.startswith("UA-")
        }
        assert options == {choice: figures[key] for choice, figures in alone.items()}
        assert all(p.contribution == p.value - item.default for p in item.contributions)


def test_categories_add_up_at_the_default_and_options_move_land_only(ranges):
    for found in ranges.values():
        country = found.find("area_km2", "country").default
        areas = [found.find("area_km2", str(category)) for category in geo.Category]
        assert sum(item.default for item in areas) == pytest.approx(country, rel=1e-12)
        for number, part in enumerate(areas[0].contributions):
            moved = sum(item.contributions[number].contribution for item in areas)
            assert moved == pytest.approx(0, abs=1e-6), part


def test_readings_that_act_on_each_other_are_told(ranges):
    """Luhansk and Sevastopol add up; the day changes what every other reading is worth."""
    least = ranges[A].find("area_km2", "de_facto_recognized")
    assert least.low.readings == {"luhansk_pocket": "retained", "sevastopol": "separate"}
    assert least.low.value - least.default == pytest.approx(least.low.one_by_one, rel=1e-9)
    most = ranges[A].find("russia_leaves_km2", "total")
    assert most.high.readings == {"sevastopol": "outside_five_regions", "line_date": "latest"}
    assert most.high.value - most.default == pytest.approx(most.high.one_by_one, rel=1e-9)
    open_ = ranges[A].find("recognised_as_km2", "not_stated")
    assert "line_date" in open_.high.readings
    assert abs(open_.high.value - open_.default - open_.high.one_by_one) > 1


def test_each_oblast_of_a_list_is_an_option_by_itself(
    ranges, boundaries, lines, observations, divided
):
    """Those with land that a list decides about, Kharkiv for one; what each gives is its own."""
    item = ranges[A].find("area_km2", "relinquished")
    alone = {
        part.option: part.value
        for part in item.contributions
        if part.reading == "agreed_territories" and part.option != "none"
    }
    assert list(alone) == OUTSIDE
    assert sum(alone.values()) == pytest.approx(item.default, rel=1e-12)
    for oblast, value in alone.items():
        plan = geo.load_plan(A).read(agreed_territories=oblast)
        scenario = geo.build_scenario(
            boundaries, lines.on(DAY), plan, observations, divided=divided
        )
        assert scenario.layer(geo.Category.RELINQUISHED).area_km2 == value


def test_held_readings_narrow_the_ranges(boundaries, lines, observations, ranges):
    plan = geo.load_plan(A)
    held = geo.explore_readings(
        plan, boundaries, lines, observations, fixed={"line_date": "plan_date"}
    )
    assert held.combinations == 288 and "line_date" not in held.free
    assert (
        held.find("russia_held_km2", "country").low == held.find("russia_held_km2", "country").high
    )
    for item in held.ranges:
        wide = ranges[A].find(item.figure.name, item.figure.of)
        assert wide.low.value <= item.low.value <= item.high.value <= wide.high.value
    chosen = plan.read(agreed_territories="none")
    none = geo.explore_readings(chosen, boundaries, lines, observations)
    assert none.fixed == {"agreed_territories": "none"}
    assert none.find("area_km2", "relinquished").default == 0


def test_another_day_is_the_default_of_its_own(boundaries, lines, observations):
    plan, day = geo.load_plan(A), datetime.date(2026, 1, 1)
    found = geo.explore_readings(plan, boundaries, lines, observations, day=day)
    assert found.day == day and found.free["line_date"] == ("asked", "plan_date", "latest")
    assert found.days == {"plan_date": DAY, "latest": lines.dates[-1]}
    zone = found.find("area_km2", "buffer_zone")
    parts = {part.option: part.value for part in zone.contributions if part.reading == "line_date"}
    expected = {}
    for option, wanted in {"asked": day, "plan_date": DAY, "latest": lines.dates[-1]}.items():
        scenario = geo.build_scenario(boundaries, lines.on(wanted), plan, observations)
        expected[option] = scenario.layer(geo.Category.BUFFER_ZONE).area_km2
    assert zone.default == expected.pop("asked")
    assert parts == expected
    last = geo.explore_readings(plan, boundaries, lines, observations, day=lines.dates[-1])
    assert last.free["line_date"] == ("latest", "plan_date")


def test_a_day_without_a_line_is_refused(boundaries, lines, observations):
    with pytest.raises(UnknownDateError):
        geo.explore_readings(
            geo.load_plan(A), boundaries, lines, observations, day=datetime.date(1999, 1, 1)
        )


def test_a_plan_without_readings_has_ranges_of_one(boundaries, lines, observations):
    found = geo.explore_readings(
        geo.load_plan("borders-1991"), boundaries, lines, observations, fixed={}
    )
    assert found.combinations == 1
    assert all(item.low.value == item.default == item.high.value for item in found.ranges)


def test_ranges_as_frames(ranges):
    frame = ranges[A].to_dataframe()
    assert list(frame.columns[:4]) == ["figure", "of", "unit", "default"]
    assert len(frame) == len(ranges[A].ranges)
    parts = ranges[A].contributions()
    assert len(parts) == len(frame) * (10 + len(OUTSIDE))
    assert set(parts["reading"]) == {reading.id for reading in geo.load_plan(A).reading}


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "agreed_territories": st.one_of(
            st.sampled_from(["all", "none"]),
            st.lists(st.sampled_from([*OUTSIDE, "UA-05", "UA-30"]), min_size=1, unique=True),
        ),
        "luhansk_pocket": st.sampled_from(["recognised", "ceded", "retained"]),
        "sevastopol": st.sampled_from(["with_crimea", "separate", "outside_five_regions"]),
        "kinburn": st.sampled_from(["relinquished", "retained_by_russia"]),
        "frozen_far_side": st.sampled_from(["retained", "undefined"]),
        "frozen_recognition": st.sampled_from(["along_line", "not_stated"]),
        "buffer_recognition": st.sampled_from(["internationally", "as_donetsk"]),
        "line_date": st.sampled_from(["plan_date", "latest"]),
    },
)


@given(choices=CHOICES, name=st.sampled_from([A, B]))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_choice_lies_in_the_range_and_conserves(
    choices, name, ranges, boundaries, lines, observations
):
    """Lists of oblasts are not enumerated; what they give lies between none and all."""
    try:
        plan = geo.load_plan(name).read(**choices)
    except ReadingError:
        assert "UA-48" in choices["agreed_territories"]
        assert choices["kinburn"] == "retained_by_russia"
        return
    day = plan.day(lines.dates)
    if day not in _DIVIDED:
        _DIVIDED[day] = geo.build_partition(boundaries, lines.on(day), observations)
    divided = _DIVIDED[day]
    scenario = geo.build_scenario(boundaries, lines.on(day), plan, observations, divided=divided)
    found = figures_of(scenario)
    for key, value in found.items():
        item = ranges[name].find(*key)
        assert item.low.value <= value <= item.high.value, key
    areas = [found["area_km2", category.value] for category in geo.Category]
    assert sum(areas) == pytest.approx(found["area_km2", "country"], rel=1e-9)
    assert scenario.identity.readings == plan.chosen
    assert scenario.data_version == geo.build_scenario(
        boundaries, lines.on(day), geo.load_plan(name), observations, divided=divided
    ).data_version, "a reading is no other data"  # fmt: skip


_DIVIDED: dict = {}
