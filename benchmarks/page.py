"""Time until all layers of the first map are painted, against Folium with the layers inline."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.servers import HOST, app_server, ask, our_server
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NETWORKS: dict[str, dict[str, float] | None] = {
    "loopback": None,
    "10 Mbit/s, 40 ms": {
        "latency": 40,
        "downloadThroughput": 10e6 / 8,
        "uploadThroughput": 10e6 / 8,
    },
}
# Both pages are asked the same question in every frame: are all faces in the document, and is
# the page's own drawing over? Two frames later they have been painted.
WATCH = """
window.painted = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("not painted within 20 s")), 20000);
  const drawn = () => document.readyState !== "loading" && (%(done)s);
  const look = () => drawn()
    ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  requestAnimationFrame(look);
});
"""
OURS_DONE = """document.documentElement.dataset.ready === "true"
  && document.querySelectorAll("path[data-face]").length >= %d"""
FOLIUM_DONE = 'document.querySelectorAll("path.leaflet-interactive").length >= %d'


def _chromium() -> str:
    named = os.environ.get("POINT21_CHROMIUM")
    path = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("no Chromium found: install one or set POINT21_CHROMIUM to its path")
    return path


def _painted_ms(browser: Browser, port: int, done: str, network: dict[str, float] | None) -> float:
    """Open the page in a fresh profile with an empty cache; return ms since navigation began."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(WATCH % {"done": done})
        if network is not None:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **network})
        page.goto(f"http://{HOST}:{port}/", wait_until="commit")
        return float(page.evaluate("window.painted"))
    finally:
        context.close()


def _get(port: int, path: str) -> dict[str, Any]:
    status, _, body = ask(port, path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    answer: dict[str, Any] = json.loads(body)
    return answer


def _write_layers(port: int, directory: Path, *, full: bool) -> int:
    """Take down the layers for the competitor; return how many faces they have."""
    bundle = _get(port, "/api/map")
    faces, line = bundle["faces"], bundle["contact_line"]
    if full:
        index = _get(port, "/api/layers")["layers"]
        layers = [_get(port, layer["links"]["geojson"]) for layer in index]
        faces = {
            "type": "FeatureCollection",
            "features": [feature for layer in layers for feature in layer["features"]],
        }
        line = _get(port, "/api/contact-line?date=" + bundle["identity"]["date"])
    parts = {"faces": faces, "line": line, "background": _get(port, "/map/background.json")}
    for name, part in parts.items():
        text = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
        (directory / f"{name}.json").write_text(text, encoding="utf-8")
    return len(faces["features"])


def run(*, rounds: int) -> list[Ratio]:
    """Open the three pages in turn, on each network."""
    with tempfile.TemporaryDirectory() as scratch, our_server() as ours:
        folders = {True: Path(scratch, "full"), False: Path(scratch, "display")}
        for full, folder in folders.items():
            folder.mkdir()
            faces = _write_layers(ours, folder, full=full)
        module = "benchmarks.folium_page:app"
        with (
            app_server(module, folders[True], BENCH_FOLIUM="default") as full_port,
            app_server(module, folders[False], BENCH_FOLIUM="leaflet") as display_port,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
            pages: dict[str, Callable[[dict[str, float] | None], float]] = {
                "ours": lambda network: _painted_ms(browser, ours, OURS_DONE % faces, network),
                "full": lambda network: _painted_ms(
                    browser, full_port, FOLIUM_DONE % faces, network
                ),
                "display": lambda network: _painted_ms(
                    browser, display_port, FOLIUM_DONE % faces, network
                ),
            }
            ratios = [
                ratio
                for name, network in NETWORKS.items()
                for ratio in _compare(name, network, pages, rounds)
            ]
            browser.close()
            return ratios


def _compare(
    name: str,
    network: dict[str, float] | None,
    pages: dict[str, Callable[[dict[str, float] | None], float]],
    rounds: int,
) -> list[Ratio]:
    took: dict[str, list[float]] = {page: [] for page in pages}
    for turn in range(rounds + 1):
        for page, open_page in pages.items():
            milliseconds = open_page(network)
            if turn:  # the first turn warms both servers and the browser
                took[page].append(milliseconds)
    medians = {page: statistics.median(values) for page, values in took.items()}

    def share(other: str) -> float:
        return statistics.median(a / b for a, b in zip(took["ours"], took[other], strict=True))

    return [
        ratio_of(
            f"first map, {name}: share of the time of Folium with {what}",
            share(other),
            at_most=bound,
            detail=f"{medians['ours']:.0f} against {medians[other]:.0f} ms",
        )
        for other, what, bound in (
            ("full", "the layers inline", 0.75),
            ("display", "our simplified layers inline and no asset but Leaflet", None),
        )
    ]
