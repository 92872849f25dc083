"""``GET /api/readings``: what a text leaves open, and what the figures depend on."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents.common import CSV_MEDIA_TYPE
from app.documents.readings import describe_readings, write_readings_csv
from app.http.dependencies import (
    BOM_PARAMETER,
    LANGUAGE_PARAMETER,
    CatalogueUsing,
    DateQuery,
    PlanQuery,
    ReadingQuery,
    StrictRoute,
    WhichDay,
)
from app.http.responses import ERRORS, Format, JSONBytes, keep, keep_json
from app.parameters import parse_date, parse_readings
from app.schemas import readings as readingschemas

__all__ = ["readings_api"]

readings_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


@readings_api.get(
    "/api/readings",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        200: {
            "model": readingschemas.Readings,
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    },
)
def read_readings(
    request: Request,
    catalogue: CatalogueUsing,
    nearest: WhichDay,
    plan: PlanQuery = None,
    date: DateQuery = None,
    reading: ReadingQuery = None,
    format: Annotated[Format, Query(description="How it is written.")] = Format.JSON,
) -> Response:
    """Read what a plan leaves open, and the range of every figure over all its readings.

    For each figure: the default, low and high with the combination of readings that gives them,
    and what each option contributes alone. A `reading` that is given is held, the others are
    varied. CSV has one row for each figure.
    """
    selection, found = catalogue.explore(
        plan, parse_date(date), nearest=nearest, readings=parse_readings(reading)
    )
    if format is Format.CSV:
        return keep(request, write_readings_csv(selection, found), CSV_MEDIA_TYPE)
    return keep_json(request, describe_readings(selection, found))
