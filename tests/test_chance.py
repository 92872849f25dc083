"""No test fails by chance: neither by the examples that are tried nor by what ran before."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

FOUND_IN_A_MODULE = 987_654_321_012_345


def tried() -> list[tuple[int, str]]:
    """Return every example of one law."""
    examples: list[tuple[int, str]] = []

    @settings(max_examples=300)
    @given(st.integers(), st.text(max_size=3))
    def law(number: int, text: str) -> None:
        examples.append((number, text))

    law()
    return examples


def import_a_module_with_a_constant(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import what Hypothesis would search for numbers, were this a search."""
    path.write_text(f"NUMBER = {FOUND_IN_A_MODULE}\n", encoding="utf-8")
    module = ModuleType("somebodys_module")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.skipif(not settings.default.derandomize, reason="a search tries other examples")
def test_the_same_examples_are_tried_whatever_ran_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tried()
    assert len(first) > 200
    import_a_module_with_a_constant(tmp_path / "module.py", monkeypatch)
    assert tried() == first
    assert settings.default.database is None


def test_fixtures_of_a_package_stand_in_a_package() -> None:
    """Elsewhere they live until all tests have run; a browser leaves no room for event loops."""
    tests = Path(__file__).resolve().parent
    found = [path for path in tests.rglob("*.py") if 'scope="package"' in path.read_text("utf-8")]
    folders = {path.parent for path in found} - {tests}
    assert folders
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
