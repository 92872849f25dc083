"""ASGI middleware that keeps finished answers and sends them without entering the framework.

A pure ASGI layer. The application makes each answer once; from then on the layer sends it by
itself: identity, gzip or brotli, a range of bytes, ``304 Not Modified``, ``HEAD``. An answer is
kept only when the application asks for it with the response header :data:`KEEP` and the status is
200; everything else passes through as the application sends it.

References
----------
RFC 9110, HTTP Semantics: 8.8.3 (ETag), 9.3.2 (HEAD), 14 (Range requests), 15.4.5 (304).
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from enum import Enum, auto
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from app.middleware.byte_ranges import ACCEPT_RANGES, find_part, messages_of
from app.middleware.early_problems import problem_body, problem_headers
from app.middleware.negotiation import (
    CODINGS,
    Conditions,
    acceptable_codings,
    choose_coding,
    compress,
    matches_etag,
    read_conditions,
)

if TYPE_CHECKING:
    from app.middleware.shared_cache import SharedAnswers

__all__ = ["CLIENT_LEFT", "KEEP", "PreparedAnswers", "address_of"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

KEEP: Final = b"x-keep-prepared"
"""Response header by which the application asks for an answer to be kept; never sent on."""

CLIENT_LEFT: Final = 499
"""Status of an answer that no client waits for; the next equal request starts again."""

_WORTH_COMPRESSING_BYTES: Final = 512
_OVERHEAD_BYTES: Final = 2048
_TEXT: Final = re.compile(rb"text/|application/(?:[a-z.]+\+)?(?:json|javascript|xml)|image/svg")
_HEADERS_OF_304: Final = (
    *(b"cache-control", b"vary", b"content-location", b"expires"),
    *(b"access-control-allow-origin", b"access-control-expose-headers"),
)

_NOT_ACCEPTABLE: Final = problem_body(
    406,
    "Not Acceptable",
    "The Accept-Encoding header refuses every content coding on offer: br, gzip and identity. "
    "Accept one of them, or leave the header out.",
    valid={"Accept-Encoding": ["br", "gzip", "identity"]},
)


class _Variant:
    """One content coding of one answer, as the ASGI messages that send it."""

    __slots__ = ("body", "etag", "not_modified", "start")

    def __init__(self, headers: list[Header], body: bytes, digest: bytes, coding: bytes) -> None:
        suffix = b"" if coding == b"identity" else b"-" + coding
        self.etag = b'"' + digest + suffix + b'"'
        own = [(b"etag", self.etag)]
        own.append((b"content-encoding", coding) if suffix else ACCEPT_RANGES)
        length = (b"content-length", b"%d" % len(body))
        few = [pair for pair in headers if pair[0] in _HEADERS_OF_304]
        self.start: Message = _start(200, [*headers, *own, length])
        self.not_modified: Message = _start(304, [*few, own[0]])
        self.body: Message = {"type": "http.response.body", "body": body}

    @property
    def size_bytes(self) -> int:
        return len(self.body["body"])


class _Answer:
    """A finished answer with the codings made so far."""

    __slots__ = ("_digest", "_making", "codings", "counted_bytes", "headers", "variants")

    def __init__(self, headers: list[Header], body: bytes) -> None:
        self.headers = _without_own_headers(headers)
        self._digest = sha256(body).hexdigest()[:32].encode()
        self._making: dict[bytes, asyncio.Task[_Variant]] = {}
        self.counted_bytes = 0
        kind = dict(self.headers).get(b"content-type", b"")
        worth = len(body) >= _WORTH_COMPRESSING_BYTES and _TEXT.match(kind) is not None
        self.codings = CODINGS if worth else (b"identity",)
        self.variants = {b"identity": _Variant(self.headers, body, self._digest, b"identity")}

    @property
    def size_bytes(self) -> int:
        return sum(variant.size_bytes + _OVERHEAD_BYTES for variant in self.variants.values())

    def find_part(self, asked: Conditions) -> range | None:
        """Find the part that is asked for; parts are those of the answer without a coding."""
        whole = self.variants[b"identity"]
        accepted = asked.accept_encoding
        if accepted is not None and b"identity" not in acceptable_codings(accepted):
            return None
        return find_part(asked.range or b"", asked.if_range, etag=whole.etag, size=whole.size_bytes)

    async def encode(self, coding: bytes) -> _Variant:
        """Make a coding in a thread, once, however many requests wait for it."""
        task = self._making.get(coding)
        if task is None:
            task = asyncio.create_task(self._encode(coding))
            self._making[coding] = task
        return await asyncio.shield(task)

    async def _encode(self, coding: bytes) -> _Variant:
        body = self.variants[b"identity"].body["body"]
        try:
            packed = await asyncio.to_thread(compress, body, coding)
        finally:
            del self._making[coding]
        variant = _Variant(self.headers, packed, self._digest, coding)
        self.variants[coding] = variant
        return variant


class _Outcome(Enum):
    """Outcome of the first of several equal requests if its answer is not kept."""

    NOT_KEPT = auto()
    ENDED = auto()


_Pending = asyncio.Future["_Answer | _Outcome"]


class PreparedAnswers:
    """Keep finished answers and send them without entering the application.

    Parameters
    ----------
    application
        The ASGI application that makes the answers.
    max_bytes
        Upper bound for all kept bytes, compressed variants and keys included. The answers used
        longest ago are dropped first; an answer larger than the bound is sent but not kept.
    same_answer
        Gives one key for those whose answer is the same. Asked only when nothing is kept under
        the key that came.
    shared
        Where answers of other workers are found, and ours left for them.
    headers
        Headers of what this layer refuses by itself.

    Notes
    -----
    Answers are keyed by raw path and query string. Concurrent first requests for one key enter
    the application once and share its answer. A ``HEAD`` request is answered from the ``GET``.
    An instance belongs to one event loop. What is kept is sent as it is, to everybody: a layer
    outside that changes headers must change a copy of them.
    """

    def __init__(
        self,
        application: Application,
        *,
        max_bytes: int = 256 * 2**20,
        same_answer: Callable[[bytes], bytes] | None = None,
        shared: "SharedAnswers | None" = None,
        headers: Sequence[Header] = (),
    ) -> None:
        self._application = application
        self._headers = headers
        self._shared = shared
        self._same_answer = same_answer
        self._max_bytes = max_bytes
        self._answers: OrderedDict[bytes, _Answer] = OrderedDict()
        self._pending: dict[bytes, _Pending] = {}
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Bytes kept now."""
        return self._size_bytes

    def __len__(self) -> int:
        return len(self._answers)

    def __contains__(self, address: str) -> bool:
        """Whether the answer to a path and query is kept."""
        return address.encode() in self._answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or let the application answer."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._application(scope, receive, send)
            return
        key = address_of(scope)
        answer = self._answers.get(key)
        if answer is None and self._same_answer is not None:
            key = self._same_answer(key)
            answer = self._answers.get(key)
        if answer is None:
            answer = await self._first_answer(key, scope, receive, send)
            if answer is None:
                return
        else:
            self._answers.move_to_end(key)
        await self._send(answer, key, scope, send)

    async def _first_answer(
        self, key: bytes, scope: Scope, receive: Receive, send: Send
    ) -> _Answer | None:
        """Enter the application once for a key; ``None`` when it has answered by itself.

        Requests for the same key wait. If the first one ends without an answer, because its client
        has left or the application failed, the next one takes its place.
        """
        while (first := self._pending.get(key)) is not None:
            outcome = await asyncio.shield(first)
            if isinstance(outcome, _Answer):
                return outcome
            if outcome is _Outcome.NOT_KEPT:
                await self._application(*_as_get(scope, receive, send))
                return None
        pending: _Pending = asyncio.get_running_loop().create_future()
        self._pending[key] = pending
        collector = _Collector(send, head=scope["method"] == "HEAD", passed_on=pending)
        answer = None
        try:
            answer = await self._answer_of_others(key)
            if answer is None:
                await self._application({**scope, "method": "GET"}, receive, collector)
                answer = collector.answer
                self._leave_for_others(key, answer)
            if answer is not None:
                self._keep(key, answer)
        finally:
            del self._pending[key]
            if not pending.done():
                pending.set_result(_Outcome.ENDED if answer is None else answer)
        return answer

    async def _answer_of_others(self, key: bytes) -> _Answer | None:
        """Find what another worker has made."""
        if self._shared is None or not self._shared.has(key):
            return None
        found = await asyncio.to_thread(self._shared.find, key)
        return None if found is None else _Answer(*found)

    def _leave_for_others(self, key: bytes, answer: _Answer | None) -> None:
        """Put an answer where other workers find it; nobody waits for that."""
        if self._shared is None or answer is None:
            return
        body = answer.variants[b"identity"].body["body"]
        self._shared.keep_later(key, answer.headers, body)

    async def _send(self, answer: _Answer, key: bytes, scope: Scope, send: Send) -> None:
        asked = read_conditions(scope["headers"])
        is_head = scope["method"] == "HEAD"
        part = None if is_head or asked.range is None else answer.find_part(asked)
        coding = choose_coding(answer.codings, asked.accept_encoding, whole=part is None)
        if coding is None:
            await _send_not_acceptable(send, self._headers, head=is_head)
            return
        variant = answer.variants.get(coding)
        if variant is None:
            variant = await answer.encode(coding)
            self._recount(key, answer)
        if asked.if_none_match is not None and matches_etag(asked.if_none_match, variant.etag):
            await send(variant.not_modified)
            await send(_EMPTY)
            return
        if part is not None:
            for message in messages_of(part, variant.start["headers"], variant.body["body"]):
                await send(message)
            return
        await send(variant.start)
        await send(_EMPTY if is_head else variant.body)

    def _keep(self, key: bytes, answer: _Answer) -> None:
        if answer.size_bytes <= self._max_bytes:
            self._answers[key] = answer
            self._recount(key, answer)

    def _recount(self, key: bytes, answer: _Answer) -> None:
        if self._answers.get(key) is not answer:
            return
        size_bytes = answer.size_bytes + len(key)
        self._size_bytes += size_bytes - answer.counted_bytes
        answer.counted_bytes = size_bytes
        while self._size_bytes > self._max_bytes:
            _, dropped = self._answers.popitem(last=False)
            self._size_bytes -= dropped.counted_bytes


