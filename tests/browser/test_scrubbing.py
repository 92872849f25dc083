"""Fast scrubbing over a slow server that answers in the wrong order: never stale, never mixed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from thorough import thoroughly

from pages import DAY, PLAN_A, PLAN_B, eventually, hold

# What stands on the page in every frame that is painted.
WATCH = """() => {
  const text = (id) => document.getElementById(id).textContent;
  window.frames = [];
  const look = () => {
    const lines = [...document.querySelectorAll("path.front")].map(p => p.getAttribute("d"));
    const faces = [...document.querySelectorAll("path[data-face]")].map(p => p.getAttribute("d"));
    const { plan, date } = document.getElementById("page").dataset;
    window.frames.push({
      plan, date,
      words: text("headline"), day: text("notes-date"), heading: text("kicker"),
      legend: document.querySelector("#legend tbody").textContent.replace(/\\s+/g, " "),
      drawn: [...lines, ...faces].join(""),
    });
    requestAnimationFrame(look);
  };
  look();
}"""


def frames(page: Page) -> list[dict[str, str]]:
    """Distinct frames, in order; what is drawn only by what it is the same as."""
    return list(
        page.evaluate(
            """() => {
              const drawings = new Map();
              const number = (d) => {
                if (!drawings.has(d)) drawings.set(d, drawings.size);
                return drawings.get(d);
              };
              const all = window.frames.map(f => JSON.stringify({...f, drawn: number(f.drawn)}));
              return [...new Set(all)].map(f => JSON.parse(f));
            }"""
        )
    )


def test_no_frame_is_stale_or_mixed_however_the_answers_come(witness: Any) -> None:
    page = witness.open()
    days = page.locator("#date option").evaluate_all("nodes => nodes.map(node => node.value)")
    page.evaluate(WATCH)
    held: list[Route] = []
    page.route("**/api/map?*", hold(held))
    here = days.index(DAY)

    def asked(number: int) -> None:
        # What is taken back at once may never be asked for.
        eventually(page, lambda: len(held) >= number, f"{number} states are asked for")

    page.locator("#day").focus()
    for number in range(1, 5):
        page.keyboard.press("ArrowRight")
        asked(number)
    page.locator("#plan").select_option(PLAN_B)
    asked(5)
    page.locator("#day").focus()
    page.keyboard.press("ArrowRight")
    asked(6)
    last = days[here + 5]
    expect(page.locator("#page"), "the old state stays meanwhile").to_have_attribute(
        "data-date", DAY
    )
    expect(page.locator("#page")).to_have_attribute("aria-busy", "true")
    assert len(held) == 6
    for route in reversed(held):
        route.continue_()
    witness.settled(PLAN_B, last)
    page.wait_for_function("day => window.frames.at(-1).date === day", arg=last)
    page.wait_for_timeout(300)  # for what must not come
    seen = frames(page)
    shown = [(frame["plan"], frame["date"]) for frame in seen]
    assert shown == [(PLAN_A, DAY), (PLAN_B, last)], "one frame for each state, none between"
    assert seen[0]["drawn"] != seen[1]["drawn"]
    for frame in seen:
        assert frame["day"] in frame["words"]
        assert ("CBS" in frame["heading"]) == (frame["plan"] == PLAN_B)
    expect(page).to_have_url(f"{witness.server}?plan={PLAN_B}&date={last}")
    page.go_back()
    witness.settled(PLAN_A, DAY)


def test_each_frame_of_a_quick_run_shows_one_day_only(witness: Any, ask: Any) -> None:
    page = witness.open()
    days = page.locator("#date option").evaluate_all("nodes => nodes.map(node => node.value)")
    here = days.index(DAY)
    page.evaluate(WATCH)
    page.locator("#day").focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(40)
    witness.settled(PLAN_A, days[here - 8])
    page.wait_for_function("day => window.frames.at(-1).date === day", arg=days[here - 8])
    seen = frames(page)
    painted = [frame["date"] for frame in seen]
    assert len(painted) == len(set(painted)), "a day is painted whole, or not at all"
    for frame in seen:
        rows = ask(f"api/layers?plan={PLAN_A}&date={frame['date']}")["layers"]
        for row in rows:
            assert f"{round(row['area_km2']):,}" in frame["legend"] or row["area_km2"] < 0.5
        assert frame["day"] in frame["words"]
    assert witness.errors == []


@pytest.mark.parametrize("fault", ["faces", *thoroughly("tables", "contact_line")])
def test_an_answer_that_lacks_something_leaves_the_old_state_whole(
    witness: Any, ask: Any, fault: str
) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    broken = ask(f"api/map?plan={PLAN_A}&date=2026-08-01")
    broken.pop(fault)
    page.route("**/api/map?*", lambda route: route.fulfill(json=broken))
    page.locator("#date").select_option("2026-08-01")
    page.locator("#alert").wait_for()
    expect(page.locator("#alert-text")).to_contain_text("could not be used")
    expect(page.locator("#date")).to_have_value(DAY)
    expect(page.locator("#page")).to_have_attribute("data-date", DAY)
    assert page.locator("#headline").inner_text() == before
    assert page.locator("path.face--buffer_zone").count() > 0
