"""Damaged data, data that change while they are served, kills, full disks: nothing half-done."""

from __future__ import annotations

import errno
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from app.atomic_file import replace_file
from app.connectors.cache import Shelf, Statement
from app.datasets.catalogue import Catalogue
from app.datasets.dataset import SUMS
from geo.errors import DataFormatError, SettlementError
from running import COMMAND, Running, environment, eventually, readers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX systems"),
]
REPOSITORY = Path(__file__).resolve().parents[3]
SHIPPED = REPOSITORY / "data"
FILES = (
    *("oblasts.geojson", "contact_line.geojson", "control_observations.csv"),
    *("background.geojson", "published_figures.csv"),
    *("plans/point21-axios.toml", "plans/borders-1991.toml", "plans/uk/point21-cbs.toml"),
)
SWAPS = {".geojson": "background.geojson", ".csv": "published_figures.csv"}


def lay_out(folder: Path, *, sums: bool = True) -> Path:
    """Copy the data, with or without their sums."""
    left_out = ["sources"] if sums else ["sources", SUMS]
    return shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns(*left_out))


def cut(content: bytes) -> bytes:
    """Cut a text off at the end of a line, where no parser notices."""
    return content[: content.rindex(b"\n", 0, len(content) * 2 // 3) + 1]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "cut off": cut,
    "zeroed": lambda content: bytes(len(content)),
    "one bit": lambda content: content[:99] + bytes([content[99] ^ 1]) + content[100:],
}


@pytest.mark.parametrize("damage", [*DAMAGES, "missing", "swapped"])
@pytest.mark.parametrize("name", FILES)
def test_damaged_data_are_refused_by_name(tmp_path: Path, name: str, damage: str) -> None:
    data = lay_out(tmp_path / "data")
    path = data / name
    if damage == "missing":
        path.unlink()
    elif damage == "swapped":
        other = SWAPS.get(path.suffix, "plans/freeze-everywhere.toml")
        path.write_bytes((SHIPPED / other).read_bytes() + b"\n")
    else:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with pytest.raises(DataFormatError) as refused:
        Catalogue(data).load()
    told = str(refused.value)
    assert str(path) in told
    assert "Restore the files" in told and SUMS in told


@pytest.mark.parametrize("damage", ["emptied", "zeroed", "missing"])
@pytest.mark.parametrize("name", FILES[:4])
def test_data_without_sums_are_refused_by_what_they_say(
    tmp_path: Path, name: str, damage: str
) -> None:
    data = lay_out(tmp_path / "data", sums=False)
    content = (data / name).read_bytes()
    (data / name).unlink()
    if damage != "missing":
        (data / name).write_bytes(DAMAGES[damage](content))
    with pytest.raises(SettlementError, match=name):
        Catalogue(data).load()


def test_sums_that_are_none_are_refused(tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data")
    (data / SUMS).write_text("not sums\n")
    with pytest.raises(DataFormatError, match="as sha256sum writes them; got 'not sums'"):
        Catalogue(data).load()


def test_the_server_does_not_start_on_damaged_data(tmp_path: Path) -> None:
    data = lay_out(tmp_path / "data")
    line = data / "contact_line.geojson"
    line.write_bytes(cut(line.read_bytes()))
    done = subprocess.run(
        COMMAND, capture_output=True, text=True, timeout=300, check=False,
        env=environment(data_directory=str(data)),
    )  # fmt: skip
    assert done.returncode == 3
    assert str(line) in done.stderr and "cut off" in done.stderr
    assert "Traceback" not in done.stderr


# --- data that change while they are served ------------------------------------------------------


def retitle(data: Path, title: str) -> None:
    """Change a plan's title, and nothing that is computed."""
    plan = data / "plans" / "freeze-everywhere.toml"
    lines = plan.read_text("utf-8").splitlines()
    plan.write_text(
        "\n".join(f'title = "{title}"' if row.startswith("title =") else row for row in lines)
        + "\n",
        "utf-8",
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_fresh_data_take_over_whole(tmp_path: Path, workers: str) -> None:
    for name in ("first", "second"):
        retitle(lay_out(tmp_path / name, sums=False), f"The {name} one")
    data = tmp_path / "data"
    data.symlink_to("first")
    with Running(data_directory=str(data), workers=workers) as server:

        def look() -> tuple[int, str, str]:
            status, _, body = server.ask("/api/plans/freeze-everywhere")
            title = "first" if b"The first one" in body else "second"
            version = json.loads(server.ask("/healthz")[2])["files_version"]
            return status, title, version

        before = look()
        with readers(lambda: server.ask("/api/plans/freeze-everywhere")) as told:
            following = tmp_path / "following"
            following.symlink_to("second")
            following.rename(data)  # in one step, as operators do it
            server.signal(signal.SIGHUP)
            eventually(lambda: "takes over from" in server.log)
            eventually(lambda: {look()[1] for _ in range(8)} == {"second"})
        after = look()
        assert before[1:] != after[1:] and before[2] != after[2]
        answers = {(answer[0], answer[2]) for answer in told}  # type: ignore[index]
        assert {status for status, _ in answers} == {200}
        assert len(answers) == 2  # the one or the other, whole
        assert f"files version {after[2]} takes over from {before[2]}" in server.log


@contextmanager
def kept_connections(server: Running, count: int, pause_s: float) -> Iterator[list[str]]:
    """Ask all the time on connections that are kept; gather what breaks, and how often it ends."""
    heard: list[str] = []
    enough = Event()

    def read() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not enough.is_set():
            try:
                connection.request("GET", "/api/plans/freeze-everywhere")
                answer = connection.getresponse()
                answer.read()
                heard.append(f"{answer.status} {answer.getheader('connection', '')}")
            except OSError as error:
                heard.append(repr(error))
                connection.close()
            enough.wait(pause_s)
        connection.close()

    threads = [Thread(target=read) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield heard
    finally:
        enough.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("pause_s", [0.0, 0.3])
def test_reloading_breaks_no_kept_connection(pause_s: float) -> None:
    """Each former worker answers once more on every connection, says that it ends it, and ends."""
    with Running(workers="2") as server:
        former = server.children
        with kept_connections(server, 6, pause_s) as heard:
            eventually(lambda: len(heard) >= 24)
            for time in (1, 2):
                server.signal(signal.SIGHUP)
                eventually(lambda time=time: server.log.count("takes over from") == time)
            count = len(heard)
            eventually(lambda: len(heard) >= count + 24)
        eventually(lambda: len(server.children) == 2)
        assert not set(former) & set(server.children)
        assert set(heard) == {"200 ", "200 close"}, sorted(set(heard))


def test_a_worker_that_retires_waits_for_what_was_begun() -> None:
    """A request whose head arrives in two pieces around the reload is answered."""
    with Running(workers="2") as server:
        former = server.children
        socks = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
        for sock in socks:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        server.signal(signal.SIGHUP)
        eventually(lambda: "takes over from" in server.log)
        for sock in socks:
            sock.sendall(b"a\r\n\r\n")
            with sock.makefile("rb") as told:
                answer = told.read()  # up to the end of the connection
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"connection: close" in answer
            sock.close()
        eventually(lambda: not set(former) & set(server.children))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_damaged_data_do_not_take_over(tmp_path: Path, workers: str) -> None:
    data = lay_out(tmp_path / "data")
    with Running(data_directory=str(data), workers=workers) as server:
        version = json.loads(server.ask("/healthz")[2])["files_version"]
        line = data / "contact_line.geojson"
        sound = line.read_bytes()
        line.write_bytes(sound[:5000])
        server.signal(signal.SIGHUP)
        eventually(lambda: "data not taken over" in server.log)
        assert f"version {version} goes on" in server.log and str(line) in server.log
        assert server.ask("/api/layers")[0] == 200
        assert server.json("/healthz")["data_version"] == version
        line.write_bytes(sound)
        server.signal(signal.SIGHUP)
        eventually(lambda: "takes over from" in server.log)


# --- kills, full disks, clocks -------------------------------------------------------------------

_FILL = """
import hashlib, sys
from pathlib import Path
from app.atomic_file import replace_file
from app.connectors.cache import Shelf, Statement
from app.connectors.files import Downloaded
folder = Path(sys.argv[1])
shelf = Shelf(folder, Statement("t", "s", "u", "d", "l", "lu", "a"))
number = 0
while True:
    number += 1
    body = bytes([number % 251]) * 300_000
    path = folder / f"file{number % 3}.geojson"
    replace_file(body, path)
    digest = hashlib.sha256(body).hexdigest()
    shelf.note(Downloaded(path, "http://127.0.0.1/x", len(body), digest))
"""


def test_nothing_is_half_written_when_killed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Statement("t", "s", "u", "d", "l", "lu", "a"))
    seen = 0
    for attempt in range(8):
        child = subprocess.Popen([sys.executable, "-c", _FILL, str(tmp_path)])
        eventually(lambda: any(tmp_path.glob("file*.geojson")) and shelf._index())
        time.sleep(0.05 + 0.037 * attempt)
        child.kill()
        child.wait()
        for path in tmp_path.glob("file*.geojson"):
            content = path.read_bytes()
            assert len(content) == 300_000 and len(set(content)) == 1
            seen += 1
        assert isinstance(shelf._index(), dict) and shelf._index()
    assert seen >= 8


def limit_file_size() -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails instead, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "layers.geojson"
    target.write_text("what was there")
    command = [sys.executable, "-c", "from app.cli.main import main; main()"]
    done = subprocess.run(
        [*command, "layers", "--category", "retained", "-o", str(target)],
        capture_output=True, text=True, timeout=300, check=False,
        env=environment(), preexec_fn=limit_file_size,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr and "File too large" in done.stderr
    assert target.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [target]


def refused_for_want_of_disk(server: Running, form: str) -> None:
    """Nobody is to blame, and it may pass: 503 with a time to wait, in plain words."""
    status, headers, body = server.ask(f"/api/downloads/{form}")
    told = json.loads(body)
    assert (status, told["type"]) == (503, "/problems/unavailable"), told
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == "60"
    assert headers["cache-control"] == "no-store"
    assert "the disk for temporary files is full, or may not be written" in told["detail"]
    assert "TMPDIR" in told["detail"] and "/tmp" not in told["detail"]
    assert f"/api/downloads/{form}: it cannot be written now" in server.log
    assert "Traceback" not in server.log


def test_a_server_without_disk_serves_what_it_makes_in_memory() -> None:
    """Room for the log and no more: only files that libraries write cannot be had."""
    with Running(before=("prlimit", "--fsize=65536"), what_if_seconds="60") as server:
        for form in ("gpkg", "shp", "pmtiles"):
            refused_for_want_of_disk(server, form)
        for path in ("/", "/map.html", "/api/layers", "/tiles/5/18/11.mvt", "/api/downloads/fgb"):
            assert server.ask(path)[0] == 200, path
        kind = {"content_type": "application/json"}
        what_if = server.ask("/api/what-if", method="POST", body=b'{"geometry": "none"}', **kind)
        assert what_if[0] == 200


TINY_DISK = (
    *("unshare", "--user", "--map-root-user", "--mount"),
    *("sh", "-c", 'mount -t tmpfs -o size=SIZE tmpfs /mnt && TMPDIR=/mnt exec "$@"', "sh"),
)
"""Runs a command whose temporary files go to a disk of some size."""


def tiny_disk(size: str) -> tuple[str, ...]:
    command = tuple(part.replace("SIZE", size) for part in TINY_DISK)
    if (
        shutil.which("unshare") is None
        or subprocess.run([*command, "true"], check=False).returncode
    ):
        pytest.skip("this system does not let a test have a small disk of its own (unshare, mount)")
    return command


@pytest.mark.parametrize(
    "size",
    ["1m", *(pytest.param(size, marks=pytest.mark.thorough) for size in ("4k", "300k", "3m"))],
)
def test_a_full_disk_is_refused_for_a_while_and_left_clean(size: str) -> None:
    with Running(before=tiny_disk(size), what_if_seconds="60") as server:
        for form in ("gpkg", "shp"):
            refused_for_want_of_disk(server, form)
        assert server.ask("/api/downloads/fgb")[0] == 200
        disk = Path(f"/proc/{server.process.pid}/root/mnt")
        assert list(disk.iterdir()) == []


def test_what_a_killed_worker_was_writing_is_removed() -> None:
    """A client that leaves ends the worker in the middle of a file."""
    with Running(before=tiny_disk("64m"), what_if_seconds="60") as server:
        disk = Path(f"/proc/{server.process.pid}/root/mnt")
        assert server.ask("/api/downloads/gpkg")[0] == 200  # the worker has started
        for day in ("2025-06-01", "2025-05-01"):
            asked = f"GET /api/downloads/gpkg?date={day} HTTP/1.1\r\nHost: x\r\n\r\n"
            with socket.create_connection(("127.0.0.1", server.port)) as client:
                client.sendall(asked.encode())
                eventually(lambda: list(disk.iterdir()))
            eventually(lambda: not list(disk.iterdir()))
        assert server.ask("/api/downloads/shp")[0] == 200


READ_ONLY = (
    *("unshare", "--user", "--map-root-user", "--mount"),
    *("sh", "-c", 'mount -o remount,bind,ro / && exec "$@"', "sh"),
)
"""Runs a command for which nothing on the disk can be written."""


@pytest.mark.thorough
def test_a_server_on_a_read_only_disk_serves_what_it_makes_in_memory(tmp_path: Path) -> None:
    probe = ["sh", "-c", f"! touch {tmp_path}/probe"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*READ_ONLY, *probe], check=False).returncode
    ):
        pytest.skip("this system does not let a test make its disk read-only (unshare, mount)")
    with Running(before=READ_ONLY) as server:
        for path in ("/", "/api/statistics", "/api/downloads/geojson", "/tiles/6/37/22.mvt"):
            assert server.ask(path)[0] == 200, path
        refused_for_want_of_disk(server, "gpkg")
        shift = json.dumps({"shift": {"km": 5, "into": "ukraine"}}).encode()
        answer = server.ask(
            "/api/what-if", method="POST", body=shift, content_type="application/json"
        )
        assert answer[0] == 200
        assert server.ask("/healthz")[0] == 200


def test_a_whole_file_keeps_its_place_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    replace_file(b"before", target)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(b"after", target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


def test_a_clock_that_jumps_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever waits or expires looks at the monotonic clock."""
    from app.main import create_app
    from app.settings import Settings

    app = create_app(Settings(warm_up=False))
    real = time.time

    def ask() -> httpx.Response:
        import asyncio

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                answer = await client.post("/api/what-if", json={"geometry": "none"}, timeout=300)
                assert answer.status_code == 200
                return await client.get("/api/layers")

        return asyncio.run(send())

    first = ask()
    for jump in (-10 * 365 * 86400.0, 10 * 365 * 86400.0):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        answer = ask()
        assert (answer.status_code, answer.content) == (200, first.content)
        assert answer.headers["etag"] == first.headers["etag"]
    app.state.what_if_pool.close()