def address_of(scope: Scope) -> bytes:
    """Return path and query of a request, without the parameters that are empty."""
    path: bytes = scope["raw_path"] if "raw_path" in scope else scope["path"].encode()
    query: bytes = scope["query_string"]
    if not query:
        return path
    if b"&&" in query or query.startswith(b"&") or query.endswith(b"&"):
        query = b"&".join(filter(None, query.split(b"&")))
    return path + b"?" + query if query else path


class _Collector:
    """Stands in for ``send``: gathers an answer that is to be kept, passes on any other."""

    def __init__(self, send: Send, *, head: bool, passed_on: _Pending) -> None:
        self.answer: _Answer | None = None
        self._send = _without_body(send) if head else send
        self._passed_on = passed_on
        self._headers: list[Header] | None = None
        self._chunks: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_to_be_kept(message):
            self._headers = list(message["headers"])
            return
        if self._headers is None:
            is_passed_on = message.get("status", CLIENT_LEFT) != CLIENT_LEFT  # bodies have none
            if is_passed_on and not self._passed_on.done():
                self._passed_on.set_result(_Outcome.NOT_KEPT)
            await self._send(message)
            return
        self._chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            self.answer = _Answer(self._headers, b"".join(self._chunks))


_EMPTY: Final[Message] = {"type": "http.response.body", "body": b""}


