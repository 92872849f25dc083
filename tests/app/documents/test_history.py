"""The same history over HTTP, on the command line and in Python; equal to the single days."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app
from app.datasets import day_areas as pastdays
from app.datasets.catalogue import Catalogue
from app.documents.history import cached_history, compute_history, describe_history
from app.main import create_app
from app.sources import SourceFile
from benchmarks.archive import write_archive
from geo.histories import history as histories
from geo.histories.table import HISTORY_BY

PERIOD = "from=2025-10-01&to=2026-01-01"
BYS = ["oblast,category", "category", "oblast"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    write_archive(folder, 3)
    return folder


@pytest.fixture(scope="module")
def elsewhere(client: Any, archive: Path) -> Any:
    """A server whose operator has configured an archive."""
    return type(client)(create_app(catalogue=Catalogue(sources={"made": SourceFile(archive)})))


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("plan", ["point21-axios", "borders-1991"])
def test_every_day_is_what_statistics_say_of_it(client: Any, by: str, plan: str) -> None:
    found = client.json(f"/api/history?plan={plan}&{PERIOD}&by={by}")
    days = sorted({row["date"] for row in found["rows"]})
    assert len(days) == found["days"] == 5
    assert (found["from"], found["to"]) == (days[0], days[-1])
    for day in days:
        table = client.json(f"/api/statistics?plan={plan}&date={day}&by={by}")
        names = [column["name"] for column in found["columns"]][1:]
        assert [row for row in found["rows"] if row["date"] == day] == [
            {"date": day} | {name: row[name] for name in names} for row in table["rows"]
        ]
        assert table["identity"] == {**found["identity"], "date": day}


def test_the_server_measures_a_day_once_for_all_plans_and_tables(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, Any]] = []

    def each_day(*given: Any, first: Any, last: Any) -> Any:
        asked.append((first, last))
        return histories.each_day(*given, first=first, last=last)

    monkeypatch.setattr(pastdays, "each_day", each_day)
    catalogue = Catalogue(sources={"made": SourceFile(archive)}).using("made")
    days = catalogue.dataset.lines.dates
    assert len(days) == 3
    cached_history(catalogue, period=(days[1], days[1]))
    assert asked == [(days[1], days[1])]
    for plan in ("point21-axios", "borders-1991"):
        for by in HISTORY_BY:
            kept = cached_history(catalogue, plan, by=by)
            fresh = compute_history(catalogue, plan, by=by)
            assert describe_history(kept).keys() == describe_history(fresh).keys()
            assert kept.data_version == fresh.data_version
            assert list(kept.rows) == list(fresh.rows)
    assert asked == [(days[1], days[1]), (days[0], days[0]), (days[2], days[2])]


@pytest.mark.parametrize("by", BYS)
def test_http_command_line_and_python_agree_to_the_last_digit(client: Any, by: str) -> None:
    answer = client.get(f"/api/history?{PERIOD}&by={by}")
    period = ["--from", "2025-10-01", "--to", "2026-01-01", "--by", by]
    said = run("history", *period, "--json")
    assert said.exit_code == 0, said.output
    assert said.stdout_bytes == answer.content
    frame = geo.history(
        geo.load_plan("point21-axios"),
        geo.load_contact_lines(),
        boundaries=geo.load_boundaries(),
        first=datetime.date(2025, 10, 1),
        last=datetime.date(2026, 1, 1),
        by=by,
    ).to_dataframe()
    frame["date"] = frame["date"].dt.strftime("%Y-%m-%d")
    assert frame.to_dict("records") == answer.json()["rows"]


def test_csv_has_the_same_figures_and_says_what_they_are_about(client: Any) -> None:
    address = f"/api/history?{PERIOD}&by=category"
    found = client.json(address)
    answer = client.get(f"{address}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert (
        "point21-axios_2025-10-01_2026-01-01_category.csv" in answer.headers["content-disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [float(row["area_km2"]) for row in rows] == [row["area_km2"] for row in found["rows"]]
    assert {row["data_version"] for row in rows} == {found["identity"]["data_version"]}
    assert client.get(found["links"]["csv"]).content == answer.content
    said = run("history", "--from", "2025-10-01", "--to", "2026-01-01", "--by", "category", "--csv")
    assert said.stdout_bytes == answer.content


def test_files_take_their_form_from_their_name(tmp_path: Path) -> None:
    import pandas as pd

    period = ["--from", "2025-11-01", "--to", "2025-11-30"]
    for suffix in ("csv", "json", "parquet"):
        done = run("history", *period, "-o", str(tmp_path / f"history.{suffix}"))
        assert done.exit_code == 0, done.output
        assert done.output == ""
    table = pd.read_csv(tmp_path / "history.csv")
    rows = json.loads((tmp_path / "history.json").read_text())["rows"]
    assert table["area_km2"].tolist() == [row["area_km2"] for row in rows]
    parquet = pd.read_parquet(tmp_path / "history.parquet")
    assert parquet["area_km2"].tolist() == table["area_km2"].tolist()
    assert parquet["date"].astype(str).tolist() == table["date"].tolist()


def test_readings_are_followed(client: Any) -> None:
    reading = "reading=luhansk_pocket:retained"
    found = client.json(f"/api/history?from=2025-11-21&to=2025-11-21&by=category&{reading}")
    table = client.json(f"/api/statistics?date=2025-11-21&{reading}")
    assert [row["area_km2"] for row in found["rows"]] == [row["area_km2"] for row in table["rows"]]
    assert found["identity"]["readings"] == {"luhansk_pocket": "retained"}


@pytest.mark.parametrize(
    "by", [BYS[0], *(pytest.param(by, marks=pytest.mark.thorough) for by in BYS[1:])]
)
def test_an_archive_of_areas_has_the_figures_of_its_days_to_the_last_digit(
    elsewhere: Any, archive: Path, by: str
) -> None:
    found = elsewhere.json(f"/api/history?source=made&by={by}")
    assert found["days"] == 3
    assert found["identity"]["source"] == "made"
    names = [column["name"] for column in found["columns"]][1:]
    for day in sorted({row["date"] for row in found["rows"]}):
        rows = [row for row in found["rows"] if row["date"] == day]
        table = elsewhere.json(f"/api/statistics?source=made&date={day}&by={by}")["rows"]
        said = run("stats", "--source", str(archive), "--date", day, "--by", by, "--json")
        assert said.exit_code == 0, said.output
        for single in (table, json.loads(said.stdout)["rows"]):
            assert rows == [{"date": day} | {name: row[name] for name in names} for row in single]


def test_archive_over_http_and_on_the_command_line(elsewhere: Any, archive: Path) -> None:
    over_http = elsewhere.json("/api/history?source=made&by=category")
    said = run("history", "--source", str(archive), "--by", "category", "--json")
    assert json.loads(said.stdout)["rows"] == over_http["rows"]


def test_a_day_that_fails_is_named_and_the_exit_code_says_so(
    client: Any, archive: Path, tmp_path: Path
) -> None:
    for path in archive.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "deepstatemap_data_20240802.geojson").write_text("{}")
    target = tmp_path / "out.json"
    done = run("history", "--source", str(tmp_path), "--by", "oblast", "-o", str(target))
    assert done.exit_code == 1
    assert "1 of 3 days could not be measured" in done.stderr
    assert "2024-08-02: " in done.stderr
    written = json.loads(target.read_text())
    assert written["days"] == 2
    assert [day["date"] for day in written["failed"]] == ["2024-08-02"]
    served = type(client)(create_app(catalogue=Catalogue(sources={"broken": SourceFile(tmp_path)})))
    target.unlink()
    answer = served.json("/api/history?source=broken&by=oblast")
    assert [day["date"] for day in answer["failed"]] == ["2024-08-02"]
    assert answer["rows"] == written["rows"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("from=yesterday", 422, "Parameter 'from': expected a day of the calendar"),
        ("from=2026-01-01&to=2025-01-01", 422, "expected a day not before 2026-01-01"),
        ("from=1999-01-01&to=1999-02-01", 404, "1999-01-01"),
        ("by=settlements", 422, "by"),
        ("plan=nobody", 404, "nobody"),
        ("source=nobody", 404, "nobody"),
        ("format=parquet", 422, "format"),
        ("date=2025-11-21", 422, "'date' is unknown"),
    ],
)
def test_what_cannot_be_answered_is_explained(
    client: Any, query: str, status: int, words: str
) -> None:
    answer = client.get(f"/api/history?{query}")
    assert answer.status_code == status
    assert words in answer.text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--by", "month"], 2, "Known are oblast,category"),
        (["--from", "2026-01-01", "--to", "2025-01-01"], 2, "not before"),
        (["-o", "history.xlsx"], 2, ".parquet"),
        (["--workers", "0"], 2, "workers"),
        (["--plan", "nobody"], 2, "nobody"),
    ],
)
def test_the_command_line_explains_too(arguments: list[str], code: int, words: str) -> None:
    done = run("history", *arguments)
    assert done.exit_code == code
    assert words in done.output


def test_people_see_a_table() -> None:
    done = run("history", "--from", "2025-11-21", "--to", "2025-11-21", "--by", "category")
    assert done.exit_code == 0
    assert "2025-11-21" in done.stdout
    assert "buffer_zone" in done.stdout
