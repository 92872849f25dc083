"""Parts of answers: the header ``Range`` against a plain oracle, and against real clients."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.middleware.byte_ranges import find_part

ETAG = b'"one"'


def part(asked: bytes, size: int = 10) -> range | None:
    return find_part(asked, None, etag=ETAG, size=size)


@given(first=st.integers(0, 30), length=st.integers(1, 30) | st.none(), size=st.integers(0, 25))
@example(first=0, length=None, size=0)
@example(first=9, length=1, size=10)
def test_a_part_has_the_bytes_at_its_positions(first: int, length: int | None, size: int) -> None:
    body = bytes(range(size))
    asked = b"bytes=%d-" % first if length is None else b"bytes=%d-%d" % (first, first + length - 1)
    found = part(asked, size)
    assert found is not None
    wanted = [n for n in body if n >= first and (length is None or n < first + length)]
    assert list(body[found.start : found.stop]) == wanted
    assert len(found) == len(wanted), "its length is what is sent, not what was asked for"


@given(last=st.integers(0, 30), size=st.integers(0, 25))
@example(last=0, size=10)
@example(last=30, size=10)
def test_a_suffix_has_the_last_bytes(last: int, size: int) -> None:
    body = bytes(range(size))
    found = part(b"bytes=-%d" % last, size)
    assert found is not None
    assert body[found.start : found.stop] == (body[-last:] if last else b"")


@pytest.mark.parametrize(
    "asked",
    [
        b"",
        b"bytes",
        b"bytes=",
        b"bytes=-",
        b"bytes=5-2",
        b"bytes=a-b",
        b"bytes=1-2-3",
        b"bytes=+1-2",
        b"bytes=0-1,4-5",
        b"bytes=0x0-1",
        b"lines=0-1",
        b"bytes=" + b"9" * 5000 + b"-",
        "bytes=\u0661-".encode(),
    ],
)
def test_the_whole_is_sent_for_what_is_no_single_range(asked: bytes) -> None:
    assert part(asked) is None


@pytest.mark.parametrize("asked", [b"10-", b"10-20", b"999999999999-", b"-0"])
def test_bytes_after_the_end_are_an_empty_part(asked: bytes) -> None:
    found = part(b"bytes=" + asked)
    assert found is not None
    assert len(found) == 0


def test_the_unit_is_written_in_any_case_and_blanks_are_allowed() -> None:
    assert part(b"Bytes= 2-3 ") == range(2, 4)


@pytest.mark.parametrize(
    ("if_range", "found"),
    [
        (None, range(2, 4)),
        (ETAG, range(2, 4)),
        (b'W/"one"', None),
        (b'"other"', None),
        (b"Fri, 21 Nov 2025 00:00:00 GMT", None),
    ],
)
def test_a_part_of_another_version_is_not_sent(if_range: bytes | None, found: range | None) -> None:
    assert find_part(b"bytes=2-3", if_range, etag=ETAG, size=10) == found
