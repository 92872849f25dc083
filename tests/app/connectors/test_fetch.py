"""Connectors against a server on this machine that serves true files, and fails in every way."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from app.cli.main import app as cli
from app.connectors.cache import Shelf, cached_boundaries, cached_sources
from app.connectors.download import Downloader
from app.connectors.errors import FetchError
from app.connectors.registry import OblastSource, oblast_shelf
from app.settings import SettingsError, load_settings
from app.terminal.options import open_catalogue
from geo.io.load import data_directory
from geo.measure import area_km2

AREA = shapely.to_geojson(shapely.segmentize(shapely.box(36.0, 44.0, 41.0, 51.0), 0.01)).encode()
BOWTIE = shapely.to_geojson(shapely.Polygon([(36, 47), (37, 48), (37, 47), (36, 48)])).encode()
ETAG = '"area-1"'


@dataclass
class Script:
    """What the server does for each path: one step a request, the last one again and again."""

    steps: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    slow: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    script: Script
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        kind = headers.pop("kind", "application/geo+json")
        for name, value in {"content-type": kind, "content-length": str(length)}.items():
            self.send_header(name, value)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def do_GET(self) -> None:
        script = self.script
        script.asked.append((self.path, self.headers.get("range", "")))
        steps = script.steps.get(self.path, ["missing"])
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        body = script.bodies.get(self.path, AREA)
        getattr(self, f"answer_{step}")(body)

    def answer_ok(self, body: bytes) -> None:
        start = self.headers.get("range", "")
        if start and self.headers.get("if-range") == ETAG:
            have = int(start.removeprefix("bytes=").rstrip("-"))
            span = f"bytes {have}-{len(body) - 1}/{len(body)}"
            self.head(206, len(body) - have, etag=ETAG, content_range=span)
            self.wfile.write(body[have:])
        else:
            self.head(200, len(body), etag=ETAG)
            self.wfile.write(body)

    def answer_plain(self, body: bytes) -> None:
        self.head(200, len(body), kind="text/plain; charset=utf-8")  # no ETag: nothing to resume
        self.wfile.write(body)

    def answer_missing(self, _: bytes) -> None:
        self.head(404, 9, kind="text/plain")
        self.wfile.write(b"not found")

    def answer_broken(self, _: bytes) -> None:
        self.head(503, 0, retry_after="1")

    def answer_forbidden(self, _: bytes) -> None:
        self.head(403, 0)

    def answer_truncated(self, body: bytes) -> None:
        self.head(200, len(body), etag=ETAG)
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def answer_short(self, body: bytes) -> None:
        self.head(200, len(body) // 2)  # a whole answer, of half a file
        self.wfile.write(body[: len(body) // 2])

    def answer_page(self, _: bytes) -> None:
        self.head(200, 15, kind="text/html; charset=utf-8")
        self.wfile.write(b"<html>no</html>")

    def answer_redirect(self, _: bytes) -> None:
        self.head(302, 0, location="/elsewhere")

    def answer_round(self, _: bytes) -> None:
        self.head(302, 0, location=self.path)

    def answer_away(self, _: bytes) -> None:
        self.head(302, 0, location="file:///etc/passwd")

    def answer_silent(self, body: bytes) -> None:
        self.head(200, len(body), etag=ETAG)
        self.wfile.write(body[:1000])
        self.wfile.flush()
        self.script.slow.wait(30)
        self.close_connection = True

    def answer_huge(self, _: bytes) -> None:
        self.head(200, 10**12)
        self.close_connection = True


@dataclass
class Mirror:
    """The server's address and what it is to do."""

    url: str
    script: Script

    def serve(self, path: str, *steps: str, body: bytes | None = None) -> None:
        self.script.steps[path] = list(steps)
        if body is not None:
            self.script.bodies[path] = body


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mirror]:
    script = Script()
    handler = type("Bound", (Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    for name, value in {
        "CACHE_DIRECTORY": str(tmp_path / "cache"),
        "FETCH_DEEPSTATE_URL": url + "/day/{day:%Y%m%d}",
        "FETCH_MINREGION_URL": url + "/minregion",
        "FETCH_GEOBOUNDARIES_URL": url + "/geoboundaries",
        "FETCH_PAUSE_S": "0.01",
        "FETCH_SILENCE_S": "60",
        "FETCH_ATTEMPTS": "3",
    }.items():
        monkeypatch.setenv(f"POINT21_{name}", value)
    yield Mirror(url, script)
    script.slow.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def fetch(*arguments: str) -> Any:
    return CliRunner().invoke(cli, ["fetch", *arguments])


def deepstate(*arguments: str) -> Any:
    result = fetch("deepstate", *arguments, "--json")
    return result, json.loads(result.stdout) if result.stdout else None


def left_over(cache: Path) -> list[str]:
    return [path.name for path in cache.rglob("*") if path.suffix in {".part", ".tmp"}]


ONE = ("--date", "2025-11-21")
DAY = "/day/20251121"
FILE = "deepstatemap_data_20251121.geojson"


# --- what goes well -----------------------------------------------------------------------------


def test_a_day_is_fetched_and_then_used_without_the_network(mirror: Mirror, cache: Path) -> None:
    mirror.serve(DAY, "ok")
    result = fetch("deepstate", *ONE)
    assert result.exit_code == 0, result.output
    digest = hashlib.sha256(AREA).hexdigest()
    for words in (
        f"sha256 {digest}",
        f"from {mirror.url}{DAY}",
        "DeepState",
        "licence",
        "not stat",
    ):
        assert words in result.stdout
    folder = cache / "deepstate"
    assert (folder / FILE).read_bytes() == AREA
    index = json.loads((folder / "fetched.json").read_text("utf-8"))
    assert index[FILE]["sha256"] == digest
    assert index[FILE]["url"] == mirror.url + DAY
    assert left_over(cache) == []
    asked = len(mirror.script.asked)
    result, report = deepstate(*ONE)
    assert (result.exit_code, report["kept"], report["fetched"]) == (0, [FILE], [])
    stats = CliRunner().invoke(
        cli, ["stats", "--source", "deepstate", *ONE, "--by", "oblast", "--json"]
    )
    answer = json.loads(stats.stdout)
    assert answer["identity"]["source"] == "deepstate"
    assert {row["oblast"]: row["russia_held_share"] for row in answer["rows"]}["UA-09"] == 1.0
    assert len(mirror.script.asked) == asked


def test_missing_days_are_told_and_do_not_stop_the_rest(mirror: Mirror, cache: Path) -> None:
    mirror.serve("/day/20251120", "ok")
    mirror.serve("/day/20251122", "plain")
    result, report = deepstate("--from", "2025-11-20", "--to", "2025-11-22")
    assert result.exit_code == 0
    assert [got["file"] for got in report["fetched"]] == [
        "deepstatemap_data_20251120.geojson",
        "deepstatemap_data_20251122.geojson",
    ]
    assert report["missing"] == [FILE]
    assert len(mirror.script.asked) == 3  # a day that is not there is not asked for again and again
    result, report = deepstate(*ONE)
    assert result.exit_code == 1
    assert "nothing is published" in result.stderr


def test_redirects_are_followed_and_faults_that_pass_are_waited_for(mirror: Mirror) -> None:
    mirror.serve(DAY, "broken", "redirect")
    mirror.serve("/elsewhere", "ok")
    result, report = deepstate(*ONE)
    assert result.exit_code == 0, result.stderr
    assert report["fetched"][0]["url"] == mirror.url + DAY
    assert [path for path, _ in mirror.script.asked] == [DAY, DAY, "/elsewhere"]


@pytest.mark.parametrize("fault", ["truncated", "silent"])
def test_what_breaks_off_is_taken_up_again(
    mirror: Mirror, cache: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "silent":
        monkeypatch.setenv("POINT21_FETCH_SILENCE_S", "1")
    mirror.serve(DAY, fault, "ok")
    result, _ = deepstate(*ONE)
    assert result.exit_code == 0, result.stderr
    ranges = [asked for _, asked in mirror.script.asked]
    assert ranges[0] == ""
    assert ranges[1].startswith("bytes=")
    assert (cache / "deepstate" / FILE).read_bytes() == AREA


def test_a_later_fetch_takes_up_what_an_earlier_one_left(mirror: Mirror, cache: Path) -> None:
    mirror.serve(DAY, "truncated")
    result, _ = deepstate(*ONE)
    assert result.exit_code == 1
    assert "gave up after 3 tries" in result.stderr
    assert not (cache / "deepstate" / FILE).exists()
    assert cached_sources(cache) == {}
    mirror.serve(DAY, "ok")
    mirror.script.asked.clear()
    assert deepstate(*ONE)[0].exit_code == 0
    assert mirror.script.asked[0][1].startswith("bytes=")
    assert (cache / "deepstate" / FILE).read_bytes() == AREA
    assert left_over(cache) == []


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "body", "words"),
    [
        ("page", None, "expected data (GeoJSON); got text/html"),
        ("short", None, "it is not JSON"),
        ("ok", b"{]", "it is not JSON"),
        ("ok", b'{"type": "FeatureCollection", "features": []}', "no geometry"),
        ("ok", BOWTIE, "self-intersection. Repair it"),
        ("ok", shapely.to_geojson(shapely.LineString([(36, 47), (37, 48)])).encode(), "a line"),
        ("broken", None, "gave up after 3 tries: the server answered 503"),
        ("forbidden", None, "the server answered 403"),
        ("round", None, "more than 5 redirects"),
        ("away", None, "etc/passwd, which is not followed"),
        ("huge", None, "at most"),
    ],
)
def test_what_is_not_what_it_should_be_is_refused(
    mirror: Mirror, cache: Path, step: str, body: bytes | None, words: str
) -> None:
    mirror.serve("/day/20251120", "ok")
    mirror.serve(DAY, step, body=body)
    result, report = deepstate("--from", "2025-11-20", "--to", "2025-11-21")
    assert result.exit_code == 1
    assert words in result.stderr
    assert [got["file"] for got in report["fetched"]] == ["deepstatemap_data_20251120.geojson"]
    assert list(report["failed"]) == [FILE]
    assert not (cache / "deepstate" / FILE).exists()
    assert not list(cache.rglob("*.check*"))


def test_what_was_there_stays_when_a_fetch_fails(mirror: Mirror, cache: Path) -> None:
    mirror.serve(DAY, "ok")
    deepstate(*ONE)
    path = cache / "deepstate" / FILE
    path.write_bytes(AREA + b" ")  # no longer what was fetched: asked for again
    mirror.serve(DAY, "page")
    assert deepstate(*ONE)[0].exit_code == 1
    assert path.read_bytes() == AREA + b" "
    mirror.serve(DAY, "ok")
    assert deepstate(*ONE)[0].exit_code == 0
    assert path.read_bytes() == AREA


def test_no_server_at_all(mirror: Mirror, monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    monkeypatch.setenv(
        "POINT21_FETCH_DEEPSTATE_URL", f"http://127.0.0.1:{free_port}/" + "{day:%Y%m%d}"
    )
    result, _ = deepstate(*ONE)
    assert result.exit_code == 1
    assert "gave up after 3 tries" in result.stderr


def test_a_killed_fetch_leaves_the_cache_usable(mirror: Mirror, cache: Path) -> None:
    mirror.serve("/day/20251120", "ok")
    mirror.serve(DAY, "silent")
    code = "from app.cli.main import main; main()"
    command = [sys.executable, "-c", code, "fetch", "deepstate"]
    environment = {**os.environ, "POINT21_FETCH_SILENCE_S": "240"}
    process = subprocess.Popen(
        [*command, "--from", "2025-11-20", "--to", "2025-11-21"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 240
        while DAY not in [path for path, _ in mirror.script.asked]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        part = cache / "deepstate" / f".{FILE}.part"
        while not part.exists() or part.stat().st_size == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    used = ["stats", "--source", "deepstate", "--date", "2025-11-20", "--json"]
    assert CliRunner().invoke(cli, used).exit_code == 0
    mirror.serve(DAY, "ok")
    result, report = deepstate("--from", "2025-11-20", "--to", "2025-11-21")
    assert result.exit_code == 0, result.stderr
    assert report["kept"] == ["deepstatemap_data_20251120.geojson"]
    assert (cache / "deepstate" / FILE).read_bytes() == AREA


def test_one_fetch_at_a_time(mirror: Mirror, cache: Path) -> None:
    pytest.importorskip("fcntl")
    shelf = oblast_shelf(OblastSource.GEOBOUNDARIES, cache)
    with shelf.alone(), pytest.raises(FetchError, match="another fetch"), shelf.alone():
        raise AssertionError("both were let in")
    with Shelf(shelf.folder, shelf.statement).alone():
        pass


# --- boundaries ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["minregion", "geoboundaries"])
def test_oblasts(mirror: Mirror, cache: Path, source: str) -> None:
    body = (data_directory() / "oblasts.geojson").read_bytes()
    document = json.loads(body)
    del document["provenance"]
    body = json.dumps(document).encode()
    mirror.serve(f"/{source}", "ok", body=body)
    result = fetch("oblasts", "--source", source)
    assert result.exit_code == 0, result.output
    assert "attribution" in result.stdout
    assert list(cached_boundaries(cache)) == [source]
    command = ["stats", "--boundaries", source, "--by", "oblast", "--json"]
    answer = json.loads(CliRunner().invoke(cli, command).stdout)
    assert answer["identity"]["boundaries"] == source
    stated = json.loads((cache / "oblasts" / source / "provenance.json").read_text("utf-8"))
    assert stated["licence"] in {"CC BY-SA", "ODbL 1.0"}


def test_oblasts_that_are_none(mirror: Mirror, cache: Path) -> None:
    mirror.serve("/minregion", "ok")
    result = fetch("oblasts", "--source", "minregion")
    assert result.exit_code == 1
    assert "expected the 27 first-level units" in result.stderr
    assert cached_boundaries(cache) == {}


# --- how it is asked for ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["deepstate", "--date", "soon"], 2, "YYYY-MM-DD"),
        (["deepstate", "--date", "2025-11-21", "--from", "2025-11-20"], 2, "got both"),
        (["deepstate", "--from", "2025-11-21", "--to", "2025-11-20"], 2, "is after"),
        (["deepstate", "--from", "1990-01-01"], 2, "at most"),
        (["oblasts", "--source", "minregoin"], 2, "Known are minregion, geoboundaries"),
    ],
)
def test_asked_for_wrongly(mirror: Mirror, arguments: list[str], code: int, words: str) -> None:
    result = fetch(*arguments)
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr
    assert mirror.script.asked == []


def test_an_address_that_is_not_set(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINT21_FETCH_MINREGION_URL", "")
    result = fetch("oblasts", "--source", "minregion")
    assert result.exit_code == 1
    assert "POINT21_FETCH_MINREGION_URL" in result.stderr


@pytest.mark.parametrize("text", ["http://host/day", "http://host/{date}", "http://host/{day!x}"])
def test_the_template_is_checked(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("POINT21_FETCH_DEEPSTATE_URL", text)
    with pytest.raises(SettingsError, match="POINT21_FETCH_DEEPSTATE_URL"):
        load_settings()


@pytest.mark.reference
@pytest.mark.parametrize(
    "units", ["natural-earth", pytest.param("minregion", marks=pytest.mark.thorough)]
)
def test_deepstates_files_through_the_connector(
    mirror: Mirror, reference_dir: Path, units: str
) -> None:
    """Fetched from a local server, used from the cache: slivers are settled, the rest agrees.

    To 0.1 percentage point of each oblast with what the polygon itself covers there, once a strip
    of some 4 km at border and coast, where slivers lie, is left out.
    """
    days = {"20240708": "2024-07-08", "20251121": "2025-11-21", "20260822": "2026-08-22"}
    ground = ["--source", "deepstate", "--boundaries", units]
    for name, day in days.items():
        file = reference_dir / "deepstate" / f"deepstatemap_data_{name}.geojson"
        mirror.serve(f"/day/{name}", "ok", body=file.read_bytes())
        assert fetch("deepstate", "--date", day).exit_code == 0
    if units == "minregion":
        body = (reference_dir / "oblasts_minregion.geojson").read_bytes()
        mirror.serve("/minregion", "ok", body=body)
        assert fetch("oblasts", "--source", "minregion").exit_code == 0
    catalogue = open_catalogue("deepstate", units)
    oblasts, source = catalogue.dataset.boundaries, catalogue.dataset.lines
    country = shapely.coverage_union_all(oblasts.geometry)
    rim = shapely.buffer(shapely.boundary(shapely.simplify(country, 0.002)), 0.06)
    inner = shapely.difference(oblasts.geometry, rim)
    for day in map(date.fromisoformat, days.values()):
        scenario = catalogue.select(None, day).scenario
        faces = scenario.partition
        held = shapely.union_all(faces.geometry[faces.held_by == "russia"])
        mine, own = (area_km2(shapely.intersection(inner, x)) for x in (held, source.area_on(day)))
        assert 100.0 * np.abs(mine - own) / oblasts.area_km2 == pytest.approx(0.0, abs=0.1)
        rows = {row["oblast"]: row for row in scenario.table("oblast").rows}
        assert rows["UA-43"]["russia_held_share"] == rows["UA-40"]["russia_held_share"] == 1.0
        if day == date(2025, 11, 21):
            expected = {"UA-14": 76.6, "UA-09": 99.6, "UA-12": 0.5}
            if units == "minregion":
                expected |= {"UA-63": 4.6, "UA-59": 0.9}
            for oblast, share in expected.items():
                ours = 100.0 * rows[oblast]["russia_held_share"]
                assert ours == pytest.approx(share, abs=0.2), oblast
            command = ["stats", *ground, "--date", str(day), "--by", "oblast", "--json"]
            said = json.loads(CliRunner().invoke(cli, command).stdout)["rows"]
            assert said == list(rows.values())


@pytest.mark.parametrize(
    ("said", "waited_s"),
    [
        ("7", 7.0),
        ("86400", 30.0),
        ("9" * 500, 30.0),
        ("Fri, 21 Nov 9999 00:00:00 GMT", 30.0),
        ("Fri, 21 Nov 2025 00:00:00 GMT", 0.5),
        ("-5", 0.5),
        ("²", 0.5),
        ("soon", 0.5),
        ("", 0.5),
    ],
)
def test_a_server_that_asks_for_a_pause_gets_a_bounded_one(
    tmp_path: Path, said: str, waited_s: float
) -> None:
    answers = [
        httpx.Response(503, headers=[(b"retry-after", said.encode("latin-1"))]),
        httpx.Response(200, stream=httpx.ByteStream(b"{}")),
    ]
    waited: list[float] = []
    network = httpx.MockTransport(lambda _: answers.pop(0))
    with Downloader(sleep=waited.append, transport=network) as downloader:
        downloader.fetch("https://host/a", tmp_path / "a", check=lambda _: None)
    assert waited == [waited_s]
