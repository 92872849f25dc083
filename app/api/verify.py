"""``GET /api/verify``: our figures beside published ones."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.documents.verification import check_figures, describe_checks
from app.http.dependencies import (
    LANGUAGE_PARAMETER,
    CatalogueUsing,
    DateQuery,
    StrictRoute,
    WhichDay,
)
from app.http.responses import ERRORS, JSONBytes, keep_json
from app.parameters import parse_date
from app.schemas import verification as verifyschemas

__all__ = ["verify_api"]

verify_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


@verify_api.get("/api/verify", tags=["scenario"], responses={200: {"model": verifyschemas.Checks}})
def read_checks(
    request: Request,
    catalogue: CatalogueUsing,
    nearest: WhichDay,
    date: DateQuery = None,
) -> Response:
    """Read our figures beside published ones: difference, and whether definitions explain it.

    Without `date` each figure is compared on the line nearest to its own day. A figure of a day
    more than 31 days away from that of the line is measured but not judged.
    """
    figures = catalogue.published
    checks = check_figures(catalogue, figures, parse_date(date), nearest=nearest)
    return keep_json(request, describe_checks(catalogue, figures, checks))
