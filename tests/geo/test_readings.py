"""Readings: what they change, what is refused, and the ranges against a slow oracle."""

import copy
import datetime
import itertools
import tomllib

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import geo
from drawn import DAY
from geo.choosing import check_every_reading, choose_day, read_plan
from geo.errors import PlanError, ReadingError, UnknownDateError
from geo.settle import decide

A, B = "point21-axios", "point21-cbs"
READINGS = [
    "agreed_territories",
    "luhansk_pocket",
    "sevastopol",
    "kinburn",
    "frozen_far_side",
    "frozen_recognition",
    "buffer_recognition",
    "line_date",
]
UKRAINE, RUSSIA = geo.Control.UKRAINE, geo.Control.RUSSIA
LEAVES, R_LEAVES, RECOGNISED = "ukraine_withdraws", "russia_withdraws", "recognition_only"
OPEN, DE_FACTO = "not_settled", "de_facto_recognized"
OUTSIDE_FIVE = {"sevastopol": "outside_five_regions"}
NEITHER = {**OUTSIDE_FIVE, "agreed_territories": "none"}
OUTSIDE = ["UA-12", "UA-48", "UA-59", "UA-63"]


def read(name: str) -> dict:
    return tomllib.loads((geo.data_directory() / "plans" / f"{name}.toml").read_text("utf-8"))


def outcome(plan: geo.Plan, oblast: str, held_by: geo.Control) -> tuple[str, str, str, str]:
    found = decide(oblast, held_by, plan)
    return found.category, found.recognised_as, found.forces_allowed, found.change


# --- what the shipped plans declare --------------------------------------------------------------


@pytest.mark.parametrize("name", [A, B])
def test_published_texts_declare_what_they_leave_open(name):
    plan = geo.load_plan(name)
    assert [reading.id for reading in plan.reading] == READINGS
    quotes = [clause.quote for clause in plan.clause]
    for reading in plan.reading:
        assert reading.silent or any(reading.left_open_by in quote for quote in quotes)
        assert reading.default in reading.options
        assert reading.question.endswith("?")


def test_baselines_leave_nothing_open():
    for name in ("freeze-everywhere", "borders-1991"):
        assert geo.load_plan(name).reading == ()


@pytest.mark.parametrize("name", [A, B])
def test_the_default_of_every_reading_is_the_plan_as_written(name):
    plan = geo.load_plan(name)
    assert plan.clauses == plan.clause
    for reading in plan.reading:
        same = plan.read(**{reading.id: reading.default})
        assert same == plan and same.chosen == {}


def test_the_texts_differ_in_defaults_where_their_wording_differs(boundaries):
    """Text A read as B is worded does to every face what B does, and the other way round."""
    a, b = geo.load_plan(A), geo.load_plan(B)
    differing = {
        ours.id: (ours.default, theirs.default)
        for ours, theirs in zip(a.reading, b.reading, strict=True)
        if ours.default != theirs.default
    }
    assert differing == {
        "frozen_recognition": ("along_line", "not_stated"),
        "buffer_recognition": ("internationally", "as_donetsk"),
    }
    a_as_b = a.read(**{name: theirs for name, (_, theirs) in differing.items()})
    b_as_a = b.read(**{name: ours for name, (ours, _) in differing.items()})
    for oblast, holder in itertools.product(boundaries.ids, geo.Control):
        assert outcome(a_as_b, oblast, holder) == outcome(b, oblast, holder)
        assert outcome(b_as_a, oblast, holder) == outcome(a, oblast, holder)
    open_in_a = decide("UA-63", RUSSIA, a).flags
    assert geo.Flag.EXTENT_TO_BE_AGREED in open_in_a
    assert geo.Flag.EXTENT_TO_BE_AGREED not in decide("UA-63", RUSSIA, b).flags


