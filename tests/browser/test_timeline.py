"""The timeline: the days that exist, dragged, stepped through by keyboard, and played."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from pages import DAY, PLAN_A, eventually, hold, in_address


def days_of(page: Page) -> list[str]:
    options = page.locator("#date option")
    return list(options.evaluate_all("nodes => nodes.map(node => node.value)"))


def drag_to(page: Page, day: str, *, days: list[str], release: bool = True) -> None:
    """Drag the thumb to where a day lies in time."""
    first, last, there = (date.fromisoformat(one) for one in (days[0], days[-1], day))
    box = page.locator("#day").bounding_box()
    assert box is not None
    thumb = 18
    share = (there - first) / (last - first)
    page.mouse.move(box["x"] + thumb / 2 + share * (box["width"] - thumb), box["y"] + 16)
    if release:
        page.mouse.up()


def test_each_day_that_exists_has_a_tick_where_it_lies_in_time(witness: Any) -> None:
    page = witness.open()
    days = days_of(page)
    path = page.locator("#ticks").get_attribute("d")
    at = [float(part.split(" ")[0]) for part in path.split("M")[1:]]
    assert len(at) == len(days)
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    for day, x in zip(days, at, strict=True):
        assert x == pytest.approx(1000 * ((date.fromisoformat(day) - first) / (last - first)))
    assert page.locator("#years span").all_inner_texts() == ["2025", "2026"]
    assert page.locator("#plan-day").get_attribute("d").startswith(f"M{at[days.index(DAY)]:g}"[:5])
    slider = page.locator("#day")
    assert int(slider.get_attribute("max")) - int(slider.get_attribute("min")) == (
        (last - first) / timedelta(days=1)
    )


def test_the_keyboard_steps_through_the_days_and_hears_them(witness: Any) -> None:
    page = witness.open()
    days = days_of(page)
    here = days.index(DAY)
    page.locator("#day").focus()
    expect(page.locator("#day")).to_have_attribute("aria-valuetext", "21 November 2025")
    for key, index in (
        ("ArrowRight", here + 1),
        ("ArrowLeft", here),
        ("PageUp", here + 3),
        ("PageDown", here),
        ("End", len(days) - 1),
        ("ArrowUp", len(days) - 1),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        witness.settled(PLAN_A, days[index])
        expect(page.locator("#date"), key).to_have_value(days[index])
    expect(page.locator("#day")).to_have_attribute("aria-valuetext", "1 August 2024")
    expect(page.locator("#earlier")).to_be_disabled()
    expect(page.locator("#day")).to_be_focused()
    witness.assert_quiet()


def test_a_drag_lands_on_a_day_that_exists_and_is_one_step_back(witness: Any) -> None:
    page = witness.open()
    days = days_of(page)
    box = page.locator("#day").bounding_box()
    assert box is not None
    drag_to(page, DAY, days=days, release=False)
    page.mouse.down()
    for day in ("2025-10-01", "2025-06-01", "2025-02-01"):
        drag_to(page, day, days=days, release=False)
        witness.settled(PLAN_A, day)
    page.mouse.up()
    in_address(page, "date=2025-02-01")
    expect(page.locator("#headline")).to_contain_text("1 February 2025")
    page.go_back()
    witness.settled(PLAN_A, DAY)
    witness.assert_quiet()


def test_playing_waits_for_each_answer_and_ends_with_the_last_day(witness: Any) -> None:
    page = witness.open()
    days = days_of(page)
    page.locator("#date").select_option(days[-4])
    witness.settled(PLAN_A, days[-4])
    held: list[Route] = []
    page.route(f"**/api/map?*date={days[-2]}", hold(held))
    page.locator("#pace").select_option("250")
    page.locator("#play").click()
    page.locator(f'#page[data-phase="loading"][data-date="{days[-3]}"]').wait_for()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "true")
    eventually(page, lambda: held, "the next day is asked for")
    page.wait_for_timeout(700)  # longer than a day is shown
    assert page.locator("#page").get_attribute("data-date") == days[-3], "it did not wait"
    held[0].continue_()
    witness.settled(PLAN_A, days[-1])
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    page.go_back()
    witness.settled(PLAN_A, days[-4])


def test_playing_stops_when_asked_and_when_something_fails(witness: Any) -> None:
    page = witness.open()
    days = days_of(page)
    here = days.index(DAY)
    page.locator("#pace").select_option("1600")
    page.locator("#play").click()
    page.locator(f'#page[data-date="{days[here + 1]}"]').wait_for()
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    page.locator('#page[data-phase="ready"]').wait_for()
    shown = page.locator("#page").get_attribute("data-date")
    page.wait_for_timeout(2000)  # longer than a day is shown
    assert page.locator("#page").get_attribute("data-date") == shown
    page.route("**/api/map?*", lambda route: route.abort("connectionrefused"))
    page.locator("#date").select_option(days[3])
    page.locator("#alert").wait_for()
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#alert")).to_be_visible()
    assert witness.errors == []


def test_a_file_with_one_day_has_no_timeline(witness: Any, tmp_path: Any, server: str) -> None:
    page = witness.page
    page.goto(f"{server}map.html")
    witness.ready()
    assert not page.locator("#timeline").is_visible()
    assert not page.locator("#later").is_visible()
