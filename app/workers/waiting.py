"""Forward heavy requests to worker processes, and stop those whose client has left."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from app.errors import BUSY, UNAVAILABLE, Problem
from app.middleware.concurrency import LEFT, release_slot, wait_until_disconnected
from app.middleware.problem_response import answer_problem
from app.schemas import common as schemas
from app.workers.pool import Job, WorkerPool
from app.workers.tasks import ForwardedRequest, ForwardedResponse

__all__ = ["HEAVY_ERRORS", "forward_to_worker", "refuse", "wait_for"]

_BUSY: Final = Problem(BUSY, "other heavy requests are being computed; try again.")
HEAVY_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": schemas.Problem, "description": text}
    for status, text in (
        (413, "It takes longer, or more memory, than is allowed."),
        (429, "Too many heavy requests at once; try again."),
        (503, "It cannot be computed now; try again."),
    )
}
"""What else may be answered where :func:`forward_to_worker` is used."""


async def forward_to_worker(request: Request) -> Response | None:
    """Let a worker answer a request.

    Parameters
    ----------
    request
        With ``GET``; its parameters were checked.

    Returns
    -------
    Response or None
        ``None`` in a worker, which answers by itself.
    """
    pool: WorkerPool | None = request.app.state.request_pool
    if pool is None:
        return None
    scope = request.scope
    release_slot(scope)
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    forwarded = ForwardedRequest(path, scope["query_string"], scope.get("root_path", ""))
    answer = await wait_for(request, lambda: pool.submit(forwarded))
    if isinstance(answer, ForwardedResponse):
        response = Response(answer.body, answer.status)
        response.raw_headers = answer.headers
        return response
    if isinstance(answer, Response):
        return answer
    raise TypeError(f"expected an answer to a forwarded request; got {type(answer).__name__}")


async def wait_for(
    request: Request, submit: Callable[[], Job | None]
) -> bytes | ForwardedResponse | Response:
    """Wait for a job, as long as the client does.

    Parameters
    ----------
    request
        Whose body was read.
    submit
        Begins the job; ``None`` says that there are too many.

    Returns
    -------
    bytes, ForwardedResponse or Response
        A response when nothing came of it: a problem, or the client has left.
    """
    seconds: float = request.app.state.settings.what_if_seconds
    job = submit()
    if job is None:
        return refuse(request, _BUSY)
    answering = asyncio.wrap_future(job.future)
    leaving = asyncio.create_task(wait_until_disconnected(request.receive))
    try:
        wait: set[asyncio.Future[Any]] = {answering, leaving}
        await asyncio.wait(wait, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not leaving.done() and not answering.done():
            if job.future.cancel():  # still in the queue
                return refuse(request, _BUSY)
            await asyncio.wait(wait, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answer = answering.result()
            return refuse(request, answer) if isinstance(answer, Problem) else answer
        return LEFT
    finally:
        leaving.cancel()
        if not answering.done():
            job.cancel()
            answering.cancel()


def refuse(request: Request, problem: Problem) -> Response:
    """Answer with a problem, and with when to ask again if it passes by itself."""
    later = {"retry_after": "5"} if problem.kind in (BUSY, UNAVAILABLE) else {}
    return answer_problem(request, problem, **later)
