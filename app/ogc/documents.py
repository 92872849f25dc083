"""Landing page, conformance, collections and queryables of ``/ogc``."""

from typing import Any, Final

from app.cql2.feature_table import bounds_of
from app.cql2.fields import GEOMETRY, describe_field, describe_geometry
from app.documents.common import METHOD, NEUTRALITY_NOTE, join_credits
from app.ogc.collections import COLLECTIONS, Collection
from app.ogc.links import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Links
from app.ogc.query import CRS84
from app.ogc.reader import Chosen, Library

__all__ = [
    "CONFORMANCE",
    "TITLE",
    "describe_collection",
    "describe_collections",
    "describe_conformance",
    "describe_landing_page",
    "describe_queryables",
]

TITLE: Final = "point21: OGC API – Features"
DESCRIPTION: Final = (
    "What the territorial clauses of a published proposal mean on the map. " + NEUTRALITY_NOTE
)
_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_FILTERING: Final = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"
_QUERYABLES: Final = "http://www.opengis.net/def/rel/ogc/1.0/queryables"

CONFORMANCE: Final = (
    *(f"{_FEATURES}{name}" for name in ("core", "oas30", "html", "geojson")),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    *(
        f"{_FILTERING}{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_CQL2}{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
)
"""The classes that hold. Sorting (``sortby``) is on offer too, but its standard is a draft."""


def describe_landing_page(links: Links, *, shown: str = "json") -> dict[str, Any]:
    """Say where everything is."""
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "attribution": "point21",
        "links": [
            *links.both(JSON, shown=shown),
            links.link("service-desc", OPENAPI, "Definition of the API (OpenAPI 3.0)", "api"),
            links.link("service-doc", HTML, "The same for people", "api", query=[("f", "html")]),
            links.link("conformance", JSON, "Parts of the standards that hold", "conformance"),
            links.link("data", JSON, "Collections of features", "collections"),
        ],
    }


def describe_conformance(links: Links, *, shown: str = "json") -> dict[str, Any]:
    """List the parts of the standards that hold."""
    return {
        "title": "Conformance",
        "conformsTo": list(CONFORMANCE),
        "links": links.both(JSON, "conformance", shown=shown),
    }


def describe_collections(
    library: Library, chosen: dict[str, Chosen], links: Links, *, shown: str = "json"
) -> dict[str, Any]:
    """List the collections; ``chosen`` says what is read of each."""
    return {
        "title": "Collections",
        "links": links.both(JSON, "collections", shown=shown),
        "collections": [
            describe_collection(library, collection, chosen[collection.id], links, listed=True)
            for collection in COLLECTIONS.values()
        ],
    }


def describe_collection(
    library: Library,
    collection: Collection,
    chosen: Chosen,
    links: Links,
    *,
    shown: str = "json",
    listed: bool = False,
) -> dict[str, Any]:
    """Describe a collection: extent, what it is of, sources and licences.

    Parameters
    ----------
    library
        Whose features they are.
    collection
        The collection.
    chosen
        What is read of it.
    links
        Writes addresses.
    shown
        The representation that asks, ``json`` or ``html``.
    listed
        Whether it stands in the list of all, where nothing is ``self``.
    """
    sources = library.sources(collection, chosen)
    here = links.both(JSON, "collections", collection.id, shown=shown)
    licences = {source["licence_url"]: source["licence"] for source in sources}
    return {
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "itemType": "feature",
        "extent": _extent(library, collection, chosen),
        "crs": [CRS84],
        "storageCrs": CRS84,
        "license": "; ".join(dict.fromkeys(licences.values())),
        "attribution": join_credits(sources),
        "identity": library.identity(collection, chosen),
        "method": METHOD,
        "sources": sources,
        "links": [
            *([] if listed else here),
            *_links_to_features(collection, links),
            *_licences(licences),
        ],
    }


def _links_to_features(collection: Collection, links: Links) -> list[dict[str, str]]:
    path = ("collections", collection.id)
    return [
        links.link("items", GEOJSON, "Features as GeoJSON", *path, "items"),
        links.link("items", HTML, "Features for people", *path, "items", query=[("f", "html")]),
        links.link(_QUERYABLES, SCHEMA, "Properties that can be asked for", *path, "queryables"),
        links.link("collection", JSON, "This collection", *path),
    ]


def _licences(licences: dict[str, str]) -> list[dict[str, str]]:
    return [{"href": url, "rel": "license", "title": name} for url, name in licences.items() if url]


def _extent(library: Library, collection: Collection, chosen: Chosen) -> dict[str, Any]:
    """Give the box of the features that are read when no more is asked for, and all their days."""
    extent: dict[str, Any] = {}
    table = library.read(collection, chosen)
    if len(table):
        extent["spatial"] = {"bbox": [bounds_of(table).tolist()], "crs": CRS84}
    days = library.days(chosen)
    if collection.is_temporal and days:
        ends = [
            f"{day.isoformat()}T{time}Z"
            for day, time in ((days[0], "00:00:00"), (days[-1], "23:59:59"))
        ]
        extent["temporal"] = {
            "interval": [ends],
            "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
        }
    return extent


def describe_queryables(
    collection: Collection, links: Links, *, shown: str = "json"
) -> dict[str, Any]:
    """Describe the properties of features that can be asked for, as JSON Schema."""
    path = ("collections", collection.id, "queryables")
    properties: dict[str, Any] = {GEOMETRY: describe_geometry(collection.shape)}
    properties |= {field.name: describe_field(field) for field in collection.fields}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": links.url(*path),
        "type": "object",
        "title": collection.title,
        "description": collection.description,
        "properties": properties,
        "additionalProperties": False,
    }
    return (
        document
        if shown == "json"
        else {**document, "links": links.both(SCHEMA, *path, shown=shown)}
    )
