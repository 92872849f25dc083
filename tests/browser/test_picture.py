"""The picture of the first view: it is the map before Leaflet is there, and nothing moves after."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from thorough import thoroughly

from pages import eventually, hold

pytestmark = pytest.mark.photographed
# Away from the edge of the map, where controls stand.
EDGE_PX = 80
DIFFERENT = 90


def see(page: Page) -> Any:
    """The map's pixels as numbers, without its controls; shape (height, width, 3)."""
    box = page.locator("#map_point21").bounding_box()
    assert box is not None
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    left, top = round(box["x"]) + EDGE_PX, round(box["y"]) + EDGE_PX
    right = min(round(box["x"] + box["width"]), image.width) - EDGE_PX
    bottom = min(round(box["y"] + box["height"]), image.height) - EDGE_PX
    return np.asarray(image.crop((left, top, right, bottom)), dtype=np.int16)


def hold_leaflet(page: Page) -> list[Route]:
    held: list[Route] = []
    page.route("**/leaflet.js", hold(held))
    return held


def test_the_map_is_seen_before_leaflet_is_there_and_stays_where_it_is(witness: Any) -> None:
    page = witness.page
    held = hold_leaflet(page)
    page.goto(witness.server, wait_until="commit")
    page.locator("#picture path.face").first.wait_for(state="attached")
    eventually(page, lambda: held, "the picture is painted, and Leaflet is asked for")
    assert page.evaluate("typeof L") == "undefined"
    expect(page.locator("#picture path.front")).to_have_count(2)
    expect(page.locator("#headline")).to_contain_text("km²")
    before = see(page)
    for route in held:
        route.continue_()
    witness.ready()
    assert page.locator("#picture").count() == 0
    # Names, signs and the thick border come with Leaflet; everything else was there.
    page.evaluate(
        """text => { for (const node of document.querySelectorAll(text)) node.remove(); }""",
        ".leaflet-labels-pane, .leaflet-places-pane, path.outline",
    )
    after = see(page)
    assert before.shape == after.shape
    differs = (np.abs(before - after).max(axis=2) > DIFFERENT).mean()
    assert differs < 0.01
    assert before.reshape(-1, 3).std(axis=0).min() > 10, "nothing was drawn"
    witness.assert_quiet()


WATCH_SHIFTS = """
window.shifted = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    const moved = sources.map(({ node }) => node?.parentElement?.closest("[id]")?.id ?? "");
    window.shifted.push({ value, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
const root = new MutationObserver(() => {
  const page = document.getElementById("page");
  if (page?.classList.contains("map-first")) window.wasMapFirst = true;
});
root.observe(document, { subtree: true, attributes: true, attributeFilter: ["class"] });
"""


def test_words_beside_the_map_follow_it_and_nothing_moves(witness: Any) -> None:
    page = witness.page
    page.add_init_script(WATCH_SHIFTS)
    page.goto(witness.server)
    witness.ready()
    is_wide = page.viewport_size["width"] >= 900
    assert bool(page.evaluate("window.wasMapFirst")) is is_wide
    expect(page.locator(".map-first")).to_have_count(0)
    for words in ("#headline", "#legend", "#inspector-body", "#notes"):
        box = page.locator(words).bounding_box()
        assert box is not None
        assert box["height"] > 20, words
    shifts = page.evaluate("window.shifted")
    assert sum(shift["value"] for shift in shifts) < 0.02, shifts


def test_without_scripts_the_picture_is_the_map(new_context: Any, server: str) -> None:
    context = new_context(java_script_enabled=False, viewport={"width": 900, "height": 700})
    page = context.new_page()
    page.goto(server)
    for name in ("retained", "frozen", "buffer_zone", "relinquished", "de_facto_recognized"):
        box = page.locator(f"#picture path.face--{name}").first.bounding_box()
        assert box is not None
        assert box["width"] > 1
    assert page.locator("#picture path.ground--land").count() == 1
    assert "still picture" in page.locator("noscript").first.inner_text()


def test_a_map_that_does_not_come_is_told_and_the_picture_stays(witness: Any) -> None:
    page = witness.page
    page.route("**/leaflet.js", lambda route: route.abort("connectionrefused"))
    page.goto(witness.server)
    page.locator("#status", has_text="still picture").wait_for()
    assert page.locator("#picture path.face").count() > 20
    expect(page.locator("#picture")).to_be_visible()
    assert witness.errors == []


@pytest.mark.parametrize(
    "query", ["plan=borders-1991&date=2026-08-01", *thoroughly("plan=point21-cbs")]
)
def test_the_picture_is_of_the_state_asked_for(witness: Any, query: str, ask: Any) -> None:
    page = witness.page
    hold_leaflet(page)
    page.goto(f"{witness.server}?{query}", wait_until="commit")
    page.locator("#picture path.front").last.wait_for(state="attached")
    faces = ask(f"api/map?{query}")["faces"]["features"]
    expected = sorted(face["properties"]["category"] for face in faces)
    classes = page.locator("#picture path.face").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('class').split('--')[1])"
    )
    assert sorted(classes) == expected
