"""Dragging the line of contact: the longest task of the page's main thread meanwhile.

A point in the middle of the map is dragged back and forth, with its neighbours within 25 km. The
tasks are those that Chromium's own trace names, from the first movement until the point is let go;
and once more from there until the figures and the faces have been drawn. Both on a processor of
full speed and on one that Chromium slows down four times; on the line of the first map and on one
with every edge cut in three, which has more positions than any day of the archive.

``python -m benchmarks.drag`` measures it alone.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.chromium import browse
from benchmarks.servers import HOST, ask, our_server
from benchmarks.timing import Ratio

__all__ = ["run"]

BOUND_MS = 50.0
MOVES = 60
SLOWER = (1, 4)
CATEGORIES = ["disabled-by-default-devtools.timeline", "blink.user_timing", "__metadata"]
STATUS = '.whatif-status[data-phase="{}"]'
DROP = """text => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "line.geojson"));
  const how = { dataTransfer, bubbles: true, cancelable: true };
  document.querySelector(".leaflet-container").dispatchEvent(new DragEvent("drop", how));
}"""
MIDDLE = """() => {
  const box = document.querySelector(".leaflet-container").getBoundingClientRect();
  const middle = [box.left + box.width / 2, box.top + box.height / 2];
  const away = ([x, y]) => Math.hypot(x - middle[0], y - middle[1]);
  return [...document.querySelectorAll(".whatif-point")]
    .map(node => node.getBoundingClientRect())
    .map(({ left, top, width, height }) => [left + width / 2, top + height / 2])
    .sort((a, b) => away(a) - away(b))[0];
}"""


def _known_line(port: int) -> dict[str, Any]:
    status, _, body = ask(port, "/api/contact-line?date=2025-11-21")
    if status != 200:
        raise RuntimeError(f"/api/contact-line answered {status}")
    line: dict[str, Any] = json.loads(body)["geometry"]
    return line


def _cut(line: dict[str, Any], pieces: int) -> dict[str, Any]:
    """Cut every edge into equal pieces: the same line with more positions."""
    parts = []
    for part in line["coordinates"]:
        positions = [part[0]]
        for a, b in pairwise(part):
            steps = (row / pieces for row in range(1, pieces + 1))
            positions += [[a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t] for t in steps]
        parts.append(positions)
    return {"type": "MultiLineString", "coordinates": parts}


@contextmanager
def _panel(browser: Browser, port: int, line: dict[str, Any] | None) -> Iterator[Page]:
    """Open the panel and look at a stretch of the line where much of it is in sight."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"http://{HOST}:{port}/#panel=whatif")
        page.locator(STATUS.format("known")).wait_for()
        if line is not None:
            page.evaluate(DROP, json.dumps(line))
            page.locator(STATUS.format("answered")).wait_for()
        page.evaluate("void map_point21.setView([48.3, 37.3], 8, { animate: false })")
        page.locator('select[name="reach"]').select_option("25")
        yield page
    finally:
        context.close()


def _drag(page: Page) -> None:
    """Drag a point there and back, and wait for the answer; marks tell the phases apart."""
    x, y = page.evaluate(MIDDLE)
    page.mouse.move(x, y)
    page.evaluate("performance.mark('drag')")
    page.mouse.down()
    for row in range(MOVES):
        page.mouse.move(x + 60 * row / MOVES, y - 40 * row / MOVES)
    page.evaluate("performance.mark('drop')")
    page.mouse.up()
    page.locator(STATUS.format("answered")).wait_for()
    page.wait_for_timeout(500)
    page.evaluate("performance.mark('end')")


def _longest_ms(trace: bytes) -> tuple[float, float]:
    """Return the longest task from ``drag`` to ``drop``, and from ``drop`` to ``end``."""
    events = json.loads(trace)["traceEvents"]
    marks = {event["name"]: event for event in events if event["name"] in ("drag", "drop", "end")}
    thread = (marks["drag"]["pid"], marks["drag"]["tid"])
    tasks = [
        (event["ts"], event["dur"] / 1000)
        for event in events
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) == thread
    ]

    def longest(start: str, end: str) -> float:
        since, until = marks[start]["ts"], marks[end]["ts"]
        return max((ms for at, ms in tasks if since <= at < until), default=0.0)

    return longest("drag", "drop"), longest("drop", "end")


def _measure(
    browser: Browser, port: int, line: dict[str, Any] | None, slower: int
) -> tuple[float, float]:
    with _panel(browser, port, line) as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        browser.start_tracing(page=page, categories=CATEGORIES)
        try:
            _drag(page)
        finally:
            trace = browser.stop_tracing()
    return _longest_ms(trace)


def run(*, rounds: int) -> list[Ratio]:
    """Measure the longest tasks as shares of the 50 ms that make a page feel stuck.

    Parameters
    ----------
    rounds
        How often each is measured; the median counts.
    """
    found = []
    with our_server() as port, browse() as browser:
        known = _known_line(port)
        lines = {"known line": None, "line cut in three": _cut(known, 3)}
        for name, line in lines.items():
            count = sum(map(len, (line or known)["coordinates"]))
            for slower in SLOWER:
                times = [_measure(browser, port, line, slower) for _ in range(rounds)]
                drag, after = (statistics.median(column) for column in zip(*times, strict=True))
                speed = "full speed" if slower == 1 else f"{slower} times slower"
                detail = (
                    f"{drag:.1f} ms; {after:.1f} ms when the answer is drawn; {count} positions"
                )
                claim = (
                    f"longest task while dragging the line, of {BOUND_MS:.0f} ms: {name}, {speed}"
                )
                found.append(Ratio(claim, drag / BOUND_MS, 1.0, False, detail))
    return found


if __name__ == "__main__":
    results = run(rounds=1 if "--quick" in sys.argv else 3)
    for result in results:
        print(f"{result.value:5.2f}  {result.claim}: {result.detail}")
    raise SystemExit(0 if all(result.holds for result in results) else 1)
