"""The real server in a process of its own, for tests that stop, kill and confuse it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.servers import children

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", "0"]
_ADDRESS = re.compile(r"is at http://127\.0\.0\.1:(\d+)")
PATIENCE_S = 300.0


def environment(**settings: str) -> dict[str, str]:
    """The environment without this program's own settings, plus those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POINT21_")}
    named = {f"POINT21_{name.upper()}": value for name, value in settings.items()}
    patient = {"POINT21_WARM_UP": "0", "POINT21_WHAT_IF_SECONDS": "300"}
    return {**kept, **patient, **named}


def eventually(holds: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.05)


class Running:
    """``point21 serve`` with some settings; ended when the block is left."""

    def __init__(self, *arguments: str, before: tuple[str, ...] = (), **settings: str) -> None:
        self._log = tempfile.NamedTemporaryFile(suffix=".log")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*before, *COMMAND, *arguments], stderr=self._log, env=environment(**settings)
        )
        until = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and not _ADDRESS.search(self.log):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        found = _ADDRESS.search(self.log)
        if not found:
            self.process.kill()
            self.process.wait()
        assert found, self.log
        self.port = int(found[1])

    @property
    def log(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8")

    @property
    def children(self) -> list[int]:
        """Process ids of what the server has started."""
        return children(self.process.pid)

    def ask(
        self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body=body, headers=named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        return json.loads(self.ask(path)[2])

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float = PATIENCE_S) -> int:
        return self.process.wait(timeout=seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.wait()
        self._log.close()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@contextmanager
def readers(ask: Callable[[], object], count: int = 4) -> Iterator[list[object]]:
    """Let several threads ask all the time; what they are told is in the list."""
    from threading import Event, Thread

    told: list[object] = []
    enough = Event()

    def read() -> None:
        while not enough.is_set():
            told.append(ask())

    threads = [Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        enough.set()
        for thread in threads:
            thread.join()
