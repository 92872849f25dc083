"""What the server is asked, without a network, and what it answers."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import quote

import httpx

from .answers import Answer, make_answer
from .drawn import AREA, MERIDIAN
from .entry import REPOSITORY, make_application
from .files import read_file
from .pages import read_page

__all__ = ["ask_server", "ask_server_heavily"]

PLANS: Final = ("point21-axios", "point21-cbs", "borders-1991", "freeze-everywhere")
CATEGORIES: Final = (
    *("de_facto_recognized", "frozen", "buffer_zone", "relinquished", "retained", "not_settled"),
)
TABLES: Final = (
    *("category", "oblast", "oblast,category", "change", "leaving", "settlements", "country"),
)
COMPARED: Final = (
    *("category", "held_by", "recognised_as", "forces_allowed", "oblast", "settlements"),
)

_UNSTEADY: Final = ("etag", "x-request-id", "date", "server")
"""Headers of which only the presence is recorded."""
_SOURCE_HASH: Final = re.compile(r"'sha256-[^']+'")
_ELSEWHERE: Final = ("gpkg", "parquet", "fgb", "pmtiles", "shp", "xlsx")
"""Formats that another process writes."""
_TEXTS: Final = ("json", "text", "xml", "javascript")


@dataclass(frozen=True)
class Request:
    """One question to the server; ``body_kept`` is false where only the headers matter."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    title: str = ""
    body_kept: bool = True

    @property
    def name(self) -> str:
        """What the answer is called in the records."""
        told = [f"{name}: {value}" for name, value in self.headers.items()]
        return " ".join([self.method, self.path, *([f"({self.title})"] if self.title else told)])


def _get(paths: str) -> Iterator[Request]:
    """Yield a request for each line of a text."""
    for line in paths.split():
        yield Request(quote(line, safe="/?&=,:@~.;+%*'()!$-_"))


def _documents() -> Iterator[Request]:
    yield from _get(
        """
        /api/plans /api/plans?lang=uk /api/contact-lines /api/contact-lines?lang=uk
        /api/contact-line /api/contact-line?lang=uk /api/contact-line?date=2024-08-01
        /api/contact-line?date=2026-01-15&nearest=true
        /api/contact-line?date=2026-01-20&nearest=true
        /api/contact-line?date=2026-01-15&on_or_before=true /api/oblasts /api/oblasts?lang=uk
        /api/oblasts?boundaries=natural-earth /api/sources /api/sources?lang=uk /api/verify
        /api/verify?lang=uk /api/verify?date=2026-01-01 /api/downloads /api/downloads?lang=uk
        /api/downloads?plan=point21-cbs&date=2026-01-01 /problems /problems?lang=uk
        /problems/unknown-plan /problems/unknown-plan?lang=uk /healthz /readyz /catalog
        /dataset.jsonld /dataset.jsonld?plan=borders-1991 /openapi.json /i18n/en.json
        /i18n/uk.json /map/background.json
        """
    )
    for plan in PLANS:
        yield from _get(f"/api/plans/{plan} /api/plans/{plan}?lang=uk")


