"""Everything the OpenAPI document allows, and much that it does not, is answered as it says.

Schemathesis reads the document, asks what it describes, then what it forbids, and holds each answer
against it: status, media type, schema, headers. The requests are the same in every run;
test_contract_thorough.py asks many more, and ``make test-random`` others.
"""

from __future__ import annotations

import pytest

from contracts import close, hold_against_the_document, hold_every_operation, read_the_document


@pytest.mark.slow
@pytest.mark.hypothesis
def test_the_contract_is_kept(subtests: pytest.Subtests) -> None:
    schema = read_the_document()
    hold_every_operation(schema, hold_against_the_document, 8, subtests)
    close(schema)
