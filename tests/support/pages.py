"""What the tests of the page share: its plans and days, what is drawn, where things are."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

PLAN_A = "point21-axios"
PLAN_B = "point21-cbs"
DAY = "2025-11-21"
OTHER_DAY = "2026-08-01"
KRAMATORSK = (48.7389, 37.5848)
CATEGORIES = ("de_facto_recognized", "frozen", "buffer_zone", "relinquished", "retained")
PATIENCE_S = 120
# Draws by chance are measured many times; on a busy machine that takes its time.
DRAWS_MS = 300_000

BOXES = """selector => [...document.querySelectorAll(selector)]
  .map(node => node.getBoundingClientRect())
  .map(({left, right, top, bottom}) => ({left, right, top, bottom}))"""


def written(value: float) -> str:
    """A figure as the page writes it."""
    return "< 1" if 0 < value < 0.5 else f"{round(value):,}"


def faces(page: Page, category: str) -> int:
    """How many areas of a category are drawn."""
    return page.locator(f"path.face--{category}").count()


def click_at(page: Page, lat: float, lon: float) -> None:
    """Click the map where a place is, after moving it into the middle.

    ``void`` keeps the browser from sending the whole map back as the result, which takes seconds.
    """
    page.evaluate(
        "([lat, lon]) => void map_point21.setView([lat, lon], 9, {animate: false})", [lat, lon]
    )
    page.locator("#map_point21").scroll_into_view_if_needed()
    box = page.locator("#map_point21").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def hold(held: list[Route]) -> Callable[[Route], None]:
    """Keep requests waiting until the test lets them go."""

    def keep(route: Route) -> None:
        held.append(route)

    return keep


def eventually(page: Page, holds: Callable[[], Any], what: str) -> None:
    """Wait until something holds that the page itself cannot be asked for."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, f"{what}: it never came to that"
        page.wait_for_timeout(20)


def in_address(page: Page, part: str) -> None:
    """Wait until the address has a part."""
    expect(page).to_have_url(re.compile(re.escape(part)))


def not_in_address(page: Page, part: str) -> None:
    """Wait until the address has a part no more."""
    expect(page).not_to_have_url(re.compile(re.escape(part)))


def busy_once(asked: list[float]) -> Callable[[Route], None]:
    """Answer the first time that too much is being computed, and note when somebody asked."""

    def answer(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            route.continue_()
            return
        problem = {"type": "/problems/busy", "title": "Busy", "status": 429, "detail": "busy"}
        headers = {"retry-after": "1", "content-type": "application/problem+json"}
        route.fulfill(status=429, headers=headers, body=json.dumps(problem))

    return answer


def caption_read(page: Page) -> None:
    """Wait until the caption of a place is whole: what lies there, and what differs elsewhere."""
    page.locator("#inspector:not([aria-busy]) .elsewhere").wait_for()
