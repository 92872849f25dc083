"""Starting the server, with words for people when that is not possible."""

import copy
import errno
import gc
import logging
import socket
from typing import Any

import uvicorn
from uvicorn.config import LOGGING_CONFIG

from app.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings
from app.version import program_version

__all__ = ["ServeError", "serve"]

_LOGGER = logging.getLogger("point21")
_BACKLOG = 2048


class ServeError(RuntimeError):
    """The server cannot be started; the message says why and what to do."""


class _Server(uvicorn.Server):
    """Says where it is once it can be reached."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then greet."""
        await super().startup(sockets)
        if self.started:
            _LOGGER.info(self._greeting)


def serve(settings: Settings) -> None:
    """Load the data, listen, and answer until stopped.

    Parameters
    ----------
    settings
        Where to listen, which data to serve.

    Raises
    ------
    ServeError
        The address cannot be listened on.
    SettlementError
        The data cannot be used; nothing was served.
    """
    catalogue = Catalogue(
        settings.data_directory,
        default_plan=settings.default_plan,
        max_scenarios=settings.scenarios,
        sources=settings.source_files,
        boundary_sets=settings.boundary_files,
    )
    holdings = catalogue.load()
    listener = _listen(settings)
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    greeting = (
        f"point21 {program_version()} is at {settings.url} (data version {holdings.data_version}, "
        f"{len(holdings.plans)} plans, {len(holdings.lines.dates)} dates); stop it with Ctrl+C"
    )
    config = uvicorn.Config(
        create_app(settings, catalogue=catalogue),
        log_config=_log_config(settings.log_level),
        log_level=settings.log_level,
        access_log=settings.access_log,
        server_header=False,
        root_path=settings.root_path,
        timeout_graceful_shutdown=5,
    )
    gc.freeze()  # what is loaded by now stays: later collections need not look at it
    gc.enable()
    with listener:
        try:
            _Server(config, greeting).run(sockets=[listener])
        except KeyboardInterrupt:
            _LOGGER.info("stopped")


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


def _log_config(level: str) -> dict[str, Any]:
    config: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["point21"] = {
        "handlers": ["default"],
        "level": level.upper(),
        "propagate": False,
    }
    return config
