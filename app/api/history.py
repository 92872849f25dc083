"""``GET /api/history``: a plan on every day."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents import history as recounting
from app.documents.common import CSV_MEDIA_TYPE
from app.http.dependencies import (
    BOM_PARAMETER,
    LANGUAGE_PARAMETER,
    CatalogueUsing,
    PlanQuery,
    ReadingQuery,
    StrictRoute,
)
from app.http.responses import ERRORS, Format, JSONBytes, keep, keep_json
from app.parameters import parse_readings
from app.schemas.history import HistoryOfPlan
from geo.statistics.tables import By

__all__ = ["history_api"]

history_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


class HistoryBy(StrEnum):
    """Rows of a history for each day."""

    OBLAST_CATEGORY = "oblast,category"
    CATEGORY = "category"
    OBLAST = "oblast"


_DATE = {"format": "date"}


@history_api.get(
    "/api/history",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        200: {"model": HistoryOfPlan, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
def read_history(
    request: Request,
    catalogue: CatalogueUsing,
    plan: PlanQuery = None,
    first: Annotated[
        str | None,
        Query(
            alias="from",
            description="First day. Default: the first that has a line.",
            json_schema_extra=_DATE,
            examples=["2025-11-01"],
        ),
    ] = None,
    last: Annotated[
        str | None,
        Query(
            alias="to",
            description="Last day, included. Default: the last that has a line.",
            json_schema_extra=_DATE,
            examples=["2026-01-01"],
        ),
    ] = None,
    by: Annotated[
        HistoryBy, Query(description="What there is one row for, besides the day.")
    ] = HistoryBy.OBLAST_CATEGORY,
    reading: ReadingQuery = None,
    format: Annotated[Format, Query(description="How it is written.")] = Format.JSON,
) -> Response:
    """Read the figures of a plan on every day that has a line, as JSON or CSV (RFC 4180).

    A day that cannot be measured is listed in `failed` with the reason; the others are there.
    """
    found = recounting.cached_history(
        catalogue,
        plan,
        period=recounting.parse_period(first, last),
        by=By(by.value),
        readings=parse_readings(reading),
    )
    if format is Format.JSON:
        return keep_json(request, recounting.describe_history(found))
    name = recounting.name_history(found)
    headers = {"content-disposition": f'inline; filename="{name}.csv"'}
    return keep(request, recounting.write_history_csv(found), CSV_MEDIA_TYPE, headers)
