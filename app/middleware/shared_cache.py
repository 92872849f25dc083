"""Finished answers in a folder that several worker processes share.

What one worker has made, another finds there instead of making it again, and so does one that
takes the place of a worker that ended. Each answer is a file of its own, put in place whole: a
reader finds all of it or nothing. What has been damaged is known by its sum and left out. A folder
that takes no more is no fault: workers then answer by themselves.
"""

import json
import logging
import math
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

from app.atomic_file import PART, replace_file

__all__ = ["SharedAnswers", "close_folder", "open_folder"]

_LOGGER = logging.getLogger("point21")
_SUM_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
_PART_SECONDS: Final = 60.0
_REST_SECONDS: Final = 60.0
_ROOM_LEFT: Final = 0.9
_BETWEEN_LOOKS: Final = 1 / 32
_FILE_BYTES: Final = 4096
"""What a small file takes on a disk, whatever its length."""
_MOST_WAITING: Final = 64

_PREFIX: Final = "point21-answers-"

Header = tuple[bytes, bytes]


def open_folder(max_bytes: int) -> "SharedAnswers | None":
    """Make a folder that this process and those forked from it share.

    Parameters
    ----------
    max_bytes
        Bound of what is kept in it; 0 makes none.

    Returns
    -------
    SharedAnswers or None
        ``None`` where no folder can be made: then nothing is shared.
    """
    if not max_bytes:
        return None
    _sweep()
    try:
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
    except OSError as error:
        _LOGGER.warning("workers share no answers: %s", error)
        return None
    return SharedAnswers(Path(folder), max_bytes=max_bytes)


def close_folder(shared: "SharedAnswers | None") -> None:
    """Remove a folder with all that is in it."""
    if shared is not None:
        shutil.rmtree(shared.folder, ignore_errors=True)


def _sweep() -> None:
    """Remove the folders of processes that were killed."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
            pid = folder.name.removeprefix(_PREFIX).split("-")[0]
            if pid.isdecimal() and not _is_alive(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it belongs to somebody else
    return True


class SharedAnswers:
    """A folder of finished answers.

    Parameters
    ----------
    folder
        Belongs to workers that would all give the same answers; nobody else may write there.
    max_bytes
        Bound of what is kept; what was asked for longest ago goes first. The folder is measured
        when this process has written a thirty-second of that, so that each worker may exceed it by
        as much.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._rests_until = 0.0
        self._written_bytes = math.inf
        """Written by this process since it last measured the folder."""
        self._lock = Lock()
        self._waiting = 0

    @cached_property
    def _writer(self) -> ThreadPoolExecutor:
        """One thread of its own, made in the process that uses it (threads are not forked)."""
        return ThreadPoolExecutor(1, thread_name_prefix="shared-answers")

    def has(self, key: bytes) -> bool:
        """Whether there is something under a key; cheap enough to ask at any time."""
        return self._path(key).exists()

    def find(self, key: bytes) -> tuple[list[Header], bytes] | None:
        """Read an answer.

        Parameters
        ----------
        key
            Path and query, as they were given to :meth:`keep`.

        Returns
        -------
        tuple or None
            Headers and body; ``None`` when there is none, or none that is whole.
        """
        path = self._path(key)
        try:
            content = path.read_bytes()
            os.utime(path)  # asked for just now
        except OSError:
            return None
        answer = _unpack(content)
        if answer is None:
            with suppress(OSError):
                path.unlink()
        return answer

    def keep_later(self, key: bytes, headers: Sequence[Header], body: bytes) -> bool:
        """Hand an answer to the thread that puts answers in place, without waiting for it.

        Parameters
        ----------
        key, headers, body
            As for :meth:`keep`.

        Returns
        -------
        bool
            False if so many answers wait already that this one is not shared.
        """
        with self._lock:
            if self._waiting >= _MOST_WAITING:
                return False
            self._waiting += 1
        self._writer.submit(self.keep, key, headers, body).add_done_callback(self._count_down)
        return True

    def _count_down(self, _: Future[None]) -> None:
        with self._lock:
            self._waiting -= 1

    def keep(self, key: bytes, headers: Sequence[Header], body: bytes) -> None:
        """Put an answer in place, as a whole or not at all.

        Parameters
        ----------
        key
            Path and query.
        headers, body
            As they are to be sent.
        """
        if len(body) > self._max_bytes // 8 or time.monotonic() < self._rests_until:
            return
        try:
            size_bytes = len(body) + _FILE_BYTES
            if self._written_bytes + size_bytes > self._max_bytes * _BETWEEN_LOOKS:
                self._make_room(size_bytes)
            self._written_bytes += size_bytes
            replace_file(_pack(headers, body), self._path(key), durable=False)
        except FileNotFoundError:
            return  # the folder is gone: these data are served no longer
        except OSError as error:
            self._rests_until = time.monotonic() + _REST_SECONDS
            _LOGGER.warning(
                "answers are not shared between workers for %.0f s: %s", _REST_SECONDS, error
            )

    def _path(self, key: bytes) -> Path:
        return self.folder / sha256(key).hexdigest()

    def _make_room(self, wanted_bytes: int) -> None:
        """Remove the answers used longest ago, and what a killed worker was writing."""
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # another worker makes room as well
                    status = entry.stat()
                    found.append((status.st_mtime, status.st_size + _FILE_BYTES, entry.path))
        before = time.time() - _PART_SECONDS
        size_bytes = sum(size for _, size, _ in found) + wanted_bytes
        bound = self._max_bytes * (_ROOM_LEFT if size_bytes > self._max_bytes else 1.0)
        for used, size, path in sorted(found):
            is_left_over = path.endswith(PART) and used < before
            if size_bytes > bound or is_left_over:
                with suppress(FileNotFoundError):
                    Path(path).unlink()
                size_bytes -= size
        self._written_bytes = 0.0


def _pack(headers: Sequence[Header], body: bytes) -> bytes:
    """Write a sum, the length of the headers, the headers, the body."""
    told = json.dumps(
        [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
    )
    head = told.encode()
    content = len(head).to_bytes(_LENGTH_BYTES, "big") + head + body
    return sha256(content).digest() + content


def _unpack(packed: bytes) -> tuple[list[Header], bytes] | None:
    """Read what :func:`_pack` wrote, or ``None``."""
    content = packed[_SUM_BYTES:]
    if sha256(content).digest() != packed[:_SUM_BYTES]:
        return None
    end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")
    told = json.loads(content[_LENGTH_BYTES:end])
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]
    return headers, content[end:]
