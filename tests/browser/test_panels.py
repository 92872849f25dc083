"""Tools open in a panel that never lies over the map: by mouse, finger and keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from thorough import thoroughly

from pages import DAY, PLAN_A, PLAN_B

PANEL = "readings"
# Where parts of the page are, by selector, once two frames in a row have left them there.
AT_REST = """async selectors => {
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const measure = () => selectors.map(selector =>
    document.querySelector(selector).getBoundingClientRect().toJSON());
  let before = null;
  let now = measure();
  while (JSON.stringify(before) !== JSON.stringify(now)) {
    await frame();
    [before, now] = [now, measure()];
  }
  return now;
}"""


def at_rest(page: Page, *selectors: str) -> list[dict[str, float]]:
    """Boxes of parts of the page that no longer move."""
    return list(page.evaluate(AT_REST, list(selectors)))


def open_panel(page: Any, name: str = PANEL) -> Any:
    page.locator(f'#tools [data-panel="{name}"]').click()
    panel = page.locator(f".feature--{name}:not([aria-busy])")
    panel.wait_for()
    return panel


def test_nothing_of_a_feature_is_asked_for_before_it_is_opened(witness: Any) -> None:
    page = witness.open()
    assert not [url for url in witness.requests if f"tools/{PANEL}" in url]
    open_panel(page)
    asked = [url.rsplit("/", 1)[1] for url in witness.requests if f"tools/{PANEL}" in url]
    assert sorted(asked) == [f"{PANEL}.css", f"{PANEL}.js"]
    page.locator(".drawer-close").click()
    open_panel(page)
    again = [url for url in witness.requests if f"tools/{PANEL}" in url]
    assert len(again) == 2, "it is loaded once"
    witness.assert_quiet()


@pytest.mark.parametrize("width", [320, 1440, *thoroughly(390, 1024, 2560)])
def test_the_panel_stands_beside_the_map_at_every_width(witness: Any, width: int) -> None:
    witness.page.set_viewport_size({"width": width, "height": 800})
    page = witness.open()
    open_panel(page)
    canvas, drawer = at_rest(page, "#canvas", ".drawer-head")
    beside = drawer["left"] >= canvas["right"] - 1 or drawer["right"] <= canvas["left"] + 1
    assert beside or drawer["top"] >= canvas["bottom"] - 1
    assert canvas["top"] >= -1, "the map is in sight"
    assert canvas["bottom"] - canvas["top"] > 150
    assert drawer["top"] < 800, "so is the panel's head"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_function(
        "width => Math.abs(map_point21.getSize().x - width) <= 2",
        arg=canvas["right"] - canvas["left"],
    )


@pytest.mark.both_sizes
def test_the_map_stays_in_sight_while_the_panel_is_read(witness: Any) -> None:
    page = witness.open()
    open_panel(page)
    page.locator(".feature--readings fieldset").last.scroll_into_view_if_needed()
    canvas, last, notes = at_rest(
        page, "#canvas", ".feature--readings fieldset:last-of-type", "#notes"
    )
    assert -1 <= canvas["top"] < 60
    assert last["top"] < notes["top"]


def test_the_keyboard_opens_reads_and_leaves_a_panel(witness: Any) -> None:
    page = witness.open()
    button = page.locator(f'#tools [data-panel="{PANEL}"]')
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".feature--readings fieldset").first.wait_for()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#drawer")).to_have_attribute("aria-labelledby", "drawer-title")
    expect(page.locator("#drawer-title")).to_have_text("Readings")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#drawer') !== null"):
            break
    assert page.evaluate("document.activeElement.closest('#drawer') !== null")
    page.keyboard.press("Escape")
    page.locator("#drawer").wait_for(state="hidden")
    expect(button).to_be_focused()


def test_only_one_panel_is_open_and_the_other_is_left(witness: Any) -> None:
    page = witness.open()
    open_panel(page)
    open_panel(page, "compare")
    expect(page.locator("#tools [aria-expanded=true]")).to_have_count(1)
    expect(page.locator(".feature--readings")).to_have_count(0)
    open_panel(page)
    expect(page.locator(".feature--compare")).to_have_count(0)


def test_an_open_panel_follows_the_state(witness: Any) -> None:
    page = witness.open()
    panel = open_panel(page)
    first = panel.inner_text()
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    words = "Russia will withdraw from all occupied areas except five regions."
    assert words not in first
    expect(panel).to_contain_text(words)


@pytest.mark.parametrize("kind", ["js", "css"])
def test_a_feature_that_cannot_be_loaded_says_so_and_can_be_tried_again(
    witness: Any, kind: str
) -> None:
    page = witness.open()
    refused: list[Route] = []

    def refuse(route: Route) -> None:
        refused.append(route)
        route.abort("connectionrefused")

    page.route(f"**/tools/{PANEL}/{PANEL}.{kind}*", refuse)
    page.locator(f'#tools [data-panel="{PANEL}"]').click()
    alert = page.locator("#drawer .alert")
    alert.wait_for()
    expect(alert).to_contain_text("“Readings” could not be loaded")
    assert refused
    page.unroute(f"**/tools/{PANEL}/{PANEL}.{kind}*")
    alert.locator("button").click()
    page.locator(".feature--readings fieldset").first.wait_for()
    assert witness.errors == []
    expect(page.locator("#page")).to_have_attribute("data-plan", PLAN_A)


def test_a_file_without_a_server_offers_only_what_needs_none(witness: Any, server: str) -> None:
    page = witness.page
    page.goto(f"{server}map.html")
    witness.ready()
    offered = page.locator("#tools button").evaluate_all("all => all.map(b => b.dataset.panel)")
    assert PANEL not in offered
    assert "compare" in offered
    expect(page.locator("#readings-open")).to_be_hidden()
