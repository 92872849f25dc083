"""``GET /api/band``: one plan over several sources of the line."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents import band as banding
from app.documents.common import CSV_MEDIA_TYPE
from app.documents.geojson import MEDIA_TYPE
from app.http.dependencies import (
    BOM_PARAMETER,
    LANGUAGE_PARAMETER,
    BoundariesQuery,
    CatalogueOf,
    DateQuery,
    PlanQuery,
    ReadingQuery,
    StrictRoute,
    WhichDay,
)
from app.http.responses import ERRORS, JSONBytes, keep, keep_geojson, keep_json
from app.parameters import parse_date, parse_readings
from app.schemas import uncertainty as uncertaintyschemas
from geo.analysis.source_spread import BandBy

__all__ = ["band_api"]

band_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


class BandFormat(StrEnum):
    """Format of a band."""

    JSON = "json"
    CSV = "csv"
    GEOJSON = "geojson"


@band_api.get(
    "/api/band",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        200: {
            "model": uncertaintyschemas.Band,
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                MEDIA_TYPE: {"schema": {"type": "object"}},
            },
        }
    },
)
def read_band(
    request: Request,
    catalogue: CatalogueOf,
    nearest: WhichDay,
    plan: PlanQuery = None,
    date: DateQuery = None,
    reading: ReadingQuery = None,
    boundaries: BoundariesQuery = None,
    sources: Annotated[
        str | None,
        Query(
            max_length=500,
            description="Two or more sources of the line, separated by commas: `observations` and "
            "what the operator has configured. Default: all of them.",
        ),
    ] = None,
    by: Annotated[BandBy, Query(description="What the table has one row for.")] = BandBy.FIGURE,
    format: Annotated[BandFormat, Query(description="How it is written.")] = BandFormat.JSON,
) -> Response:
    """Read the same plan over several sources of the line, side by side.

    JSON and CSV have one table: `figure` (lowest and highest of each area, and whose), `source`
    (each area for each source), `oblast` (disputed land). GeoJSON has the land of which the
    sources name different holders, with the holder according to each.
    """
    banded = banding.find_band(
        catalogue,
        banding.parse_sources(None if sources is None else sources.split(","), catalogue),
        plan_id=plan,
        day=parse_date(date),
        nearest=nearest,
        readings=parse_readings(reading),
        boundaries=boundaries,
    )
    if format is BandFormat.GEOJSON:
        return keep_geojson(request, banding.describe_disputed(banded))
    if format is BandFormat.CSV:
        return keep(request, banding.write_band_csv(banded, by), CSV_MEDIA_TYPE)
    return keep_json(request, banding.describe_band(banded, by))