def _scenarios() -> Iterator[Request]:
    for plan in PLANS:
        yield from _get(f"/api/layers?plan={plan} /api/map?plan={plan}")
        for table in TABLES:
            yield from _get(f"/api/statistics?plan={plan}&by={table}")
        for category in CATEGORIES:
            yield from _get(f"/api/layers/{category}?plan={plan}")
    for table in TABLES:
        yield from _get(
            f"""
            /api/statistics?by={table}&format=csv /api/statistics?by={table}&lang=uk
            /api/statistics?by={table}&format=csv&totals=true&date=2026-08-01
            """
        )
    yield from _get(
        """
        /api/statistics /api/statistics?format=csv&lang=uk /api/statistics?format=csv&bom=true
        /api/statistics?reading=luhansk_pocket:retained
        /api/statistics?reading=agreed_territories:none&by=oblast
        /api/statistics?date=2026-01-15&nearest=true /api/statistics?date=2024-08-01&by=oblast
        /api/statistics?source=observations&boundaries=natural-earth
        /api/statistics?&plan=&by=oblast /api/layers /api/layers?lang=uk /api/layers/frozen
        /api/layers/buffer_zone?lang=uk /api/layers/frozen?date=2026-08-01
        /api/layers/frozen?bbox=36,47,38,49 /api/layers/retained?bbox=22,47,24,49&lang=uk
        /api/layers/frozen?bbox=0,0,1,1 /api/layers/relinquished?reading=luhansk_pocket:retained
        /api/map /api/map?lang=uk /api/map?date=2026-08-01 /api/readings?plan=freeze-everywhere
        /api/readings?plan=borders-1991&lang=uk /api/readings?reading=luhansk_pocket:retained
        /api/readings?plan=borders-1991&format=csv /api/history?from=2025-11-01&to=2025-12-01
        /api/history?from=2025-11-01&to=2025-12-01&by=category&lang=uk
        /api/history?from=2025-11-01&to=2025-12-01&by=oblast&format=csv
        /api/history?plan=point21-cbs&from=2026-07-01&by=category&format=csv
        /tiles/tiles.json
        /tiles/tiles.json?plan=point21-cbs /tiles/style.json /tiles/style.json?date=2026-08-01
        /tiles/5/18/10.mvt /tiles/7/76/44.mvt /tiles/9/309/177.mvt /tiles/4/0/0.mvt
        /tiles/6/38/22.mvt?plan=borders-1991
        """
    )


def _comparisons() -> Iterator[Request]:
    pair = "/api/compare?a=point21-axios@2025-11-21&b=point21-cbs@2026-08-01"
    yield from _get(f"{pair} {pair}&lang=uk /api/compare?a=@2025-11-21&b=@2026-01-15&nearest=true")
    yield from _get("/api/compare?a=point21-axios&b=point21-axios~luhansk_pocket:retained")
    for by in COMPARED:
        yield from _get(f"{pair}&by={by}&format=csv {pair}&by={by}&format=csv&totals=true&lang=uk")
    for by in COMPARED[:4]:
        yield from _get(f"{pair}&by={by}&format=geojson")


def _places() -> Iterator[Request]:
    yield from _get(
        """
        /api/search?q=Kramatorsk /api/search?q=Краматорськ&lang=uk /api/search?q=kramat&limit=3
        /api/search?q=Артемівськ /api/search?q=chasov-yar /api/search?q=Бердянск&lang=uk
        /api/search?q=48.74,37.58 /api/search?q=Donetsk&date=2026-08-01&plan=point21-cbs
        /api/search?q=qqqqqq /api/search?q=37U%20DQ%2012345%2012345 /api/search?q=Mariupl
        /api/search?q=Andriivka&limit=50 /api/search?q=rhfvfnjhcmr /api/locate?place=Kramatorsk
        /api/locate?place=Краматорськ&lang=uk /api/locate?place=Andriivka
        /api/locate?lon=37.58&lat=48.72 /api/locate?lon=37.58&lat=48.72&lang=uk
        /api/locate?place=Donetsk&plan=point21-cbs&date=2026-08-01 /api/locate?lon=34.1&lat=44.95
        /api/locate?place=48.72,37.58 /api/locate?place=Bakhmut&reading=luhansk_pocket:retained
        """
    )


