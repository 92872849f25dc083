"""Areas and places on the map: clicked, hovered over, reached by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from pages import DAY, KRAMATORSK, PLAN_A, caption_read, click_at, written


@pytest.mark.both_sizes
def test_a_click_on_kramatorsk_tells_what_the_text_says_there(witness: Any, ask: Any) -> None:
    page = witness.open()
    clause = next(c for c in ask(f"api/plans/{PLAN_A}")["clauses"] if c["id"] == "21.4")
    click_at(page, *KRAMATORSK)
    inspector = page.locator("#inspector")
    caption_read(page)
    expect(inspector.locator("h2")).to_have_text("Donetsk Oblast, Ukrainian-held part")
    text = inspector.inner_text()
    assert "Demilitarised buffer zone" in text
    assert "Ukrainian forces withdraw" in text
    assert "None: demilitarised" in text
    assert clause["quote"] in inspector.locator("blockquote").all_inner_texts()
    assert clause["article"] in text
    area = next(
        row["area_km2"]
        for row in ask(f"api/map?plan={PLAN_A}&date={DAY}")["tables"]["oblast,category"]
        if row["oblast"] == "UA-14" and row["category"] == "buffer_zone"
    )
    assert f"{written(area)} km²" in text
    page.locator("#inspector-close").click()
    expect(inspector.locator("h2")).to_have_text("What the text says")


def test_what_one_label_cannot_say_is_said(witness: Any, ask: Any) -> None:
    page = witness.open()
    luhansk = page.locator('[data-face="UA-09 ukraine"]')
    luhansk.focus()
    page.keyboard.press("Enter")
    caption_read(page)
    text = page.locator("#inspector").inner_text()
    assert "although Ukraine holds it and no withdrawal is ordered" in text
    assert "De facto Russian" in text


def test_areas_are_reached_and_read_by_keyboard(witness: Any) -> None:
    page = witness.open()
    page.locator("#map_point21").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('path.face--buffer_zone')"):
            break
    focused = page.locator("path:focus")
    assert "Demilitarised buffer zone" in focused.get_attribute("aria-label")
    assert focused.get_attribute("role") == "button"
    expect(page.locator("path.highlight").first).not_to_have_attribute("d", "M0 0")
    page.keyboard.press("Enter")
    expect(page.locator("#inspector")).to_be_focused()
    expect(page.locator("#inspector-title")).to_contain_text("Donetsk Oblast")


def test_hovering_names_the_place(witness: Any, size: str) -> None:
    if size == "phone":
        pytest.skip("a finger does not hover")
    page = witness.open()
    page.locator('[data-face="UA-43 russia"]').hover()
    tip = page.locator(".tip-box")
    expect(tip).to_contain_text("Crimea")
    expect(tip).to_contain_text("Recognised as de facto Russian · Russian-held")


def test_the_power_plant_says_what_its_point_says(witness: Any, ask: Any) -> None:
    page = witness.open()
    clause = next(c for c in ask(f"api/plans/{PLAN_A}")["clauses"] if c["id"] == "19")
    page.locator(".place").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#inspector blockquote")).to_have_text(clause["quote"])
