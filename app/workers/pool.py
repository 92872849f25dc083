"""A pool of worker processes for heavy requests, with limits on time, memory and number.

A thread in the middle of a geometry operation cannot be stopped, a process can. Each worker loads
the data once and answers one request after the other; one that takes longer than allowed, or more
memory, is ended and replaced when it is next needed.
"""

import logging
import logging.config
import multiprocessing
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from app.datasets.catalogue import Catalogue
from app.errors import UNAVAILABLE, Problem, TooLargeError, describe_problem
from app.log_format import log_config
from app.scratch import sweep_scratch
from app.settings import Settings
from app.what_if.request import Limits
from app.workers.tasks import (
    Answer,
    Application,
    ForwardedRequest,
    Task,
    answer_body,
    answer_forwarded,
)

__all__ = ["Job", "WorkerPool"]

_LOGGER = logging.getLogger("point21")
_START_SECONDS: Final = 60.0
_NICER: Final = 10


@dataclass(frozen=True)
class _WorkerConfig:
    """Settings and data of a worker."""

    settings: Settings
    data_directory: Path | None
    data_version: str
    application: Application

    @property
    def limits(self) -> Limits:
        given = self.settings
        return Limits(given.what_if_vertices, given.what_if_features, given.what_if_depth)

    @property
    def memory_bytes(self) -> int:
        return self.settings.what_if_megabytes * 2**20


def _work(connection: Connection, orders: _WorkerConfig) -> None:
    """Answer until the other end closes; runs in a process of its own."""
    settings = orders.settings
    with suppress(OSError):
        os.nice(_NICER)  # whoever asks for little is answered first
    logging.config.dictConfig(log_config(settings.log_level, settings.log_format))
    _limit_memory(orders.memory_bytes)
    catalogue = Catalogue.of(settings, orders.data_directory)
    version = catalogue.load().files_version
    connection.send(version)
    if version != orders.data_version:
        return
    catalogue.select()
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            connection.send(_answer(catalogue, connection.recv(), orders))


def _limit_memory(most_bytes: int) -> None:
    """Bound the address space, where the system can."""
    try:
        import resource
    except ImportError:  # not on this system
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def _answer(catalogue: Catalogue, task: Task, orders: _WorkerConfig) -> Answer:
    try:
        if isinstance(task, ForwardedRequest):
            return answer_forwarded(orders.application, catalogue, task, orders.settings)
        return answer_body(catalogue, task, orders.limits)
    except MemoryError:
        megabytes = orders.memory_bytes / 2**20
        return describe_problem(TooLargeError("memory", megabytes, None, "MiB of memory"))
    except Exception as error:
        problem = describe_problem(error)
        if problem.kind.status >= 500:
            _LOGGER.exception("a heavy request failed")
        return problem


class _Worker:
    """One process, and the pipe to it."""

    def __init__(self, orders: _WorkerConfig) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, orders), daemon=True)
        self._process.start()
        theirs.close()

    def data_version(self) -> str | None:
        """Wait until the data are loaded, and say which they are; ``None``: it did not start."""
        try:
            if self._connection.poll(_START_SECONDS):
                version: str = self._connection.recv()
                return version
        except (EOFError, OSError):
            pass
        return None

    def ask(self, task: Task, seconds: float) -> Answer | None:
        """Return the answer, or ``None`` when there is none in time."""
        try:
            self._connection.send(task)
            if not self._connection.poll(seconds):
                return None
            answer: Answer = self._connection.recv()
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
        sweep_scratch(self._process.pid or 0)
        with suppress(OSError):
            self._connection.close()


class Job:
    """A task that was taken on."""

    def __init__(self) -> None:
        self.future: Future[Answer] = Future()
        self.worker: _Worker | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """Nobody waits for it any more: leave the queue, or stop the worker."""
        self.is_cancelled = True
        worker = self.worker
        if not self.future.cancel() and worker is not None:
            worker.kill()


class WorkerPool:
    """A few workers, started when they are first needed, and a short queue for them.

    Parameters
    ----------
    settings
        How many workers, how many wait, how long and how much memory one task may take.
    catalogue
        Whose data the workers must have too.
    application
        Makes the application that a worker asks for forwarded requests.

    Notes
    -----
    Safe to use from several threads.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue, application: Application) -> None:
        self._settings = settings
        self._application = application
        self._catalogue = catalogue
        self._seconds = settings.what_if_seconds
        self._most = settings.what_if_workers + settings.what_if_waiting
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._going_on = 0
        self._idle: list[_Worker] = []
        self._known: set[_Worker] = set()
        self._closed = False

    def submit(self, task: Task) -> Job | None:
        """Take on a task, or say at once that there are too many.

        Parameters
        ----------
        task
            The body of a what-if, or a forwarded request.

        Returns
        -------
        Job or None
            Its future has the answer; ``None`` when the queue is full.
        """
        with self._lock:
            if self._going_on >= self._most or self._closed:
                return None
            if self._threads is None:
                most = self._settings.what_if_workers
                self._threads = ThreadPoolExecutor(most, thread_name_prefix="worker-pool")
            self._going_on += 1
            job = Job()
            threads = self._threads
        job.future.add_done_callback(self._leave)
        threads.submit(self._do, job, task)
        return job

    def _leave(self, future: "Future[Answer]") -> None:
        del future
        with self._lock:
            self._going_on -= 1

    def _do(self, job: Job, task: Task) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            job.future.set_result(self._answer(job, task))
        except BaseException as error:
            job.future.set_exception(error)

    def _answer(self, job: Job, task: Task) -> Answer:
        worker = job.worker = self._take()
        if worker is None:
            return Problem(UNAVAILABLE, "the process that computes it did not start; try again.")
        if job.is_cancelled:
            self._put_back(worker)
            return Problem(UNAVAILABLE, "nobody waits for it any more.")
        started = time.monotonic()
        answer = worker.ask(task, self._seconds)
        if answer is not None and not job.is_cancelled:
            self._put_back(worker)
            return answer
        self._forget(worker)
        if time.monotonic() - started < self._seconds:
            megabytes = float(self._settings.what_if_megabytes)
            return describe_problem(TooLargeError("memory", megabytes, None, "MiB of memory"))
        return describe_problem(TooLargeError("seconds", self._seconds, None, "seconds of work"))

    def _take(self) -> _Worker | None:
        orders = self._orders()
        with self._lock:
            if self._closed:
                return None
            worker = self._idle.pop() if self._idle else _Worker(orders)
            fresh = worker not in self._known
            self._known.add(worker)
        if not fresh:
            return worker
        version = worker.data_version()
        if version == orders.data_version:
            return worker
        if version is None:
            _LOGGER.error("a worker for heavy requests did not start")
        else:
            _LOGGER.error(
                "the data files have changed since they were loaded (version %s, now %s): heavy "
                "requests wait until the data are read anew; send SIGHUP, or start again",
                orders.data_version,
                version,
            )
        self._forget(worker)
        return None

    def _orders(self) -> _WorkerConfig:
        version = self._catalogue.dataset.files_version
        return _WorkerConfig(self._settings, self._catalogue.directory, version, self._application)

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
            threads, self._threads = self._threads, None
        for worker in known:
            worker.kill()
        for worker in idle:
            worker.end()
        if threads is not None:
            threads.shutdown(wait=False)
