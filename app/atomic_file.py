"""Write files in one piece: a reader sees the old contents or the new, never half of them."""

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

__all__ = ["PART", "WriteError", "replace_file", "write_output"]

PART: Final = ".part"
"""Ending of a file that is being written; one that stays was left by a program that was killed."""

_MOST_LINKS: Final = 40
_DESCRIPTOR: Final = re.compile(r"/(?:dev|proc/(?:self|thread-self|[0-9]+))/fd/([0-9]{1,6})")
_STANDARD: Final = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
_REASONS: Final = {
    errno.ENOENT: "the folder {folder} does not exist. Make it first, or name another file",
    errno.ENOTDIR: "{folder} is a file, not a folder. Name another file",
    errno.EISDIR: "this is a folder. Name a file in it",
    errno.EACCES: "this user may not write there. Name a file in another folder",
    errno.EPERM: "this user may not write there. Name a file in another folder",
    errno.EROFS: "the disk may only be read. Name a file on another one",
    errno.ENOSPC: "the disk is full. Make room, or name a file on another one",
    errno.EDQUOT: "the disk quota is used up. Make room, or name a file on another disk",
}


class WriteError(OSError):
    """A file cannot be written; says why, and what can be done."""

    def __init__(self, target: Path, file: Path, error: OSError) -> None:
        super().__init__(error.errno, error.strerror, str(target))
        self.folder = file.parent

    def __str__(self) -> str:
        reason = _REASONS.get(self.errno or 0, self.strerror or "it cannot be written")
        return f"{self.filename}: {reason.replace('{folder}', str(self.folder))}."


def write_output(content: bytes, target: Path) -> None:
    """Write what a user asked for to where the user asked for it.

    Parameters
    ----------
    content
        All of it.
    target
        A file, which is replaced in one piece and keeps its mode; a link, through which the file
        it leads to is written; or a pipe or a device, also ``/dev/stdout`` and ``/dev/fd/3``, which
        are written to and never replaced.

    Raises
    ------
    WriteError
        It cannot be written. A file is as it was before.
    BrokenPipeError
        Nobody reads the pipe any more.
    """
    file = target
    try:
        file, descriptor = _follow(target)
        if descriptor is not None:
            with os.fdopen(os.dup(descriptor), "wb") as device:
                device.write(content)
        elif file.exists() and not file.is_file():
            with file.open("wb") as device:
                device.write(content)
        else:
            replace_file(content, file)
    except BrokenPipeError:
        raise  # the reader has read enough, as with `| head`
    except OSError as error:
        raise WriteError(target, file, error) from error


def _follow(target: Path) -> tuple[Path, int | None]:
    """Follow links; stop at the name of an open descriptor, which leads to no file of its own."""
    path = target
    for _ in range(_MOST_LINKS):
        named = os.path.normpath(path.absolute())
        found = _DESCRIPTOR.fullmatch(named)
        if found or named in _STANDARD:
            return path, int(found[1]) if found else _STANDARD[named]
        if not path.is_symlink():
            return path, None
        path = path.parent / path.readlink()
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def replace_file(content: bytes, target: Path, *, durable: bool = True) -> None:
    """Replace a regular file in one piece, or make it.

    Parameters
    ----------
    content
        All of it.
    target
        The file; a link is replaced, not followed. An existing file keeps its mode.
    durable
        Whether to wait until the contents are on the disk: not needed for what can be made again.

    Raises
    ------
    OSError
        It cannot be written; what was there is untouched, and nothing else is left behind.
    """
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    part = target.with_name(f".point21-{token_hex(8)}{PART}")
    try:
        with part.open("xb") as file:
            file.write(content)
            with suppress(FileNotFoundError):
                _take_over(file.fileno(), target.stat())
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _take_over(descriptor: int, before: os.stat_result) -> None:
    """Give a new file the mode of the one it replaces and, where that is possible, its owner."""
    if hasattr(os, "fchown"):
        with suppress(OSError):
            os.fchown(descriptor, before.st_uid, before.st_gid)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
