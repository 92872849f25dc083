"""``GET /api/sources``: whose lines and whose oblasts can be chosen."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.documents.sources import describe_sources
from app.http.dependencies import LANGUAGE_PARAMETER, CatalogueOf, StrictRoute
from app.http.responses import ERRORS, JSONBytes, keep_json
from app.schemas import common as schemas

__all__ = ["sources_api"]

sources_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


@sources_api.get("/api/sources", tags=["lines"], responses={200: {"model": schemas.Sources}})
def list_sources(request: Request, catalogue: CatalogueOf) -> Response:
    """List whose lines (`source=`) and whose oblasts (`boundaries=`) can be chosen.

    Ours come first and are the default; the others are those that the operator has configured.
    """
    return keep_json(request, describe_sources(catalogue))
