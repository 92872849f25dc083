"""The charts of the history: exact, walked by keyboard and pointer, and honest about gaps."""

from __future__ import annotations

import datetime
import re
from typing import Any

import orjson
import pytest
from playwright.sync_api import Route, expect

from pages import eventually, hold, in_address

PLAN = "point21-axios"
DAY = "2025-11-21"

# Of each chart: what its axis says, where its dots are, and its line.
CHARTS = """() => [...document.querySelectorAll(".history-chart")].map(figure => ({
  category: figure.dataset.category,
  value: figure.querySelector(".history-value").textContent,
  marks: [...figure.querySelectorAll(".tick")].map(tick => ({
    value: Number(tick.querySelector("text").textContent.replace(/[^0-9]/g, "")),
    y: Number(tick.querySelector("line").getAttribute("y1")),
  })),
  dots: [...figure.querySelectorAll(".dot-of-day")].map(dot => ({
    x: Number(dot.getAttribute("cx")), y: Number(dot.getAttribute("cy")),
  })),
  steps: figure.querySelector(".steps").getAttribute("d"),
  chosen: Number(figure.querySelector(".day-line--chosen").getAttribute("x1")),
}))"""


def open_history(witness: Any, address: str = "") -> Any:
    page = witness.open(f"{address}#panel=history")
    page.locator(".history-chart").first.wait_for()
    page.locator("[data-waiting]").wait_for(state="detached")
    return page


def asked_for_history(witness: Any) -> list[str]:
    return [url for url in witness.requests if "/api/history?" in url]


def written(value: float) -> str:
    return "< 1 km²" if 0 < value < 0.5 else f"{round(value):,} km²"


