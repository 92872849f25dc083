"""What the definition under ``/ogc/api`` allows and forbids is answered as it says.

The collections of one category each differ by their name only: one of them is asked here, all in
test_contract_of_features_thorough.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from contracts import examples, hold_against_the_definition, read_the_definition
from geo.categories import Category

OTHER_CATEGORIES = [category for category in Category if category is not Category.BUFFER_ZONE]
schema = read_the_definition().exclude(
    path_regex=f"^/collections/({'|'.join(OTHER_CATEGORIES)})(/|$)"
)


@pytest.mark.slow
@schema.parametrize()
@examples(3)
def test_the_definition_is_kept(case: Any) -> None:
    hold_against_the_definition(case)
