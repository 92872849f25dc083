"""Start several worker processes on one address, and replace those that end or hang.

The data are read once; each worker is forked from the process that has them, so that they share
its memory. A worker that dies is replaced, and so is one that hangs: each writes a byte to a pipe
once a second, from its event loop. On SIGHUP the data are read anew: if they can be used,
fresh workers take over from those at work, which answer what is asked on the connections that they
have (SIGUSR1) and then end; if not, those go on.
"""

import logging
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from app.datasets.catalogue import Catalogue
from app.middleware.shared_cache import SharedAnswers, close_folder, open_folder
from app.serve.app_server import greeting, make_server, open_catalogue, retire_seconds
from app.settings import Settings, share_metrics
from geo.errors import SettlementError

__all__ = ["supervise"]

_LOGGER = logging.getLogger("point21")
_LOOK_SECONDS: Final = 0.1
_START_SECONDS: Final = 60.0
_SHORT_LIFE_SECONDS: Final = 1.0
_MARGIN_SECONDS: Final = 5.0


@dataclass(eq=False)
class _Worker:
    """A process that answers: the read end of its pipe, and when it began and was heard last."""

    pipe: int
    began: float
    heard: float

    def listen(self) -> None:
        """Note whether it has written since."""
        with suppress(BlockingIOError):
            while os.read(self.pipe, 4096):
                self.heard = time.monotonic()


@dataclass(eq=False)
class _Supervisor:
    settings: Settings
    catalogue: Catalogue
    listener: socket.socket
    workers: dict[int, _Worker] = field(default_factory=dict)
    leaving: dict[int, float] = field(default_factory=dict)
    stop: bool = False
    reload: bool = False
    not_before: float = 0.0
    shared: SharedAnswers | None = None

    def run(self) -> None:
        """Start the workers and look after them until told to stop."""
        self.shared = open_folder(self.settings.shared_bytes)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)
        self._start_missing()
        _LOGGER.info(greeting(self.settings, self.catalogue))
        while not self.stop:
            if self.reload:
                self.reload = False
                self._reload()
            self._end_the_hung()
            self._bury()
            self._start_missing()
            time.sleep(_LOOK_SECONDS)
        self._end()

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGHUP:
            self.reload = True
        else:
            self.stop = True

    def _start_missing(self) -> None:
        if time.monotonic() < self.not_before:
            return
        fresh = [self._fork() for _ in range(self.settings.workers - len(self.workers))]
        for worker in fresh:
            select.select([worker.pipe], [], [], _START_SECONDS)

    def _fork(self) -> _Worker:
        """Start a worker that writes to a pipe once it answers, and then once a second."""
        reads, writes = os.pipe()
        os.set_blocking(reads, False)
        os.set_blocking(writes, False)
        pid = os.fork()
        if pid == 0:
            os.close(reads)
            _work(self, writes)
        os.close(writes)
        now = time.monotonic()
        self.workers[pid] = _Worker(reads, now, heard=now + _START_SECONDS)
        return self.workers[pid]

    def _end_the_hung(self) -> None:
        """Kill workers that have not been heard for too long, or that do not end."""
        for pid, worker in self.workers.items():
            worker.listen()
            silent_s = time.monotonic() - worker.heard
            if silent_s > self.settings.hang_seconds:
                _LOGGER.error("worker %d has not responded for %.0f s; it is ended", pid, silent_s)
                _tell({pid}, signal.SIGKILL)
                worker.heard = time.monotonic()
        late = [pid for pid, until in self.leaving.items() if time.monotonic() > until]
        _tell(late, signal.SIGKILL)

    def _bury(self) -> None:
        """Take note of workers that have ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            _forget_gauges(pid, self.settings)
            worker = self.workers.pop(pid, None)
            if worker is None:
                self.leaving.pop(pid, None)
                continue
            os.close(worker.pipe)
            if not self.stop:
                code = os.waitstatus_to_exitcode(status)
                _LOGGER.error("worker %d ended (%d); another takes its place", pid, code)
                if time.monotonic() - worker.began < _SHORT_LIFE_SECONDS:
                    self.not_before = time.monotonic() + _SHORT_LIFE_SECONDS

    def _reload(self) -> None:
        version = self.catalogue.dataset.files_version
        try:
            fresh = open_catalogue(self.settings)
        except (SettlementError, OSError) as error:
            _LOGGER.error("data not taken over, version %s goes on: %s", version, error)
            return
        former, self.workers = self.workers, {}
        close_folder(self.shared)
        self.catalogue, self.shared = fresh, open_folder(self.settings.shared_bytes)
        self._start_missing()
        until = time.monotonic() + retire_seconds(self.settings) + _MARGIN_SECONDS
        self.leaving |= dict.fromkeys(former, until)
        for worker in former.values():
            os.close(worker.pipe)
        _tell(former, signal.SIGUSR1)
        _LOGGER.info("files version %s takes over from %s", fresh.dataset.files_version, version)

    def _end(self) -> None:
        """Let the workers finish; those that take too long are ended."""
        self.listener.close()
        everybody = {*self.workers, *self.leaving}
        _tell(everybody, signal.SIGTERM)
        settings = self.settings
        patience = settings.drain_seconds + settings.stop_seconds + _MARGIN_SECONDS
        until = time.monotonic() + patience
        while (self.workers or self.leaving) and time.monotonic() < until:
            self._bury()
            time.sleep(_LOOK_SECONDS)
        _tell({*self.workers, *self.leaving}, signal.SIGKILL)
        close_folder(self.shared)
        _LOGGER.info("stopped")


def supervise(settings: Settings, catalogue: Catalogue, listener: socket.socket) -> None:
    """Answer with several processes until stopped.

    Parameters
    ----------
    settings
        How many, among others.
    catalogue
        The data, loaded.
    listener
        The socket on which all of them listen.
    """
    if not settings.metrics:
        _Supervisor(settings, catalogue, listener).run()
        return
    with tempfile.TemporaryDirectory(prefix="point21-metrics-") as shared:
        share_metrics(shared)
        _Supervisor(settings, catalogue, listener).run()


def _work(supervisor: _Supervisor, writes: int) -> None:
    """Be a worker; never return to the supervisor's code."""
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the supervisor reads the data
        parent = os.getppid()
        server = make_server(supervisor.settings, supervisor.catalogue, supervisor.shared)
        server.when_started = server.when_ticked = lambda: _beat(writes)
        server.is_orphaned = lambda: os.getppid() != parent
        signal.signal(signal.SIGUSR1, lambda *_: server.retire())
        with suppress(KeyboardInterrupt):
            server.run(sockets=[supervisor.listener])
        code = 0
    except BaseException:
        _LOGGER.exception("a worker failed")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _beat(writes: int) -> None:
    """Write to the pipe; nobody reads it any more when this worker is being retired."""
    with suppress(OSError):
        os.write(writes, b"1")


def _tell(workers: Iterable[int], number: int) -> None:
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _forget_gauges(pid: int, settings: Settings) -> None:
    if settings.metrics:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]
