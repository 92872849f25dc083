"""Problem documents for requests that never reach the framework."""

from typing import Any, Final

import orjson

__all__ = ["PROBLEM_MEDIA_TYPE", "problem_body", "problem_headers"]

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"


def problem_body(status: int, title: str, detail: str, **members: Any) -> bytes:  # noqa: ANN401
    """Write a problem that has no page of its own (RFC 9457, ``about:blank``)."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return orjson.dumps({**problem, **members})


def problem_headers(body: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of such a problem."""
    return [
        (b"content-type", PROBLEM_MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
