"""Everything the OpenAPI document allows, and much that it does not, is answered as it says.

Schemathesis reads the document, asks what it describes, then what it forbids, and holds each answer
against it: status, media type, schema, headers. A seed of its own choosing makes each thorough run
another; the run of every day is the same every day.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis

from app.catalogue import Catalogue
from app.main import Service, create_app
from app.settings import Settings
from contracts import hold_against_the_document, patient, quick


def make_schema() -> Any:
    """Read the document from an application of its own, with little patience for what-ifs."""
    app: Service = create_app(
        Settings(warm_up=False, what_if_seconds=8.0, max_draws=50), catalogue=Catalogue()
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app, timeout=300)


schema = make_schema()


@pytest.fixture(scope="module", autouse=True)
def _closed_afterwards() -> Any:
    yield
    schema.app.state.workshop.close()
    schema.app.state.errands.close()


@pytest.mark.slow
@schema.parametrize()
@quick(8)
def test_the_contract_is_kept(case: Any) -> None:
    hold_against_the_document(case)


@pytest.mark.thorough
@schema.parametrize()
@patient(300)
def test_the_contract_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_document(case)
