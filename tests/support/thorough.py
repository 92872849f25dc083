"""What `make test` leaves to the thorough tests and to the search for other examples."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

__all__ = ["at_most", "thoroughly"]


def thoroughly(*values: Any) -> list[Any]:
    """Parameters under which a rule is repeated: ``make test-thorough`` tries them."""
    return [pytest.param(value, marks=pytest.mark.thorough) for value in values]


def at_most(examples: int, *, searched: int) -> int:
    """How many examples of a law to try: those of every run, or as many as a search may."""
    return examples if settings.default.derandomize else searched
