"""What-ifs: right for what is right, and a clear 4xx for everything else."""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thorough import at_most
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue
from app.main import Service, create_app
from app.schemas.what_if import WhatIfAnswer
from app.settings import Settings

URL = "/api/what-if"
MERIDIAN = {"type": "LineString", "coordinates": [[36.0, 44.0], [36.0, 53.0]]}
AREA = {"type": "Polygon", "coordinates": [[[36, 46], [41, 46], [41, 50], [36, 50], [36, 46]]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


# --- what is right -----------------------------------------------------------------------------


def test_the_shipped_line_and_plan_give_the_shipped_figures(client: Any) -> None:
    line = client.json("/api/contact-line?date=2025-11-21")
    answer = client.post(URL, {"plan": "point21-axios", "line": line, "date": "2025-11-21"})
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    result = answer.json()
    WhatIfAnswer.model_validate(result)
    for by in geo.By:
        assert result["statistics"][by] == client.json(f"/api/statistics?by={by}")["rows"]
    assert result["difference"]["differs_km2"] == 0.0
    assert result["difference"]["settlements"]["places"] == []
    assert result["differs"]["features"] == []
    assert result["identity"]["source"] == "what-if"
    served = {
        item["id"]: item["geometry"]
        for name in ("de_facto_recognized", "frozen", "buffer_zone", "relinquished", "retained")
        for item in client.json(f"/api/layers/{name}")["features"]
    }
    assert {item["id"]: item["geometry"] for item in result["layers"]["features"]} == served


@pytest.mark.parametrize("wrap", ["geometry", "feature", "collection", "multi", "geometries"])
def test_a_line_in_any_form(client: Any, wrap: str) -> None:
    forms = {
        "geometry": MERIDIAN,
        "feature": feature(MERIDIAN, name="mine"),
        "collection": {"type": "FeatureCollection", "features": [feature(MERIDIAN)]},
        "multi": {"type": "MultiLineString", "coordinates": [MERIDIAN["coordinates"]]},
        "geometries": {"type": "GeometryCollection", "geometries": [MERIDIAN]},
    }
    answer = client.post(URL, {"line": forms[wrap], "geometry": "none"})
    assert answer.status_code == 200, answer.text[:500]
    result = answer.json()
    WhatIfAnswer.model_validate(result)
    assert "layers" not in result
    country = result["statistics"]["country"][0]
    held = country["ukraine_held_km2"] + country["russia_held_km2"]
    assert held == pytest.approx(country["area_km2"], rel=1e-9)
    rows = {row["oblast"]: row for row in result["statistics"]["oblast"]}
    assert rows["UA-09"]["russia_held_share"] == pytest.approx(1.0)
    assert rows["UA-46"]["russia_held_share"] == 0.0


def test_the_length_of_the_line_is_that_of_the_statistics(client: Any) -> None:
    """Inside the country and each stretch once; what was drawn has a name of its own."""
    forth = MERIDIAN["coordinates"]
    results = [
        client.post(URL, {"line": {**MERIDIAN, "coordinates": drawn}, "geometry": "none"}).json()
        for drawn in (forth, [*forth, *forth[-2::-1]])
    ]
    country = [result["statistics"]["country"][0]["contact_line_km"] for result in results]
    assert [result["line"]["length_km"] for result in results] == country
    assert country[0] == pytest.approx(country[1], rel=1e-9)
    drawn_km = [result["line"]["drawn_length_km"] for result in results]
    assert drawn_km[1] == pytest.approx(2 * drawn_km[0], rel=1e-9)
    assert drawn_km[0] > country[0]


def test_an_area_of_control_is_turned_into_a_line(client: Any) -> None:
    answer = client.post(URL, {"line": AREA, "geometry": "display"})
    assert answer.status_code == 200, answer.text[:500]
    result = answer.json()
    donetsk = next(row for row in result["statistics"]["oblast"] if row["oblast"] == "UA-14")
    inside = shapely.intersection(
        shapely.geometry.shape(AREA),
        geo.load_boundaries().geometry[geo.load_boundaries().index("UA-14")],
    )
    share = geo.area_km2(np.array([inside]))[0] / donetsk["area_km2"]
    assert donetsk["russia_held_share"] == pytest.approx(share, abs=0.01)
    assert len(result["layers"]["features"]) > 27


@pytest.mark.parametrize("form", ["toml", "json", "served"])
def test_a_whole_plan_of_ones_own(client: Any, repository: Path, form: str) -> None:
    text = (repository / "data" / "plans" / "point21-cbs.toml").read_text("utf-8")
    import tomllib

    plan: Any = {
        "toml": text,
        "json": json.loads(json.dumps(tomllib.loads(text), default=str)),
        "served": client.json("/api/plans/point21-cbs"),
    }[form]
    answer = client.post(URL, {"plan": plan, "date": "2025-11-21", "geometry": "none"})
    assert answer.status_code == 200, answer.text[:500]
    rows = client.json("/api/statistics?plan=point21-cbs&date=2025-11-21")["rows"]
    assert answer.json()["statistics"]["category"] == rows


def test_a_shift_is_that_of_the_python_api(client: Any, catalogue: Catalogue) -> None:
    partition = catalogue.select().scenario.partition
    for shift in (
        {"km": 5, "into": "ukraine"},
        {"km": 3.5, "into": "russia", "within": [37.0, 47.8, 38.5, 49.0]},
        {"km": 2, "into": "ukraine", "between": [[37.1, 48.3], [37.9, 48.6]]},
        {"km": 0, "into": "ukraine"},
    ):
        answer = client.post(URL, {"shift": shift, "geometry": "none"})
        assert answer.status_code == 200, answer.text[:500]
        result = answer.json()
        options = {name: tuple(map(_frozen, value)) for name, value in shift.items()
                   if name in ("within", "between")}  # fmt: skip
        moved = geo.shift_line(partition, shift["km"], into=geo.Control(shift["into"]), **options)
        assert result["shift"]["moved_km2"] == moved.moved_km2
        assert result["shift"]["km2_per_km"] == moved.km2_per_km
        changed = result["difference"]["changed_hands_km2"]
        assert changed == pytest.approx(moved.moved_km2, rel=1e-6, abs=1e-6)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def test_the_reference_can_be_chosen(client: Any) -> None:
    body = {"reference": "freeze-everywhere@2026-08-01", "geometry": "none"}
    result = client.post(URL, body).json()
    assert result["reference"]["plan"] == "freeze-everywhere"
    assert result["reference"]["date"] == "2026-08-01"
    same = client.json("/api/compare?a=freeze-everywhere@2026-08-01&b=point21-axios@2025-11-21")
    assert result["difference"]["category"] == same["category"]


def test_readings_are_chosen_as_everywhere(client: Any) -> None:
    readings = {"agreed_territories": "none"}
    line = client.json("/api/contact-line?date=2025-11-21")
    body = {"plan": "point21-axios", "line": line, "date": "2025-11-21", "readings": readings}
    answer = client.post(URL, {**body, "geometry": "none"})
    assert answer.status_code == 200, answer.text[:500]
    result = answer.json()
    assert result["identity"]["readings"] == readings
    assert result["reference"]["readings"] == readings
    rows = client.json("/api/statistics?reading=agreed_territories:none")["rows"]
    assert result["statistics"]["category"] == rows
    assert rows != client.json("/api/statistics")["rows"]
    assert result["difference"]["differs_km2"] == 0.0


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ({"luhansk_pokcet": "ceded"}, "luhansk_pocket"),
        ({"luhansk_pocket": "sold"}, "retained"),
        (["luhansk_pocket:ceded"], "expected an object of texts"),
        ({"luhansk_pocket": 1}, "expected an object of texts"),
    ],
)
def test_readings_that_are_none_are_refused(client: Any, readings: Any, words: str) -> None:
    answer = client.post(URL, {"readings": readings})
    assert answer.status_code == 422
    assert words in answer.text


