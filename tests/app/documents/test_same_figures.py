"""One question asked over HTTP, on the command line and in Python: every figure is the same.

The command line gives the bytes that the server answers; Python, which knows nothing of either,
gives the same numbers, compared without any tolerance.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings
from app.sources import SourceFile

DAY, LATER = date(2025, 11, 21), date(2026, 1, 1)
LINE = {"type": "LineString", "coordinates": [[37.5, 44.0], [37.4, 48.5], [37.6, 53.0]]}
AREA = shapely.geometry.mapping(shapely.box(36.9, 46.5, 41.0, 49.9))
THEIRS = shapely.box(36.2, 46.0, 41.0, 51.0)


class Python:
    """What somebody with a notebook has at hand."""

    def __init__(self, folder: Path) -> None:
        self.boundaries = geo.load_boundaries()
        self.lines = geo.load_contact_lines()
        self.observations = geo.load_observations()
        self.theirs = geo.open_source(folder / "theirs.geojson", self.boundaries)
        self.drawn = {
            name: geo.open_source(folder / f"{name}.geojson", self.boundaries)
            for name in ("line", "area")
        }

    def scenario(
        self,
        plan: str = "point21-axios",
        day: date = DAY,
        lines: geo.ControlSource | None = None,
        **readings: str,
    ) -> geo.Scenario:
        chosen = geo.load_plan(plan).read(**readings)
        line = (lines or self.lines).on(day)
        return geo.build_scenario(self.boundaries, line, chosen, self.observations)

    def readings(self) -> list[dict[str, Any]]:
        plan = geo.load_plan("point21-axios")
        found = geo.explore_readings(plan, self.boundaries, self.lines, self.observations)
        return [
            {
                "figure": item.figure.name,
                "of": item.figure.of,
                "default": item.default,
                "low": dataclasses.asdict(item.low),
                "high": dataclasses.asdict(item.high),
                "options": [dataclasses.asdict(part) for part in item.contributions],
            }
            for item in found.ranges
        ]

    def compared(self, a: geo.Scenario, b: geo.Scenario) -> dict[str, Any]:
        found = a.compare(b)
        return {
            "differs_km2": found.differs_km2,
            "changed_hands_km2": found.changed_hands_km2,
            "category": nested(found, "category"),
            "held_by": nested(found, "held_by"),
            "places": list(found.table("settlements").rows),
        }

    def hands_changed(self) -> list[dict[str, Any]]:
        found = self.scenario().compare(self.scenario(day=LATER))
        return [
            {"oblast": row.oblast, "area_km2": row.area_km2} for row in found.differences("held_by")
        ]

    def what_if(self, lines: geo.ControlSource, plan: str) -> dict[str, Any]:
        mine = self.scenario(plan, lines=lines)
        return {
            "statistics": {by: list(mine.table(by).rows) for by in geo.By},
            "difference": self.compared(self.scenario(plan), mine),
        }

    def shifted(self) -> dict[str, Any]:
        before = self.scenario()
        moved = geo.shift_line(before.partition, 3.0, into=geo.Control.RUSSIA)
        after = geo.build_scenario(self.boundaries, moved.line, before.plan, self.observations)
        return {
            "moved_km2": moved.moved_km2,
            "km2_per_km": moved.km2_per_km,
            "oblast": list(after.table("oblast").rows),
        }


def nested(found: geo.Comparison, by: str) -> dict[str, dict[str, float]]:
    kinds = found.kinds(by)
    lines = found.matrix(by).tolist()
    return {
        kind: dict(zip(kinds, row, strict=True)) for kind, row in zip(kinds, lines, strict=True)
    }


def located(found: geo.Location) -> dict[str, Any]:
    return {
        "lon": found.lon_deg,
        "lat": found.lat_deg,
        "oblast": found.oblast,
        "category": found.outcome.category,
        "held_by": found.outcome.held_by,
        "distance_to_line_km": found.distance_to_line_km,
        "outside_by_km": found.outside_by_km,
    }


def pick(like: Any, document: Any) -> Any:
    """Take from a document what another has, member by member."""
    if isinstance(like, Mapping):
        return {name: pick(value, document[name]) for name, value in like.items()}
    if isinstance(like, list) and like and isinstance(like[0], Mapping):
        return [pick(one, other) for one, other in zip(like, document, strict=True)]
    return document


@dataclass(frozen=True)
class Question:
    """The same question in three languages; ``of`` finds the figures in the answer."""

    url: str
    command: str
    python: Callable[[Python], Any]
    of: Callable[[Any], Any] = lambda answer: answer
    body: dict[str, Any] | None = None


def compare_of(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"places": answer["settlements"]["places"]}


def what_if_of(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"difference": compare_of(answer["difference"])}


READ = "reading=luhansk_pocket:retained"
QUESTIONS = {
    "statistics": Question(
        f"/api/statistics?date={DAY}&by=oblast&{READ}",
        f"stats --date {DAY} --by oblast --reading luhansk_pocket:retained",
        lambda python: list(python.scenario(luhansk_pocket="retained").table("oblast").rows),
        lambda answer: answer["rows"],
    ),
    "readings": Question(
        "/api/readings",
        "readings",
        Python.readings,
        lambda answer: answer["figures"],
    ),
    "compare": Question(
        f"/api/compare?a=point21-axios@{DAY}&b=point21-cbs@{LATER}",
        f"compare point21-axios@{DAY} point21-cbs@{LATER}",
        lambda python: python.compared(python.scenario(), python.scenario("point21-cbs", LATER)),
        compare_of,
    ),
    "uncertainty": Question(
        f"/api/uncertainty?date={DAY}&draws=40&seed=3",
        f"uncertainty --date {DAY} --draws 40 --seed 3",
        lambda python: list(
            geo.estimate_uncertainty(python.scenario(), draws=40, seed=3).table.rows
        ),
        lambda answer: answer["rows"],
    ),
    "band": Question(
        f"/api/band?date={DAY}&sources=observations,theirs&by=oblast",
        f"band --date {DAY} --source observations --source theirs --by oblast",
        lambda python: list(
            geo.measure_band(
                {
                    "observations": python.scenario(),
                    "theirs": python.scenario(lines=python.theirs),
                }
            )
            .table("oblast")
            .rows
        ),
        lambda answer: answer["rows"],
    ),
    "what-if with a line": Question(
        "/api/what-if",
        f"what-if --line line.geojson --plan point21-cbs --date {DAY}",
        lambda python: python.what_if(python.drawn["line"], "point21-cbs"),
        what_if_of,
        {"line": LINE, "plan": "point21-cbs", "date": str(DAY)},
    ),
    "what-if with an area": Question(
        "/api/what-if",
        f"what-if --line area.geojson --date {DAY}",
        lambda python: python.what_if(python.drawn["area"], "point21-axios"),
        what_if_of,
        {"line": AREA, "date": str(DAY)},
    ),
    "what-if with a shift": Question(
        "/api/what-if",
        f"what-if --shift 3 --into russia --date {DAY}",
        Python.shifted,
        lambda answer: {**answer["shift"], "oblast": answer["statistics"]["oblast"]},
        {"shift": {"km": 3, "into": "russia"}, "date": str(DAY)},
    ),
    "locate a position": Question(
        f"/api/locate?lon=37.58&lat=48.72&date={DAY}",
        f"locate --lon 37.58 --lat 48.72 --date {DAY}",
        lambda python: [located(python.scenario().locate(37.58, 48.72))],
        lambda answer: answer["matches"],
    ),
    "locate a place": Question(
        f"/api/locate?place=Kramatorsk&date={DAY}",
        f"locate Kramatorsk --date {DAY}",
        lambda python: [located(found) for found in python.scenario().find_place("Kramatorsk")],
        lambda answer: answer["matches"],
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    for name, shape in (
        ("line", LINE),
        ("area", AREA),
        ("theirs", shapely.geometry.mapping(THEIRS)),
    ):
        (folder / f"{name}.geojson").write_text(json.dumps(shape), "utf-8")
    return folder


@pytest.fixture(scope="module")
def python(folder: Path) -> Python:
    return Python(folder)


@pytest.fixture(scope="module")
def server(client: Any, folder: Path) -> Any:
    """A server whose operator has configured a second source."""
    catalogue = Catalogue(sources={"theirs": SourceFile(folder / "theirs.geojson")})
    service = create_app(Settings(warm_up=False), catalogue=catalogue)
    yield type(client)(service)
    service.state.what_if_pool.close()
    service.state.request_pool.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_http_command_line_and_python_agree_to_the_last_digit(
    server: Any, python: Python, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked = QUESTIONS[name]
    monkeypatch.chdir(folder)
    monkeypatch.setenv("POINT21_SOURCES", json.dumps({"theirs": str(folder / "theirs.geojson")}))
    answer = server.get(asked.url) if asked.body is None else server.post(asked.url, asked.body)
    assert answer.status_code == 200, answer.text
    said = CliRunner().invoke(command_line, [*asked.command.split(), "--json"])
    assert said.exit_code == 0, said.output
    assert said.stdout_bytes.rstrip(b"\n") == answer.content
    expected = asked.python(python)
    assert expected
    assert pick(expected, asked.of(answer.json())) == expected


def test_what_changed_hands_between_two_days_is_the_same_as_geometry_and_figures(
    server: Any, python: Python, folder: Path
) -> None:
    url = f"/api/compare?a=@{DAY}&b=@{LATER}&by=held_by&format=geojson"
    answer = server.get(url)
    target = folder / "differs.geojson"
    asked = ["compare", f"@{DAY}", f"@{LATER}", "--by", "held_by", "-o", str(target)]
    assert CliRunner().invoke(command_line, asked).exit_code == 0
    assert target.read_bytes() == answer.content
    expected = python.hands_changed()
    assert expected
    features = [feature["properties"] for feature in answer.json()["features"]]
    assert pick(expected, features) == expected