@pytest.mark.parametrize("name", [A, B])
@pytest.mark.parametrize(
    ("choice", "oblast", "held_by", "category", "forces", "change"),
    [
        ({}, "UA-09", UKRAINE, DE_FACTO, "ukraine", RECOGNISED),
        ({"luhansk_pocket": "ceded"}, "UA-09", UKRAINE, DE_FACTO, "russia", LEAVES),
        ({"luhansk_pocket": "retained"}, "UA-09", UKRAINE, "retained", "ukraine", "none"),
        ({"luhansk_pocket": "retained"}, "UA-09", RUSSIA, DE_FACTO, "russia", RECOGNISED),
        ({"luhansk_pocket": "retained"}, "UA-14", UKRAINE, "buffer_zone", "none", LEAVES),
        ({"agreed_territories": "none"}, "UA-63", RUSSIA, OPEN, "russia", "none"),
        ({"agreed_territories": "UA-63"}, "UA-63", RUSSIA, "relinquished", "ukraine", R_LEAVES),
        ({"agreed_territories": "UA-63"}, "UA-59", RUSSIA, OPEN, "russia", "none"),
        ({"agreed_territories": "none"}, "UA-65", RUSSIA, "frozen", "russia", None),
        ({"sevastopol": "separate"}, "UA-40", RUSSIA, OPEN, "russia", "none"),
        ({"sevastopol": "separate"}, "UA-43", RUSSIA, DE_FACTO, "russia", RECOGNISED),
        (OUTSIDE_FIVE, "UA-40", RUSSIA, "relinquished", "ukraine", R_LEAVES),
        (NEITHER, "UA-40", RUSSIA, OPEN, "russia", "none"),
        ({"kinburn": "retained_by_russia"}, "UA-48", RUSSIA, OPEN, "russia", "none"),
        ({"kinburn": "retained_by_russia"}, "UA-63", RUSSIA, "relinquished", "ukraine", R_LEAVES),
        ({"frozen_far_side": "undefined"}, "UA-65", UKRAINE, OPEN, "ukraine", "none"),
        ({"frozen_far_side": "undefined"}, "UA-63", UKRAINE, "retained", "ukraine", "none"),
    ],
)  # fmt: skip
def test_what_an_option_makes_of_a_face(name, choice, oblast, held_by, category, forces, change):
    found = decide(oblast, held_by, geo.load_plan(name).read(**choice))
    assert (found.category, found.forces_allowed) == (category, forces)
    assert change is None or found.change == change
    if category == "not_settled":
        assert found.recognised_as == "not_stated"
        assert {*found.flags} & {
            geo.Flag.NOT_AMONG_AGREED,
            geo.Flag.KEPT_BY_RUSSIA,
            geo.Flag.FAR_SIDE_UNDEFINED,
            geo.Flag.UNIT_LEFT_OPEN,
        }
        assert found.clauses, "a clause leaves it open, and is named"


def test_a_choice_keeps_what_was_chosen_and_never_touches_the_text():
    plan = geo.load_plan(A)
    once = plan.read(luhansk_pocket="retained")
    twice = once.read(kinburn="retained_by_russia")
    assert twice.chosen == {"luhansk_pocket": "retained", "kinburn": "retained_by_russia"}
    assert twice.read(luhansk_pocket="recognised").chosen == {"kinburn": "retained_by_russia"}
    assert plan.chosen == {} and plan.clauses == plan.clause
    assert [clause.quote for clause in twice.clauses] == [clause.quote for clause in plan.clauses]
    assert twice.clause == plan.clause
    assert once != plan and hash(once) != hash(plan)


def test_lists_of_oblasts_are_written_in_one_way():
    plan = geo.load_plan(A)
    asked = ["UA-63,UA-59", "UA-59,UA-63", ["UA-63", "UA-59", "UA-63"], ("UA-59", "UA-63")]
    assert {plan.read(agreed_territories=given).choices for given in asked} == {
        (("agreed_territories", "UA-59,UA-63"),)
    }


