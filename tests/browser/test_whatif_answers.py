"""The what-if panel and its answers: late, busy or none; and the draft that outlives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from pages import busy_once, eventually
from whatifs import DAY, FRONT, MERIDIAN, Editor


def test_an_overtaken_answer_is_never_shown(editor: Editor) -> None:
    bodies: list[dict[str, Any]] = []
    first: list[Route] = []

    def hold_first(route: Route) -> None:
        bodies.append(route.request.post_data_json)
        if len(bodies) == 1:
            first.append(route)
        else:
            route.continue_()

    editor.page.route("**/api/what-if", hold_first)
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("asking")
    expect(editor.page.locator(".whatif-banner")).to_contain_text("Recalculating")
    eventually(editor.page, lambda: first, "the first question is asked")
    further = {"type": "LineString", "coordinates": [[35.0, 44.0], [35.0, 53.0]]}
    editor.drop("b.geojson", json.dumps(further))
    editor.phase("answered")
    shown = editor.figures(1)
    first[0].continue_()
    editor.page.wait_for_timeout(1500)  # for what must not come
    assert editor.figures(1) == shown
    assert bodies[-1]["line"]["coordinates"] == [further["coordinates"]]
    assert editor.line()["geometry"]["coordinates"] == [further["coordinates"]]
    editor.assert_sound()


def test_a_busy_server_is_asked_again_when_it_says(editor: Editor) -> None:
    asked: list[float] = []
    editor.page.route("**/api/what-if", busy_once(asked))
    editor.listen()
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("answered")
    assert "busy" in editor.page.evaluate("window.phases")
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 0.9


def test_without_an_answer_the_line_stays(editor: Editor) -> None:
    editor.page.route("**/api/what-if", lambda route: route.abort())
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("failed")
    expect(editor.page.locator(".whatif-troubles")).to_contain_text("could not be reached")
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    editor.page.unroute("**/api/what-if")
    editor.act("undo")
    editor.act("redo")
    editor.phase("answered")


def test_the_draft_follows_another_plan_and_outlives_panel_and_reload(editor: Editor) -> None:
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("answered")
    page = editor.page
    page.locator("#plan").select_option("freeze-everywhere")
    editor.witness.settled("freeze-everywhere", DAY)
    page.locator('.whatif-figures tr[data-category="frozen"]').wait_for()
    editor.phase("answered")
    page.locator(".drawer-close").click()
    expect(page.locator("path.face--preview")).to_have_count(0)
    expect(page.locator("path.face").first).to_be_visible()
    expect(page.locator(".whatif-point, .whatif-banner, path.whatif-line")).to_have_count(0)
    expect(page.locator(".with-whatif")).to_have_count(0)
    page.locator('[data-panel="whatif"]').click()
    editor.phase("answered")
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    page.wait_for_function("sessionStorage.length > 0")  # written when the hand rests
    page.reload()
    editor.witness.ready()
    editor.phase("answered")
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    stored = page.evaluate("[Object.keys(localStorage).length, document.cookie]")
    assert stored == [0, ""]
    editor.assert_sound()


def test_it_speaks_ukrainian(witness: Any) -> None:
    editor = Editor(witness, "?lang=uk")
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("answered")
    panel = editor.page.locator(".feature--whatif")
    expect(panel).to_contain_text("Ваша лінія")
    expect(panel).to_contain_text("Зберегти лінію")
    expect(panel).not_to_contain_text("Your line")
    editor.assert_sound()


def test_the_single_file_edits_and_says_what_it_cannot(witness: Any) -> None:
    page = witness.open("map.html#panel=whatif")
    page.locator('.whatif-status[data-phase="known"]').wait_for()
    expect(page.locator(".feature--whatif")).to_contain_text("no server behind it")
    page.locator("#map_point21").scroll_into_view_if_needed()
    page.evaluate("at => void map_point21.setView(at, 9, {animate: false})", list(FRONT))
    page.locator('.whatif-point[tabindex="0"]').press("ArrowUp")
    page.locator('.whatif-status[data-phase="estimated"]').wait_for()
    expect(page.locator(".whatif-status")).to_contain_text("estimate")
    with page.expect_download() as download:
        page.locator('[data-act="saveLine"]').click()
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert saved["properties"]["edited"] is True
    assert not [url for url in witness.requests if "api/" in url]
    assert witness.errors == []
