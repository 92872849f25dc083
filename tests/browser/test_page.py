"""The map page as people use it, in headless Chromium with the network cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import orjson
import pytest
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

# Controls without a name: neither a label, nor text, nor aria-label.
NAMELESS = """() => [...document.querySelectorAll("button, select, input, a, path[tabindex]")]
  .filter(node => !node.hidden)
  .filter(node => !(node.ariaLabel ?? node.labels?.[0]?.textContent ?? node.textContent).trim())
  .map(node => node.outerHTML.slice(0, 120))"""


def written(value: float) -> str:
    """A figure as the page writes it."""
    return "< 1" if 0 < value < 0.5 else f"{round(value):,}"


def faces(page: Page, category: str) -> int:
    return page.locator(f"path.face--{category}").count()


def click_at(page: Page, lat: float, lon: float) -> None:
    """Click the map where a place is, after moving it into the middle."""
    page.evaluate(
        "([lat, lon]) => map_point21.setView([lat, lon], 9, {animate: false})", [lat, lon]
    )
    box = page.locator("#map_point21").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_it_is_drawn_without_a_word_on_the_console(witness: Any) -> None:
    page = witness.open()
    for category in CATEGORIES:
        assert faces(page, category) > 0, category
    assert page.locator("path.front").count() == 2
    assert page.locator(".ground--land").count() >= 1
    assert page.locator(".ground--river").count() >= 1
    assert page.locator(".label--city").count() > 3
    assert page.locator(".label--oblast").count() > 3
    assert page.locator(".place").get_attribute("aria-label").startswith("Zaporizhzhia")
    marks = page.evaluate("performance.getEntriesByName('point21:drawn').length")
    assert marks == 1
    witness.assert_quiet()


def test_a_policy_allows_no_script_but_ours(witness: Any) -> None:
    response = witness.page.goto(witness.server)
    policy = response.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "http" not in scripts


def test_the_legend_shows_the_figures_of_the_api(witness: Any, ask: Any) -> None:
    page = witness.open()
    rows = ask(f"api/layers?plan={PLAN_A}&date={DAY}")["layers"]
    assert [row["category"] for row in rows] == list(CATEGORIES)
    for row in rows:
        line = page.locator(f'#legend [data-category="{row["category"]}"]')
        assert line.locator("th").inner_text() == row["label"]
        assert line.locator('[data-figure="area_km2"]').inner_text() == written(row["area_km2"])
        share = line.locator('[data-figure="share"]').inner_text()
        assert float(share.split()[0]) == pytest.approx(100 * row["share"], abs=0.051)


def test_the_ledger_and_the_sentence_say_who_leaves_what(witness: Any, ask: Any) -> None:
    page = witness.open()
    rows = ask(f"api/map?plan={PLAN_A}&date={DAY}")["tables"]["change"]
    total = rows[-1]
    assert total["oblast"] == "total"
    headline = page.locator("#headline").inner_text()
    assert f"Ukraine would leave {written(total['ukraine_leaves_km2'])} km²" in headline
    russia = written(total["russia_leaves_km2"])
    assert f"Russia would leave up to {russia} km²" in headline
    assert "which of it is left to agreement" in headline
    assert "21 November 2025" in headline
    cells = page.locator('[data-table="change"] tr.total td').all_inner_texts()
    assert cells[0] == written(total["ukraine_leaves_km2"])
    assert cells[1] == f"up to {russia}"
    assert cells[2] == f"at least {written(total['net_leaves_km2'])}"
    assert "leaves to agreement" in page.locator("#note-ledger").inner_text()
    shown = page.locator('[data-table="change"] :is(tbody, tfoot) tr').count()
    assert shown == sum(row["ukraine_leaves_km2"] + row["russia_leaves_km2"] > 0 for row in rows)


def test_switches_take_layers_away_and_bring_them_back(witness: Any) -> None:
    page = witness.open()
    for category in CATEGORIES:
        before = faces(page, category)
        box = page.locator(f'[data-layer="{category}"]')
        box.uncheck()
        assert faces(page, category) == 0
        box.check()
        assert faces(page, category) == before
    for layer, selector in (
        ("line", "path.front"),
        ("oblasts", "#map_point21:not(.without-borders)"),
        ("oblasts", ".label--oblast"),
        ("towns", ".label--city"),
    ):
        page.locator(f'[data-layer="{layer}"]').uncheck()
        assert page.locator(selector).count() == 0, layer
        page.locator(f'[data-layer="{layer}"]').check()
        assert page.locator(selector).count() > 0, layer
    witness.assert_quiet()


def test_a_hidden_layer_stays_hidden_under_another_plan(witness: Any) -> None:
    page = witness.open()
    page.locator('[data-layer="frozen"]').uncheck()
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    assert faces(page, "frozen") == 0
    assert faces(page, "buffer_zone") > 0


def test_a_click_on_kramatorsk_tells_what_the_text_says_there(witness: Any, ask: Any) -> None:
    page = witness.open()
    clause = next(c for c in ask(f"api/plans/{PLAN_A}")["clauses"] if c["id"] == "21.4")
    click_at(page, *KRAMATORSK)
    inspector = page.locator("#inspector")
    assert inspector.locator("h2").inner_text() == "Donetsk Oblast, Ukrainian-held part"
    text = inspector.inner_text()
    assert "Demilitarised buffer zone" in text
    assert "Ukrainian forces withdraw" in text
    assert "None: demilitarised" in text
    assert clause["quote"] in inspector.locator("blockquote").all_inner_texts()
    assert clause["article"] in text
    area = next(
        row["area_km2"]
        for row in ask(f"api/map?plan={PLAN_A}&date={DAY}")["tables"]["oblast,category"]
        if row["oblast"] == "UA-14" and row["category"] == "buffer_zone"
    )
    assert f"{written(area)} km²" in text
    page.locator("#inspector-close").click()
    assert inspector.locator("h2").inner_text() == "What the text says"


def test_what_one_label_cannot_say_is_said(witness: Any, ask: Any) -> None:
    page = witness.open()
    luhansk = page.locator('[data-face="UA-09 ukraine"]')
    luhansk.focus()
    page.keyboard.press("Enter")
    text = page.locator("#inspector").inner_text()
    assert "although Ukraine holds it and no withdrawal is ordered" in text
    assert "De facto Russian" in text


def test_areas_are_reached_and_read_by_keyboard(witness: Any) -> None:
    page = witness.open()
    page.locator("#map_point21").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('path.face--buffer_zone')"):
            break
    focused = page.locator("path:focus")
    assert "Demilitarised buffer zone" in focused.get_attribute("aria-label")
    assert focused.get_attribute("role") == "button"
    assert page.locator("path.highlight").first.get_attribute("d") != "M0 0"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inspector"
    assert "Donetsk Oblast" in page.locator("#inspector-title").inner_text()


def test_hovering_names_the_place(witness: Any, size: str) -> None:
    if size == "phone":
        pytest.skip("a finger does not hover")
    page = witness.open()
    page.locator('[data-face="UA-43 russia"]').hover()
    tip = page.locator(".tip-box").inner_text()
    assert "Crimea" in tip
    assert "Recognised as de facto Russian · Russian-held" in tip


def test_the_power_plant_says_what_its_point_says(witness: Any, ask: Any) -> None:
    page = witness.open()
    clause = next(c for c in ask(f"api/plans/{PLAN_A}")["clauses"] if c["id"] == "19")
    page.locator(".place").focus()
    page.keyboard.press("Enter")
    assert page.locator("#inspector blockquote").inner_text() == clause["quote"]


def test_another_plan_moves_map_words_and_address_together(witness: Any) -> None:
    page = witness.open()
    click_at(page, *KRAMATORSK)
    assert "Internationally" in page.locator("#inspector").inner_text()
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    assert f"plan={PLAN_B}" in page.url
    assert "Internationally" not in page.locator("#inspector .facts").inner_text()
    assert "Donetsk Oblast, Ukrainian-held part" in page.locator("#inspector").inner_text()
    page.locator("#plan").select_option("borders-1991")
    witness.settled("borders-1991", DAY)
    assert faces(page, "buffer_zone") == 0
    assert "Ukraine would leave nothing" in page.locator("#headline").inner_text()
    page.go_back()
    witness.settled(PLAN_B, DAY)
    assert faces(page, "buffer_zone") > 0
    witness.assert_quiet()


def test_another_day_moves_line_figures_and_date(witness: Any, ask: Any) -> None:
    page = witness.open()
    line = page.locator("path.front").last.get_attribute("d")
    page.locator("#date").select_option(OTHER_DAY)
    witness.settled(PLAN_A, OTHER_DAY)
    assert page.locator("path.front").last.get_attribute("d") != line
    rows = ask(f"api/layers?plan={PLAN_A}&date={OTHER_DAY}")["layers"]
    shown = page.locator('#legend [data-figure="area_km2"]').all_inner_texts()
    assert shown == [written(row["area_km2"]) for row in rows]
    for place in ("#headline", "#notes-date", "#sources"):
        assert "1 August 2026" in page.locator(place).inner_text(), place
    assert OTHER_DAY in page.locator('[data-csv="change"]').get_attribute("href")


def test_the_buttons_step_through_the_days_that_exist(witness: Any) -> None:
    page = witness.open()
    days = page.locator("#date option").evaluate_all("nodes => nodes.map(node => node.value)")
    assert days == sorted(days)
    index = days.index(DAY)
    page.locator("#later").click()
    witness.settled(PLAN_A, days[index + 1])
    page.locator("#earlier").click()
    witness.settled(PLAN_A, days[index])
    page.locator("#date").select_option(days[-1])
    witness.settled(PLAN_A, days[-1])
    assert page.locator("#later").is_disabled()


def test_an_address_restores_its_state(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_B}&date={OTHER_DAY}")
    witness.settled(PLAN_B, OTHER_DAY)
    assert "1 August 2026" in page.locator("#headline").inner_text()
    witness.assert_quiet()


def hold(held: list[Route]) -> Callable[[Route], None]:
    """Keep requests waiting until the test lets them go."""

    def keep(route: Route) -> None:
        held.append(route)

    return keep


def test_an_overtaken_answer_is_dropped(witness: Any) -> None:
    page = witness.open()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator('#page[data-phase="loading"]').wait_for()
    page.locator("#date").select_option("2025-12-01")
    witness.settled(PLAN_A, "2025-12-01")
    assert held, "the slow request was never made"
    for route in held:
        route.continue_()
    page.wait_for_timeout(400)
    assert page.locator("#date").input_value() == "2025-12-01"
    assert "1 December 2025" in page.locator("#headline").inner_text()
    assert "date=2025-12-01" in page.url


def test_what_was_shown_stays_until_the_new_state_is_complete(witness: Any) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    held: list[Route] = []
    page.route(f"**/api/map?*date={OTHER_DAY}", hold(held))
    page.locator("#date").select_option(OTHER_DAY)
    page.locator("#status", has_text="Loading").wait_for()
    assert page.locator("#page").get_attribute("aria-busy") == "true"
    assert page.locator("#headline").inner_text() == before
    assert page.locator("#notes-date").inner_text() == "21 November 2025"
    held[0].continue_()
    witness.settled(PLAN_A, OTHER_DAY)
    assert page.locator("#headline").inner_text() != before
    assert page.locator("#status").inner_text() == ""


@pytest.mark.parametrize("way", ["refused", "server error", "no JSON"])
def test_a_failure_is_told_and_can_be_mended(witness: Any, way: str) -> None:
    page = witness.open()
    before = page.locator("#headline").inner_text()
    pattern = f"**/api/map?*date={OTHER_DAY}"

    def fail(route: Route) -> None:
        if way == "refused":
            route.abort("connectionrefused")
        else:
            route.fulfill(status=500 if way == "server error" else 200, body="<p>sorry</p>")

    page.route(pattern, fail)
    page.locator("#date").select_option(OTHER_DAY)
    page.locator("#alert").wait_for()
    told = page.locator("#alert").inner_text()
    assert "1 August 2026 could not be loaded" in told
    assert "still shows" in told
    assert page.locator("#headline").inner_text() == before
    assert page.locator("#date").input_value() == DAY
    page.unroute(pattern)
    page.locator("#retry").click()
    witness.settled(PLAN_A, OTHER_DAY)
    assert not page.locator("#alert").is_visible()
    assert witness.errors == []


def test_tiles_are_off_and_never_block(witness: Any) -> None:
    page = witness.open()
    tiles = page.locator('[data-layer="tiles"]')
    assert not tiles.is_checked()
    assert witness.external == []
    tiles.check()
    page.locator("#status", has_text="OpenStreetMap cannot be reached").wait_for()
    assert "OpenStreetMap" in page.locator(".leaflet-control-attribution").inner_text()
    assert faces(page, "buffer_zone") > 0
    tiles.uncheck()
    assert page.locator(".leaflet-control-attribution").count() == 0
    assert witness.errors == []


def test_labels_touch_no_other_label(witness: Any) -> None:
    page = witness.open()
    for zoom in (4.5, 6, 7, 8, 9.5):
        page.evaluate("zoom => map_point21.setView([48.4, 37.3], zoom, {animate: false})", zoom)
        boxes = page.evaluate(BOXES, ".label")
        assert len(boxes) > 5
        clashes = [
            (a, b)
            for a, b in combinations(boxes, 2)
            if a["left"] < b["right"]
            and b["left"] < a["right"]
            and a["top"] < b["bottom"]
            and b["top"] < a["bottom"]
        ]
        assert clashes == [], zoom


def test_panels_do_not_cover_what_they_speak_of(witness: Any) -> None:
    page = witness.open()
    click_at(page, *KRAMATORSK)
    page.wait_for_timeout(100)
    [canvas] = page.evaluate(BOXES, "#canvas")
    [inspector] = page.evaluate(BOXES, "#inspector")
    [title] = page.evaluate(BOXES, "#inspector-title")
    [notes] = page.evaluate(BOXES, "#notes")
    assert inspector["top"] >= canvas["bottom"] - 1
    assert canvas["top"] >= -1
    assert title["bottom"] <= notes["top"]


def test_neutrality_date_and_sources_are_always_in_sight(witness: Any) -> None:
    page = witness.open()
    for position in (0, 600, 100_000):
        page.mouse.wheel(0, position)
        page.evaluate("y => window.scrollTo(0, y)", position)
        [notes] = page.evaluate(BOXES, "#notes")
        assert notes["top"] < notes["bottom"] <= page.viewport_size["height"] + 1
    text = page.locator("#notes").inner_text()
    assert "takes no side" in text
    assert "21 November 2025" in text
    page.locator("#notes a").click()
    sources = page.locator("#sources").inner_text()
    assert "Natural Earth" in sources
    assert "GeoNames" in sources
    assert "CC BY 4.0" in sources


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_nothing_sticks_out_sideways(witness: Any, width: int) -> None:
    witness.page.set_viewport_size({"width": width, "height": 740})
    page = witness.open()
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    click_at(page, *KRAMATORSK)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_names_in_data_are_never_read_as_markup(witness: Any, ask: Any) -> None:
    hostile = '<img src=x onerror="window.wounded=1"><script>window.wounded=1</script>'
    bundle = ask(f"api/map?plan={PLAN_A}&date={OTHER_DAY}")
    for face in bundle["faces"]["features"]:
        face["properties"]["name_en"] = hostile
        face["properties"]["label"] = hostile
    for row in bundle["towns"] + bundle["oblasts"]:
        row["name_en"] = hostile
    for clause in bundle["plan"]["clauses"]:
        clause.update(quote=hostile, article=hostile, reading=hostile)
        if clause.get("place"):
            clause["place"] = hostile
    for source in bundle["sources"]:
        source.update(title=hostile, attribution=hostile, licence_url="javascript:wounded=1")
    for table in bundle["tables"].values():
        for row in table:
            row.update({key: hostile for key in ("name_en", "label") if key in row})
    bundle["note"] = hostile
    bundle["plan"]["title"] = hostile
    witness.page.route("**/api/map?*", lambda route: route.fulfill(body=orjson.dumps(bundle)))
    page = witness.open()
    page.locator("#date").select_option(OTHER_DAY)
    witness.settled(PLAN_A, OTHER_DAY)
    page.locator('[data-face="UA-14 ukraine"]').focus()
    page.keyboard.press("Enter")
    for selector in ("#headline", "#inspector", "#sources", '[data-table="change"]'):
        assert "<img src=x" in page.locator(selector).inner_text(), selector
    assert page.locator(".label", has_text="<img").count() > 0
    assert page.locator("img[src=x]").count() == 0
    assert page.locator('[href^="javascript"]').count() == 0
    assert page.evaluate("window.wounded") is None
    assert witness.errors == []


def test_it_prints_with_map_figures_and_sources(witness: Any) -> None:
    page = witness.open()
    page.emulate_media(media="print")
    for selector in ("#map_point21", "#legend", '[data-table="change"]', "#sources", "#notes"):
        [box] = page.evaluate(BOXES, selector)
        assert box["bottom"] > box["top"], selector
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.panel')).overflowY") == "visible"
    )
    assert not page.locator(".leaflet-control-zoom").is_visible()


def test_every_control_has_a_name(witness: Any) -> None:
    page = witness.open()
    nameless = page.evaluate(NAMELESS)
    assert nameless == []
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    levels = page.locator("h1, h2, h3").evaluate_all("nodes => nodes.map(n => +n.tagName[1])")
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_reduced_motion_is_respected(witness: Any) -> None:
    witness.page.emulate_media(reduced_motion="reduce")
    page = witness.open()
    assert page.evaluate("map_point21.options.zoomAnimation") is False


def test_the_dark_scheme_has_dark_paper(witness: Any) -> None:
    witness.page.emulate_media(color_scheme="dark")
    page = witness.open()
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 64
