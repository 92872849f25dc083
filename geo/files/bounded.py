"""Read a file up to a stated size, whatever kind of file it is."""

from pathlib import Path
from typing import BinaryIO, Final

from geo.errors import DataFormatError
from geo.files.content import decode_text

__all__ = ["MOST_BYTES_OF_DATA", "read_bounded", "read_bounded_text"]

MOST_BYTES_OF_DATA: Final = 64 * 2**20
"""Largest size of a file of the project's own data."""

_BLOCK_BYTES: Final = 2**20


def read_bounded(path: Path, *, most_bytes: int, what: str) -> bytes:
    """Read a whole file that is not larger than allowed.

    Parameters
    ----------
    path
        A regular file, a pipe or a device. A file without an end, such as ``/dev/zero``, is read
        up to the limit and then refused.
    most_bytes
        Largest size that is accepted.
    what
        What the file should be, for the message: ``"a plan"``.

    Returns
    -------
    bytes
        The contents, unchanged.

    Raises
    ------
    DataFormatError
        The file cannot be read, or is larger than allowed.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "large.toml")
    >>> path.write_bytes(bytes(3 * 2**20))
    3145728
    >>> read_bounded(path, most_bytes=2**20, what="a plan")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    geo.errors.DataFormatError: ...large.toml: expected a plan of at most 1 MiB; got 3 MiB. ...
    """
    try:
        with path.open("rb") as file:
            content = _read_at_most(file, most_bytes + 1)
            if len(content) <= most_bytes:
                return content
            size = path.stat().st_size  # 0 for a pipe or a device
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise DataFormatError(f"{path}: cannot be read ({reason}). Check the path.") from error
    got = _in_mib(size) if size > most_bytes else "more"
    raise DataFormatError(
        f"{path}: expected {what} of at most {_in_mib(most_bytes)}; got {got}. "
        "Check that this is the file you mean; if it is, make it smaller."
    )


def read_bounded_text(path: Path, *, most_bytes: int, what: str) -> str:
    """Read a whole text file that is not larger than allowed.

    Parameters
    ----------
    path
        As for :func:`read_bounded`; see :func:`geo.files.content.decode_text` for the encodings.
    most_bytes
        Largest size that is accepted.
    what
        What the file should be, for the message.

    Returns
    -------
    str
        The contents; line ends are as in the file.

    Raises
    ------
    DataFormatError
        The file cannot be read, is larger than allowed, or is in another encoding.
    """
    content = read_bounded(path, most_bytes=most_bytes, what=what)
    return decode_text(content, name=str(path))


def _read_at_most(file: BinaryIO, most_bytes: int) -> bytes:
    """Read to the end or to the limit, in blocks: a pipe gives less than is asked for."""
    content = bytearray()
    while len(content) < most_bytes:
        block = file.read(min(_BLOCK_BYTES, most_bytes - len(content)))
        if not block:
            break
        content += block
    return bytes(content)


def _in_mib(size: int) -> str:
    """Write a size for a message: whole MiB as far as that says enough."""
    mib = size / 2**20
    return f"{mib:,.0f} MiB" if mib >= 10 or mib.is_integer() else f"{mib:.2g} MiB"
