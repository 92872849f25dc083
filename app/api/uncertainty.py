"""``GET /api/uncertainty``: every area with its interval."""

from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents import uncertainty as estimating
from app.documents.common import CSV_MEDIA_TYPE
from app.errors import InvalidRequestError, ParameterFault
from app.http.dependencies import BOM_PARAMETER, LANGUAGE_PARAMETER, Selected, StrictRoute
from app.http.responses import ERRORS, Format, JSONBytes, keep, keep_json
from app.schemas import uncertainty as uncertaintyschemas
from app.workers.waiting import HEAVY_ERRORS, forward_to_worker

__all__ = ["uncertainty_api"]

uncertainty_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


@uncertainty_api.get(
    "/api/uncertainty",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        **HEAVY_ERRORS,
        200: {
            "model": uncertaintyschemas.UncertainFigures,
            "content": {"text/csv": {"schema": {"type": "string"}}},
        },
    },
)
async def read_uncertainty(
    request: Request,
    selected: Selected,
    draws: Annotated[
        int, Query(ge=estimating.LEAST_DRAWS, description="How often the line is displaced.")
    ] = estimating.DRAWS,
    seed: Annotated[
        int, Query(ge=0, lt=2**63, description="The same seed gives the same figures.")
    ] = estimating.SEED,
    interval: Annotated[
        float,
        Query(ge=0.01, le=0.999, description="Share of the draws between low and high."),
    ] = estimating.INTERVAL,
    uncertainty_km: Annotated[
        float | None,
        Query(
            ge=estimating.LEAST_KM,
            le=estimating.MOST_KM,
            allow_inf_nan=False,
            description="Half-width of the band the line lies in; default: what the line states.",
        ),
    ] = None,
    format: Annotated[Format, Query(description="How it is written.")] = Format.JSON,
) -> Response:
    """Read how far every area can be trusted, given how well the line is known.

    The line is displaced many times along its normal, neighbours together, within its stated
    uncertainty; for each area of the statistics there are mean, standard deviation and interval
    over the draws, and a first-order estimate as a check.
    """
    _check_draws(draws, request.app.state.settings.max_draws)
    brought = await forward_to_worker(request)
    if brought is not None:
        return brought
    work = partial(
        estimating.estimate,
        selected,
        draws=draws,
        seed=seed,
        interval=interval,
        uncertainty_km=uncertainty_km,
    )
    result = await anyio.to_thread.run_sync(work)
    if format is Format.CSV:
        return keep(request, estimating.write_uncertainty_csv(selected, result), CSV_MEDIA_TYPE)
    return keep_json(request, estimating.describe_uncertainty(selected, result))


def _check_draws(draws: int, most: int) -> None:
    if draws > most:
        message = f"Parameter 'draws': expected at most {most}; got {draws}."
        raise InvalidRequestError([ParameterFault("draws", message, str(draws))])
