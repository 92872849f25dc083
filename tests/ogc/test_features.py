"""OGC API – Features as the standard words it, asked without a network."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import shapely

from app.datasets.catalogue import Catalogue
from app.main import create_app
from app.ogc.collections import COLLECTIONS
from app.ogc.documents import CONFORMANCE
from app.settings import Settings
from asking import Asker
from shipped import shipped_catalogue

ITEMS = "/ogc/collections/faces/items"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> Asker:
    return Asker(create_app(Settings(warm_up=False), catalogue=catalogue))


def get(client: Asker, path: str, status: int = 200, **headers: str) -> httpx.Response:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return answer


def links_of(document: dict[str, Any], rel: str) -> list[str]:
    return [link["href"] for link in document["links"] if link["rel"] == rel]


# --- documents ---------------------------------------------------------------------------------


def test_every_link_of_the_documents_leads_somewhere(client: Asker) -> None:
    waiting, seen = ["http://test/ogc"], set()
    while waiting:
        url = waiting.pop()
        seen.add(url)
        answer = get(client, url)
        if "json" not in answer.headers["content-type"] or "/items" in url:
            continue
        document = answer.json()
        nested = [document, *document.get("collections", [])]
        for link in (link for part in nested for link in part.get("links", [])):
            if link["rel"] == "license":
                continue
            assert link["href"].startswith("http://test/ogc"), link
            if link["href"] not in seen and link["href"] not in waiting:
                waiting.append(link["href"])
    assert len(seen) > 60


def test_conformance_is_declared_once_and_without_a_slash(client: Asker) -> None:
    declared = get(client, "/ogc/conformance").json()["conformsTo"]
    assert declared == list(dict.fromkeys(CONFORMANCE))
    assert all(
        re.fullmatch(r"http://www\.opengis\.net/spec/.+/conf/[a-z0-9-]+", c) for c in declared
    )
    assert not [name for name in declared if "create" in name or "records" in name]


def test_collections_say_what_they_are_of(client: Asker) -> None:
    document = get(client, "/ogc/collections?plan=point21-cbs&date=2026-08-01").json()
    assert [item["id"] for item in document["collections"]] == list(COLLECTIONS)
    for item in document["collections"]:
        assert item["license"] and item["attribution"] and item["sources"]
        assert item["identity"]["data_version"]
        assert item["crs"] == ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
        if item["id"] not in ("not_settled",):
            west, south, east, north = item["extent"]["spatial"]["bbox"][0]
            assert 20 < west < east < 41 and 44 < south < north < 53
        alone = get(client, f"/ogc/collections/{item['id']}?plan=point21-cbs&date=2026-08-01")
        assert {**alone.json(), "links": 0} == {**item, "links": 0}
    (faces,) = [item for item in document["collections"] if item["id"] == "faces"]
    assert (faces["identity"]["plan"], faces["identity"]["date"]) == ("point21-cbs", "2026-08-01")
    assert faces["extent"]["temporal"]["interval"][0][0].startswith("2024-08-01")
    assert all("plan=point21-cbs" in href for href in links_of(faces, "items"))


@pytest.mark.parametrize("name", COLLECTIONS)
def test_queryables_are_the_properties_that_features_have(client: Asker, name: str) -> None:
    answer = get(client, f"/ogc/collections/{name}/queryables")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["$id"].endswith(f"/collections/{name}/queryables")
    assert schema["properties"].pop("geometry")["format"].startswith("geometry-")
    kinds = {"string": str, "number": (int, float)}
    page = get(client, f"/ogc/collections/{name}/items?limit=50").json()
    for feature in page["features"]:
        assert set(feature["properties"]) == set(schema["properties"])
        for prop, value in feature["properties"].items():
            described = schema["properties"][prop]
            assert value is None or isinstance(value, kinds[described["type"]])
            assert value is None or value in described.get("enum", [value])


def test_the_definition_names_every_parameter_that_is_accepted(client: Asker) -> None:
    answer = get(client, "/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    assert document["servers"] == [{"url": "http://test/ogc"}]
    shared = document["components"]["parameters"]
    assert shared["limit"]["schema"]["maximum"] == 10_000
    for name in COLLECTIONS:
        listed = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        names = [p["name"] if "name" in p else p["$ref"].rpartition("/")[2] for p in listed]
        assert len(set(names)) == len(names)
        refused = get(client, f"/ogc/collections/{name}/items?no-such=1", 400).json()
        assert set(refused["errors"][0]["valid"]) == set(names)
    references = set(re.findall(r'"\$ref":"#/([^"]+)"', answer.text))
    for reference in references:
        part: Any = document
        for step in reference.split("/"):
            part = part[step]


def test_a_prefix_of_a_proxy_stands_in_every_link(catalogue: Catalogue) -> None:
    app = create_app(Settings(warm_up=False, root_path="/maps"), catalogue=catalogue)
    behind = Asker(app, base="https://example.org", root_path="/maps")
    for path in ("/ogc", "/ogc/collections", f"{ITEMS}?limit=1"):
        for link in get(behind, f"/maps{path}").json()["links"]:
            assert link["href"].startswith("https://example.org/maps/ogc")


# --- features ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COLLECTIONS)
def test_pages_put_together_are_the_whole(client: Asker, name: str) -> None:
    url = f"/ogc/collections/{name}/items"
    whole = get(client, f"{url}?limit=10000").json()
    assert whole["numberMatched"] == whole["numberReturned"] == len(whole["features"])
    size = max(1, whole["numberMatched"] // 3)
    pages, following = [], f"{url}?limit={size}&skipGeometry=true"
    while following:
        page = get(client, following).json()
        pages.append(page)
        (following,) = links_of(page, "next") or [""]
    ids = [feature["id"] for page in pages for feature in page["features"]]
    assert ids == [feature["id"] for feature in whole["features"]]
    assert all(page["numberMatched"] == len(ids) for page in pages)
    for before, page in itertools.pairwise(pages):
        (back,) = links_of(page, "prev")
        assert get(client, back).json()["features"] == before["features"]


def test_links_of_pages_keep_the_query(client: Asker) -> None:
    query = "plan=point21-cbs&limit=2&sortby=-area_km2&filter=category%3D%27retained%27"
    page = get(client, f"{ITEMS}?{query}").json()
    assert page["numberMatched"] > 2
    (following,) = links_of(page, "next")
    second = get(client, following).json()
    areas = [f["properties"]["area_km2"] for p in (page, second) for f in p["features"]]
    assert areas == sorted(areas, reverse=True) and len(areas) == 4
    assert {f["properties"]["plan"] for f in second["features"]} == {"point21-cbs"}


def test_more_than_the_most_is_no_error(client: Asker) -> None:
    page = get(client, "/ogc/collections/settlements/items?limit=99999999&skipGeometry=true").json()
    assert page["numberReturned"] == min(page["numberMatched"], 10_000)


@pytest.mark.parametrize("box", ["30,45,32,50", "30,45,-100,32,50,100", "37.5,48,37.6,48.1"])
def test_a_box_finds_what_touches_it(client: Asker, box: str) -> None:
    whole = get(client, f"{ITEMS}?limit=1000").json()["features"]
    edges = [float(edge) for edge in box.split(",")]
    drawn = shapely.box(*edges[:2], *edges[len(edges) // 2 :][:2])
    wanted = [f["id"] for f in whole if shapely.geometry.shape(f["geometry"]).intersects(drawn)]
    page = get(client, f"{ITEMS}?bbox={box}&limit=1000").json()
    assert [feature["id"] for feature in page["features"]] == wanted != []


def test_a_box_may_cross_180_degrees(client: Asker) -> None:
    around = get(client, f"{ITEMS}?bbox=39.9,40,22.2,60&limit=1000").json()["features"]
    boxes = ("39.9,40,180,60", "-180,40,22.2,60")
    either = quote(" OR ".join(f"S_INTERSECTS(geometry,BBOX({box}))" for box in boxes))
    expected = get(client, f"{ITEMS}?filter={either}").json()["features"]
    assert [f["id"] for f in around] == [f["id"] for f in expected]
    assert 2 <= len(around) < 10


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", {"2025-11-21"}),
        ("date=2026-08-01", {"2026-08-01"}),
        ("datetime=2026-08-01", {"2026-08-01"}),
        ("datetime=2026-07-31T23:30:00-02:00", {"2026-08-01"}),
        ("datetime=2026-06-15/..", {"2026-07-01", "2026-08-01"}),
        ("datetime=2026-06-15/", {"2026-07-01", "2026-08-01"}),
        ("datetime=../2024-09-01", {"2024-08-01", "2024-09-01"}),
        ("datetime=2025-11-21T00:00:00Z/2025-12-01T12:00:00.5Z", {"2025-11-21", "2025-12-01"}),
        ("datetime=2025-11-22", set()),
        ("date=2025-11-21&datetime=2026-01-01/..", set()),
    ],
)
def test_days_are_chosen(client: Asker, query: str, days: set[str]) -> None:
    page = get(client, f"{ITEMS}?{query}&limit=1000&skipGeometry=true".replace("?&", "?")).json()
    assert {feature["properties"]["date"] for feature in page["features"]} == days
    ids = [feature["id"] for feature in page["features"]]
    assert len(set(ids)) == len(ids) == page["numberMatched"]


def test_features_are_found_by_their_ids(client: Asker) -> None:
    for name in COLLECTIONS:
        page = get(client, f"/ogc/collections/{name}/items?limit=2").json()
        for feature in page["features"]:
            answer = get(client, f"/ogc/collections/{name}/items/{feature['id']}")
            assert answer.headers["content-type"] == "application/geo+json"
            assert answer.headers["content-crs"].startswith("<http://www.opengis.net/def/crs/")
            alone = answer.json()
            alone.pop("links")
            assert alone == feature
    get(client, f"{ITEMS}/UA-14:russia:2026-08-01")
    get(client, f"{ITEMS}/UA-14:russia:2026-08-02", 400)
    get(client, f"{ITEMS}/nothing", 404)


def test_properties_are_asked_for_by_name(client: Asker) -> None:
    page = get(client, f"{ITEMS}?oblast=UA-14&held_by=russia").json()
    assert [feature["id"] for feature in page["features"]] == ["UA-14:russia:2025-11-21"]
    slim = get(client, f"{ITEMS}?oblast=UA-14&properties=area_km2,oblast&skipGeometry=true").json()
    assert [list(f["properties"]) for f in slim["features"]] == [["area_km2", "oblast"]] * 2
    assert {f["geometry"] for f in slim["features"]} == {None}


def test_sorting_puts_what_is_not_known_last(client: Asker) -> None:
    url = "/ogc/collections/settlements/items?limit=10000&skipGeometry=true"
    for sign in ("", "-", "%2B"):
        page = get(client, f"{url}&sortby={sign}population,name_en").json()["features"]
        known = [f["properties"]["population"] for f in page if f["properties"]["population"]]
        assert known == sorted(known, reverse=sign == "-")
        rest = [f["properties"] for f in page[len(known) :]]
        assert {row["population"] for row in rest} <= {None, 0}
        names = [row["name_en"] for row in rest if row["population"] is None]
        assert names == sorted(names)


def test_differences_of_two_settlements(client: Asker) -> None:
    url = "/ogc/collections/differences/items?limit=1000"
    pair = "&a=point21-axios@2025-11-21&b=borders-1991@2025-11-21"
    page = get(client, url + pair).json()
    compared = get(client, "/api/compare?format=geojson" + pair).json()
    ours = {f["id"]: f["properties"]["area_km2"] for f in page["features"]}
    assert ours == {f["id"]: f["properties"]["area_km2"] for f in compared["features"]} != {}
    same = get(client, url + "&a=point21-axios&b=point21-axios").json()
    assert same["numberMatched"] == 0
    held = get(client, url + "&by=held_by").json()["features"]
    assert {f["properties"]["after"] for f in held} <= {"ukraine", "russia"}


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", "at least 1"),
        ("limit=x", "whole number"),
        ("offset=-1", "at least 0"),
        ("bbox=1,2,3", "west,south,east,north"),
        ("bbox=1,50,3,40", "south first"),
        ("bbox=nan,1,2,3", "west,south"),
        ("datetime=yesterday", "RFC 3339"),
        ("datetime=2026-01-01/2025-01-01", "begins before it ends"),
        ("datetime=2025-02-30", "RFC 3339"),
        ("f=xml", "json or html"),
        ("sortby=areas", "Did you mean 'area_km2'|properties of the collection"),
        ("properties=name", "properties of the collection"),
        ("skipGeometry=maybe", "true or false"),
        ("crs=EPSG:3857", "CRS84"),
        ("bbox-crs=EPSG:3857", "CRS84"),
        ("filter-lang=ecql", "cql2-text"),
        ("filter=area_km2%3E", "cql2-text"),
        ("area_km2=large", "a number"),
        ("held_by=rusia", "Did you mean 'russia'"),
        ("plan=x", "There is no plan"),
        ("date=2025-11-22", "no contact line"),
        ("reading=x:y", "no reading"),
        ("source=x", "x"),
        ("plan=point21-cbs&plan=point21-axios", "got several"),
        ("colour=red", "unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_400(client: Asker, query: str, expected: str) -> None:
    answer = get(client, f"{ITEMS}?{query}", 400)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/invalid-query"
    assert re.search(expected, problem["detail"])


def test_what_is_not_there_is_404(client: Asker) -> None:
    assert "Did you mean 'faces'" in get(client, "/ogc/collections/facess", 404).json()["detail"]
    get(client, "/ogc/collections/facess/items", 404)
    get(client, "/ogc/nothing", 404)


# --- for people --------------------------------------------------------------------------------


class Elements(HTMLParser):
    """Gathers what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        named = dict(attrs)
        if tag in {"script", "link", "img", "iframe"}:
            self.loaded += [str(named[name]) for name in ("src", "href") if name in named]


