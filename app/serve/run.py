"""Start the server; explain why if that fails."""

import errno
import gc
import logging
import logging.config
import os
import socket
from typing import Final

from app.log_format import log_config
from app.serve.app_server import announce, make_server, open_catalogue
from app.settings import Settings, unknown_variables

__all__ = ["ServeError", "serve"]


_LOGGER = logging.getLogger("point21")

_BACKLOG = 2048

_OWN_FILES: Final = 128
"""Open files that a process needs besides its connections."""


class ServeError(RuntimeError):
    """The server cannot be started; the message says why and what to do."""


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
        server.when_started = lambda: announce(server, settings, catalogue)
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            _LOGGER.info("stopped")


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
