"""Tasks that the processes of the pool answer: a what-if, or a request to the application."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from fastapi import FastAPI
from starlette.types import Message

from app.datasets.catalogue import Catalogue
from app.documents.geojson import write_json
from app.errors import Problem
from app.middleware.internal_requests import internal_request
from app.settings import Settings
from app.what_if.document import answer_what_if, describe_what_if
from app.what_if.request import Limits, read_request

__all__ = [
    "Answer",
    "Application",
    "ForwardedRequest",
    "ForwardedResponse",
    "Task",
    "answer_body",
    "answer_forwarded",
]

Application = Callable[..., FastAPI]
"""Makes an application from settings and ``catalogue=``; found again by name in a new process."""


@dataclass(frozen=True)
class ForwardedRequest:
    """A request with ``GET`` that is heavy: what a worker is to ask its own application."""

    path: str
    query: bytes
    root_path: str


@dataclass(frozen=True)
class ForwardedResponse:
    """Response to a forwarded request."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


Task = bytes | ForwardedRequest
Answer = bytes | ForwardedResponse | Problem


def answer_body(catalogue: Catalogue, body: bytes, limits: Limits) -> bytes:
    """Answer the body of one what-if request.

    Parameters
    ----------
    catalogue
        What there is.
    body
        JSON.
    limits
        How much is accepted.
    """
    request = read_request(body, limits)
    result = answer_what_if(catalogue.using, request)
    return write_json(describe_what_if(result, request.geometry))


@lru_cache(maxsize=1)
def _application(make: Application, catalogue: Catalogue, settings: str) -> FastAPI:
    app = make(Settings.model_validate_json(settings), catalogue=catalogue)
    app.state.request_pool = None
    return app


def answer_forwarded(
    make: Application, catalogue: Catalogue, forwarded: ForwardedRequest, settings: Settings
) -> ForwardedResponse:
    """Ask an application in this process.

    Parameters
    ----------
    make
        Makes the application; once in a process.
    catalogue
        Its data.
    forwarded
        What is asked for.
    settings
        Of the server.
    """
    app = _application(make, catalogue, settings.model_dump_json())
    return asyncio.run(_ask(app, forwarded))


async def _ask(app: FastAPI, forwarded: ForwardedRequest) -> ForwardedResponse:
    status, headers, chunks = 500, [], []

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            chunks.append(message.get("body", b""))

    scope, receive = internal_request(
        forwarded.path, forwarded.query, root_path=forwarded.root_path
    )
    await FastAPI.__call__(app, scope, receive, send)  # past the layer that would keep it here
    return ForwardedResponse(status, headers, b"".join(chunks))
