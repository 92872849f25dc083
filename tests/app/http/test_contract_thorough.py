"""Many more requests than test_contract.py asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from contracts import close, examples, hold_against_the_document, read_the_document

schema = read_the_document()


@pytest.fixture(scope="module", autouse=True)
def _closed_afterwards() -> Iterator[None]:
    yield
    close(schema)


@pytest.mark.thorough
@schema.parametrize()
@examples(300)
def test_the_contract_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_document(case)
