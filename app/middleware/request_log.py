"""ASGI middleware that gives each request an id and, if enabled, logs and counts its response."""

import logging
import os
import re
import time
from itertools import count
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.log_format import FIELDS, REQUEST_ID

if TYPE_CHECKING:
    from app.middleware.metrics import Metrics

__all__ = ["RequestLog"]

_ACCESS: Final = logging.getLogger("point21.access")
_HEADER: Final = b"x-request-id"
_HAS_ID: Final = "point21.has_id"
"""Key of a scope; a context does not tell, since a pipelined request inherits the last one's."""
_USABLE: Final = re.compile(rb"[A-Za-z0-9._:@/+=-]{1,128}")


class RequestLog:
    """Give each request an id, say it in the answer, and note how the request went.

    Parameters
    ----------
    application
        Answers.
    access_log
        Whether each request is logged.
    metrics
        Counts requests, where that is wanted.

    Notes
    -----
    An id that comes with a request (``X-Request-ID``) is taken over when it has at most 128
    letters, digits and ``._:@/+=-``; any other gets one of ours.
    """

    def __init__(
        self, application: ASGIApp, *, access_log: bool = False, metrics: "Metrics | None" = None
    ) -> None:
        self._application = application
        self._access_log = access_log
        self.metrics = metrics
        self._prefix = os.urandom(4).hex()
        self._numbers = count(1)

    @property
    def is_recording(self) -> bool:
        """Whether every request is logged or counted."""
        return self._access_log or self.metrics is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request and note it."""
        if scope["type"] != "http" or _HAS_ID in scope:
            await self._application(scope, receive, send)
            return
        request_id = _given_id(scope) or b"%s-%x" % (self._prefix.encode(), next(self._numbers))
        scope[_HAS_ID] = True
        REQUEST_ID.set(request_id.decode())
        if self.is_recording:
            await self._noted(scope, receive, send, request_id)
            return

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (_HEADER, request_id)]}
            await send(message)

        await self._application(scope, receive, send_with_id)

    async def _noted(self, scope: Scope, receive: Receive, send: Send, request_id: bytes) -> None:
        status, size = 0, 0
        began = time.perf_counter()

        async def send_and_note(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (_HEADER, request_id)]}
            else:
                size += len(message.get("body", b""))
            await send(message)

        if self.metrics is not None:
            self.metrics.begin()
        try:
            await self._application(scope, receive, send_and_note)
        finally:
            seconds = time.perf_counter() - began
            if self.metrics is not None:
                self.metrics.end(scope, status, seconds)
            if self._access_log:
                _log(scope, status, size, seconds)


def _given_id(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return value if _USABLE.fullmatch(value) else None
    return None


def _log(scope: Scope, status: int, size: int, seconds: float) -> None:
    client = scope.get("client")
    fields = {
        "client": client[0] if client else "",
        "method": scope["method"],
        "path": scope.get("raw_path", b"").decode("latin-1"),
        "status": status,
        "bytes": size,
        "ms": round(1000 * seconds, 1),
    }
    _ACCESS.info("answered", extra={FIELDS: fields})
