"""Many more requests than test_contract_of_features.py asks."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import examples, hold_against_the_definition, read_the_definition

schema = read_the_definition()


@pytest.mark.thorough
@schema.parametrize()
@examples(60)
def test_the_definition_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_definition(case)
