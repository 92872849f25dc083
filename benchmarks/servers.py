"""Start and stop the servers under test, each in a process of its own on a free port."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = [
    "HOST",
    "ROOT",
    "app_server",
    "ask",
    "await_answer",
    "children",
    "environment",
    "free_port",
    "our_server",
    "serve_command",
    "warm_server",
]

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
_MOST_LOG_BYTES = 2**20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def environment(**extra: str) -> dict[str, str]:
    """Return the environment without this program's own settings, plus ``extra``.

    Bytecode is kept, as it is unless somebody forbids it: the framework's is there in any case.
    """
    own = ("POINT21_", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    return kept | extra


def ask(
    port: int, path: str, headers: dict[str, str] | None = None, *, method: str = "GET"
) -> tuple[int, dict[str, str], bytes]:
    """Ask once and return status, headers (lower case) and body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, answer.read()
    finally:
        connection.close()


def await_answer(port: int, path: str, process: subprocess.Popen[bytes]) -> float:
    """Knock every millisecond until the first 200; return the moment of the whole answer."""
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with exit code {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                time.sleep(0.001)
                continue
        try:
            status, _, _ = ask(port, path)
        except ConnectionError:  # a probe may meet itself where nobody listens yet
            continue
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        return time.perf_counter()
    raise RuntimeError(f"no answer from {path} within 60 s")


def children(pid: int) -> list[int]:
    """Return the process ids of what any thread of a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for listed in lists for child in listed.read_text().split())


@contextmanager
def _running(
    command: Sequence[str], port: int, log: IO[bytes] | None = None, **extra: str
) -> Iterator[int]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**extra),
        stdout=subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
    )
    try:
        await_answer(port, "/healthz", process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve_command(port: int) -> list[str]:
    return [str(Path(sys.executable).with_name("point21")), "serve", "--port", str(port)]


@contextmanager
def our_server() -> Iterator[int]:
    """Run ``point21 serve``, which makes nothing before it is asked; yield its port."""
    port = free_port()
    with _running(serve_command(port), port, POINT21_WARM_UP="false") as ready:
        yield ready


@contextmanager
def warm_server() -> Iterator[int]:
    """Run ``point21 serve`` as a user does; yield its port when it has made every day's map."""
    port = free_port()
    with tempfile.TemporaryFile() as log, _running(serve_command(port), port, log) as ready:
        deadline = time.perf_counter() + 60
        while b" more days" not in os.pread(log.fileno(), _MOST_LOG_BYTES, 0):
            if time.perf_counter() > deadline:
                raise RuntimeError("the server has not made the days' maps within 60 s")
            time.sleep(0.1)
        yield ready


@contextmanager
def app_server(application: str, directory: Path, **extra: str) -> Iterator[int]:
    """Run an ASGI app of this package over the files of a directory; yield its port.

    uvicorn gets the settings under which ``point21 serve`` runs it, so that only what stands
    between uvicorn and the bytes differs.
    """
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", application, "--port", str(port),
        "--no-access-log", "--no-server-header", "--log-level", "warning", "--lifespan", "off",
    ]  # fmt: skip
    with _running(command, port, BENCH_BYTES=str(directory), **extra) as ready:
        yield ready
