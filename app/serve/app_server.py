"""One server process: the application, its connections, its data."""

import asyncio
import logging
import math
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Final

import uvicorn

from app.datasets.catalogue import Catalogue
from app.main import create_app
from app.serve.connection_limits import (
    BoundedProtocol,
    close_stalled_connections,
    retire_connections,
)
from app.serve.reload import Reloadable
from app.serve.unsent_bytes import UnsentBytes
from app.settings import Settings
from app.version import program_version

if TYPE_CHECKING:
    from app.middleware.shared_cache import SharedAnswers

__all__ = ["announce", "greeting", "make_server", "open_catalogue", "retire_seconds"]


_LOGGER = logging.getLogger("point21")
_TICKS_A_SECOND: Final = 10

_TICK_SECONDS: Final = 0.1


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
        close_stalled_connections(
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


def announce(server: _Server, settings: Settings, catalogue: Catalogue) -> None:
    """Log where the server can be reached, once it can."""
    server.take_signals()
    _LOGGER.info(greeting(settings, catalogue))


def greeting(settings: Settings, catalogue: Catalogue) -> str:
    """Say where the server is, and with what."""
    dataset = catalogue.dataset
    many = f", {settings.workers} workers" if settings.workers > 1 else ""
    return (
        f"point21 {program_version()} is at {settings.url} "
        f"(files version {dataset.files_version}, {len(dataset.plans)} plans, "
        f"{len(dataset.lines.dates)} dates{many}); stop it with Ctrl+C"
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
