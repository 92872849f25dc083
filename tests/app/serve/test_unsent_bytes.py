"""What clients do not read is held in memory, and bounded for all of them together."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.serve.connection_limits import BoundedProtocol
from app.serve.unsent_bytes import UnsentBytes

BODY_BYTES = 3_000_000
BOUND_BYTES = 30_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def open_server(unsent: UnsentBytes, application: Any) -> tuple[asyncio.Server, ServerState]:
    config = Config(application, lifespan="off", log_config=None)
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config=config, server_state=state, app_state={}, unsent=unsent),
        "127.0.0.1",
        0,
    )
    return server, state


async def connect(server: asyncio.Server) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, server.sockets[0].getsockname())
    return sock


async def read_all(sock: socket.socket) -> int:
    loop, size = asyncio.get_running_loop(), 0
    try:
        while chunk := await loop.sock_recv(sock, 65536):
            size += len(chunk)
            if size > BODY_BYTES:
                break
    except ConnectionResetError:
        return -1
    return size


async def leave(socks: list[socket.socket], state: ServerState) -> None:
    for sock in socks:
        sock.close()
    while state.connections:
        await asyncio.sleep(0.01)


def run_as_served(work: Coroutine[Any, Any, None]) -> None:
    """Run in the event loop that the server has: which bytes a transport holds is its matter."""
    factory = Config(lambda *_: None, log_config=None).get_loop_factory()  # type: ignore[arg-type]
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work)


def answering(make: Any) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        body = make()
        length = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": body})

    return application


async def ask_and_do_not_read(
    make: Any, clients: int
) -> tuple[UnsentBytes, int, list[socket.socket], Any]:
    """Let clients ask; return the count, the most that was held, and how many are left."""
    unsent = UnsentBytes(BOUND_BYTES)
    server, state = await open_server(unsent, answering(make))
    most, socks = 0, []
    for _ in range(clients):
        sock = await connect(server)
        socks.append(sock)
        await asyncio.get_running_loop().sock_sendall(sock, REQUEST)
        for _ in range(5):
            await asyncio.sleep(0)
            most = max(most, unsent.size_bytes)
    await asyncio.sleep(0.05)
    return unsent, max(most, unsent.size_bytes), socks, (server, state)


def test_clients_that_never_read_hold_no_more_than_the_bound() -> None:
    async def run() -> None:
        made: list[None] = []

        def make() -> bytes:
            made.append(None)
            return bytes(BODY_BYTES)

        unsent, most, socks, (server, state) = await ask_and_do_not_read(make, 120)
        assert len(made) == 120
        assert BOUND_BYTES * 0.8 < most <= BOUND_BYTES
        assert len(state.connections) == BOUND_BYTES // BODY_BYTES
        assert await read_all(socks[0]) < BODY_BYTES  # who waited longest was let go
        assert await read_all(socks[-1]) > BODY_BYTES  # who came last gets the whole answer
        await asyncio.sleep(0.05)
        assert unsent.size_bytes == most // BODY_BYTES * BODY_BYTES - BODY_BYTES
        await leave(socks, state)
        assert unsent.size_bytes == 0
        server.close()

    run_as_served(run())


def test_an_answer_that_all_wait_for_counts_once() -> None:
    async def run() -> None:
        body = bytes(BODY_BYTES)
        unsent, most, socks, (server, state) = await ask_and_do_not_read(lambda: body, 40)
        assert most == unsent.size_bytes == BODY_BYTES
        assert len(state.connections) == 40
        await leave(socks, state)
        server.close()

    run_as_served(run())


class Reader:
    """A connection that read last at some moment."""

    def __init__(self, unsent: UnsentBytes, since: float) -> None:
        self.transport = self
        self.is_behind = True
        self.aborted = False
        self.since = since
        unsent.hold(self, bytes(40))
        self.unread = (40, since)

    def get_write_buffer_size(self) -> int:
        return 40

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize("order", [(1.0, 2.0, 3.0), (3.0, 1.0, 2.0)])
def test_who_has_read_nothing_for_longest_is_let_go_first(order: tuple[float, ...]) -> None:
    unsent = UnsentBytes(130)
    readers = [Reader(unsent, since) for since in order]
    last = Reader(unsent, 4.0)
    assert [reader.since for reader in (*readers, last) if reader.aborted] == [1.0]
    assert unsent.size_bytes == 120


def test_an_answer_larger_than_the_bound_is_not_held() -> None:
    unsent = UnsentBytes(39)
    assert Reader(unsent, 1.0).aborted
    assert unsent.size_bytes == 0
