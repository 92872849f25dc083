"""Compute the answers that most readers need before they ask."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.internal_requests import internal_request

__all__ = ["warm_up"]

_LOGGER = logging.getLogger("point21")
_AFTER_S: Final = 0.5
_PAUSE_S: Final = 0.25


async def warm_up(app: FastAPI, answers: ASGIApp) -> None:
    """Ask for the first page, then for the map of every day, compressed as browsers want them.

    Parameters
    ----------
    app
        The running application; it is ready when the first page is.
    answers
        Its layer of prepared answers, which keeps what is asked for. Nobody asked: what is made
        here is not counted.

    Notes
    -----
    Days are made one at a time with pauses between them, the newest first, and no more than
    scenarios are kept: requests that come meanwhile wait for one of them at most.
    """
    await asyncio.sleep(_AFTER_S)  # whoever asks at once is answered first
    catalogue = app.state.catalogue
    plan = catalogue.plan()
    shown = f"plan={plan.id}&date="
    for path, query in (
        ("/api/map", f"{shown}{plan.line_date.isoformat()}"),
        ("/", ""),
        ("/openapi.json", ""),
    ):
        status = await _ask(app, answers, path, query)
        if status == 200:
            _LOGGER.info("ready: %s", path)
        else:
            _LOGGER.error("%s cannot be answered (status %d)", path, status)
    app.state.standing.ready = True
    others = [day for day in catalogue.dataset.lines.dates if day != plan.line_date]
    others = others[::-1][: app.state.settings.scenarios - 1]
    for day in others:
        await asyncio.sleep(_PAUSE_S)
        await _ask(app, answers, "/api/map", f"{shown}{day.isoformat()}")
    _LOGGER.info("ready: the map of %d more days", len(others))


async def _ask(app: FastAPI, answers: ASGIApp, path: str, query: str) -> int:
    status = 0

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    scope, receive = internal_request(
        path,
        query.encode(),
        method="HEAD",
        root_path=app.state.settings.root_path,
        headers=((b"accept-encoding", b"br"),),
    )
    with suppress(Exception):  # the framework has logged it
        # In a task of its own, as a request that comes: it leaves its id behind nowhere.
        await asyncio.create_task(_answer(answers, scope, receive, send))
    return status or 500


async def _answer(answers: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await answers(scope, receive, send)
