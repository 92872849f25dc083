"""The first screen: map, sentence, legend with figures and switches."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from pages import CATEGORIES, DAY, PLAN_A, PLAN_B, faces, written


@pytest.mark.both_sizes
def test_it_is_drawn_without_a_word_on_the_console(witness: Any) -> None:
    page = witness.open()
    for category in CATEGORIES:
        assert faces(page, category) > 0, category
    assert page.locator("path.front").count() == 2
    assert page.locator(".ground--land").count() >= 1
    assert page.locator(".ground--river").count() >= 1
    assert page.locator(".label--city").count() > 3
    assert page.locator(".label--oblast").count() > 3
    assert page.locator(".place").get_attribute("aria-label").startswith("Zaporizhzhia")
    marks = page.evaluate("performance.getEntriesByName('point21:drawn').length")
    assert marks == 1
    witness.assert_quiet()


def test_a_policy_allows_no_script_but_ours(witness: Any) -> None:
    response = witness.page.goto(witness.server)
    policy = response.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in scripts


def test_the_legend_shows_the_figures_of_the_api(witness: Any, ask: Any) -> None:
    page = witness.open()
    rows = ask(f"api/layers?plan={PLAN_A}&date={DAY}")["layers"]
    assert [row["category"] for row in rows] == list(CATEGORIES)
    for row in rows:
        line = page.locator(f'#legend [data-category="{row["category"]}"]')
        assert line.locator("th").inner_text() == row["label"]
        assert line.locator('[data-figure="area_km2"]').inner_text() == written(row["area_km2"])
        share = line.locator('[data-figure="share"]').inner_text()
        assert float(share.split()[0]) == pytest.approx(100 * row["share"], abs=0.051)


def test_the_ledger_and_the_sentence_say_who_leaves_what(witness: Any, ask: Any) -> None:
    page = witness.open()
    bundle = ask(f"api/map?plan={PLAN_A}&date={DAY}")
    [total] = bundle["totals"]["change"]
    rows = [*bundle["tables"]["change"], total]
    headline = page.locator("#headline").inner_text()
    assert f"Ukraine would leave {written(total['ukraine_leaves_km2'])} km²" in headline
    russia = written(total["russia_leaves_km2"])
    assert f"Russia would leave up to {russia} km²" in headline
    assert "which of it is left to agreement" in headline
    assert "21 November 2025" in headline
    cells = page.locator('[data-table="change"] tr.total td').all_inner_texts()
    assert cells[0] == written(total["ukraine_leaves_km2"])
    assert cells[1] == f"up to {russia}"
    assert cells[2] == f"at least {written(total['net_leaves_km2'])}"
    assert "leaves to agreement" in page.locator("#note-ledger").inner_text()
    shown = page.locator('[data-table="change"] :is(tbody, tfoot) tr').count()
    assert shown == sum(row["ukraine_leaves_km2"] + row["russia_leaves_km2"] > 0 for row in rows)


def test_switches_take_layers_away_and_bring_them_back(witness: Any) -> None:
    page = witness.open()
    for category in CATEGORIES:
        before = faces(page, category)
        box = page.locator(f'[data-layer="{category}"]')
        paths = page.locator(f"path.face--{category}")
        box.uncheck()
        expect(paths).to_have_count(0)
        box.check()
        expect(paths).to_have_count(before)
    for layer, selector in (
        ("line", "path.front"),
        ("oblasts", "#map_point21:not(.without-borders)"),
        ("oblasts", ".label--oblast"),
        ("towns", ".label--city"),
    ):
        page.locator(f'[data-layer="{layer}"]').uncheck()
        expect(page.locator(selector), layer).to_have_count(0)
        page.locator(f'[data-layer="{layer}"]').check()
        expect(page.locator(selector), layer).not_to_have_count(0)
    witness.assert_quiet()


def test_a_hidden_layer_stays_hidden_under_another_plan(witness: Any) -> None:
    page = witness.open()
    page.locator('[data-layer="frozen"]').uncheck()
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    assert faces(page, "frozen") == 0
    assert faces(page, "buffer_zone") > 0