def _faults() -> Iterator[Request]:
    yield from _get(
        """
        /nowhere /nowhere?lang=uk /api /api/plans/ /api/plans/point21-axois /api/plans/x?lang=uk
        /api/layers?plan=point21-axois /api/layers?dat=2025-11-21 /api/layers/frosen
        /api/layers/frosen?lang=uk /api/layers/frozen?bbox=1,2,3 /api/layers/frozen?bbox=a,b,c,d
        /api/layers/frozen?bbox=38,47,36,49 /api/layers?date=2020-01-01
        /api/layers?date=2020-01-01&nearest=true /api/layers?date=2020-01-01&on_or_before=true
        /api/layers?date=2026-01-15&nearest=true&on_or_before=true /api/layers?date=tomorrow
        /api/layers?date=2026-01-15 /api/layers?date=2026-01-15&lang=uk /api/layers?plan=a&plan=b
        /api/layers?reading=luhansk_pokcet:ceded /api/layers?reading=luhansk_pocket:sold
        /api/layers?reading=luhansk_pocket /api/layers?source=deepstate
        /api/layers?boundaries=gadm /api/layers?lang=de /api/statistics?by=oblasts
        /api/statistics?format=xml /api/statistics?totals=perhaps&lang=uk
        /api/contact-line?date=2025-13-01 /api/oblasts?boundaries=gadm&lang=uk
        /api/verify?date=2020-01-01 /api/compare /api/compare?a=@ /api/compare?a=x&b=y
        /api/compare?a=@&b=@ /api/compare?a=point21-axios&b=point21-cbs&by=oblast&format=geojson
        /api/compare?a=@2020-01-01&b=@2026-08-01 /api/compare?a=point21-axios~x:y&b=point21-cbs
        /api/compare?a=&b= /api/readings?plan=x /api/readings?format=geojson /api/search
        /api/search?q= /api/search?q=Kyiv&limit=0 /api/search?q=Kyiv&limit=many /api/locate
        /api/locate?lon=37 /api/locate?lon=37&lat=48&place=Kyiv /api/locate?lon=0&lat=0
        /api/locate?place=Qqqqqq /api/locate?place=Qqqqqq&lang=uk /api/locate?lon=nan&lat=48
        /api/locate?lon=200&lat=48 /api/locate?place=Kramatorks /api/uncertainty?draws=1
        /api/uncertainty?draws=20000 /api/uncertainty?interval=2&seed=-1 /api/band
        /api/band?lang=uk /api/band?sources=observations,deepstate /api/band?sources=observations
        /api/history?from=2026-01-01&to=2025-01-01 /api/history?from=2020-01-01&to=2020-02-01
        /api/history?by=country /api/history?from=soon /api/downloads/docx
        /api/downloads/gpkg?layer=faces /api/downloads/geojson?layer=face /api/what-if
        /tiles/3/1/1.mvt /tiles/5/99/10.mvt /tiles/a/b/c.mvt /problems/none /i18n/de.json
        /static/none.js /assets/leaflet/none.js /api/plans%00 /api/layers?plan=%FF /metrics
        /favicon.ico
        """
    )
    for method in ("POST", "DELETE", "OPTIONS", "PUT"):
        yield Request("/api/plans", method)
    yield Request("/ogc/collections", "POST")
    yield Request("/api/plans", headers={"accept-encoding": "identity;q=0"})
    yield Request("/ogc", headers={"accept": "image/png"})
    yield Request("/api/plans?lang=uk", "PATCH")


def _headers() -> Iterator[Request]:
    yield Request("/api/layers/frozen", "HEAD")
    yield Request("/nowhere", "HEAD")
    yield Request("/api/layers/frozen", headers={"if-none-match": "*"})
    yield Request("/api/layers/frozen", headers={"range": "bytes=0-99"})
    yield Request("/api/layers/frozen", headers={"range": "bytes=99999999-"})
    yield Request("/api/layers/frozen", headers={"range": "bytes=0-9,20-29"})
    yield Request("/api/layers/frozen", headers={"accept-encoding": "gzip"}, body_kept=False)
    yield Request("/api/layers/frozen", headers={"accept-encoding": "br"}, body_kept=False)
    yield Request("/api/plans", headers={"origin": "https://example.org"})
    yield Request("/api/plans", headers={"accept-language": "uk"})
    yield Request("/nowhere", headers={"origin": "https://example.org"})
    yield Request("/api/plans", headers={"x-request-id": "mine"})
    asked = {"origin": "https://example.org", "access-control-request-method": "GET"}
    yield Request("/api/plans", "OPTIONS", asked, title="preflight")
    posted = {**asked, "access-control-request-method": "POST"}
    yield Request("/api/what-if", "OPTIONS", posted, title="preflight for POST")
    for language in ("uk", "en", "uk;q=0.5,en", "de"):
        yield Request("/", headers={"accept-language": language}, body_kept=False)


