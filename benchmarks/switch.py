"""Another plan, another day: from the choice to the frame after the map has been drawn anew.

Everything is in the time: the request, the server's work, the answer's way, reading and drawing.
"Asked before" is a state that the server has prepared already; "not asked before" is one that it
has to make, with a day that no plan has been applied to since it started.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser, Page

from benchmarks.chromium import browse, open_page
from benchmarks.servers import HOST, ask, our_server
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


def _ratio(what: str, took_ms: list[float]) -> Ratio:
    median = statistics.median(took_ms)
    return ratio_of(
        f"{what}: share of the 100 ms allowed",
        median / BOUND_MS,
        at_most=1.0,
        detail=f"median {median:.0f} ms of {len(took_ms)}, slowest {max(took_ms):.0f} ms",
    )


def _measure(browser: Browser, port: int, rounds: int) -> list[Ratio]:
    with open_page(browser, f"http://{HOST}:{port}/", network=None, watch=COMPLETE) as page:
        page.evaluate("window.complete")
        days = _days(page)[:rounds]
        fresh = [_switch(page, "date", day) for day in days]
        plans = [_switch(page, "plan", PLANS[turn % 2 == 0]) for turn in range(rounds)]
        for day in days:  # the other plan's answers for these days, so that the server has them
            ask(port, f"/api/map?plan={PLANS[rounds % 2]}&date={day}", {"accept-encoding": "br"})
        again = [_switch(page, "date", day) for day in days]
    return [
        _ratio("another day, not asked before", fresh),
        _ratio("another day, asked before", again),
        _ratio("another plan", plans),
    ]


def run(*, rounds: int) -> list[Ratio]:
    """Switch days and plans in one page of a server that has answered for the first map."""
    with our_server() as port, browse() as browser:
        ask(port, "/")
        return _measure(browser, port, rounds)
