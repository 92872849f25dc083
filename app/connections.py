"""Connections with manners: who says nothing, says too much or never listens is let go.

uvicorn closes connections that idle between requests. What it leaves open-ended is bounded here:
the time and the size of a request's head, and how long a client may leave an answer unread.
"""

import time
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

__all__ = ["MOST_HEAD_BYTES", "BoundedProtocol", "let_go_of_the_stalled"]

MOST_HEAD_BYTES: Final = 64 * 1024
"""Largest head of a request: address and headers."""

_WORDS: Final = b"expected a request whose address and headers have at most 64 KiB, more came\n"
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n\r\n%b"
) % (len(_WORDS), _WORDS)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a bounded head; notes when it began to wait for one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self.waiting_since: float | None = time.monotonic()
        self.unread: tuple[int, float] = (0, 0.0)
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Read on, and stop where the head has become too large."""
        super().data_received(data)
        if self.waiting_since is None:
            self._head_bytes = 0
            if self._is_idle():  # blank lines between requests have stopped uvicorn's timer
                self.waiting_since = time.monotonic()
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _is_idle(self) -> bool:
        cycle: Any = self.cycle  # none before the first request
        if cycle is None or not cycle.response_complete:
            return False
        return self.timeout_keep_alive_task is None

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head."""
        super().on_message_begin()
        self.waiting_since = time.monotonic()

    def on_headers_complete(self) -> None:
        """Stop waiting: the head is there."""
        self.waiting_since = None
        super().on_headers_complete()


def let_go_of_the_stalled(
    state: ServerState, now: float, *, head_seconds: float, stall_seconds: float
) -> int:
    """Close connections that do not say what they want, or do not read what they asked for.

    Parameters
    ----------
    state
        Of the server.
    now
        Monotonic time, so that a clock that is set changes nothing.
    head_seconds
        How long the head of a request may take.
    stall_seconds
        How long a client may read nothing while there is something to read.

    Returns
    -------
    int
        How many were closed.
    """
    closed = 0
    for connection in list(state.connections):
        if isinstance(connection, BoundedProtocol) and (
            _says_nothing(connection, now, head_seconds)
            or _reads_nothing(connection, now, stall_seconds)
        ):
            connection.transport.abort()
            closed += 1
    return closed


def _says_nothing(connection: BoundedProtocol, now: float, head_seconds: float) -> bool:
    """Tell whether a head is awaited too long; idling after an answer is uvicorn's to end."""
    since = connection.waiting_since
    if since is None or connection.timeout_keep_alive_task is not None:
        return False
    return now - since > head_seconds


def _reads_nothing(connection: BoundedProtocol, now: float, stall_seconds: float) -> bool:
    unread = connection.transport.get_write_buffer_size()
    before, since = connection.unread
    if unread == 0 or unread != before:
        connection.unread = (unread, now)
        return False
    return now - since > stall_seconds