def _pages() -> Iterator[Request]:
    yield from _get(
        """
        / /?lang=uk /?plan=point21-cbs&date=2026-08-01 /?lang=uk&plan=borders-1991
        /?reading=luhansk_pocket:retained /embed /embed?lang=uk&plan=point21-cbs /map.html
        /?plan=none /?date=2020-01-01&lang=uk /embed?plan=none
        /?lang=de /?nothing=1 /map.html?plan=none /docs
        """
    )
    for path in ("core/app.js", "styles/page.css"):
        yield Request(f"/static/{path}", body_kept=False)
    for path in ("leaflet/leaflet.js", "leaflet/leaflet.css", "docs/swagger-ui.css"):
        yield Request(f"/assets/{path}", body_kept=False)


def _features() -> Iterator[Request]:
    items = "/ogc/collections/faces/items"
    yield from _get(
        f"""
        /ogc /ogc/ /ogc/conformance /ogc/api /ogc/api?f=html /ogc/collections /ogc?f=html
        /ogc/conformance?f=html /ogc/collections?f=html /ogc?f=xml
        /ogc/collections?plan=point21-cbs&date=2026-08-01 /ogc/collections/none
        /ogc/collections/faces?f=html /ogc/collections/differences/items?a=@&b=@&limit=1
        /ogc/collections/differences/items?a=point21-axios&b=point21-cbs&limit=2
        {items}?limit=2&f=html {items}?limit=5 {items}?limit=5&offset=10
        {items}?bbox=36,47,38,49&limit=50 {items}?datetime=2025-11-21 {items}?limit=0
        {items}?bbox=1,2 {items}?datetime=2025-11-01/2025-12-01&limit=3 {items}?oblast=UA-14
        {items}?colour=red {items}?filter=area_km2>20000&filter-lang=cql2-text
        {items}?filter=area_km2>>1
        {items}?filter=category='frozen'%20AND%20oblast%20LIKE%20'UA-1%25'
        {items}?filter=S_INTERSECTS(geometry,POINT(37.58%2048.72)) {items}?filter=nothing=1
        {items}?crs=http://www.opengis.net/def/crs/EPSG/0/3857 {items}?plan=none
        {items}?limit=many {items}?plan=point21-cbs&limit=2
        {items}?reading=luhansk_pocket:retained&limit=2 {items}/none
        {items}?properties=oblast,category&limit=2 {items}?sortby=-area_km2&limit=2
        {items}?f=csv&limit=2
        """
    )
    yield Request("/ogc", headers={"accept": "text/html"})


def _feature_collections(document: Mapping[str, Any]) -> Iterator[Request]:
    for collection in document["collections"]:
        path = f"/ogc/collections/{collection['id']}"
        yield from _get(f"{path} {path}/queryables {path}/items?limit=3")


def _downloads() -> Iterator[Request]:
    yield from _get("/api/downloads/geojson /api/downloads/csv /api/downloads/kml")
    yield from _get(
        """
        /api/downloads/geojson?layer=oblasts /api/downloads/geojson?layer=settlements
        /api/downloads/csv?plan=point21-cbs&date=2026-08-01 /api/downloads/kml?lang=uk
        """
    )


_SMALL: Final = {"geometry": "none"}
_FEATURE: Final = {"type": "Feature", "properties": {"name": "mine"}, "geometry": MERIDIAN}
_CBS: Final = (REPOSITORY / "data" / "plans" / "point21-cbs.toml").read_text("utf-8")
_JSON: Final = {"content-type": "application/json"}


