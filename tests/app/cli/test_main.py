"""The command line: the same bytes as the server, clear words, exit codes scripts can use."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.export import FORMATS, LAYERS
from geo import By, Category, CompareBy, data_directory
from geo.analysis.source_spread import BandBy
from geo.histories.table import HISTORY_BY

COMMANDS = [
    *("serve", "stats", "layers", "locate", "map", "plans", "validate", "compare", "what-if"),
    *("history", "search"),
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


# --- the same bytes as over HTTP ---------------------------------------------------------------

SAME = [
    (["stats", "--json"], "/api/statistics"),
    (["stats", "--by", "oblast,category", "--json"], "/api/statistics?by=oblast,category"),
    (["stats", "--by", "change", "--csv"], "/api/statistics?by=change&format=csv"),
    (
        ["stats", "--plan", "point21-cbs", "--date", "2026-01-15", "--nearest", "--json"],
        "/api/statistics?plan=point21-cbs&date=2026-01-15&nearest=true",
    ),
    (["layers", "--json"], "/api/layers"),
    (["layers", "--category", "buffer_zone"], "/api/layers/buffer_zone"),
    (["locate", "Kramatorsk", "--json"], "/api/locate?place=Kramatorsk"),
    (["locate", "Слов'янськ", "--json"], "/api/locate?place=Слов'янськ"),
    (["locate", "--lon", "37.58", "--lat", "48.72", "--json"], "/api/locate?lon=37.58&lat=48.72"),
    (["plans", "--json"], "/api/plans"),
    (["plans", "point21-cbs", "--json"], "/api/plans/point21-cbs"),
]


@pytest.mark.parametrize(("arguments", "url"), SAME, ids=str)
def test_machine_output_is_the_answer_of_the_server(
    client: Any, arguments: list[str], url: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert result.stdout_bytes == client.get(url).content
    assert result.stderr == ""


def test_files_are_the_answers_of_the_server(client: Any, tmp_path: Path) -> None:
    wanted = {
        "buffer.geojson": (["layers", "--category", "buffer_zone"], "/api/layers/buffer_zone"),
        "stats.csv": (["stats", "--by", "oblast"], "/api/statistics?by=oblast&format=csv"),
        "stats.json": (["stats", "--by", "oblast"], "/api/statistics?by=oblast"),
        "map.html": (["map"], "/map.html"),
    }
    for name, (arguments, url) in wanted.items():
        result = run(*arguments, "-o", str(tmp_path / name))
        assert (result.exit_code, result.output) == (0, "")
        assert (tmp_path / name).read_bytes() == client.get(url).content
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(wanted)
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "map.html").stat().st_mode) == 0o666 & ~mask


# --- for people --------------------------------------------------------------------------------


def test_tables_and_texts_for_people() -> None:
    table = run("stats").stdout
    assert "28-point plan" in table
    assert "buffer_zone" in table
    assert "%" in table
    assert "relinquished" in run("layers").stdout
    assert "point21-cbs" in run("plans").stdout
    assert "Crimea, Luhansk and Donetsk" in run("plans", "point21-axios").stdout
    place = run("locate", "Kramatorsk").stdout
    assert "Краматорськ" in place
    assert "neutral demilitarized buffer zone" in place
    nearest = run("stats", "--date", "2026-01-15", "--on-or-before").stdout
    assert "line of 2026-01-01" in nearest
    assert "2026-01-15 was asked for" in nearest
    many = run("locate", "Andriivka").stdout
    assert "settlements have this name" in many


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"point21 {command}" in result.stdout
    assert command in run("--help").stdout


def test_the_version_is_that_of_the_server(client: Any) -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (
        0,
        f"point21 {client.json('/healthz')['version']}\n",
    )


# --- exit codes --------------------------------------------------------------------------------

REFUSED = [
    (["stats", "--plan", "nothing"], 2, "There is no plan 'nothing'"),
    (["stats", "--plan", "point21-axois"], 2, "Did you mean 'point21-axios'?"),
    (["stats", "--by", "oblasts"], 2, "Did you mean 'oblast'?"),
    (["stats", "--date", "2025-11-22"], 2, "2025-11-21"),
    (["stats", "--date", "soon"], 2, "YYYY-MM-DD"),
    (["stats", "--json", "--csv"], 2, "one of --json and --csv"),
    (["stats", "-o", "figures.txt"], 2, "ends in .json or .csv"),
    (["stats", "--jsn"], 2, "--json"),
    (["layers", "--category", "bufer_zone"], 2, "Did you mean 'buffer_zone'?"),
    (["locate"], 2, "lon and lat together, or place"),
    (["locate", "--lon", "37"], 2, "'lat' is missing"),
    (["locate", "--lon", "200", "--lat", "3"], 2, "180"),
    (["locate", "Kyiv", "--lon", "30", "--lat", "50"], 2, "one of the two"),
    (["locate", "Kramatrosk"], 4, "similar names are Kramatorsk"),
    (["locate", "--lon", "2", "--lat", "48"], 4, "none of the oblasts"),
    (["map"], 2, "output"),
    (["plans", "x"], 2, "There is no plan 'x'"),
    (["validate"], 2, "files"),
    (["serve", "--port", "70000"], 3, "POINT21_PORT"),
    (["layers", "--category", "frozen", "-o", "/no/such/folder/x.geojson"], 1, "/no/such/folder"),
    (["fly"], 2, "fly"),
]


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED, ids=str)
def test_refusals_are_one_clear_paragraph(arguments: list[str], code: int, words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert words in plain(result.stderr)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def plain(text: str) -> str:
    """Take the frame away that is drawn around a usage error."""
    return " ".join(text.replace("│", " ").split())


def test_what_was_there_before_survives_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "layer.geojson"
    target.write_text("before")
    assert run("layers", "--category", "nothing", "-o", str(target)).exit_code == 2
    folder = tmp_path / "folder.geojson"
    folder.mkdir()
    result = run("layers", "--category", "frozen", "-o", str(folder))
    assert result.exit_code == 1
    assert "folder.geojson" in result.stderr
    assert target.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.geojson", "layer.geojson"]


# --- help -------------------------------------------------------------------------------------

LISTED = {
    ("stats", "layers", "history", "band", "compare", "export"): (),
    ("stats",): tuple(By),
    ("layers",): tuple(Category),
    ("history",): HISTORY_BY,
    ("band",): tuple(BandBy),
    ("compare",): tuple(CompareBy),
    ("export",): (*LAYERS, *(f".{form.suffix}" for form in FORMATS.values())),
}


@pytest.mark.parametrize(("commands", "names"), LISTED.items(), ids=str)
def test_help_lists_what_there_is(commands: tuple[str, ...], names: tuple[str, ...]) -> None:
    for command in commands:
        result = CliRunner(env={"COLUMNS": "400"}).invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert not re.search(r"\{[a-z]+\}", result.stdout)
        for name in names:
            assert re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", result.stdout), name


# --- validate ----------------------------------------------------------------------------------


def test_validate_accepts_what_is_shipped(repository: Path) -> None:
    files = [str(path) for path in sorted((repository / "data" / "plans").glob("*.toml"))]
    files.append(str(repository / "data" / "contact_line.geojson"))
    result = run("validate", *files, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["valid"] is True
    assert [entry["file"] for entry in report["files"]] == files
    assert all(found["line"] for found in report["files"][0]["effects"] if found["clause"])


def test_validate_lists_every_fault_of_every_file(repository: Path, tmp_path: Path) -> None:
    plan = (repository / "data" / "plans" / "point21-axios.toml").read_text("utf-8")
    bad = tmp_path / "mine.toml"
    broken = plan.replace('id = "point21-axios"', 'id = "mine"')
    broken = broken.replace('kind = "freeze"', 'kind = "freze"').replace(
        'title = "', 'titel = "', 1
    )
    bad.write_text(broken, "utf-8")
    lines = json.loads((repository / "data" / "contact_line.geojson").read_text("utf-8"))
    lines["features"] = lines["features"][:1]
    lines["features"][0]["geometry"] = {
        "type": "MultiLineString",
        "coordinates": [[[30.0, 49.0], [31.0, 49.5]]],
    }
    dangling = tmp_path / "line.geojson"
    dangling.write_text(json.dumps(lines), "utf-8")
    other = tmp_path / "notes.txt"
    other.write_text("")
    missing = tmp_path / "missing.toml"
    files = [str(path) for path in (bad, dangling, other, missing)]
    result = run("validate", *files, "--json")
    assert result.exit_code == 3
    report = json.loads(result.stdout)
    by_name = {Path(entry["file"]).name: entry for entry in report["files"]}
    assert not any(entry["valid"] for entry in by_name.values())
    keys = [fault["key"] for fault in by_name["mine.toml"]["faults"]]
    assert {"title", "titel", "clause.1.kind"} <= set(keys)
    (fault,) = by_name["line.geojson"]["faults"]
    assert "does not separate the country" in fault["message"]
    assert 29 < fault["lon"] < 32
    assert "expected a file of geometries" in by_name["notes.txt"]["faults"][0]["message"]
    assert "cannot be read" in by_name["missing.toml"]["faults"][0]["message"]
    words = run("validate", *files)
    assert words.exit_code == 3
    assert "freeze" in words.stdout


def test_validate_reads_a_file_as_the_commands_do(tmp_path: Path) -> None:
    square = [[[31.0, 46.0], [41.0, 46.0], [41.0, 48.0], [31.0, 48.0], [31.0, 46.0]]]
    area = {"type": "Polygon", "coordinates": square}
    names = {"mine.geojson": "part", "days.geojson": "day", "states.geojson": "status"}
    for file, key in names.items():
        features = [
            {"type": "Feature", "properties": {key: value}, "geometry": area}
            for value in (("a", "b") if key == "part" else ("2025-11-01", "2025-11-21"))
        ]
        document = {"type": "FeatureCollection", "features": features}
        (tmp_path / file).write_text(json.dumps(document), "utf-8")
    files = [str(tmp_path / name) for name in names]
    result = run("validate", *files, f"{files[2]}#where=status=2025-11-01", "--json")
    mine, days, states, chosen = json.loads(result.stdout)["files"]
    assert (mine["kind"], mine["valid"], mine["found"]["features"]) == ("area of control", True, 2)
    assert "does not state its date, licence, attribution" in mine["remarks"][0]
    assert days["found"]["days"] == ["2025-11-01", "2025-11-21"]
    assert [one["days"] for one in days["found"]["united"]] == [["2025-11-01"], ["2025-11-21"]]
    assert "expected features that say the same" in states["faults"][0]["message"]
    assert (chosen["valid"], chosen["found"]["united"][0]["features"]) == (True, 1)
    assert "2 features united" in run("validate", files[0]).stdout
    united = run("stats", "--source", files[0], "--date", "2025-11-21", "--by", "country", "--json")
    assert json.loads(united.stdout)["identity"]["united"]["features"] == 2
    assert "file:mine.geojson: 2 features united." in united.stderr


def test_what_if_takes_the_features_that_are_chosen(tmp_path: Path) -> None:
    def area(east: float) -> dict[str, Any]:
        ring = [[36.0, 46.0], [east, 46.0], [east, 51.0], [36.0, 51.0], [36.0, 46.0]]
        return {"type": "Polygon", "coordinates": [ring]}

    features = [
        {"type": "Feature", "properties": {"Date": day}, "geometry": area(east)}
        for day, east in (("01.11.2025", 41.0), (1763683200000, 40.0))
    ]
    file = tmp_path / "days.geojson"
    document = {"type": "FeatureCollection", "features": features}
    file.write_text(json.dumps(document), "utf-8")
    by_date = run("what-if", "--line", str(file), "--date", "2025-11-21")
    assert by_date.exit_code == 0
    assert "1 feature, of 2025-11-21. Left out: 1 of other days." in by_date.stderr
    by_part = run("what-if", "--line", f"{file}#day=2025-11-21", "--date", "2025-11-21")
    versions = re.compile(r"version [0-9a-f]{16}")  # of what was asked, which differs
    assert versions.sub("", by_part.stdout) == versions.sub("", by_date.stdout)
    refused = run("what-if", "--line", str(file))
    assert refused.exit_code == 3
    assert f"{file}#day=2025-11-21" in refused.stderr


# --- as a process ------------------------------------------------------------------------------


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from app.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )


def test_broken_data_are_named_and_nothing_is_shown(repository: Path, tmp_path: Path) -> None:
    for path in (repository / "data").iterdir():
        (tmp_path / path.name).symlink_to(path)
    oblasts = tmp_path / "oblasts.geojson"
    stated = json.loads(oblasts.read_text("utf-8"))
    oblasts.unlink()
    (tmp_path / "SHA256SUMS").unlink()
    del stated["provenance"]["licence"]
    oblasts.write_text(json.dumps(stated), "utf-8")
    for command in ("stats", "serve"):
        done = start(command, POINT21_DATA_DIRECTORY=str(tmp_path))
        assert done.returncode == 3
        assert done.stdout == ""
        assert "oblasts.geojson" in done.stderr
        assert "licence" in done.stderr
        assert "Traceback" not in done.stderr


def test_settings_are_checked_and_named() -> None:
    done = start("stats", POINT21_SCENARIOS="many", POINT21_DATA_DIRECTORY="/nowhere")
    assert done.returncode == 3
    assert "POINT21_SCENARIOS" in done.stderr
    assert "POINT21_DATA_DIRECTORY" in done.stderr
    assert "Traceback" not in done.stderr


def test_figures_come_without_the_heavy_packages() -> None:
    code = (
        "import sys\n"
        "from app.cli.main import app\n"
        "app(['stats', '--json'], standalone_mode=False)\n"
        "heavy = {'geopandas', 'pandas', 'folium', 'pyproj', 'fastapi', 'uvicorn', 'starlette'}\n"
        "sys.exit(sorted(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["by"] == "category"


def test_a_plan_of_ones_own_is_named_by_its_file(tmp_path: Path) -> None:
    shipped = data_directory() / "plans" / "point21-cbs.toml"
    text = shipped.read_text(encoding="utf-8").replace('id = "point21-cbs"', 'id = "mine"', 1)
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    own = run("stats", "--plan", str(tmp_path / "mine.toml"), "--by", "change", "--json")
    given = run("stats", "--plan", "point21-cbs", "--by", "change", "--json")
    assert own.exit_code == given.exit_code == 0
    assert json.loads(own.stdout)["identity"]["plan"] == "mine"
    document = json.loads(own.stdout)
    assert document["rows"] == json.loads(given.stdout)["rows"]
    assert "effects" not in json.loads(given.stdout)
    assert given.stderr == ""
    zone = next(found for found in document["effects"] if found["kind"] == "demilitarise")
    header = next(
        row for row in range(zone["line"], 0, -1) if text.splitlines()[row - 1] == "[[clause]]"
    )
    assert zone["line"] == header
    assert f"{zone['clause']} (line {zone['line']}, demilitarise)" in own.stderr
    assert "people recorded" in own.stderr
    absent = run("stats", "--plan", str(tmp_path / "absent.toml"))
    assert absent.exit_code == 3 and "cannot be read" in absent.stderr


def test_a_reader_that_has_read_enough_is_no_error() -> None:
    command = (
        f"'{sys.executable}' -c 'from app.cli.main import main; main()' plans --json | head -c 9"
    )
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, check=False
    )
    assert done.stdout == b'{"default' and done.stderr == b""
