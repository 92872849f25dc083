"""Clients that are slow, silent, greedy or deaf: each is bounded, and the others do not notice."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from uvicorn.config import Config
from uvicorn.server import ServerState

from app.serve.connection_limits import MOST_HEAD_BYTES, BoundedProtocol
from app.serve.unsent_bytes import UnsentBytes
from running import Running, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc"),
]
LARGE = "/map.html"
# Far more than anything here takes; who is not let go by then never is.
PATIENCE_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with Running(head_seconds="1", stall_seconds="2", connections="300") as started:
        assert started.ask(LARGE)[0] == 200  # makes the answer
        yield started


def connect(server: Running, *, receive_buffer: int | None = None) -> socket.socket:
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(2 * PATIENCE_S)
    sock.connect(("127.0.0.1", server.port))
    return sock


def read_all(sock: socket.socket) -> bytes:
    """Read until the other side closes."""
    chunks = []
    try:
        while chunk := sock.recv(65536):
            chunks.append(chunk)
    except ConnectionResetError:
        pass
    return b"".join(chunks)


def memory_mib(server: Running) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def open_files(server: Running) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: 1\r\n"], ids=repr
)
def test_who_does_not_finish_a_head_is_let_go(server: Running, said: bytes) -> None:
    begun = time.monotonic()
    with connect(server) as sock:
        sock.sendall(said)
        assert read_all(sock) == b""
    assert 0.5 < time.monotonic() - begun < PATIENCE_S


def test_one_letter_at_a_time_does_not_count_as_progress(server: Running) -> None:
    begun = time.monotonic()
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        try:
            while time.monotonic() - begun < PATIENCE_S:
                sock.sendall(b"x")
                time.sleep(0.1)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert time.monotonic() - begun < PATIENCE_S


def test_blank_lines_do_not_keep_a_connection(server: Running) -> None:
    with connect(server) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.sendall(b"\r\n")
        begun = time.monotonic()
        read_all(sock)
        assert time.monotonic() - begun < PATIENCE_S


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 2_000_000,
        b"GET /" + b"a" * 2_000_000,
        b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 200_000,
    ],
    ids=["one long header", "a long address", "many headers"],
)
def test_a_head_without_end_is_refused(server: Running, head: bytes) -> None:
    before = memory_mib(server)
    with connect(server) as sock:
        try:
            sock.sendall(head)
            told = read_all(sock)
        except (BrokenPipeError, ConnectionResetError):
            told = read_all(sock)
    assert told == b"" or told.startswith(b"HTTP/1.1 431 ")
    assert memory_mib(server) - before < 10
    assert MOST_HEAD_BYTES == 65536


def test_a_head_that_is_a_little_too_large_is_told_so(server: Running) -> None:
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (MOST_HEAD_BYTES + 100))
        told = read_all(sock)
    assert told.startswith(b"HTTP/1.1 431 ")
    head, _, words = told.partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(words) in head


def test_who_never_reads_is_let_go_and_costs_little(server: Running) -> None:
    """A hundred clients ask for ten megabytes each and read nothing; all share the same bytes."""
    before, files = memory_mib(server), open_files(server)
    request = f"GET {LARGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 10
    deaf = [connect(server, receive_buffer=4096) for _ in range(100)]
    try:
        for sock in deaf:
            sock.sendall(request)
        time.sleep(1.0)
        assert memory_mib(server) - before < 60
        assert server.ask("/api/plans")[0] == 200  # who comes after them is answered
        eventually(lambda: open_files(server) <= files)  # they have been let go
        for sock in deaf[:5]:
            assert len(read_all(sock)) < 9_000_000  # what the system had buffered, then the end
    finally:
        for sock in deaf:
            sock.close()


def test_who_reads_slowly_gets_everything(server: Running) -> None:
    whole = server.ask(LARGE)[2]
    with connect(server, receive_buffer=65536) as sock:
        sock.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        told = bytearray()
        begun = time.monotonic()
        while chunk := sock.recv(32768):
            told += chunk
            time.sleep(0.1)  # longer in all than a client may stall
    assert time.monotonic() - begun > 2.5
    assert bytes(told).partition(b"\r\n\r\n")[2] == whole


def test_more_connections_than_allowed_are_told_to_come_later() -> None:
    with Running(head_seconds="600", connections="300") as server:
        idle = [connect(server) for _ in range(299)]
        try:
            statuses = {server.ask("/healthz")[0] for _ in range(3)}
            assert statuses <= {200, 503}
            more = [connect(server) for _ in range(5)]
            assert server.ask("/healthz")[0] == 503
            for sock in more:
                sock.close()
        finally:
            for sock in idle:
                sock.close()
        eventually(lambda: server.ask("/healthz")[0] == 200)


def test_no_more_connections_are_taken_than_files_may_be_opened() -> None:
    limit = ("sh", "-c", 'ulimit -n 200 && exec "$@"', "sh")
    with Running(before=limit, connections="1000") as server:
        assert "it takes at most 72 connections" in server.log
        waiting = [connect(server) for _ in range(110)]
        assert b" 503 " in ask_on(waiting[-1])
        for sock in waiting:
            sock.close()
        eventually(lambda: server.ask("/healthz")[0] == 200)


def ask_on(sock: socket.socket) -> bytes:
    sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return read_all(sock)


def test_the_limit_of_files_is_raised_where_that_is_allowed() -> None:
    limit = ("sh", "-c", 'ulimit -S -n 200 && exec "$@"', "sh")
    with Running(before=limit, connections="300") as server:
        assert "takes at most" not in server.log
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
        assert re.search(r"Max open files +(\d+)", limits)[1] == "428"


class _Transport(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


def receive(
    pieces: Iterable[bytes],
    *,
    after: Callable[[BoundedProtocol], object] | None = None,
    seen: list[Any] | None = None,
) -> bytes:
    """Return what a connection answers to pieces of data, read by an application that reads all.

    After the first piece something else may be done to the connection.
    """

    async def application(scope: Any, receive: Any, send: Any) -> None:
        size = 0
        while True:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        if seen is not None:
            seen.extend(scope["headers"])
        headers = [(b"content-length", str(len(str(size))).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": str(size).encode()})

    async def run() -> bytes:
        config = Config(application, lifespan="off", log_config=None)
        protocol = BoundedProtocol(
            config=config, server_state=ServerState(), app_state={}, unsent=UnsentBytes(1 << 20)
        )
        transport = _Transport()
        protocol.connection_made(transport)
        for number, piece in enumerate(pieces):
            if number == 1 and after is not None:
                after(protocol)
            if not transport.closed:
                protocol.data_received(piece)
                for _ in range(5):
                    await asyncio.sleep(0)
        if protocol.timeout_keep_alive_task is not None:
            protocol.timeout_keep_alive_task.cancel()
        return transport.written

    return asyncio.run(run())


def cut(text: bytes, size: int) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1 << 10, 40_000, 65_536, 1 << 18])
def test_a_large_body_in_pieces_is_no_large_head(size: int) -> None:
    body = b"x" * 1_000_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = receive(cut((head + body) * 3, size))
    assert answer.count(b"HTTP/1.1 200") == 3
    assert b" 431 " not in answer


@pytest.mark.parametrize("size", [100, 40_000, 65_536])
def test_a_large_head_in_pieces_is_refused_also_after_a_body(size: int) -> None:
    first = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    second = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 4 * MOST_HEAD_BYTES
    answer = receive(cut(first + second, size))
    assert answer.count(b"HTTP/1.1 200") == 1
    assert answer.count(b"HTTP/1.1 431") == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("GET /api/locate?place=Краматорськ HTTP/1.1\r\nHost: a\r\n\r\n", "--data-urlencode"),
        ("GET /Краматорськ HTTP/1.1\r\nHost: a\r\n\r\n", "--data-urlencode"),
        ("HELLO THERE\r\n\r\n", "HTTP/1.1"),
    ],
)
def test_what_is_no_http_is_answered_with_a_problem(said: str, words: str) -> None:
    head, _, body = receive([said.encode()]).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"content-length: %d" % len(body) in head
    problem = json.loads(body)
    assert problem["status"] == 400
    assert words in problem["detail"]


def request(*lines: bytes, version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"GET / HTTP/" + version, *lines, b"", b""])


def statuses(answer: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1.1 (\d+)", answer)]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (b"Host: a", b"Host: a"),
        (b"Host: a", b"host: b"),
        (b"Host: a b",),
        (b"Host: <script>",),
        (b"Host: a/b",),
        (b"Host: u@a",),
    ],
    ids=repr,
)
def test_a_request_names_its_server_once(lines: tuple[bytes, ...]) -> None:
    good = request(b"Host: a")
    answer = receive([good + request(*lines) + good])
    assert statuses(answer) == [200, 400]  # in turn, and the connection ends
    head, _, body = answer.rpartition(b"HTTP/1.1 400")[2].partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert b"application/problem+json" in head
    assert "Host" in json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ((b"Host: a",), b"1.1"),
        ((b"Host: a:8000",), b"1.1"),
        ((b"Host: [::1]:80",), b"1.1"),
        ((b"Host:",), b"1.1"),
        ((), b"1.0"),
    ],
    ids=repr,
)
def test_names_of_servers_that_are_names(lines: tuple[bytes, ...], version: bytes) -> None:
    assert statuses(receive([request(*lines, version=version)])) == [200]


def test_headers_after_a_body_are_not_headers_of_the_request() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailers = b"Host: evil\r\n" + b"X-More: 1\r\n" * 1000
    seen: list[Any] = []
    answer = receive([head, b"2\r\nab\r\n0\r\n" + trailers + b"\r\n"], seen=seen)
    assert statuses(answer) == [200] and answer.endswith(b"2")
    assert seen == [(b"host", b"a"), (b"transfer-encoding", b"chunked")]


def test_who_is_one_too_many_is_told_so_by_a_problem() -> None:
    def crowd(protocol: BoundedProtocol) -> None:
        protocol.limit_concurrency = 0

    good = request(b"Host: a")
    answer = receive([good, good], after=crowd)
    assert statuses(answer) == [200, 503]
    assert b"application/problem+json" in answer and b"retry-after: 5" in answer


# --- a process that retires ----------------------------------------------------------------------


def test_a_connection_that_retires_answers_once_more() -> None:
    good = request(b"Host: a")
    answer = receive([good, good, good], after=BoundedProtocol.retire)
    assert statuses(answer) == [200, 200]
    first, second = answer.split(b"HTTP/1.1 200")[1:]
    assert b"connection: close" not in first
    assert b"connection: close" in second


def test_a_connection_that_retires_answers_all_that_was_sent_in_one_piece() -> None:
    good = request(b"Host: a")
    answer = receive([good, good * 3, good], after=BoundedProtocol.retire)
    assert statuses(answer) == [200] * 4
    assert [b"connection: close" in part for part in answer.split(b"HTTP/1.1 200")[1:]] == [
        *(False, False, False),
        True,
    ]


def test_a_connection_that_retires_amid_a_request_answers_it() -> None:
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
    answer = receive([post + b"ab", b"cd", request(b"Host: a")], after=BoundedProtocol.retire)
    assert statuses(answer) == [200]
    assert b"connection: close" in answer and answer.endswith(b"4")