def test_the_whole_list_is_all_but_for_the_flag(divided, boundaries, lines, observations):
    plan = geo.load_plan(A)
    whole = geo.build_scenario(
        boundaries,
        lines.on(DAY),
        plan.read(agreed_territories=OUTSIDE),
        observations,
        divided=divided,
    )
    default = geo.build_scenario(boundaries, lines.on(DAY), plan, observations, divided=divided)
    assert whole.table("category").rows == default.table("category").rows
    assert all(not found.flags for found in whole.layer(geo.Category.RELINQUISHED).outcomes)


def test_the_day_of_the_line(lines):
    plan = geo.load_plan(A)
    assert plan.day(lines.dates) == plan.line_date == DAY
    latest = plan.read(line_date="latest")
    assert latest.day(lines.dates) == lines.dates[-1]
    assert choose_day(plan, lines.dates, lines.dates[3]) == lines.dates[3]
    assert choose_day(latest, lines.dates, lines.dates[-1]) == lines.dates[-1]
    with pytest.raises(ReadingError, match=f"the line of {DAY} was asked for"):
        choose_day(latest, lines.dates, DAY)
    with pytest.raises(ReadingError, match="means the line of 2025-11-21"):
        choose_day(plan, lines.dates, lines.dates[-1], named=["line_date"])


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "messages", "valid"),
    [
        ({"luhansk": "ceded"}, ["has no reading 'luhansk'"], READINGS),
        ({"self": "x"}, ["has no reading 'self'"], READINGS),
        (
            {"luhansk_pocket": "cede", "kinburn": ""},
            ["has no option 'cede'. Expected one of recognised, ceded, retained", "no option ''"],
            ["recognised", "ceded", "retained"],
        ),
        (
            {"agreed_territories": "some"},
            ["Expected one of all, none or a list of oblasts"],
            ["all", "none"],
        ),
        ({"agreed_territories": "UA-14"}, ["does not speak of 'UA-14'"], ["all", "none"]),
        (
            {"agreed_territories": "UA-48", "kinburn": "retained_by_russia"},
            ["'UA-48' is in 'kept_by_russia' as well"],
            ["all", "none"],
        ),
        (
            {"agreed_territories": "UA-40", "sevastopol": "separate"},
            ["'UA-40' is in 'left_open' as well"],
            ["all", "none"],
        ),
    ],
)
def test_choices_that_cannot_be_made(choices, messages, valid):
    with pytest.raises(ReadingError) as caught:
        geo.load_plan(A).read(**choices)
    assert all(message in str(caught.value) for message in messages)
    assert list(caught.value.faults[0].valid) == valid


def test_an_oblast_that_does_not_exist_is_named(boundaries):
    with pytest.raises(ReadingError, match="no oblast has the ISO 3166-2 code 'UA-99'"):
        read_plan(geo.load_plan(A), boundaries, {"agreed_territories": "UA-63,UA-99"})


def test_a_plan_without_readings_says_so():
    with pytest.raises(ReadingError, match="'borders-1991' has no readings"):
        geo.load_plan("borders-1991").read(kinburn="relinquished")


