"""Maps for notebooks: complete without a network, and what files say is text and nothing else."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import folium
import numpy as np
import pytest
from playwright.sync_api import sync_playwright

import geo
from app.notebook_map import explore

HOSTILE = "</script><script>wounded()</script>\"'<img src=x onerror=wounded()>"


def build(day: date | None = None, boundaries: geo.Boundaries | None = None) -> geo.Scenario:
    plan = geo.load_plan("point21-axios")
    return geo.build_scenario(
        boundaries or geo.load_boundaries(),
        geo.load_contact_line(day or plan.line_date),
        plan,
        geo.load_observations(),
    )


@pytest.fixture(scope="module")
def scenario() -> geo.Scenario:
    return build()


@pytest.fixture(scope="module")
def comparison(scenario: geo.Scenario) -> geo.Comparison:
    return scenario.compare(build(date(2026, 8, 1), scenario.boundaries))


@pytest.fixture(scope="module")
def history(scenario: geo.Scenario) -> geo.History:
    return geo.history(
        scenario.plan, geo.load_contact_lines(), boundaries=scenario.boundaries, by="category"
    )


def write(shown: geo.Scenario | geo.Comparison | geo.History, **options: str) -> str:
    return str(explore(shown, **options).get_root().render())


def test_the_map_is_folium_s_and_loads_nothing(scenario: geo.Scenario) -> None:
    page = explore(scenario)
    assert isinstance(page, folium.Map)
    folium.CircleMarker([48, 31]).add_to(page)
    text = str(page.get_root().render())
    assert not re.findall(r"<(?:link|img|iframe)\b|<script[^>]+src", text)
    assert "tileLayer(" not in text
    assert "L.circleMarker" in text


def test_a_scenario_shows_every_category_with_its_area(scenario: geo.Scenario) -> None:
    text = write(scenario)
    for layer in scenario.layers:
        assert f"{layer.label}: {layer.area_km2:,.0f} km" in text
    assert f"Line of contact of {scenario.line.date}" in text
    assert "GeoNames (CC BY 4.0)" in text


@pytest.mark.parametrize("by", ["category", "held_by", "recognised_as", "forces_allowed"])
def test_a_comparison_shows_what_differs(comparison: geo.Comparison, by: str) -> None:
    text = write(comparison, by=by)
    drawn = {float(km2.replace(",", "")) for km2 in re.findall(r'"km²": "([\d,.]+)"', text)}
    drawn |= {float(x.replace(",", "")) for x in re.findall(r'"km\\u00b2": "([\d,.]+)"', text)}
    assert drawn == {round(item.area_km2, 1) for item in comparison.differences(by)}
    assert "Line of contact of 2026-08-01" in text


def test_nothing_that_differs_is_no_fault(scenario: geo.Scenario) -> None:
    assert "Line of contact of" in write(scenario.compare(scenario))


def test_a_history_shows_the_first_and_the_last_day(history: geo.History) -> None:
    text = write(history)
    first, last = history.days[0], history.days[-1]
    russia = [np.nan_to_num(day.area_km2[:, 0]) for day in (first, last)]
    donetsk = history.table.boundaries.index("UA-14")
    assert f"{russia[1][donetsk] - russia[0][donetsk]:+,.0f}" in text
    assert str(first.date) in text and str(last.date) in text


def test_names_from_files_are_text(scenario: geo.Scenario) -> None:
    units = scenario.boundaries
    renamed = geo.Boundaries(
        units.ids,
        units.geometry,
        np.full(len(units), HOSTILE, dtype=object),
        units.name_uk,
        units.katottg,
        units.area_official_km2,
        units.population_2022,
        units.provenance,
    )
    text = write(build(boundaries=renamed))
    assert "wounded" in text
    assert "<script>wounded" not in text
    assert "<img" not in text


def test_anything_else_is_refused(scenario: geo.Scenario) -> None:
    with pytest.raises(TypeError, match="expected a Scenario, Comparison or History; got Plan"):
        explore(scenario.plan)  # type: ignore[arg-type]


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_draws_them_without_a_network(
    scenario: geo.Scenario,
    comparison: geo.Comparison,
    history: geo.History,
    chromium: str,
    chromium_flags: tuple[str, ...],
    tmp_path: Path,
) -> None:
    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(chromium_flags))
        for number, shown in enumerate((scenario, comparison, history)):
            file = tmp_path / f"{number}.html"
            explore(shown).save(str(file))
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("request", lambda request: asked.append(request.url.split(":")[0]))
            page.goto(file.as_uri())
            page.wait_for_selector(".leaflet-control-layers-overlays label")
            assert page.locator("path.leaflet-interactive").count() > 5
            page.locator("path.leaflet-interactive").last.dispatch_event("mouseover")
            page.wait_for_selector(".leaflet-tooltip table")
            page.close()
        browser.close()
    assert not faults
    assert set(asked) <= {"file", "data"}
