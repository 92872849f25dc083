"""Choosing plan and day: map, figures, words and address move together."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from pages import DAY, KRAMATORSK, OTHER_DAY, PLAN_A, PLAN_B, click_at, faces, in_address, written


def test_another_plan_moves_map_words_and_address_together(witness: Any) -> None:
    page = witness.open()
    click_at(page, *KRAMATORSK)
    expect(page.locator("#inspector")).to_contain_text("Internationally")
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    in_address(page, f"plan={PLAN_B}")
    expect(page.locator("#inspector .facts")).not_to_contain_text("Internationally")
    expect(page.locator("#inspector")).to_contain_text("Donetsk Oblast, Ukrainian-held part")
    page.locator("#plan").select_option("borders-1991")
    witness.settled("borders-1991", DAY)
    assert faces(page, "buffer_zone") == 0
    expect(page.locator("#headline")).to_contain_text("Ukraine would leave nothing")
    page.go_back()
    witness.settled(PLAN_B, DAY)
    assert faces(page, "buffer_zone") > 0
    witness.assert_quiet()


def test_another_day_moves_line_figures_and_date(witness: Any, ask: Any) -> None:
    page = witness.open()
    line = page.locator("path.front").last.get_attribute("d")
    page.locator("#date").select_option(OTHER_DAY)
    witness.settled(PLAN_A, OTHER_DAY)
    assert page.locator("path.front").last.get_attribute("d") != line
    rows = ask(f"api/layers?plan={PLAN_A}&date={OTHER_DAY}")["layers"]
    shown = page.locator('#legend [data-figure="area_km2"]').all_inner_texts()
    assert shown == [written(row["area_km2"]) for row in rows]
    for place in ("#headline", "#notes-date", "#sources"):
        assert "1 August 2026" in page.locator(place).inner_text(), place
    assert OTHER_DAY in page.locator('[data-csv="change"]').get_attribute("href")


def test_the_buttons_step_through_the_days_that_exist(witness: Any) -> None:
    page = witness.open()
    days = page.locator("#date option").evaluate_all("nodes => nodes.map(node => node.value)")
    assert days == sorted(days)
    index = days.index(DAY)
    page.locator("#later").click()
    witness.settled(PLAN_A, days[index + 1])
    page.locator("#earlier").click()
    witness.settled(PLAN_A, days[index])
    page.locator("#date").select_option(days[-1])
    witness.settled(PLAN_A, days[-1])
    expect(page.locator("#later")).to_be_disabled()


def test_an_address_restores_its_state(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_B}&date={OTHER_DAY}")
    witness.settled(PLAN_B, OTHER_DAY)
    assert "1 August 2026" in page.locator("#headline").inner_text()
    witness.assert_quiet()
