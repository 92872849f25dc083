"""``GET /api/compare``: two settlements side by side."""

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents import compare as comparing
from app.documents.common import CSV_MEDIA_TYPE
from app.documents.geojson import MEDIA_TYPE
from app.errors import InvalidRequestError, ParameterFault
from app.http.dependencies import (
    BOM_PARAMETER,
    LANGUAGE_PARAMETER,
    CatalogueOf,
    StrictRoute,
    WhichDay,
)
from app.http.responses import ERRORS, JSONBytes, keep, keep_geojson, keep_json, root_path
from app.schemas import compare as compareschemas
from geo.comparison.compare import CompareBy

__all__ = ["compare_api"]

compare_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


class CompareFormat(StrEnum):
    """Format of a comparison."""

    JSON = "json"
    CSV = "csv"
    GEOJSON = "geojson"


def _settlement(name: str, example: str) -> Any:  # noqa: ANN401
    return Query(
        description=f"Settlement {name}, written PLAN@DATE~CHOICES; each part may be left out.",
        min_length=1,
        max_length=1000,
        examples=[example],
    )


@compare_api.get(
    "/api/compare",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        200: {
            "model": compareschemas.ComparedSettlements,
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                MEDIA_TYPE: {"schema": {"type": "object"}},
            },
        }
    },
)
def compare(
    request: Request,
    catalogue: CatalogueOf,
    nearest: WhichDay,
    a: Annotated[str, _settlement("a", "point21-axios@2025-11-21")],
    b: Annotated[str, _settlement("b", "point21-cbs@2026-08-01")],
    by: Annotated[
        CompareBy, Query(description="Table of the CSV; kind of difference of the GeoJSON.")
    ] = CompareBy.CATEGORY,
    format: Annotated[CompareFormat, Query(description="How it is written.")] = CompareFormat.JSON,
    totals: Annotated[
        bool, Query(description="Add to the matrix of a CSV its sums, which it has not by itself.")
    ] = False,
) -> Response:
    """Compare two settlements that differ in plan, date, source or reading.

    JSON has everything but geometry: transfer matrices of category, holder, recognition and forces
    allowed (rows are what land is in `a`, columns what it is in `b`), what differs by oblast, and
    the settlements that differ. CSV has one table, chosen with `by`. GeoJSON has the land that
    differs, one feature for each oblast and pair of categories (holders, with `by=held_by`, …).
    """
    valid = tuple(kind.value for kind in comparing.Differing)
    if format is CompareFormat.GEOJSON and by.value not in valid:
        message = f"Parameter 'by': GeoJSON shows {', '.join(valid)}; got {by.value!r}."
        raise InvalidRequestError([ParameterFault("by", message, by.value, valid)])
    compared = comparing.compare_selections(catalogue.using, a, b, nearest=nearest)
    if format is CompareFormat.GEOJSON:
        differing = comparing.Differing(by.value)
        return keep_geojson(request, comparing.describe_differences(compared, differing))
    if format is CompareFormat.JSON:
        return keep_json(request, comparing.describe_comparison(compared))
    query = urlencode({"a": a, "b": b}, safe="@~:,")
    link = f"{root_path(request)}/api/compare?{query}"
    headers = {
        "content-disposition": f'inline; filename="compare_{by.value}.csv"',
        "link": f'<{link}>; rel="describedby"; type="application/json"',
    }
    return keep(
        request,
        comparing.write_comparison_csv(compared, by, totals=totals),
        CSV_MEDIA_TYPE,
        headers,
    )
