"""The same question has the same answer, to the last byte, on an older processor."""

from __future__ import annotations

import platform

import pytest

from scripted import load_script

X86 = ("x86_64", "amd64")


# The oldest differs in all libraries; thoroughly, one in between as well.
OTHERS = ["of 2008", pytest.param("of 2013", marks=pytest.mark.thorough)]


@pytest.mark.slow
@pytest.mark.skipif(platform.machine().lower() not in X86, reason="the variables are of x86-64")
@pytest.mark.parametrize("other", OTHERS)
def test_answers_do_not_depend_on_the_processor(other: str) -> None:
    """One process for each setting asks everything; the libraries themselves do differ."""
    asked = load_script("compare_processors")
    questions = [asked.LIBRARIES_THEMSELVES, *asked.COMMANDS, *asked.ADDRESSES]
    compared = {name: asked.PROCESSORS[name] for name in (asked.AS_IT_IS, other)}
    found = list(asked.differences(compared, questions))
    if not found:
        pytest.skip("numpy and the C library compute the same under every setting here")
    told = [each for each in found if each[1] != asked.LIBRARIES_THEMSELVES]
    assert not told, "\n".join(" ".join(each) for each in told)
