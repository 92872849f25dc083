"""Match LIKE patterns of CQL2 in time bounded by text × pattern.

A pattern as one regular expression backtracks: ``%_%_%_%_%#`` takes exponentially long to fail.
"""

import re
from functools import cache
from itertools import chain
from typing import Final

__all__ = ["Wildcards"]

_ANY: Final = "%"
_ONE: Final = "_"
_ESCAPE: Final = "\\"


class Wildcards:
    r"""A pattern: ``%`` stands for any letters, ``_`` for one, a backslash takes that away.

    Parameters
    ----------
    pattern
        As the user wrote it.

    Notes
    -----
    The pattern is cut at each ``%``. Its pieces have a fixed length; each is searched for where
    the one before ended. The leftmost place is always a right choice, so nothing is tried twice.

    References
    ----------
    OGC 21-065r2, Common Query Language (CQL2), 7.4 (LIKE).

    Examples
    --------
    >>> Wildcards("K%Oblast").matches("Kyiv Oblast"), Wildcards("100\\%").matches("1000")
    (True, False)
    """

    def __init__(self, pattern: str) -> None:
        pieces = _cut(pattern)
        self._pieces = [re.compile(text, re.DOTALL) for text, _ in pieces]
        self._lengths = [length for _, length in pieces]
        self.matches = cache(self._matches)

    def _matches(self, word: str) -> bool:
        """Tell whether the whole word is as the pattern says."""
        first, *inner = self._pieces
        if not inner:
            return first.fullmatch(word) is not None
        last = inner.pop()
        end = len(word) - self._lengths[-1]
        if end < self._lengths[0] or first.match(word) is None:
            return False
        at = self._lengths[0]
        for piece in inner:
            found = piece.search(word, at, end)
            if found is None:
                return False
            at = found.end()
        return last.match(word, end) is not None


def _cut(pattern: str) -> list[tuple[str, int]]:
    """Cut a pattern at each ``%`` into regular expressions, each with the length it matches."""
    pieces: list[list[str]] = [[]]
    letters = iter(pattern)
    for letter in letters:
        if letter == _ESCAPE:
            pieces[-1].append(re.escape(next(letters, _ESCAPE)))
        elif letter == _ANY:
            pieces.append([])
        else:
            pieces[-1].append("." if letter == _ONE else re.escape(letter))
    kept = chain(pieces[:1], (piece for piece in pieces[1:-1] if piece), pieces[1:][-1:])
    return [("".join(piece), len(piece)) for piece in kept]
