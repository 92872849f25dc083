"""The map as one file, opened from disk with nothing else there."""

from __future__ import annotations

import csv
import io
import urllib.request
from pathlib import Path
from typing import Any

import pytest

PLAN_A = "point21-axios"
PLAN_B = "point21-cbs"
DAY = "2025-11-21"


@pytest.fixture(scope="session")
def single_file(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("single") / "map.html"
    with urllib.request.urlopen(f"{server}map.html", timeout=60) as answer:
        path.write_bytes(answer.read())
    return path


def open_file(witness: Any, path: Path) -> Any:
    witness.page.goto(path.as_uri())
    return witness.ready()


def test_it_asks_for_nothing_but_itself(witness: Any, single_file: Path) -> None:
    page = open_file(witness, single_file)
    assert page.locator("path.face--buffer_zone").count() > 0
    assert page.locator(".ground--land").count() >= 1
    assert page.locator(".label--city").count() > 3
    outside = [url for url in witness.requests if not url.startswith(("data:", "blob:"))]
    assert outside == [single_file.as_uri()]
    witness.assert_quiet()


def test_it_offers_the_plans_that_it_carries_and_no_other_day(
    witness: Any, single_file: Path, ask: Any
) -> None:
    page = open_file(witness, single_file)
    plans = page.locator("#plan option").evaluate_all("nodes => nodes.map(node => node.value)")
    assert set(plans) == {plan["id"] for plan in ask("api/plans")["plans"]}
    assert page.locator("#date").is_disabled()
    assert not page.locator("#later").is_visible()
    assert page.locator("[data-csv]").count() == 0
    before = page.locator("path.front").last.get_attribute("d")
    page.locator("#plan").select_option("borders-1991")
    witness.settled("borders-1991", DAY)
    assert page.locator("path.face--relinquished").count() > 0
    assert page.locator("path.face--buffer_zone").count() == 0
    assert page.locator("path.front").last.get_attribute("d") == before
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    assert page.locator("path.face--buffer_zone").count() > 0
    witness.assert_quiet()


def test_a_map_of_a_reading_says_so_and_draws_what_it_leaves_open(
    witness: Any, server: str, tmp_path: Path
) -> None:
    path = tmp_path / "read.html"
    query = "reading=frozen_far_side:undefined&reading=agreed_territories:none"
    with urllib.request.urlopen(f"{server}map.html?{query}", timeout=60) as answer:
        path.write_bytes(answer.read())
    page = open_file(witness, path)
    assert page.locator("path.face--not_settled").count() > 0
    assert page.locator("path.face--relinquished").count() == 0
    words = page.locator("#headline").inner_text()
    assert "Read otherwise than by default: Which territories outside the five regions" in words
    assert "does Russia leave? None; What becomes of the parts of Kherson" in words
    assert page.locator("#legend [data-category=not_settled]").count() == 1
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    assert page.locator("path.face--not_settled").count() == 0
    assert "Read otherwise" not in page.locator("body").inner_text()
    witness.assert_quiet()


def test_its_figures_are_those_of_the_server(witness: Any, single_file: Path, ask: Any) -> None:
    page = open_file(witness, single_file)
    rows = ask(f"api/layers?plan={PLAN_A}&date={DAY}")["layers"]
    shown = page.locator('#legend [data-figure="area_km2"]').all_inner_texts()
    assert shown == [f"{round(row['area_km2']):,}" for row in rows]


def test_its_tables_can_be_taken_away_without_a_server(
    witness: Any, single_file: Path, server: str
) -> None:
    page = open_file(witness, single_file)
    with page.expect_download() as waiting:
        page.locator("#statistics-ledger .grid-csv").click()
    download = waiting.value
    assert download.suggested_filename == f"{PLAN_A}_{DAY}_change.csv"
    with urllib.request.urlopen(f"{server}api/statistics?by=change&format=csv") as answer:
        [names, *expected] = csv.reader(io.TextIOWrapper(answer, "utf-8", newline=""))
    with Path(download.path()).open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) == len(expected)
    for row, line in zip(found, expected, strict=True):
        for name, cell in zip(names, line, strict=True):
            if name.endswith("_km2"):
                assert float(row[name]) == float(cell)
            else:
                assert row[name] == cell
    witness.assert_quiet()
