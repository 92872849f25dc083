"""``POST /api/what-if``: a user's own line and plan; nothing is kept."""

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.errors import UNSUPPORTED_MEDIA_TYPE, Problem
from app.http.dependencies import LANGUAGE_PARAMETER, StrictRoute
from app.http.responses import JSONBytes
from app.i18n.localise import translate_bytes
from app.middleware.problem_response import answer_problem
from app.middleware.request_bodies import BodyRefusedError, RequestBodies
from app.schemas import what_if as what_if_schemas
from app.workers.pool import WorkerPool
from app.workers.waiting import refuse, wait_for
from geo.arguments import show

__all__ = ["what_if_api"]

_JSON: Final = "application/json"
_AS_IT_IS: Final = "identity"
"""The only content coding (RFC 9110, section 8.4) in which a body is read."""
_IN_PIECES: Final = "chunked"
"""The only transfer coding (RFC 9112, section 7)."""

_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": what_if_schemas.BodyProblem, "description": text}
    for status, text in (
        (400, "The body is no JSON object."),
        (408, "The body did not arrive in time."),
        (404, "There is no such plan, or no line to compare with."),
        (413, "More was sent than is allowed; `limit` names what."),
        (415, "The body is not `application/json`, or is compressed."),
        (422, "The plan or the line cannot be used; `errors` lists every fault with its place."),
        (429, "Too many what-ifs at once; try again."),
        (503, "It cannot be computed now; try again."),
    )
}

what_if_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=_PROBLEMS,
    dependencies=LANGUAGE_PARAMETER,
)


@what_if_api.post(
    "/api/what-if",
    tags=["scenario"],
    responses={200: {"model": what_if_schemas.WhatIfAnswer}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": what_if_schemas.REQUEST_SCHEMA,
                    "examples": {"moved": {"value": what_if_schemas.REQUEST_EXAMPLE}},
                }
            },
        }
    },
)
async def ask_what_if(request: Request) -> Response:
    """Apply a plan to a line, either of them your own; nothing is kept.

    `plan` is the id of a plan or a whole plan (as JSON, or as TOML in a string); `line` is a line
    of contact as GeoJSON, or an area of Russian control as polygons; `shift` moves the line. Each
    may be left out. The answer has all tables, the layers, and the difference from the reference:
    the same plan on the line known for that day, unless `reference` names another.
    """
    refusal = _refuse_kind(request)
    if refusal is not None:
        return refusal
    bodies: RequestBodies = request.app.state.bodies
    try:
        body = await bodies.read(request)
    except BodyRefusedError as error:
        return refuse(request, error.problem)
    pool: WorkerPool = request.app.state.what_if_pool
    answer = await wait_for(request, lambda: pool.submit(body))
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, bytes):
        headers, spoken = await asyncio.to_thread(translate_bytes, request, answer)
        return JSONBytes(spoken, headers={**headers, "cache-control": "no-store"})
    raise TypeError(f"expected the answer to a what-if; got {type(answer).__name__}")


def _refuse_kind(request: Request) -> Response | None:
    """Refuse a body that is not JSON, or that is compressed."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        detail = f"expected the media type {_JSON}; got {show(kind) if kind else 'none'}."
        problem = Problem(UNSUPPORTED_MEDIA_TYPE, detail, {"valid": [_JSON]})
        return answer_problem(request, problem, accept_post=_JSON)
    names = ("content-encoding", "transfer-encoding")
    given = ",".join(value for name in names for value in request.headers.getlist(name)).split(",")
    codings = [word for each in given if (word := each.strip().lower())]
    coding = ", ".join(word for word in codings if word not in (_AS_IT_IS, _IN_PIECES))
    if coding:
        detail = (
            f"expected a body as it is, without Content-Encoding; got {show(coding)}. Send it "
            "uncompressed."
        )
        problem = Problem(UNSUPPORTED_MEDIA_TYPE, detail, {"valid": [_AS_IT_IS]})
        return answer_problem(request, problem, accept_encoding=_AS_IT_IS)
    return None
