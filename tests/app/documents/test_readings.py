"""Readings over HTTP, on the command line and in Python: one question, one answer."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app
from app.datasets.catalogue import Catalogue
from app.documents.readings import EXPLANATION
from app.schemas import common as schemas
from app.schemas import readings as readingschemas

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
CHOICES = [
    {"luhansk_pocket": "retained"},
    {"agreed_territories": "UA-59,UA-63", "kinburn": "retained_by_russia"},
    {"sevastopol": "separate", "frozen_far_side": "undefined", "line_date": "latest"},
    {"luhansk_pocket": "ceded", "agreed_territories": "none", "buffer_recognition": "as_donetsk"},
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def asked(choices: dict[str, str]) -> str:
    return "&".join(f"reading={name}:{option}" for name, option in choices.items())


def options(choices: dict[str, str]) -> list[str]:
    return [part for item in choices.items() for part in ("--reading", ":".join(item))]


@pytest.fixture(scope="module")
def build() -> Any:
    """A scenario built here from the files, not taken from the application."""
    boundaries, lines = geo.load_boundaries(), geo.load_contact_lines()
    observations = geo.load_observations()

    def made(choices: dict[str, str], plan: str = "point21-axios") -> geo.Scenario:
        read = geo.load_plan(plan).read(**choices)
        return geo.build_scenario(boundaries, lines.on(read.day(lines.dates)), read, observations)

    return made


# --- the same figures everywhere -----------------------------------------------------------------


@pytest.mark.parametrize("choices", CHOICES, ids=asked)
def test_figures_are_the_same_in_http_cli_and_python(
    client: Any, build: Any, choices: dict[str, str]
) -> None:
    scenario = build(choices)
    for by in ("category", "oblast", "oblast,category", "change", "settlements", "country"):
        url = f"/api/statistics?by={by}&{asked(choices)}"
        answer = client.json(url)
        assert answer["rows"] == [dict(row) for row in scenario.table(by).rows]
        assert answer["identity"] == scenario.identity.to_dict()
        assert answer["identity"]["readings"] == choices | {}
        result = run("stats", "--by", by, "--json", *options(choices))
        assert result.stdout_bytes == client.get(url).content


@pytest.mark.parametrize(
    "choices",
    [
        CHOICES[-1],
        *(pytest.param(choices, marks=pytest.mark.thorough) for choices in CHOICES[:-1]),
    ],
    ids=asked,
)
def test_layers_map_and_places_follow_the_reading(
    client: Any, build: Any, choices: dict[str, str]
) -> None:
    scenario, query = build(choices), asked(choices)
    index = client.json(f"/api/layers?{query}")
    assert index["identity"]["readings"] == choices
    for row, layer in zip(index["layers"], scenario.layers, strict=True):
        assert row["category"] == layer.category
        assert row["area_km2"] == layer.area_km2
        linked = client.json(row["links"]["geojson"])
        assert linked["identity"] == index["identity"]
        assert linked["area_km2"] == layer.area_km2
        url = f"/api/layers/{layer.category}?{query}"
        result = run("layers", "--category", layer.category, *options(choices))
        assert result.stdout_bytes == client.get(url).content
    bundle = client.json(f"/api/map?{query}")
    assert bundle["identity"] == index["identity"]
    assert bundle["categories"] == index["layers"]
    place = client.get(f"/api/locate?place=Сєвєродонецьк&{query}")
    assert place.json()["identity"] == index["identity"]
    located = run("locate", "Сєвєродонецьк", "--json", *options(choices))
    assert located.stdout_bytes == place.content


def test_csv_names_the_readings_on_each_row_and_in_the_name_of_the_file(client: Any) -> None:
    answer = client.get(f"/api/statistics?format=csv&{asked(CHOICES[1])}")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    written = "agreed_territories:UA-59,UA-63 kinburn:retained_by_russia"
    assert {row["readings"] for row in rows} == {written}
    assert {row["boundaries"] for row in rows} == {"natural-earth"}
    assert {row["source"] for row in rows} == {"observations"}
    assert "agreed_territories-UA-59-UA-63_kinburn" in answer.headers["content-disposition"]
    link = answer.headers["link"].partition(">")[0].strip("<")
    assert client.json(link)["identity"]["readings"] == CHOICES[1]
    assert rows == list(
        csv.DictReader(io.StringIO(run("stats", "--csv", *options(CHOICES[1])).stdout, newline=""))
    )


def test_default_answers_name_no_reading_and_no_sixth_category(client: Any) -> None:
    index = client.json("/api/layers?reading=luhansk_pocket:recognised")
    assert index["identity"]["readings"] == {}
    assert len(index["layers"]) == 5
    empty = client.json("/api/layers/not_settled")
    assert empty["features"] == [] and empty["area_km2"] == 0


def test_the_map_as_one_file_follows_the_reading(client: Any, tmp_path: Any) -> None:
    page = client.get(f"/map.html?{asked(CHOICES[2])}")
    assert page.status_code == 200
    assert "Not settled by the text" in page.text
    target = tmp_path / "map.html"
    assert run("map", "-o", str(target), *options(CHOICES[2])).exit_code == 0
    assert target.read_bytes() == page.content


def test_people_are_told_which_reading_the_figures_follow() -> None:
    result = run("stats", "--reading", "kinburn:retained_by_russia")
    assert "readings kinburn:retained_by_russia," in result.stdout
    assert "Not settled by the text" in result.stdout


# --- the ranges ----------------------------------------------------------------------------------


def test_ranges_are_the_same_in_http_cli_and_python(client: Any) -> None:
    document = client.json("/api/readings")
    readingschemas.Readings.model_validate(document, strict=False)
    found = geo.explore_readings(
        geo.load_plan("point21-axios"),
        geo.load_boundaries(),
        geo.load_contact_lines(),
        geo.load_observations(),
    )
    assert document["combinations"] == found.combinations == 576
    assert document["explanation"] == EXPLANATION
    assert [reading["id"] for reading in document["readings"]] == READINGS
    for row, item in zip(document["figures"], found.ranges, strict=True):
        assert (row["figure"], row["of"]) == (item.figure.name, item.figure.of)
        assert row["default"] == item.default
        assert row["low"] == vars(item.low) and row["high"] == vars(item.high)
        assert row["options"] == [vars(part) for part in item.contributions]
    assert run("readings", "--json").stdout_bytes == client.get("/api/readings").content
    table = run("readings", "--csv").stdout_bytes
    assert table == client.get("/api/readings?format=csv").content
    rows = list(csv.DictReader(io.StringIO(table.decode(), newline="")))
    frame = found.to_dataframe()
    assert [float(row["low"]) for row in rows] == list(frame["low"])
    assert [row["high_readings"] for row in rows] == list(frame["high_readings"])


@pytest.mark.parametrize("plan", ["point21-axios", "point21-cbs"])
def test_the_combination_named_gives_the_value_named(client: Any, plan: str) -> None:
    """Ask for the statistics of the combination; the figure is there to the last digit."""
    document = client.json(f"/api/readings?plan={plan}")
    for row in document["figures"]:
        if row["figure"] not in ("area_km2", "population_recorded") or row["of"] == "country":
            continue
        for side in ("low", "high"):
            query = asked(row[side]["readings"])
            table = client.json(f"/api/statistics?plan={plan}&{query}")["rows"]
            value = {line["category"]: line[row["figure"]] for line in table}
            assert value.get(row["of"], 0) == row[side]["value"], (row["of"], side)


def test_readings_that_are_given_are_held(client: Any) -> None:
    document = client.json("/api/readings?date=2026-01-01&reading=kinburn:retained_by_russia")
    assert document["fixed"] == {"kinburn": "retained_by_russia"}
    assert document["identity"]["readings"] == document["fixed"]
    assert document["combinations"] == 576 // 2 // 2 * 3
    held = next(item for item in document["readings"] if item["id"] == "kinburn")
    assert (held["chosen"], held["varied"]) == ("retained_by_russia", False)
    day = next(item for item in document["readings"] if item["id"] == "line_date")
    assert (day["chosen"], day["varied"]) == ("asked", True)
    assert document["days"] == {"plan_date": "2025-11-21", "latest": "2026-08-01"}


def test_the_command_explains_the_questions() -> None:
    shown = run("readings").stdout
    assert "luhansk_pocket: What becomes of the part of Luhansk oblast" in shown
    assert "The text is silent." in shown
    assert "* all: Russia leaves all" in shown
    assert "576 combinations" in shown
    held = run("readings", "--reading", "luhansk_pocket:ceded").stdout
    assert "Held: ceded." in held and "192 combinations" in held


def test_plans_list_their_readings(client: Any) -> None:
    detail = client.json("/api/plans/point21-cbs")
    schemas.PlanDetail.model_validate(detail, strict=False)
    assert [reading["id"] for reading in detail["readings"]] == READINGS
    counts = {plan["id"]: plan["readings"] for plan in client.json("/api/plans")["plans"]}
    assert counts == {
        "point21-axios": 8,
        "point21-cbs": 8,
        "borders-1991": 0,
        "freeze-everywhere": 0,
    }


# --- what is refused -----------------------------------------------------------------------------

ENDPOINTS = [
    "/api/layers",
    "/api/layers/frozen",
    "/api/statistics",
    "/api/locate?place=Kramatorsk",
    "/api/map",
    "/api/readings",
]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_unknown_readings_and_options_list_what_is_valid(client: Any, path: str) -> None:
    join = "&" if "?" in path else "?"
    answer = client.get(f"{path}{join}reading=luhansk:ceded&reading=kinburn:relinquish")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    schemas.Problem.model_validate(answer.json())
    reading, option = answer.json()["errors"]
    assert reading["valid"] == READINGS and reading["did_you_mean"] == "luhansk_pocket"
    assert option["valid"] == ["kinburn:relinquished", "kinburn:retained_by_russia"]
    assert option["did_you_mean"] == "kinburn:relinquished"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("reading=kinburn", "has no option ''"),
        ("reading=", "has no reading ''"),
        ("reading=self:x", "has no reading 'self'"),
        ("reading=kinburn:relinquished&reading=kinburn:relinquished", " twice"),
        ("reading=agreed_territories:UA-99", "no oblast has the ISO 3166-2 code 'UA-99'"),
        ("reading=agreed_territories:UA-14", "does not speak of 'UA-14'"),
        ("reading=agreed_territories:,", "has no option"),
        ("reading=line_date:latest&date=2025-11-21", "Expected one of the two"),
        ("reading=line_date:plan_date&date=2026-01-01", "Expected one of the two"),
        ("plan=borders-1991&reading=kinburn:relinquished", "has no readings"),
        ("&".join(["reading=a:b"] * 40), "at most 32"),
    ],
)
def test_choices_that_cannot_be_made(client: Any, query: str, message: str) -> None:
    answer = client.get(f"/api/layers?{query}")
    assert answer.status_code == 422, answer.text
    assert message in answer.json()["detail"]
    assert answer.json()["errors"][0]["parameter"] == "reading"


def test_the_command_line_says_the_same_and_exits_with_2() -> None:
    result = run("stats", "--reading", "kinburn:relinquish")
    assert result.exit_code == 2
    assert "Expected one of relinquished, retained_by_russia" in result.stderr
    assert run("readings", "--plan", "borders-1991", "--reading", "x:y").exit_code == 2


def test_validate_finds_a_reading_that_leaves_land_out(tmp_path: Any) -> None:
    source = (geo.data_directory() / "plans" / "point21-cbs.toml").read_text("utf-8")
    broken = source.replace('    { clause = "c", key = "left_open", value = ["UA-40"] },\n', "")
    broken = broken.replace(
        '    { clause = "c", key = "except_oblasts", value = ["UA-43", "UA-09", "UA-14", "UA-65",'
        ' "UA-23"] },\n',
        "",
    )
    assert broken != source
    target = tmp_path / "point21-cbs.toml"
    target.write_text(broken, "utf-8")
    result = run("validate", str(target), "--json")
    assert result.exit_code == 3
    (fault, *_) = json.loads(result.stdout)["files"][0]["faults"]
    assert "under sevastopol:separate no clause says" in fault["message"]


def test_scenarios_of_a_reading_are_kept_apart(catalogue: Catalogue) -> None:
    default = catalogue.select()
    retained = catalogue.select(readings={"luhansk_pocket": "retained"})
    assert retained.scenario is not default.scenario
    assert catalogue.select(readings={"luhansk_pocket": "recognised"}).scenario is default.scenario
    assert retained.scenario.gazetteer is default.scenario.gazetteer


@settings(deadline=None, max_examples=120)
@given(
    path=st.sampled_from(["/api/layers", "/api/statistics", "/api/readings", "/api/map"]),
    texts=st.lists(
        st.one_of(
            st.text(max_size=20),
            st.builds(
                "{}:{}".format,
                st.one_of(st.sampled_from(READINGS), st.text(max_size=6)),
                st.one_of(
                    st.sampled_from(["all", "none", "latest", "separate", "UA-63", "UA-63,UA-99"]),
                    st.text(alphabet="UA-,0149:", max_size=12),
                ),
            ),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_no_reading_breaks_the_server(client: Any, path: str, texts: list[str]) -> None:
    try:
        url = str(httpx.URL(path, params=[("reading", text) for text in texts]))
    except UnicodeEncodeError:  # lone surrogates cannot be sent
        return
    answer = client.get(url)
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["errors"]
        assert all(fault["parameter"] == "reading" for fault in answer.json()["errors"])


def test_ranges_of_another_source_name_it(client: Any) -> None:
    """The same lines from a file: the same figures under another name."""
    file = geo.data_directory() / "contact_line.geojson"
    result = run("readings", "--json", "--source", str(file), "--reading", "line_date:plan_date")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    own = client.json("/api/readings?reading=line_date:plan_date")
    assert document["identity"]["source"] == "file:contact_line.geojson"
    for row, expected in zip(document["figures"], own["figures"], strict=True):
        assert (row["figure"], row["of"]) == (expected["figure"], expected["of"])
        for key in ("low", "high"):
            assert row[key]["readings"] == expected[key]["readings"]
            assert row[key]["value"] == pytest.approx(expected[key]["value"], rel=1e-3)