def test_a_line_that_stops_short_is_told_to_programs_too(client: Any) -> None:
    short = {"type": "LineString", "coordinates": [[36, 48], [36.1, 49]]}
    (fault,) = client.post(URL, {"line": short}).json()["errors"]
    assert fault["kind"] == "does_not_separate"
    assert f"{fault['gap_km']:.2f} km short" in fault["message"]
    assert (fault["lon"], fault["lat"]) == (36.0, 48.0)
    ring = [[35.0, 49.0], [35.5, 49.0], [35.5, 49.5], [35.0, 49.5], [35.0, 49.0]]
    crossed = {"type": "MultiLineString", "coordinates": [ring, [[35.0, 49.25], [35.5, 49.25]]]}
    answer = client.post(URL, {"line": crossed})
    (fault,) = answer.json()["errors"]
    assert fault["kind"] == "contradictory_sides"
    assert "gap_km" not in fault
    assert not answer.json()["detail"].endswith("..")


def test_the_worker_knows_the_sources_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "line_20251121.geojson"
    dated = feature(MERIDIAN, date="2025-11-21")
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [dated]}), "utf-8")
    app = create_app(Settings(warm_up=False, sources={"mine": str(path)}))
    try:
        answer = ask(app, json.dumps({"source": "mine", "geometry": "none"}).encode())
        assert answer.status_code == 200, answer.text[:500]
        assert answer.json()["identity"]["source"] == "mine"
        drawn = {"line": MERIDIAN, "reference": "~source:mine", "geometry": "none"}
        compared = ask(app, json.dumps(drawn).encode()).json()
        assert compared["difference"]["changed_hands_km2"] < 1e-6
    finally:
        app.state.what_if_pool.close()


