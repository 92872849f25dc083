"""Starting the server, with words for people when that is not possible."""

import asyncio
import errno
import gc
import logging
import logging.config
import math
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn

from app.datasets.catalogue import Catalogue
from app.serve.connection_limits import BoundedProtocol, let_go_of_the_stalled, retire_connections
from app.log_format import log_config
from app.main import create_app
from app.serve.reload import Reloadable
from app.settings import Settings, unknown_variables
from app.serve.unsent_bytes import UnsentBytes
from app.version import program_version

if TYPE_CHECKING:
    from app.middleware.shared_cache import SharedAnswers

__all__ = [
    "ServeError",
    "greeting",
    "make_server",
    "open_catalogue",
    "retire_seconds",
    "serve",
]

_LOGGER = logging.getLogger("point21")
_BACKLOG = 2048
_TICKS_A_SECOND: Final = 10
_TICK_SECONDS: Final = 0.1
_OWN_FILES: Final = 128
"""Open files that a process needs besides its connections."""


class ServeError(RuntimeError):
    """The server cannot be started; the message says why and what to do."""


class _Server(uvicorn.Server):
    """Says when it can be reached, keeps an eye on connections, reloads, and leaves in order."""

    def __init__(self, config: uvicorn.Config, site: Reloadable, settings: Settings) -> None:
        super().__init__(config)
        self._site = site
        self._settings = settings
        self._reloading: asyncio.Task[bool] | None = None
        self._is_retiring = False
        self.when_started: Callable[[], None] = lambda: None
        self.is_orphaned: Callable[[], bool] = lambda: False
        self.when_ticked: Callable[[], None] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self.when_started()

    def take_signals(self) -> None:
        """Read the data anew on SIGHUP, where the system has it."""
        if hasattr(signal, "SIGHUP"):
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)

    def retire(self) -> None:
        """Leave the next connections to other processes, and end when those at work have ended."""
        self.should_exit = self._is_retiring = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End soon, also while retiring."""
        self._is_retiring = False
        super().handle_exit(sig, frame)

    def _reload(self) -> None:
        self._reloading = asyncio.create_task(self._site.reload())

    async def on_tick(self, counter: int) -> bool:
        """Once a second, close stalled connections and report that the event loop runs."""
        if counter % _TICKS_A_SECOND == 0:
            self.when_ticked()
            self._look_at_connections()
            self.should_exit = self.should_exit or self.is_orphaned()
        return await super().on_tick(counter)

    def _look_at_connections(self) -> None:
        let_go_of_the_stalled(
            self.server_state,
            time.monotonic(),
            head_seconds=self._settings.head_seconds,
            stall_seconds=self._settings.stall_seconds,
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ask to be left out first, then answer what has begun, then end."""
        if self._is_retiring:
            await self._let_connections_end()
        else:
            self._site.current.state.standing.draining = True
            await asyncio.sleep(self._settings.drain_seconds)
        await super().shutdown(sockets)

    async def _let_connections_end(self) -> None:
        """Take no more connections; give those there are one more answer each, and time to idle."""
        for server in self.servers:
            server.close()
        until = time.monotonic() + retire_seconds(self._settings)
        is_first = True
        while (retire_connections(self.server_state) or is_first) and self._is_retiring:
            is_first = False  # what was accepted just now is known a moment later
            await asyncio.sleep(_TICK_SECONDS)
            self._look_at_connections()
            if time.monotonic() > until or self.is_orphaned():
                return


def retire_seconds(settings: Settings) -> float:
    """Return how long answers may take that began before other data took over."""
    return settings.what_if_seconds + settings.stop_seconds


def open_catalogue(settings: Settings) -> Catalogue:
    """Read and check the data.

    Raises
    ------
    SettlementError
        The data cannot be used.
    """
    catalogue = Catalogue.of(settings)
    catalogue.load()
    return catalogue


