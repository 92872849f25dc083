"""Text from outside without the characters that command a terminal or deceive a reader.

A plan's title, the name of a file or of a feature may hold escape sequences, which a terminal
obeys, and marks that turn the direction of writing, which make a text look like another one.

References
----------
ECMA-48, Control functions (C0, C1); Unicode Standard Annex 9 (bidirectional marks); XML 1.0, 2.2
(characters); PEP 383.
"""

import re
from typing import Final

__all__ = ["restore_text", "show_controls", "strip_controls"]

_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE: Final = "\u2028\u2029\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_NO_CHARACTER: Final = "\ud800-\udfff\ufffe\uffff"
_CONTROL: Final = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}{_INVISIBLE}{_NO_CHARACTER}]")
_ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]")


def show_controls(text: str) -> str:
    r"""Write such characters as escapes, for people: nothing is hidden, nothing is obeyed.

    Parameters
    ----------
    text
        Anything. Line feeds and tabs stay.

    Returns
    -------
    str
        The same text if it holds none.

    Examples
    --------
    >>> print(show_controls("a\x1b[31mb\u202ec"))
    a\x1b[31mb\u202ec
    """
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(_escape, restore_text(text))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def strip_controls(text: str) -> str:
    r"""Remove such characters, for files that may not hold them (XML) or that others show.

    Parameters
    ----------
    text
        Anything. Line feeds and tabs stay.

    Returns
    -------
    str
        The same text if it holds none.

    Examples
    --------
    >>> strip_controls("a\x1b[31mb\u202ec\x00")
    'a[31mbc'
    """
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub("", restore_text(text))


def restore_text(text: str) -> str:
    r"""Read a text again that the system handed over as bytes in an encoding it did not announce.

    Parameters
    ----------
    text
        An argument or the name of a file, as Python has it: bytes that the locale cannot read
        stand for themselves (PEP 383).

    Returns
    -------
    str
        Read as UTF-8 or, if it is none, as the Cyrillic code page of Windows (1251).

    Examples
    --------
    >>> restore_text("Ізюм".encode().decode("ascii", "surrogateescape"))
    'Ізюм'
    """
    if not _ESCAPED_BYTE.search(text):
        return text
    given = text.encode("utf-8", "surrogateescape")
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return given.decode("cp1251", "replace")
