"""Plans: what ships is sound, what is wrong is reported all at once."""

import copy
import tomllib
from pathlib import Path

import pytest

import geo
from drawn import make_boundaries, make_plan
from geo.errors import PlanError, UnknownPlanError
from geo.plans.outcomes import EFFECTS, decide

PLANS = sorted((geo.data_directory() / "plans").glob("*.toml"))


def read(name: str) -> dict:
    return tomllib.loads((geo.data_directory() / "plans" / f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_shipped_plans_load_and_fit_the_boundaries(path, boundaries):
    plan = geo.load_plan(path)
    geo.check_plan(plan, boundaries)
    assert plan.id == path.stem
    assert geo.load_plan(plan.id) == plan


def test_plans_are_listed_published_ones_first():
    assert list(geo.load_plans()) == [
        "point21-axios",
        "point21-cbs",
        "borders-1991",
        "freeze-everywhere",
    ]


@pytest.mark.parametrize(
    ("plan", "clauses"),
    [
        ("point21-axios", ["21.1", "21.2", "21.3", "21.4", "19", "22", "23", "28"]),
        ("point21-cbs", ["a", "b", "c", "d", "19", "23"]),
    ],
)
def test_no_clause_of_the_texts_is_dropped(plan, clauses):
    assert [clause.id for clause in geo.load_plan(plan).clauses] == clauses
    assert all(clause.quote for clause in geo.load_plan(plan).clauses)


@pytest.mark.reference
@pytest.mark.parametrize("name", ["point21-axios", "point21-cbs"])
def test_quotations_are_verbatim(name, reference_dir):
    texts = (reference_dir.parent.parent / "plan-texts.md").read_text("utf-8")
    plain = " ".join(texts.replace("**", "").split())
    for clause in geo.load_plan(name).clauses:
        assert clause.quote in plain, clause.id


def test_every_mapped_kind_has_an_operation():
    kinds = {type(clause) for plan in geo.load_plans().values() for clause in plan.clauses}
    mapped = {kind for kind in kinds if "oblasts" in kind.model_fields}
    assert mapped <= set(EFFECTS)
    assert {kind.__name__ for kind in EFFECTS} == {
        "Recognise",
        "Freeze",
        "Demilitarise",
        "Relinquish",
    }


def test_all_faults_are_reported_at_once():
    mapping = copy.deepcopy(read("point21-axios"))
    del mapping["title"]
    mapping["published"] = "soon"
    mapping["clause"][0]["oblast"] = mapping["clause"][0].pop("oblasts")
    mapping["clause"][1]["kind"] = "freze"
    mapping["clause"][2]["flags"] = ["to_be_agred"]
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping, name="mine.toml")
    text = str(caught.value)
    assert text.startswith("mine.toml: 6 faults in the plan:")
    assert [fault.key for fault in caught.value.faults] == [
        "title",
        "published",
        "clause.0.oblasts",
        "clause.0.oblast",
        "clause.1.kind",
        "clause.2.flags.0",
    ]
    assert "clause.0.oblast: unknown key; did you mean 'oblasts'?" in text
    assert "got 'freze'; did you mean 'freeze'?" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plan: plan["clause"][1].update(id="21.1"), "clause.1.id: expected unique ids"),
        (lambda plan: plan["clause"][0].update(quote=""), "clause.0.quote: a published plan needs"),
        (lambda plan: plan.update(clause=[]), "clause: Tuple should have at least 1 item"),
        (lambda plan: plan["clause"][0].pop("kind"), "clause.0.kind: this key is missing"),
        (lambda plan: plan.update(id="Point 21"), "id: String should match pattern"),
        (lambda plan: plan["clause"][4].update(lon_deg=200), "clause.4.lon_deg: Input should be"),
        (lambda plan: plan.update(schema_version=2), "schema_version: Input should be 1; got 2"),
    ],
)
def test_single_faults(change, message):
    mapping = read("point21-axios")
    change(mapping)
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping)
    assert message in str(caught.value)


def test_unknown_oblasts_are_named_with_what_was_meant():
    plan = geo.load_plan("point21-axios")
    country = geo.load_boundaries()
    keep = [row for row, unit in enumerate(country.ids) if unit not in {"UA-40", "UA-14"}]
    boundaries = make_boundaries({country.ids[row]: country.geometry[row] for row in keep})
    with pytest.raises(PlanError) as caught:
        geo.check_plan(plan, boundaries)
    keys = [fault.key for fault in caught.value.faults]
    assert "clause.0.oblasts.1" in keys and "clause.3.oblasts.0" in keys
    assert "no oblast has the ISO 3166-2 code 'UA-14'; did you mean" in str(caught.value)


def test_an_unknown_plan_lists_the_known_ones():
    with pytest.raises(UnknownPlanError, match="known plans are borders-1991") as caught:
        geo.load_plan("point22")
    assert "point21-axios" in caught.value.valid


