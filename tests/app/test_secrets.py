"""Names, passwords and tokens in addresses: used, and shown nowhere."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from app.cli.main import app as command_line
from app.connectors.cache import Shelf, Statement
from app.connectors.files import Downloaded
from app.log_format import JsonFormatter, TextFormatter
from geo.model.provenance import Provenance
from geo.redaction import mask_secrets
from running import Running, environment

SECRETS = ("hunter2", "t0psecret", "keyf1gure", "gu3st")
AREA = shapely.to_geojson(shapely.segmentize(shapely.box(36.0, 44.0, 41.0, 51.0), 0.01)).encode()


def shows_a_secret(text: str | bytes) -> list[str]:
    text = text if isinstance(text, str) else text.decode(errors="replace")
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(
    "text",
    [
        "https://gu3st:hunter2@host/a",
        "https://t0psecret@host/a",
        "HTTPS://gu3st:hunter2@host:8443?token=t0psecret#keyf1gure",
        "https://gu3st:hun@ter2hunter2@host/a",
        "https://gu3st:a/hunter2@host/a",
        "https://gu3st:a?b#hunter2@host/a",
        "https://host/a?X-Amz-Signature=t0psecret&X-Amz-Credential=keyf1gure",
        "https://host/a?t0psecret",
        "leads to 'https://host/?sig=t0psecret', or to <https://gu3st:hunter2@other>.",
        '{"url": "https://host/a?key=keyf1gure", "next": "ftp://gu3st:hunter2@host"}',
        "gu3st:hunter2@host/day",
        "postgis://gu3st:hunter2@host:5432/maps?password=t0psecret",
        "https://host/a?token=t0psecret;day=20251121",
    ],
)
def test_what_opens_the_door_is_masked(text: str) -> None:
    told = mask_secrets(text)
    assert not shows_a_secret(told) and "***" in told, told
    assert mask_secrets(told) == told


@pytest.mark.parametrize(
    "text",
    [
        "https://host/day/20251121.geojson?day=20251121&format=geojson",
        "https://host/@scope/file.json",
        "Luhansk: 26,684 km² at 12:30, see /api/layers?plan=point21-axios&date=2025-11-21",
        "the address me@example.org, or postgis://USER's database",
        "http://[::1]:8000/", "",
    ],
)  # fmt: skip
def test_what_holds_no_secret_stays(text: str) -> None:
    assert mask_secrets(text) == text


def test_a_statement_of_where_data_come_from_is_masked() -> None:
    stated = Provenance(
        "t", "from https://host/a?key=keyf1gure", "d", "l", "a", url="https://gu3st:hunter2@host/a"
    )
    assert not shows_a_secret(repr(stated))


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_logs_mask_what_any_package_says(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("https://host/?token=t0psecret")
    except ValueError:
        seen = sys.exc_info()
    record = logging.LogRecord(
        "httpx", logging.INFO, "", 1, "GET %s", ("https://gu3st:hunter2@host/",), seen
    )
    told = formatter.format(record)
    assert "host" in told and not shows_a_secret(told)


def test_what_an_earlier_version_recorded_is_masked_with_the_next_record(tmp_path: Path) -> None:
    old = {"old.geojson": {"url": "https://host/?token=t0psecret", "bytes": 1, "sha256": "x"}}
    (tmp_path / "fetched.json").write_text(json.dumps(old))
    shelf = Shelf(tmp_path, Statement("t", "s", "u", "d", "l", "lu", "a"))
    shelf.note(Downloaded(tmp_path / "new.geojson", "https://gu3st:hunter2@host/new", 1, "y"))
    text = (tmp_path / "fetched.json").read_text()
    assert set(json.loads(text)) == {"old.geojson", "new.geojson"}
    assert not shows_a_secret(text)


# --- the whole way: fetch, cache, server ---------------------------------------------------------


class Guarded(BaseHTTPRequestHandler):
    """Gives the area to those who have both secrets; leads, fails and breaks off as asked."""

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def do_GET(self) -> None:
        given = base64.b64decode(self.headers.get("authorization", "").removeprefix("Basic "))
        allowed = given == b"gu3st:hunter2" and "token=t0psecret" in self.path
        status, body = (200, AREA) if allowed else (403, b"")
        if "20251102" in self.path:
            status, body = 404, b""
        if "20251103" in self.path:
            status, body = 302, b""
        self.send_response(status)
        self.send_header("content-type", "application/geo+json")
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"1"')
        if status == 302:
            self.send_header("location", "ftp://gu3st:hunter2@elsewhere/?sig=keyf1gure")
        self.end_headers()
        cut = len(body) // 2 if "20251104" in self.path else len(body)
        self.wfile.write(body[:cut])
        self.close_connection = True


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://gu3st:hunter2@127.0.0.1:{server.server_address[1]}/{{day:%Y%m%d}}?token=t0psecret"
    server.shutdown()
    server.server_close()
    thread.join()


def run(cache: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    given = {"cache_directory": str(cache), "fetch_attempts": "2", "fetch_pause_s": "0", **settings}
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli.main import main; main()", *arguments],
        capture_output=True, text=True, timeout=120, check=False, env=environment(**given),
    )  # fmt: skip
    assert not shows_a_secret(done.stdout + done.stderr), done
    assert_kept_without_secrets(cache)
    return done


def assert_kept_without_secrets(cache: Path) -> None:
    for path in cache.rglob("*"):
        assert path.is_dir() or not shows_a_secret(path.read_bytes()), path


@pytest.mark.slow
def test_secrets_are_used_and_shown_nowhere(tmp_path: Path, address: str) -> None:
    cache = tmp_path / "cache"
    done = run(
        cache, "fetch", "deepstate", "--from", "2025-11-01", "--to", "2025-11-04", "--json",
        fetch_deepstate_url=address,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [got["file"] for got in told["fetched"]] == ["deepstatemap_data_20251101.geojson"]
    assert "http://***@127.0.0.1" in told["fetched"][0]["url"]
    assert len(told["missing"]) == 1 and len(told["failed"]) == 2
    assert list((cache / "deepstate").glob(".*.part.json"))  # broken off, to be taken up
    again = run(cache, "fetch", "deepstate", "--date", "2025-11-01", fetch_deepstate_url=address)
    assert again.returncode == 0, again.stderr

    folder = cache / "deepstate"
    stated = json.loads((folder / "provenance.json").read_text())
    stated["url"] = address.format(day=date(2025, 11, 1))
    (folder / "provenance.json").write_text(json.dumps(stated))  # as an operator may write it
    sources = json.dumps({"deepstate": str(folder)})
    with Running(sources=sources, fetch_deepstate_url=address, log_format="json") as server:
        for path in (
            *("/api/sources", "/readyz", "/healthz", "/catalog", "/api/verify?source=deepstate"),
            *("/api/layers/retained?source=deepstate&date=2025-11-01", "/?source=deepstate"),
            "/api/downloads/geojson?source=deepstate&date=2025-11-01",
        ):
            status, headers, body = server.ask(path)
            assert status < 500, (path, body)
            assert not shows_a_secret(body) and not shows_a_secret(str(headers)), path
        assert "http://***@127.0.0.1" in server.ask("/api/sources")[2].decode()
        assert not shows_a_secret(server.log)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"fetch_deepstate_url": "https://gu3st:hunter2@host/day?token=t0psecret"}, "{day:%Y%m%d}"),
        ({"fetch_deepstate_url": "gu3st:hunter2@host/day"}, "{day:%Y%m%d}"),
        ({"fetch_deepstate_url": "https://gu3st:a/hunter2@host/{day:%Y}{day:%d}"}, "no address"),
        ({"sources": '{"a": "https://host/?token=t0psecret"}'}, "a file or folder that exists"),
        ({"sources": '{"a": "https://gu3st:hunter2@host/'}, "POINT21_SOURCES"),
        ({"fetch_deepstate_url": "ftp://gu3st:hunter2@host/{day:%Y%m%d}"}, "ftp://***@host"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_their_secrets(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    given = environment(cache_directory=str(tmp_path), **settings)
    asked = ["fetch", "deepstate", "--date", "2025-11-01"]
    done = CliRunner().invoke(command_line, asked, env=given)
    assert done.exit_code != 0
    assert isinstance(done.exception, SystemExit), done.exception
    assert words.lower() in done.stderr.lower(), done.stderr
    assert not shows_a_secret(done.output)
    assert_kept_without_secrets(tmp_path)
