"""Answers made for the first time: few at once, some waiting, the others refused."""

from __future__ import annotations

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.middleware.concurrency import LONG, SHORT, ConcurrencyLimit, release_slot
from app.middleware.internal_requests import internal_request
from running import Running, eventually


class Work:
    """An application that computes until it is let go."""

    def __init__(self, *, leaves_early: bool = False) -> None:
        self.begun: list[str] = []
        self.let_go = asyncio.Event()
        self.most_at_once = self._at_once = 0
        self._leaves_early = leaves_early

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._leaves_early:
            release_slot(scope)
        self.begun.append(scope["query_string"].decode())
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self.let_go.wait()
        self._at_once -= 1
        assert (await receive())["type"] == "http.request"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(
    gate: ConcurrencyLimit, number: int, path: str = "/api/map", leaves: bool = False
) -> int:
    scope, receive = internal_request(path, str(number).encode())
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    async def hang_up() -> Any:
        return {"type": "http.disconnect"}

    await gate(scope, hang_up if leaves else receive, send)
    assert told[0]["status"] != 429 or (b"retry-after", b"2") in told[0]["headers"]
    return int(told[0]["status"])


def run(scene: Any) -> Any:
    return asyncio.run(asyncio.wait_for(scene, 10))


def test_few_compute_some_wait_in_turn_and_the_others_are_refused_at_once() -> None:
    async def scene() -> None:
        work = Work()
        gate = ConcurrencyLimit(work, paths=SHORT, at_once=2, waiting=3, seconds=60)
        asked = [asyncio.create_task(ask(gate, number)) for number in range(8)]
        done, _ = await asyncio.wait(asked, timeout=0.3)
        assert {task.result() for task in done} == {429} and len(done) == 3
        assert work.begun == ["0", "1"]
        work.let_go.set()
        assert [await task for task in asked] == [200] * 5 + [429] * 3
        assert work.begun == ["0", "1", "2", "3", "4"] and work.most_at_once == 2
        assert await ask(gate, 9) == 200

    run(scene())


def test_light_requests_pass() -> None:
    async def scene() -> None:
        work = Work()
        gate = ConcurrencyLimit(work, paths=SHORT, at_once=1, waiting=0, seconds=60)
        heavy = asyncio.create_task(ask(gate, 0))
        light = [
            asyncio.create_task(ask(gate, number, path))
            for number, path in enumerate(("/healthz", "/readyz", "/api/plans", "/static/a.js"), 1)
        ]
        await asyncio.sleep(0.1)
        assert sorted(work.begun) == ["0", "1", "2", "3", "4"]
        assert await ask(gate, 5) == 429
        work.let_go.set()
        assert {await task for task in [heavy, *light]} == {200}

    run(scene())


def test_a_map_does_not_wait_for_a_history() -> None:
    async def scene() -> None:
        work = Work()
        inner = ConcurrencyLimit(work, paths=SHORT, at_once=1, waiting=0, seconds=60)
        gate = ConcurrencyLimit(inner, paths=LONG, at_once=1, waiting=0, seconds=60)
        history = asyncio.create_task(ask(gate, 0, "/api/history"))
        await asyncio.sleep(0.05)
        assert await ask(gate, 1, "/api/downloads/csv") == 429
        day = asyncio.create_task(ask(gate, 2, "/api/map"))
        await asyncio.sleep(0.05)
        assert work.begun == ["0", "2"]
        work.let_go.set()
        assert [await history, await day] == [200, 200]

    run(scene())


def test_who_leaves_or_waits_too_long_holds_no_place() -> None:
    async def scene() -> None:
        work = Work()
        gate = ConcurrencyLimit(work, paths=SHORT, at_once=1, waiting=2, seconds=2)
        first = asyncio.create_task(ask(gate, 0))
        await asyncio.sleep(0)
        begun = time.monotonic()
        assert await ask(gate, 1, leaves=True) == 499  # nobody reads it
        assert time.monotonic() - begun < 1.9
        assert await ask(gate, 2) == 429  # in time, it is said that there is none
        assert time.monotonic() - begun >= 1.9
        is_cancelled = asyncio.create_task(ask(gate, 3))
        await asyncio.sleep(0.05)
        is_cancelled.cancel()
        await asyncio.sleep(0)
        work.let_go.set()
        assert await first == 200 and work.begun == ["0"]
        assert await ask(gate, 4) == 200

    run(scene())


def test_what_is_given_to_another_process_makes_room_here() -> None:
    async def scene() -> None:
        work = Work(leaves_early=True)
        gate = ConcurrencyLimit(work, paths=SHORT, at_once=1, waiting=0, seconds=60)
        asked = [asyncio.create_task(ask(gate, number)) for number in range(4)]
        await asyncio.sleep(0.05)
        assert len(work.begun) == 4
        work.let_go.set()
        assert [await task for task in asked] == [200] * 4
        assert gate._within == 0

    run(scene())


def test_who_does_not_read_holds_no_place() -> None:
    async def scene() -> None:
        work = Work()
        work.let_go.set()
        gate = ConcurrencyLimit(work, paths=SHORT, at_once=1, waiting=0, seconds=60)
        reads = asyncio.Event()

        async def stuck(message: Any) -> None:
            await reads.wait()

        scope, receive = internal_request("/api/map", b"0")
        slow = asyncio.create_task(gate(scope, receive, stuck))
        await asyncio.sleep(0.05)
        assert work.begun == ["0"] and not slow.done()
        assert await ask(gate, 1) == 200
        reads.set()
        await slow
        assert gate._within == 0

    run(scene())


@pytest.mark.slow
def test_a_crowd_of_first_answers_leaves_light_requests_alone() -> None:
    """A real server: days never asked for, more of them than may wait."""
    days = [f"{year}-{month:02}-01" for year in (2024, 2025) for month in (8, 9, 10, 11, 12)]
    paths = [f"/api/map?plan={plan}&date={day}" for day in days
             for plan in ("point21-axios", "point21-cbs", "freeze-everywhere")]  # fmt: skip
    with Running(answers_at_once="1", answers_waiting="3") as server:
        with ThreadPoolExecutor(len(paths)) as crowd:
            answers = [crowd.submit(server.ask, path) for path in paths]
            statuses = []
            while not all(answer.done() for answer in answers):
                statuses.append(server.ask("/healthz")[0])
            found = [answer.result() for answer in answers]
        assert set(statuses) == {200}
        assert {status for status, _, _ in found} == {200, 429}
        for status, headers, body in found:
            if status == 429:
                assert headers["retry-after"] == "2" and b"/problems/busy" in body
        for path in paths[:3]:  # asked again, each is answered
            eventually(lambda path=path: server.ask(path)[0] == 200)


@pytest.mark.slow
def test_who_hangs_up_while_waiting_is_not_computed_for() -> None:
    with Running(answers_at_once="1", answers_waiting="20", access_log="1") as server:
        gone = []
        for month in range(1, 10):
            client = socket.create_connection(("127.0.0.1", server.port))
            asked = f"GET /api/map?date=2025-{month:02}-01 HTTP/1.1\r\nHost: x\r\n\r\n"
            client.sendall(asked.encode())
            gone.append(client)
        for client in gone:
            client.close()
        assert server.ask("/api/map?date=2024-12-01")[0] == 200
        eventually(lambda: server.log.count("status=499") >= 5)
