"""Bodies that arrive: each is bounded, and so is what all of them take while they arrive."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from app.errors import BUSY, SLOW_BODY, TooLargeError
from app.middleware.request_bodies import BodyRefusedError, RequestBodies

MOST = 100


def sending(*chunks: bytes, ends: bool = True) -> Request:
    """A request whose body arrives in pieces, and perhaps never ends."""
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if ends:
        waiting[-1]["more_body"] = False

    async def receive() -> Any:
        await asyncio.sleep(0)
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def test_a_body_in_pieces_is_read_whole() -> None:
    bodies = RequestBodies(MOST, 60)
    assert asyncio.run(bodies.read(sending(b"a" * 60, b"b" * 40))) == b"a" * 60 + b"b" * 40
    assert bodies.size_bytes == 0


def test_one_that_is_too_large_is_refused() -> None:
    bodies = RequestBodies(MOST, 60)
    with pytest.raises(TooLargeError):
        asyncio.run(bodies.read(sending(b"a" * 60, b"b" * 41)))
    assert bodies.size_bytes == 0


def test_bodies_that_never_end_take_no_more_than_all_may() -> None:
    async def run() -> list[Any]:
        bodies = RequestBodies(MOST, 0.2)
        tasks = [asyncio.create_task(bodies.read(sending(b"a" * 99, ends=False)))
                 for _ in range(40)]  # fmt: skip
        await asyncio.sleep(0.05)
        assert bodies.size_bytes <= 16 * MOST
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert bodies.size_bytes == 0
        assert await bodies.read(sending(b"next")) == b"next"
        return ended

    kinds = [error.problem.kind for error in asyncio.run(run())
             if isinstance(error, BodyRefusedError)]  # fmt: skip
    assert kinds.count(SLOW_BODY) == 16
    assert kinds.count(BUSY) == 24
