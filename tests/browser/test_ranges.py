"""The ranges: each bar as the API says, and each option one click away."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from playwright.sync_api import Route, expect

from pages import DRAWS_MS, busy_once, in_address, not_in_address

PLAN = "point21-axios"
DAY = "2025-11-21"
FIGURES = {
    "ukraine_leaves_km2": ("ukraine_leaves_km2", "total"),
    "russia_leaves_km2": ("russia_leaves_km2", "total"),
    "net_leaves_km2": ("net_leaves_km2", "total"),
    **{
        name: ("area_km2", name)
        for name in (
            "de_facto_recognized",
            "frozen",
            "buffer_zone",
            "relinquished",
            "retained",
            "not_settled",
        )
    },
}

# Of each figure: its axis, its bar, its whisker, and what is shown now.
BARS = """() => Object.fromEntries([...document.querySelectorAll(".range")].map(section => {
  const number = (node, name) => Number(node.getAttribute(name));
  const bar = section.querySelector(".bar-of-readings");
  const whisker = section.querySelector(".whisker line");
  return [section.dataset.figure, {
    marks: [...section.querySelectorAll(".tick")].map(tick => ({
      value: Number(tick.querySelector("text").textContent
        .replace(/[^0-9−]/g, "").replace("−", "-")),
      x: Number(tick.getAttribute("transform").match(/translate\\(([^ ]+) /)[1]),
    })),
    bar: [number(bar, "x"), number(bar, "x") + number(bar, "width")],
    whisker: whisker && [number(whisker, "x1"), number(whisker, "x2")],
    now: number(section.querySelector(".now"), "x1"),
    ends: [...section.querySelectorAll(".range-end")].map(node => node.textContent),
  }];
}))"""


def open_ranges(witness: Any, address: str = "") -> Any:
    page = witness.open(f"{address}#panel=ranges")
    page.locator(".range").first.wait_for()
    return page


def written(value: float) -> str:
    return "< 1 km²" if 0 < value < 0.5 else f"{round(value):,} km²"


def value_at(bars: dict[str, Any], x: float) -> float:
    """The value that a place on the axis stands for."""
    first, last = bars["marks"][0], bars["marks"][-1]
    share = (x - first["x"]) / (last["x"] - first["x"])
    return float(first["value"] + share * (last["value"] - first["value"]))


def pixel(bars: dict[str, Any]) -> float:
    """What a pixel of the axis is worth."""
    first, last = bars["marks"][0], bars["marks"][-1]
    return float((last["value"] - first["value"]) / (last["x"] - first["x"]))


def shown_value(bundle: dict[str, Any], figure: str) -> float:
    name, of = FIGURES[figure]
    if of == "total":
        return float(bundle["totals"]["change"][0][name])
    rows = {row["category"]: row["area_km2"] for row in bundle["tables"]["category"]}
    return float(rows.get(of, 0.0))


def test_the_bars_are_the_ranges_of_the_api(witness: Any, ask: Any) -> None:
    page = open_ranges(witness)
    readings = ask("api/readings")
    bundle = ask("api/map")
    bars = page.evaluate(BARS)
    assert set(bars) == set(FIGURES)
    for figure, drawn in bars.items():
        name, of = FIGURES[figure]
        [found] = [r for r in readings["figures"] if (r["figure"], r["of"]) == (name, of)]
        low, high = found["low"]["value"], found["high"]["value"]
        worth = pixel(drawn)
        assert value_at(drawn, drawn["bar"][0]) == pytest.approx(low, abs=1.01 * worth)
        assert value_at(drawn, drawn["bar"][1]) == pytest.approx(high, abs=1.01 * worth)
        now = shown_value(bundle, figure)
        assert value_at(drawn, drawn["now"]) == pytest.approx(now, abs=0.01 * worth)
        assert drawn["ends"] == [written(low), written(high)]
        assert drawn["marks"][0]["value"] <= 0
    leaves = page.locator('[data-figure="russia_leaves_km2"] .range-ends').inner_text()
    assert "Which territories outside the five regions does Russia leave? None" in leaves
    witness.assert_quiet()


def test_an_option_is_chosen_and_taken_back_with_a_click(witness: Any, ask: Any) -> None:
    page = open_ranges(witness)
    section = page.locator('[data-figure="relinquished"]')
    section.locator(".range-options summary").click()
    option = section.locator('[data-option="kinburn:retained_by_russia"]')
    expect(option).to_have_attribute("aria-pressed", "false")
    expect(option).to_contain_text("−135 km²")
    option.focus()
    page.keyboard.press("Enter")
    expect(option).to_have_attribute("aria-pressed", "true")
    in_address(page, "reading=kinburn:retained_by_russia")
    after = ask("api/map?reading=kinburn:retained_by_russia")
    drawn = page.evaluate(BARS)["relinquished"]
    now = shown_value(after, "relinquished")
    assert value_at(drawn, drawn["now"]) == pytest.approx(now, abs=0.01 * pixel(drawn))
    expect(section.locator(".range-head")).to_contain_text(written(now))
    expect(option).to_be_focused()
    page.keyboard.press("Enter")
    expect(option).to_have_attribute("aria-pressed", "false")
    not_in_address(page, "reading=")


def test_the_end_of_a_bar_leads_to_the_readings_that_give_it(witness: Any, ask: Any) -> None:
    page = open_ranges(witness)
    readings = ask("api/readings")
    [found] = [r for r in readings["figures"] if (r["figure"], r["of"]) == ("area_km2", "retained")]
    assert found["low"]["readings"] == {"frozen_far_side": "undefined", "line_date": "latest"}
    section = page.locator('[data-figure="retained"]')
    section.locator('[data-end="low"]').click()
    witness.settled(PLAN, readings["days"]["latest"])
    in_address(page, "reading=frozen_far_side:undefined")
    not_in_address(page, "line_date")
    expect(section.locator(".range-head .number")).to_have_text(written(found["low"]["value"]))


def test_close_up_is_in_the_link_and_does_not_begin_at_zero(witness: Any) -> None:
    page = open_ranges(witness)
    assert page.evaluate(BARS)["frozen"]["marks"][0]["value"] == 0
    page.get_by_label("Close up").check()
    assert page.evaluate(BARS)["frozen"]["marks"][0]["value"] > 30_000
    in_address(page, "close=1")
    page.reload()
    witness.ready()
    page.locator(".range").first.wait_for()
    expect(page.get_by_label("Close up")).to_be_checked()


def test_the_lines_position_gives_an_interval(witness: Any, ask: Any) -> None:
    page = open_ranges(witness)
    page.locator(".whisker").first.wait_for(timeout=DRAWS_MS)
    uncertainty = ask("api/uncertainty")
    intervals = {(r["by"], r["key"], r["figure"]): r for r in uncertainty["rows"]}
    bars = page.evaluate(BARS)
    for figure, (name, of) in FIGURES.items():
        key = ("country", "country") if of == "total" else ("category", of)
        row = intervals.get((*key, name))
        assert (row is None) == (bars[figure]["whisker"] is None)
        if row is None:
            continue
        worth = pixel(bars[figure])
        for x, value in zip(
            bars[figure]["whisker"], (row["low_km2"], row["high_km2"]), strict=True
        ):
            assert value_at(bars[figure], x) == pytest.approx(value, abs=1.01 * worth)
    told = page.locator('[data-figure="buffer_zone"]').inner_text()
    row = intervals["category", "buffer_zone", "area_km2"]
    words = f"{written(row['low_km2'])} to {written(row['high_km2'])} in 90 % of the draws"
    assert words in told
    page.locator(".ranges-table summary").click()
    page.locator('[data-table="ranges"] tbody tr').first.wait_for()
    table = page.locator('[data-table="ranges"] tbody tr').all_inner_texts()
    line = next(text.split("\t") for text in table if text.startswith("Demilitarised"))
    assert line[-2:] == [f"{round(row[key]):,}" for key in ("low_km2", "high_km2")]


def test_what_cannot_be_loaded_is_told_and_tried_again(witness: Any) -> None:
    witness.page.route("**/api/readings?*", lambda route: route.fulfill(status=500, body="{}"))
    page = witness.open("#panel=ranges")
    alert = page.locator(".feature--ranges .alert")
    alert.wait_for()
    expect(alert).to_contain_text("could not be loaded")
    page.unroute("**/api/readings?*")
    alert.locator("button").click()
    page.locator(".range").first.wait_for()
    expect(alert).to_be_hidden()


def test_sources_are_dots_where_there_are_several(witness: Any, ask: Any) -> None:
    values = {"observations": 6216.0, "another": 5600.0}
    rows = [
        {
            "by": "category",
            "key": "buffer_zone",
            "figure": "area_km2",
            "source": source,
            "date": day,
            "value_km2": values[source],
        }
        for source, day in (("observations", DAY), ("another", "2025-11-20"))
    ]
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if "on_or_before=true" in route.request.url:
            route.fulfill(body=orjson.dumps({"rows": rows}))
        else:
            route.fulfill(status=404, body=orjson.dumps({"detail": "There is no line."}))

    def offer_another(route: Route) -> None:
        body = route.fetch().text()
        ours = '"sources":[{"id":"observations"}]'
        assert body.count(ours) == 1
        both = '"sources":[{"id":"observations"},{"id":"another"}]'
        route.fulfill(body=body.replace(ours, both), content_type="text/html")

    witness.page.route("**/api/band?*", answer)
    witness.page.route(witness.server, offer_another)
    page = open_ranges(witness)
    section = page.locator('[data-figure="buffer_zone"]')
    section.locator(".source-dot").first.wait_for(timeout=DRAWS_MS)
    drawn = page.evaluate(BARS)["buffer_zone"]
    dots = section.locator(".source-dot").evaluate_all(
        "nodes => nodes.map(n => [n.dataset.source, Number(n.getAttribute('cx'))])"
    )
    assert [source for source, _ in dots] == ["another", "observations"]
    for source, x in dots:
        assert value_at(drawn, x) == pytest.approx(values[source], abs=0.01 * pixel(drawn))
    told = section.inner_text()
    assert "another (20 November 2025) 5,600 km²" in told
    assert [("on_or_before=true" in url, "by=source" in url) for url in asked] == [
        (False, True),
        (True, True),
    ]
    assert page.locator('[data-figure="frozen"] .source-dot').count() == 0


def test_a_busy_server_is_asked_again_when_it_says(witness: Any) -> None:
    asked: list[float] = []
    witness.page.route("**/api/uncertainty?*", busy_once(asked))
    page = open_ranges(witness)
    page.locator(".range .whisker").first.wait_for(timeout=DRAWS_MS)
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 0.9
