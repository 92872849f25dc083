"""What an operator relies on: ids, logs, metrics, readiness, an orderly end, several workers."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import sys
from threading import Thread
from typing import Any

import pytest

from app.log_format import FIELDS, REQUEST_ID, JsonFormatter, TextFormatter
from app.middleware import metrics as metrics_module
from app.middleware.metrics import MetricsError, check_metrics
from app.settings import unknown_variables
from benchmarks.servers import children
from running import Running, eventually, is_alive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and processes of POSIX systems"),
]
WHAT_IF = json.dumps({"shift": {"km": 5, "into": "ukraine"}, "geometry": "none"}).encode()
KIND = {"content_type": "application/json"}


# --- ids and logs --------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["a1", "0af7651916cd43dd8448eb211c80319c", "proxy:7/x=y"])
def test_the_id_of_a_request_is_taken_over(client: Any, given: str) -> None:
    assert client.get("/healthz", x_request_id=given).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "a\tb", '"quoted"'])
def test_an_id_that_might_confuse_a_log_is_replaced(client: Any, given: str) -> None:
    answer = client.get("/healthz", x_request_id=given)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]+", answer.headers["x-request-id"])


def test_answers_that_are_ready_have_the_id_that_was_given_and_no_other(client: Any) -> None:
    client.get("/api/plans")
    for given in ("first", "second"):
        answer = client.get("/api/plans", x_request_id=given)
        assert answer.headers.get_list("x-request-id") == [given]
    assert "x-request-id" not in client.get("/api/plans").headers


def test_what_is_made_has_an_id_of_its_own(client: Any) -> None:
    ids = {client.get("/api/plans/none").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_requests_in_one_piece_are_noted_one_by_one() -> None:
    requests = b"".join(
        b"GET /%b HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine-%d\r\n%b\r\n" % (path, number, end)
        for number, (path, end) in enumerate(
            [(b"healthz", b""), (b"nothing", b""), (b"api/plans", b"Connection: close\r\n")]
        )
    )
    with Running(access_log="1") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
            sock.sendall(requests)
            answer = b""
            while piece := sock.recv(65536):
                answer += piece
        ids = re.findall(rb"x-request-id: (\S+)", answer)
        assert ids == [b"mine-0", b"mine-1", b"mine-2"]
        eventually(lambda: server.log.count("answered") == 3)


def record(**fields: object) -> logging.LogRecord:
    made = logging.LogRecord("point21", logging.INFO, __file__, 1, "it is %s", ("so",), None)
    setattr(made, FIELDS, fields)
    return made


def test_a_log_for_machines_is_one_object_a_line() -> None:
    token = REQUEST_ID.set("id-1")
    try:
        line = JsonFormatter().format(record(path="/a\nb", status=200))
    finally:
        REQUEST_ID.reset(token)
    assert "\n" not in line
    entry = json.loads(line)
    assert entry.pop("time").endswith("Z")
    assert entry == {
        "level": "info", "logger": "point21", "message": "it is so", "request_id": "id-1",
        "path": "/a\nb", "status": 200,
    }  # fmt: skip


def test_a_log_for_people_says_the_same() -> None:
    line = TextFormatter().format(record(path="/a", status=200))
    assert re.fullmatch(r"INFO:     it is so path=/a status=200 time=\S+Z", line)


def test_requests_are_logged_without_what_a_reader_looked_at() -> None:
    with Running("--access-log", log_format="json") as server:
        server.ask(
            "/api/locate?place=Kramatorsk", x_request_id="mine", authorization="Bearer s3cr3t"
        )
        eventually(lambda: "point21.access" in server.log)
        log = server.log
    (entry,) = [each for line in log.splitlines() if "path" in (each := json.loads(line))]
    assert entry["request_id"] == "mine"
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/locate", 200)
    assert entry["client"] == "127.0.0.1" and entry["bytes"] > 0 and entry["ms"] > 0
    assert "Kramatorsk" not in log and "s3cr3t" not in log


def test_a_misspelt_setting_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINT21_WORKER", "4")
    assert unknown_variables() == ["POINT21_WORKER is no setting. Did you mean POINT21_WORKERS?"]


# --- metrics -------------------------------------------------------------------------------------


def read_metrics(server: Running) -> dict[str, float]:
    status, headers, body = server.ask("/metrics")
    assert (status, headers["content-type"][:10]) == (200, "text/plain")
    lines = [line for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.parametrize("workers", [1, 2])
def test_requests_are_counted_over_all_workers(workers: int) -> None:
    with Running(metrics="1", workers=str(workers)) as server:
        for _ in range(20):
            assert server.ask("/api/plans")[0] == 200
        server.ask("/made-up/by/a/stranger")
        found = read_metrics(server)
        version = server.json("/healthz")["data_version"]
    assert found['point21_requests_total{method="GET",path="/api/plans",status="200"}'] == 20
    assert found['point21_requests_total{method="GET",path="other",status="404"}'] == 1
    assert found['point21_request_seconds_count{path="/api/plans"}'] == 20
    assert found[f'point21_data_info{{data_version="{version}"}}'] == 1
    assert not [name for name in found if "stranger" in name]
    assert ("process_resident_memory_bytes" in found) == (workers == 1)


def test_nobody_is_told_what_is_not_counted(client: Any) -> None:
    assert client.get("/metrics").status_code == 404


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_module, "find_spec", lambda _: None)
    with pytest.raises(MetricsError, match=r"point21\[metrics\]"):
        check_metrics()


# --- readiness and the end -----------------------------------------------------------------------


def test_readiness_comes_with_the_first_answers() -> None:
    with Running(warm_up="1") as server:
        first = server.ask("/readyz")
        assert (first[0], json.loads(first[2])["status"]) == (503, "starting")
        assert server.ask("/healthz")[0] == 200
        eventually(lambda: server.ask("/readyz")[0] == 200)
        assert server.json("/readyz")["status"] == "ready"


def test_whoever_balances_load_is_told_before_the_end() -> None:
    with Running(drain_seconds="8") as server:
        assert server.ask("/readyz")[0] == 200
        server.signal(signal.SIGTERM)
        eventually(lambda: server.ask("/readyz")[0] == 503)
        assert server.json("/readyz")["status"] == "stopping"
        assert server.ask("/api/plans")[0] == 200  # who still comes is still answered
        assert server.wait() in (0, -signal.SIGTERM)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_has_begun_is_finished(workers: str) -> None:
    with Running(stop_seconds="100", workers=workers) as server:
        told: list[int] = []
        asking = Thread(
            target=lambda: told.append(
                server.ask("/api/what-if", method="POST", body=WHAT_IF, **KIND)[0]
            )
        )
        asking.start()
        eventually(lambda: computing(server, workers))
        server.signal(signal.SIGTERM)
        asking.join()
        assert told == [200]
        assert server.wait() in (0, -signal.SIGTERM)


def computing(server: Running, workers: str) -> list[int]:
    """Process ids of those who compute what-ifs."""
    answering = [server.process.pid] if workers == "1" else server.children
    return [child for pid in answering for child in children(pid)]


# --- several workers -----------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_replaced() -> None:
    with Running("--workers", "2") as server:
        before = server.children
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: len(server.children) == 2 and before[0] not in server.children)
        assert f"worker {before[0]} ended (-9)" in server.log
        assert before[1] in server.children
        assert {server.ask("/api/plans")[0] for _ in range(10)} == {200}
        workers = server.children
    assert server.process.returncode == 0
    assert not any(is_alive(pid) for pid in workers)


def test_a_worker_that_hangs_is_replaced() -> None:
    with Running("--workers", "2", hang_seconds="5") as server:
        hung = server.children[0]
        os.kill(hung, signal.SIGSTOP)
        eventually(lambda: len(server.children) == 2 and hung not in server.children)
        assert f"worker {hung} has not responded" in server.log
        assert {server.ask("/api/plans")[0] for _ in range(10)} == {200}
    assert server.process.returncode == 0


def test_no_worker_outlives_its_supervisor() -> None:
    with Running("--workers", "2") as server:
        workers = server.children
        server.signal(signal.SIGKILL)
        server.wait()
        eventually(lambda: not any(is_alive(pid) for pid in workers), seconds=20)


# --- behind a proxy ------------------------------------------------------------------------------


def links_of(document: Any) -> list[str]:
    if isinstance(document, list):
        return [link for part in document for link in links_of(part)]
    if not isinstance(document, dict):
        return []
    own = [link for link in (document.get("links") or {}).values() if isinstance(link, str)]
    return [*own, *(link for part in document.values() for link in links_of(part))]


PATHS = (
    "/api/plans",
    "/api/layers",
    "/api/contact-lines",
    "/api/statistics",
    "/api/downloads",
    "/api/uncertainty?draws=10",
    "/api/history?by=category&from=2026-06-01",
    "/api/layers?lang=uk",
)


def test_links_lead_through_the_proxy() -> None:
    with Running(root_path="/maps", max_draws="50") as server:
        for path in PATHS:
            links = links_of(server.json(path))
            assert links, path
            assert all(link.startswith("/maps/") for link in links), (path, links)
            for link in links[:1]:  # the proxy takes the prefix away
                assert server.ask(link.removeprefix("/maps"))[0] == 200, link
        body = json.dumps({"geometry": "none"}).encode()
        assert server.ask("/api/what-if", method="POST", body=body, **KIND)[0] == 200
        _, headers, _ = server.ask("/api/statistics?format=csv")
        assert headers["link"].startswith("</maps/api/statistics?")
        problem = server.json("/api/statistic")
        assert problem["type"] == "/maps/problems/not-found"
        assert problem["instance"] == "/maps/api/statistic"
        assert "Did you mean /maps/api/statistics?" in problem["detail"]
        tiles = server.ask("/tiles/tiles.json", host="maps.test", x_forwarded_proto="https")[2]
        assert json.loads(tiles)["tiles"][0].startswith("https://maps.test/maps/tiles/")
        assert server.json("/openapi.json")["servers"] == [{"url": "/maps"}]


def test_strangers_are_no_proxies() -> None:
    with Running(proxies="192.0.2.1") as server:
        tiles = server.ask("/tiles/tiles.json", host="maps.test", x_forwarded_proto="https")[2]
    assert json.loads(tiles)["tiles"][0].startswith("http://maps.test/tiles/")
