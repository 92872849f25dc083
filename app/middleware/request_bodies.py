"""Read the bodies of requests, within a bound of each and a bound of all that arrive at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from app.errors import BUSY, SLOW_BODY, Problem, TooLargeError

__all__ = ["BodyRefusedError", "RequestBodies"]

_AT_ONCE = 16
"""So many bodies of the largest size may be in memory, unfinished."""


class BodyRefusedError(RuntimeError):
    """A body is not read; ``problem`` says why.

    Parameters
    ----------
    problem
        To answer with.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class RequestBodies:
    """Bodies that arrive.

    Parameters
    ----------
    most_bytes
        Bound of one body. All that arrive at the same time may have sixteen times as much.
    seconds
        How long a body may take.
    """

    def __init__(self, most_bytes: int, seconds: float) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self.size_bytes = 0

    async def read(self, request: Request) -> bytes:
        """Read a body, and stop as soon as it is too long.

        Raises
        ------
        TooLargeError
            It is larger than allowed.
        BodyRefusedError
            It took too long, or too many others arrive at the same time.
        """
        stated = request.headers.get("content-length", "")
        if stated.isdigit() and int(stated[:20]) > self._most_bytes:
            raise TooLargeError("bytes", self._most_bytes, float(stated[:20]), "bytes")
        try:
            async with asyncio.timeout(self._seconds), self._arriving() as body:
                async for chunk in request.stream():
                    self._add(body, chunk)
                return bytes(body)
        except (TimeoutError, ClientDisconnect):
            detail = f"the body did not arrive within {self._seconds:g} seconds."
            raise BodyRefusedError(Problem(SLOW_BODY, detail)) from None

    @asynccontextmanager
    async def _arriving(self) -> AsyncIterator[bytearray]:
        body = bytearray()
        try:
            yield body
        finally:
            self.size_bytes -= len(body)

    def _add(self, body: bytearray, chunk: bytes) -> None:
        body += chunk
        self.size_bytes += len(chunk)
        if len(body) > self._most_bytes:
            raise TooLargeError("bytes", self._most_bytes, len(body), "bytes")
        if self.size_bytes > _AT_ONCE * self._most_bytes:
            detail = "many large bodies are being sent at the same time; try again."
            raise BodyRefusedError(Problem(BUSY, detail))
