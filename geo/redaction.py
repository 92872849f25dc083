"""Redact user names, passwords and tokens from URLs before they are shown or logged.

An address may be a secret, or hold one, wherever it comes from: a setting, a redirect, a statement
of where a file is from. Whatever is shown, logged or recorded passes :func:`mask_secrets`.

References
----------
RFC 3986, Uniform Resource Identifier: 3.2.1 (user information), 3.4 (query).
"""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["MASK", "mask_secrets"]

MASK: Final = "***"
"""Stands where something secret stood."""

_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.\-]*://)([^\s\"<>]+)", re.IGNORECASE)
_WITHOUT_SCHEME: Final = re.compile(r"(?<![\w/@:])[\w.+%~\-]+:[^\s/@\"'<>]+@(?=[\w\[])")
_END_OF_HOST: Final = re.compile(r"[/?#]")
_TAIL: Final = re.compile(r"[?#]")
_PART: Final = re.compile(r"([&;?#])")
_HARMLESS: Final = frozenset(
    (
        *("day", "date", "year", "month", "format", "f", "lang", "language", "layer", "type"),
        *("version", "v", "page", "country", "level", "crs", "srs", "service", "request"),
    )
)
"""Names in a query whose values say what is asked for; those of all others are masked."""
_CLOSING: Final = "'\"`,.;:)]}"


def mask_secrets(text: str, known: Iterable[str] = ()) -> str:
    """Return a text in which addresses tell neither user information nor what a query holds.

    Parameters
    ----------
    text
        Anything: a message, a line of a log, an address alone.
    known
        Secrets that are masked wherever they stand, each as it is written there.

    Returns
    -------
    str
        The same text where it holds none of these. What is no address and was not named is not
        recognised, nor is a secret in the path of an address.

    Examples
    --------
    >>> mask_secrets("https://me:hush@host/a?token=t0p&day=2: not found")
    'https://***@host/a?token=***&day=2: not found'
    >>> mask_secrets("see https://host/@maps/a.json, and wait")
    'see https://host/@maps/a.json, and wait'
    """
    for secret in known:
        if secret:
            text = text.replace(secret, MASK)
    if "://" in text:
        text = _ADDRESS.sub(_mask_address, text)
    return _WITHOUT_SCHEME.sub(f"{MASK}@", text) if "@" in text else text


def _mask_address(found: re.Match[str]) -> str:
    scheme, rest = found.groups()
    whole = rest.rstrip(_CLOSING)
    return scheme + _mask_tail(_mask_user(whole)) + rest[len(whole) :]


def _mask_user(rest: str) -> str:
    """Mask what stands before the host, also where signs in a password were not coded."""
    end = _END_OF_HOST.search(rest)
    host = rest[: end.start()] if end else rest
    if "@" in host:
        return MASK + rest[host.rindex("@") :]
    if ":" in host and "@" in rest:  # a slash in a password looks like the end of the host
        return MASK + rest[rest.rindex("@") :]
    return rest


def _mask_tail(rest: str) -> str:
    """Mask the values of query and fragment; names stay, for they help to find the fault."""
    begins = _TAIL.search(rest)
    if begins is None:
        return rest
    head, tail = rest[: begins.start()], rest[begins.start() :]
    return head + "".join(_mask_part(part) for part in _PART.split(tail))


def _mask_part(part: str) -> str:
    name, mark, value = part.partition("=")
    if mark:
        return f"{name}={MASK}" if value and name.lower() not in _HARMLESS else part
    return part if part in {"", "&", ";", "?", "#"} else MASK
