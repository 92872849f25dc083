"""``/catalog`` and ``/dataset.jsonld``: for data catalogues and search engines."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.documents.geojson import write_json
from app.http.dependencies import CatalogueOf, Selected, StrictRoute
from app.http.responses import ERRORS, keep

__all__ = ["metadata_api"]

LINKED_DATA: Final = "application/ld+json"


class _LinkedData(Response):
    media_type = LINKED_DATA


metadata_api = APIRouter(
    route_class=StrictRoute, default_response_class=_LinkedData, responses=ERRORS
)

_OBJECT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "JSON-LD 1.1.",
        "content": {LINKED_DATA: {"schema": {"type": "object"}}},
    }
}


@metadata_api.get("/catalog", tags=["service"], responses=_OBJECT)
def read_catalog(request: Request, catalogue: CatalogueOf) -> Response:
    """List every plan on every day with data version, licence and files (DCAT 3)."""
    from app.export.dcat import describe_catalog

    return keep(request, write_json(describe_catalog(catalogue)), LINKED_DATA)


@metadata_api.get("/dataset.jsonld", tags=["service"], responses=_OBJECT)
def read_dataset(request: Request, selected: Selected) -> Response:
    """Describe a plan on a day with its files (schema.org/Dataset)."""
    from app.export.dcat import describe_dataset

    return keep(request, write_json(describe_dataset(selected)), LINKED_DATA)
