"""Files are replaced in one piece; links are followed; devices are written to, never replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from app.atomic_file import WriteError, replace_file, write_output

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links, modes, pipes of POSIX")


def test_a_link_stays_and_its_target_is_written_with_its_mode(tmp_path: Path) -> None:
    target, link, chain = (tmp_path / name for name in ("target", "link", "chain"))
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to("target")
    chain.symlink_to(link)
    write_output(b"after", chain)
    assert target.read_text() == "after"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert link.is_symlink() and chain.is_symlink()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_link_to_nothing_makes_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new")
    write_output(b"made", tmp_path / "link")
    assert (tmp_path / "new").read_bytes() == b"made"
    assert (tmp_path / "link").is_symlink()


def test_a_new_file_has_the_mode_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_output(b"made", tmp_path / "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_output(b"content", pipe)
    reader.join()
    assert read == [b"content"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("named", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_an_open_descriptor_is_written_where_it_stands(tmp_path: Path, named: str) -> None:
    path = tmp_path / "mixed"
    with path.open("wb", buffering=0) as file:
        file.write(b"first ")
        inode = path.stat().st_ino
        write_output(b"second", Path(named.format(file.fileno())))
        file.write(b" third")
    assert path.read_bytes() == b"first second third"
    assert path.stat().st_ino == inode


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/file", "missing does not exist. Make it first"),
        ("folder", "this is a folder. Name a file in it"),
        ("file/inside", "file is a file, not a folder"),
        ("link", "missing does not exist"),
        ("circle", "Too many levels of symbolic links"),
        ("a" * 300, "File name too long"),
        ("/dev/full", "the disk is full. Make room"),
        ("/dev/fd/999999", "Bad file descriptor"),
    ],
)
def test_refusals_name_the_file_and_what_can_be_done(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("before")
    (tmp_path / "link").symlink_to("missing/file")
    (tmp_path / "circle").symlink_to("circle")
    held = sorted(tmp_path.iterdir())
    with pytest.raises(WriteError) as refused:
        write_output(b"content", tmp_path / name)
    assert str(refused.value).startswith(f"{tmp_path / name}: ")
    assert words in str(refused.value)
    assert sorted(tmp_path.iterdir()) == held
    assert (tmp_path / "file").read_text() == "before"


def test_nothing_is_left_of_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "file"
    replace_file(b"before", target)
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_output(b"after", target)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]
