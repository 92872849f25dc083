"""What the definition under ``/ogc/api`` allows and forbids is answered as it says."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import examples, hold_against_the_definition, read_the_definition

schema = read_the_definition()


@pytest.mark.slow
@schema.parametrize()
@examples(3)
def test_the_definition_is_kept(case: Any) -> None:
    hold_against_the_definition(case)
