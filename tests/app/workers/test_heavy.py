"""Heavy requests: bounded, refused at once when too many, stopped when nobody waits for them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.datasets.catalogue import Catalogue
from app.main import Service, create_app
from app.settings import Settings
from running import eventually

pytestmark = pytest.mark.slow
LONG = "/api/uncertainty?draws=10000&seed="


def combs(teeth: int) -> bytes:
    """Two combs across each other: few positions, their square of crossings."""
    upright = [[30 + 8 * n / teeth, 52.9 if n % 4 in (1, 2) else 44.1] for n in range(teeth)]
    level = [[39.9 if n % 4 in (1, 2) else 22.1, 45 + 6 * n / teeth] for n in range(teeth)]
    line = {"type": "MultiLineString", "coordinates": [upright, level]}
    return json.dumps({"line": line, "geometry": "none"}).encode()


@pytest.fixture(scope="module")
def served(catalogue: Catalogue) -> Iterator[Service]:
    settings = Settings(warm_up=False, what_if_seconds=300.0, what_if_waiting=1)
    app = create_app(settings, catalogue=catalogue)
    yield app
    app.state.what_if_pool.close()
    app.state.request_pool.close()


async def ask_and_leave(app: Service, scope: dict[str, Any], body: bytes, after_s: float) -> int:
    """Ask, and hang up after a while; return the status, 0 when there was none."""
    status = 0
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await asyncio.sleep(after_s)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    whole = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "root_path": "", "query_string": b"", "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2), "raw_path": scope["path"].encode(),
        "headers": [(b"content-type", b"application/json")], **scope,
    }  # fmt: skip
    await app(whole, receive, send)
    return status


@pytest.mark.parametrize("what", ["what-if", "uncertainty"])
def test_work_stops_when_the_client_leaves(served: Service, what: str) -> None:
    asked: dict[str, Any] = {"method": "POST", "path": "/api/what-if"}
    body = combs(20_000)
    pool = served.state.what_if_pool
    if what == "uncertainty":
        asked = {"method": "GET", "path": "/api/uncertainty", "query_string": b"draws=10000&seed=7"}
        body, pool = b"", served.state.request_pool
    assert asyncio.run(ask_and_leave(served, asked, body, after_s=2.0)) == 499
    eventually(lambda: len(pool._known) <= len(pool._idle))  # the worker has stopped


def test_too_many_are_refused_at_once_and_the_others_answered(served: Service) -> None:
    async def crowd() -> list[tuple[float, httpx.Response]]:
        transport = httpx.ASGITransport(app=served, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

            async def ask(seed: int) -> tuple[float, httpx.Response]:
                begun = time.monotonic()
                answer = await client.get(f"/api/uncertainty?draws=1000&seed={seed}", timeout=300)
                return time.monotonic() - begun, answer

            return list(await asyncio.gather(*(ask(seed) for seed in range(11, 17))))

    answers = asyncio.run(crowd())
    assert sorted(answer.status_code for _, answer in answers) == [200, 200, 429, 429, 429, 429]
    first_figures = min(seconds for seconds, answer in answers if answer.status_code == 200)
    for seconds, answer in answers:
        if answer.status_code == 429:
            assert seconds < first_figures
            assert answer.headers["retry-after"] == "5"
            assert answer.json()["type"] == "/problems/busy"


def test_what_a_worker_brings_is_what_the_server_would_answer(
    served: Service, catalogue: Catalogue
) -> None:
    alone = create_app(Settings(warm_up=False), catalogue=catalogue)
    alone.state.request_pool = None

    async def ask(app: Service, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, timeout=300)

    for path in ("/api/uncertainty?draws=50&lang=uk", "/api/downloads/shp"):
        theirs, ours = asyncio.run(ask(served, path)), asyncio.run(ask(alone, path))
        assert theirs.status_code == ours.status_code == 200
        assert theirs.content == ours.content
        left_out = {"x-request-id"}
        assert {k: v for k, v in theirs.headers.items() if k not in left_out} == {
            k: v for k, v in ours.headers.items() if k not in left_out
        }


def test_a_worker_with_other_data_is_not_believed(
    tmp_path: Any, repository: Any, caplog: pytest.LogCaptureFixture
) -> None:
    import shutil

    shutil.copytree(
        repository / "data",
        tmp_path / "data",
        ignore=shutil.ignore_patterns("source*", "SHA256SUMS"),
    )
    settings = Settings(warm_up=False, data_directory=tmp_path / "data")
    app = create_app(settings)
    app.state.catalogue.load()
    plan = tmp_path / "data" / "plans" / "borders-1991.toml"
    plan.write_text(plan.read_text("utf-8").replace("1991", "1992"), "utf-8")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/api/what-if", json={}, timeout=300)

    answer = asyncio.run(ask())
    app.state.what_if_pool.close()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.json()["type"] == "/problems/unavailable"
