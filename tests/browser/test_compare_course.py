"""A comparison through time: its link, what overtakes it, what fails, and what it leaves."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect
from thorough import thoroughly

from comparison import IN_HASH, LATER, SIDE_AT, assert_matrix, compared, link, panel
from pages import DAY, OTHER_DAY, PLAN_A, PLAN_B, eventually, not_in_address

# Whether the map has come to rest, and the link says where.
IN_LINK = """() => {
  const [, lng] = (/view=([^&]*)/.exec(location.hash)?.[1] ?? "").split(",").map(Number);
  const rests = !map_point21._panAnim?._inProgress && !map_point21._animatingZoom;
  return rests && Math.abs(lng - map_point21.getCenter().lng) < 0.001;
}"""
# What a comparison could leave behind.
TRACES = """() => ({
  listeners: Object.fromEntries(
    Object.entries(map_point21._events)
      .map(([name, all]) => [name, all.length]).filter(([, count]) => count)),
  panes: Object.keys(map_point21.getPanes()).sort(),
  layers: Object.keys(map_point21._layers).length,
  levels: [...document.querySelectorAll("#map_point21 .level")].map(g => g.getAttribute("class")),
  clipped: document.querySelectorAll("[clip-path]").length,
  classes: document.getElementById("canvas").className,
  ours: document.querySelectorAll("[class^=compare], [id^=compare]").length,
  patterns: document.querySelectorAll("pattern").length,
  size: [map_point21.getSize().x, map_point21.getSize().y],
  centre: [map_point21.getCenter().lat, map_point21.getCenter().lng, map_point21.getZoom()],
})"""


def test_a_link_restores_everything(witness: Any, context: Any, server: str) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    board.locator('[name="compare-by"]').select_option("held_by")
    page.locator(".compare-sentence", has_text="Ukrainian-held").first.wait_for()
    compared(page)
    board.locator('input[value="side"]').check()
    board.locator('[name="compare-only"]').check()
    page.locator("#map_point21").focus()
    for key in ("+", "ArrowRight"):
        page.keyboard.press(key)
        page.wait_for_function(IN_LINK)
    address = page.url
    words = board.locator(".compare-words").inner_text()
    other = context.new_page()
    other.goto(address)
    again = compared(other)
    expect(again.locator(".compare-words")).to_have_text(words, use_inner_text=True)
    expect(again.locator('[name="compare-by"]')).to_have_value("held_by")
    expect(again.locator('input[value="side"]')).to_be_checked()
    expect(again.locator('[name="compare-only"]')).to_be_checked()
    expect(other.locator(".compare-map")).to_have_count(1)
    expect(other.locator("path.compare-veil")).to_have_count(2)
    view = "[map_point21.getZoom(), map_point21.getCenter().lat, map_point21.getCenter().lng]"
    assert other.evaluate(view) == pytest.approx(page.evaluate(view), abs=0.02)
    other.wait_for_function(
        "fragment => location.hash.slice(1) === fragment", arg=urlsplit(address).fragment
    )


def test_nothing_old_stays_while_a_changes(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    compared(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "format=" in route.request.url:
            route.continue_()
        else:
            held.append(route)

    page.route("**/api/compare?*", hold)
    for number, day in enumerate(("2025-12-01", "2026-01-01"), 1):
        page.locator("#date").select_option(day)
        witness.settled(PLAN_A, day)
        expect(page.locator("path.differ")).to_have_count(0)
        expect(panel(page).locator(".compare-matrix, .compare-sentence")).to_have_count(0)
        eventually(page, lambda wanted=number: len(held) >= wanted, "the comparison is asked for")
    assert len(held) == 2
    held[1].continue_()
    compared(page)
    assert_matrix(page, ask(f"api/compare?a={PLAN_A}@2026-01-01&b={LATER}"), "category")
    expect(page.locator(".compare-badge--a")).to_have_text(re.compile("1 January 2026$"))


def test_a_failure_is_told_and_mended(witness: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    words = board.locator(".compare-words").inner_text()
    page.route("**/api/compare?*", lambda route: route.abort())
    board.locator('[name="b-date"]').select_option("2026-01-01")
    alert = board.locator(".alert")
    alert.wait_for()
    expect(alert).to_contain_text("could not be reached")
    expect(alert).to_contain_text("Still shown")
    expect(board.locator(".compare-words")).to_have_text(words, use_inner_text=True)
    expect(board.locator('[name="b-date"]')).to_have_value(OTHER_DAY)
    page.unroute("**/api/compare?*")
    alert.locator("button").click()
    page.locator(".compare-badge--b", has_text="1 January 2026").wait_for()
    expect(alert).to_be_hidden()
    expect(board.locator(".compare-words")).not_to_have_text(words, use_inner_text=True)


@pytest.mark.parametrize("view", ["swipe", *thoroughly("side")])
def test_leaving_leaves_nothing_behind(witness: Any, view: str) -> None:
    page = witness.open()
    before = page.evaluate(TRACES)
    for _ in range(2):
        page.locator('[data-panel="compare"]').click()
        board = compared(page)
        board.locator(f'input[value="{view}"]').check()
        board.locator('[name="compare-only"]').check()
        assert page.evaluate(TRACES) != before
        page.locator(".drawer-close").click()
        page.locator("#canvas:not(:has(.compare-badge))").wait_for()
    page.wait_for_function(
        "size => map_point21.getSize().x === size[0] && map_point21.getSize().y === size[1]",
        arg=before["size"],
    )
    after = page.evaluate(TRACES)
    # A map of another width, as the panel leaves it, rounds its centre.
    assert after.pop("centre") == pytest.approx(before.pop("centre"), abs=0.02)
    assert after == before
    not_in_address(page, "compare")
    assert page.evaluate(SIDE_AT, 0.6) != "b"
    witness.assert_quiet()


def test_links_to_what_there_is_not_are_told(witness: Any) -> None:
    page = witness.open(link("no-such-plan@2025-11-21"))
    alert = panel(page).locator(".alert")
    alert.wait_for()
    expect(alert).to_contain_text("no-such-plan")
    expect(page.locator("path.differ")).to_have_count(0)
    panel(page).locator('[name="b-plan"]').select_option(PLAN_B)
    compared(page)
    expect(alert).to_be_hidden()
    page.goto("about:blank")
    witness.page.goto(f"{witness.server}{link('%3B%3B~@@')}")
    compared(witness.ready())
    page.wait_for_function(IN_HASH, arg=f"compare={PLAN_B}@{DAY}")


def test_names_of_settlements_are_read_as_they_are_written(witness: Any) -> None:
    page = witness.open()
    states = [
        {"plan": "p", "date": DAY, "readings": {}},
        {"plan": "p", "date": DAY, "source": "mine", "readings": {"a": "x,y", "b": "z"}},
    ]
    found = page.evaluate(
        """async states => {
          const { readReference, referenceOf } = await import("/static/tools/compare/link.js");
          const ask = ({ source, readings }) => {
            const asked = new URLSearchParams(source ? { source } : {});
            for (const [id, one] of Object.entries(readings)) {
              asked.append("reading", `${id}:${one}`);
            }
            return asked;
          };
          return states.map(state => referenceOf(state, ask))
            .map(text => [text, readReference(text)]);
        }""",
        states,
    )
    assert [text for text, _ in found] == [f"p@{DAY}", f"p@{DAY}~source:mine,a:x,y,b:z"]
    for state, (_, read) in zip(states, found, strict=True):
        assert {name: value for name, value in read.items() if value is not None} == state
