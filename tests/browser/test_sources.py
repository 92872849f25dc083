"""Another source of the line: chosen on the page, named everywhere, kept in the link."""

from __future__ import annotations

import datetime
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import shapely

import geo
from tests.browser.conftest import Witness, start_server

DAYS = ("2025-11-21", "2025-12-15")
HELD = datetime.date(2026, 8, 1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose operator has added a source: the line of another day, under two dates."""
    line = geo.load_contact_line(HELD)
    folder = tmp_path_factory.mktemp("theirs")
    for day in DAYS:
        feature = {
            "type": "Feature",
            "properties": {"date": day},
            "geometry": json.loads(shapely.to_geojson(line.geometry)),
        }
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        (folder / f"line_{day}.geojson").write_text(text, encoding="utf-8")
    with start_server(sources=json.dumps({"theirs": str(folder)})) as address:
        yield address


def settled(page: Any, source: str) -> None:
    page.wait_for_function(
        """source => document.getElementById("page").dataset.phase === "ready"
          && new URL(location).searchParams.get("source") === source""",
        arg=source,
    )


def ask(server: str, path: str) -> Any:
    with urllib.request.urlopen(f"{server}{path}", timeout=60) as answer:
        return json.load(answer)


def test_another_source_is_chosen_and_kept_in_the_link(witness: Witness, server: str) -> None:
    page = witness.open()
    ours = page.locator("#headline").inner_text()
    choice = page.locator("#selectors select[name=source]")
    assert choice.locator("option").evaluate_all("all => all.map(o => o.value)") == [
        "observations",
        "theirs",
    ]
    choice.select_option("theirs")
    settled(page, "theirs")
    theirs = page.locator("#headline").inner_text()
    assert theirs != ours
    figures = ask(server, f"api/statistics?source=theirs&date={DAYS[0]}&by=category")
    area = next(row for row in figures["rows"] if row["category"] == "relinquished")["area_km2"]
    assert f"{round(area):,}" in theirs
    days = page.locator("#date option").evaluate_all("all => all.map(option => option.value)")
    assert days == list(DAYS)
    assert "theirs" in page.locator("#sources").inner_text()
    page.reload()
    witness.ready()
    settled(page, "theirs")
    assert page.locator("#headline").inner_text() == theirs
    assert choice.input_value() == "theirs"
    choice.select_option("observations")
    page.wait_for_function("words => document.getElementById('headline').innerText === words",
                           arg=ours)  # fmt: skip
    witness.assert_quiet()