def test_nothing_is_kept(client: Any) -> None:
    before = client.json("/api/statistics")
    client.post(URL, {"line": MERIDIAN, "geometry": "none"})
    assert client.json("/api/statistics") == before
    one, two = (client.post(URL, {"line": MERIDIAN}).content for _ in range(2))
    assert one == two


# --- what is wrong: by hand --------------------------------------------------------------------


def line(*positions: Any) -> dict[str, Any]:
    return {"line": {"type": "LineString", "coordinates": list(positions)}}


def area(*rings: Any) -> dict[str, Any]:
    return {"line": {"type": "Polygon", "coordinates": list(rings)}}


BOW_TIE = [[36, 46], [38, 48], [38, 46], [36, 48], [36, 46]]
DEEP: Any = MERIDIAN
for _ in range(40):
    DEEP = {"type": "GeometryCollection", "geometries": [DEEP]}

WRONG: list[tuple[str, Any, int, str]] = [
    ("not JSON", b"line: 3", 400, "JSON"),
    ("empty", b"", 400, "JSON"),
    ("truncated", json.dumps(line([36, 44], [36, 53])).encode()[:-7], 400, "JSON"),
    ("NaN", b'{"line":{"type":"LineString","coordinates":[[NaN,44],[36,53]]}}', 400, "NaN"),
    ("Infinity", b'{"line":{"type":"LineString","coordinates":[[Infinity,44]]}}', 400, "JSON"),
    ("not UTF-8", b'{"plan":"\xff\xfe"}', 400, "JSON"),
    ("deep JSON", b"[" * 100_000, 400, "depth"),
    ("a list", b"[]", 400, "JSON object"),
    ("a number", b"3", 400, "JSON object"),
    ("null", b"null", 400, "JSON object"),
    ("twice huge", b'{"plan":"' + b"x" * 5_000_000 + b'"}', 413, "bytes"),
    ("deep GeoJSON", {"line": DEEP}, 413, "levels of nesting"),
    ("many positions", line(*[[36, 44]] * 60_000), 413, "positions"),
    ("many features",
     {"line": {"type": "FeatureCollection", "features": [feature(MERIDIAN)] * 3000}},
     413, "features"),
    ("unknown member", {"lines": MERIDIAN}, 422, "did you mean 'line'"),
    ("plan a number", {"plan": 3}, 422, "plan: expected the id"),
    ("plan a list", {"plan": ["point21-axios"]}, 422, "plan: expected the id"),
    ("plan empty", {"plan": " "}, 422, "plan: expected the id"),
    ("unknown plan", {"plan": "point21-axois"}, 404, "Did you mean 'point21-axios'?"),
    ("plan no TOML", {"plan": "id = = 3"}, 422, "TOML"),
    ("plan deep TOML", {"plan": "x = " + "[" * 50_000}, 422, "plan"),
    ("plan {}", {"plan": {}}, 422, "plan.schema_version: this key is missing"),
    ("plan typo", {"plan": 'titel = "x"\nid = "y"'}, 422, "did you mean 'title'"),
    ("line a text", {"line": "LINESTRING (36 44, 36 53)"}, 422, "expected a GeoJSON object"),
    ("line a list", {"line": [[36, 44], [36, 53]]}, 422, "expected a GeoJSON object"),
    ("line {}", {"line": {}}, 422, "geometry of type"),
    ("a point", {"line": {"type": "Point", "coordinates": [36, 50]}}, 422, "it holds 1 point"),
    ("unknown type", {"line": {"type": "Line", "coordinates": []}}, 422, "its type is 'Line'"),
    ("type a list", {"line": {"type": [], "coordinates": []}}, 422, "its type is a list"),
    ("no coordinates", {"line": {"type": "LineString"}}, 422, "expected coordinates"),
    ("empty line", line(), 422, "holds no geometry"),
    ("one position", line([36, 50]), 422, "two different positions"),
    ("the same position", line([36, 50], [36, 50]), 422, "two different positions"),
    ("a text for a number", line(["36", 50], [36, 53]), 422, "got ['36', 50]. Write numbers"),
    ("true for a number", line([True, 50], [36, 53]), 422, "got [True, 50]"),
    ("null for a number", line([None, 50], [36, 53]), 422, "got [null, 50]"),
    ("one number", line([36], [36, 53]), 422, "two numbers"),
    ("numbers only", line(36, 44, 36, 53), 422, "two numbers"),
    ("nested too deeply", line([[36, 44]], [[36, 53]]), 422, "two numbers"),
    ("a huge number", line([1e308, 50], [36, 53]), 422, "got (1e+308, 50)"),
    ("projected", line([4000000.0, 6000000.0], [4100000.0, 6100000.0]), 422, "looks like metres"),
    ("beyond", line([36, 44], [36, 95]), 422, "Longitude comes first"),
    ("swapped axes", line([44, 36], [53, 36]), 422, "axes are swapped"),
    ("elsewhere", line([-100, 30], [-90, 40]), 422, "no position lies in the country"),
    ("hanging", line([36, 48], [36.1, 49]), 422, "stops"),
    ("both kinds", {"line": {"type": "GeometryCollection", "geometries": [MERIDIAN, AREA]}},
     422, "lines or polygons, not both"),
    ("no features", {"line": {"type": "FeatureCollection", "features": []}}, 422, "no geometry"),
    ("features an object", {"line": {"type": "FeatureCollection", "features": {}}}, 422, "a list"),
    ("feature null", {"line": {"type": "FeatureCollection", "features": [None]}}, 422, "got null"),
    ("no geometry", {"line": feature(None)}, 422, "holds no geometry"),
    ("crs", {"line": {**MERIDIAN, "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}},
     422, "look like degrees"),
    ("crs a text", {"line": {**MERIDIAN, "crs": "EPSG:4326"}}, 422, "crs"),
    ("bow tie", area(BOW_TIE), 422, "self-intersection"),
    ("open ring", area([[36, 46], [38, 48], [38, 46], [36, 48]]), 422, "self-intersection"),
    ("short ring", area([[36, 46], [38, 48], [36, 46]]), 422, "three different positions"),
    ("empty polygon", area(), 422, "holds no geometry"),
    ("hole outside", area(AREA["coordinates"][0], [[30, 46], [31, 46], [31, 47], [30, 46]]),
     422, "not valid"),
    ("date a number", {"date": 20251121}, 422, "expected a text"),
    ("no date", {"date": "tomorrow"}, 422, "YYYY-MM-DD"),
    ("no such day", {"date": "2025-02-30"}, 422, "YYYY-MM-DD"),
    ("before any line", {"date": "1990-01-01"}, 404, "no contact line"),
    ("reference", {"reference": "@@"}, 422, "PLAN@DATE"),
    ("reference a number", {"reference": 3}, 422, "expected a text"),
    ("unknown reference", {"reference": "nothing"}, 404, "There is no plan 'nothing'"),
    ("unknown source", {"source": "nobody"}, 404, "nobody"),
    ("source a path", {"source": "/etc/passwd"}, 404, "/etc/passwd"),
    ("unknown boundaries", {"boundaries": "none"}, 404, "none"),
    ("reading", {"reference": "~luhansk_pocket:given"}, 422, "luhansk_pocket"),
    ("geometry", {"geometry": "some"}, 422, "full, display, none"),
    ("shift a number", {"shift": 5}, 422, "km and into"),
    ("shift {}", {"shift": {}}, 422, "shift.km"),
    ("shift without side", {"shift": {"km": 5}}, 422, "ukraine, russia"),
    ("shift typo", {"shift": {"km": 5, "into": "ukraine", "witin": []}}, 422, "'within'"),
    ("shift back", {"shift": {"km": -5, "into": "ukraine"}}, 422, "from 0 to 200"),
    ("shift far", {"shift": {"km": 1000, "into": "ukraine"}}, 422, "from 0 to 200"),
    ("shift over Kyiv", {"shift": {"km": 10, "into": "ukraine"}, **line([30.6, 44], [30.6, 53])},
     422, "pass over Kyiv"),
    ("shift nowhere", {"shift": {"km": 5, "into": "ukraine", "within": [22, 48, 23, 49]}},
     422, "no part of the line"),
    ("shift a box of three", {"shift": {"km": 5, "into": "ukraine", "within": [22, 48, 23]}},
     422, "4 numbers"),
    ("shift one end", {"shift": {"km": 5, "into": "ukraine", "between": [[37, 48]]}},
     422, "two positions"),
    ("shift ends of texts", {"shift": {"km": 5, "into": "ukraine", "between": ["a", "b"]}},
     422, "2 numbers"),
]  # fmt: skip


def check_problem(answer: httpx.Response) -> dict[str, Any]:
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert len(problem["detail"]) > 15
    return problem


@pytest.mark.parametrize(("body", "status", "words"), [case[1:] for case in WRONG],
                         ids=[case[0] for case in WRONG])  # fmt: skip
def test_wrong_requests(client: Any, body: Any, status: int, words: str) -> None:
    answer = client.post(URL, body)
    assert answer.status_code == status, answer.text[:500]
    problem = check_problem(answer)
    assert words in answer.text.replace("\\u", "")
    assert client.json(problem["type"])["status"] == status


def test_every_fault_is_listed_with_its_feature_and_place(client: Any) -> None:
    tie = {"type": "Polygon", "coordinates": [BOW_TIE]}
    short = {"type": "Polygon", "coordinates": [[[30, 50], [31, 50], [30, 50]]]}
    features = [feature(AREA, name="fine"), feature(tie, name="tie"), feature(short)]
    body = {"line": {"type": "FeatureCollection", "features": features}}
    errors = client.post(URL, body).json()["errors"]
    assert [error["feature"] for error in errors] == ["feature 3 of 3", "feature 2 of 3 (tie)"]
    assert (errors[0]["lon"], errors[0]["lat"]) == (30, 50)
    assert (errors[1]["lon"], errors[1]["lat"]) == (37, 47)
    (hanging,) = client.post(URL, line([36, 48], [36.1, 49])).json()["errors"]
    assert (hanging["member"], hanging["lon"], hanging["lat"]) == ("line", 36, 48)
    many = client.post(URL, {"plan": {}, "date": "x", "shift": 3, "lines": 1}).json()["errors"]
    assert [error["member"] for error in many] == ["lines", "date", "shift"]


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "text/plain",
        "application/geo+json",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ],
)
def test_other_media_types_are_refused(client: Any, kind: str) -> None:
    answer = client.post(URL, {"line": MERIDIAN}, content_type=kind)
    assert answer.status_code == 415
    assert check_problem(answer)["valid"] == ["application/json"]
    charset = client.post(URL, {"geometry": "none"}, content_type="application/json; charset=utf-8")
    assert charset.status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "x" * 1000])
