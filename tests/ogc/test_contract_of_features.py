"""What the definition under ``/ogc/api`` allows and forbids is answered as it says.

The collections of one category each differ by their name only: one of them is asked here, all in
test_contract_of_features_thorough.py.
"""

from __future__ import annotations

import pytest

from contracts import hold_against_the_definition, hold_every_operation, read_the_definition
from geo.plans.categories import Category

OTHER_CATEGORIES = [category for category in Category if category is not Category.BUFFER_ZONE]


@pytest.mark.slow
@pytest.mark.hypothesis
def test_the_definition_is_kept(subtests: pytest.Subtests) -> None:
    others = "|".join(OTHER_CATEGORIES)
    schema = read_the_definition().exclude(path_regex=f"^/collections/({others})(/|$)")
    hold_every_operation(schema, hold_against_the_definition, 3, subtests)