def number_of(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()


def test_every_dot_stands_where_its_figure_says(witness: Any, ask: Any) -> None:
    page = open_history(witness)
    history = ask("api/history?by=category")
    days = sorted({row["date"] for row in history["rows"]})
    charts = page.evaluate(CHARTS)
    assert len(charts) == 5
    for chart in charts:
        values = [r["area_km2"] for r in history["rows"] if r["category"] == chart["category"]]
        assert len(chart["dots"]) == len(days) == len(values)
        low, high = chart["marks"][0], chart["marks"][-1]
        assert low["value"] == 0
        assert high["value"] >= max(values)
        for dot, value in zip(chart["dots"], values, strict=True):
            share = (low["y"] - dot["y"]) / (low["y"] - high["y"])
            assert share * high["value"] == pytest.approx(value, abs=high["value"] / 5000)
        first, last = chart["dots"][0]["x"], chart["dots"][-1]["x"]
        span = number_of(days[-1]) - number_of(days[0])
        for dot, day in zip(chart["dots"], days, strict=True):
            share = (number_of(day) - number_of(days[0])) / span
            assert dot["x"] == pytest.approx(first + share * (last - first), abs=0.02)
        assert chart["chosen"] == pytest.approx(chart["dots"][days.index(DAY)]["x"], abs=0.02)
        assert chart["value"] == written(values[days.index(DAY)])
        # A step goes level, then straight up or down: never aslant from day to day.
        assert re.fullmatch(r"M[\d.]+ [\d.]+(H[\d.]+V[\d.]+)+", chart["steps"])
    witness.assert_quiet()


def test_the_days_are_walked_by_keyboard_and_chosen_with_enter(witness: Any, ask: Any) -> None:
    page = open_history(witness)
    history = ask("api/history?by=category")
    days = sorted({row["date"] for row in history["rows"]})
    before = days[days.index(DAY) - 1]
    slider = page.get_by_role("slider", name="Day in the charts")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^1 November 2025; "))
    spoken = slider.get_attribute("aria-valuetext")
    for row in history["rows"]:
        if row["date"] == before:
            assert written(row["area_km2"]) in spoken
    buffer = next(
        r["area_km2"]
        for r in history["rows"]
        if r["date"] == before and r["category"] == "buffer_zone"
    )
    shown = page.locator('[data-category="buffer_zone"] .history-value')
    expect(shown).to_have_text(written(buffer))
    expect(page.locator(".history-day")).to_have_text("On 1 November 2025")
    page.keyboard.press("Escape")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^21 November 2025"))
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuenow", str(len(days) - 1))
    expect(slider).to_have_attribute("aria-valuemax", str(len(days) - 1))
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^1 August 2024"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    witness.settled(PLAN, days[1])
    in_address(page, f"date={days[1]}")
    expect(slider).to_be_focused()
    assert len(asked_for_history(witness)) == 1
    witness.assert_quiet()


def test_a_click_on_a_day_goes_there(witness: Any) -> None:
    page = open_history(witness)
    dot = page.locator('[data-category="buffer_zone"] .dot-of-day').nth(3)
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    expect(page.locator(".history-day")).to_have_text("On 1 November 2024")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    witness.settled(PLAN, "2024-11-01")


def test_the_mark_follows_the_chosen_day_without_asking_again(witness: Any) -> None:
    page = open_history(witness)
    charts = page.evaluate(CHARTS)
    page.locator("#later").click()
    witness.settled(PLAN, "2025-12-01")
    after = page.evaluate(CHARTS)
    for one, other in zip(charts, after, strict=True):
        assert other["chosen"] > one["chosen"]
        assert other["chosen"] == pytest.approx(other["dots"][17]["x"], abs=0.02)
    assert len(asked_for_history(witness)) == 1
    page.locator("#plan").select_option("point21-cbs")
    witness.settled("point21-cbs", "2025-12-01")
    eventually(page, lambda: len(asked_for_history(witness)) >= 2, "another text, other figures")
    page.locator(".feature--history:not([data-waiting])").wait_for()
    assert len(asked_for_history(witness)) == 2
    assert "plan=point21-cbs" in asked_for_history(witness)[-1]


def test_one_oblast_can_be_chosen_and_is_in_the_link(witness: Any, ask: Any) -> None:
    page = open_history(witness)
    page.get_by_label("Area of").select_option("UA-14")
    page.locator('.history-chart[data-category="frozen"]').wait_for(state="detached")
    rows = ask(f"api/statistics?date={DAY}&by=oblast,category")["rows"]
    found = {chart["category"]: chart["value"] for chart in page.evaluate(CHARTS)}
    assert found == {
        row["category"]: written(row["area_km2"]) for row in rows if row["oblast"] == "UA-14"
    }
    in_address(page, "oblast=UA-14")
    page.reload()
    witness.ready()
    page.locator(".history-chart").first.wait_for()
    expect(page.get_by_label("Area of")).to_have_value("UA-14")
    assert {chart["category"] for chart in page.evaluate(CHARTS)} == set(found)


def test_nothing_is_drawn_across_a_gap(witness: Any, ask: Any) -> None:
    history = ask("api/history?by=category")
    missing = [f"2025-0{month}-01" for month in range(2, 8)]
    history["rows"] = [row for row in history["rows"] if row["date"] not in missing]
    history["failed"] = [{"date": day, "message": "no line"} for day in missing]
    witness.page.route("**/api/history?*", lambda r: r.fulfill(body=orjson.dumps(history)))
    page = open_history(witness)
    for chart in page.evaluate(CHARTS):
        assert chart["steps"].count("M") == 2
        ends = [float(x) for x in re.findall(r"H([\d.]+)", chart["steps"].split("M")[1])]
        [again] = re.findall(r"^([\d.]+) ", chart["steps"].split("M")[2])
        assert float(again) - ends[-1] > 50
    told = page.locator(".history-failed")
    expect(told).to_contain_text("6 days could not be measured")
    expect(told).to_contain_text("1 February 2025: no line")


def test_waiting_is_told_can_be_left_and_failure_mended(witness: Any) -> None:
    never_answered: list[Route] = []
    witness.page.route("**/api/history?*", hold(never_answered))
    page = witness.open("#panel=history")
    page.locator(".history-wait", has_text="Measuring 26 days").wait_for()
    expect(page.locator(".history-wait progress")).to_have_count(1)
    eventually(page, lambda: never_answered, "it is asked for")
    page.locator(".drawer-close").click()
    eventually(
        page,
        lambda: any("/api/history?" in url for url in witness.withdrawn),
        "the question is taken back",
    )
    page.unroute("**/api/history?*")
    page.route("**/api/history?*", lambda route: route.fulfill(status=500, body="{}"))
    page.locator('[data-panel="history"]').click()
    page.locator(".feature--history .alert", has_text="could not be loaded").wait_for()
    page.unroute("**/api/history?*")
    page.locator(".feature--history .alert button").click()
    page.locator(".history-chart").first.wait_for()
    assert witness.errors == []


def test_the_same_figures_are_there_as_a_table(witness: Any, ask: Any) -> None:
    page = open_history(witness)
    page.locator(".history-table summary").click()
    lines = page.locator('[data-table="history"] tbody tr')
    expect(lines).to_have_count(26)
    rows = lines.all_inner_texts()
    found = [row.split("\t") for row in rows]
    history = ask("api/history?by=category")["rows"]
    heads = page.locator('[data-table="history"] thead th').all_inner_texts()
    assert len(heads) == 6
    charts = [chart["category"] for chart in page.evaluate(CHARTS)]
    for line, day in zip(found, sorted({row["date"] for row in history}), strict=True):
        areas = {r["category"]: r["area_km2"] for r in history if r["date"] == day}
        assert line[1:] == [written(areas[name]).replace(" km²", "") for name in charts]


def test_charts_have_names_and_descriptions(witness: Any) -> None:
    page = open_history(witness)
    image = page.get_by_role("img", name="Demilitarised buffer zone, km² through time")
    expect(image).to_have_count(1)
    words = image.locator("desc").text_content()
    assert "on 1 August 2024" in words
    assert "lowest" in words