def _asked_what_if(bodies: Mapping[str, Any], path: str = "/api/what-if") -> Iterator[Request]:
    for title, body in bodies.items():
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        yield Request(path, "POST", _JSON, content, title)


def _heavy_what_ifs() -> Iterator[Request]:
    box = {"km": 3.5, "into": "russia", "within": [37.0, 47.8, 38.5, 49.0]}
    bodies = {
        "nothing": {},
        "a line as a feature": {"line": _FEATURE, "geometry": "display"},
        "a shift in a box": {"shift": box, **_SMALL},
        "a reference": {"reference": "freeze-everywhere@2026-08-01", **_SMALL},
        "readings": {"readings": {"agreed_territories": "none"}, **_SMALL},
    }
    yield from _asked_what_if(bodies)


def _what_ifs() -> Iterator[Request]:
    short = {"type": "LineString", "coordinates": [[36, 48], [36.1, 49]]}
    bodies: dict[str, Any] = {
        "a line": {"line": MERIDIAN, **_SMALL},
        "an area": {"line": AREA, "geometry": "display"},
        "a shift": {"shift": {"km": 5, "into": "ukraine"}, **_SMALL},
        "a plan": {"plan": _CBS, "date": "2025-11-21", **_SMALL},
        "a line that stops short": {"line": short},
        "an unknown plan": {"plan": "point21-axois"},
        "an unknown day": {"date": "2020-01-01"},
        "unknown members": {"plann": "x", "shift": {"km": "far", "inot": "ukraine"}},
        "unknown readings": {"readings": {"luhansk_pocket": "sold"}},
        "a broken plan": {"plan": "[[clause]\nkind = 1"},
        "an empty line": {"line": {"type": "LineString", "coordinates": []}},
        "a list": [1, 2],
        "no JSON": b"{",
        "no body": b"",
        "NaN": b'{"line": NaN}',
        "too deep": b'{"line": ' + b"[" * 60 + b"]" * 60 + b"}",
        "too long": b" " * (4 * 2**20 + 1),
    }
    yield from _asked_what_if(bodies)
    ukrainian = {"a line": {"line": MERIDIAN, **_SMALL}, "an unknown plan": {"plan": "x"}}
    yield from _asked_what_if(ukrainian, "/api/what-if?lang=uk")
    yield Request("/api/what-if", "POST", {"content-type": "text/plain"}, b"{}", "text")
    yield Request("/api/what-if", "POST", {}, b"{}", "no media type")


def _heavy() -> Iterator[Request]:
    """Yield what takes a second or more each, or another process."""
    yield from (Request(f"/api/downloads/{form}") for form in _ELSEWHERE)
    yield from _get(
        "/api/downloads/fgb?layer=contact_line /api/downloads/parquet?layer=contact_line "
        "/api/downloads/xlsx?reading=luhansk_pocket:retained"
    )
    yield from _get(
        """
        /api/readings /api/readings?format=csv /api/readings?plan=point21-cbs&lang=uk
        /api/readings?format=csv&lang=uk&plan=point21-cbs /api/uncertainty?draws=10
        /api/uncertainty?draws=10&format=csv
        /api/uncertainty?draws=12&seed=3&interval=0.5&uncertainty_km=4&plan=point21-cbs&lang=uk
        /api/downloads/gpkg?plan=point21-cbs&date=2026-08-01 /api/history
        /api/history?plan=freeze-everywhere&by=category /map.html?lang=uk&date=2026-08-01
        """
    )


