"""The layer of prepared answers, alone, against small ASGI applications and plain oracles."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import brotli
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.middleware.negotiation import CODINGS, acceptable_codings, matches_etag
from app.middleware.response_cache import CLIENT_LEFT, KEEP, PreparedAnswers

BODY = b'{"figures":[' + b",".join(b"%d" % n for n in range(2000)) + b"]}"


class Maker:
    """An application that counts how often it is entered."""

    def __init__(
        self,
        body: bytes = BODY,
        *,
        status: int = 200,
        keep: bool = True,
        content_type: bytes = b"application/json",
        pause_s: float = 0.0,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.body, self.status, self.keep = body, status, keep
        self.content_type, self.pause_s, self.headers = content_type, pause_s, headers
        self.entered: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.entered.append(scope["method"])
        await asyncio.sleep(self.pause_s)
        mark = [(KEEP, b"1")] if self.keep else []
        headers = [(b"content-type", self.content_type), *self.headers, *mark]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        half = len(self.body) // 2
        await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[half:]})


def talk(layer: PreparedAnswers, *requests: dict[str, Any]) -> list[httpx.Response]:
    """Send requests one after the other on one event loop; bodies stay as they were sent."""

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=layer)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            client.headers.clear()
            answers = []
            for request in requests:
                prepared = client.build_request(
                    request.get("method", "GET"), request.get("url", "/x")
                )
                prepared.headers = httpx.Headers([("host", "test"), *request.get("headers", [])])
                answer = await client.send(prepared, stream=True)
                answer.extensions["raw"] = b"".join([part async for part in answer.aiter_raw()])
                answers.append(answer)
            return answers

    return asyncio.run(run())


def raw(answer: httpx.Response) -> bytes:
    return bytes(answer.extensions["raw"])


def accept(value: str) -> list[tuple[str, str]]:
    return [("accept-encoding", value)]


DECODE: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@pytest.mark.parametrize(("wanted", "coding"), [("br", "br"), ("gzip", "gzip"), ("", None)])
def test_codings_carry_the_same_bytes_and_exact_lengths(wanted: str, coding: str | None) -> None:
    maker = Maker()
    first, second = talk(PreparedAnswers(maker), *[{"headers": accept(wanted)}] * 2)
    for answer in (first, second):
        assert answer.status_code == 200
        assert answer.headers.get("content-encoding") == coding
        assert int(answer.headers["content-length"]) == len(raw(answer))
        assert DECODE[coding](raw(answer)) == BODY
        assert "accept-encoding" in answer.headers["vary"].lower()
        assert KEEP.decode() not in answer.headers
    assert first.headers == second.headers
    assert maker.entered == ["GET"]


def test_each_coding_has_its_own_strong_etag() -> None:
    layer = PreparedAnswers(Maker())
    answers = talk(layer, *[{"headers": accept(coding)} for coding in ("br", "gzip", "identity")])
    etags = [answer.headers["etag"] for answer in answers]
    assert len(set(etags)) == 3
    assert all(etag.startswith('"') and etag.endswith('"') for etag in etags)


def test_etags_follow_the_content() -> None:
    (one,) = talk(PreparedAnswers(Maker(b"one")), {})
    (same,) = talk(PreparedAnswers(Maker(b"one")), {})
    (other,) = talk(PreparedAnswers(Maker(b"two")), {})
    assert one.headers["etag"] == same.headers["etag"] != other.headers["etag"]


def test_not_modified_has_no_body_and_keeps_what_a_cache_needs() -> None:
    layer = PreparedAnswers(Maker(headers=((b"cache-control", b"public, max-age=9"),)))
    (full,) = talk(layer, {"headers": accept("br")})
    etag = full.headers["etag"]
    (again,) = talk(layer, {"headers": [*accept("br"), ("if-none-match", etag)]})
    assert again.status_code == 304
    assert raw(again) == b""
    assert again.headers["etag"] == etag
    assert again.headers["cache-control"] == "public, max-age=9"
    assert again.headers["vary"] == full.headers["vary"]
    assert "content-encoding" not in again.headers


def test_an_etag_of_one_coding_does_not_stand_for_another() -> None:
    layer = PreparedAnswers(Maker())
    (packed,) = talk(layer, {"headers": accept("br")})
    headers = [("if-none-match", packed.headers["etag"])]
    (plain,) = talk(layer, {"headers": headers})
    assert (plain.status_code, raw(plain)) == (200, BODY)


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_head_is_get_without_the_body(warm: bool, keep: bool) -> None:
    maker = Maker(keep=keep, headers=() if keep else ((b"content-length", b"%d" % len(BODY)),))
    layer = PreparedAnswers(maker)
    if warm:
        talk(layer, {})
    got, head = talk(layer, {}, {"method": "HEAD"})
    assert raw(got) == BODY
    assert raw(head) == b""
    assert head.headers == got.headers
    assert int(head.headers["content-length"]) == len(BODY)
    assert set(maker.entered) == {"GET"}


@pytest.mark.parametrize("status", [201, 301, 404, 422, 500])
def test_only_200_is_kept(status: int) -> None:
    maker = Maker(status=status)
    layer = PreparedAnswers(maker)
    answers = talk(layer, {}, {})
    assert [answer.status_code for answer in answers] == [status, status]
    assert [raw(answer) for answer in answers] == [BODY, BODY]
    assert (len(maker.entered), len(layer)) == (2, 0)


def test_an_answer_without_the_mark_passes_through() -> None:
    maker = Maker(keep=False, headers=((b"etag", b'"own"'),))
    layer = PreparedAnswers(maker)
    answers = talk(layer, {}, {"headers": [("if-none-match", '"own"')]})
    assert [answer.headers["etag"] for answer in answers] == ['"own"', '"own"']
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (len(maker.entered), len(layer)) == (2, 0)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_enter_the_application(method: str) -> None:
    maker = Maker()
    talk(PreparedAnswers(maker), {}, {"method": method}, {"method": method})
    assert maker.entered == ["GET", method, method]


def test_the_query_string_is_part_of_the_key() -> None:
    maker = Maker()
    layer = PreparedAnswers(maker)
    talk(layer, *[{"url": url} for url in ("/x", "/x?a=1", "/x?a=2", "/x?a=1", "/x?")])
    assert len(maker.entered) == 3
    assert len(layer) == 3


@pytest.mark.parametrize("keep", [False, True])
def test_a_crowd_of_first_requests(keep: bool) -> None:
    """Kept answers are made once for all; others are made for each, and nobody hangs."""
    maker = Maker(keep=keep, pause_s=0.02)
    layer = PreparedAnswers(maker)

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=layer)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            methods = ["GET", "HEAD"] * 10
            return await asyncio.gather(*[client.request(method, "/x") for method in methods])

    answers = asyncio.run(run())
    assert [answer.content for answer in answers] == [BODY, b""] * 10
    assert len(maker.entered) == (1 if keep else 20)


def test_those_who_wait_are_answered_when_the_first_one_leaves_or_fails() -> None:
    entered = 0

    async def breaks_once(scope: Any, receive: Any, send: Any) -> None:
        nonlocal entered
        entered += 1
        await asyncio.sleep(0.02)
        if entered == 1:
            raise RuntimeError("once")
        await Maker()(scope, receive, send)

    layer = PreparedAnswers(breaks_once)

    async def run() -> list[Any]:
        transport = httpx.ASGITransport(app=layer)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await asyncio.gather(
                *[client.get("/x") for _ in range(3)], return_exceptions=True
            )

    first, *others = asyncio.run(run())
    assert isinstance(first, RuntimeError)
    assert [answer.content for answer in others] == [BODY, BODY]
    assert entered == 2  # the second request takes the first one's place, the third one waits

    async def leave() -> httpx.Response:
        slow = PreparedAnswers(Maker(pause_s=0.05))
        transport = httpx.ASGITransport(app=slow)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            leaver = asyncio.create_task(client.get("/x"))
            await asyncio.sleep(0.01)
            waiter = asyncio.create_task(client.get("/x"))
            await asyncio.sleep(0.01)
            leaver.cancel()
            return await waiter

    assert asyncio.run(leave()).content == BODY


def test_a_client_that_left_is_followed_by_the_next_one_alone() -> None:
    """The application answers 499 to nobody; the answer of the next request is kept."""
    entered = 0

    async def left_once(scope: Any, receive: Any, send: Any) -> None:
        nonlocal entered
        entered += 1
        await asyncio.sleep(0.02)
        await (Maker(status=CLIENT_LEFT, keep=False) if entered == 1 else Maker())(
            scope, receive, send
        )

    layer = PreparedAnswers(left_once)

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=layer)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await asyncio.gather(*[client.get("/x") for _ in range(4)])

    first, *others = asyncio.run(run())
    assert first.status_code == CLIENT_LEFT
    assert [answer.status_code for answer in others] == [200] * 3
    assert all(
        "etag" in answer.headers and KEEP.decode() not in answer.headers for answer in others
    )
    assert entered == 2


def test_empty_parameters_make_no_key_of_their_own() -> None:
    maker = Maker()
    layer = PreparedAnswers(maker)
    urls = ["/x", "/x?&", "/x?&&&&", "/x?a=1", "/x?a=1&", "/x?&&a=1&&"]
    talk(layer, *({"url": url} for url in urls))
    assert len(maker.entered) == len(layer) == 2


def test_keys_count_among_what_is_kept() -> None:
    layer = PreparedAnswers(Maker(b"1"), max_bytes=100_000)
    talk(layer, *({"url": f"/x?{number}{'a' * 20_000}"} for number in range(30)))
    assert 1 <= len(layer) <= 5
    assert layer.size_bytes <= 100_000


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.integers(0, 4000), min_size=1, max_size=12),
    order=st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["br", "gzip", ""]))),
    bound=st.integers(0, 40_000),
)
def test_the_bound_holds_and_answers_stay_right(
    sizes: list[int], order: list[tuple[int, str]], bound: int
) -> None:
    async def by_path(scope: Any, receive: Any, send: Any) -> None:
        number = int(scope["path"][1:])
        await Maker(b"%d" % number * sizes[number])(scope, receive, send)

    layer = PreparedAnswers(by_path, max_bytes=bound)
    for number, coding in order:
        path = number % len(sizes)
        (answer,) = talk(layer, {"url": f"/{path}", "headers": accept(coding)})
        body = DECODE[answer.headers.get("content-encoding")](raw(answer))
        assert body == b"%d" % path * sizes[path]
        assert 0 <= layer.size_bytes <= bound


def test_the_answer_used_longest_ago_is_dropped_first() -> None:
    maker = Maker(b"x" * 10_000, content_type=b"image/png")
    layer = PreparedAnswers(maker, max_bytes=26_000)
    urls = ["/1", "/2", "/1", "/3", "/1", "/3"]
    talk(layer, *[{"url": url} for url in urls])
    assert len(maker.entered) == 3
    talk(layer, {"url": "/2"})
    assert len(maker.entered) == 4


def test_small_answers_and_pictures_are_not_compressed() -> None:
    for maker in (Maker(b"{}"), Maker(content_type=b"image/png")):
        answer, insisted = talk(
            PreparedAnswers(maker),
            {"headers": accept("br, gzip")},
            {"headers": accept("gzip, identity;q=0")},
        )
        assert raw(answer) == maker.body
        assert gzip.decompress(raw(insisted)) == maker.body


def test_refusing_every_coding_is_a_problem() -> None:
    (answer,) = talk(PreparedAnswers(Maker()), {"headers": accept("zstd, identity;q=0")})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["content-length"]) == len(raw(answer))
    assert b'"status":406' in raw(answer)


def test_repeated_headers_are_one_list() -> None:
    layer = PreparedAnswers(Maker())
    (plain,) = talk(layer, {})
    names = [("if-none-match", '"other"'), ("if-none-match", plain.headers["etag"])]
    codings = [("accept-encoding", "br;q=0"), ("accept-encoding", "gzip")]
    not_modified, packed = talk(layer, {"headers": names}, {"headers": codings})
    assert not_modified.status_code == 304
    assert packed.headers["content-encoding"] == "gzip"


def test_lifespan_and_unknown_scopes_pass_through() -> None:
    seen: list[str] = []

    async def note(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    nobody: Callable[..., Awaitable[Any]] = asyncio.sleep
    asyncio.run(PreparedAnswers(note)({"type": "lifespan"}, nobody, nobody))
    assert seen == ["lifespan"]


# --- Accept-Encoding: the oracle reads the structure the header was written from -------------

SPACE = st.sampled_from(["", " ", "  ", "\t"])
WEIGHTS = st.one_of(
    st.none(), st.sampled_from(["0", "1", "0.5", "0.", "1.000", "0.001", "0.999", "0.25"])
)
NAMES = st.sampled_from(["br", "gzip", "x-gzip", "identity", "*", "zstd", "deflate", "BR", "GZip"])


@st.composite
def accepted_headers(draw: st.DrawFn) -> tuple[str, dict[str, float]]:
    members = draw(st.lists(st.tuples(NAMES, WEIGHTS), max_size=6))
    members = list({plain(name): (name, weight) for name, weight in members}.values())
    text = ""
    for i, (name, weight) in enumerate(members):
        text += "," + draw(SPACE) if i else ""
        text += name
        if weight is not None:
            text += (
                draw(SPACE) + ";" + draw(SPACE) + draw(st.sampled_from(["q", "Q"])) + "=" + weight
            )
        text += draw(SPACE)
    return text, {plain(n): 1.0 if w is None else float(w) for n, w in members}


def plain(name: str) -> str:
    return {"x-gzip": "gzip"}.get(name.lower(), name.lower())


def weight_by_the_book(weights: dict[str, float], coding: str) -> float:
    """RFC 9110, 12.5.3, rule by rule; an unmentioned identity is worth next to nothing."""
    if coding in weights:
        return weights[coding]
    if "*" in weights:
        return weights["*"]
    return 0.00001 if coding == "identity" else 0.0


@given(accepted_headers())
def test_accept_encoding_against_the_book(header: tuple[str, dict[str, float]]) -> None:
    text, weights = header
    ranked = [coding.decode() for coding in acceptable_codings(text.encode())]
    values = {coding: weight_by_the_book(weights, coding) for coding in ("br", "gzip", "identity")}
    assert set(ranked) == {coding for coding, value in values.items() if value > 0}
    for better, worse in pairwise(ranked):
        assert values[better] >= values[worse]
        if values[better] == values[worse]:
            assert CODINGS.index(better.encode()) < CODINGS.index(worse.encode())


@given(st.binary(max_size=60))
def test_any_accept_encoding_is_survived(header: bytes) -> None:
    assert set(acceptable_codings(header)) <= set(CODINGS)


# --- If-None-Match: the oracle reads the list of tags the header was written from -------------

OPAQUE = st.text(st.sampled_from("ab,*W/-_é"), max_size=5)
TAGS = st.lists(st.tuples(st.booleans(), OPAQUE), max_size=5)


@given(
    TAGS, OPAQUE, st.sampled_from([",", ", ", " ,", ",,", " , ,\t"]), st.sampled_from(["", ", "])
)
def test_if_none_match_against_the_list(
    tags: list[tuple[bool, str]], own: str, comma: str, edge: str
) -> None:
    header = (
        edge + comma.join(("W/" if weak else "") + f'"{opaque}"' for weak, opaque in tags) + edge
    )
    expected = own in [opaque for _, opaque in tags]
    assert matches_etag(header.encode("latin-1"), f'"{own}"'.encode("latin-1")) is expected


@given(st.binary(max_size=60))
def test_a_malformed_if_none_match_never_matches_by_accident(header: bytes) -> None:
    etag = b'"0123456789abcdef"'
    if etag not in header and header.strip(b" \t") != b"*":
        assert not matches_etag(header, etag)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"*", True),
        (b" * ", True),
        (b'"a"', True),
        (b'W/"a"', True),
        (b'"b", W/"a"', True),
        (b'"b", "c"', False),
        (b'"a', False),
        (b"a", False),
        (b'w/"a"', False),
        (b'"b" "a"', False),
        (b'*, "a"', False),
        (b"", False),
    ],
)
def test_if_none_match_case_by_case(header: bytes, expected: bool) -> None:
    assert matches_etag(header, b'"a"') is expected


def test_a_part_is_that_of_the_answer_without_a_coding() -> None:
    layer = PreparedAnswers(Maker(headers=((b"cache-control", b"public"),)))
    browser = accept("gzip, br")
    whole, part, tail = talk(
        layer,
        {},
        {"headers": [("range", "bytes=2-9"), *browser]},
        {"headers": [("range", "bytes=-5"), ("if-range", '"x"'), *browser]},
    )
    assert whole.headers["accept-ranges"] == "bytes"
    assert (part.status_code, raw(part)) == (206, BODY[2:10])
    assert part.headers["content-range"] == f"bytes 2-9/{len(BODY)}"
    assert part.headers["content-length"] == "8"
    assert "content-encoding" not in part.headers
    for name in ("etag", "content-type", "cache-control", "vary"):
        assert part.headers[name] == whole.headers[name]
    assert (tail.status_code, tail.headers["content-encoding"]) == (200, "br")


def test_parts_make_up_the_whole_of_one_answer() -> None:
    maker = Maker()
    layer = PreparedAnswers(maker)
    step = 1000
    etag = talk(layer, {"method": "HEAD"})[0].headers["etag"]
    asked = [
        {"headers": [("range", f"bytes={start}-{start + step - 1}"), ("if-range", etag)]}
        for start in range(0, len(BODY), step)
    ]
    answers = talk(layer, *asked)
    assert {answer.status_code for answer in answers} == {206}
    assert b"".join(map(raw, answers)) == BODY
    assert len(maker.entered) == 1


def test_bytes_after_the_end_are_refused_with_the_length() -> None:
    (answer,) = talk(PreparedAnswers(Maker()), {"headers": [("range", f"bytes={len(BODY)}-")]})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(BODY)}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(raw(answer))["size"] == len(BODY)


def test_a_range_is_passed_over_where_it_does_not_apply() -> None:
    layer = PreparedAnswers(Maker())
    head, several, refused, fresh = talk(
        layer,
        {"method": "HEAD", "headers": [("range", "bytes=0-1")]},
        {"headers": [("range", "bytes=0-1,5-6")]},
        {"headers": [("range", "bytes=0-1"), *accept("gzip, identity;q=0")]},
        {"headers": [("range", "bytes=0-1"), ("if-none-match", "*")]},
    )
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(BODY)))
    assert (several.status_code, raw(several)) == (200, BODY)
    assert (refused.status_code, refused.headers["content-encoding"]) == (200, "gzip")
    assert fresh.status_code == 304
