"""What the page says around the map: neither more nor less than the text, and whose text it is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect
from thorough import thoroughly

from pages import caption_read

PLAN_B = "point21-cbs"
BASELINES = ("freeze-everywhere", "borders-1991")
DAY = "2025-11-21"


def written(value: float) -> str:
    """A figure as the page writes it."""
    return f"{round(value):,}"


def read_area(page: Any, face: str) -> str:
    """Select an area by keyboard and return what the caption says of it."""
    page.locator(f'[data-face="{face}"]').focus()
    page.keyboard.press("Enter")
    caption_read(page)
    return str(page.locator("#inspector").inner_text())


def test_the_texts_differ_in_their_first_sentences(witness: Any) -> None:
    page = witness.open()
    first = page.locator("#headline").inner_text()
    assert "up to" in first
    assert "internationally recognised as Russian, that Russian forces may not enter" in first
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    second = page.locator("#headline").inner_text()
    assert "up to" not in second
    assert "agreement" not in second
    assert "recognised as de facto Russian as part of Donetsk" in second
    assert "internationally" not in second
    assert "frozen, with no word on recognition" in second
    assert "up to" not in page.locator('[data-table="change"]').inner_text().replace(
        page.locator('[data-table="change"] thead').inner_text(), ""
    )
    expect(page.locator("#note-ledger")).to_be_hidden()
    assert first.count(". ") == second.count(". ") == 2


def test_the_headline_counts_every_recognised_face(witness: Any, ask: Any) -> None:
    page = witness.open()
    headline = page.locator("#headline").inner_text()
    faces = [face["properties"] for face in ask("api/map")["faces"]["features"]]
    for recognition in ("russia_de_facto", "russia_de_facto_along_line"):
        some = [face for face in faces if face["recognised_as"] == recognition]
        assert f"{written(sum(face['area_km2'] for face in some))} km²" in headline
        held = sum(face["area_km2"] for face in some if face["held_by"] == "ukraine")
        assert not held or f"({written(held)} km² of it Ukrainian-held)" in headline


def test_a_plan_is_named_with_its_publisher_and_a_baseline_is_called_one(witness: Any) -> None:
    page = witness.open()
    expect(page.locator("#kicker")).to_contain_text("published text: Axios")
    expect(page.locator("h1")).to_have_text("What the text means on the map")
    for plan in BASELINES:
        page.locator("#plan").select_option(plan)
        witness.settled(plan, DAY)
        kicker = page.locator("#kicker")
        expect(kicker).to_have_text("Baseline for comparison, not a published plan")
        expect(page.locator("h1")).to_have_text("What this case means on the map")
        expect(page.locator("#inspector h2")).to_have_text("What this case assumes")
        assert page.locator("#inspector .reading").inner_text().strip()
    witness.assert_quiet()


def test_who_leaves_more_is_said_in_words(witness: Any) -> None:
    page = witness.open("?plan=borders-1991")
    ledger = page.locator('[data-table="change"]')
    assert "Ukraine leaves more by" in ledger.locator("thead").inner_text()
    assert "Russia: 114,936" in ledger.locator("tr.total").inner_text()
    assert "+" not in ledger.inner_text()
    heads = page.locator('[data-table="oblast"] thead').inner_text()
    assert "Russian-held share" in heads


def test_what_does_not_exist_is_told_and_taken_out_of_the_address(witness: Any) -> None:
    page = witness.open("?plan=nope&date=1999-01-01")
    notice = page.locator("#notice")
    expect(notice).to_have_attribute("role", "alert")
    expect(notice).to_contain_text("no plan “nope”")
    expect(notice).to_contain_text("no line of contact of “1999-01-01”")
    expect(notice).to_contain_text("showing 28-point plan, point 21, after Axios, 21 November 2025")
    expect(page).to_have_url(witness.server)
    box = notice.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 200
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    expect(notice).to_be_hidden()
    assert witness.console == witness.errors == []


def test_what_exists_is_kept_when_the_rest_does_not(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_B}&date=1999-01-01")
    witness.settled(PLAN_B, DAY)
    expect(page).to_have_url(f"{witness.server}?plan={PLAN_B}")
    expect(page.locator("#notice")).to_contain_text("1999-01-01")
    expect(page.locator("#notice")).not_to_contain_text("no plan")


def test_nothing_false_can_be_put_into_the_notice(witness: Any) -> None:
    page = witness.open(f"#unknown?plan={PLAN_B}&date={DAY}")
    expect(page.locator("#notice")).to_be_hidden()
    expect(page).to_have_url(witness.server)


@pytest.mark.parametrize("width", [320, *thoroughly(390, 1440)])
def test_the_credit_is_whole_at_every_width(witness: Any, width: int) -> None:
    witness.page.set_viewport_size({"width": width, "height": 740})
    page = witness.open()
    credit = page.locator("#notes .credit")
    text = " ".join(credit.inner_text().split())
    assert text == (
        "Line of 21 November 2025 · Natural Earth · GeoNames (CC BY 4.0) · "
        "after DeepState's map · Sources and licences"
    )
    cut = page.evaluate(
        "[...document.querySelectorAll('#notes, #notes *')]"
        ".some(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)"
    )
    assert not cut
    box = page.locator("#notes").bounding_box()
    assert box is not None
    assert box["height"] < 740 / 5


def test_the_towns_of_the_zone_are_listed_and_summed(witness: Any, ask: Any) -> None:
    page = witness.open()
    towns = [t for t in ask("api/map")["towns"] if t["category"] == "buffer_zone"]
    rows = page.locator('[data-table="towns"] :is(tbody, tfoot) tr').all_inner_texts()
    assert len(rows) == len(towns) + 2
    for town, row in zip(towns, rows, strict=False):
        assert town["population"] >= 5000
        name = f"{town['name_en']} (contested)" if town["contested"] else town["name_en"]
        assert row.split("\t") == [name, written(town["population"])]
    assert any(town["contested"] for town in towns)
    assert rows[-2].endswith(written(sum(town["population"] for town in towns)))
    zone = ask("api/statistics?by=category")["rows"][2]
    assert rows[-1].endswith(written(zone["population_recorded"]))
    page.locator("#plan").select_option("borders-1991")
    witness.settled("borders-1991", DAY)
    expect(page.locator("#statistics-towns")).to_be_hidden()


def test_clauses_that_are_not_drawn_are_listed_with_the_reason(witness: Any, ask: Any) -> None:
    page = witness.open()
    clauses = [c for c in ask("api/plans/point21-axios")["clauses"] if c["kind"] == "not_mapped"]
    items = page.locator("#not-drawn li").all_inner_texts()
    assert len(items) == len(clauses) == 3
    for clause, item in zip(clauses, items, strict=True):
        assert item.startswith(f"{clause['article']}: {clause['reason']}")
        assert clause["quote"] in item
    page.locator("#plan").select_option("freeze-everywhere")
    witness.settled("freeze-everywhere", DAY)
    expect(page.locator("#not-drawn")).to_be_hidden()


def test_what_the_text_does_not_say_is_marked(witness: Any) -> None:
    page = witness.open()
    luhansk = read_area(page, "UA-09 ukraine")
    assert "Ukrainian (implied)" in luhansk
    assert "De facto Russian (implied)" not in luhansk
    assert read_area(page, "UA-63 russia").count("Ukrainian (implied)") == 2
    assert "(implied)" not in read_area(page, "UA-14 ukraine")
    assert "(implied)" not in read_area(page, "UA-46 ukraine"), "no clause applies in Lviv"


def test_escape_leaves_a_selected_area(witness: Any) -> None:
    page = witness.open()
    read_area(page, "UA-14 ukraine")
    title = page.locator("#inspector h2")
    expect(page.locator("path.highlight--chosen")).not_to_have_attribute("d", "M0 0")
    page.keyboard.press("Escape")
    expect(title).to_have_text("What the text says")
    expect(page.locator("path.highlight--chosen")).to_have_attribute("d", "M0 0")
    expect(page.locator("#inspector")).to_be_focused()
    page.locator(".place").focus()
    page.keyboard.press("Enter")
    expect(title).not_to_have_text("What the text says")
    page.keyboard.press("Escape")
    expect(title).to_have_text("What the text says")


def test_recorded_population_is_not_called_today_s(witness: Any) -> None:
    page = witness.open()
    text = page.locator("#sources").inner_text()
    assert "recorded by GeoNames (edition of July 2026), which does not date its figures" in text
    assert "not the people who live there now" in text


def test_the_outer_border_is_stronger_than_those_of_oblasts(witness: Any) -> None:
    page = witness.open()
    outline = page.locator("path.outline")
    assert outline.count() == 1
    assert len(outline.get_attribute("d")) > 5000
    width = "node => parseFloat(getComputedStyle(node).strokeWidth)"
    assert outline.evaluate(width) > page.locator("path.face").first.evaluate(width)
    page.locator('[data-layer="oblasts"]').uncheck()
    expect(outline).to_be_visible()
    # No border between oblasts is in it: it is drawn once, and inland Cherkasy does not touch it.
    [box] = page.locator('[data-face="UA-71 ukraine"]').evaluate_all(
        "nodes => nodes.map(node => node.getBBox()).map(({x, y, width, height}) =>"
        " [x, y, x + width, y + height])"
    )
    numbers = outline.evaluate(
        "node => node.getAttribute('d').match(/-?[\\d.]+ -?[\\d.]+/g)"
        ".map(p => p.split(' ').map(Number))"
    )
    assert not [p for p in numbers if box[0] < p[0] < box[2] and box[1] < p[1] < box[3]]
