"""Work that strangers may make arbitrarily heavy: done in processes that can be stopped.

A thread in the middle of a geometry operation cannot be stopped, a process can. Each worker loads
the data once and answers one request after the other; one that takes longer than allowed, or more
memory, is ended and replaced when it is next needed.
"""

import logging
import multiprocessing
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from app.catalogue import Catalogue
from app.errors import Problem, TooLargeError, describe_problem
from app.geojson import write_json
from app.grounds import GroundFile
from app.settings import Settings
from app.what_if import answer_what_if, describe_what_if
from app.what_if_request import Limits, read_request

__all__ = ["Workshop", "answer_body"]

_LOGGER = logging.getLogger("point21")
_START_SECONDS: Final = 60.0


@dataclass(frozen=True)
class _Orders:
    """What a worker is told when it starts."""

    data_directory: Path | None
    default_plan: str
    sources: dict[str, GroundFile]
    boundary_sets: dict[str, GroundFile]
    limits: Limits
    memory_bytes: int


def answer_body(catalogue: Catalogue, body: bytes, limits: Limits) -> bytes:
    """Answer the body of one what-if request.

    Parameters
    ----------
    catalogue
        What there is.
    body
        JSON.
    limits
        How much is accepted.
    """
    request = read_request(body, limits)
    result = answer_what_if(catalogue.on_ground, request)
    return write_json(describe_what_if(result, request.geometry))


def _work(connection: Connection, orders: _Orders) -> None:
    """Answer until the other end closes; runs in a process of its own."""
    _limit_memory(orders.memory_bytes)
    catalogue = Catalogue(
        orders.data_directory,
        default_plan=orders.default_plan,
        sources=orders.sources,
        boundary_sets=orders.boundary_sets,
    )
    catalogue.select()
    connection.send(b"")
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            connection.send(_answer(catalogue, connection.recv_bytes(), orders))


def _limit_memory(most_bytes: int) -> None:
    """Bound the address space, where the system can."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def _answer(catalogue: Catalogue, body: bytes, orders: _Orders) -> bytes | Problem:
    try:
        return answer_body(catalogue, body, orders.limits)
    except MemoryError:
        megabytes = orders.memory_bytes / 2**20
        return describe_problem(TooLargeError("memory", megabytes, None, "MiB of memory"))
    except Exception as error:
        problem = describe_problem(error)
        if problem.kind.status >= 500:
            _LOGGER.exception("a what-if failed")
        return problem


class _Worker:
    """One process, and the pipe to it."""

    def __init__(self, orders: _Orders) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, orders), daemon=True)
        self._process.start()
        theirs.close()

    def ready(self) -> bool:
        """Wait until the data are loaded."""
        try:
            if self._connection.poll(_START_SECONDS):
                self._connection.recv()
                return True
        except (EOFError, OSError):
            pass
        return False

    def ask(self, body: bytes, seconds: float) -> bytes | Problem | None:
        """Return the answer, or ``None`` when there is none in time."""
        try:
            self._connection.send_bytes(body)
            if not self._connection.poll(seconds):
                return None
            answer: bytes | Problem = self._connection.recv()
        except (EOFError, OSError):
            return None
        return answer

    def kill(self) -> None:
        """Stop the process, whatever it is doing; who waits for its answer gets none."""
        self._process.kill()

    def end(self) -> None:
        """Stop the process and put everything away."""
        self.kill()
        self._process.join(5)
        with suppress(OSError):
            self._connection.close()


class Workshop:
    """A few workers, started when they are first needed.

    Parameters
    ----------
    settings
        How many workers, how long and how much memory one request may take.

    Notes
    -----
    Safe to use from several threads; :meth:`answer` blocks, so call it from one.
    """

    def __init__(self, settings: Settings) -> None:
        self._orders = _Orders(
            settings.data_directory,
            settings.default_plan,
            settings.source_files,
            settings.boundary_files,
            Limits(settings.what_if_vertices, settings.what_if_features, settings.what_if_depth),
            settings.what_if_megabytes * 2**20,
        )
        self._seconds = settings.what_if_seconds
        self._free = threading.BoundedSemaphore(settings.what_if_workers)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._known: set[_Worker] = set()
        self._closed = False

    def answer(self, body: bytes) -> bytes | Problem | None:
        """Answer a request within the time allowed.

        Parameters
        ----------
        body
            The body of the request.

        Returns
        -------
        bytes or Problem or None
            ``None`` when all workers are busy for as long as a request may take.
        """
        if not self._free.acquire(timeout=self._seconds):
            return None
        try:
            return self._answer(body)
        finally:
            self._free.release()

    def _answer(self, body: bytes) -> bytes | Problem:
        worker = self._take()
        started = time.monotonic()
        answer: Any = None if worker is None else worker.ask(body, self._seconds)
        if worker is not None and answer is not None:
            self._put_back(worker)
            return answer  # type: ignore[no-any-return]
        if worker is None:
            return describe_problem(RuntimeError("the worker did not start"))
        self._forget(worker)
        if time.monotonic() - started < self._seconds:
            megabytes = self._orders.memory_bytes / 2**20
            return describe_problem(TooLargeError("memory", megabytes, None, "MiB of memory"))
        return describe_problem(TooLargeError("seconds", self._seconds, None, "seconds of work"))

    def _take(self) -> _Worker | None:
        with self._lock:
            if self._closed:
                return None
            worker = self._idle.pop() if self._idle else _Worker(self._orders)
            fresh = worker not in self._known
            self._known.add(worker)
        if not fresh or worker.ready():
            return worker
        _LOGGER.error("a worker for what-if requests did not start")
        self._forget(worker)
        return None

    def _put_back(self, worker: _Worker) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
                return
        worker.end()

    def _forget(self, worker: _Worker) -> None:
        with self._lock:
            self._known.discard(worker)
        worker.end()

    def open(self) -> None:
        """Take work again after :meth:`close`; a new one is open."""
        with self._lock:
            self._closed = False

    def close(self) -> None:
        """End all workers; those in the middle of something too."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            known, self._known = self._known, set()
        for worker in known:
            worker.kill()
        for worker in idle:
            worker.end()
