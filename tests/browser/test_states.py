"""One state at a time: overtaken answers, what stays meanwhile, failure and retry."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from pages import DAY, OTHER_DAY, PLAN_A, hold


def test_an_overtaken_answer_is_dropped(witness: Any) -> None:
    page = witness.open()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator('#page[data-phase="loading"]').wait_for()
    page.locator("#date").select_option("2025-12-01")
    witness.settled(PLAN_A, "2025-12-01")
    assert held, "the slow request was never made"
    for route in held:
        route.continue_()
    page.wait_for_timeout(400)
    assert page.locator("#date").input_value() == "2025-12-01"
    assert "1 December 2025" in page.locator("#headline").inner_text()
    assert "date=2025-12-01" in page.url


def test_what_was_shown_stays_until_the_new_state_is_complete(witness: Any) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator("#status", has_text="Loading").wait_for()
    assert page.locator("#page").get_attribute("aria-busy") == "true"
    assert page.locator("#headline").inner_text() == before
    assert page.locator("#notes-date").inner_text() == "21 November 2025"
    held[0].continue_()
    witness.settled(PLAN_A, OTHER_DAY)
    assert page.locator("#headline").inner_text() != before
    assert page.locator("#status").inner_text() == ""


@pytest.mark.parametrize("way", ["refused", "server error", "no JSON"])
def test_a_failure_is_told_and_can_be_mended(witness: Any, way: str) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    pattern = f"**/api/map?*date={OTHER_DAY}"

    def fail(route: Route) -> None:
        if way == "refused":
            route.abort("connectionrefused")
        else:
            route.fulfill(status=500 if way == "server error" else 200, body="<p>sorry</p>")

    page.route(pattern, fail)
    page.locator("#date").select_option(OTHER_DAY)
    page.locator("#alert").wait_for()
    told = page.locator("#alert").inner_text()
    assert "1 August 2026 could not be loaded" in told
    assert "still shows" in told
    assert page.locator("#headline").inner_text() == before
    assert page.locator("#date").input_value() == DAY
    page.unroute(pattern)
    page.locator("#retry").click()
    witness.settled(PLAN_A, OTHER_DAY)
    assert not page.locator("#alert").is_visible()
    assert witness.errors == []
