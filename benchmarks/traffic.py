"""A client for load and soak: keep-alive connections to the loopback interface, answers compared.

Each connection asks one request after the other, never two at once. An answer counts only when all
of it has come; it must then be byte for byte the one that was expected.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from benchmarks.servers import HOST

__all__ = ["Asked", "Request", "Tally", "ask_until", "percentile", "run_client"]

Found = TypeVar("Found")


@dataclass(frozen=True)
class Request:
    """What is asked, and what must be answered; ``expected`` of ``None`` is not compared."""

    kind: str
    path: str
    body: bytes = b""
    statuses: tuple[int, ...] = (200,)
    expected: bytes | None = None

    def write(self, port: int) -> bytes:
        method = "POST" if self.body else "GET"
        head = f"{method} {self.path} HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


@dataclass
class Asked:
    """How one kind of request went."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Tally:
    """How everything went."""

    kinds: dict[str, Asked] = field(default_factory=dict)
    answered: int = 0
    broken: int = 0
    """Connections that ended before an answer was whole; the request was asked again."""

    def note(self, request: Request, seconds: float, fault: str | None) -> None:
        asked = self.kinds.setdefault(request.kind, Asked())
        asked.seconds.append(seconds)
        self.answered += 1
        if fault is not None:
            asked.wrong.append(fault)

    @property
    def wrong(self) -> list[str]:
        return [fault for asked in self.kinds.values() for fault in asked.wrong]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def run_client(work: Coroutine[Any, Any, Found]) -> Found:
    """Run a client on the event loop that the server uses as well, where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


class _Answers(asyncio.Protocol):
    """Gathers one answer at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiting: asyncio.Future[tuple[bytes, bytes] | None] | None = None
        self._come = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's derives from nothing

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._tell(None)

    def data_received(self, data: bytes) -> None:
        self._come += data
        end = self._come.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._come[:end]).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n")[0])
        if len(self._come) < end + 4 + length:
            return
        body = bytes(self._come[end + 4 :])
        self._come.clear()
        self._tell((head, body))

    def _tell(self, answer: tuple[bytes, bytes] | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(answer)


class _Connection:
    """One keep-alive connection that is opened again when it breaks."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: _Answers | None = None

    async def ask(self, wire: bytes) -> tuple[int, bytes] | None:
        """Return status and body; ``None`` when the connection broke before all had come."""
        loop = asyncio.get_running_loop()
        try:
            if self.answers is None or self.answers.transport is None:
                _, self.answers = await loop.create_connection(_Answers, HOST, self.port)
        except OSError:
            return None
        answers = self.answers
        if answers.transport is None:
            return None
        answers.waiting = loop.create_future()
        answers.transport.write(wire)
        answer = await answers.waiting
        if answer is None:
            return None
        if b"\r\nconnection: close" in answer[0]:
            self.close()
        return int(answer[0][9:12]), answer[1]

    def close(self) -> None:
        if self.answers is not None and self.answers.transport is not None:
            self.answers.transport.close()
        self.answers = None


def _judge(request: Request, status: int, body: bytes) -> str | None:
    if status not in request.statuses:
        return f"{request.path}: {status}"
    if request.expected is not None and status == 200 and body != request.expected:
        return f"{request.path}: {len(body)} bytes differ from the {len(request.expected)} expected"
    return None


async def ask_until(
    port: int,
    requests: Sequence[Request],
    enough: Callable[[Tally], bool],
    *,
    connections: int,
    pause_s: float = 0.0,
    seed: int = 1,
) -> Tally:
    """Ask in random order over some connections until enough is asked.

    Parameters
    ----------
    port
        Of a server on this machine.
    requests
        What is asked; a request that stands there twice is asked twice as often.
    enough
        Says when to stop.
    connections
        How many ask at the same time.
    pause_s
        Mean time between an answer and the next request of a connection.
    seed
        Of the order.
    """
    tally = Tally()
    wires = {id(request): request.write(port) for request in requests}

    async def go_on(number: int) -> None:
        chance = random.Random(1000 * seed + number)
        connection = _Connection(port)
        while not enough(tally):
            request = chance.choice(requests)
            began = time.perf_counter()
            answer = await connection.ask(wires[id(request)])
            if answer is None:
                tally.broken += 1
                await asyncio.sleep(0.02)
                continue
            tally.note(request, time.perf_counter() - began, _judge(request, *answer))
            if pause_s:
                await asyncio.sleep(chance.expovariate(1.0 / pause_s))
        connection.close()

    await asyncio.gather(*(go_on(number) for number in range(connections)))
    return tally
