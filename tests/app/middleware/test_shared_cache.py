"""Answers that one worker has made and all of them give."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from threading import Event

import pytest

import app.middleware.shared_cache as sharing
from app.middleware.shared_cache import SharedAnswers, close_folder, open_folder
from running import Running, eventually

HEADERS = [(b"content-type", b"application/json"), (b"link", b'<x>; title="\xe9"')]
HISTORY = "/api/history?from=2026-01-01&to=2026-03-01"


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_what_is_kept_is_found_by_another_reader(tmp_path: Path) -> None:
    SharedAnswers(tmp_path, max_bytes=10**6).keep(b"/a?b=1", HEADERS, b"body" * 9)
    other = SharedAnswers(tmp_path, max_bytes=10**6)
    assert other.has(b"/a?b=1")
    assert other.find(b"/a?b=1") == (HEADERS, b"body" * 9)
    assert not other.has(b"/a?b=2")
    assert other.find(b"/a?b=2") is None


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped"])
def test_what_is_damaged_is_no_answer_and_goes(tmp_path: Path, damage: str) -> None:
    shared = SharedAnswers(tmp_path, max_bytes=10**6)
    shared.keep(b"/a", HEADERS, b"body" * 9)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    damaged = {"cut": content[:-3], "empty": b"", "flipped": content[:-1] + b"?"}[damage]
    path.write_bytes(damaged)
    assert shared.find(b"/a") is None
    assert list(tmp_path.iterdir()) == []


def test_the_folder_stays_within_its_bound_and_keeps_what_is_asked_for(tmp_path: Path) -> None:
    bound = 100_000
    shared = SharedAnswers(tmp_path, max_bytes=bound)
    now = time.time()
    for number in range(30):
        shared.keep(b"/%d" % number, HEADERS, bytes(1000))
        for path in tmp_path.iterdir():  # as if a second had passed
            os.utime(path, (now - 100 + number,) * 2) if path.stat().st_mtime > now - 1 else None
        assert shared.find(b"/0") is not None
        first = shared._path(b"/0")
        os.utime(first, (now - 99 + number,) * 2)
        on_disk = size_of(tmp_path) + sharing._FILE_BYTES * len(list(tmp_path.iterdir()))
        assert on_disk <= bound * (1 + sharing._BETWEEN_LOOKS) + 5_200  # and the one just written
    assert shared.find(b"/29") is not None
    assert shared.find(b"/1") is None
    shared.keep(b"/large", HEADERS, bytes(13_000))
    assert not shared.has(b"/large"), "one answer must not drive out all others"


def test_answers_that_come_faster_than_they_are_written_are_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedAnswers(tmp_path, max_bytes=10**6)
    go_on = Event()
    monkeypatch.setattr(shared, "keep", lambda *_: go_on.wait(60))
    accepted = [shared.keep_later(b"/%d" % number, HEADERS, b"body") for number in range(200)]
    assert accepted == [True] * sharing._MOST_WAITING + [False] * (200 - sharing._MOST_WAITING)
    go_on.set()
    shared._writer.shutdown()
    assert shared._waiting == 0


def test_the_folder_is_not_measured_for_each_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedAnswers(tmp_path, max_bytes=10**8)
    measured = []
    monkeypatch.setattr(
        shared,
        "_make_room",
        lambda size: measured.append(size) or setattr(shared, "_written_bytes", 0.0),
    )
    for number in range(300):
        shared.keep(b"/%d" % number, HEADERS, b"body")
    assert len(measured) == 1


def test_what_a_killed_worker_was_writing_goes(tmp_path: Path) -> None:
    part = tmp_path / "tmpx.part"
    part.write_bytes(b"half")
    os.utime(part, (time.time() - 3600,) * 2)
    SharedAnswers(tmp_path, max_bytes=10**6).keep(b"/a", HEADERS, b"body")
    assert not part.exists()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_told_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared = SharedAnswers(tmp_path, max_bytes=10**6)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    for number in range(5):
        shared.keep(b"/%d" % number, HEADERS, b"body")
    assert list(tmp_path.iterdir()) == []
    assert caplog.text.count("No space left on device") == 1
    close_folder(shared)
    shared.keep(b"/a", HEADERS, b"body")  # the folder is gone: no fault
    assert shared.find(b"/a") is None


def test_folders_of_killed_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing.tempfile, "tempdir", str(tmp_path))
    ours, dead = open_folder(1000), tmp_path / f"{sharing._PREFIX}{2**22 + 1}-abc"
    dead.mkdir()
    again = open_folder(1000)
    assert ours is not None and again is not None
    assert {path.name for path in tmp_path.iterdir()} == {ours.folder.name, again.folder.name}
    assert ours.folder.stat().st_mode & 0o077 == 0, "others can read or write it"
    assert open_folder(0) is None


def test_where_no_folder_can_be_made_nothing_is_shared(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sharing.tempfile, "tempdir", "/proc/no/such/folder")
    assert open_folder(1000) is None
    assert "share no answers" in caplog.text


@pytest.mark.slow
def test_a_new_worker_gives_what_a_killed_one_has_made(tmp_path: Path) -> None:
    """The file is marked between the two, so that it is known where the answer comes from."""
    with Running("--workers", "2", before=("env", f"TMPDIR={tmp_path}")) as server:
        status, headers, body = server.ask(HISTORY)
        assert status == 200
        (folder,) = tmp_path.glob("point21-answers-*")
        key = HISTORY.encode()
        shared = SharedAnswers(folder, max_bytes=10**9)
        eventually(lambda: shared.has(key))
        found = shared.find(key)
        assert found is not None and found[1] == body
        shared.keep(key, found[0], b"marked " + body)
        former = server.children
        for pid in former:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(set(server.children) - set(former)) == 2)
        status, again, marked = server.ask(HISTORY)
        assert (status, marked) == (200, b"marked " + body)
        names = ("content-type", "cache-control", "x-content-type-options", "vary")
        assert [again.get(name) for name in names] == [headers.get(name) for name in names]
        server.signal(signal.SIGHUP)  # other data may come now: nothing is taken over
        eventually(lambda: "takes over from" in server.log)
        eventually(lambda: server.ask(HISTORY)[2] == body)
    assert list(tmp_path.glob("point21-answers-*")) == [], "the folder was left behind"