def test_compressed_bodies_are_refused(client: Any, coding: str) -> None:
    answer = client.post(URL, gzip.compress(b'{"geometry": "none"}'), content_encoding=coding)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    problem = check_problem(answer)
    assert "uncompressed" in problem["detail"] and len(problem["detail"]) < 300
    plain = client.post(URL, {"geometry": "none"}, content_encoding="Identity")
    assert plain.status_code == 200


def test_long_names_are_not_repeated(client: Any) -> None:
    """Whatever a body names that does not exist: the answer does not give it back."""
    long = "z" * 100_000
    toml = (
        f'schema_version = 1\nid = "{long}"\n[[clause]]\nid = "{long}"\nkind = "{long}"\n{long} = 1'
    )
    bodies = [{member: long} for member in ("plan", "part", "date", "source", "reference")]
    bodies += [{"boundaries": long}, {"geometry": long}, {"line": {"type": long}}, {long: 1}]
    bodies += [{"shift": {"km": 1, "into": long}}, {"shift": {long: 1}}, {"readings": {long: long}}]
    bodies += [{"plan": {"id": long, "clause": [{"id": long, "kind": long, long: long}]}}]
    bodies += [{"plan": toml}, {"line": {"type": "Feature", "properties": {long: long}}}]
    for body in bodies:
        answer = client.post(URL, body)
        assert 400 <= answer.status_code < 500
        assert len(answer.content) < 5_000, body.keys()


