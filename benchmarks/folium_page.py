"""The competitors: the same layers by Folium alone, inline in the page; and Leaflet alone.

``BENCH_FOLIUM=alone`` makes no use of Folium: an empty Leaflet map, and beside it, as text that
nobody reads, the bytes that our own page has.

``BENCH_FOLIUM=default`` loads what Folium loads by default, from this host instead of five others:
Leaflet, jQuery, Bootstrap and Font Awesome (three small style sheets of its list are left out).
``BENCH_FOLIUM=leaflet`` loads Leaflet alone. Either is given every advantage that is not the point
of the comparison: the same host, compression and prepared answers, and nothing beside the map: no
legend, no tables, no names of places.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import folium

from app.assets import LEAFLET, AssetFolder
from app.middleware.response_cache import KEEP, PreparedAnswers

__all__ = ["app", "build_page"]

COLOURS = {
    "de_facto_recognized": "#882255",
    "frozen": "#cc6677",
    "buffer_zone": "#ddcc77",
    "relinquished": "#44aa99",
    "retained": "#dde5ee",
}
BACKGROUND = {"land": "#f4f1ea", "country": "#f4f1ea", "lake": "#b9d7e8", "river": "#b9d7e8"}
FOLDERS = {
    "leaflet": LEAFLET,
    "jquery": AssetFolder("xstatic.pkg.jquery", "data"),
    "bootstrap": AssetFolder("bootstrap", ""),
    "font-awesome": AssetFolder("xstatic.pkg.font_awesome", "data"),
}
SCRIPTS = ("leaflet/leaflet.js", "jquery/jquery.min.js", "bootstrap/js/bootstrap.bundle.min.js")
STYLES = (
    "leaflet/leaflet.css",
    "bootstrap/css/bootstrap.min.css",
    "font-awesome/css/all.min.css",
)
TOLD = ["name_en", "label", "held_by", "area_km2", "share_of_oblast"]


def _style(feature: dict[str, Any]) -> dict[str, Any]:
    colour = COLOURS[feature["properties"]["category"]]
    return {"fillColor": colour, "color": "#5b6570", "weight": 0.7, "fillOpacity": 0.8}


def _background_style(feature: dict[str, Any]) -> dict[str, Any]:
    layer = feature["properties"]["layer"]
    if layer in {"river", "coast"}:
        return {"color": BACKGROUND.get(layer, "#9fb3c0"), "weight": 0.8, "fill": False}
    return {"fillColor": BACKGROUND.get(layer, "#f4f1ea"), "weight": 0.3, "fillOpacity": 1}


def build_page(faces: dict[str, Any], line: dict[str, Any], background: dict[str, Any]) -> str:
    """Draw background, faces with tooltips, and the line of contact, all inline."""
    chart = folium.Map(location=[48.35, 31.2], zoom_start=6, tiles=None)
    loaded = slice(None) if os.environ.get("BENCH_FOLIUM") == "default" else slice(1)
    chart.default_js = [(name, f"/assets/{name}") for name in SCRIPTS[loaded]]
    chart.default_css = [(name, f"/assets/{name}") for name in STYLES[loaded]]
    folium.GeoJson(background, name="background", style_function=_background_style).add_to(chart)
    by_category: dict[str, list[dict[str, Any]]] = {}
    for feature in faces["features"]:
        by_category.setdefault(feature["properties"]["category"], []).append(feature)
    for category, features in by_category.items():
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            name=category,
            style_function=_style,
            tooltip=folium.GeoJsonTooltip(TOLD, sticky=True),
        ).add_to(chart)
    folium.GeoJson(line, name="line", style_function=lambda _: {"color": "#111"}).add_to(chart)
    folium.LayerControl().add_to(chart)
    return str(chart.get_root().render())


def build_bare_page(payload: str) -> str:
    """Make an empty Leaflet map in a page that carries a payload of inert text."""
    inert = payload.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Leaflet alone</title>
<link rel="stylesheet" href="/assets/{STYLES[0]}"><script src="/assets/{SCRIPTS[0]}"></script>
<style>html, body, #map {{ margin: 0; height: 100%; }}</style></head>
<body><div id="map"></div><script type="text/plain">{inert}</script>
<script>L.map("map").setView([48.35, 31.2], 6); window.drawn = true;</script></body></html>"""


def _page(directory: Path) -> str:
    if os.environ.get("BENCH_FOLIUM") == "alone":
        return build_bare_page((directory / "page.html").read_text(encoding="utf-8"))
    read = {name: json.loads((directory / f"{name}.json").read_bytes()) for name in _PARTS}
    return build_page(read["faces"], read["line"], read["background"])


def _load(directory: Path) -> dict[str, tuple[bytes, bytes]]:
    page = _page(directory)
    answers = {
        "/": (page.encode(), b"text/html; charset=utf-8"),
        "/healthz": (b"ok", b"text/plain"),
        "/favicon.ico": (b"", b"image/x-icon"),
    }
    for name in (*SCRIPTS, *STYLES):
        folder, path = name.split("/", 1)
        body, kind = FOLDERS[folder].read(path)
        answers[f"/assets/{name}"] = (body, kind.encode())
    return answers


_PARTS = ("faces", "line", "background")
_ANSWERS = _load(Path(os.environ["BENCH_BYTES"]))


async def _answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
    if scope["type"] != "http":
        return
    body, kind = _ANSWERS[scope["path"]]
    headers = [(b"content-type", kind), (b"cache-control", b"public, max-age=300"), (KEEP, b"1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app = PreparedAnswers(_answer)
