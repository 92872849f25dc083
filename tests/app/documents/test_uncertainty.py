"""Uncertainty over HTTP and on the command line: the figures of the Python API, bounded."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue
from app.schemas.uncertainty import UncertainFigures

ASKED = "draws=60&seed=11"


@pytest.fixture(scope="module")
def result(catalogue: Catalogue) -> geo.Uncertainty:
    return geo.estimate_uncertainty(catalogue.select().scenario, draws=60, seed=11)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["uncertainty", *arguments])


def test_the_answer_has_the_figures_of_the_python_api(client: Any, result: geo.Uncertainty) -> None:
    answer = client.json(f"/api/uncertainty?{ASKED}")
    UncertainFigures.model_validate(answer)
    assert answer["rows"] == list(result.table.rows)
    assert (answer["draws"], answer["seed"], answer["interval"]) == (60, 11, 0.9)
    assert answer["model"]["half_width_km"] == result.half_width_km
    assert answer["identity"]["date"] == "2025-11-21"
    assert {column["name"] for column in answer["columns"]} == set(answer["rows"][0])


def test_values_are_those_of_the_statistics(client: Any) -> None:
    rows = client.json(f"/api/uncertainty?{ASKED}")["rows"]
    for by, key in (("category", "category"), ("oblast", "oblast"), ("change", "oblast")):
        known = {row[key]: row for row in client.json(f"/api/statistics?by={by}")["rows"]}
        mine = [row for row in rows if row["by"] == by and row["value_km2"]]
        assert mine
        assert all(row["value_km2"] == known[row["key"]][row["figure"]] for row in mine)


def test_the_command_line_writes_what_the_server_answers(client: Any, tmp_path: Path) -> None:
    served = client.get(f"/api/uncertainty?{ASKED}")
    written = run("--draws", "60", "--seed", "11", "--json")
    assert written.exit_code == 0, written.output
    assert written.stdout_bytes.rstrip(b"\n") == served.content
    target = tmp_path / "intervals.csv"
    assert run("--draws", "60", "--seed", "11", "-o", str(target)).exit_code == 0
    assert target.read_bytes() == client.get(f"/api/uncertainty?{ASKED}&format=csv").content


def test_the_csv_carries_its_identity(client: Any, result: geo.Uncertainty) -> None:
    answer = client.get(client.json(f"/api/uncertainty?{ASKED}")["links"]["csv"])
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["sd_km2"]) for row in rows] == [row["sd_km2"] for row in result.table.rows]
    assert {(row["plan"], row["draws"], row["seed"]) for row in rows} == {
        ("point21-axios", "60", "11")
    }


def test_a_plan_a_day_and_a_half_width_can_be_chosen(client: Any) -> None:
    url = "/api/uncertainty?plan=point21-cbs&date=2026-01-01&draws=20&uncertainty_km=1"
    answer = client.json(url)
    assert answer["identity"]["plan"] == "point21-cbs"
    assert answer["model"]["half_width_km"] == 1.0
    assert answer["model"]["definition"] == ""
    assert "uncertainty_km=1.0" in answer["links"]["csv"]
    frozen = [row for row in answer["rows"] if row["key"] == "frozen"]
    assert 5 < frozen[0]["sd_km2"] < 80


def test_the_answer_is_kept(client: Any) -> None:
    first = client.get(f"/api/uncertainty?{ASKED}")
    again = client.get(f"/api/uncertainty?{ASKED}", if_none_match=first.headers["etag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("draws=9", "draws"),
        ("draws=10001", "draws"),
        ("draws=many", "draws"),
        ("seed=-1", "seed"),
        ("seed=99999999999999999999", "seed"),
        ("interval=1", "interval"),
        ("interval=nan", "interval"),
        ("uncertainty_km=0", "uncertainty_km"),
        ("uncertainty_km=26", "uncertainty_km"),
        ("uncertainty_km=inf", "uncertainty_km"),
        ("drws=10", "drws"),
    ],
)
def test_what_cannot_be_used_is_named(client: Any, query: str, parameter: str) -> None:
    answer = client.get(f"/api/uncertainty?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_a_line_without_uncertainty_is_refused_with_the_remedy(
    catalogue: Catalogue,
) -> None:
    import dataclasses

    from app.documents.uncertainty import estimate
    from app.errors import InvalidRequestError

    selection = catalogue.select()
    scenario = selection.scenario
    line = dataclasses.replace(scenario.line, uncertainty_km=None)
    partition = dataclasses.replace(scenario.partition, line=line)
    settlement = dataclasses.replace(scenario.settlement, partition=partition)
    bare = dataclasses.replace(
        selection, scenario=dataclasses.replace(scenario, settlement=settlement)
    )
    with pytest.raises(InvalidRequestError, match="give the half-width"):
        estimate(bare, draws=10)
    assert estimate(bare, draws=10, uncertainty_km=2.0).half_width_km == 2.0


def test_people_see_what_depends_on_the_line() -> None:
    shown = run("--draws", "40")
    assert shown.exit_code == 0, shown.output
    assert "buffer_zone" in shown.output
    assert "UA-05" not in shown.output
    assert "figures do not depend on where the line lies" in shown.output


def test_the_command_line_names_what_is_wrong() -> None:
    assert run("--draws", "3").exit_code == 2
    assert run("--json", "--csv").exit_code == 2
    assert run("--plan", "point21-axois").exit_code == 2
    assert json.loads(run("--draws", "10", "--json").stdout)["draws"] == 10


def test_other_requests_are_answered_meanwhile(client: Any) -> None:
    """The estimate does not hold up the event loop, nor the threads of other requests."""
    order: list[str] = []

    async def ask_all() -> None:
        transport = httpx.ASGITransport(app=client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as session:

            async def ask(url: str) -> None:
                answer = await session.get(url, timeout=300)
                assert answer.status_code == 200
                order.append(url.split("?", maxsplit=1)[0])

            slow = [
                asyncio.create_task(ask(f"/api/uncertainty?draws=2000&seed={seed}"))
                for seed in (101, 102, 103)
            ]
            await asyncio.sleep(0.05)
            for _ in range(5):
                await ask("/healthz")
            await asyncio.gather(*slow)

    asyncio.run(ask_all())
    assert order == ["/healthz"] * 5 + ["/api/uncertainty"] * 3
