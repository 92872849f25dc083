"""Everything the OpenAPI document allows, and much that it does not, is answered as it says.

Schemathesis reads the document, asks what it describes, then what it forbids, and holds each answer
against it: status, media type, schema, headers. The requests are the same in every run;
test_contract_thorough.py asks many more, and ``make test-random`` others.
"""

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


@pytest.mark.slow
@schema.parametrize()
@examples(8)
def test_the_contract_is_kept(case: Any) -> None:
    hold_against_the_document(case)
