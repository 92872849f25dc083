"""Another plan, another day: from the choice to the frame after the map has been drawn anew.

Everything is in the time: the request, the server's work, the answer's way, reading and drawing.
A warm server has made the map of every day by itself, as it does in the seconds after its start.
"Not made before" is a day that no plan has been applied to since the start.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser, Page

from benchmarks.chromium import browse, open_page
from benchmarks.servers import HOST, ask, our_server, warm_server
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]

BOUND_MS = 100.0
PLANS = ("point21-axios", "point21-cbs")
# The state is asked for as a person does it, by a control. Once the page says that it shows the
# state, the next frame paints it; the time ends with that frame.
SWITCH = """([control, value]) => new Promise((resolve, reject) => {
  const page = document.getElementById("page");
  const key = control === "plan" ? "plan" : "date";
  const node = document.getElementById(control);
  const began = performance.now();
  setTimeout(() => reject(new Error("not shown within 20 s: " + value)), 20000);
  const shown = () => page.dataset[key] === value && page.dataset.phase === "ready";
  const watch = new MutationObserver(() => {
    if (!shown()) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  });
  watch.observe(page, { attributes: true });
  node.value = value;
  node.dispatchEvent(new Event("change", { bubbles: true }));
})"""
COMPLETE = """window.complete = new Promise((resolve) => {
  const look = () => document.documentElement?.dataset.complete === "true"
    ? resolve(true) : requestAnimationFrame(look);
  look();
});"""


def _days(page: Page) -> list[str]:
    """Days to choose from, except the one shown."""
    days: list[str] = page.evaluate(
        "[...document.querySelectorAll('#date option')].map(({ value }) => value)"
    )
    shown = page.evaluate("document.getElementById('page').dataset.date")
    return [day for day in days if day != shown]


def _switch(page: Page, control: str, value: str) -> float:
    return float(page.evaluate(SWITCH, [control, value]))


def _ratio(what: str, took_ms: list[float], *, at_most: float | None = 1.0) -> Ratio:
    median = statistics.median(took_ms)
    return ratio_of(
        f"{what}: share of the 100 ms allowed",
        median / BOUND_MS,
        at_most=at_most,
        detail=f"median {median:.0f} ms of {len(took_ms)}, slowest {max(took_ms):.0f} ms",
    )


def _measure(browser: Browser, port: int, rounds: int, *, plans: bool) -> list[list[float]]:
    with open_page(browser, f"http://{HOST}:{port}/", network=None, watch=COMPLETE) as page:
        page.evaluate("window.complete")
        days = [_switch(page, "date", day) for day in _days(page)[:rounds]]
        turns = range(rounds if plans else 0)
        return [days, [_switch(page, "plan", PLANS[turn % 2 == 0]) for turn in turns]]


def run(*, rounds: int) -> list[Ratio]:
    """Switch days and plans in a page of a warm server, and days in one of another server."""
    with browse() as browser:
        with warm_server() as port:
            days, plans = _measure(browser, port, rounds, plans=True)
        with our_server() as port:
            ask(port, "/")
            fresh, _ = _measure(browser, port, rounds, plans=False)
    return [
        _ratio("another day", days),
        _ratio("another plan", plans),
        _ratio("another day, not made before", fresh, at_most=None),
    ]