def _start(status: int, headers: list[Header]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _is_to_be_kept(message: Message) -> bool:
    return message["status"] == 200 and any(name == KEEP for name, _ in message["headers"])


def _without_own_headers(headers: list[Header]) -> list[Header]:
    """Drop what the layer writes itself and complete ``Vary``."""
    own = (KEEP, b"etag", b"content-length", b"content-encoding", b"vary", b"x-request-id")
    vary = [value for name, value in headers if name == b"vary"]
    if not any(b"accept-encoding" in value.lower() or value == b"*" for value in vary):
        vary.append(b"Accept-Encoding")
    kept = [(name, value) for name, value in headers if name not in own]
    return [*kept, (b"vary", b", ".join(vary))]


async def _send_not_acceptable(send: Send, more: Sequence[Header], *, head: bool) -> None:
    headers = [*more, *problem_headers(_NOT_ACCEPTABLE), (b"vary", b"Accept-Encoding")]
    await send(_start(406, headers))
    await send(_EMPTY if head else {"type": "http.response.body", "body": _NOT_ACCEPTABLE})


def _as_get(scope: Scope, receive: Receive, send: Send) -> tuple[Scope, Receive, Send]:
    if scope["method"] == "GET":
        return scope, receive, send
    return {**scope, "method": "GET"}, receive, _without_body(send)


def _without_body(send: Send) -> Send:
    """Send the headers of a ``GET`` and none of its body."""

    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_headers
