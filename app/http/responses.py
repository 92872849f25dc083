"""Responses of endpoints: documents that are written already, kept by the cache."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from app.documents import common as documents
from app.documents.geojson import MEDIA_TYPE, write_json
from app.i18n.localise import translate_document
from app.middleware.response_cache import KEEP
from app.page.render import content_security_policy
from app.schemas import common as schemas

__all__ = [
    "ERRORS",
    "Format",
    "GeoJSONBytes",
    "JSONBytes",
    "keep",
    "keep_geojson",
    "keep_json",
    "keep_page",
    "root_path",
]


HTML: Final = "text/html; charset=utf-8"


class JSONBytes(Response):
    """A document that is already written."""

    media_type = "application/json"


class GeoJSONBytes(Response):
    """A GeoJSON document that is already written."""

    media_type = MEDIA_TYPE


class Format(StrEnum):
    """Format of a table."""

    JSON = "json"
    CSV = "csv"


ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    429: {
        "model": schemas.Problem,
        "description": "Too many answers are being made at once; try again.",
    },
    404: {
        "model": schemas.Problem,
        "description": "What was asked for does not exist; `valid` lists what does.",
    },
    422: {
        "model": schemas.Problem,
        "description": "Parameters cannot be used; `errors` lists every fault.",
    },
}


def root_path(request: Request) -> str:
    """Return the path under which a proxy serves the program; empty where there is none."""
    prefix: str = request.scope.get("root_path", "")
    return prefix


def keep(
    request: Request,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make a response that the layer of prepared answers keeps."""
    if media_type == documents.CSV_MEDIA_TYPE and getattr(request.state, "bom", False):
        body = BOM_UTF8 + body
    max_age_s = request.app.state.settings.max_age_s
    cache = {"cache-control": f"public, max-age={max_age_s}, must-revalidate", KEEP.decode(): "1"}
    return Response(body, media_type=media_type, headers={**cache, **(headers or {})})


def keep_json(request: Request, document: dict[str, Any]) -> Response:
    """Keep a JSON document, in the language asked for."""
    headers, spoken = translate_document(request, document)
    return keep(request, write_json(spoken), JSONBytes.media_type, headers)


def keep_geojson(request: Request, document: dict[str, Any]) -> Response:
    """Keep a GeoJSON document, in the language asked for."""
    headers, spoken = translate_document(request, document)
    return keep(request, write_json(spoken), MEDIA_TYPE, headers)


def keep_page(request: Request, page: str, *, ancestors: str = "'self'") -> Response:
    """Keep a page, with the policy that allows its own scripts and no others."""
    headers = {"content-security-policy": content_security_policy(page, ancestors=ancestors)}
    if not request.url.query:
        headers["vary"] = "Accept-Language"
    return keep(request, page.encode(), HTML, headers)
