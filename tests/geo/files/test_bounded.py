"""Files are read up to a stated size, whatever kind of file they are."""

import os
import stat
import threading
from pathlib import Path

import pytest

from geo.errors import DataFormatError
from geo.files.bounded import read_bounded, read_bounded_text


def test_a_file_of_just_the_allowed_size_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"abcd")
    assert read_bounded(path, most_bytes=4, what="a plan") == b"abcd"
    with pytest.raises(DataFormatError, match="expected a plan of at most"):
        read_bounded(path, most_bytes=3, what="a plan")


def test_a_large_file_is_refused_with_both_sizes(tmp_path: Path) -> None:
    path = tmp_path / "line.geojson"
    with path.open("wb") as file:
        file.truncate(70 * 2**20)
    with pytest.raises(
        DataFormatError,
        match=r"line\.geojson: expected a line of at most 64 MiB; got 70 MiB\. Check",
    ):
        read_bounded(path, most_bytes=64 * 2**20, what="a line")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(DataFormatError, match=r"/dev/zero: .* at most 2 MiB; got more\."):
        read_bounded(Path("/dev/zero"), most_bytes=2 * 2**20, what="a plan")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert stat.S_ISFIFO(path.stat().st_mode)

    def write_in_pieces() -> None:
        with path.open("wb", buffering=0) as file:
            for piece in (b"first ", b"second ", b"third"):
                file.write(piece)

    writer = threading.Thread(target=write_in_pieces)
    writer.start()
    content = read_bounded(path, most_bytes=100, what="a line")
    writer.join()
    assert content == b"first second third"


@pytest.mark.parametrize(
    ("name", "reason"), [("missing", "No such file"), ("", "Is a directory"), ("a\0b", "null")]
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, name: str, reason: str
) -> None:
    with pytest.raises(DataFormatError, match=rf"cannot be read \(.*{reason}"):
        read_bounded(tmp_path / name, most_bytes=10, what="a plan")


def test_text_is_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xef\xbb\xbf" + "Ізюм".encode())
    assert read_bounded_text(path, most_bytes=100, what="a plan") == "Ізюм"
    path.write_bytes("Ізюм".encode("cp1251"))
    with pytest.raises(DataFormatError, match="expected text in UTF-8"):
        read_bounded_text(path, most_bytes=100, what="a plan")