def test_a_plan_file_must_be_called_after_its_plan(tmp_path):
    source = geo.data_directory() / "plans" / "borders-1991.toml"
    path = tmp_path / "other.toml"
    path.write_bytes(source.read_bytes())
    with pytest.raises(PlanError, match="expected the name of the file, 'other'"):
        geo.load_plan(path)


def test_a_file_that_is_not_toml(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("id = ", encoding="utf-8")
    with pytest.raises(PlanError, match="expected TOML"):
        geo.load_plan(path)


# --- clauses upon clauses ---------------------------------------------------------------------


def plan_of(*clauses) -> geo.Plan:
    """A user's plan of clauses given as (kind, values)."""
    return make_plan(
        [
            {"id": str(number), "article": "-", "quote": "said", "kind": kind, **values}
            for number, (kind, values) in enumerate(clauses)
        ]
    )


RECOGNISE = ("recognise", {"oblasts": "all", "recognised_as": "russia_de_facto"})
FREEZE = ("freeze", {"oblasts": "all", "recognised_as": "not_stated"})
RELINQUISH = ("relinquish", {"oblasts": "all"})
DEMILITARISE = ("demilitarise", {"oblasts": "all"})


def test_a_later_clause_sets_the_flags_afresh():
    outcome = decide("UA-65", geo.Control.RUSSIA, plan_of(FREEZE, RELINQUISH))
    assert (outcome.category, outcome.flags) == (geo.Category.RELINQUISHED, ())
    outcome = decide("UA-65", geo.Control.UKRAINE, plan_of(FREEZE, DEMILITARISE))
    assert outcome.category is geo.Category.BUFFER_ZONE
    assert geo.Flag.RETAINED_BY_IMPLICATION not in outcome.flags
    outcome = decide("UA-65", geo.Control.UKRAINE, plan_of(FREEZE, RECOGNISE))
    assert outcome.flags == (geo.Flag.RECOGNISED_WITHOUT_WITHDRAWAL,)


def test_freezing_settles_nothing_that_another_clause_has_settled():
    outcome = decide("UA-14", geo.Control.UKRAINE, plan_of(DEMILITARISE, FREEZE))
    assert (outcome.category, outcome.clauses) == (geo.Category.BUFFER_ZONE, ("0",))


def test_recognition_undoes_no_withdrawal():
    outcome = decide("UA-14", geo.Control.UKRAINE, plan_of(DEMILITARISE, RECOGNISE))
    assert outcome.category is geo.Category.BUFFER_ZONE
    assert outcome.change is geo.Change.UKRAINE_WITHDRAWS
    assert outcome.forces_allowed is geo.Forces.NONE
    assert outcome.recognised_as is geo.Recognition.RUSSIA_DE_FACTO
    assert outcome.flags == ()


def test_recognition_after_relinquishing_lets_russia_stay():
    outcome = decide("UA-63", geo.Control.RUSSIA, plan_of(RELINQUISH, RECOGNISE))
    assert outcome.forces_allowed is geo.Forces.RUSSIA
    assert outcome.change is geo.Change.RECOGNITION_ONLY


def test_a_definition_implies_nothing():
    plan = geo.load_plan("freeze-everywhere")
    assert decide("UA-46", geo.Control.UKRAINE, plan).flags == ()


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        (("recognise", {"oblasts": "all", "recognised_as": "ukraine"}), "clause.0.recognised_as"),
        (("freeze", {"oblasts": "all", "recognised_as": "ukraine"}), "clause.0.recognised_as"),
        (("relinquish", {"oblasts": []}), "clause.0.oblasts: expected at least one oblast"),
        (
            ("relinquish", {"oblasts": ["UA-63", "UA-63"]}),
            "clause.0.oblasts: 'UA-63' is named twice",
        ),
        (
            ("relinquish", {"oblasts": ["UA-63"], "not_named": ["UA-59"]}),
            "clause.0.not_named: expected oblasts this clause speaks of",
        ),
    ],
)
def test_clauses_that_contradict_themselves(clause, message):
    with pytest.raises(PlanError) as caught:
        plan_of(clause)
    assert message in str(caught.value)


def test_faults_across_clauses_are_reported_beside_faults_within_them():
    mapping = read("point21-axios")
    mapping["id"] = "Not an id"
    mapping["clause"][1]["id"] = "21.1"
    mapping["clause"][2]["quote"] = ""
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping)
    assert [fault.key for fault in caught.value.faults] == [
        "id",
        "clause.1.id",
        "clause.2.quote",
    ]


def test_no_fault_is_made_up_when_every_clause_is_faulty():
    mapping = read("borders-1991")
    mapping["clause"][0]["kind"] = "restore"
    with pytest.raises(PlanError) as caught:
        geo.parse_plan(mapping)
    assert [fault.key for fault in caught.value.faults] == ["clause.0.kind"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a=" + "9" * 5000, "too large"),
        ("a=" + "[" * 20_000 + "]" * 20_000, "nested too deeply"),
        (".".join("a" * 5000) + " = 1", "nested too deeply"),
    ],
    ids=["number", "brackets", "dots"],
)
def test_what_a_parser_fails_with_is_a_fault_of_the_plan(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match=told):
        geo.load_plan(path)