def _another_source() -> Iterator[Request]:
    """Yield what is asked of a server that has a second source of lines."""
    paths = """
        /api/sources /api/band /api/band?by=source&lang=uk /api/band?by=oblast&format=csv
        /api/band?format=geojson /api/contact-lines?source=drawn /api/layers?source=drawn
        /api/contact-line?source=drawn&date=2025-11-21 /api/layers?source=drawn&date=2026-01-01
        /api/statistics?source=drawn&by=oblast&format=csv /api/history?source=drawn
        /api/compare?a=point21-axios&b=point21-axios~source:drawn /?source=drawn
        /ogc/collections/faces/items?source=drawn&limit=2 /api/search?q=Kramatorsk&source=drawn
    """
    for request in _get(paths):
        yield replace(request, title="with another source")


_GROUPS: Final = (
    *(_documents, _scenarios, _comparisons, _places, _faults, _headers, _pages, _features),
    *(_downloads, _what_ifs),
)


def ask_server() -> list[Answer]:
    """Ask everything that is light of one application, and return the answers."""
    return asyncio.run(_ask_all([*(request for each in _GROUPS for request in each())]))


def ask_server_heavily() -> list[Answer]:
    """Ask the rest."""
    answers = asyncio.run(_ask_all([*_heavy(), *_heavy_what_ifs()], collections=False))
    drawn = {"type": "Feature", "properties": {"date": "2025-11-21"}, "geometry": AREA}
    file = Path.cwd() / "drawn.geojson"
    file.write_text(json.dumps(drawn), encoding="utf-8")
    with patch.dict(os.environ, {"POINT21_SOURCES": json.dumps({"drawn": str(file)})}):
        answers += asyncio.run(_ask_all(list(_another_source()), collections=False))
    return answers


async def _ask_all(requests: list[Request], *, collections: bool = True) -> list[Answer]:
    application = make_application()
    async with application.router.lifespan_context(application):
        transport = httpx.ASGITransport(app=application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            client.headers.clear()
            client.headers["accept-encoding"] = "identity"
            if collections:
                requests += _feature_collections((await client.get("/ogc/collections")).json())
            answers = [await _ask(client, request) for request in requests]
            if collections:
                paths = (await client.get("/openapi.json")).json()["paths"]
                answers.append(_check_paths(paths, [*requests, *_heavy()]))
            return answers


def _check_paths(paths: Iterable[str], requests: Iterable[Request]) -> Answer:
    """Say which endpoints of the OpenAPI document nothing here asks."""
    asked = {request.path.partition("?")[0] for request in requests}
    missing = [
        path
        for path in paths
        for pattern in [re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))]
        if not any(pattern.fullmatch(each) for each in asked)
    ]
    return make_answer("endpoints", {"not asked": ", ".join(missing)}, "\n".join(paths))


async def _ask(client: httpx.AsyncClient, asked: Request) -> Answer:
    headers = dict(asked.headers)
    got = await client.request(asked.method, asked.path, headers=headers, content=asked.body)
    text = _read_body(asked, got) if asked.body_kept else ""
    return make_answer(asked.name, _facts_of(got), text)


def _facts_of(got: httpx.Response) -> dict[str, Any]:
    """Return status and headers; those of one answer only stand beside those of many."""
    shared: dict[str, str] = {}
    own: dict[str, str] = {}
    for name, value in got.headers.items():
        if name in _UNSTEADY:
            shared[name] = "is there"
        elif name == "content-length":
            continue
        elif name in ("link", "content-disposition", "location", "content-range"):
            own[name] = value
        else:
            shared[name] = _SOURCE_HASH.sub("'sha256-…'", value)
    return {"status": got.status_code, "headers": dict(sorted(shared.items())), "own": own}


def _read_body(asked: Request, got: httpx.Response) -> str:
    kind = got.headers.get("content-type", "")
    form = asked.path.partition("?")[0].rpartition("/")[2]
    if asked.path.startswith("/api/downloads/") and got.status_code == 200:
        return read_file(form, got.content)
    if kind.startswith("text/html"):
        return read_page(got.text)
    if any(part in kind for part in _TEXTS):
        return got.content.decode()
    return got.content.hex()
