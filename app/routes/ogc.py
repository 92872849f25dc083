"""``/ogc``: OGC API – Features. Thin: what is answered is made in :mod:`app.ogc`.

That package is imported when something here is asked for first.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.documents.geojson import write_json
from app.errors import INVALID_QUERY, describe_problem
from app.middleware.problem_response import answer_problem
from app.page.render import content_security_policy, render_docs
from geo.errors import SettlementError

if TYPE_CHECKING:
    from app.ogc.links import Links
    from app.ogc.reader import Library

__all__ = ["ogc"]

ogc = APIRouter(include_in_schema=False)

_REPRESENTATIONS: Final = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "application/geo+json": "json",
}
_WEIGHT: Final = re.compile(r";\s*q=([01](?:\.\d{0,3})?)")


_MAKING: Final = Lock()


@dataclass(frozen=True)
class _Asked:
    """A request: its parameters, the representation it wants, and what writes addresses."""

    request: Request
    pairs: Sequence[tuple[str, str]]
    shown: str
    links: "Links"

    @property
    def library(self) -> "Library":
        """The features, read once for all requests."""
        from app.ogc.reader import Library

        state = self.request.app.state
        with _MAKING:
            if not hasattr(state, "ogc_library"):
                state.ogc_library = Library(state.catalogue)
        library: Library = state.ogc_library
        return library


Describe = Callable[[_Asked], Mapping[str, Any]]


def _answer(
    request: Request,
    describe: Describe,
    *trail: str,
    media_type: str = "application/json",
    known: Sequence[str] | None = (),
) -> Response:
    """Answer a request; a fault of the query is 400, as OGC API – Features says."""
    from app.ogc.collections import UnknownCollectionError
    from app.ogc.items import UnknownFeatureError
    from app.ogc.query import CRS84

    try:
        asked = _understand(request, known)
        document = describe(asked)
    except (UnknownCollectionError, UnknownFeatureError):
        raise
    except SettlementError as error:
        problem = describe_problem(error)
        if problem.kind.status >= 500:
            raise
        return answer_problem(request, replace(problem, kind=INVALID_QUERY))
    headers = {"cache-control": "no-cache", "vary": "Accept"}
    if "items" in trail:
        headers["content-crs"] = f"<{CRS84}>"
    if asked.shown == "json":
        return Response(write_json(dict(document)), media_type=media_type, headers=headers)
    from app.ogc.html import render_page

    page = render_page(document, base=asked.links.base, trail=trail)
    return _send_page(page, headers)


def _send_page(page: str, headers: Mapping[str, str]) -> Response:
    policy = {"content-security-policy": content_security_policy(page)}
    return Response(page, media_type="text/html; charset=utf-8", headers={**headers, **policy})


def _understand(request: Request, known: Sequence[str] | None) -> _Asked:
    """Read a request; ``known`` are parameters besides those known everywhere, None checks none."""
    from app.ogc.collections import SELECTORS
    from app.ogc.links import Links
    from app.ogc.query import check_crs, check_names

    pairs = request.query_params.multi_items()
    if known is not None:
        given = check_names(pairs, ("f", *known, *SELECTORS))
        check_crs("crs", given.get("crs"))
    base = f"{str(request.base_url).rstrip('/')}/ogc"
    return _Asked(request, pairs, _representation(request), Links.of(base, pairs))


def _representation(request: Request) -> str:
    """Choose JSON or HTML: what ``f`` says, or what is accepted rather."""
    from app.ogc.query import parse_representation

    wanted = parse_representation(request.query_params.get("f"))
    if wanted is not None:
        return wanted
    weights = {"json": 0.0, "html": 0.0}
    for member in request.headers.get("accept", "").split(","):
        name = _REPRESENTATIONS.get(member.split(";")[0].strip().lower())
        if name is not None:
            found = _WEIGHT.search(member)
            weights[name] = max(weights[name], float(found[1]) if found else 1.0)
    return "html" if weights["html"] > weights["json"] else "json"


@ogc.get("/ogc")
@ogc.get("/ogc/")
def read_landing_page(request: Request) -> Response:
    """Say where everything is."""
    from app.ogc.documents import describe_landing_page

    return _answer(request, lambda asked: describe_landing_page(asked.links, shown=asked.shown))


@ogc.get("/ogc/conformance")
def read_conformance(request: Request) -> Response:
    """List the parts of the standards that hold."""
    from app.ogc.documents import describe_conformance

    return _answer(
        request,
        lambda asked: describe_conformance(asked.links, shown=asked.shown),
        "conformance",
    )


@ogc.get("/ogc/api")
def read_definition(request: Request) -> Response:
    """Define the API (OpenAPI 3.0), or show the definition."""
    from app.ogc.links import OPENAPI
    from app.ogc.openapi import describe_api

    if request.query_params.get("f") == "html":
        page = render_docs(
            title="point21: OGC API – Features",
            openapi_url="api?f=json",
            assets_url="../assets/docs",
        )
        return _send_page(page, {})
    return _answer(
        request, lambda asked: describe_api(replace(asked.links, kept=())), media_type=OPENAPI
    )


@ogc.get("/ogc/collections")
def read_collections(request: Request) -> Response:
    """List the collections."""
    from app.ogc.collections import COLLECTIONS
    from app.ogc.documents import describe_collections
    from app.ogc.query import parse_chosen

    def describe(asked: _Asked) -> Mapping[str, Any]:
        chosen = {name: parse_chosen(item, asked.pairs) for name, item in COLLECTIONS.items()}
        return describe_collections(asked.library, chosen, asked.links, shown=asked.shown)

    return _answer(request, describe, "collections")


@ogc.get("/ogc/collections/{name}")
def read_collection(request: Request, name: str) -> Response:
    """Describe a collection: extent, what it is of, sources and licences."""
    from app.ogc.collections import find_collection
    from app.ogc.documents import describe_collection
    from app.ogc.query import parse_chosen

    def describe(asked: _Asked) -> Mapping[str, Any]:
        collection = find_collection(name)
        chosen = parse_chosen(collection, asked.pairs)
        return describe_collection(
            asked.library, collection, chosen, asked.links, shown=asked.shown
        )

    return _answer(request, describe, "collections", name)


@ogc.get("/ogc/collections/{name}/queryables")
def read_queryables(request: Request, name: str) -> Response:
    """Describe the properties that can be asked for (JSON Schema)."""
    from app.ogc.collections import find_collection
    from app.ogc.documents import describe_queryables
    from app.ogc.links import SCHEMA

    def describe(asked: _Asked) -> Mapping[str, Any]:
        return describe_queryables(find_collection(name), asked.links, shown=asked.shown)

    return _answer(request, describe, "collections", name, "queryables", media_type=SCHEMA)


@ogc.get("/ogc/collections/{name}/items")
def read_items(request: Request, name: str) -> Response:
    """Read features, page by page (GeoJSON)."""
    from app.ogc.collections import find_collection
    from app.ogc.items import describe_items
    from app.ogc.links import GEOJSON
    from app.ogc.query import parse_query

    def describe(asked: _Asked) -> Mapping[str, Any]:
        collection = find_collection(name)
        query = parse_query(collection, asked.pairs)
        return describe_items(
            asked.library, collection, query, asked.links, asked.pairs, shown=asked.shown
        )

    return _answer(request, describe, "collections", name, "items", media_type=GEOJSON, known=None)


@ogc.get("/ogc/collections/{name}/items/{feature_id}")
def read_item(request: Request, name: str, feature_id: str) -> Response:
    """Read one feature (GeoJSON)."""
    from app.ogc.collections import find_collection
    from app.ogc.items import describe_item
    from app.ogc.links import GEOJSON
    from app.ogc.query import parse_item_chosen

    def describe(asked: _Asked) -> Mapping[str, Any]:
        collection = find_collection(name)
        chosen = parse_item_chosen(collection, feature_id, asked.pairs)
        return describe_item(
            asked.library, collection, feature_id, chosen, asked.links, shown=asked.shown
        )

    return _answer(request, describe, "collections", name, "items", feature_id, media_type=GEOJSON)
