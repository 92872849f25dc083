"""Temporary folders for libraries that write files, and errors of a disk that is full or read-only.

Most files are made in memory. A few formats are written by libraries that want a folder; when
that folder is full or may not be written, it is said so, and nothing stays behind.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from geo.errors import SettlementError

__all__ = ["DiskError", "disk_fault", "scratch_folder", "sweep_scratch"]

_PREFIX: Final = "point21-scratch-"
_SPARE_BYTES: Final = 2**20
_PLENTY_BYTES: Final = 128 * 2**20
_OF_THE_DISK: Final = frozenset(
    number
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO")
    if (number := getattr(errno, name, None)) is not None
)


class DiskError(SettlementError):
    """The disk takes no file: it is full, or read-only, or a limit is reached."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "it cannot be written now: the disk for temporary files is full, or may not be written "
            f"({reason.rstrip('.')}). Try again later, or ask for a format that needs no disk: all "
            "but GeoPackage, Shapefile and PMTiles. Whoever runs the program can name another "
            "folder with TMPDIR."
        )


def disk_fault(error: BaseException) -> str | None:
    """Tell what the system says of a disk that takes nothing.

    Parameters
    ----------
    error
        Any exception.

    Returns
    -------
    str or None
        ``None`` when it is about something else.
    """
    if not isinstance(error, OSError):
        return None
    if error.errno in _OF_THE_DISK:
        return os.strerror(error.errno or 0)
    no_folder = error.errno == errno.ENOENT and "temporary directory" in str(error)
    return "no folder for temporary files can be written" if no_folder else None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder that is gone when the block is left, however it is left.

    Yields
    ------
    Path
        Its name begins with the id of the process, so that :func:`sweep_scratch` finds it.

    Raises
    ------
    DiskError
        It cannot be made, or what fails in the block fails for want of a disk: libraries that
        write files often say only that they could not.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    except OSError as error:
        raise DiskError(disk_fault(error) or str(error)) from error
    try:
        yield folder
    except Exception as error:
        reason = disk_fault(error) or _try_to_write(folder)
        if reason is None:
            raise
        raise DiskError(reason) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try_to_write(folder: Path) -> str | None:
    """Write a little more than what is there already; return why that fails, if it does.

    Room for less than any file of ours may need is a reason too: what failed may have been removed.
    """
    try:
        largest = max((path.stat().st_size for path in folder.iterdir()), default=0)
        with (folder / "probe").open("wb") as file:
            file.seek(largest)
            file.write(bytes(_SPARE_BYTES))
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return disk_fault(error)
    return None if free >= _PLENTY_BYTES else f"{free // 2**20} MiB are free"


def sweep_scratch(pid: int) -> None:
    """Remove what a process has left that was stopped in the middle of writing.

    Parameters
    ----------
    pid
        Of a process that has ended.
    """
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{pid}-*"):
            shutil.rmtree(folder, ignore_errors=True)
