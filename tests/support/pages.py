"""What the tests of the page share: its plans and days, what is drawn, where things are."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route

PLAN_A = "point21-axios"
PLAN_B = "point21-cbs"
DAY = "2025-11-21"
OTHER_DAY = "2026-08-01"
KRAMATORSK = (48.7389, 37.5848)
CATEGORIES = ("de_facto_recognized", "frozen", "buffer_zone", "relinquished", "retained")

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
    """Click the map where a place is, after moving it into the middle."""
    page.evaluate(
        "([lat, lon]) => map_point21.setView([lat, lon], 9, {animate: false})", [lat, lon]
    )
    box = page.locator("#map_point21").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def hold(held: list[Route]) -> Callable[[Route], None]:
    """Keep requests waiting until the test lets them go."""

    def keep(route: Route) -> None:
        held.append(route)

    return keep