@pytest.mark.parametrize(
    "body",
    [
        {f"member{number}": 1 for number in range(20_000)},
        {"shift": {"km": 1, "into": "ukraine", **{f"m{number}": 1 for number in range(20_000)}}},
        {"readings": {f"reading{number}": "x" for number in range(20_000)}},
        {"plan": {f"key{number}": 1 for number in range(20_000)}},
        {"plan": {"id": "a", "clause": [{"id": "a", "kind": "recognise"}] * 10_000}},
        {"plan": {"id": "a", "reading": [{"id": "a"}] * 10_000}},
        {"plan": "".join(f"key{number} = 1\n" for number in range(20_000))},
    ],
    ids=["members", "shift", "readings", "keys", "clauses", "plan's readings", "keys in TOML"],
)
def test_many_names_are_refused_without_naming_them_all(client: Any, body: dict[str, Any]) -> None:
    answer = client.post(URL, body)
    assert answer.status_code == 422
    assert len(check_problem(answer)["errors"]) <= 12
    assert len(answer.content) < 5_000


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_it_is_asked_with_post(client: Any, method: str) -> None:
    answer = client.request(method, URL)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_parameters_in_the_address_are_refused(client: Any) -> None:
    answer = client.post(f"{URL}?plan=point21-axios", {})
    assert answer.status_code == 422
    assert "is unknown" in check_problem(answer)["detail"]


