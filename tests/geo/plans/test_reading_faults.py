"""What is wrong with the readings a plan declares is named, all of it at once and soon."""

import copy
import tomllib

import pytest

import geo
from geo.errors import PlanError
from geo.plans.selection import check_every_reading

A, B = "point21-axios", "point21-cbs"


def read(name: str) -> dict:
    return tomllib.loads((geo.data_directory() / "plans" / f"{name}.toml").read_text("utf-8"))


FAULTS = [
    (lambda r: r[0].update(default="some"), "reading.0.default", "expected one of the options"),
    (lambda r: r[1].update(id="agreed_territories"), "reading.1.id", " twice"),
    (lambda r: r[0]["option"][1].update(id="all"), "reading.0.option.1.id", " twice"),
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
    with pytest.raises(PlanError, match="at most 4096 combinations; got 3779136"):
        geo.parse_plan(mapping)


def test_a_plan_made_to_take_long_is_refused_soon():
    """A hundred readings, or 130 clauses under readings that meet in each."""
    mapping = read(A)
    mapping["reading"] = [
        {**mapping["reading"][1], "id": f"more_{number}"} for number in range(100)
    ]
    with pytest.raises(PlanError, match="got many more"):
        geo.parse_plan(mapping)
    first = read(A)["clause"][0]
    clauses = [{**first, "id": f"c{number}"} for number in range(130)]
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
