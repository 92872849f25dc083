"""Text in the encodings that files have, and what gzip packed."""

import codecs
import gzip
import io
import zlib
from typing import Final

from geo.errors import DataFormatError

__all__ = ["MOST_BYTES", "decode_text", "unpack_gzip", "unpacks_to_too_much"]

MOST_BYTES: Final = 256 * 2**20
"""Largest file of geometries that is read, also after it is unpacked."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def unpack_gzip(content: bytes, *, name: str, most: int = MOST_BYTES) -> bytes:
    """Unpack what gzip packed, up to a size.

    Parameters
    ----------
    content
        The packed bytes.
    name
        The file, for messages.
    most
        How many bytes may come out.

    Returns
    -------
    bytes
        The unpacked bytes.

    Raises
    ------
    DataFormatError
        The bytes are damaged, or unpack to more than is allowed.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            unpacked = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataFormatError(
            f"{name}: the gzip file is damaged ({error}). Get it again, or unpack it with gunzip."
        ) from error
    if len(unpacked) > most:
        raise unpacks_to_too_much(name, most, "Leave out what is not needed")
    return unpacked


def unpacks_to_too_much(name: str, most: int, remedy: str) -> DataFormatError:
    """Build the error for a packed file that holds more than is allowed.

    Parameters
    ----------
    name
        The file.
    most
        How many bytes may come out.
    remedy
        What to do, without a full stop.

    Returns
    -------
    DataFormatError
        To be raised.
    """
    return DataFormatError(
        f"{name}: unpacks to more than {most / 2**20:g} MiB, which is more than is allowed. "
        f"{remedy}."
    )


def decode_text(content: bytes, *, name: str) -> str:
    """Decode text as UTF-8, or as the byte order mark at its beginning says.

    Parameters
    ----------
    content
        The bytes of a text file.
    name
        The file, for messages.

    Returns
    -------
    str
        The text without a byte order mark.

    Raises
    ------
    DataFormatError
        The bytes are in another encoding.
    """
    encoding = next((known for mark, known in _MARKS if content.startswith(mark)), None)
    encoding = encoding or _encoding_without_mark(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataFormatError(
            f"{name}: expected text in UTF-8; the byte {content[error.start]:#04x} at position "
            f"{error.start} cannot be read as that. Save the file as UTF-8, in an editor or with "
            f"iconv -f windows-1251 -t utf-8."
        ) from error


def _encoding_without_mark(content: bytes) -> str:
    """Tell UTF-16 without a mark by the zeros beside its first, ASCII, characters."""
    head = content[:4]
    if len(head) >= 2 and head[0] and not head[1]:
        return "utf-16-le"
    if len(head) >= 2 and head[1] and not head[0]:
        return "utf-16-be"
    return "utf-8"
