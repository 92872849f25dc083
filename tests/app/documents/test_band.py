"""The source band over HTTP and on the command line: the figures of the Python API."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from thorough import thoroughly
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue
from app.main import create_app
from app.schemas.uncertainty import Band, DisputedLand
from app.settings import Settings
from benchmarks.archive import FIRST_DAY, write_archive

DAY = datetime.date(2025, 11, 21)


@pytest.fixture(scope="module")
def their_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another source's line of the day: ours of the new year, as a plain GeoJSON file."""
    line = geo.load_contact_line(datetime.date(2026, 1, 1))
    path = tmp_path_factory.mktemp("theirs") / "theirs.geojson"
    feature = {
        "type": "Feature",
        "properties": {"date": DAY.isoformat()},
        "geometry": json.loads(shapely.to_geojson(line.geometry)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


@pytest.fixture(scope="module")
def client_of_two(client: Any, their_file: Path) -> Any:
    settings = Settings(warm_up=False, sources={"theirs": str(their_file)})
    return type(client)(create_app(settings))


@pytest.fixture(scope="module")
def expected(catalogue: Catalogue) -> geo.SourceBand:
    plan, places = geo.load_plan("point21-axios"), geo.load_observations()
    units = geo.load_boundaries()
    january = geo.load_contact_line(datetime.date(2026, 1, 1))
    return geo.measure_band(
        {
            "observations": catalogue.select().scenario,
            "theirs": geo.build_scenario(units, january, plan, places),
        }
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["band", *arguments])


def test_all_sources_are_put_side_by_side(client_of_two: Any, expected: geo.SourceBand) -> None:
    answer = client_of_two.json("/api/band")
    Band.model_validate(answer)
    assert list(answer["identities"]) == ["observations", "theirs"]
    assert {item["date"] for item in answer["identities"].values()} == {"2025-11-21"}
    assert answer["rows"] == list(expected.table("figure").rows)
    assert answer["disputed_km2"] == float(expected.disputed.area_km2.sum())
    assert answer["disputed_km2"] > 100
    again = client_of_two.json("/api/band?sources=theirs,observations")
    assert list(again["identities"]) == ["theirs", "observations"]
    zone = next(row for row in again["rows"] if row["key"] == "buffer_zone")
    assert (zone["low_source"], zone["high_source"]) == ("theirs", "observations")


@pytest.mark.parametrize("by", ["figure", "source", "oblast"])
def test_every_table_as_json_and_csv(client_of_two: Any, expected: geo.SourceBand, by: str) -> None:
    rows = client_of_two.json(f"/api/band?by={by}")["rows"]
    assert [len(row) for row in rows] == [len(row) for row in expected.table(by).rows]
    text = client_of_two.get(f"/api/band?by={by}&format=csv")
    assert text.headers["content-type"].startswith("text/csv")
    written = list(csv.DictReader(io.StringIO(text.text)))
    assert len(written) == len(rows)
    assert {row["sources"] for row in written} == {"observations theirs"}
    for row, cells in zip(rows, written, strict=True):
        assert all(str(value) == cells[name] for name, value in row.items())


def test_the_disputed_land_is_geojson(client_of_two: Any, expected: geo.SourceBand) -> None:
    links = client_of_two.json("/api/band")["links"]
    answer = client_of_two.get(links["geojson"])
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    DisputedLand.model_validate(document)
    areas = [feature["properties"]["area_km2"] for feature in document["features"]]
    assert areas == expected.disputed.area_km2.tolist()
    assert all(
        len(set(feature["properties"]["held_by"].values())) == 2 for feature in document["features"]
    )
    shapes = shapely.from_geojson([json.dumps(item["geometry"]) for item in document["features"]])
    assert geo.area_km2(shapes) == pytest.approx(areas, rel=1e-9, abs=1e-9)
    assert client_of_two.get(links["csv"]).text == client_of_two.get("/api/band?format=csv").text


def test_plan_and_reading_are_the_same_for_every_source(client_of_two: Any) -> None:
    answer = client_of_two.json("/api/band?plan=point21-cbs&reading=luhansk_pocket:retained")
    assert {item["plan"] for item in answer["identities"].values()} == {"point21-cbs"}
    assert all(
        item["readings"] == {"luhansk_pocket": "retained"} for item in answer["identities"].values()
    )
    assert "reading=luhansk_pocket:retained" in answer["links"]["csv"]


def test_what_cannot_be_put_side_by_side_is_explained(client: Any, client_of_two: Any) -> None:
    alone = client.get("/api/band")
    assert alone.status_code == 422
    assert "expected at least two; got observations" in alone.json()["detail"]
    for query, status, parameter in (
        ("sources=observations", 422, "sources"),
        ("sources=theirs,theirs", 422, "sources"),
        ("sources=" + ",".join(f"s{number}" for number in range(9)), 422, "sources"),
        ("by=region", 422, "by"),
        ("source=theirs", 422, "source"),
        ("sources=observations,thiers", 404, None),
        ("sources=observations,/etc/passwd", 404, None),
        ("date=2020-01-01", 404, None),
    ):
        answer = client_of_two.get(f"/api/band?{query}")
        assert answer.status_code == status, (query, answer.text)
        if parameter:
            assert answer.json()["errors"][0]["parameter"] == parameter


def test_the_command_line_writes_what_the_server_answers(
    client_of_two: Any, their_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINT21_SOURCES", json.dumps({"theirs": str(their_file)}))
    assert run("--json").stdout_bytes.rstrip(b"\n") == client_of_two.get("/api/band").content
    for name, query in (("t.csv", "format=csv"), ("t.geojson", "format=geojson")):
        assert run("-o", str(tmp_path / name)).exit_code == 0
        served = client_of_two.get(f"/api/band?{query}").content
        assert (tmp_path / name).read_bytes() == served


def test_any_file_can_be_a_source_on_the_command_line(their_file: Path) -> None:
    shown = run("--source", "observations", "--source", str(their_file))
    assert shown.exit_code == 0, shown.output
    assert "file:theirs.geojson" in shown.output
    assert "The sources do not name the same holder of" in shown.output
    assert run("--source", "observations").exit_code == 2
    assert run("--source", "observations", "--source", "nowhere.geojson").exit_code != 0
    assert run("--by", "region").exit_code == 2


@pytest.mark.parametrize("seed", [3, *thoroughly(21)])
def test_archives_that_were_made_are_put_side_by_side(
    client: Any, tmp_path: Path, seed: int
) -> None:
    """Areas of other drawings of border and coast, against our own lines: nothing is lost."""
    write_archive(tmp_path, 2, seed=seed)
    served = type(client)(create_app(Settings(warm_up=False, sources={"made": str(tmp_path)})))
    day = FIRST_DAY + datetime.timedelta(days=1)
    asked = f"/api/band?date={day}&nearest=true&sources=observations,made"
    answer = served.json(asked)
    named = {item["source"]: item["date"] for item in answer["identities"].values()}
    assert named["made"] == str(day)
    land = served.json(f"{asked}&format=geojson")["features"]
    areas = [feature["properties"]["area_km2"] for feature in land]
    assert sum(areas) == pytest.approx(answer["disputed_km2"], rel=1e-9)
    assert min(areas) > 0.0
