"""Close connections that send headers too slowly, send too many, or stop reading.

uvicorn closes connections that idle between requests. What it leaves open-ended is bounded here:
the time and the size of a request's head, how long a client may leave an answer unread, and how
much all of them together may leave unread.
"""

import asyncio
import re
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.middleware.early_problems import problem_body, problem_headers
from app.serve.unsent_bytes import HoldingTransport, UnsentBytes

__all__ = ["MOST_HEAD_BYTES", "BoundedProtocol", "close_stalled_connections", "retire_connections"]

MOST_HEAD_BYTES: Final = 64 * 1024
"""Largest head of a request: address and headers."""


_HOST: Final = re.compile(rb"[\w.~%!$&'()*+,;=:\[\]-]*", re.ASCII)
"""What a ``Host`` may hold: a name or an address, and a port (RFC 9110, section 7.2)."""


class _Refusal:
    """An answer that refuses a request and ends the connection.

    Parameters
    ----------
    status, title, detail
        Of the problem document.
    headers
        More headers.
    """

    def __init__(self, status: int, title: str, detail: str, *headers: tuple[bytes, bytes]) -> None:
        self._body = problem_body(status, title, detail)
        self._headers = [*problem_headers(self._body), *headers, (b"connection", b"close")]
        self._status = status
        lines = b"".join(b"%b: %b\r\n" % pair for pair in self._headers)
        start = b"HTTP/1.1 %d %b\r\n" % (status, title.encode())
        self.text = start + lines + b"\r\n" + self._body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Refuse as an ASGI application: in turn, when earlier requests are answered."""
        del scope, receive
        start = {"type": "http.response.start", "status": self._status, "headers": self._headers}
        await send(start)
        await send({"type": "http.response.body", "body": self._body})


_TOO_LARGE: Final = _Refusal(
    431,
    "Request Header Fields Too Large",
    "Expected a request whose address and headers have at most 64 KiB; got more.",
)
_NO_HTTP: Final = _Refusal(
    400, "Bad Request", "Expected a request in HTTP/1.1; got something else."
)
_NOT_ENCODED: Final = _Refusal(
    400,
    "Bad Request",
    "The address holds letters that are not ASCII and not percent-encoded, which HTTP does not "
    "allow. Write each as its UTF-8 bytes (К is %D0%9A), or let the program do it: "
    "curl -G ADDRESS --data-urlencode 'place=Краматорськ'.",
)
_NO_HOST: Final = _Refusal(
    400,
    "Bad Request",
    "Expected one header Host with the name of the server, as HTTP/1.1 requires; got none, "
    "several, or one that is no name.",
)
_TOO_MANY: Final = _Refusal(
    503,
    "Service Unavailable",
    "The server has as many connections as it may have. Try again in a few seconds.",
    (b"retry-after", b"5"),
)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 with a bounded head.

    Parameters
    ----------
    unsent
        Counts what is held for clients that do not read.

    Attributes
    ----------
    waiting_since
        When it was first seen without the whole head of a request, in monotonic seconds.
    unread
        How many bytes of an answer were left when that last changed, and when it did.
    """

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401
        unsent: UnsentBytes,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*arguments, **options)
        self._unsent = unsent
        self._is_retiring = False
        self._last: RequestResponseCycle | None = None
        self.waiting_since: float | None = None
        self.unread: tuple[int, float] = (0, 0.0)
        self._is_in_head = True
        self._has_ended_one = False
        self._head_bytes = 0
        self._is_ascii = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and note from now on what the client does not read."""
        super().connection_made(transport)
        self.transport = HoldingTransport(transport, self, self._unsent)  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        """End; nothing is held for this client any more."""
        self._unsent.release(self)
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """Go on: the client has read nearly everything."""
        self._unsent.release(self)
        super().resume_writing()

    @property
    def is_behind(self) -> bool:
        """Whether more is unsent than the transport holds gladly."""
        return self.flow.write_paused

    def on_message_begin(self) -> None:
        """Begin the head of a request."""
        self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head; what follows is its body, which has a limit of its own."""
        self._is_in_head = False
        super().on_headers_complete()
        self.headers = []  # headers that follow the body (trailers) are not the request's
        if self._is_retiring:
            self._end_after_last()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401
        """Let the application answer, unless the request is refused before."""
        if app is not self.app:  # uvicorn refuses: there are too many connections
            app = _TOO_MANY
        elif not _has_a_host(cycle.scope):
            app = _NO_HOST
        super()._start_asgi_task(cycle, app)

    def retire(self) -> None:
        """Answer what has been asked, or what is asked next, and then close the connection.

        A connection that idles stays open until uvicorn closes it, so that a request which is on
        its way is answered.
        """
        if not self._is_retiring:
            self._is_retiring = True
            self._end_after_last()

    def _end_after_last(self) -> None:
        """Close the connection after the last request that was sent, not after one before it."""
        if self._last is not None and not self._last.response_started:
            self._last.keep_alive = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and cycle.keep_alive and not cycle.response_started:
            cycle.keep_alive = False
            self._last = cycle

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
            self.transport.write(_TOO_LARGE.text)
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; say so if that is because of letters in the address."""
        del msg  # uvicorn's words, which are in the log
        self.transport.write((_NO_HTTP if self._is_ascii else _NOT_ENCODED).text)
        self.transport.close()

    @property
    def is_waiting(self) -> bool:
        """Whether a head has begun, or should have, that is not whole; idling is uvicorn's."""
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            return False
        return self.timeout_keep_alive_task is None


def _has_a_host(scope: Any) -> bool:  # noqa: ANN401
    """Tell whether a request names its server once, and in letters that a name may have."""
    host: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"host":
            if host is not None:
                return False
            host = value
    if host is None:
        return bool(scope["http_version"] != "1.1")
    return _HOST.fullmatch(host) is not None


def retire_connections(state: ServerState) -> int:
    """Let each connection end after its next answer, and count those that are left.

    Parameters
    ----------
    state
        Of the server.

    Returns
    -------
    int
        Connections, also those that idle.
    """
    for connection in state.connections:
        if isinstance(connection, BoundedProtocol):
            connection.retire()
    return len(state.connections)


def close_stalled_connections(
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
