"""Connections with manners: who says nothing, says too much or never listens is let go.

uvicorn closes connections that idle between requests. What it leaves open-ended is bounded here:
the time and the size of a request's head, and how long a client may leave an answer unread.
"""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.early_problems import problem_body, problem_headers

__all__ = ["MOST_HEAD_BYTES", "BoundedProtocol", "let_go_of_the_stalled"]

MOST_HEAD_BYTES: Final = 64 * 1024
"""Largest head of a request: address and headers."""


def _refusal(status: int, title: str, detail: str) -> bytes:
    """Write a whole answer that refuses a request and ends the connection."""
    body = problem_body(status, title, detail)
    headers = [*problem_headers(body), (b"connection", b"close")]
    lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (status, title.encode(), lines, body)


_TOO_LARGE: Final = _refusal(
    431,
    "Request Header Fields Too Large",
    "Expected a request whose address and headers have at most 64 KiB; got more.",
)
_NO_HTTP: Final = _refusal(
    400, "Bad Request", "Expected a request in HTTP/1.1; got something else."
)
_NOT_ENCODED: Final = _refusal(
    400,
    "Bad Request",
    "The address holds letters that are not ASCII and not percent-encoded, which HTTP does not "
    "allow. Write each as its UTF-8 bytes (К is %D0%9A), or let the program do it: "
    "curl -G ADDRESS --data-urlencode 'place=Краматорськ'.",
)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a bounded head.

    Attributes
    ----------
    waiting_since
        When it was first seen without the whole head of a request, in monotonic seconds.
    unread
        How many bytes of an answer were left when that last changed, and when it did.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self.waiting_since: float | None = None
        self.unread: tuple[int, float] = (0, 0.0)
        self._is_in_head = True
        self._has_ended_one = False
        self._head_bytes = 0
        self._is_ascii = True

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head; what follows is its body, which has a limit of its own."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request; what the same piece of data holds beyond it is a small part."""
        self._has_ended_one = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, and refuse a head that has become too large."""
        self._has_ended_one = False
        self._is_ascii = data.isascii()
        super().data_received(data)
        if not self._is_in_head or self._has_ended_one:
            return
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; say so if that is because of letters in the address."""
        del msg  # uvicorn's words, which are in the log
        self.transport.write(_NO_HTTP if self._is_ascii else _NOT_ENCODED)
        self.transport.close()

    @property
    def is_waiting(self) -> bool:
        """Whether a head has begun, or should have, that is not whole; idling is uvicorn's."""
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            return False
        return self.timeout_keep_alive_task is None


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
    """Tell whether a head is awaited too long, counted from when this was first asked."""
    if not connection.is_waiting:
        connection.waiting_since = None
        return False
    connection.waiting_since = connection.waiting_since or now
    return now - connection.waiting_since > head_seconds


def _reads_nothing(connection: BoundedProtocol, now: float, stall_seconds: float) -> bool:
    unread = connection.transport.get_write_buffer_size()
    before, since = connection.unread
    if unread == 0 or unread != before:
        connection.unread = (unread, now)
        return False
    return now - since > stall_seconds
