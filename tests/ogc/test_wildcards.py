"""Patterns with wildcards against a slow matcher that tries every way."""

from __future__ import annotations

from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st

from app.cql2.wildcards import Wildcards


def match_slowly(pattern: str, word: str) -> bool:
    @cache
    def matches(i: int, j: int) -> bool:
        if i >= len(pattern):
            return j == len(word)
        if pattern[i] == "%":
            return any(matches(i + 1, k) for k in range(j, len(word) + 1))
        is_escape = pattern[i] == "\\"
        wanted = pattern[i + 1 : i + 2] or "\\" if is_escape else pattern[i]
        fits = j < len(word) and ((wanted == "_" and not is_escape) or word[j] == wanted)
        return fits and matches(i + 1 + is_escape, j + 1)

    return matches(0, 0)


@given(st.text("ab%_\\\n", max_size=8), st.text("ab%_\\\n", max_size=7))
@example("%", "")
@example("a%a", "a")
@example("%_%", "")
@example("\\%\\", "%\\")
def test_a_pattern_matches_what_trying_every_way_matches(pattern: str, word: str) -> None:
    assert Wildcards(pattern).matches(word) == match_slowly(pattern, word)


def test_a_pattern_that_backtracks_without_end_is_answered() -> None:
    word = "a" * 3000
    assert not Wildcards("%_" * 1000 + "%#").matches(word)
    assert Wildcards("%_" * 1000 + "%a").matches(word)
