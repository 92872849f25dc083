"""Comparing two settlements on the map: a divider, two maps, and the land that differs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from comparison import LATER, SIDE_AT, cell, compared, link

# Whether the divider stands where it was dragged to, per cent of the map's width.
DIVIDER_NEAR = """value => {
  const now = document.querySelector("[role=slider]").getAttribute("aria-valuenow");
  return Math.abs(Number(now) - value) <= 1;
}"""
# Whether both maps rest, and draw the ground at the same place, to three pixels.
TOGETHER = """() => {
  const [first, other] = ["#map_point21", ".compare-map"].map(selector => {
    const at = document.querySelector(selector + " .level--ground").getBoundingClientRect();
    const map = document.querySelector(selector).getBoundingClientRect();
    return [at.left - map.left, at.top - map.top];
  });
  const rests = !map_point21._panAnim?._inProgress && !map_point21._animatingZoom;
  return rests && first.every((value, axis) => Math.abs(value - other[axis]) <= 3);
}"""


def test_the_divider_parts_the_map(witness: Any) -> None:
    page = witness.open(link(LATER, "swipe"))
    compared(page)
    divider = page.locator("[role=slider]")
    assert page.evaluate(SIDE_AT, 0.4) == "a"
    assert page.evaluate(SIDE_AT, 0.6) == "b"
    divider.focus()
    for key, value in (("ArrowRight", 52), ("PageDown", 42), ("ArrowLeft", 40), ("Home", 0)):
        page.keyboard.press(key)
        expect(divider).to_have_attribute("aria-valuenow", str(value))
    assert page.evaluate(SIDE_AT, 0.4) == "b"
    page.keyboard.press("End")
    expect(divider).to_have_attribute("aria-valuenow", "100")
    assert page.evaluate(SIDE_AT, 0.6) == "a"
    assert "100" in divider.get_attribute("aria-valuetext")
    page.wait_for_function("decodeURIComponent(location.hash).includes(';100')")
    witness.assert_quiet()


def test_the_divider_is_dragged(witness: Any, size: str) -> None:
    page = witness.open(link(LATER, "swipe"))
    compared(page)
    page.locator("#canvas").scroll_into_view_if_needed()
    box = page.locator("#map_point21").bounding_box()
    middle = box["y"] + box["height"] / 2
    places = [box["x"] + share * box["width"] for share in (0.5, 0.4, 0.25)]
    centre = page.evaluate("map_point21.getCenter().toString()")
    if size == "phone":
        session = page.context.new_cdp_session(page)

        def touch(kind: str, x: float | None) -> None:
            points = [] if x is None else [{"x": x, "y": middle}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        touch("touchStart", places[0])
        for x in places[1:]:
            touch("touchMove", x)
        touch("touchEnd", None)
    else:
        page.mouse.move(places[0], middle)
        page.mouse.down()
        for x in places[1:]:
            page.mouse.move(x, middle)
        page.mouse.up()
    page.wait_for_function(DIVIDER_NEAR, arg=25)
    value = int(page.locator("[role=slider]").get_attribute("aria-valuenow"))
    assert value == pytest.approx(25, abs=1)
    assert page.evaluate(SIDE_AT, 0.2) == "a"
    assert page.evaluate(SIDE_AT, 0.3) == "b"
    assert page.evaluate("map_point21.getCenter().toString()") == centre
    page.mouse.move(places[0], middle)
    assert int(page.locator("[role=slider]").get_attribute("aria-valuenow")) == value


def test_the_divider_stays_where_it_is_when_the_map_moves(witness: Any) -> None:
    page = witness.open(link(LATER, "swipe"))
    compared(page)
    page.evaluate("void map_point21.setView([48.4, 37.6], 8, {animate: false})")
    assert (page.evaluate(SIDE_AT, 0.45), page.evaluate(SIDE_AT, 0.55)) == ("a", "b")
    page.evaluate("void map_point21.panBy([60, -20], {animate: false})")
    assert (page.evaluate(SIDE_AT, 0.45), page.evaluate(SIDE_AT, 0.55)) == ("a", "b")


def test_two_maps_move_together(witness: Any, size: str) -> None:
    page = witness.open(link(LATER, "side"))
    compared(page)
    second = page.locator(".compare-map")
    boxes = [page.locator("#map_point21").bounding_box(), second.bounding_box()]
    if size == "phone":
        assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"] - 1
    else:
        assert boxes[1]["x"] >= boxes[0]["x"] + boxes[0]["width"] - 1
    # What is drawn at the same place of either map is the same place of the country.
    corner = """selector => {
      const path = document.querySelector(selector + " .front:not(.front--casing)");
      const at = path.getBoundingClientRect();
      const map = path.closest(".leaflet-container").getBoundingClientRect();
      return [at.left - map.left, at.top - map.top]; }"""
    page.evaluate(
        """() => { window.moves = 0; map_point21.on("move", () => { window.moves += 1; }); }"""
    )
    page.evaluate("void map_point21.panBy([40, 10], {animate: false})")
    assert page.evaluate("window.moves") == 1
    page.wait_for_function(TOGETHER)
    assert page.evaluate(corner, "#map_point21") != page.evaluate(corner, ".compare-map")
    before = page.evaluate("map_point21.getCenter()")
    page.locator("#canvas").scroll_into_view_if_needed()
    second.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lng => map_point21.getCenter().lng > lng + 0.05", arg=before["lng"])
    page.wait_for_function(TOGETHER)
    assert page.evaluate("window.moves") < 60
    witness.assert_quiet()


def test_a_cell_shows_its_land(witness: Any) -> None:
    page = witness.open(link(LATER))
    compared(page)
    button = cell(page, "buffer_zone", "de_facto_recognized").locator("button")
    assert "show on the map" in button.get_attribute("aria-label")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    picked = page.locator("path.differ--picked")
    pairs = {node.get_attribute("data-pair") for node in picked.all()}
    assert pairs == {"buffer_zone de_facto_recognized"}
    assert page.locator("path.differ--other").count() > 0
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(picked).to_have_count(0)
    row = page.locator('.compare-oblasts [data-oblast="UA-12"] button').first
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    assert {node.get_attribute("data-oblast") for node in picked.all()} == {"UA-12"}
    page.wait_for_function("""() => {
      const map = document.getElementById("map_point21").getBoundingClientRect();
      const land = document.querySelector("path.differ--picked").getBoundingClientRect();
      return land.right > map.left && land.left < map.right && land.bottom > map.top;
    }""")


def test_only_what_differs(witness: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    hatch = page.locator("path.differ:not(.differ--casing)").first
    expect(hatch).to_have_attribute("fill", "url(#compare-hatch)")
    expect(page.locator("path.compare-veil")).to_have_count(0)
    box = board.locator('[name="compare-only"]')
    box.check()
    expect(page.locator("path.compare-veil")).to_have_count(1)
    page.wait_for_function("decodeURIComponent(location.hash).endsWith(';only')")
    box.uncheck()
    expect(page.locator("path.compare-veil")).to_have_count(0)


def test_the_legend_switches_both(witness: Any) -> None:
    page = witness.open(link(LATER))
    compared(page)
    shown = page.locator(".level--compare-faces path.face--buffer_zone")
    expect(shown.first).to_be_visible()
    page.locator('[data-layer="buffer_zone"]').uncheck()
    expect(shown.first).to_be_hidden()
    page.locator('[data-layer="buffer_zone"]').check()
    expect(shown.first).to_be_visible()