# --- what is wrong: a thousand times -----------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip
GOOD: dict[str, Any] = {
    "plan": "point21-axios",
    "line": {"type": "FeatureCollection", "features": [feature(MERIDIAN), feature(MERIDIAN)]},
    "date": "2025-11-21",
    "shift": {"km": 1, "into": "russia", "within": [35.0, 44.0, 37.0, 53.0]},
    "reference": "point21-cbs",
    "geometry": "none",
}


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if not isinstance(value, dict | list):
        return []
    inner = [((*path, key), item) for key, item in items]
    return [place for place, _ in inner] + [
        deeper for place, item in inner if isinstance(item, dict | list)
        for deeper in places_in(item, place)
    ]  # fmt: skip


PLACES = places_in(GOOD)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A good request with up to three values replaced, or its bytes cut or scrambled."""
    document = copy.deepcopy(GOOD)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        holder: Any = document
        try:
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = draw(JSON)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier replacement took it away
    body = json.dumps(document).encode()
    how = draw(st.sampled_from(["whole", "whole", "whole", "cut", "scrambled"]))
    if how == "cut":
        return body[: draw(st.integers(0, len(body) - 1))]
    if how == "scrambled":
        at = draw(st.integers(0, len(body) - 1))
        return body[:at] + draw(st.binary(min_size=1, max_size=4)) + body[at + 1 :]
    return body


def check_answered(answer: httpx.Response) -> None:
    """Either it was right after all, or it is a problem that says something."""
    if answer.status_code == 200:
        WhatIfAnswer.model_validate(answer.json())
    else:
        check_problem(answer)


@settings(
    max_examples=at_most(70, searched=200),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(spoilt())
def test_spoilt_requests_never_break_the_server(client: Any, body: bytes) -> None:
    check_answered(client.post(URL, body))


NUMBERS = st.one_of(
    st.floats(22, 40), st.floats(44, 53), st.floats(-200, 200), st.floats(-1e7, 1e7),
    st.integers(-400, 400), st.sampled_from([0.0, -0.0, 36.0, 180.0, 1e300, 5e-324]),
)  # fmt: skip
POSITIONS = st.lists(NUMBERS, min_size=2, max_size=3)
UKRAINIAN = st.tuples(st.floats(22, 40.5), st.floats(44, 52.5)).map(list)


@st.composite
def drawings(draw: st.DrawFn) -> dict[str, Any]:
    """GeoJSON of the right form and any content: crossing lines, slivers, points elsewhere."""
    positions = draw(st.sampled_from([POSITIONS, UKRAINIAN, UKRAINIAN]))
    path = draw(st.lists(positions, max_size=8))
    if draw(st.booleans()) and path:
        path.append(path[0])
    kind = draw(st.sampled_from(["LineString", "MultiLineString", "Polygon", "MultiPolygon"]))
    depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}[kind]
    coordinates: Any = path
    for _ in range(depth):
        coordinates = [coordinates]
    geometry = {"type": kind, "coordinates": coordinates}
    body: dict[str, Any] = {"line": feature(geometry, name="drawn"), "geometry": "none"}
    if draw(st.booleans()):
        into = draw(st.sampled_from(["ukraine", "russia"]))
        body["shift"] = {"km": draw(st.floats(0, 60)), "into": into}
    return body


@settings(
    max_examples=at_most(40, searched=120),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(drawings())
def test_drawings_are_used_or_refused(client: Any, body: dict[str, Any]) -> None:
    answer = client.post(URL, body)
    check_answered(answer)
    if answer.status_code == 422:
        assert answer.json()["errors"]


# --- bounds ------------------------------------------------------------------------------------


def ask(app: Service, content: Any, **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post(
                URL, content=content, headers={"content-type": "application/json", **headers}
            )

    return asyncio.run(send())


def combs(teeth: int) -> bytes:
    """Two combs across each other: few positions, their square of crossings."""
    upright = [[30 + 8 * n / teeth, 52.9 if n % 4 in (1, 2) else 44.1] for n in range(teeth)]
    level = [[39.9 if n % 4 in (1, 2) else 22.1, 45 + 6 * n / teeth] for n in range(teeth)]
    return json.dumps({"line": {"type": "MultiLineString", "coordinates": [upright, level]},
                       "geometry": "none"}).encode()  # fmt: skip


@pytest.fixture(scope="module")
def hasty(catalogue: Catalogue) -> Any:
    quick = Settings(warm_up=False, what_if_seconds=6.0, what_if_bytes=1_500_000)
    app = create_app(quick, catalogue=catalogue)
    yield app
    app.state.what_if_pool.close()


def test_what_takes_too_long_is_ended_and_the_next_one_is_answered(hasty: Service) -> None:
    answer = ask(hasty, combs(20_000))
    assert answer.status_code == 413, answer.text[:500]
    assert check_problem(answer)["limit"] in ("seconds", "memory")
    # The next process reads a request and refuses it: that takes no time on any machine.
    again = ask(hasty, json.dumps({"line": {"type": "Point", "coordinates": [36, 50]}}).encode())
    assert again.status_code == 422, again.text
    assert "it holds 1 point" in again.text


def test_the_server_answers_others_meanwhile(hasty: Service) -> None:
    async def both() -> httpx.Response:
        transport = httpx.ASGITransport(app=hasty, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"content-type": "application/json"}
            assert (await client.get("/healthz")).status_code == 200  # loads the data
            slow = asyncio.create_task(client.post(URL, content=combs(20_000), headers=headers))
            await asyncio.sleep(0.2)
            assert (await client.get("/healthz")).status_code == 200
            assert not slow.done()
            return await slow

    assert asyncio.run(both()).status_code == 413


def test_a_crowd_is_answered_or_told_to_wait(hasty: Service) -> None:
    async def crowd() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=hasty, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"content-type": "application/json"}
            asked = [client.post(URL, content=combs(20_000), headers=headers) for _ in range(4)]
            return list(await asyncio.gather(*asked))

    answers = asyncio.run(crowd())
    assert {answer.status_code for answer in answers} == {413, 429}
    for answer in answers:
        check_problem(answer)
        if answer.status_code == 429:
            assert answer.headers["retry-after"] == "5"


def test_closing_ends_what_is_going_on(catalogue: Catalogue) -> None:
    app = create_app(Settings(warm_up=False, what_if_seconds=300.0), catalogue=catalogue)

    async def close_meanwhile() -> tuple[float, httpx.Response]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"content-type": "application/json"}
            assert (await client.post(URL, content=b"{}", headers=headers)).status_code == 200
            slow = asyncio.create_task(client.post(URL, content=combs(20_000), headers=headers))
            await asyncio.sleep(1.0)
            assert not slow.done()
            begun = time.monotonic()
            app.state.what_if_pool.close()
            answer = await slow
            return time.monotonic() - begun, answer

    waited, answer = asyncio.run(close_meanwhile())
    assert waited < 120
    assert answer.status_code == 413


def test_a_body_without_length_is_cut_off(hasty: Service) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 100_000
            yield b" " * 100_000

    answer = ask(hasty, endless())
    assert answer.status_code == 413
    assert check_problem(answer)["limit"] == "bytes"
    assert ask(hasty, b"{}", **{"content-length": "99999999999999999999999"}).status_code == 413


def test_a_body_that_never_arrives_is_given_up(hasty: Service) -> None:
    async def stalled() -> int:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": URL, "raw_path": URL.encode(), "query_string": b"",
            "root_path": "", "headers": [(b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
        }  # fmt: skip
        await asyncio.wait_for(hasty(scope, receive, send), 120)
        return int(next(m["status"] for m in sent if m["type"] == "http.response.start"))

    assert asyncio.run(stalled()) == 408


# --- command line ------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["what-if", *arguments])


def write(path: Path, document: Any) -> str:
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(path)


def test_machine_output_is_the_answer_of_the_server(
    client: Any, repository: Path, tmp_path: Path
) -> None:
    drawn = write(tmp_path / "mine.geojson", feature(MERIDIAN))
    result = run("--line", drawn, "--plan", "point21-cbs", "--date", "2025-11-21", "--json")
    assert result.exit_code == 0, result.output
    body = {"line": feature(MERIDIAN), "plan": "point21-cbs", "date": "2025-11-21"}
    assert result.stdout_bytes == client.post(URL, body).content
    plan = repository / "data" / "plans" / "point21-cbs.toml"
    moved = run("--plan", str(plan), "--shift", "3", "--into", "russia", "--json")
    asked = {"plan": plan.read_text("utf-8"), "shift": {"km": 3, "into": "russia"}}
    assert moved.stdout_bytes == client.post(URL, asked).content


def test_another_format_gives_the_same_figures(tmp_path: Path) -> None:
    import geopandas

    drawn = write(tmp_path / "mine.geojson", MERIDIAN)
    target = tmp_path / "mine.gpkg"
    frame = geopandas.GeoDataFrame(geometry=[shapely.geometry.shape(MERIDIAN)], crs="OGC:CRS84")
    frame.to_file(target)
    one, other = (run("--line", str(path), "--json") for path in (drawn, target))
    assert other.exit_code == 0, other.output
    assert json.loads(one.stdout)["statistics"] == json.loads(other.stdout)["statistics"]


def test_a_folder_holds_everything(tmp_path: Path) -> None:
    drawn = write(tmp_path / "mine.geojson", MERIDIAN)
    folder = tmp_path / "result"
    result = run("--line", drawn, "-o", str(folder))
    assert result.exit_code == 0, result.output
    names = {path.name for path in folder.iterdir()}
    assert {"what-if.json", "layers.geojson", "differs.geojson", "contact_line.geojson",
            "changed_hands.geojson", "statistics_oblast-category.csv",
            "difference_settlements.csv"} <= names  # fmt: skip
    answer = json.loads((folder / "what-if.json").read_text("utf-8"))
    assert json.loads((folder / "layers.geojson").read_text("utf-8")) == answer["layers"]


def test_a_table_for_people() -> None:
    shown = run("--shift", "5", "--into", "ukraine", "--within", "37", "47.8", "38.5", "49")
    assert shown.exit_code == 0, shown.output
    for words in ("buffer_zone", "moved 5 km into land held by ukraine", "km2 per km"):
        assert words in " ".join(shown.stdout.split())


def test_refusals(tmp_path: Path) -> None:
    hanging = write(tmp_path / "hanging.geojson", line([36, 48], [36.1, 49])["line"])
    broken = write(tmp_path / "broken.geojson", "{")
    listed = write(tmp_path / "list.geojson", [])
    no_plan = write(tmp_path / "plan.toml", "id = = 3")
    for arguments, code, words in (
        (["--line", hanging], 3, "does not separate the country"),
        (["--line", broken], 3, "expected GeoJSON"),
        (["--line", listed], 3, "expected a GeoJSON object"),
        (["--line", str(tmp_path / "none.geojson")], 2, "none.geojson"),
        (["--line", str(tmp_path / "none.gpkg")], 2, "none.gpkg"),
        (["--plan", no_plan], 3, "TOML"),
        (["--plan", "point21-axois"], 2, "Did you mean"),
        (["--date", "soon"], 3, "YYYY-MM-DD"),
        (["--shift", "5"], 2, "--into ukraine or russia"),
        (["--into", "ukraine"], 2, "--shift KM"),
        (["--shift", "900", "--into", "ukraine"], 3, "from 0 to 200"),
    ):
        result = run(*arguments)
        assert result.exit_code == code, (arguments, result.output)
        assert words in " ".join(result.stderr.replace("│", " ").split())
        assert "Traceback" not in result.stderr
