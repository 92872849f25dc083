"""Limit the memory held for answers that clients do not read.

A body that does not fit into the buffers of the system stays in memory until its client reads on.
An answer that is kept for everybody is held once, however many clients wait for it: it counts once.
(The event loops hold the bytes themselves; only asyncio's own, up to Python 3.11, copies them.)
"""

import asyncio
import time
from typing import Any, Protocol

__all__ = ["HoldingTransport", "SlowReader", "UnsentBytes"]


class SlowReader(Protocol):
    """A connection whose client may read too slowly.

    Attributes
    ----------
    transport
        Its transport.
    unread
        How many bytes were left when that last changed, and when that was, in monotonic seconds.
    """

    transport: Any
    unread: tuple[int, float]

    @property
    def is_behind(self) -> bool:
        """Whether more is unsent than the transport holds gladly."""


class UnsentBytes:
    """Answers that one process holds in memory for clients that do not read.

    Parameters
    ----------
    most_bytes
        Bound of all that is held. Beyond it the connections are ended that have read nothing for
        the longest time, until the rest fits.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held: dict[SlowReader, list[bytes]] = {}

    @property
    def size_bytes(self) -> int:
        """Bytes held now; what several connections wait for is counted once."""
        bodies = {id(body): body for held in self._held.values() for body in held}
        return sum(map(len, bodies.values()))

    def hold(self, reader: SlowReader, body: bytes) -> None:
        """Note that a body waits to be sent, and end connections if that is too much in all."""
        self._held.setdefault(reader, []).append(body)
        reader.unread = (reader.transport.get_write_buffer_size(), time.monotonic())
        while self.size_bytes > self._most_bytes:
            worst = min(self._held, key=lambda each: each.unread[1])
            self.release(worst)
            worst.transport.abort()

    def release(self, reader: SlowReader) -> None:
        """Note that a client has read on, or has left."""
        self._held.pop(reader, None)


class HoldingTransport:
    """A transport that notes the bodies which could not be sent at once.

    Parameters
    ----------
    transport
        Writes.
    reader
        The connection that it belongs to.
    unsent
        Counts.
    """

    def __init__(
        self, transport: asyncio.Transport, reader: SlowReader, unsent: UnsentBytes
    ) -> None:
        self._transport = transport
        self._reader = reader
        self._unsent = unsent
        self._write = transport.write
        self.is_closing = transport.is_closing  # asked for each answer: found without a detour

    def write(self, data: bytes) -> None:
        """Write, and note what did not fit into the buffers of the system."""
        self._write(data)
        if self._reader.is_behind:
            self._unsent.hold(self._reader, data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._transport, name)
