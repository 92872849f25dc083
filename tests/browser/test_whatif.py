"""The what-if panel by hand: the line is dragged, drawn and moved; the figures are the server's."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from whatifs import DAY, FRONT, PLAN, STRAIGHT, Editor, whole, written


def test_a_point_is_dragged_and_the_figures_are_those_of_the_api(editor: Editor, post: Any) -> None:
    assert not [url for url in editor.witness.requests if url.endswith("api/what-if")]
    known = editor.figures(0)
    editor.look(*FRONT, 9)
    editor.drag()
    editor.phase("answered")
    line = editor.line()
    assert line["properties"]["edited"] is True
    assert line["properties"]["date"] == DAY
    body = {"plan": PLAN, "date": DAY, "line": line, "geometry": "none"}
    result = post(body)
    rows = {row["category"]: row for row in result["difference"]["categories"]}
    assert editor.figures(1) == {name: written(row["b_km2"]) for name, row in rows.items()}
    assert editor.figures(0) == known
    assert known == {name: written(row["a_km2"]) for name, row in rows.items()}
    assert result["difference"]["changed_hands_km2"] > 1
    total = editor.page.locator('.whatif-figures tr[data-oblast="total"] td').first.inner_text()
    ledger = result["totals"]["change"][0]
    assert whole(total) == written(ledger["ukraine_leaves_km2"])
    drawn = editor.page.locator("path.face--preview:not(.face--waiting)")
    expect(drawn).to_have_count(len(result["statistics"]["oblast,category"]))
    expect(editor.page.locator("path.face:not(.face--preview)").first).to_be_hidden()
    zone = editor.page.locator("path.face--preview.face--buffer_zone")
    editor.page.locator('[data-layer="buffer_zone"]').uncheck()
    expect(zone.first).to_be_hidden()
    editor.page.locator('[data-layer="buffer_zone"]').check()
    expect(zone.first).to_be_visible()
    editor.assert_sound()


def test_every_step_can_be_undone_and_done_again(editor: Editor) -> None:
    editor.look(*FRONT, 9)
    before = editor.line()["geometry"]
    editor.drag()
    editor.phase("answered")
    editor.page.locator(".whatif-point[aria-current]").press("Escape")
    moved = editor.line()["geometry"]
    assert moved != before
    editor.act("undo")
    editor.phase("known")
    assert editor.line()["geometry"] == before
    expect(editor.page.locator("path.face--preview")).to_have_count(0)
    editor.page.keyboard.press("Control+Shift+Z")
    editor.phase("answered")
    assert editor.line()["geometry"] == moved
    editor.page.keyboard.press("Control+Z")
    editor.phase("known")
    editor.act("redo")
    editor.act("reset")
    editor.phase("known")
    assert editor.line()["geometry"] == before
    editor.assert_sound()


def test_neighbours_are_pulled_along_as_far_as_is_chosen(editor: Editor) -> None:
    editor.look(*FRONT, 9)
    before = editor.line()["geometry"]["coordinates"]
    counts = []
    for reach in ("0", "25"):
        editor.page.locator('select[name="reach"]').select_option(reach)
        editor.drag()
        after = editor.line()["geometry"]["coordinates"]
        pairs = [
            pair for a, b in zip(before, after, strict=True) for pair in zip(a, b, strict=True)
        ]
        counts.append(sum(a != b for a, b in pairs))
        editor.act("reset")
    assert counts[0] == 1
    assert counts[1] > 10


def test_points_are_inserted_and_deleted(editor: Editor) -> None:
    editor.look(*STRAIGHT, 11)
    count = editor.points()
    middle = editor.page.locator(".whatif-middle")
    expect(middle).not_to_have_count(0)
    box = middle.first.bounding_box()
    assert box is not None
    editor.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chosen = editor.page.locator(".whatif-point[aria-current]")
    chosen.press("Escape")
    assert editor.points() == count + 1
    editor.look(*FRONT, 9)
    x, y = editor.handle()
    editor.page.mouse.dblclick(x, y)
    editor.page.locator('.whatif-point[tabindex="0"]').press("Escape")
    assert editor.points() == count
    editor.phase("answered")
    editor.assert_sound()


def test_more_points_have_handles_the_closer_one_looks(editor: Editor) -> None:
    spans = []
    for zoom in (8, 11):
        editor.look(*FRONT, zoom)
        boxes = [node.bounding_box() for node in editor.page.locator(".whatif-point").all()]
        spots = [(box["x"], box["y"]) for box in boxes if box]
        assert len(spots) > 3
        apart = min(
            max(abs(a[0] - b[0]), abs(a[1] - b[1])) for a in spots for b in spots if a is not b
        )
        assert apart >= 15
        assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes if box)
        spans.append({node.get_attribute("aria-label") for node in
                      editor.page.locator(".whatif-point").all()})  # fmt: skip
    assert spans[1] - spans[0]


@pytest.mark.both_sizes
def test_a_finger_drags_a_point(editor: Editor, size: str) -> None:
    if size == "desktop":
        pytest.skip("there is no finger at desktop size")
    editor.look(*FRONT, 9)
    before = editor.line()["geometry"]
    editor.look(*FRONT, 9)
    x, y = editor.handle()
    session = editor.page.context.new_cdp_session(editor.page)
    for kind, at in (("Start", (x, y)), ("Move", (x + 15, y - 20)), ("Move", (x + 30, y - 40))):
        points = [{"x": at[0], "y": at[1]}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    editor.phase("answered")
    assert editor.line()["geometry"] != before
    editor.assert_sound()


def test_everything_is_done_by_keyboard_and_said_aloud(editor: Editor) -> None:
    editor.look(*FRONT, 9)
    page = editor.page
    stop = page.locator('.whatif-point[tabindex="0"]')
    expect(stop).to_have_count(1)
    stop.focus()
    page.locator('select[name="step"]').select_option("5")
    before = editor.line()["geometry"]["coordinates"]
    stop.focus()
    editor.listen()
    page.keyboard.press("ArrowUp")
    editor.phase("answered")
    editor.heard("km²")
    after = editor.line()["geometry"]["coordinates"]
    north = max(
        b[1] - a[1] for old, new in zip(before, after, strict=True)
        for a, b in zip(old, new, strict=True)
    )  # fmt: skip
    assert north * 111.2 == pytest.approx(5, rel=0.01)
    page.locator(".whatif-point[aria-current]").focus()
    for key, words in (("+", "inserted"), ("Delete", "deleted"), ("Control+Z", "Undone")):
        editor.listen()
        page.keyboard.press(key)
        editor.heard(words)
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("PageDown")
    page.wait_for_function(
        "label => document.activeElement.getAttribute('aria-label') !== label", arg=label
    )
    page.keyboard.press("Escape")
    expect(page.locator(".whatif-point[aria-current]")).to_have_count(0)
    editor.assert_sound()


def test_a_drag_is_put_back_by_escape(editor: Editor) -> None:
    editor.look(*FRONT, 9)
    before = editor.line()["geometry"]
    x, y = editor.handle()
    editor.page.mouse.move(x, y)
    editor.page.mouse.down()
    editor.page.mouse.move(x + 50, y + 50)
    editor.phase("moving")
    editor.page.keyboard.press("Escape")
    editor.page.mouse.up()
    editor.phase("known")
    assert editor.line()["geometry"] == before


def draw(editor: Editor, positions: list[tuple[float, float]], end: str) -> None:
    """Draw a part by clicking on the map."""
    if not editor.page.locator('[data-act="draw"]').is_visible():
        editor.page.locator("summary", has_text="Draw a pocket").click()
    editor.act("draw")
    editor.page.locator("#map_point21").scroll_into_view_if_needed()
    for lon, lat in positions:
        editor.page.mouse.click(*editor.at(lon, lat))
    editor.act(end)


def test_a_pocket_is_drawn_and_counted(editor: Editor) -> None:
    editor.look(49.3, 35.2, 8)
    draw(editor, [(35.0, 49.2), (35.5, 49.2), (35.5, 49.5), (35.0, 49.5)], "closePocket")
    editor.phase("answered")
    summary = editor.page.locator(".whatif-summary").inner_text()
    assert summary.endswith("would become Russian-held.")
    assert 1_100 < whole(summary.split(" km²")[0]) < 1_300
    ring = editor.line()["geometry"]["coordinates"][-1]
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    editor.assert_sound()


def test_a_line_that_stops_short_says_where_and_stays_editable(editor: Editor) -> None:
    editor.look(49.0, 35.1, 8)
    draw(editor, [(35.0, 49.0), (35.3, 48.9)], "endLine")
    editor.phase("refused")
    words = editor.page.locator(".whatif-trouble p").inner_text()
    assert "does not separate the country" in words
    assert "km short" in words
    assert "N" in words
    expect(editor.page.locator(".whatif-pin")).to_have_count(1)
    assert editor.figures(0)["buffer_zone"] > 0
    expect(editor.page.locator(".whatif-figures tr[data-category] td").nth(1)).to_have_text("–")
    expect(editor.page.locator('[data-act="saveCsv"]')).to_be_disabled()
    editor.look(50.5, 30.5, 7)
    editor.page.locator(".whatif-go").click()
    centre = editor.page.evaluate("(({lat, lng}) => [lat, lng])(map_point21.getCenter())")
    assert centre == pytest.approx([48.95, 35.15], abs=0.3)
    assert editor.page.locator(".whatif-point").count() >= 2
    editor.act("undo")
    editor.phase("known")
    expect(editor.page.locator(".whatif-pin")).to_have_count(0)
    editor.assert_sound(refused=1)


def test_the_line_is_moved_by_kilometres(editor: Editor, post: Any) -> None:
    editor.page.locator("summary", has_text="Move the whole line").click()
    editor.page.locator('input[name="km"]').fill("3")
    editor.page.locator('select[name="into"]').select_option("russia")
    editor.act("shift")
    editor.phase("answered")
    result = post({"date": DAY, "shift": {"km": 3, "into": "russia"}, "geometry": "none"})
    moved = result["shift"]["moved_km2"]
    words = editor.page.locator(".whatif-summary").inner_text()
    assert words.endswith("would become Ukrainian-held.")
    assert whole(words.split(" km²")[0]) == pytest.approx(moved, rel=0.002)
    editor.act("undo")
    editor.phase("known")
    editor.assert_sound()
