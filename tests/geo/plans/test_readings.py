"""Readings: what the shipped plans declare, what choices change, and which are refused."""

import itertools
import tomllib

import pytest

import geo
from drawn import DAY
from geo.errors import ReadingError
from geo.plans.outcomes import decide
from geo.plans.selection import choose_day, read_plan

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
