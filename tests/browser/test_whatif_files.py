"""The what-if panel and files: lines, areas and plans are loaded and saved, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from whatifs import DAY, MERIDIAN, Editor, written


def test_a_line_is_loaded_by_dropping_a_file(editor: Editor, post: Any) -> None:
    named = {"type": "Feature", "properties": {"name": "<img src=x>"}, "geometry": MERIDIAN}
    editor.drop("<b>mine</b>.geojson", json.dumps(named))
    editor.phase("answered")
    result = post({"date": DAY, "line": MERIDIAN, "geometry": "none"})
    rows = {row["category"]: written(row["b_km2"]) for row in result["difference"]["categories"]}
    assert editor.figures(1) == rows
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    assert editor.page.locator("b", has_text="mine").count() == 0
    csv = editor.saved("saveCsv")
    line = next(row for row in csv.splitlines() if row.startswith("category,retained"))
    assert float(line.split(",")[5]) == pytest.approx(
        next(r["b_km2"] for r in result["difference"]["categories"] if r["category"] == "retained")
    )
    figures = json.loads(editor.saved("saveJson"))
    assert figures["difference"] == result["difference"]
    editor.assert_sound()


def test_an_area_of_control_becomes_a_line(editor: Editor) -> None:
    ring = [[36, 46], [41, 46], [41, 50], [36, 50], [36, 46]]
    editor.drop("area.geojson", json.dumps({"type": "Polygon", "coordinates": [ring]}))
    editor.phase("answered")
    assert editor.line()["geometry"]["type"] == "MultiLineString"
    expect(editor.page.locator(".whatif-point")).not_to_have_count(0)
    editor.assert_sound()


def test_features_of_several_meanings_are_chosen_among(editor: Editor) -> None:
    def area(east: float) -> dict[str, Any]:
        ring = [[36, 46], [east, 46], [east, 50], [36, 50], [36, 46]]
        return {"type": "Polygon", "coordinates": [ring]}

    features = [
        {"type": "Feature", "properties": {"Status": status}, "geometry": area(east)}
        for status, east in (("occupied", 41), ("<b>freed</b>", 38))
    ]
    editor.drop("mine.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    trouble = editor.page.locator(".whatif-trouble")
    expect(trouble).to_contain_text("mean different things")
    choices = trouble.locator("[data-choice]")
    expect(choices).to_have_text(["Status: occupied", "Status: <b>freed</b>"])
    choices.first.click()
    editor.phase("answered")
    united = editor.page.locator(".whatif-united")
    expect(united).to_have_text("1 feature is used. 1 feature is left out.")
    editor.assert_sound(refused=1)


def test_a_plan_is_loaded_and_let_go(editor: Editor, repository: Path, ask: Any) -> None:
    text = (repository / "data" / "plans" / "freeze-everywhere.toml").read_text("utf-8")
    editor.drop("mine.toml", text)
    editor.phase("answered")
    expect(editor.page.locator(".feature--whatif")).to_contain_text("mine.toml")
    rows = ask(f"api/statistics?plan=freeze-everywhere&date={DAY}")["rows"]
    frozen = next(row for row in rows if row["category"] == "frozen")
    assert editor.figures(1)["frozen"] == written(frozen["area_km2"])
    editor.act("dropPlan")
    editor.phase("known")
    editor.drop("bad.toml", text.replace("schema_version", "schema_versoin"))
    editor.phase("refused")
    expect(editor.page.locator(".whatif-troubles")).to_contain_text("schema_versoin")
    editor.assert_sound(refused=1)


BAD = {
    "metres.geojson": (
        {"type": "LineString", "coordinates": [[4007501, 6000000], [4007501, 6800000]]},
        "looks like metres",
    ),
    "swapped.geojson": (
        {"type": "LineString", "coordinates": [[48.0, 36.0], [51.0, 36.5]]},
        "axes are swapped",
    ),
    "point.geojson": ({"type": "Point", "coordinates": [36, 48]}, "expected lines or polygons"),
    "text.geojson": (
        {"type": "LineString", "coordinates": [["a", 1], [2, 3]]},
        "expected position 0",
    ),
    "empty.geojson": ({"type": "FeatureCollection", "features": []}, "no line and no polygon"),
    "other.json": ({"a": 1}, "neither GeoJSON"),
}


def test_files_that_cannot_be_used_say_why_and_change_nothing(editor: Editor) -> None:
    before = editor.line()["geometry"]
    trouble = editor.page.locator(".whatif-trouble")
    for name, (document, words) in BAD.items():
        editor.drop(name, json.dumps(document))
        trouble.filter(has_text=words).wait_for()
        expect(trouble).to_contain_text(name)
    for name, text, words in (
        ("broken.geojson", '{"type": ', "no valid JSON"),
        ("none.geojson", "", "is empty"),
        ("photo.png", "\x89PNG", "neither GeoJSON nor a plan"),
        ("large.geojson", " " * (5 * 2**20), "at most 4 MB"),
    ):
        editor.drop(name, text)
        trouble.filter(has_text=words).wait_for()
    assert editor.line()["geometry"] == before
    assert not [url for url in editor.witness.requests if url.endswith("api/what-if")]
    editor.assert_sound()


RING = [[36, 46], [41, 46], [41, 50], [36, 50], [36, 46]]
SOUND = {
    "points beside.geojson": {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [37, 48]},
            {"type": "Polygon", "coordinates": [RING[:-1], []]},
        ],
    },
    "mercator.geojson": {
        "type": "Polygon",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
        "coordinates": [[[x * 111319.49079327358, y] for x, y in [
            (36, 5780349.22), (41, 5780349.22), (41, 6446275.84), (36, 6446275.84),
        ]]],
    },
    "esri.json": {
        "features": [{"attributes": {}, "geometry": {
            "rings": [RING[::-1]], "spatialReference": {"wkid": 4326}}}],
    },
}  # fmt: skip


def test_files_that_the_server_reads_are_read_here_too(editor: Editor, post: Any) -> None:
    expected = post({"date": DAY, "line": {"type": "Polygon", "coordinates": [RING]}})
    rows = {row["category"]: written(row["b_km2"]) for row in expected["difference"]["categories"]}
    texts = {name: json.dumps(document) for name, document in SOUND.items()}
    lines = [{"type": "Feature", "geometry": None}, SOUND["points beside.geojson"]]
    texts["a line each.geojsonl"] = "\n".join(json.dumps(line) for line in lines)
    editor.listen()
    for name, text in texts.items():
        editor.drop(name, text)
        editor.heard(f"Loaded: {name}")
        editor.phase("answered")
        assert editor.figures(1) == rows, name
    editor.assert_sound()
