"""Whose line, whose oblasts: by short name over HTTP, by name or file on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner, Result

from app.cli.main import app as cli
from app.errors import describe_problem
from app.main import create_app
from app.settings import Settings, SettingsError, load_settings
from app.sources import SourceFile, parse_file
from geo.formats.file_choice import FileChoice
from geo.io.load import data_directory

DAY = "2025-11-21"
EAST = shapely.box(36.0, 44.0, 41.0, 51.0)
"""A made-up area: everything east of 36° E."""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def write_area(path: Path, area: shapely.Geometry = EAST) -> Path:
    path.write_text(shapely.to_geojson(area), "utf-8")
    return path


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("east")
    for day in ("20251121", "20251201"):
        write_area(folder / f"area_{day}.geojson")
    statement = {"source": "S", "date": "2025", "licence": "CC0", "attribution": "A"}
    (folder / "provenance.json").write_text(json.dumps(statement))
    units = json.loads((data_directory() / "oblasts.geojson").read_text("utf-8"))
    own = folder.parent / "units.geojson"
    own.write_text(json.dumps(units), "utf-8")
    return Settings(warm_up=False, sources={"east": str(folder)}, boundaries={"own": str(own)})


@pytest.fixture(scope="module")
def grounded(configured: Settings, client: Any) -> Any:
    return type(client)(create_app(configured))


def test_the_catalogue_lists_what_the_operator_offers(grounded: Any, client: Any) -> None:
    ours, theirs = (
        {listed["@id"]: listed for listed in json.loads(each.get("/catalog").text)["dataset"]}
        for each in (client, grounded)
    )
    assert theirs.keys() - ours.keys() == {"catalog#source-east", "catalog#boundaries-own"}
    assert theirs["catalog#source-east"]["dct:bibliographicCitation"] == "A"


def test_a_configured_source_is_chosen_by_name(grounded: Any) -> None:
    answer = grounded.json(f"/api/statistics?by=oblast&source=east&date={DAY}")
    assert answer["identity"]["source"] == "east"
    assert answer["identity"]["boundaries"] == "natural-earth"
    shares = {row["oblast"]: row["russia_held_share"] for row in answer["rows"]}
    assert shares["UA-09"] == 1.0
    assert shares["UA-46"] == 0.0
    assert "source=east" in answer["links"]["csv"]
    again = grounded.get(answer["links"]["csv"])
    assert again.status_code == 200
    assert b",east,natural-earth," in again.content
    assert "east" in again.headers["content-disposition"]


def test_everything_that_takes_a_date_takes_a_source(grounded: Any) -> None:
    for path in (
        "/api/layers",
        "/api/layers/buffer_zone",
        "/api/statistics",
        "/api/contact-line",
        "/api/locate?place=Kramatorsk",
        "/api/map",
        "/api/readings",
    ):
        joint = "&" if "?" in path else "?"
        one = grounded.get(f"{path}{joint}date={DAY}&source=east&boundaries=own")
        assert one.status_code == 200, (path, one.text)
        other = grounded.get(f"{path}{joint}date={DAY}")
        assert one.content != other.content
        ours = grounded.get(f"{path}{joint}date={DAY}&source=observations&boundaries=natural-earth")
        assert ours.content == other.content


def test_links_of_another_source_lead_to_it(grounded: Any) -> None:
    index = grounded.json(f"/api/layers?source=east&boundaries=own&date={DAY}")
    link = index["layers"][0]["links"]["geojson"]
    assert "source=east" in link
    assert "boundaries=own" in link
    assert grounded.get(link).status_code == 200
    lines = grounded.json("/api/contact-lines?source=east")
    assert lines["dates"] == [DAY, "2025-12-01"]
    assert lines["lines"][0]["length_km"] is None
    line = grounded.json(lines["lines"][0]["links"]["geojson"])
    assert line["properties"]["length_km"] > 100
    assert line["provenance"]["licence"] == "CC0"


def test_dates_are_those_of_the_source(grounded: Any) -> None:
    missing = grounded.get("/api/statistics?source=east&date=2026-01-01")
    assert missing.status_code == 404
    assert missing.json()["valid"] == [DAY, "2025-12-01"]
    nearest = grounded.json("/api/statistics?source=east&date=2026-01-01&nearest=true")
    assert nearest["identity"]["date"] == "2025-12-01"
    assert nearest["identity"]["requested_date"] == "2026-01-01"


def test_sources_are_listed(grounded: Any, client: Any) -> None:
    listed = grounded.json("/api/sources")
    assert [(item["id"], item["dates"]) for item in listed["sources"]] == [
        ("observations", 26),
        ("east", 2),
    ]
    assert [item["id"] for item in listed["boundaries"]] == ["natural-earth", "own"]
    assert [item["id"] for item in client.json("/api/sources")["sources"]] == ["observations"]


def test_the_page_keeps_source_and_boundaries(grounded: Any) -> None:
    page = grounded.get(f"/?plan=point21-axios&date={DAY}&source=east&boundaries=own")
    assert page.status_code == 200
    carried = page.text.split('id="point21-data"', 1)[1].split(">", 1)[1].split("</script>", 1)[0]
    identity = json.loads(carried)["bundles"][0]["identity"]
    assert (identity["source"], identity["boundaries"]) == ("east", "own")
    assert (identity["plan"], identity["date"]) == ("point21-axios", DAY)
    other = grounded.get("/?source=east&boundaries=own&plan=nothing&date=2026-08-01")
    assert other.status_code == 307
    noted = "#unknown?plan=nothing&date=2026-08-01"
    assert other.headers["location"] == f"?source=east&boundaries=own{noted}"
    unknown = grounded.get("/?source=../etc")
    assert unknown.status_code == 307
    assert unknown.headers["location"] == ".#unknown?source=..%2Fetc"
    single = grounded.get(f"/map.html?source=east&boundaries=own&date={DAY}")
    assert single.status_code == 200


@pytest.mark.parametrize(
    "given", ["/etc/passwd", "../../data", "file:area.geojson", "area_20251121.geojson", "eats"]
)
def test_a_path_is_never_taken_from_a_request(grounded: Any, given: str) -> None:
    for parameter in ("source", "boundaries"):
        answer = grounded.get(f"/api/statistics?{parameter}={given}")
        assert answer.status_code == 404
        assert answer.json()["type"] == f"/problems/unknown-{parameter}"
        assert answer.json()["valid"][0] in {"observations", "natural-earth"}
    assert "Did you mean 'east'?" in grounded.get("/api/layers?source=eats").json()["detail"]


# --- settings -----------------------------------------------------------------------------------


def test_settings_are_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    area = write_area(tmp_path / "area.geojson")
    monkeypatch.setenv("POINT21_SOURCES", json.dumps({"area": f"{area}#kind=area"}))
    assert load_settings().source_files == {"area": SourceFile(area, FileChoice(kind="area"))}
    for value, words in [
        ({"area": "/no/such/file"}, "expected a file or folder that exists"),
        ({"observations": str(area)}, "not taken"),
        ({"No Spaces": str(area)}, "short name"),
    ]:
        monkeypatch.setenv("POINT21_SOURCES", json.dumps(value))
        with pytest.raises(SettingsError, match=words):
            load_settings()


def test_files_are_named_with_layer_and_kind(tmp_path: Path) -> None:
    area = write_area(tmp_path / "area.geojson")
    assert parse_file(f"{area}#layer=A b&kind=line") == SourceFile(area, FileChoice("A b", "line"))
    odd = write_area(tmp_path / "odd#name.geojson")
    assert parse_file(str(odd)) == SourceFile(odd)
    for text, words in [
        (f"{area}#", "FILE#layer"),
        (f"{area}#size=3", "FILE#layer"),
        (f"{area}#kind=point", "kind=line or kind=area"),
        (f"{area}x", "exists"),
    ]:
        with pytest.raises(ValueError, match=words):
            parse_file(text)


# --- the command line ---------------------------------------------------------------------------


def test_a_file_nobody_prepared(tmp_path: Path) -> None:
    area = write_area(tmp_path / "somebody.geojson")
    result = run("stats", "--source", str(area), "--date", DAY, "--by", "oblast", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["identity"]["source"] == "file:somebody.geojson"
    rows = {row["oblast"]: row for row in answer["rows"]}
    assert rows["UA-09"]["russia_held_share"] == 1.0
    assert 0 < rows["UA-63"]["russia_held_km2"] < 31_400
    for command in (["layers"], ["locate", "Kramatorsk"], ["readings"]):
        more = run(*command, "--source", str(area), "--date", DAY, "--json")
        assert more.exit_code == 0, more.output
    page = tmp_path / "map.html"
    assert run("map", "--source", str(area), "--date", DAY, "-o", str(page)).exit_code == 0
    assert "somebody.geojson" in page.read_text("utf-8")


def test_the_command_line_gives_the_bytes_of_the_server(
    grounded: Any, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINT21_SOURCES", json.dumps(configured.sources))
    monkeypatch.setenv("POINT21_BOUNDARIES", json.dumps(configured.boundaries))
    ground = ("--source", "east", "--boundaries", "own", "--date", DAY)
    result = run("stats", *ground, "--by", "oblast", "--json")
    url = f"/api/statistics?by=oblast&source=east&boundaries=own&date={DAY}"
    assert result.stdout_bytes == grounded.get(url).content


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--source", "nothing.geojson"], 2, "Or a file: expected a file or folder that exists"),
        (["--boundaries", "nothing"], 2, "Known are natural-earth"),
        (["--source", "broken.geojson"], 3, "it is not JSON"),
        (["--source", "swapped.geojson"], 3, "With the axes swapped it would"),
    ],
)
def test_what_cannot_be_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.geojson").write_text("{")
    write_area(tmp_path / "swapped.geojson", shapely.box(47.0, 30.0, 48.0, 35.0))
    result = run("stats", *arguments, "--date", DAY)
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr


SHARES = {
    "UA-14": 76.5, "UA-09": 99.6, "UA-23": 74.7, "UA-65": 72.9, "UA-63": 4.3, "UA-59": 0.7,
    "UA-12": 0.5, "UA-43": 100.0, "UA-40": 100.0,
}  # fmt: skip


@pytest.mark.reference
def test_shares_of_deepstates_file(reference_dir: Path) -> None:
    file = reference_dir / "deepstate" / "deepstatemap_data_20251121.geojson"
    result = run("stats", "--source", str(file), "--date", DAY, "--by", "oblast", "--json")
    rows: dict[str, Any] = {row["oblast"]: row for row in json.loads(result.stdout)["rows"]}
    for oblast, expected in SHARES.items():
        assert 100.0 * rows[oblast]["russia_held_share"] == pytest.approx(expected, abs=0.4)


@pytest.mark.parametrize(
    "command",
    [
        ["stats", "--source", "broken.geojson"],
        ["history", "--source", "broken.geojson", "--csv"],
        ["readings", "--source", "broken.geojson"],
        ["uncertainty", "--boundaries", "broken.geojson"],
        ["locate", "Kramatorsk", "--boundaries", "broken.geojson"],
        ["map", "-o", "map.html", "--source", "broken.geojson"],
    ],
    ids=lambda command: command[0],
)
def test_an_oblast_that_does_not_exist_is_refused_before_any_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.geojson").write_text("{")
    result = run(*command, "--reading", "agreed_territories:UA-99")
    assert (result.exit_code, "'UA-99'" in result.stderr) == (2, True), result.stderr


def test_problems_are_explained() -> None:
    from app.errors import UnknownSourceError

    problem = describe_problem(UnknownSourceError("No.", valid=["observations"]))
    assert problem.kind.status == 404
    assert problem.members == {"valid": ["observations"]}
