"""The real server in a process of its own: start-up line, sockets, compression, stopping."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

import published
from app.datasets.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port"]
ADDRESS = re.compile(r"is at http://127\.0\.0\.1:(\d+)(\S*)/ \(files version ([0-9a-f]{16}), ")


class Server:
    def __init__(self, *, prefix: str = "", **settings: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "POINT21_WARM_UP": "0",
                "POINT21_WHAT_IF_SECONDS": "300",
                "POINT21_ROOT_PATH": prefix,
                **settings,
            },
        )
        self.greeting = self._wait_for_greeting()
        found = ADDRESS.search(self.greeting)
        assert found, self.greeting
        self.port, self.data_version = int(found[1]), found[3]
        assert found[2] == prefix

    def _wait_for_greeting(self) -> str:
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            if "is at http" in line:
                return line
        raise AssertionError("the server did not start:\n" + "".join(lines))

    def ask(self, method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(timeout=300)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    assert started.stop(signal.SIGINT) == 0


def test_the_greeting_tells_the_address_and_the_data(server: Server) -> None:
    answer, body = server.ask("GET", "/healthz")
    assert answer.status == 200
    assert server.data_version.encode() in body


def test_answers_over_a_socket(server: Server) -> None:
    answer, body = server.ask("GET", "/api/layers/retained")
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(body)
    assert answer.headers["server"] is None
    head, nothing = server.ask("HEAD", "/api/layers/retained")
    assert (head.status, nothing) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]
    packed, small = server.ask("GET", "/api/layers/retained", accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "br"
    assert brotli.decompress(small) == body
    same, empty = server.ask("GET", "/api/layers/retained", if_none_match=answer.headers["etag"])
    assert (same.status, empty) == (304, b"")


def test_a_connection_is_used_again(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    for method, path, status in [
        ("GET", "/api/statistics", 200),
        ("HEAD", "/api/statistics", 200),
        ("GET", "/api/statistics?x=1", 422),
        ("HEAD", "/nothing", 404),
        ("POST", "/api/statistics", 405),
        ("GET", "/api/statistics", 200),
    ]:
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.close()


def test_a_port_in_use_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, str(port)], capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_operators_sources_are_offered(tmp_path: Path) -> None:
    (tmp_path / "area_20251121.geojson").write_bytes(published.area_of(published.DAYS[0]))
    sources = json.dumps({"theirs": str(tmp_path)})
    started = Server(POINT21_SOURCES=sources)
    try:
        _, body = started.ask("GET", "/api/sources")
        assert [item["id"] for item in json.loads(body)["sources"]] == ["observations", "theirs"]
        answer, body = started.ask("GET", "/api/statistics?source=theirs&date=2025-11-21")
        assert (answer.status, json.loads(body)["identity"]["source"]) == (200, "theirs")
    finally:
        assert started.stop(signal.SIGINT) == 0


def test_what_most_readers_need_is_made_after_the_start(catalogue: Catalogue) -> None:
    app = create_app(Settings(warm_up=True), catalogue=catalogue)
    days = catalogue.dataset.lines.dates
    queries = [f"plan=point21-axios&date={day.isoformat()}" for day in days]

    async def start() -> list[bool]:
        async with app.router.lifespan_context(app):
            for _ in range(4_800):
                if len(app.prepared) == 2 + len(days):
                    break
                await asyncio.sleep(0.05)
            return [f"/api/map?{query}" in app.prepared for query in queries]

    made = asyncio.run(start())
    assert len(made) == 26
    assert all(made)


@pytest.mark.browser
def test_the_documentation_works_in_a_browser_without_a_network(
    server: Server, chromium: str, chromium_flags: tuple[str, ...]
) -> None:
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    flags = [*chromium_flags, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda note: complaints.append(note.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(f"http://127.0.0.1:{server.port}/docs")
        page.click("#operations-scenario-locate .opblock-summary")
        page.click(".try-out__btn")
        page.fill("tr[data-param-name=place] input", "Kramatorsk")
        page.click(".execute")
        page.wait_for_selector("text=Краматорськ")
        browser.close()
    assert complaints == []


def test_a_proxy_may_serve_it_under_a_prefix() -> None:
    behind = Server(prefix="/maps")
    try:
        answer, body = behind.ask("GET", "/api/layers")  # the proxy has taken the prefix away
        assert answer.status == 200
        again, _ = behind.ask("GET", "/api/layers", if_none_match=answer.headers["etag"])
        assert again.status == 304
        assert b"buffer_zone" in body
    finally:
        assert behind.stop(signal.SIGINT) == 0
