"""The first map: when it is painted, when it can be used, and how many bytes that takes.

Painted is: every face and the line of contact are in the document, and two frames later. All pages
are asked the same question, in every frame, so none is taken for painted while the browser holds
its painting back. Our page shows its faces as a picture first; tests/browser/test_picture.py looks
at the pixels and holds the picture to be the map. Usable is: Leaflet's own faces have been drawn.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.chromium import NETWORKS, Network, browse, open_page
from benchmarks.servers import HOST, app_server, ask, our_server
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]

WATCH = """
for (const [name, done] of Object.entries({ %s })) {
  window[name] = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("not " + name + " within 20 s")), 20000);
    const look = () => {
      if (!done()) return requestAnimationFrame(look);
      const painted = new MessageChannel();
      painted.port1.onmessage = () => resolve(performance.now());
      painted.port2.postMessage(null);
    };
    requestAnimationFrame(look);
  });
}
"""
OURS = """
painted: () => document.querySelector("path.front")
  && document.querySelectorAll("path.face").length >= %d,
usable: () => document.documentElement.dataset.ready === "true"
  && document.querySelectorAll("path[data-face]").length >= %d
"""
FOLIUM = 'painted: () => document.querySelectorAll("path.leaflet-interactive").length >= %d'
ALONE = "painted: () => window.drawn"
WEIGHT = """() => performance.getEntries()
  .filter(({ encodedBodySize }) => encodedBodySize !== undefined)
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
WEIGHT_BOUND = 200_000


def _times(
    browser: Browser, port: int, watch: str, network: Network, *names: str
) -> dict[str, float]:
    """Milliseconds since navigation began until each of the moments watched for."""
    url = f"http://{HOST}:{port}/"
    with open_page(browser, url, network=network, watch=WATCH % watch) as page:
        return {name: float(page.evaluate(f"window.{name}")) for name in names}


def _weight(browser: Browser, port: int, watch: str) -> int:
    """Compressed bytes of the page and all that it has asked for until the map can be used."""
    url = f"http://{HOST}:{port}/"
    with open_page(browser, url, network=None, watch=WATCH % watch) as page:
        page.evaluate("window.usable")
        return int(page.evaluate(WEIGHT))


def _fetch(port: int, path: str) -> bytes:
    status, _, body = ask(port, path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    return body


def _get(port: int, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_fetch(port, path))
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
    """Open the pages in turn, on each network."""
    with tempfile.TemporaryDirectory() as scratch, our_server() as ours:
        folders = {name: Path(scratch, name) for name in ("default", "leaflet", "alone")}
        for name, folder in folders.items():
            folder.mkdir()
            if name == "alone":
                (folder / "page.html").write_bytes(_fetch(ours, "/"))
            else:
                faces = _write_layers(ours, folder, full=name == "default")
        module = "benchmarks.folium_page:app"
        with (
            app_server(module, folders["default"], BENCH_FOLIUM="default") as full,
            app_server(module, folders["leaflet"], BENCH_FOLIUM="leaflet") as display,
            app_server(module, folders["alone"], BENCH_FOLIUM="alone") as alone,
            browse() as browser,
        ):
            watch = {"ours": OURS % (faces, faces), "folium": FOLIUM % faces}

            def open_ours(network: Network) -> dict[str, float]:
                return _times(browser, ours, watch["ours"], network, "painted", "usable")

            def opener(port: int, watched: str) -> Callable[[Network], dict[str, float]]:
                return lambda network: _times(browser, port, watched, network, "painted")

            pages = {
                "ours": open_ours,
                "full": opener(full, watch["folium"]),
                "display": opener(display, watch["folium"]),
                "alone": opener(alone, ALONE),
            }
            ratios = [
                ratio
                for name, network in NETWORKS.items()
                for ratio in _compare(name, network, pages, rounds)
            ]
            return [*ratios, _weigh(_weight(browser, ours, watch["ours"]))]


def _weigh(size_bytes: int) -> Ratio:
    return ratio_of(
        "compressed bytes until the first map can be used: share of the 200 kB allowed",
        size_bytes / WEIGHT_BOUND,
        at_most=1.0,
        detail=f"{size_bytes / 1000:.0f} kB: page, Leaflet and its styles",
    )


COMPARED = (
    ("painted", "full", "Folium with the layers inline", 0.75),
    ("usable", "full", "Folium with the layers inline", None),
    ("painted", "display", "Folium with our simplified layers and no asset but Leaflet", None),
    ("painted", "alone", "an empty Leaflet map in a page of the same bytes", 1.5),
)


def _compare(
    name: str,
    network: Network,
    pages: dict[str, Callable[[Network], dict[str, float]]],
    rounds: int,
) -> list[Ratio]:
    took: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds + 1):
        for page, open_one in pages.items():
            for moment, milliseconds in open_one(network).items():
                if turn:  # the first turn warms the servers and the browser
                    took.setdefault((page, moment), []).append(milliseconds)
    return [
        _ratio(name, moment, took["ours", moment], took[other, "painted"], what, bound)
        for moment, other, what, bound in COMPARED
    ]


def _ratio(
    network: str,
    moment: str,
    ours: Sequence[float],
    others: Sequence[float],
    what: str,
    bound: float | None,
) -> Ratio:
    mine, theirs = statistics.median(ours), statistics.median(others)
    return ratio_of(
        f"first map {moment}, {network}: share of the time of {what}",
        statistics.median(a / b for a, b in zip(ours, others, strict=True)),
        at_most=bound,
        detail=f"{mine:.0f} against {theirs:.0f} ms",
    )