@pytest.mark.parametrize(
    "path",
    [
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        *(f"/ogc/collections/{name}" for name in COLLECTIONS),
        *(f"/ogc/collections/{name}/items" for name in COLLECTIONS),
        "/ogc/collections/faces/queryables",
        f"{ITEMS}/UA-14:russia:2025-11-21",
    ],
)
def test_pages_load_nothing_and_run_nothing(client: Asker, path: str) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = get(client, path, accept=browser)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = Elements()
    page.feed(answer.text)
    assert page.loaded == []
    assert "h1" in page.tags and "html" in page.tags
    if path.endswith("/items") and "not_settled" not in path:
        assert {"svg", "table"} <= set(page.tags)
    assert get(client, path).headers["content-type"] != answer.headers["content-type"]


def test_words_of_a_request_are_not_markup(client: Asker) -> None:
    query = "f=html&name_en=%3Cscript%3Ealert(1)%3C/script%3E"
    assert "<script" not in get(client, f"{ITEMS}?{query}").text
    answer = client.get(f"{ITEMS}?f=html", headers={"host": 'x"><script>'})
    assert "<script" not in answer.text


def test_the_definition_is_shown_from_our_own_files(client: Asker) -> None:
    page = Elements()
    text = get(client, "/ogc/api?f=html").text
    page.feed(text)
    for address in page.loaded:
        assert address.startswith("../assets/docs/") or address.startswith("data:"), address
        if not address.startswith("data:"):
            get(client, "/" + address.removeprefix("../"))
