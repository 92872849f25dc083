"""OpenAPI 3.0 definition of ``/ogc``."""

from typing import Any, Final

from app.cql2.fields import Field, describe_field
from app.cql2.filters import MOST_CHARACTERS
from app.ogc.collections import COLLECTIONS, SELECTORS, Collection, Selector
from app.ogc.documents import DESCRIPTION, TITLE
from app.ogc.links import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, Links
from app.ogc.query import CRS84, DEFAULT_LIMIT, FILTER_LANGUAGES, MOST_ITEMS, REPRESENTATIONS
from app.version import program_version

__all__ = ["describe_api"]


def _parameter(name: str, description: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        **more,
    }


def _crs(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84}
    return _parameter(name, description, schema)


_LIST: Final = {"style": "form", "explode": False}
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "f": _parameter(
        "f",
        "Representation; by default what the Accept header prefers.",
        {"type": "string", "enum": list(REPRESENTATIONS)},
    ),
    "limit": _parameter(
        "limit",
        f"How many features a page has. More than {MOST_ITEMS} count as {MOST_ITEMS}.",
        {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_LIMIT},
        **_LIST,
    ),
    "offset": _parameter(
        "offset",
        "How many features come before the page.",
        {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
        **_LIST,
    ),
    "bbox": _parameter(
        "bbox",
        "Features that share at least a point with the box: west, south, east, north in degrees.",
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        **_LIST,
    ),
    "datetime": _parameter(
        "datetime",
        "A day or an interval of days, such as 2026-01-01/2026-03-31 or 2026-01-01/.. (RFC 3339).",
        {"type": "string"},
        **_LIST,
    ),
    "filter": _parameter(
        "filter", "A filter in CQL2.", {"type": "string", "maxLength": MOST_CHARACTERS}
    ),
    "filter-lang": _parameter(
        "filter-lang",
        "How the filter is written.",
        {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]},
    ),
    "filter-crs": _crs("filter-crs", "Reference system of geometries in the filter."),
    "crs": _crs("crs", "Reference system of the features."),
    "bbox-crs": _crs("bbox-crs", "Reference system of the box."),
    "sortby": _parameter(
        "sortby",
        "Properties to sort by; a minus in front sorts from high to low.",
        {"type": "array", "minItems": 1, "items": {"type": "string"}},
        **_LIST,
    ),
    "properties": _parameter(
        "properties",
        "Properties that the features carry; by default all.",
        {"type": "array", "items": {"type": "string"}},
        **_LIST,
    ),
    "skipGeometry": _parameter(
        "skipGeometry", "Leave the geometry out.", {"type": "boolean", "default": False}
    ),
}


def _selector(selector: Selector) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if selector.repeatable:
        schema = {"type": "array", "items": schema}
    if selector.name == "date":
        schema["format"] = "date"
    return _parameter(selector.name, selector.description, schema, style="form", explode=True)


def _queryable(field: Field) -> dict[str, Any]:
    schema = {name: value for name, value in describe_field(field).items() if name in _OF_SCHEMA}
    return _parameter(
        field.name, f"Only features of which this is the value: {field.title}.", schema
    )


_OF_SCHEMA: Final = ("type", "format", "enum")


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _answers(media_type: str, schema: str, description: str) -> dict[str, Any]:
    json_schema = {"$ref": f"#/components/schemas/{schema}"}
    problem = {"$ref": "#/components/responses/problem"}
    return {
        "200": {
            "description": description,
            "content": {
                media_type: {"schema": json_schema},
                HTML: {"schema": {"type": "string"}},
            },
        },
        "400": problem,
        "404": problem,
    }


def _get(
    operation: str, summary: str, parameters: list[Any], answers: dict[str, Any]
) -> dict[str, Any]:
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [_reference("f"), *parameters],
            "responses": answers,
        }
    }


def describe_api(links: Links) -> dict[str, Any]:
    """Define the API.

    Parameters
    ----------
    links
        Writes addresses.

    Returns
    -------
    dict
        An OpenAPI 3.0 document.
    """
    everything = [_reference(name) for name in SELECTORS]
    paths = {
        "/": _get("landing", "Landing page", everything, _answers(JSON, "document", "Links.")),
        "/api": _get(
            "definition", "This document", everything, _answers(OPENAPI, "document", "OpenAPI 3.0.")
        ),
        "/conformance": _get(
            "conformance",
            "Parts of the standards that hold",
            everything,
            _answers(JSON, "document", "The classes."),
        ),
        "/collections": _get(
            "collections", "Collections", everything, _answers(JSON, "document", "Collections.")
        ),
    }
    for collection in COLLECTIONS.values():
        paths |= _paths_of(collection)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": TITLE,
            "version": program_version(),
            "description": DESCRIPTION,
            "license": {"name": "MIT (code); data licences are stated with the collections"},
        },
        "servers": [{"url": links.base}],
        "paths": paths,
        "components": {
            "parameters": {
                **_PARAMETERS,
                **{name: _selector(selector) for name, selector in SELECTORS.items()},
            },
            "responses": {"problem": _PROBLEM},
            "schemas": _SCHEMAS,
        },
    }


def _paths_of(collection: Collection) -> dict[str, Any]:
    path = f"/collections/{collection.id}"
    chosen = [_reference(name) for name in SELECTORS]
    asked = [_reference(name) for name in (*_PARAMETERS, *SELECTORS) if name != "f"]
    asked += [_queryable(field) for field in collection.fields if field.name not in SELECTORS]
    feature_id = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "description": "Id of a feature.",
        "schema": {"type": "string"},
    }
    name = collection.id
    return {
        path: _get(
            f"{name}_about", collection.title, chosen, _answers(JSON, "document", "The collection.")
        ),
        f"{path}/queryables": _get(
            f"{name}_queryables",
            f"{collection.title}: properties",
            chosen,
            _answers(SCHEMA, "document", "JSON Schema."),
        ),
        f"{path}/items": _get(
            f"{name}_items",
            f"{collection.title}: features",
            asked,
            _answers(GEOJSON, "featureCollection", "A page of features."),
        ),
        f"{path}/items/{{featureId}}": _get(
            f"{name}_item",
            f"{collection.title}: one feature",
            [feature_id, _reference("crs"), *chosen],
            _answers(GEOJSON, "feature", "A feature."),
        ),
    }


_PROBLEM: Final = {
    "description": "What was expected, what was found and what is valid (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
}
_LINK_LIST: Final = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {name: {"type": "string"} for name in ("href", "rel", "type", "title")},
    },
}
_SCHEMAS: Final[dict[str, Any]] = {
    "document": {"type": "object"},
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    },
    "feature": {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object"},
            "links": _LINK_LIST,
        },
    },
    "featureCollection": {
        "type": "object",
        "required": ["type", "features", "links", "numberMatched", "numberReturned"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
            "links": _LINK_LIST,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
}
