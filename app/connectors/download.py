"""Download one URL to one file: resume, retry, check, and move into place.

References
----------
RFC 9110, HTTP Semantics: 10.2.3 (Retry-After), 13.1.5 (If-Range), 14 (Range requests).
"""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from app.connectors.errors import FetchError, NotPublishedError
from app.connectors.files import Downloaded
from geo.errors import SettlementError

__all__ = ["Downloader", "Limits"]

_GONE: Final = frozenset({404, 410})
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_REDIRECTS: Final = 5
_ACCEPT: Final = "application/geo+json, application/json, application/octet-stream, text/plain"
_NOT_DATA: Final = ("text/html", "application/xhtml", "image/", "video/", "audio/")


@dataclass(frozen=True)
class Limits:
    """Limits of a download: waiting time, attempts, size.

    A server that asks for a longer pause (``Retry-After``) is asked again after the longest one.
    """

    attempts: int = 5
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    connect_s: float = 10.0
    silence_s: float = 30.0
    whole_s: float = 600.0
    most_bytes: int = 64 * 2**20


class _PassingError(Exception):
    """A fault that may be gone on the next try; perhaps with a time to wait."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class _RestartError(_PassingError):
    """The part received so far does not belong to the file any more."""


class Downloader:
    """Fetches files one after the other over kept connections.

    Parameters
    ----------
    limits
        Times, tries and sizes.
    sleep
        How to wait between tries.
    transport
        For tests; the network by default.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._sleep = sleep
        timeout = httpx.Timeout(self._limits.silence_s, connect=self._limits.connect_s)
        agent = {"user-agent": "point21", "accept": _ACCEPT, "accept-encoding": "identity"}
        self._client = httpx.Client(timeout=timeout, headers=agent, transport=transport)

    def __enter__(self) -> "Downloader":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(
        self,
        url: str,
        target: Path,
        *,
        check: Callable[[Path], None],
        progress: Callable[[int, int | None], None] | None = None,
    ) -> Downloaded:
        """Fetch one file, unless it breaks off for good.

        Parameters
        ----------
        url
            http or https.
        target
            Where it goes, once it is complete and checked. What has come so far is kept beside it
            (``.part``) and taken up again, also after the program was killed.
        check
            Raises :class:`geo.SettlementError` when the file is not what it should be.
        progress
            Called with bytes so far and in all, where that is known.

        Raises
        ------
        NotPublishedError
            There is nothing at this address.
        FetchError
            It could not be fetched, or is not what it should be; ``target`` is as it was.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        pause_s = self._limits.first_pause_s
        for attempt in range(1, self._limits.attempts + 1):
            try:
                self._transfer(url, part, progress)
                return self._put_in_place(url, part, target, check)
            except httpx.InvalidURL:  # whose words may hold a part of a password
                raise FetchError(f"{url}: is no address; expected https://HOST/PATH.") from None
            except (_PassingError, httpx.TransportError) as error:
                if isinstance(error, _RestartError):
                    part.unlink(missing_ok=True)
                if attempt == self._limits.attempts:
                    why = str(error) or type(error).__name__
                    raise FetchError(
                        f"{url}: gave up after {attempt} tries: {why}. What has come is kept and "
                        "taken up next time."
                    ) from error
                wait_s = getattr(error, "wait_s", None)
                self._sleep(min(wait_s or pause_s, self._limits.longest_pause_s))
                pause_s *= 2.0
        raise AssertionError("not reached")

    def _put_in_place(
        self, url: str, part: Path, target: Path, check: Callable[[Path], None]
    ) -> Downloaded:
        whole = part.with_name(f".{target.stem}.{os.getpid()}.check{target.suffix}")
        part.replace(whole)
        try:
            check(whole)
            content = whole.read_bytes()
            whole.replace(target)
        except SettlementError as error:
            message = str(error).replace(whole.name, target.name)
            raise FetchError(f"{url}: sent something else than it should: {message}") from error
        finally:
            with suppress(OSError):
                whole.unlink()
            with suppress(OSError):
                _notes_of(part).unlink()
        return Downloaded(target, url, len(content), hashlib.sha256(content).hexdigest())

    def _transfer(
        self, url: str, part: Path, progress: Callable[[int, int | None], None] | None
    ) -> None:
        """Bring the part to its full length; redirects are followed, a few of them."""
        begun = time.monotonic()
        here = url
        for _ in range(_MOST_REDIRECTS + 1):
            have, headers = _what_is_there(part, url)
            with self._client.stream("GET", here, headers=headers) as response:
                if response.is_redirect:
                    here = _next_address(here, response)
                    continue
                have = self._accept(url, response, have)
                self._write(url, part, response, have, begun, progress)
                return
        raise FetchError(f"{url}: more than {_MOST_REDIRECTS} redirects.")

    def _accept(self, url: str, response: httpx.Response, have: int) -> int:
        """Judge the head of an answer; return how many bytes stand."""
        status = response.status_code
        if status in _GONE:
            raise NotPublishedError(f"{url}: there is nothing at this address ({status}).")
        if status == 416:
            raise _RestartError(f"{url}: the server does not take the download up again")
        if status in _PASSING:
            raise _PassingError(f"the server answered {status}", _retry_after(response))
        if status not in (200, 206):
            raise FetchError(f"{url}: the server answered {status}; expected 200.")
        kind = response.headers.get("content-type", "").lower()
        if kind.startswith(_NOT_DATA):
            raise FetchError(
                f"{url}: expected data (GeoJSON); got {kind.split(';')[0]}. Is the address right?"
            )
        coding = response.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise FetchError(f"{url}: asked for the content coding identity; got {coding}.")
        if status == 206 and _start_of(response) == have:
            return have
        return 0

    def _write(
        self,
        url: str,
        part: Path,
        response: httpx.Response,
        have: int,
        begun: float,
        progress: Callable[[int, int | None], None] | None,
    ) -> None:
        length = response.headers.get("content-length")
        total = None if length is None or not length.isdigit() else have + int(length)
        limits = self._limits
        if total is not None and total > limits.most_bytes:
            raise FetchError(f"{url}: {total:,} bytes announced, at most {limits.most_bytes:,}.")
        _notes_of(part).write_text(
            json.dumps({"of": _digest(url), "etag": response.headers.get("etag", "")}), "utf-8"
        )
        with part.open("ab" if have else "wb", buffering=0) as file:
            for block in response.iter_raw():
                file.write(block)
                have += len(block)
                if have > limits.most_bytes:
                    raise FetchError(
                        f"{url}: expected at most {limits.most_bytes:,} bytes; got more."
                    )
                if time.monotonic() - begun > limits.whole_s:
                    raise _PassingError(f"it took longer than {limits.whole_s:g} s")
                if progress is not None:
                    progress(have, total)
            os.fsync(file.fileno())
        if total is not None and have != total:
            raise _PassingError(f"it broke off after {have:,} of {total:,} bytes")


def _notes_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _digest(url: str) -> str:
    """Tell addresses apart without keeping them: they may hold a password."""
    return hashlib.sha256(url.encode()).hexdigest()


def _what_is_there(part: Path, url: str) -> tuple[int, dict[str, str]]:
    """Return how much has come before, and the headers that ask for the rest."""
    try:
        have = part.stat().st_size
        notes: Any = json.loads(_notes_of(part).read_text("utf-8"))
        etag = notes["etag"] if notes["of"] == _digest(url) else ""
    except (OSError, ValueError, KeyError, TypeError):
        return 0, {}
    if not have or not etag or etag.startswith("W/"):
        return 0, {}
    return have, {"range": f"bytes={have}-", "if-range": etag}


def _start_of(response: httpx.Response) -> int:
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    start = rest.partition("-")[0]
    return int(start) if unit == "bytes" and start.isdigit() else -1


def _retry_after(response: httpx.Response) -> float | None:
    """Read how many seconds a server asks to wait: a number, or the time when to come back."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment - datetime.now(moment.tzinfo)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _next_address(here: str, response: httpx.Response) -> str:
    """Return where a redirect leads: http or https, and never from https to http."""
    there = str(httpx.URL(here).join(response.headers.get("location", "")))
    scheme = urlsplit(there).scheme
    if scheme not in {"http", "https"} or (scheme == "http" and here.startswith("https:")):
        raise FetchError(f"{here}: leads to {there}, which is not followed.")
    return there
