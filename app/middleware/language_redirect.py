"""Redirect ``/`` to the language that the browser prefers (Accept-Language).

The bare address of the map says nothing of plan, day or language. Only there the browser's
preference decides; any other address means the same for everybody.

References
----------
RFC 9110, 12.5.4 (Accept-Language) and 15.4.8 (307 Temporary Redirect).
"""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from app.i18n.languages import Language, prefers

__all__ = ["LanguageRedirect"]

_HEADER: Final = b"accept-language"


class LanguageRedirect:
    """Redirect the bare address for those who prefer another language than English.

    Parameters
    ----------
    application
        Answers everything else.
    headers
        Headers that the redirection has as well.
    """

    def __init__(
        self, application: ASGIApp, *, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> None:
        self._application = application
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect, or pass on."""
        if scope["type"] == "http" and scope["path"].endswith("/") and _is_bare(scope):
            language = prefers(_preference(scope))
            if language is not Language.ENGLISH:
                await _redirect(send, f"?lang={language.value}", self._headers)
                return
        await self._application(scope, receive, send)


def _is_bare(scope: Scope) -> bool:
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "")
    is_home = path.removeprefix(root_path) == "/" and not scope["query_string"]
    return is_home and scope["method"] in ("GET", "HEAD")


def _preference(scope: Scope) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER)


async def _redirect(send: Send, location: str, more: Sequence[tuple[bytes, bytes]]) -> None:
    headers = [
        *more,
        (b"location", location.encode()),
        (b"vary", b"Accept-Language"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
