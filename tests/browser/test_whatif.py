"""The what-if panel: the line is dragged, drawn, loaded and saved; the figures are the server's."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

DAY = "2025-11-21"
PLAN = "point21-axios"
FRONT = (48.3, 37.3)
STRAIGHT = (48.576, 37.82)  # seven kilometres without a point of the line
"""A place with the line of contact all around it."""
MERIDIAN = {"type": "LineString", "coordinates": [[36.0, 44.0], [36.0, 53.0]]}

DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const how = { dataTransfer: data, bubbles: true, cancelable: true };
  const target = document.querySelector(".leaflet-container");
  target.dispatchEvent(new DragEvent("dragover", how));
  target.dispatchEvent(new DragEvent("drop", how));
}"""


def whole(text: str) -> int:
    """A figure as the page writes it, back as a number."""
    plain = text.replace(",", "").replace("\u2212", "-").replace("+", "")
    return 0 if plain in {"< 1", "-< 1"} else int(plain)


def written(value: float) -> int:
    """A figure from the API, as far as the page shows it."""
    return round(value)


class Editor:
    """The panel and the map, as somebody uses them."""

    def __init__(self, witness: Any, path: str = "") -> None:
        self.witness = witness
        self.page: Page = witness.open(f"{path}#panel=whatif")
        self.phase("known")

    def phase(self, name: str) -> None:
        """Wait until the status says so."""
        self.page.locator(f'.whatif-status[data-phase="{name}"]').wait_for()

    def look(self, lat: float, lon: float, zoom: int) -> None:
        """Show a place."""
        script = "([lat, lon, zoom]) => map_point21.setView([lat, lon], zoom, {animate: false})"
        self.page.evaluate(script, [lat, lon, zoom])
        self.page.locator("#map_point21").scroll_into_view_if_needed()

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is in the window."""
        box = self.page.locator("#map_point21").bounding_box()
        assert box is not None
        script = "at => { const {x, y} = map_point21.latLngToContainerPoint(at); return [x, y]; }"
        x, y = self.page.evaluate(script, [lat, lon])
        return box["x"] + x, box["y"] + y

    def handle(self) -> tuple[float, float]:
        """The middle of the handle that is nearest to the middle of the map."""
        box = self.page.locator("#map_point21").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        script = """([x, y]) => [...document.querySelectorAll(".whatif-point")]
          .map(node => node.getBoundingClientRect())
          .map(({left, top, width, height}) => [left + width / 2, top + height / 2])
          .sort((a, b) => Math.hypot(a[0] - x, a[1] - y) - Math.hypot(b[0] - x, b[1] - y))[0]"""
        x, y = self.page.evaluate(script, list(middle))
        return x, y

    def drag(self, by: tuple[float, float] = (40, -30)) -> None:
        """Drag a point."""
        x, y = self.handle()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by[0] / 2, y + by[1] / 2)
        self.page.mouse.move(x + by[0], y + by[1])
        self.page.wait_for_timeout(60)
        self.phase("moving")
        self.page.mouse.up()

    def act(self, name: str) -> None:
        """Press a button of the panel."""
        self.page.locator(f'.feature--whatif [data-act="{name}"]').click()

    def points(self) -> int:
        """How many points the line has, as the panel says."""
        words = self.page.locator(".whatif-spot").inner_text()
        return int(words.split()[0].replace(",", ""))

    def figures(self, column: int) -> dict[str, int]:
        """Category to a figure: known line, your line or difference."""
        rows = self.page.locator(".whatif-figures tr[data-category]")
        return {
            str(row.get_attribute("data-category")): whole(
                row.locator("td").nth(column).inner_text()
            )
            for row in rows.all()
        }

    def saved(self, button: str) -> str:
        """The text of a file that the page makes."""
        with self.page.expect_download() as download:
            self.act(button)
        return Path(download.value.path()).read_text("utf-8")

    def line(self) -> dict[str, Any]:
        """The line as it is saved."""
        found: dict[str, Any] = json.loads(self.saved("saveLine"))
        return found

    def drop(self, name: str, text: str) -> None:
        """Drop a file on the map."""
        self.page.evaluate(DROP, [name, text])

    def assert_sound(self, *, refused: int = 0) -> None:
        """Nothing went wrong but what was refused on purpose."""
        assert self.witness.errors == []
        assert self.witness.external == []
        failed = self.witness.failed  # what was overtaken was taken back, and is no failure
        assert len(failed) == refused, failed


@pytest.fixture
def editor(witness: Any) -> Editor:
    """The panel, opened by its link."""
    return Editor(witness)


@pytest.fixture
def post(server: str) -> Callable[[dict[str, Any]], Any]:
    """Ask the server for a what-if."""

    def ask(body: dict[str, Any]) -> Any:
        kind = {"content-type": "application/json"}
        request = urllib.request.Request(f"{server}api/what-if", json.dumps(body).encode(), kind)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    return ask


# --- by hand -----------------------------------------------------------------------------------


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
    ledger = result["statistics"]["change"][-1]
    assert whole(total) == written(ledger["ukraine_leaves_km2"])
    editor.page.locator("path.face--preview").first.wait_for(state="attached")
    drawn = editor.page.locator("path.face--preview:not(.face--waiting)")
    assert drawn.count() == len(result["statistics"]["oblast,category"])
    assert editor.page.locator("path.face:not(.face--preview)").first.is_hidden()
    zone = editor.page.locator("path.face--preview.face--buffer_zone")
    editor.page.locator('[data-layer="buffer_zone"]').uncheck()
    assert zone.first.is_hidden()
    editor.page.locator('[data-layer="buffer_zone"]').check()
    assert zone.first.is_visible()
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
    assert editor.page.locator("path.face--preview").count() == 0
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
    assert middle.count() > 0
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
    assert stop.count() == 1
    stop.focus()
    page.locator('select[name="step"]').select_option("5")
    before = editor.line()["geometry"]["coordinates"]
    stop.focus()
    page.keyboard.press("ArrowUp")
    editor.phase("answered")
    assert "km²" in page.locator("#said").inner_text()
    after = editor.line()["geometry"]["coordinates"]
    north = max(
        b[1] - a[1] for old, new in zip(before, after, strict=True)
        for a, b in zip(old, new, strict=True)
    )  # fmt: skip
    assert north * 111.2 == pytest.approx(5, rel=0.01)
    page.locator(".whatif-point[aria-current]").focus()
    for key, words in (("+", "inserted"), ("Delete", "deleted"), ("Control+Z", "Undone")):
        page.keyboard.press(key)
        assert words in page.locator("#said").inner_text()
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("PageDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != label
    page.keyboard.press("Escape")
    assert page.locator(".whatif-point[aria-current]").count() == 0
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


# --- drawing, moving, mending ------------------------------------------------------------------


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
    assert editor.page.locator(".whatif-pin").count() == 1
    assert editor.figures(0)["buffer_zone"] > 0
    assert editor.page.locator(".whatif-figures tr[data-category] td").nth(1).inner_text() == "–"
    assert editor.page.locator('[data-act="saveCsv"]').is_disabled()
    editor.look(50.5, 30.5, 7)
    editor.page.locator(".whatif-go").click()
    centre = editor.page.evaluate("(({lat, lng}) => [lat, lng])(map_point21.getCenter())")
    assert centre == pytest.approx([48.95, 35.15], abs=0.3)
    assert editor.page.locator(".whatif-point").count() >= 2
    editor.act("undo")
    editor.phase("known")
    assert editor.page.locator(".whatif-pin").count() == 0
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


# --- files -------------------------------------------------------------------------------------


def test_a_line_is_loaded_by_dropping_a_file(editor: Editor, post: Any) -> None:
    named = {"type": "Feature", "properties": {"name": "<img src=x>"}, "geometry": MERIDIAN}
    editor.drop("<b>mine</b>.geojson", json.dumps(named))
    editor.phase("answered")
    result = post({"date": DAY, "line": MERIDIAN, "geometry": "none"})
    rows = {row["category"]: written(row["b_km2"]) for row in result["difference"]["categories"]}
    assert editor.figures(1) == rows
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    assert editor.page.locator("b", has_text="mine").count() == 0
    csv = editor.saved("saveCsv")
    line = next(row for row in csv.splitlines() if row.startswith("category,retained"))
    assert float(line.split(",")[5]) == pytest.approx(
        next(r["b_km2"] for r in result["difference"]["categories"] if r["category"] == "retained")
    )
    figures = json.loads(editor.saved("saveJson"))
    assert figures["difference"] == result["difference"]
    editor.assert_sound()


def test_an_area_of_control_becomes_a_line(editor: Editor) -> None:
    ring = [[36, 46], [41, 46], [41, 50], [36, 50], [36, 46]]
    editor.drop("area.geojson", json.dumps({"type": "Polygon", "coordinates": [ring]}))
    editor.phase("answered")
    assert editor.line()["geometry"]["type"] == "MultiLineString"
    assert editor.page.locator(".whatif-point").count() > 0
    editor.assert_sound()


def test_a_plan_is_loaded_and_let_go(editor: Editor, repository: Path, ask: Any) -> None:
    text = (repository / "data" / "plans" / "freeze-everywhere.toml").read_text("utf-8")
    editor.drop("mine.toml", text)
    editor.phase("answered")
    assert "mine.toml" in editor.page.locator(".feature--whatif").inner_text()
    rows = ask(f"api/statistics?plan=freeze-everywhere&date={DAY}")["rows"]
    frozen = next(row for row in rows if row["category"] == "frozen")
    assert editor.figures(1)["frozen"] == written(frozen["area_km2"])
    editor.act("dropPlan")
    editor.phase("known")
    editor.drop("bad.toml", text.replace("schema_version", "schema_versoin"))
    editor.phase("refused")
    assert "schema_versoin" in editor.page.locator(".whatif-troubles").inner_text()
    editor.assert_sound(refused=1)


BAD = {
    "metres.geojson": (
        {"type": "LineString", "coordinates": [[4007501, 6000000], [4007501, 6800000]]},
        "looks like metres",
    ),
    "swapped.geojson": (
        {"type": "LineString", "coordinates": [[48.0, 36.0], [51.0, 36.5]]},
        "axes are swapped",
    ),
    "point.geojson": ({"type": "Point", "coordinates": [36, 48]}, "expected lines or polygons"),
    "text.geojson": (
        {"type": "LineString", "coordinates": [["a", 1], [2, 3]]},
        "expected position 0",
    ),
    "empty.geojson": ({"type": "FeatureCollection", "features": []}, "no line and no polygon"),
    "other.json": ({"a": 1}, "neither GeoJSON"),
}


def test_files_that_cannot_be_used_say_why_and_change_nothing(editor: Editor) -> None:
    before = editor.line()["geometry"]
    trouble = editor.page.locator(".whatif-trouble")
    for name, (document, words) in BAD.items():
        editor.drop(name, json.dumps(document))
        trouble.filter(has_text=words).wait_for()
        assert name in trouble.inner_text()
    for name, text, words in (
        ("broken.geojson", '{"type": ', "no valid JSON"),
        ("none.geojson", "", "is empty"),
        ("photo.png", "\x89PNG", "neither GeoJSON nor a plan"),
        ("large.geojson", " " * (5 * 2**20), "at most 4 MB"),
    ):
        editor.drop(name, text)
        trouble.filter(has_text=words).wait_for()
    assert editor.line()["geometry"] == before
    assert not [url for url in editor.witness.requests if url.endswith("api/what-if")]
    editor.assert_sound()


# --- answers -----------------------------------------------------------------------------------


def test_an_overtaken_answer_is_never_shown(editor: Editor) -> None:
    bodies: list[dict[str, Any]] = []

    def slow_first(route: Route) -> None:
        bodies.append(route.request.post_data_json)
        if len(bodies) == 1:
            time.sleep(1.2)
        route.continue_()

    editor.page.route("**/api/what-if", slow_first)
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("asking")
    assert "Recalculating" in editor.page.locator(".whatif-banner").inner_text()
    further = {"type": "LineString", "coordinates": [[35.0, 44.0], [35.0, 53.0]]}
    editor.drop("b.geojson", json.dumps(further))
    editor.phase("answered")
    shown = editor.figures(1)
    editor.page.wait_for_timeout(1500)
    assert editor.figures(1) == shown
    assert bodies[-1]["line"]["coordinates"] == [further["coordinates"]]
    assert editor.line()["geometry"]["coordinates"] == [further["coordinates"]]
    editor.assert_sound()


def test_a_busy_server_is_asked_again_when_it_says(editor: Editor) -> None:
    asked: list[float] = []

    def busy_once(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            route.continue_()
            return
        problem = {"type": "/problems/busy", "title": "Busy", "status": 429, "detail": "busy"}
        headers = {"retry-after": "1", "content-type": "application/problem+json"}
        route.fulfill(status=429, headers=headers, body=json.dumps(problem))

    editor.page.route("**/api/what-if", busy_once)
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("busy")
    editor.phase("answered")
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 0.9


def test_without_an_answer_the_line_stays(editor: Editor) -> None:
    editor.page.route("**/api/what-if", lambda route: route.abort())
    editor.drop("a.geojson", json.dumps(MERIDIAN))
    editor.phase("failed")
    assert "could not be reached" in editor.page.locator(".whatif-troubles").inner_text()
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
    assert page.locator("path.face--preview").count() == 0
    assert page.locator("path.face").first.is_visible()
    assert page.locator(".whatif-point, .whatif-banner, path.whatif-line").count() == 0
    assert not page.evaluate("document.querySelector('.with-whatif')")
    page.locator('[data-panel="whatif"]').click()
    editor.phase("answered")
    assert editor.line()["geometry"]["coordinates"] == [MERIDIAN["coordinates"]]
    page.wait_for_timeout(700)  # drafts are written when the hand rests
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
    words = editor.page.locator(".feature--whatif").inner_text()
    assert "Ваша лінія" in words
    assert "Зберегти лінію" in words
    assert "Your line" not in words
    editor.assert_sound()


def test_the_single_file_edits_and_says_what_it_cannot(witness: Any) -> None:
    page = witness.open("map.html#panel=whatif")
    page.locator('.whatif-status[data-phase="known"]').wait_for()
    assert "no server behind it" in page.locator(".feature--whatif").inner_text()
    page.locator("#map_point21").scroll_into_view_if_needed()
    page.evaluate("at => map_point21.setView(at, 9, {animate: false})", list(FRONT))
    page.locator('.whatif-point[tabindex="0"]').press("ArrowUp")
    page.locator('.whatif-status[data-phase="estimated"]').wait_for()
    assert "estimate" in page.locator(".whatif-status").inner_text()
    with page.expect_download() as download:
        page.locator('[data-act="saveLine"]').click()
    saved = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert saved["properties"]["edited"] is True
    assert not [url for url in witness.requests if "api/" in url]
    assert witness.errors == []
