"""Byte ranges (RFC 9110, 14): find the part that a request asks for, and describe it.

References
----------
RFC 9110, HTTP Semantics: 13.1.5 (If-Range), 14 (Range requests), 15.3.7 (206), 15.5.17 (416).
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

from app.middleware.early_problems import problem_body, problem_headers

__all__ = ["ACCEPT_RANGES", "find_part", "messages_of"]

Header = tuple[bytes, bytes]
Message = MutableMapping[str, Any]

ACCEPT_RANGES: Final[Header] = (b"accept-ranges", b"bytes")
"""Says that parts of an answer can be asked for."""

_ONE_RANGE: Final = re.compile(
    rb"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.IGNORECASE
)


def find_part(asked: bytes, if_range: bytes | None, *, etag: bytes, size: int) -> range | None:
    """Find the bytes that a request asks for.

    Parameters
    ----------
    asked
        Value of the header ``Range``.
    if_range
        Value of the header ``If-Range``: the part is only of use if the answer is still this one.
    etag
        Strong entity tag of the answer, with its quotation marks.
    size
        Length of the answer in bytes.

    Returns
    -------
    range or None
        Positions; empty if the answer has no such bytes. ``None`` if the whole answer is to be
        sent: another version is meant (a date in ``If-Range`` is no proof), the header is malformed
        or in another unit, or it asks for several parts, which a server need not take apart.
    """
    found = _ONE_RANGE.fullmatch(asked)
    if found is None or if_range not in (None, etag):
        return None
    first, last, suffix = (None if text is None else int(text) for text in found.groups())
    if first is None:
        return range(max(0, size - (suffix or 0)), size)
    if last is not None and last < first:
        return None
    return range(first, size if last is None else min(last + 1, size))


def messages_of(part: range, headers: list[Header], body: bytes) -> tuple[Message, Message]:
    """Return the ASGI messages that send a part of an answer, or refuse an empty part."""
    size = len(body)
    if not part:
        status, body = 416, _refuse(size)
        place = b"bytes */%d" % size
        allowed = [pair for pair in headers if pair[0].startswith(b"access-control-")]
        headers = [*problem_headers(body), *allowed, ACCEPT_RANGES, (b"content-range", place)]
    else:
        status, body = 206, body[part.start : part.stop]
        place = b"bytes %d-%d/%d" % (part.start, part.stop - 1, size)
        kept = [pair for pair in headers if pair[0] != b"content-length"]
        headers = [*kept, (b"content-range", place), (b"content-length", b"%d" % len(body))]
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def _refuse(size: int) -> bytes:
    return problem_body(
        416,
        "Range Not Satisfiable",
        f"The answer has {size:,} bytes; the header Range asks only for bytes after its end. "
        "Ask for bytes before it, or leave the header out.",
        size=size,
    )
