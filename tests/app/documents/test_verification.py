"""Our figures beside published ones: same answer everywhere, and what a verdict means."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner

import geo
from app.cli.main import app as cli
from drawn import ANCHOR, DAY, make_boundaries, make_line
from geo.analysis.verification import Expectation, PublishedFigures, Verdict
from geo.errors import DataFormatError, ProvenanceMissingError


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["verify", *arguments])


def test_the_command_line_gives_the_bytes_of_the_server(client: Any) -> None:
    assert run("--json").stdout_bytes == client.get("/api/verify").content
    day = client.get("/api/verify?date=2026-01-01").content
    assert run("--date", "2026-01-01", "--json").stdout_bytes == day


def test_the_observations_agree_with_what_is_published(client: Any) -> None:
    answer = client.json("/api/verify")
    assert set(answer["verdicts"]) == {"agrees", "explained"}
    found = {row["id"]: row for row in answer["checks"]}
    assert found["deepstate-2026-01-01-ua-14"]["verdict"] == "agrees"
    assert found["deepstate-2026-01-01-ukraine-km2"]["verdict"] == "agrees"
    assert found["deepstate-2026-01-01-ua-14"]["date"] == "2026-01-01"
    assert found["afp-isw-2025-11-20-donetsk"]["date"] == "2025-11-21"
    assert found["afp-isw-2025-11-20-donetsk"]["verdict"] == "explained"
    assert run("--strict").exit_code == 0
    text = run().stdout
    assert "116,165 km²" in text
    assert "claims count as Russian-held" in text


def test_figures_are_those_of_the_statistics(client: Any) -> None:
    checks = {row["id"]: row for row in client.json("/api/verify")["checks"]}
    rows = client.json("/api/statistics?by=oblast&date=2026-01-01")["rows"]
    donetsk = next(row for row in rows if row["oblast"] == "UA-14")
    ours = checks["deepstate-2026-01-01-ua-14"]["ours"]
    assert ours == pytest.approx(100.0 * donetsk["russia_held_share"], rel=1e-12)
    country = client.json("/api/statistics?by=country&date=2025-11-21")["rows"][0]
    assert checks["ukrainian-command-2025-front"]["ours"] == country["contact_line_km"]


def test_a_line_of_another_day_is_not_judged(client: Any) -> None:
    rows = client.json("/api/verify?date=2026-08-01")["checks"]
    assert {row["verdict"] for row in rows} == {"other_day"}


# --- what a verdict means -----------------------------------------------------------------------


@pytest.fixture
def halved() -> geo.Partition:
    boundaries = make_boundaries({"XX-A": shapely.box(31, 47, 33, 49)})
    line = make_line([(32, 46), (32, 50)])
    return geo.split_by_contact_line(boundaries, line, anchor=ANCHOR)


@pytest.fixture
def half() -> geo.PublishedFigure:
    return geo.PublishedFigure(
        *("half", "Somebody", DAY, "russia_held_share", ("XX-A",), ()),
        *(50.0, "%", 0.5, "held", Expectation.EQUAL, "", "a newspaper"),
    )


@pytest.mark.parametrize(
    ("value", "side", "verdict"),
    [
        (50.4, "equal", Verdict.AGREES),
        (49.6, "higher", Verdict.AGREES),
        (49.0, "higher", Verdict.EXPLAINED),
        (51.0, "higher", Verdict.UNEXPLAINED),
        (51.0, "lower", Verdict.EXPLAINED),
        (51.0, "either", Verdict.EXPLAINED),
        (51.0, "equal", Verdict.UNEXPLAINED),
    ],
)
def test_verdicts(halved: Any, half: Any, value: float, side: str, verdict: Verdict) -> None:
    figure = dataclasses.replace(half, value=value, ours_should_be=Expectation(side))
    (check,) = geo.verify_figures(halved, PublishedFigures((figure,), halved.line.provenance))
    assert (check.verdict, check.ours) == (verdict, pytest.approx(50.0, rel=1e-6))
    assert check.difference == pytest.approx(50.0 - value, abs=1e-4)
    later = dataclasses.replace(figure, line_date=date(2026, 3, 1))
    (check,) = geo.verify_figures(halved, PublishedFigures((later,), halved.line.provenance))
    assert check.verdict is Verdict.OTHER_DAY


# --- the table ----------------------------------------------------------------------------------


def test_the_table_is_complete() -> None:
    table = geo.load_published_figures()
    assert len({figure.id for figure in table.figures}) == len(table.figures) == 18
    for figure in table.figures:
        assert figure.citation
        assert figure.tolerance > 0
        assert bool(figure.explanation) == (figure.ours_should_be is not Expectation.EQUAL)
    known = {figure.id: figure.value for figure in table.figures}
    assert known["deepstate-2026-01-01-ukraine-km2"] == 116_165
    assert known["afp-isw-2025-11-20-net"] == 2_300


def test_a_faulty_table_is_refused(tmp_path: Path, repository: Path) -> None:
    source = repository / "data" / "published_figures.csv"
    path = tmp_path / "figures.csv"
    beside = tmp_path / "figures.csv-metadata.json"
    beside.write_text((source.parent / f"{source.name}-metadata.json").read_text("utf-8"), "utf-8")
    path.write_text(source.read_text("utf-8").replace("78.1", "most"), "utf-8")
    with pytest.raises(DataFormatError, match="line 2: could not convert"):
        geo.load_published_figures(path)
    path.write_text(source.read_text("utf-8").replace("net_km2", "gross_km2"), "utf-8")
    with pytest.raises(DataFormatError, match="line 18: expected a figure among"):
        geo.load_published_figures(path)
    beside.write_text(json.dumps({"provenance": {"source": "S"}}))
    with pytest.raises(ProvenanceMissingError):
        geo.load_published_figures(path)


@pytest.mark.reference
@pytest.mark.parametrize(
    "units", ["natural-earth", pytest.param("minregion", marks=pytest.mark.thorough)]
)
def test_deepstates_polygon_beside_published_figures(reference_dir: Path, units: str) -> None:
    """Nothing is unexplained, on both boundary sets; DeepState's own map gives about 6,200."""
    ground = ["--source", str(reference_dir / "deepstate"), "--date", "2025-11-21"]
    if units == "minregion":
        ground += ["--boundaries", str(reference_dir / "oblasts_minregion.geojson")]
    answer = json.loads(run(*ground, "--json").stdout)
    assert "unexplained" not in answer["verdicts"]
    found = {row["id"]: row for row in answer["checks"]}
    assert found["afp-isw-2025-11-20-donetsk"]["ours"] == pytest.approx(6_200, abs=100)
    assert found["afp-isw-2025-11-20-luhansk"]["ours"] == pytest.approx(100, abs=15)
    left = [found[f"afp-isw-2025-11-20-{name}"]["ours"] for name in ("kharkiv", "sumy")]
    left.append(found["afp-isw-2025-11-20-dnipropetrovsk"]["ours"])
    assert 1_600 < sum(left) < 2_000  # Kinburn (135) comes on top
