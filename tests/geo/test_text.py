"""Text from outside: what commands a terminal or turns the direction of writing is not obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.text import restore_text, show_controls, strip_controls

HOSTILE = "a\x1b[31mb\x07c\x9b2Jd\u202ee\u2066f\u2028g\x00h\ud800i\U000e0041j"


@pytest.mark.parametrize("clean", [show_controls, strip_controls])
@given(text=st.text(st.characters(codec=None)))
@example(text=HOSTILE)
def test_no_control_is_left(clean: object, text: str) -> None:
    found = clean(text)  # type: ignore[operator]
    left = {c for c in found if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}}
    assert left <= {"\n", "\t"}
    assert not {c for c in found if unicodedata.bidirectional(c) in BIDI}
    assert clean(found) == found  # type: ignore[operator]


BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
@example("Слов’янськ, м. [red] é 🙂")
def test_other_text_is_not_touched(text: str) -> None:
    assert show_controls(text) == strip_controls(text) == restore_text(text) == text


def test_what_is_shown_says_what_it_was() -> None:
    assert show_controls("x\x1b[0m\u202e") == "x\\x1b[0m\\u202e"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_bytes_of_another_locale_are_read(encoding: str) -> None:
    typed = "Краматорськ".encode(encoding).decode("ascii", "surrogateescape")
    assert restore_text(typed) == "Краматорськ"
