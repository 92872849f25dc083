"""Every state is a link: what is chosen goes into the address, and comes back out of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from pages import DAY, OTHER_DAY, PLAN_A, PLAN_B, faces, in_address, not_in_address


def read_otherwise(page: Any, name: str, option: str) -> None:
    page.locator(f'.feature--readings input[name="{name}"][value="{option}"]').check()


def test_a_reading_is_chosen_and_taken_back(witness: Any, ask: Any) -> None:
    page = witness.open()
    expect(page.locator("#readings-words")).to_contain_text("7 questions")
    page.locator("#readings-open").click()
    panel = page.locator(".feature--readings")
    plan = ask(f"api/plans/{PLAN_A}")
    for reading in plan["readings"]:
        asked = panel.locator("fieldset", has_text=reading["question"])
        expect(asked).to_have_count(1)
        for option in reading["option"]:
            expect(asked).to_contain_text(option["label"])
            expect(asked).to_contain_text(option["meaning"])
        told = "does not speak of it" if reading["silent"] else reading["left_open_by"]
        expect(asked).to_contain_text(told)
    expect(panel.locator("input:checked")).to_have_count(len(plan["readings"]))
    read_otherwise(page, "frozen_far_side", "undefined")
    page.locator("path.face--not_settled").first.wait_for(state="attached")
    in_address(page, "&reading=frozen_far_side:undefined#")
    figures = ask(f"api/layers?plan={PLAN_A}&date={DAY}&reading=frozen_far_side:undefined")
    area = next(row for row in figures["layers"] if row["category"] == "not_settled")["area_km2"]
    row = page.locator('#legend [data-category="not_settled"] [data-figure="area_km2"]')
    expect(row).to_have_text(f"{round(area):,}")
    expect(page.locator("#headline")).to_contain_text(f"{round(area):,} km² is not settled")
    chosen = panel.locator('input[name="frozen_far_side"][value="undefined"]')
    expect(chosen, "the keyboard was lost").to_be_focused()
    page.locator("#readings-default").click()
    expect(page.locator("path.face--not_settled")).to_have_count(0)
    not_in_address(page, "reading=")
    page.go_back()
    page.locator("path.face--not_settled").first.wait_for(state="attached")
    witness.assert_quiet()


def test_a_list_of_oblasts_is_chosen_box_by_box(witness: Any) -> None:
    page = witness.open("#panel=readings")
    read_otherwise(page, "agreed_territories", "list")
    boxes = page.locator('.feature--readings input[type="checkbox"]')
    expect(page.locator('.feature--readings input[type="checkbox"]:checked')).to_have_count(1)
    checked = boxes.evaluate_all("nodes => nodes.filter(n => n.checked).map(n => n.value)")
    assert len(checked) == 1
    other = "UA-63" if checked != ["UA-63"] else "UA-59"
    page.locator(f'.feature--readings input[type="checkbox"][value="{other}"]').check()
    page.wait_for_url(f"**reading=agreed_territories:{','.join(sorted([*checked, other]))}**")
    witness.assert_quiet()


def test_a_link_restores_plan_day_readings_panel_area_and_view(witness: Any) -> None:
    query = f"?plan={PLAN_B}&date={OTHER_DAY}&reading=luhansk_pocket:retained"
    page = witness.open(f"{query}#panel=readings&area=UA-14:ukraine&view=48.5,37.5,8")
    witness.settled(PLAN_B, OTHER_DAY)
    page.locator('.feature--readings input[value="retained"]:checked').first.wait_for()
    title = page.locator("#inspector-title")
    expect(title).to_have_text("Donetsk Oblast, Ukrainian-held part")
    zoom, center = page.evaluate("[map_point21.getZoom(), map_point21.getCenter()]")
    assert zoom == 8
    assert abs(center["lat"] - 48.5) < 0.1
    tool = page.locator('#tools [data-panel="readings"]')
    expect(tool).to_have_attribute("aria-expanded", "true")
    expect(page.locator('[data-face="UA-09 ukraine"]')).to_contain_class("face--retained")
    witness.assert_quiet()


def test_the_view_and_the_area_go_into_the_link(witness: Any) -> None:
    page = witness.open()
    assert "#" not in page.url
    page.locator('[data-face="UA-14 ukraine"]').focus()
    page.keyboard.press("Enter")
    in_address(page, "area=UA-14:ukraine")
    page.locator("#map_point21").focus()
    page.keyboard.press("+")
    in_address(page, "view=")
    view = page.evaluate("new URLSearchParams(location.hash.slice(1)).get('view')").split(",")
    assert float(view[2]) == page.evaluate("map_point21.getZoom()")
    page.locator("#inspector-close").click()
    not_in_address(page, "area=")


def test_back_closes_the_panel_that_was_opened_last(witness: Any) -> None:
    page = witness.open()
    page.locator('#tools [data-panel="readings"]').click()
    page.locator(".feature--readings fieldset").first.wait_for()
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    in_address(page, f"date={DAY}#panel=readings")
    page.go_back()
    witness.settled(PLAN_A, DAY)
    expect(page.locator(".feature--readings")).to_have_count(1)
    page.go_back()
    page.locator("#drawer").wait_for(state="hidden")
    page.go_forward()
    page.locator(".feature--readings fieldset").first.wait_for()
    witness.assert_quiet()


def test_another_plan_keeps_the_readings_that_it_knows(witness: Any) -> None:
    page = witness.open("?reading=luhansk_pocket:ceded&reading=buffer_recognition:as_donetsk")
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    # As Donetsk is what the other text says anyway: no choice, and not in the link.
    expect(page).to_have_url(
        f"{witness.server}?plan={PLAN_B}&date={DAY}&reading=luhansk_pocket:ceded"
    )
    page.locator("#plan").select_option("borders-1991")
    witness.settled("borders-1991", DAY)
    not_in_address(page, "reading")
    expect(page.locator("#open-questions")).to_be_hidden()
    assert faces(page, "relinquished") > 0
    witness.assert_quiet()


def test_what_an_address_gets_wrong_is_told_and_mended(witness: Any) -> None:
    wrong = "reading=sevastopol:nowhere&colour=red&date=2025-11-22&lang=tlh&utm_source=x"
    page = witness.open(f"?plan={PLAN_B}&{wrong}")
    witness.settled(PLAN_B, DAY)
    told = page.locator("#notice")
    for words in (
        "no line of contact of “2025-11-22”",
        "no reading “sevastopol:nowhere”",
        "no parameter “colour”",
        "no language “tlh”",
        "21 November 2025",
    ):
        expect(told).to_contain_text(words)
    expect(told).not_to_contain_text("utm")
    expect(page).to_have_url(f"{witness.server}?plan={PLAN_B}")


def test_a_fragment_that_means_nothing_breaks_nothing(witness: Any) -> None:
    page = witness.open("#panel=nothing&view=x,y,z&area=UA-99:nobody")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator("#inspector-close")).to_be_hidden()
    assert faces(page, "buffer_zone") > 0
    witness.assert_quiet()
