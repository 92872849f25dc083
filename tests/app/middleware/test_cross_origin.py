"""Pages of other origins read answers; whether a request names its origin changes no cache."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.middleware.cross_origin import CrossOrigin
from app.settings import Settings

ONE, OTHER = "https://one.example", "https://other.example"
OF_A_REQUEST = {"x-request-id", "date"}
ADDRESSES = ("/api/plans", "/api/plans/none", "/nothing", "/", "/ogc", "/api/layers?bbox=x")
"""Answers that are kept, refusals, a page and a redirect."""


def ask(app: Any, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, url, headers=named)

    return asyncio.run(send())


def kept_headers(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.multi_items()
            if name not in OF_A_REQUEST]  # fmt: skip


@pytest.fixture(scope="module")
def narrow(catalogue: Any) -> Any:
    """Serves pages of two origins only."""
    settings = Settings(warm_up=False, origins=f"{ONE}, https://two.example")
    app = create_app(settings, catalogue=catalogue)
    yield app
    app.state.what_if_pool.close()
    app.state.request_pool.close()


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_answer_for_all_is_the_same_for_every_origin(app: Any, url: str) -> None:
    for headers in ({}, {"accept_encoding": "gzip"}, {"accept_language": "uk"}):
        plain, named = ask(app, url, **headers), ask(app, url, origin=OTHER, **headers)
        assert kept_headers(plain) == kept_headers(named)
        assert plain.headers.get_list("access-control-allow-origin") == ["*"]
        assert "ETag" in plain.headers["access-control-expose-headers"]
        assert "origin" not in plain.headers.get("vary", "").lower()


def test_so_is_one_that_has_not_changed_and_a_part(app: Any) -> None:
    etag = ask(app, "/api/plans").headers["etag"]
    for headers in ({"if_none_match": etag}, {"range": "bytes=0-9"}, {"range": "bytes=999999999-"}):
        plain, named = (ask(app, "/api/plans", **headers, **more)
                        for more in ({}, {"origin": ONE}))  # fmt: skip
        assert plain.status_code in (304, 206, 416)
        assert kept_headers(plain) == kept_headers(named)
        assert plain.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("url", ADDRESSES)
def test_where_some_origins_may_read_every_answer_says_that_it_depends(
    narrow: Any, url: str
) -> None:
    answers = {origin: ask(narrow, url, **({"origin": origin} if origin else {}))
               for origin in ("", ONE, OTHER)}  # fmt: skip
    for answer in answers.values():
        (vary,) = answer.headers.get_list("vary")
        assert "Origin" in vary.split(", ")
    allowed = {o: a.headers.get("access-control-allow-origin") for o, a in answers.items()}
    assert allowed == {"": None, ONE: ONE, OTHER: None}


def test_nothing_but_reading_is_allowed(app: Any, narrow: Any) -> None:
    asked = {"origin": ONE, "access_control_request_method": "GET"}
    assert ask(app, "/api/plans", "OPTIONS", **asked).status_code == 200
    asked["access_control_request_method"] = "POST"
    assert ask(app, "/api/what-if", "OPTIONS", **asked).status_code == 400
    assert ask(app, "/api/what-if", "OPTIONS").status_code == 405
    other = {"origin": OTHER, "access_control_request_method": "GET"}
    assert ask(narrow, "/api/plans", "OPTIONS", **other).status_code == 400


def test_what_is_added_is_not_kept_in_the_answer_of_others() -> None:
    """A kept answer is sent to everybody as it is; what an origin adds belongs to one request."""
    kept = [(b"vary", b"Accept-Encoding")]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": kept})
        await send({"type": "http.response.body", "body": b""})

    for origin in (ONE, OTHER, ONE):
        ask(CrossOrigin(application, [ONE]), "/", origin=origin)
    assert kept == [(b"vary", b"Accept-Encoding")]


def test_what_is_no_request_passes_through() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, send))

    async def send(message: Any) -> None: ...

    asyncio.run(CrossOrigin(application, ["*"])({"type": "lifespan"}, send, send))  # type: ignore[arg-type]
    assert seen == [({"type": "lifespan"}, send)]
