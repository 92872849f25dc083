"""Comparing two settlements on the page: the figures are those of the API."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from comparison import DAYS, IN_HASH, LATER, assert_matrix, compared, link
from pages import DAY, OTHER_DAY, PLAN_A, PLAN_B, in_address, written


def test_figures_are_those_of_the_api(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    answer = ask(f"api/compare?{DAYS}")
    assert_matrix(page, answer, "category")
    sentence = board.locator(".compare-sentence")
    zone = answer["category"]["buffer_zone"]["de_facto_recognized"]
    expect(sentence).to_contain_text(
        f"{written(zone)} km² that A makes a demilitarised buffer zone"
    )
    kept = answer["category"]["retained"]["frozen"]
    expect(sentence).to_contain_text(
        f"{written(kept)} km² that A leaves with Ukraine would be frozen"
    )
    places = answer["settlements"]
    words = board.locator(".compare-words")
    expect(words).to_contain_text(f"{places['settlements']} populated places change")
    expect(words).to_contain_text(f"{written(places['population_recorded'])} people")
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
    expect(cells).to_have_text([written(row["area_km2"]) for row in listed])
    assert [node.get_attribute("data-oblast") for node in cells.all()] == [
        row["oblast"] for row in listed
    ]
    places = ask(f"api/compare?{DAYS}")["settlements"]["places"]
    rows = board.locator(".compare-places tbody tr")
    assert 0 < rows.count() < len(places)
    board.locator("button", has_text=f"Show all {len(places)} places").click()
    expect(rows).to_have_count(len(places))
    for number in (0, len(places) - 1):
        expect(rows.nth(number)).to_contain_text(places[number]["name_en"])
    people = written(places[0]["population"])
    expect(rows.first.locator("td").last).to_have_text(people)


def test_two_texts_that_draw_alike_are_compared_by_recognition(witness: Any, ask: Any) -> None:
    page = witness.open()
    page.locator('[data-panel="compare"]').click()
    board = compared(page)
    answer = ask(f"api/compare?a={PLAN_A}@{DAY}&b={PLAN_B}@{DAY}")
    assert answer["differs_km2"] == 0
    expect(board.locator('[name="compare-by"]')).to_have_value("recognised_as")
    assert_matrix(page, answer, "recognised_as")
    expect(page.locator("path.differ")).not_to_have_count(0)
    board.locator('[name="compare-by"]').select_option("category")
    expect(page.locator("path.differ")).to_have_count(0)
    sentence = board.locator(".compare-sentence")
    expect(sentence).to_contain_text("the same of every square kilometre")
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


def test_swapping_turns_the_matrix(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER))
    board = compared(page)
    board.locator(".compare-swap").click()
    witness.settled(PLAN_A, OTHER_DAY)
    compared(page)
    page.wait_for_function(IN_HASH, arg=f"compare={PLAN_A}@{DAY}")
    assert_matrix(page, ask(f"api/compare?a={LATER}&b={PLAN_A}@{DAY}"), "category")
    in_address(page, f"date={OTHER_DAY}")


def test_the_single_file_compares_the_plans_that_it_carries(witness: Any, ask: Any) -> None:
    page = witness.open("map.html#panel=compare")
    board = compared(page)
    board.locator('[name="b-plan"]').select_option("borders-1991")
    page.locator(".compare-badge--b", has_text="1991").wait_for()
    compared(page)
    answer = ask(f"api/compare?a={PLAN_A}@{DAY}&b=borders-1991@{DAY}")
    assert_matrix(page, answer, "category")
    expect(board.locator(".compare-words")).to_contain_text("Smaller places need the server")
    expect(page.locator("path.differ")).not_to_have_count(0)
    assert [url for url in witness.requests if "api/" in url] == []
    witness.assert_quiet()


def test_it_speaks_ukrainian(witness: Any, ask: Any) -> None:
    page = witness.open(link(LATER, more="&lang=uk"))
    board = compared(page)
    answer = ask(f"api/compare?{DAYS}")
    zone = f"{round(answer['category']['buffer_zone']['de_facto_recognized'])} км²"
    expect(board.locator(".compare-sentence")).to_have_text(re.compile("^За B: "))
    sentence = board.locator(".compare-sentence").inner_text()
    assert zone in sentence.replace("\u00a0", " ")
    expect(board.locator("caption")).to_contain_text("A")
    expect(board.locator("caption")).to_contain_text("Матриця")
    witness.assert_quiet()
