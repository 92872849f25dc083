"""Headers that let pages of other origins read answers (CORS).

They are the same whether a request names its origin or not, so that an answer which a cache keeps
serves everybody. If all origins may read, the headers belong to the answer and are kept with it:
this middleware then stands behind the kept answers. Only if some origins alone may read does an
answer depend on the origin: each says so (``Vary: Origin``), and this middleware stands in front.

References
----------
Fetch Standard, section "CORS protocol and HTTP caches".
"""

from collections.abc import Sequence
from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CrossOrigin"]

Header = tuple[bytes, bytes]

_READING: Final = ("GET", "HEAD")
_ASKED_WITH: Final = ("If-None-Match", "If-Range", "Range")
_EXPOSED: Final = (
    *("Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Link", "Retry-After"),
    "X-Request-ID",
)
"""Headers of an answer that scripts of another origin may read."""

_ALLOWED: Final = b"access-control-allow-origin"
_VARY: Final = b"vary"


class CrossOrigin:
    """Add to each answer which origins may read it.

    Parameters
    ----------
    application
        Answers. Its lists of headers may belong to several answers: they are copied.
    origins
        Origins whose pages may read; ``*`` for all.

    Attributes
    ----------
    application
        As given.
    is_for_all
        Whether all origins may read, so that no answer depends on the origin.
    always
        The headers that every answer has.
    """

    def __init__(self, application: ASGIApp, origins: Sequence[str]) -> None:
        self.application = application
        self._origins = {origin.encode() for origin in origins}
        self.is_for_all = "*" in origins
        self.always: list[Header] = [
            (b"access-control-expose-headers", ", ".join(_EXPOSED).encode())
        ]
        if self.is_for_all:
            self.always.append((_ALLOWED, b"*"))
        self._preflights = CORSMiddleware(
            application, allow_origins=origins, allow_methods=_READING, allow_headers=_ASKED_WITH
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if _is_preflight(scope):
            await self._preflights(scope, receive, send)
            return
        added = self.always if self.is_for_all else self._headers_for(scope)

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                headers = headers if self.is_for_all else _varied(headers)
                message = {**message, "headers": [*headers, *added]}
            await send(message)

        await self.application(scope, receive, send_allowed)

    def _headers_for(self, scope: Scope) -> list[Header]:
        for name, value in scope["headers"]:
            if name == b"origin" and value in self._origins:
                return [*self.always, (_ALLOWED, value)]
        return self.always


def _is_preflight(scope: Scope) -> bool:
    if scope["method"] != "OPTIONS":
        return False
    names = {name for name, _ in scope["headers"]}
    return {b"origin", b"access-control-request-method"} <= names


def _varied(headers: Sequence[Header]) -> list[Header]:
    """Say in one header, next to what an answer depends on anyway, that it is the origin."""
    values = [value for name, value in headers if name == _VARY]
    kept = [pair for pair in headers if pair[0] != _VARY]
    return [*kept, (_VARY, b", ".join([*values, b"Origin"]))]
