"""Comparison over HTTP and on the command line: one answer, three forms, clear refusals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue
from app.documents.compare import (
    Reference,
    compare_selections,
    describe_comparison,
    parse_reference,
)
from app.documents.geojson import write_json
from app.errors import InvalidRequestError
from app.schemas.compare import ComparedSettlements, Differences
from app.sources import SourceFile

PAIR = "a=point21-axios@2025-11-21&b=point21-cbs@2026-08-01"
CATEGORIES = [str(category) for category in geo.Category if category != "not_settled"]


@pytest.fixture(scope="module")
def comparison(catalogue: Catalogue) -> geo.Comparison:
    import datetime

    a = catalogue.select("point21-axios", datetime.date(2025, 11, 21)).scenario
    b = catalogue.select("point21-cbs", datetime.date(2026, 8, 1)).scenario
    return a.compare(b)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["compare", *arguments])


def test_the_answer_has_the_figures_of_the_python_api(
    client: Any, comparison: geo.Comparison
) -> None:
    answer = client.json(f"/api/compare?{PAIR}")
    ComparedSettlements.model_validate(answer)
    for by, kinds in (("category", CATEGORIES), ("held_by", ["ukraine", "russia"])):
        served = [[answer[by][row][column] for column in kinds] for row in kinds]
        assert served == comparison.matrix(by).tolist()
    assert answer["differs_km2"] == comparison.differs_km2
    assert answer["changed_hands_km2"] == comparison.changed_hands_km2
    assert answer["settlements"]["settlements"] == len(comparison.places)
    assert (answer["a"]["plan"], answer["b"]["date"]) == ("point21-axios", "2026-08-01")


def test_rows_and_columns_add_up_to_the_statistics(client: Any) -> None:
    answer = client.json(f"/api/compare?{PAIR}")
    for side, key in (("a", "a_km2"), ("b", "b_km2")):
        identity = answer[side]
        url = f"/api/statistics?plan={identity['plan']}&date={identity['date']}"
        areas = {row["category"]: row["area_km2"] for row in client.json(url)["rows"]}
        for row in answer["categories"]:
            assert row[key] == pytest.approx(areas[row["category"]], rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("by", ["category", "held_by", "recognised_as", "forces_allowed"])
def test_the_land_that_differs_measures_what_the_matrix_says(client: Any, by: str) -> None:
    collection = client.json(f"/api/compare?{PAIR}&format=geojson&by={by}")
    Differences.model_validate(collection)
    matrix = client.json(f"/api/compare?{PAIR}")[by]
    found: dict[tuple[str, str], float] = {}
    for feature in collection["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        (area,) = geo.area_km2(np.array([shape], dtype=object))
        assert area == pytest.approx(feature["properties"]["area_km2"], rel=1e-6, abs=1e-6)
        pair = (feature["properties"][f"{by}_a"], feature["properties"][f"{by}_b"])
        found[pair] = found.get(pair, 0.0) + feature["properties"]["area_km2"]
    for (before, after), area in found.items():
        assert area == pytest.approx(matrix[before][after], rel=1e-9, abs=1e-6)
    assert sum(found.values()) == pytest.approx(collection["area_km2"], rel=1e-9)


@pytest.mark.parametrize(
    "by", ["category", "held_by", "recognised_as", "forces_allowed", "oblast", "settlements"]
)
def test_csv_has_the_tables_and_says_what_is_compared(
    client: Any, comparison: geo.Comparison, by: str
) -> None:
    answer = client.get(f"/api/compare?{PAIR}&format=csv&by={by}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    table = comparison.table(by)
    assert len(rows) == len(table.rows)
    for read, made in zip(rows, table.rows, strict=True):
        assert (read["plan_a"], read["date_b"]) == ("point21-axios", "2026-08-01")
        for column in table.columns:
            value = made[column.name]
            assert read[column.name] == ("" if value is None else str(value))


def test_two_dates_of_one_plan_and_defaults(client: Any) -> None:
    answer = client.json("/api/compare?a=@2025-11-21&b=@2026-08-01")
    assert (answer["a"]["plan"], answer["b"]["plan"]) == ("point21-axios", "point21-axios")
    assert answer["changed_hands_km2"] > answer["differs_km2"] > 0
    same = client.json("/api/compare?a=point21-axios&b=point21-cbs")
    assert same["same_partition"] is True
    assert same["changed_hands_km2"] == 0.0
    nearest = client.json("/api/compare?a=@2025-11-25&b=point21-cbs&nearest=true")
    assert nearest["a"]["requested_date"] == "2025-11-25"


def test_readings_are_chosen_behind_a_tilde(client: Any) -> None:
    query = "a=point21-axios&b=point21-axios~luhansk_pocket:retained,sevastopol:separate"
    answer = client.json(f"/api/compare?{query}")
    assert answer["same_partition"] is True
    assert answer["b"]["readings"]["luhansk_pocket"] == "retained"
    chosen = "reading=luhansk_pocket:retained&reading=sevastopol:separate"
    rows = client.json(f"/api/statistics?{chosen}")["rows"]
    areas = {row["category"]: row["area_km2"] for row in rows}
    for row in answer["categories"]:
        assert row["b_km2"] == pytest.approx(areas.get(row["category"], 0.0), abs=1e-6)
    listed = client.json("/api/compare?a=@2025-11-21&b=~agreed_territories:UA-63,UA-59")
    assert listed["b"]["readings"]["agreed_territories"] == "UA-59,UA-63"


def test_two_texts_that_draw_alike_may_differ_in_recognition(client: Any) -> None:
    pair = "a=point21-axios@2025-11-21&b=point21-cbs@2025-11-21"
    answer = client.json(f"/api/compare?{pair}")
    assert answer["moved_km2"]["category"] == answer["differs_km2"] == 0
    assert answer["moved_km2"]["forces_allowed"] == 0
    row = answer["recognised_as"]["russia_international"]
    zone = next(item for item in answer["categories"] if item["category"] == "buffer_zone")
    assert sum(row.values()) == pytest.approx(zone["a_km2"], rel=1e-9)
    assert row["russia_international"] == 0
    collection = client.json(f"/api/compare?{pair}&format=geojson&by=recognised_as")
    moved = {
        (found["oblast"], found["recognised_as_a"], found["recognised_as_b"])
        for found in (feature["properties"] for feature in collection["features"])
    }
    along = "russia_de_facto_along_line"
    assert moved == {
        ("UA-14", "russia_international", "russia_de_facto"),
        ("UA-23", along, "not_stated"),
        ("UA-65", along, "not_stated"),
    }


def test_the_other_matrices_add_up_to_the_country(client: Any) -> None:
    answer = client.json(f"/api/compare?{PAIR}")
    whole = sum(row["a_km2"] for row in answer["categories"])
    for by in ("held_by", "recognised_as", "forces_allowed"):
        areas = {a: sum(row.values()) for a, row in answer[by].items()}
        assert sum(areas.values()) == pytest.approx(whole, rel=1e-9)
        moved = sum(v for a, row in answer[by].items() for b, v in row.items() if a != b)
        assert answer["moved_km2"][by] == pytest.approx(moved, rel=1e-9)


def test_land_that_a_reading_leaves_open_is_a_category_of_its_own(client: Any) -> None:
    answer = client.json("/api/compare?a=point21-axios&b=point21-axios~agreed_territories:none")
    moved = answer["category"]["relinquished"]["not_settled"]
    assert moved == pytest.approx(answer["differs_km2"])
    assert moved > 1000


def test_figures_and_land_of_a_pair_are_cut_once(catalogue: Catalogue) -> None:
    names = ("point21-axios@2025-11-21", "point21-cbs@2026-08-01")
    first, second = (compare_selections(catalogue.using, *names) for _ in range(2))
    assert first.comparison is second.comparison
    turned = compare_selections(catalogue.using, *reversed(names))
    assert turned.comparison is not first.comparison
    assert turned.comparison.matrix() == pytest.approx(first.comparison.matrix().T)


@pytest.fixture(scope="module")
def with_a_source(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    meridian = {"type": "LineString", "coordinates": [[36.0, 44.0], [36.0, 53.0]]}
    path = tmp_path_factory.mktemp("lines") / "line_20251121.geojson"
    properties = {"date": "2025-11-21"}
    feature = {"type": "Feature", "properties": properties, "geometry": meridian}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return Catalogue(sources={"mine": SourceFile(path)})


def test_sources_are_chosen_behind_a_tilde(with_a_source: Catalogue) -> None:
    names = ("point21-axios@2025-11-21", "point21-axios@2025-11-21~source:mine")
    found = compare_selections(with_a_source.using, *names)
    assert found.b.identity["source"] == "mine"
    assert found.comparison.changed_hands_km2 > 1000
    document = describe_comparison(found)
    ComparedSettlements.model_validate(json.loads(write_json(document)))
    assert document["held_by"]["ukraine"]["russia"] > 0


WRONG = [
    ("", 422, "'a' is missing"),
    ("a=point21-axios&b=~luhansk_pocket:given", 422, "luhansk_pocket"),
    ("a=point21-axios&b=~pocket:ceded", 422, "pocket"),
    ("a=point21-axios&b=~source:nobody", 404, "nobody"),
    ("a=point21-axios&b=~source:/etc/passwd", 404, "/etc/passwd"),
    ("a=point21-axios&b=~boundaries:none", 404, "none"),
    ("a=point21-axios", 422, "'b' is missing"),
    ("a=point21-axois&b=point21-cbs", 404, "Did you mean 'point21-axios'?"),
    ("a=@2025-11-22&b=point21-cbs", 404, "2025-11-21"),
    ("a=@tomorrow&b=@2025-02-30", 422, "'2025-02-30' is no day of the calendar"),
    ("a=@&b=@2025-11-21", 422, "YYYY-MM-DD"),
    ("a=x@y@z&b=@2025-11-21", 422, "expected PLAN@DATE"),
    ("a=~&b=@2025-11-21", 422, "NAME:VALUE"),
    ("a=~x&b=@2025-11-21", 422, "got 'x'"),
    ("a=~x:y,x:z&b=@2025-11-21", 422, "each choice once"),
    (f"{PAIR}&by=region", 422, "got 'region'"),
    (f"{PAIR}&format=xml", 422, "got 'xml'"),
    (f"{PAIR}&format=geojson&by=oblast", 422, "category, held_by"),
    (f"{PAIR}&plan=x", 422, "is unknown"),
    (f"{PAIR}&a=x", 422, "got it 2 times"),
]


@pytest.mark.parametrize(("query", "status", "words"), WRONG)
def test_wrong_requests(client: Any, query: str, status: int, words: str) -> None:
    answer = client.get(f"/api/compare?{query}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_faults_of_both_names_are_listed(client: Any) -> None:
    errors = client.get("/api/compare?a=@tomorrow&b=~x").json()["errors"]
    assert [fault["parameter"] for fault in errors] == ["a", "b"]


@given(
    st.sampled_from(["", "point21-axios"]),
    st.sampled_from(["", "2025-11-21"]),
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,8}", fullmatch=True),
        st.from_regex(r"[a-zA-Z0-9-]{1,6}(,[a-zA-Z0-9-]{1,6}){0,3}", fullmatch=True),
        max_size=3,
    ),
)
def test_what_is_written_is_read(plan: str, day: str, choices: dict[str, str]) -> None:
    text = plan + (f"@{day}" if day else "")
    if choices:
        text += "~" + ",".join(f"{name}:{value}" for name, value in choices.items())
    if not text:
        with pytest.raises(InvalidRequestError, match="expected PLAN@DATE"):
            parse_reference(text, parameter="a")
        return
    found = parse_reference(text, parameter="a")
    assert found.plan == (plan or None)
    assert str(found.day or "") == day
    assert found.choices == choices


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(parse_reference(text, parameter="a"), Reference)
    except InvalidRequestError as error:
        assert "expected PLAN@DATE" in str(error)


def test_a_reading_that_does_not_exist_is_refused_before_anything_is_divided(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def divide(*_: Any, **__: Any) -> None:
        raise AssertionError("something was divided")

    monkeypatch.setattr("app.datasets.catalogue.Catalogue.select", divide)
    answer = client.get("/api/compare?a=point21-cbs&b=point21-axios~agreed_territories:UA-99")
    assert answer.status_code == 422
    assert "'UA-99'" in answer.json()["detail"]


# --- command line ------------------------------------------------------------------------------

NAMES = ("point21-axios@2025-11-21", "point21-cbs@2026-08-01")


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        (["--json"], ""),
        (["--csv"], "&format=csv"),
        (["--csv", "--by", "oblast"], "&format=csv&by=oblast"),
        (["--csv", "--by", "settlements"], "&format=csv&by=settlements"),
    ],
    ids=str,
)
def test_machine_output_is_the_answer_of_the_server(
    client: Any, arguments: list[str], query: str
) -> None:
    result = run(*NAMES, *arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout_bytes == client.get(f"/api/compare?{PAIR}{query}").content


def test_a_file_takes_the_land_that_differs(client: Any, tmp_path: Path) -> None:
    target = tmp_path / "differs.geojson"
    result = run(*NAMES, "--by", "held_by", "-o", str(target))
    assert (result.exit_code, result.output) == (0, "")
    served = client.get(f"/api/compare?{PAIR}&format=geojson&by=held_by").content
    assert target.read_bytes() == served
    assert len(json.loads(served)["features"]) > 5


def test_tables_for_people() -> None:
    shown = run(*NAMES).stdout
    assert "line of 2026-08-01" in shown
    assert "de_facto_recognized" in shown
    assert "settlements that differ" in shown
    assert "Donetsk Oblast" in run(*NAMES, "--by", "oblast").stdout
    assert "Myrnohrad" in run(*NAMES, "--by", "settlements").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["@2025-11-21"], "B"),
        (["nothing", "point21-cbs"], "There is no plan 'nothing'"),
        (["@soon", "@later"], "'soon' is no day"),
        ([*NAMES, "--by", "region"], "Known are category"),
        ([*NAMES, "--json", "--csv"], "one of --json and --csv"),
        ([*NAMES, "-o", "x.png"], ".geojson"),
        ([*NAMES, "--by", "oblast", "-o", "x.geojson"], "--by category, held_by, recognised_as"),
    ],
    ids=str,
)
def test_refusals(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert words in " ".join(result.stderr.replace("│", " ").split())