FAULTS = [
    (lambda r: r[0].update(default="some"), "reading.0.default", "expected one of the options"),
    (lambda r: r[1].update(id="agreed_territories"), "reading.1.id", "came twice"),
    (lambda r: r[0]["option"][1].update(id="all"), "reading.0.option.1.id", "came twice"),
    (lambda r: r[0].update(left_open_by="Some."), "reading.0.left_open_by", "the text's own words"),
    (lambda r: r[0].update(left_open_by=""), "reading.0.left_open_by", "or silent = true"),
    (lambda r: r[1].update(left_open_by="x"), "reading.1.left_open_by", "expected no sentence"),
    (
        lambda r: r[1]["option"][1]["patch"][0].update(clause="21.9"),
        "reading.1.option.1.patch.0.clause",
        "no clause has the id '21.9'; did you mean '21.",
    ),
    (
        lambda r: r[1]["option"][1]["patch"][0].update(key="cedded"),
        "reading.1.option.1.patch.0.key",
        "has no key 'cedded'; did you mean 'ceded'?",
    ),
    (
        lambda r: r[1]["option"][1]["patch"][0].update(key="quote", value="Other words."),
        "reading.1.option.1.patch.0.key",
        "that is the text's own",
    ),
    (
        lambda r: r[1]["option"][1]["patch"][0].update(value=["UA-63"]),
        "reading.1.option.1.patch",
        "does not speak of 'UA-63'",
    ),
    (
        lambda r: r[4]["option"][1]["patch"][0].update(value="maybe"),
        "reading.4.option.1.patch",
        "the changed clause is not valid: far_side",
    ),
    (
        lambda r: r[1]["option"][0].update(r[1]["option"][1], id="recognised"),
        "reading.1.option.0.patch",
        "expected the default to leave the clauses as they are written",
    ),
    (
        lambda r: r[3]["option"][1]["patch"].append(
            {"clause": "21.3", "key": "agreed", "value": []}
        ),
        "reading.3",
        "'agreed_territories' changes 'agreed' of clause '21.3' as well",
    ),
    (lambda r: r[7]["option"][1].pop("day"), "reading.7.option.1.day", "expected a day"),
    (lambda r: r[1]["option"][1].update(day="latest"), "reading.1.option.0.day", "expected a day"),
    (lambda r: r[0]["oblast_list"].update(key="agred"), "reading.0.oblast_list.key", "'agreed'"),
    (lambda r: r[0]["option"].pop(), "reading.0.option", "at least 2 items"),
    (lambda r: r[0].update(defalt="all"), "reading.0.defalt", "did you mean 'default'?"),
    (
        lambda r: r[1]["option"][1]["patch"][0].update(vale="x"),
        "reading.1.option.1.patch.0.vale",
        "did you mean 'value'?",
    ),
]


@pytest.mark.parametrize(("change", "key", "message"), FAULTS, ids=[fault[1] for fault in FAULTS])
def test_faults_of_declared_readings(change, key, message):
    mapping = read(A)
    change(mapping["reading"])
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping, name="mine.toml")
    assert [fault for fault in caught.value.faults if fault.key == key and message in fault.message]
    assert str(caught.value).startswith("mine.toml: ")


def test_all_faults_of_readings_come_at_once():
    mapping = read(A)
    readings = mapping["reading"]
    readings[0]["default"] = "some"
    readings[1]["option"][1]["patch"][0]["key"] = "cedded"
    readings[2]["left_open_by"] = "Crimea is mentioned."
    readings[3]["option"][1]["patch"][0]["clause"] = "22.1"
    mapping["clause"][0]["ceded"] = ["UA-63"]
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping)
    assert [fault.key for fault in caught.value.faults] == ["clause.0.ceded"]
    del mapping["clause"][0]["ceded"]
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping)
    assert [fault.key for fault in caught.value.faults] == [
        "reading.0.default",
        "reading.1.option.1.patch.0.key",
        "reading.2.left_open_by",
        "reading.3.option.1.patch.0.clause",
    ]


def test_choices_are_not_part_of_a_file():
    with pytest.raises(PlanError, match=r"choices are made with Plan\.read"):
        geo.parse_plan({**read(A), "choices": [["kinburn", "retained_by_russia"]]})


def test_options_that_do_not_fit_together_are_named():
    mapping = read(A)
    mapping["reading"][1]["option"][1]["patch"][0]["value"] = ["UA-40"]
    with pytest.raises(PlanError, match="luhansk_pocket:ceded, sevastopol:separate together"):
        geo.parse_plan(mapping)


def test_too_many_combinations_are_refused():
    mapping = read(A)
    pattern = mapping["reading"][1]
    for number in range(8):
        more = copy.deepcopy(pattern)
        more["id"] = f"more_{number}"
        for option in more["option"]:
            option.pop("patch", None)
        mapping["reading"].append(more)
    with pytest.raises(PlanError, match="at most 4096 combinations; 3779136 came"):
        geo.parse_plan(mapping)


