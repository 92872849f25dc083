"""Requests per second over keep-alive connections, to the loopback interface only.

``wrk`` is used where it is installed: it is cheaper than any server under test. The client below
takes its place otherwise; it is slower than a bare ASGI server, so it draws ratios towards 1, and
the report says which of the two was used.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CONNECTIONS", "Target", "generator", "requests_per_second"]

CONNECTIONS = 16
HOST = "127.0.0.1"
PATIENCE_S = 60
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """What to ask for: one path, or several in turn."""

    port: int
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    more: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, *self.more)


def generator() -> str:
    """Name the load generator that will be used."""
    return "wrk" if shutil.which("wrk") else "the built-in client"


def requests_per_second(target: Target, *, seconds: int) -> float:
    """Keep 16 connections busy for a bounded time and count the answers."""
    if shutil.which("wrk"):
        return _with_wrk(target, seconds)
    return asyncio.run(_with_asyncio(target, seconds))


# Asks for the lines of a file in turn.
_IN_TURN = """
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""


def _with_wrk(target: Target, seconds: int) -> float:
    headers = [part for name, value in target.headers for part in ("-H", f"{name}: {value}")]
    url = f"http://{HOST}:{target.port}{target.path}"
    with tempfile.TemporaryDirectory() as scratch:
        script, paths = Path(scratch, "in_turn.lua"), Path(scratch, "paths")
        script.write_text(_IN_TURN, encoding="utf-8")
        paths.write_text("\n".join(target.paths), encoding="utf-8")
        turns = ["-s", str(script)] if target.more else []
        done = subprocess.run(
            [*("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{PATIENCE_S}s"),
             *turns, *headers, url],
            env={**os.environ, "BENCH_PATHS": str(paths)},
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + PATIENCE_S,
        )  # fmt: skip
    if "Socket errors" in done.stdout or ("Non-2xx" in done.stdout and target.status < 300):
        raise RuntimeError(f"{url} did not answer properly:\n{done.stdout}")
    found = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    assert found is not None
    return float(found[1])


class _Connection(asyncio.Protocol):
    """Send one request after another; count complete answers."""

    def __init__(self, requests: Iterator[bytes], status: int) -> None:
        self.requests = requests
        self.status = b"HTTP/1.1 %d" % status
        self.answers = 0
        self.closed = False
        self._missing = 0
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(next(self.requests))

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            data = self._head + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._head = data
                return
            if not data.startswith(self.status):
                raise RuntimeError(f"unexpected answer: {data[:80]!r}")
            self._head = b""
            found = _LENGTH.search(data, 0, end)
            self._missing = (int(found[1]) if found else 0) + end + 4
        self._missing -= len(data)
        if self._missing == 0:
            self.answers += 1
            assert self._transport is not None
            if not self._transport.is_closing():
                self._transport.write(next(self.requests))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _write_request(target: Target, path: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}:{target.port}"]
    lines += [f"{name}: {value}" for name, value in target.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _with_asyncio(target: Target, seconds: int) -> float:
    requests = itertools.cycle([_write_request(target, path) for path in target.paths])
    loop = asyncio.get_running_loop()
    connections = []
    for _ in range(CONNECTIONS):
        _, connection = await loop.create_connection(
            lambda: _Connection(requests, target.status), HOST, target.port
        )
        connections.append(connection)
    before, began = sum(c.answers for c in connections), time.perf_counter()
    await asyncio.sleep(seconds)
    answers, took = sum(c.answers for c in connections) - before, time.perf_counter() - began
    broken = any(connection.closed for connection in connections)
    for connection in connections:
        connection.close()
    if broken or not answers:
        raise RuntimeError(f"{target.path}: a connection broke under load")
    return answers / took
