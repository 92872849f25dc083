"""Requests that the program makes to its own application, without a network."""

from starlette.types import Message, Receive, Scope

__all__ = ["internal_request"]


def internal_request(
    path: str,
    query: bytes = b"",
    *,
    method: str = "GET",
    root_path: str = "",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> tuple[Scope, Receive]:
    """Write a request without a body.

    Parameters
    ----------
    path, query
        What is asked for; the path without its prefix.
    method, root_path, headers
        As they would come.

    Returns
    -------
    scope, receive
        For an ASGI application.
    """

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    whole = root_path + path
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": whole,
        "raw_path": whole.encode(),
        "query_string": query,
        "root_path": root_path,
        "headers": list(headers),
        "client": None,
        "server": None,
    }
    return scope, receive