def test_a_plan_made_to_take_long_is_refused_soon():
    """Thousands of readings, or thousands of clauses under readings that meet in each."""
    mapping = read(A)
    mapping["reading"] = [
        {**mapping["reading"][1], "id": f"more_{number}"} for number in range(5_000)
    ]
    with pytest.raises(PlanError, match="many more came"):
        geo.parse_plan(mapping)
    first = read(A)["clause"][0]
    clauses = [{**first, "id": f"c{number}"} for number in range(400)]
    keys = ("ceded", "retained", "not_named", "reading", "flags")
    values = (["UA-09"], ["UA-14"], [], "So.", [])
    readings = [
        {
            "id": f"r_{key}",
            "question": "What?",
            "silent": True,
            "default": "as_written",
            "option": [
                {"id": "as_written", "label": "x", "meaning": "x"},
                {
                    "id": "other",
                    "label": "x",
                    "meaning": "x",
                    "patch": [
                        {"clause": clause["id"], "key": key, "value": value} for clause in clauses
                    ],
                },
            ],
        }
        for key, value in zip(keys, values, strict=True)
    ]
    with pytest.raises(PlanError, match="combinations of options in all clauses"):
        geo.parse_plan({**read(A), "clause": clauses, "reading": readings})


def test_exploring_names_the_combination_that_leaves_land_out(boundaries, lines, observations):
    mapping = read(A)
    patches = mapping["reading"][2]["option"][1]["patch"]
    mapping["reading"][2]["option"][1]["patch"] = patches[:2]
    with pytest.raises(PlanError, match=r"under sevastopol:separate no clause says.* in UA-40"):
        geo.explore_readings(geo.parse_plan(mapping), boundaries, lines, observations)


def test_unknown_oblasts_in_options_are_found(boundaries):
    mapping = read(A)
    mapping["reading"][3]["option"][1]["patch"][0]["value"] = ["UA-49"]
    with pytest.raises(PlanError) as caught:
        geo.check_plan(geo.parse_plan(mapping), boundaries)
    assert [fault.key for fault in caught.value.faults] == ["reading.3.option.1.patch.0.value.0"]


@pytest.mark.parametrize("name", [A, B])
def test_every_combination_speaks_of_all_land(name, boundaries):
    check_every_reading(geo.load_plan(name), boundaries)


def test_a_combination_that_leaves_land_out_is_found(boundaries):
    mapping = read(A)
    patches = mapping["reading"][2]["option"][1]["patch"]
    mapping["reading"][2]["option"][1]["patch"] = patches[:2]
    with pytest.raises(PlanError, match=r"under sevastopol:separate no clause says.* in UA-40"):
        check_every_reading(geo.parse_plan(mapping), boundaries)


# --- ranges against a slow oracle -----------------------------------------------------------------


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
    total = scenario.table("change").rows[-1]
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
    """Every combination of both texts through the whole corridor; the country line once a day."""

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

    return {name: explore(name) for name in (A, B)}


@pytest.mark.slow
@pytest.mark.parametrize("name", [A, B])
def test_ranges_are_those_of_every_combination_to_the_last_digit(name, ranges, brute):
    found = ranges[name]
    assert found.combinations == len(brute[name]) == 576
    default = next(figures for chosen, figures in brute[name] if not chosen)
    alone = {next(iter(c.items())): figures for c, figures in brute[name] if len(c) == 1}
    assert {(item.figure.name, item.figure.of) for item in found.ranges} == set(default)
    for item in found.ranges:
        key = item.figure.name, item.figure.of
        values = [figures[key] for _, figures in brute[name]]
        assert (item.default, item.low.value, item.high.value) == (
            default[key],
            min(values),
            max(values),
        ), key
        for extreme in (item.low, item.high):
            reached = [chosen for chosen, figures in brute[name] if figures[key] == extreme.value]
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
    assert set(parts["reading"]) == set(READINGS)


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
