"""ASGI middleware that limits how many answers are computed at once, and how many wait.

Threads share one interpreter: each that computes makes all others slower, the event loop too. So
few compute at once. Who comes then waits, for a while, as long as its client does; more than a
bounded number are refused at once and told to ask again. What takes long and what does not pass
gates of their own: nobody who asks for one map waits for somebody's history of two years, and
nobody who asks what a place is waits for either.
"""

import asyncio
import re
from collections import deque
from typing import Final

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import BUSY, Problem
from app.middleware.problem_response import answer_problem
from app.middleware.response_cache import CLIENT_LEFT

__all__ = [
    "LEFT",
    "LONG",
    "PLACES",
    "SHORT",
    "ConcurrencyLimit",
    "release_slot",
    "wait_until_disconnected",
]

_LOOK_SECONDS: Final = 0.1
_RETRY_SECONDS: Final = "2"
_PASS: Final = "point21.gate"
LEFT: Final = Response(status_code=CLIENT_LEFT)
"""For a client that has left: nobody reads it, the log says it."""

LONG: Final = re.compile(r"/api/(?:compare|readings|band|history|uncertainty|verify|downloads/)")
"""What takes long: many days, many readings, many draws, whole files."""

PLACES: Final = re.compile(r"/api/locate")
"""What takes a few milliseconds once its day is there."""

SHORT: Final = re.compile(
    r"/api/(?:map|statistics|layers|sources)"
    r"|/(?:tiles|ogc/collections)/|/map\.html$|/(?:embed)?$"
)
"""What takes one plan on one day."""

_BUSY: Final = Problem(BUSY, "many answers are being made for the first time; try again.")


class _Slot:
    """Leave to compute; given back once."""

    def __init__(self, gate: "ConcurrencyLimit") -> None:
        self._gate: ConcurrencyLimit | None = gate

    def release(self) -> None:
        gate, self._gate = self._gate, None
        if gate is not None:
            gate._next()


def release_slot(scope: Scope) -> None:
    """Let the next one in: this request computes no more in this process.

    Parameters
    ----------
    scope
        Of the request.
    """
    held = scope.get(_PASS)
    if held is not None:
        held.release()


class ConcurrencyLimit:
    """Lets few requests that compute in at once.

    Parameters
    ----------
    application
        Answers; what is kept in memory never comes here.
    paths
        What of it has to wait; everything else passes.
    at_once
        How many compute.
    waiting
        How many more may wait.
    seconds
        How long they wait at most.

    Notes
    -----
    Belongs to one event loop at a time.
    """

    def __init__(
        self,
        application: ASGIApp,
        *,
        paths: re.Pattern[str],
        at_once: int,
        waiting: int,
        seconds: float,
    ) -> None:
        self._application = application
        self._paths = paths
        self._at_once = at_once
        self._most = waiting
        self._seconds = seconds
        self._within = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, perhaps after a while, or refuse."""
        if scope["type"] != "http" or not self._has_to_wait(scope):
            await self._application(scope, receive, send)
            return
        if self._within < self._at_once:
            self._within += 1
        else:
            come: deque[Message] = deque()
            refusal = await self._wait(Request(scope), receive, come)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
            receive = _after(come, receive)
        held = _Slot(self)

        async def send_on(message: Message) -> None:
            held.release()  # made: nobody waits for a client that reads slowly
            await send(message)

        try:
            await self._application({**scope, _PASS: held}, receive, send_on)
        finally:
            held.release()

    def _has_to_wait(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return self._paths.match(path.removeprefix(scope.get("root_path", ""))) is not None

    async def _wait(
        self, request: Request, receive: Receive, come: deque[Message]
    ) -> Response | None:
        """Wait for a place; give the refusal when there is none in time, or the client has left."""
        if len(self._waiting) >= self._most:
            return answer_problem(request, _BUSY, retry_after=_RETRY_SECONDS)
        place = asyncio.get_running_loop().create_future()
        leaving = asyncio.create_task(wait_until_disconnected(receive, come))
        self._waiting.append(place)
        try:
            await asyncio.wait(
                {place, leaving}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if place.done():
                return None
            if leaving.done():
                return LEFT
            return answer_problem(request, _BUSY, retry_after=_RETRY_SECONDS)
        except BaseException:
            if place.done():
                self._next()
            raise
        finally:
            leaving.cancel()
            if not place.done():
                self._waiting.remove(place)

    def _next(self) -> None:
        """Give a place that has become free to who waits longest."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done() and not place.get_loop().is_closed():
                place.set_result(None)
                return
        self._within -= 1


async def wait_until_disconnected(receive: Receive, come: deque[Message] | None = None) -> None:
    """Return when the client has left.

    Parameters
    ----------
    receive
        What comes from the client.
    come
        Is given what has to be received again.
    """
    while True:
        message = await receive()
        is_gone = message["type"] == "http.disconnect"
        # A caller without a network may answer at once, with its empty body again and again.
        if come is not None and (is_gone or not come):
            come.append(message)
        if is_gone:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _after(come: deque[Message], receive: Receive) -> Receive:
    """Receive what has come already, then what comes."""

    async def receive_next() -> Message:
        return come.popleft() if come else await receive()

    return receive_next
