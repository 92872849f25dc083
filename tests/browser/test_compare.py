"""Comparing two settlements on the page: by mouse, finger and keyboard; figures and map."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route

PLAN_A = "point21-axios"
PLAN_B = "point21-cbs"
DAY = "2025-11-21"
OTHER_DAY = "2026-08-01"
LATER = f"{PLAN_A}@{OTHER_DAY}"
DAYS = f"a={PLAN_A}@{DAY}&b={LATER}"

# Which settlement is drawn where somebody would click, a share of the map's width from the left.
SIDE_AT = """share => {
  const box = document.getElementById("map_point21").getBoundingClientRect();
  const found = document.elementsFromPoint(box.left + share * box.width, box.top + box.height / 2);
  const face = found.find(node => node.matches("path.face"));
  if (!face) return null;
  return face.closest(".level").getAttribute("class").includes("compare") ? "b" : "a";
}"""
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


def written(value: float) -> str:
    """A figure as the page writes it."""
    return "< 1" if 0 < value < 0.5 else f"{round(value):,}"


def link(reference: str, *words: str, a: str = PLAN_A, day: str = DAY, more: str = "") -> str:
    return f"?plan={a}&date={day}{more}#panel=compare&compare={';'.join([reference, *words])}"


def panel(page: Page) -> Locator:
    return page.locator(".feature--compare")


def compared(page: Page) -> Locator:
    """The panel once it shows a comparison."""
    panel(page).locator(".compare-matrix").wait_for()
    page.locator(".feature--compare:not([aria-busy])").wait_for()
    return panel(page)


def cell(page: Page, before: str, after: str) -> Locator:
    return page.locator(f'.compare-matrix [data-pair="{before} {after}"]')


def assert_matrix(page: Page, answer: dict[str, Any], by: str) -> None:
    """Every figure of the matrix that is shown is that of the API."""
    matrix = answer[by]
    rows = {kind: sum(row.values()) for kind, row in matrix.items()}
    columns = {kind: sum(row[kind] for row in matrix.values()) for kind in matrix}
    listed = [kind for kind in matrix if rows[kind] > 0]
    headed = [kind for kind in matrix if columns[kind] > 0]
    lines = page.locator(".compare-matrix tbody tr")
    assert lines.count() == len(listed) + 1
    for number, before in enumerate(listed):
        figures = lines.nth(number).locator("td").all_inner_texts()
        expected = [written(matrix[before][after]) for after in headed]
        assert [text.strip() for text in figures] == [*expected, written(rows[before])]
    totals = lines.last.locator("td").all_inner_texts()
    assert totals == [*(written(columns[kind]) for kind in headed), written(sum(rows.values()))]


def test_figures_are_those_of_the_api(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    answer = ask(f"api/compare?{DAYS}")
    assert_matrix(page, answer, "category")
    sentence = board.locator(".compare-sentence").inner_text()
    zone = answer["category"]["buffer_zone"]["de_facto_recognized"]
    assert f"{written(zone)} km² that A makes a demilitarised buffer zone" in sentence
    kept = answer["category"]["retained"]["frozen"]
    assert f"{written(kept)} km² that A leaves with Ukraine would be frozen" in sentence
    places = answer["settlements"]
    words = board.locator(".compare-words").inner_text()
    assert f"{places['settlements']} populated places change" in words
    assert f"{written(places['population_recorded'])} people" in words
    for by, area in answer["moved_km2"].items():
        option = board.locator(f'[name="compare-by"] option[value="{by}"]')
        assert option.text_content().endswith(f": {written(area)} km²")
    witness.assert_quiet()


def test_oblasts_and_places_are_those_of_the_api(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    found = ask(f"api/compare?{DAYS}&format=geojson")["features"]
    listed = sorted((f["properties"] for f in found), key=lambda row: -row["area_km2"])
    cells = board.locator(".compare-oblasts td.number")
    assert cells.all_inner_texts() == [written(row["area_km2"]) for row in listed]
    assert [node.get_attribute("data-oblast") for node in cells.all()] == [
        row["oblast"] for row in listed
    ]
    places = ask(f"api/compare?{DAYS}")["settlements"]["places"]
    rows = board.locator(".compare-places tbody tr")
    assert 0 < rows.count() < len(places)
    board.locator("button", has_text=f"Show all {len(places)} places").click()
    assert rows.count() == len(places)
    for number in (0, len(places) - 1):
        assert places[number]["name_en"] in rows.nth(number).inner_text()
    people = written(places[0]["population"])
    assert rows.first.locator("td").last.inner_text() == people


def test_two_texts_that_draw_alike_are_compared_by_recognition(witness: Any, ask: Any) -> None:
    page = witness.open()
    page.locator('[data-panel="compare"]').click()
    board = compared(page)
    answer = ask(f"api/compare?a={PLAN_A}@{DAY}&b={PLAN_B}@{DAY}")
    assert answer["differs_km2"] == 0
    assert board.locator('[name="compare-by"]').input_value() == "recognised_as"
    assert_matrix(page, answer, "recognised_as")
    assert page.locator("path.differ").count() > 0
    board.locator('[name="compare-by"]').select_option("category")
    page.locator("#canvas:not(:has(path.differ))").wait_for()
    assert "the same of every square kilometre" in board.locator(".compare-sentence").inner_text()
    witness.assert_quiet()


def test_presets_offer_a_month_earlier_and_another_reading(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    board.locator('[data-preset="month"]').click()
    page.locator(".compare-badge--b", has_text="1 October 2025").wait_for()
    compared(page)
    earlier = ask(f"api/compare?a={PLAN_A}@{DAY}&b={PLAN_A}@2025-10-01")
    assert_matrix(page, earlier, "category")
    board.locator('[data-preset="reading"]').click()
    page.locator(".compare-names", has_text="1 other reading").wait_for()
    compared(page)
    reading = ask(f"api/compare?a={PLAN_A}@{DAY}&b={PLAN_A}@{DAY}~agreed_territories:none")
    assert reading["differs_km2"] > 0
    assert_matrix(page, reading, "category")


def test_the_divider_parts_the_map(witness: Any) -> None:
    page = witness.open(link(LATER, "swipe"))
    compared(page)
    divider = page.locator("[role=slider]")
    assert page.evaluate(SIDE_AT, 0.4) == "a"
    assert page.evaluate(SIDE_AT, 0.6) == "b"
    divider.focus()
    for key, value in (("ArrowRight", 52), ("PageDown", 42), ("ArrowLeft", 40), ("Home", 0)):
        page.keyboard.press(key)
        assert divider.get_attribute("aria-valuenow") == str(value)
    assert page.evaluate(SIDE_AT, 0.4) == "b"
    page.keyboard.press("End")
    assert page.evaluate(SIDE_AT, 0.6) == "a"
    assert "100" in divider.get_attribute("aria-valuetext")
    assert ";100" in page.evaluate("decodeURIComponent(location.hash)")
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
    page.evaluate("map_point21.setView([48.4, 37.6], 8, {animate: false})")
    assert (page.evaluate(SIDE_AT, 0.45), page.evaluate(SIDE_AT, 0.55)) == ("a", "b")
    page.evaluate("map_point21.panBy([60, -20], {animate: false})")
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
    page.evaluate("map_point21.panBy([40, 10], {animate: false})")
    assert page.evaluate("window.moves") == 1
    level = """selector => {
      const at = document.querySelector(selector + " .level--ground").getBoundingClientRect();
      const map = document.querySelector(selector).getBoundingClientRect();
      return [at.left - map.left, at.top - map.top]; }"""
    first, other = page.evaluate(level, "#map_point21"), page.evaluate(level, ".compare-map")
    assert first == pytest.approx(other, abs=3)
    assert page.evaluate(corner, "#map_point21") != page.evaluate(corner, ".compare-map")
    before = page.evaluate("map_point21.getCenter()")
    page.locator("#canvas").scroll_into_view_if_needed()
    second.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lng => map_point21.getCenter().lng > lng + 0.05", arg=before["lng"])
    page.wait_for_timeout(400)
    first, other = page.evaluate(level, "#map_point21"), page.evaluate(level, ".compare-map")
    assert first == pytest.approx(other, abs=3)
    assert page.evaluate("window.moves") < 60
    witness.assert_quiet()


def test_a_cell_shows_its_land(witness: Any) -> None:
    page = witness.open(link(LATER))
    compared(page)
    button = cell(page, "buffer_zone", "de_facto_recognized").locator("button")
    assert "show on the map" in button.get_attribute("aria-label")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    picked = page.locator("path.differ--picked")
    pairs = {node.get_attribute("data-pair") for node in picked.all()}
    assert pairs == {"buffer_zone de_facto_recognized"}
    assert page.locator("path.differ--other").count() > 0
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    assert picked.count() == 0
    row = page.locator('.compare-oblasts [data-oblast="UA-12"] button').first
    row.click()
    assert {node.get_attribute("data-oblast") for node in picked.all()} == {"UA-12"}
    inside = page.evaluate("""() => {
      const map = document.getElementById("map_point21").getBoundingClientRect();
      const land = document.querySelector("path.differ--picked").getBoundingClientRect();
      return land.right > map.left && land.left < map.right && land.bottom > map.top;
    }""")
    assert inside


def test_only_what_differs(witness: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    hatch = page.locator("path.differ:not(.differ--casing)").first
    assert hatch.get_attribute("fill") == "url(#compare-hatch)"
    assert page.locator("path.compare-veil").count() == 0
    box = board.locator('[name="compare-only"]')
    box.check()
    assert page.locator("path.compare-veil").count() == 1
    assert page.evaluate("decodeURIComponent(location.hash)").endswith(";only")
    box.uncheck()
    assert page.locator("path.compare-veil").count() == 0


def test_a_link_restores_everything(witness: Any, context: Any, server: str) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    board.locator('[name="compare-by"]').select_option("held_by")
    page.locator(".compare-sentence", has_text="Ukraine").first.wait_for()
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
    assert again.locator(".compare-words").inner_text() == words
    assert again.locator('[name="compare-by"]').input_value() == "held_by"
    assert again.locator('input[value="side"]').is_checked()
    assert again.locator('[name="compare-only"]').is_checked()
    assert other.locator(".compare-map").count() == 1
    assert other.locator("path.compare-veil").count() == 2
    view = "[map_point21.getZoom(), map_point21.getCenter().lat, map_point21.getCenter().lng]"
    assert other.evaluate(view) == pytest.approx(page.evaluate(view), abs=0.02)
    assert urlsplit(other.url).fragment == urlsplit(address).fragment


def test_swapping_turns_the_matrix(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    board.locator(".compare-swap").click()
    witness.settled(PLAN_A, OTHER_DAY)
    compared(page)
    assert f"compare={PLAN_A}@{DAY}" in page.evaluate("decodeURIComponent(location.hash)")
    assert_matrix(page, ask(f"api/compare?a={LATER}&b={PLAN_A}@{DAY}"), "category")
    assert f"date={OTHER_DAY}" in page.url


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
    for day in ("2025-12-01", "2026-01-01"):
        page.locator("#date").select_option(day)
        witness.settled(PLAN_A, day)
        assert page.locator("path.differ").count() == 0
        assert panel(page).locator(".compare-matrix, .compare-sentence").count() == 0
    page.wait_for_timeout(300)
    assert len(held) == 2
    held[1].continue_()
    compared(page)
    assert_matrix(page, ask(f"api/compare?a={PLAN_A}@2026-01-01&b={LATER}"), "category")
    assert page.locator(".compare-badge--a").inner_text().endswith("1 January 2026")


def test_a_failure_is_told_and_mended(witness: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    words = board.locator(".compare-words").inner_text()
    page.route("**/api/compare?*", lambda route: route.abort())
    board.locator('[name="b-date"]').select_option("2026-01-01")
    alert = board.locator(".alert")
    alert.wait_for()
    assert "could not be reached" in alert.inner_text()
    assert "Still shown" in alert.inner_text()
    assert board.locator(".compare-words").inner_text() == words
    assert board.locator('[name="b-date"]').input_value() == OTHER_DAY
    page.unroute("**/api/compare?*")
    alert.locator("button").click()
    page.locator(".compare-badge--b", has_text="1 January 2026").wait_for()
    assert not alert.is_visible()
    assert board.locator(".compare-words").inner_text() != words


@pytest.mark.parametrize("view", ["swipe", "side"])
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
    after = page.evaluate(TRACES)
    # A map of another width, as the panel leaves it, rounds its centre.
    assert after.pop("centre") == pytest.approx(before.pop("centre"), abs=0.02)
    assert after == before
    assert "compare" not in page.url
    assert page.evaluate(SIDE_AT, 0.6) != "b"
    witness.assert_quiet()


def test_the_legend_switches_both(witness: Any) -> None:
    page = witness.open(link(LATER))
    compared(page)
    shown = page.locator(".level--compare-faces path.face--buffer_zone")
    assert shown.first.is_visible()
    page.locator('[data-layer="buffer_zone"]').uncheck()
    assert not shown.first.is_visible()
    page.locator('[data-layer="buffer_zone"]').check()
    assert shown.first.is_visible()


def test_the_single_file_compares_the_plans_that_it_carries(witness: Any, ask: Any) -> None:
    page = witness.open("map.html#panel=compare")
    board = compared(page)
    board.locator('[name="b-plan"]').select_option("borders-1991")
    page.locator(".compare-badge--b", has_text="1991").wait_for()
    compared(page)
    answer = ask(f"api/compare?a={PLAN_A}@{DAY}&b=borders-1991@{DAY}")
    assert_matrix(page, answer, "category")
    assert "Smaller places need the server" in board.locator(".compare-words").inner_text()
    assert page.locator("path.differ").count() > 0
    assert [url for url in witness.requests if "api/" in url] == []
    witness.assert_quiet()


def test_it_speaks_ukrainian(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER, more="&lang=uk"))
    board = compared(page)
    answer = ask(f"api/compare?{DAYS}")
    zone = f"{round(answer['category']['buffer_zone']['de_facto_recognized'])} км²"
    sentence = board.locator(".compare-sentence").inner_text()
    assert sentence.startswith("За B: ")
    assert zone in sentence.replace("\u00a0", " ")
    assert "A" in board.locator("caption").inner_text()
    assert "Матриця" in board.locator("caption").inner_text()
    witness.assert_quiet()


def test_links_to_what_there_is_not_are_told(witness: Any) -> None:
    page = witness.open(link("no-such-plan@2025-11-21"))
    alert = panel(page).locator(".alert")
    alert.wait_for()
    assert "no-such-plan" in alert.inner_text()
    assert page.locator("path.differ").count() == 0
    panel(page).locator('[name="b-plan"]').select_option(PLAN_B)
    compared(page)
    assert not alert.is_visible()
    page.goto("about:blank")
    witness.page.goto(f"{witness.server}{link('%3B%3B~@@')}")
    compared(witness.ready())
    assert f"compare={PLAN_B}@{DAY}" in page.evaluate("decodeURIComponent(location.hash)")


def test_names_of_settlements_are_read_as_they_are_written(witness: Any) -> None:
    page = witness.open()
    states = [
        {"plan": "p", "date": DAY, "readings": {}},
        {"plan": "p", "date": DAY, "source": "mine", "readings": {"a": "x,y", "b": "z"}},
    ]
    found = page.evaluate(
        """async states => {
          const { readReference, referenceOf } = await import("/static/features/comparelink.js");
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