def serve(settings: Settings) -> None:
    """Load the data, listen, and answer until stopped.

    Parameters
    ----------
    settings
        Where to listen, which data to serve, with how many processes.

    Raises
    ------
    ServeError
        The address cannot be listened on, or something that is wanted is not to be had.
    SettlementError
        The data cannot be used; nothing was served.
    """
    logging.config.dictConfig(log_config(settings.log_level, settings.log_format))
    for message in unknown_variables():
        _LOGGER.warning(message)
    _check(settings)
    settings = _allow_connections(settings)
    catalogue = open_catalogue(settings)
    listener = _listen(settings)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    gc.freeze()  # what is loaded by now stays: later collections need not look at it
    gc.enable()
    with listener:
        if settings.workers > 1:
            from app.serve.supervisor import supervise

            supervise(settings, catalogue, listener)
            return
        server = make_server(settings, catalogue)
        server.when_started = lambda: _greet(server, settings, catalogue)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            _LOGGER.info("stopped")


def _greet(server: _Server, settings: Settings, catalogue: Catalogue) -> None:
    server.take_signals()
    _LOGGER.info(greeting(settings, catalogue))


def greeting(settings: Settings, catalogue: Catalogue) -> str:
    """Say where the server is, and with what."""
    holdings = catalogue.holdings
    many = f", {settings.workers} workers" if settings.workers > 1 else ""
    return (
        f"point21 {program_version()} is at {settings.url} "
        f"(files version {holdings.files_version}, {len(holdings.plans)} plans, "
        f"{len(holdings.lines.dates)} dates{many}); stop it with Ctrl+C"
    )


def make_server(
    settings: Settings, catalogue: Catalogue, shared: "SharedAnswers | None" = None
) -> _Server:
    """Make what listens and answers in this process, perhaps with answers of others."""
    site = Reloadable(
        create_app(settings, catalogue=catalogue, shared=shared),
        lambda: create_app(settings, catalogue=open_catalogue(settings)),
        retire_seconds=retire_seconds(settings),
    )
    config = uvicorn.Config(
        site,
        http=partial(BoundedProtocol, unsent=UnsentBytes(settings.unsent_bytes)),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=settings.log_level,
        access_log=False,  # our own, which leaves out what a reader looked at
        server_header=False,
        root_path=settings.root_path,
        forwarded_allow_ips=settings.proxies,
        limit_concurrency=settings.connections,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds),
    )
    return _Server(config, site, settings)


def _check(settings: Settings) -> None:
    """See whether what is wanted is to be had."""
    if settings.workers > 1 and not hasattr(os, "fork"):
        raise ServeError("POINT21_WORKERS: this system cannot have more than 1 worker.")
    if settings.metrics:
        from app.middleware.metrics import MetricsError, check_metrics

        try:
            check_metrics()
        except MetricsError as error:
            raise ServeError(str(error)) from error


def _allow_connections(settings: Settings) -> Settings:
    """Let the process open as many files as it may have connections, or lower their number.

    Each connection is an open file; a process that may open no more cannot answer at all.
    """
    try:
        import resource
    except ImportError:  # not a POSIX system
        return settings
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.connections + _OWN_FILES
    if allowed == resource.RLIM_INFINITY or allowed >= wanted:
        return settings
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    if allowed >= wanted:
        return settings
    possible = max(1, allowed - _OWN_FILES)
    _LOGGER.warning(
        "POINT21_CONNECTIONS: %d connections need %d open files, this process may have %d; it "
        "takes at most %d connections. Raise the limit (ulimit -n) for more.",
        settings.connections,
        wanted,
        allowed,
        possible,
    )
    return settings.model_copy(update={"connections": possible})


def _listen(settings: Settings) -> socket.socket:
    """Open the listening socket ourselves, so that a port in use is found out at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise ServeError(_explain(error, settings)) from error
    return listener


def _explain(error: OSError, settings: Settings) -> str:
    where = f"{settings.host}, port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where} is in use by another program. Stop that program, or choose another port: "
            f"point21 serve --port {settings.port % 65535 + 1} (--port 0 takes a free one)."
        )
    if error.errno == errno.EACCES:
        return f"{where} may not be used by this user. Choose a port above 1023."
    return f"cannot listen on {where}: {error.strerror or error}. Check --host."
