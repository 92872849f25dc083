"""Understand a place: search and point, by keyboard and by finger, in the link and over states."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Error, Page, Route, expect
from positions import NO_POSITIONS, POSITIONS, UNREAD

from app.documents.search import describe_search
from geo.places.coordinates import parse_position
from geo.places.name_index import edit_distances
from geo.places.transliteration import normalise_name, reduce_name
from pages import caption_read, eventually, hold, in_address, not_in_address
from shipped import shipped_catalogue

PLAN_A, PLAN_B, DAY, LATER = "point21-axios", "point21-cbs", "2025-11-21", "2026-08-01"


def options(page: Page) -> list[str]:
    page.locator("#search-list:not([hidden]) li").first.wait_for()
    return page.locator("#search-list .search-name").all_inner_texts()


def typed(page: Page, text: str) -> list[str]:
    """Type into the box and wait for what belongs to it."""
    box = page.locator("#search-text")
    box.focus()
    box.fill("")
    page.locator("#search-list").wait_for(state="hidden")  # what was found before is gone
    with page.expect_response(lambda answer: f"q={quote_plus(text)}&" in answer.url):
        page.keyboard.insert_text(text)  # at once: what is typed slowly is asked for, then dropped
    return options(page)


def caption(page: Page, title: str) -> str:
    """Wait for the whole caption of a place."""
    page.locator("#inspector-title", has_text=title).wait_for()
    caption_read(page)
    return page.locator("#inspector").inner_text()


def click_at(page: Page, lat: float, lon: float, *, finger: bool) -> None:
    page.evaluate(
        "([lat, lon]) => void map_point21.setView([lat, lon], 8, {animate: false})", [lat, lon]
    )
    page.locator("#canvas").scroll_into_view_if_needed()
    box = page.locator("#map_point21").bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    (page.touchscreen.tap if finger else page.mouse.click)(*at)


def test_a_place_is_found_by_keyboard_alone_and_read(witness: Any, ask: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    assert typed(page, "Сиверск")[0] == "Siversk"
    box = page.locator("#search-text")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "search-option-0")
    expect(page.locator("#search-option-0")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    text = caption(page, "Siversk, Donetsk Oblast")
    located = ask(f"api/locate?place=Siversk&plan={PLAN_A}&date={DAY}")["matches"][0]
    assert "Ukraine, on 21 November 2025" in text
    assert "since before 8 July 2024, when the observations begin" in text
    assert f"{located['place']['population']:,}" in text
    assert f"{located['distance_to_line_km']:.1f} km" in text
    assert located["clauses"][-1]["quote"] in text
    assert "None: demilitarised" in text
    expect(box).to_have_attribute("aria-expanded", "false")
    in_address(page, f"place={located['lat']:.5f},{located['lon']:.5f}")
    expect(page.locator("#said")).to_contain_text("Siversk: held by Ukraine")
    witness.assert_quiet()


def test_the_figures_of_a_place_follow_plan_and_day(witness: Any, ask: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    typed(page, "siversk")
    page.keyboard.press("Enter")
    assert "Internationally" in caption(page, "Siversk")
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    caption(page, "Siversk")
    facts = page.locator("#inspector .facts")
    expect(facts).not_to_contain_text("Internationally")
    page.locator("#date").select_option(LATER)
    witness.settled(PLAN_B, LATER)
    caption(page, "Siversk")
    since = ask(f"api/locate?place=Siversk&date={LATER}")["matches"][0]["place"]["since"]
    expect(facts).to_contain_text("Russia, on 1 August 2026")
    expect(facts).to_contain_text(f"since {int(since[8:])} ")
    expect(facts).to_contain_text("the first day it was observed so")
    expect(page.locator(".elsewhere", has_text="say the same")).to_have_count(1)
    witness.assert_quiet()


def test_the_link_restores_the_place(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}#place=48.73111,37.56779")
    assert "Kramatorsk" in caption(page, "Kramatorsk")
    expect(page.locator("path.chosen-place--ring")).to_have_count(1)
    expect(page.locator("path.highlight--chosen")).not_to_have_attribute("d", "M0 0")
    page.locator("#inspector-close").click()
    not_in_address(page, "place=")
    expect(page.locator("path.chosen-place--ring")).to_have_count(0)
    expect(page.locator("#inspector-title")).to_have_text("What the text says")
    page.go_back()
    witness.assert_quiet()


def test_back_leads_to_the_place_before(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    for name in ("Lviv", "Odesa"):
        typed(page, name)
        page.keyboard.press("Enter")
        caption(page, name)
    page.go_back()
    caption(page, "Lviv")
    page.go_forward()
    caption(page, "Odesa")
    witness.assert_quiet()


@pytest.mark.both_sizes
def test_pointing_anywhere_reads_the_place(witness: Any, size: str, ask: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    click_at(page, 48.4, 35.6, finger=size == "phone")
    text = caption(page, "Dnipropetrovsk Oblast")
    lat, lon = re.search(r"place=([\d.]+),([\d.]+)", page.url).groups()  # type: ignore[union-attr]
    near = ask(f"api/locate?lon={lon}&lat={lat}")["matches"][0]["near"]
    assert near["name_en"] in text
    assert "km away: Ukrainian-held" in text
    faces = ask(f"api/map?plan={PLAN_A}&date={DAY}")["faces"]["features"]
    (area,) = [face["properties"] for face in faces if face["id"] == "UA-12:ukraine"]
    people = f"{area['population_recorded']:,} in {area['settlements']} places"
    facts = page.locator("#inspector .facts")
    expect(facts).to_contain_text(f"People recorded in the area{people}")
    nearest = f"{near['population']:,} in {near['name_en']}" if near["population"] else "not known"
    expect(facts).to_contain_text(f"People at the nearest place{nearest}")
    witness.assert_quiet()


def test_a_place_that_could_not_be_loaded_is_asked_for_again(witness: Any, size: str) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    page.route("**/api/locate?*", lambda route: route.abort("connectionrefused"))
    click_at(page, 48.4, 35.6, finger=size == "phone")
    expect(page.locator("#inspector-title")).to_have_text("This place could not be loaded")
    inspector = page.locator("#inspector")
    expect(inspector).to_contain_text("The server could not be reached.")
    expect(inspector).not_to_contain_text("Nothing is said")
    page.unroute("**/api/locate?*")
    inspector.get_by_role("button", name="Try again").click()
    caption(page, "Dnipropetrovsk Oblast")


@pytest.mark.parametrize(("lat", "lon"), [(43.6, 33.0), (47.0, 41.5)], ids=["sea", "abroad"])
def test_outside_the_country_is_said_kindly(
    witness: Any, size: str, lat: float, lon: float
) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    click_at(page, lat, lon, finger=size == "phone")
    expect(page.locator("#inspector-title")).to_have_text("Nothing is said of this place")
    words = "internationally recognised borders, or at sea"
    expect(page.locator("#inspector")).to_contain_text(words)
    in_address(page, "place=")
    page.locator("#inspector-close").click()
    expect(page.locator("#inspector-title")).to_have_text("What the text says")
    witness.assert_quiet()


@pytest.mark.both_sizes
def test_a_finger_chooses_from_the_list(witness: Any, size: str) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    names = typed(page, "andriivka")
    assert names.count("Andriivka") >= 5
    details = page.locator("#search-list .search-more").all_inner_texts()
    assert len(set(details)) == len(details)
    third = page.locator("#search-list li").nth(2)
    third.tap() if size == "phone" else third.click()
    caption(page, "Andriivka")
    expect(page.locator("#search-list")).to_be_hidden()
    if size == "phone":
        expect(page.locator("#search-text")).not_to_be_focused()
        page.wait_for_function(
            "Math.abs(document.getElementById('canvas').getBoundingClientRect().top) < 40"
        )
    witness.assert_quiet()


def test_escape_closes_the_list_and_keeps_the_place(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}#place=48.73111,37.56779")
    caption(page, "Kramatorsk")
    typed(page, "lviv")
    page.keyboard.press("Escape")
    expect(page.locator("#search-list")).to_be_hidden()
    expect(page.locator("#search-text")).to_have_value("lviv")
    page.keyboard.press("Escape")
    expect(page.locator("#search-text")).to_have_value("")
    expect(page.locator("#inspector-title")).to_contain_text("Kramatorsk")
    witness.assert_quiet()


def test_what_is_not_found_is_said(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    typed(page, "qqqqqqqqqq")
    expect(page.locator("#search-list")).to_contain_text("No place has a name like this.")
    page.keyboard.press("Enter")
    assert "place=" not in page.url
    page.locator("#search-text").fill("")
    page.locator("#search-list").wait_for(state="hidden")
    witness.assert_quiet()


def test_an_overtaken_answer_is_not_shown(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    page.locator("#search-text").focus()
    typed(page, "lviv")
    waiting: list[Route] = []
    page.route(re.compile("api/search.*q=khark"), hold(waiting))
    page.locator("#search-text").fill("khark")
    eventually(page, lambda: waiting, "it is asked for")
    assert typed(page, "odes")[0] == "Odesa"
    for route in waiting:
        with suppress(Error):  # the page has dropped it
            route.abort()
    assert options(page)[0] == "Odesa"


def test_an_oblast_is_shown_whole(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    assert typed(page, "донецька область")[0] == "Donetsk Oblast"
    page.keyboard.press("Enter")
    page.locator("#inspector-title", has_text="Donetsk Oblast, Russian-held part").wait_for()
    in_address(page, "area=UA-14:russia")
    for corner in ([47.0, 37.2], [48.9, 37.4], [47.9, 38.9]):
        page.wait_for_function("at => map_point21.getBounds().contains(at)", arg=corner)
    witness.assert_quiet()


def test_another_reading_is_one_press_away(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}#place=48.73111,37.56779")
    caption(page, "Kramatorsk")
    items = page.locator(".elsewhere li")
    assert items.count() >= 2
    other = items.filter(has_text="CBS").first
    assert "withdraw" in other.inner_text() or "remove troops" in other.inner_text()
    other.get_by_role("button").click()
    witness.settled(PLAN_B, DAY)
    caption(page, "Kramatorsk")
    in_address(page, f"plan={PLAN_B}")
    witness.assert_quiet()


def test_in_ukrainian_names_and_words_are_ukrainian(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}&lang=uk")
    assert (
        page.locator("#search-text").get_attribute("placeholder") == "Знайти місце або координати"
    )
    assert typed(page, "kramatorsk")[0] == "Краматорськ"
    page.keyboard.press("Enter")
    text = caption(page, "Краматорськ, Донецька область")
    assert "ще до 8 липня 2024" in text
    assert "Відстань до лінії" in text
    witness.assert_quiet()


def test_the_map_moves_only_when_the_place_is_out_of_sight(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_A}&date={DAY}#view=49.840,24.030,9")
    before = page.evaluate("map_point21.getCenter().lng")
    typed(page, "Львів")
    page.keyboard.press("Enter")
    caption(page, "Lviv")
    assert page.evaluate("map_point21.getCenter().lng") == pytest.approx(before, abs=0.01)
    typed(page, "Харків")
    page.keyboard.press("Enter")
    caption(page, "Kharkiv")
    page.wait_for_function("map_point21.getBounds().contains([49.98, 36.25])")
    witness.assert_quiet()


# --- the same rules in both languages of the program ----------------------------------------------


def test_the_scripts_spelling_is_pythons(witness: Any) -> None:
    page = witness.open()
    from geo import load_observations

    places = load_observations().rows
    names = sorted({*places.name_en, *places.name_uk, "Éa ’x", "Škoda", "Łódź", "Щ-зг", "ТЗГ"})[::3]
    found = page.evaluate(
        """async (names) => {
          const address = new URL("static/tools/search/spelling.js", document.baseURI).href;
          const module = await import(address);
          return names.map((name) => [module.normaliseName(name), module.reduceName(name)]);
        }""",
        names,
    )
    assert [tuple(pair) for pair in found] == [
        (normalise_name(name), reduce_name(name)) for name in names
    ]
    texts = [*POSITIONS, *NO_POSITIONS, *(text for text, _ in UNREAD)]
    read = page.evaluate(
        """async (texts) => {
          const address = new URL("static/tools/search/coordinates.js", document.baseURI).href;
          const module = await import(address);
          return texts.map((text) => module.parsePosition(text));
        }""",
        texts,
    )
    assert [at and (at["lon"], at["lat"]) for at in read] == [parse_position(t) for t in texts]
    pairs = [pair for pair in pairwise(names) if all(pair)][:300]
    distances = page.evaluate(
        """async (pairs) => {
          const address = new URL("static/tools/search/spelling.js", document.baseURI).href;
          const module = await import(address);
          return pairs.map(([one, two]) => module.editDistances(one, two));
        }""",
        pairs,
    )
    assert [tuple(pair) for pair in distances] == [edit_distances(*pair) for pair in pairs]


def test_a_file_without_a_server_searches_what_it_carries(
    witness: Any, ask: Any, tmp_path: Path
) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{witness.server}map.html?plan={PLAN_A}&date={DAY}") as answer:
        file = tmp_path / "map.html"
        file.write_bytes(answer.read())
    page = witness.page
    page.goto(file.as_uri())
    witness.ready()
    box = page.locator("#search-text")
    for text in ("краматорс", "kramatrosk", "Kramators'k"):
        box.fill("")
        page.locator("#search-list").wait_for(state="hidden")
        box.press_sequentially(text)
        expect(page.locator("#search-list .search-name").first).to_have_text("Kramatorsk")
    box.press("Enter")
    words = caption(page, "Kramatorsk, Donetsk Oblast")
    located = ask(f"api/locate?place=Kramatorsk&plan={PLAN_A}&date={DAY}")["matches"][0]
    assert f"{located['place']['population']:,}" in words
    away = float(re.search(r"about ([\d.]+) km", words)[1])  # type: ignore[index]
    assert away == pytest.approx(located["distance_to_line_km"], abs=2.0)
    expect(page.locator(".elsewhere")).to_contain_text("Text B (CBS)")
    box.fill("zzzzzz")
    page.locator("#search-list", has_text="largest towns only").wait_for()
    assert witness.errors == []
    assert witness.console == []


def test_the_page_asks_what_the_server_answers(witness: Any) -> None:
    """What the list shows is the document of the API, in its order."""

    page = witness.open(f"?plan={PLAN_A}&date={DAY}")
    shown = typed(page, "novo")
    document = describe_search(shipped_catalogue().select(PLAN_A), "novo", limit=8)
    assert shown == [match["name_en"] for match in document["matches"]]
