"""Every output says what its figures depend on, in one form: JSON, rows, frames, the terminal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

import geo
from app.cli.main import app as command_line
from geo.model.identity import IDENTITY_COLUMNS, Identity

PAIR = ("point21-axios", "point21-axios@2026-01-01~agreed_territories:none")


@pytest.fixture(scope="module")
def scenarios() -> tuple[geo.Scenario, geo.Scenario]:
    boundaries, places = geo.load_boundaries(), geo.load_observations()
    plan = geo.load_plan("point21-axios")
    found = [
        geo.build_scenario(boundaries, geo.load_contact_line(day), chosen, places)
        for day, chosen in (
            (date(2025, 11, 21), plan),
            (date(2026, 1, 1), plan.read(agreed_territories="none")),
        )
    ]
    return found[0], found[1]


def run(*words: str) -> str:
    done = CliRunner().invoke(command_line, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_identity_says_only_what_is_known() -> None:
    known = Identity("p", "2025-11-21", "observations", "natural-earth", "0123")
    assert known.to_dict() == {
        "plan": "p",
        "date": "2025-11-21",
        "source": "observations",
        "boundaries": "natural-earth",
        "data_version": "0123",
        "readings": {},
    }
    asked = replace(known, basis="moved", requested_date="2025-11-25", readings={"a": "b"})
    assert asked.to_dict()["basis"] == "moved"
    assert asked.to_dict()["requested_date"] == "2025-11-25"
    assert tuple(asked.to_row()) == IDENTITY_COLUMNS
    assert asked.to_row("_a")["readings_a"] == "a:b"
    for part in ("p", "2025-11-21", "2025-11-25", "observations", "moved", "a:b", "0123"):
        assert part in str(asked)
    history = replace(known, date="")
    assert "date" not in history.to_row()
    assert "date" not in history.to_dict()


def test_frames_carry_the_identity(scenarios: tuple[geo.Scenario, geo.Scenario]) -> None:
    a, b = scenarios
    about = {"identity": a.identity.to_dict()}
    assert a.table("oblast").to_dataframe().attrs == about
    assert a.areas("change", totals=True).attrs == about
    assert a.layers[0].to_geodataframe().attrs == about
    assert a.layer(geo.Category.BUFFER_ZONE).to_geodataframe().attrs == about
    assert a.settlement.to_geodataframe().attrs["identity"].items() <= about["identity"].items()
    compared = a.compare(b)
    sides = {"a": a.identity.to_dict(), "b": b.identity.to_dict()}
    assert sides["b"]["readings"] == {"agreed_territories": "none"}
    assert compared.to_geodataframe().attrs == sides
    for by in geo.CompareBy:
        assert compared.table(by, totals=True).to_dataframe().attrs == sides
    band = geo.measure_band({"one": a, "two": replace(b, settlement=a.settlement)})
    assert band.table().to_dataframe().attrs["identities"]["one"] == sides["a"]


def test_a_moved_line_is_identified_by_what_was_asked(
    scenarios: tuple[geo.Scenario, geo.Scenario],
) -> None:
    """The same move of the same line has one data version, another move another one."""
    partition, box = scenarios[0].partition, (36.0, 47.5, 37.0, 48.5)
    one, again, other = (
        geo.shift_line(partition, km, into=geo.Control.RUSSIA, within=box).line
        for km in (1, 1.0, 2.0)
    )
    assert one.provenance == again.provenance
    hashes = {line.provenance.sha256 for line in (partition.line, one, other)}
    assert len(hashes) == 3
    assert other.basis == "observations; a stretch of it moved 2 km into land held by russia"


def test_a_comparison_says_what_it_compared() -> None:
    """On the terminal, and in each row of the CSV for both sides."""
    document: dict[str, Any] = json.loads(run("compare", *PAIR, "--json"))
    rows = list(csv.DictReader(io.StringIO(run("compare", *PAIR, "--csv"))))
    printed = run("compare", *PAIR).splitlines()
    for side, line in zip("ab", printed, strict=False):
        known = document[side]
        assert line.startswith(f"{side}: ")
        for name in IDENTITY_COLUMNS:
            shown = known[name]
            if name == "readings":
                shown = " ".join(f"{key}:{value}" for key, value in shown.items())
            assert shown in line
            assert {row[f"{name}_{side}"] for row in rows} == {shown}


def test_the_server_names_its_files_apart(client: Any) -> None:
    health = client.json("/healthz")
    identity = client.json("/api/statistics")["identity"]
    assert health["files_version"] == health["data_version"] != identity["data_version"]
