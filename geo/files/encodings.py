"""Text that was written in one encoding and read in another."""

import re
from typing import Final

__all__ = ["repair_cyrillic"]

_READ_AS: Final = ("latin-1", "cp1252")
_WRITTEN_AS: Final = ("utf-8", "cp1251", "cp1125")
_UKRAINIAN: Final = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґ'’]+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_NO_WORD: Final = re.compile(r"[\x00-\x7f «»“”„‘’–—…№]*")


def repair_cyrillic(text: str) -> str:
    """Read Cyrillic text again that was taken for Western European text.

    Parameters
    ----------
    text
        As a reader gave it. A Shapefile without a ``.cpg`` file does not say its encoding, and
        GDAL takes it for ISO 8859-1.

    Returns
    -------
    str
        The text in Cyrillic letters, if every word of it that is not ASCII then is Ukrainian or
        Russian throughout; otherwise the text as it is.

    Examples
    --------
    >>> repair_cyrillic("Êè¿âñüêà îáëàñòü"), repair_cyrillic("Île-de-France")
    ('Київська область', 'Île-de-France')
    """
    if text.isascii() or not any("\x80" <= letter <= "ÿ" for letter in text):
        return text
    for read_as in _READ_AS:
        for written_as in _WRITTEN_AS:
            try:
                again = text.encode(read_as).decode(written_as)
            except UnicodeError:
                continue
            if _is_cyrillic(again):
                return again
    return text


def _is_cyrillic(text: str) -> bool:
    """Tell whether all that is not ASCII is words in Cyrillic letters, with capitals as usual."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    if max(map(len, words), default=0) < 3 or not _NO_WORD.fullmatch(_WORD.sub("", text)):
        return False
    if not all(_UKRAINIAN.fullmatch(word) for word in words):
        return False
    return all(word.isupper() or word[1:] == word[1:].lower() for word in words)
