"""Negotiate content codings, ranges and conditional requests.

References
----------
RFC 9110, HTTP Semantics: 8.8.3 (ETag), 12.5.3 (Accept-Encoding), 13.1.2 (If-None-Match).
"""

import gzip
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import brotli

__all__ = [
    "CODINGS",
    "Conditions",
    "acceptable_codings",
    "choose_coding",
    "compress",
    "matches_etag",
    "read_conditions",
]

CODINGS: Final = (b"br", b"gzip", b"identity")
"""Content codings on offer, the one preferred by the server first."""


class Conditions(NamedTuple):
    """Values of the headers that choose between forms of one answer; ``None`` where absent."""

    accept_encoding: bytes | None
    if_none_match: bytes | None
    range: bytes | None
    if_range: bytes | None


_READ: Final = {b"accept-encoding": 0, b"if-none-match": 1, b"range": 2, b"if-range": 3}
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6
_WEIGHT: Final = re.compile(rb"[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_CODING: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ENTITY_TAG: Final = rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_ENTITY_TAGS: Final = re.compile(
    rb"[ \t]*(?:,[ \t]*)*%b(?:[ \t]*,(?:[ \t]*%b)?)*[ \t]*" % (_ENTITY_TAG, _ENTITY_TAG)
)
_OPAQUE: Final = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def read_conditions(headers: Iterable[tuple[bytes, bytes]]) -> Conditions:
    """Find the headers that matter, joined where they come more than once."""
    found: list[bytes | None] = [None, None, None, None]
    for name, value in headers:
        place = _READ.get(name)
        if place is not None:
            before = found[place]
            found[place] = value if before is None else before + b", " + value
    return Conditions(*found)


@lru_cache(maxsize=1024)
def acceptable_codings(accept_encoding: bytes) -> tuple[bytes, ...]:
    """Rank the content codings on offer by what a request accepts.

    Parameters
    ----------
    accept_encoding
        Value of the ``Accept-Encoding`` header; members that are malformed are passed over.

    Returns
    -------
    tuple of bytes
        Members of :data:`CODINGS`, best first; empty when all are refused. A coding that is
        asked for comes before ``identity`` that is merely not refused.

    References
    ----------
    RFC 9110, section 12.5.3.
    """
    weights: dict[bytes, float] = {}
    for member in accept_encoding.split(b","):
        name, *parameters = (part.strip(b" \t") for part in member.split(b";"))
        weight = _parse_weight(parameters)
        if weight is not None and _CODING.fullmatch(name):
            name = name.lower()
            weights[b"gzip" if name == b"x-gzip" else name] = weight
    other = weights.get(b"*", 0.0)
    ranked = {coding: weights.get(coding, other) for coding in CODINGS}
    if b"identity" not in weights and b"*" not in weights:
        ranked[b"identity"] = 1e-4
    accepted = [coding for coding in CODINGS if ranked[coding] > 0.0]
    return tuple(sorted(accepted, key=lambda coding: -ranked[coding]))


def _parse_weight(parameters: list[bytes]) -> float | None:
    """Read ``q=...``; 1 when there is none, ``None`` when it is malformed."""
    if not parameters:
        return 1.0
    found = _WEIGHT.fullmatch(parameters[0]) if len(parameters) == 1 else None
    return float(found[1]) if found else None


def matches_etag(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether an ``If-None-Match`` header names an entity tag (weak comparison).

    Parameters
    ----------
    if_none_match
        Value of the header: ``*``, or a list of entity tags, each perhaps marked ``W/``.
        A malformed value matches nothing, so that the full answer is sent.
    etag
        A strong entity tag with its quotation marks.

    Returns
    -------
    bool
        True when the answer can be ``304 Not Modified``.

    References
    ----------
    RFC 9110, sections 8.8.3.2 and 13.1.2.
    """
    if if_none_match == etag or if_none_match.strip(b" \t") == b"*":
        return True
    if not _ENTITY_TAGS.fullmatch(if_none_match):
        return False
    return etag in _OPAQUE.findall(if_none_match)


def compress(body: bytes, coding: bytes) -> bytes:
    """Encode a body by brotli or gzip."""
    if coding == b"gzip":
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    packed: bytes = brotli.compress(body, quality=_BROTLI_QUALITY)
    return packed


def choose_coding(
    codings: tuple[bytes, ...], accept_encoding: bytes | None, *, whole: bool
) -> bytes | None:
    """Pick a coding; small answers are compressed only for those who refuse ``identity``."""
    if accept_encoding is None or not whole:
        return b"identity"
    accepted = acceptable_codings(accept_encoding)
    if len(codings) == 1 and b"identity" in accepted:
        return b"identity"
    return accepted[0] if accepted else None
