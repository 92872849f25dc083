"""One state at a time: overtaken answers, what stays meanwhile, failure and retry."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from pages import DAY, OTHER_DAY, PLAN_A, eventually, hold, in_address


def test_an_overtaken_answer_is_dropped(witness: Any) -> None:
    page = witness.open()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator('#page[data-phase="loading"]').wait_for()
    eventually(page, lambda: held, "the slow request is made")
    page.locator("#date").select_option("2025-12-01")
    witness.settled(PLAN_A, "2025-12-01")
    for route in held:
        route.continue_()
    page.wait_for_timeout(400)  # for what must not come
    expect(page.locator("#date")).to_have_value("2025-12-01")
    expect(page.locator("#headline")).to_contain_text("1 December 2025")
    in_address(page, "date=2025-12-01")


def test_what_was_shown_stays_until_the_new_state_is_complete(witness: Any) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator("#status", has_text="Loading").wait_for()
    eventually(page, lambda: held, "the request is made")
    expect(page.locator("#page")).to_have_attribute("aria-busy", "true")
    assert page.locator("#headline").inner_text() == before
    expect(page.locator("#notes-date")).to_have_text("21 November 2025")
    held[0].continue_()
    witness.settled(PLAN_A, OTHER_DAY)
    assert page.locator("#headline").inner_text() != before
    expect(page.locator("#status")).to_have_text("")


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
    expect(page.locator("#alert")).to_contain_text("1 August 2026 could not be loaded")
    expect(page.locator("#alert")).to_contain_text("still shows")
    assert page.locator("#headline").inner_text() == before
    expect(page.locator("#date")).to_have_value(DAY)
    page.unroute(pattern)
    page.locator("#retry").click()
    witness.settled(PLAN_A, OTHER_DAY)
    expect(page.locator("#alert")).to_be_hidden()
    assert witness.errors == []
