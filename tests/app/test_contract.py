"""Everything the OpenAPI document allows, and much that it does not, is answered as it says.

Schemathesis reads the document, asks what it describes, then what it forbids, and holds each answer
against it: status, media type, schema, headers. A seed of its own choosing makes each thorough run
another; the run of every day is the same every day.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from app.catalogue import Catalogue
from app.main import Service, create_app
from app.settings import Settings

_QUICK = int(os.environ.get("POINT21_CONTRACT_EXAMPLES", "8"))
_PATIENT = 300

load_all_checks()
# Whether a plan has a reading, or an archive a day, no schema can say: such requests are refused
# with 404 or 422, as documented for each of them, and so are valid by form only.
_NOT_CHECKED = ("positive_data_acceptance", "ignored_auth", "max_response_time")
_CHECKS = [check for check in CHECKS.get_all() if check.__name__ not in _NOT_CHECKED]


def make_schema() -> Any:
    """Read the document from an application of its own, with little patience for what-ifs."""
    app: Service = create_app(
        Settings(warm_up=False, what_if_seconds=8.0, max_draws=50), catalogue=Catalogue()
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app)


schema = make_schema()


@pytest.fixture(scope="module", autouse=True)
def _closed_afterwards() -> Any:
    yield
    schema.app.state.workshop.close()
    schema.app.state.errands.close()


def hold_against_the_document(case: Any) -> None:
    case.call_and_validate(checks=_CHECKS)


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=_QUICK, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_the_contract_is_kept(case: Any) -> None:
    hold_against_the_document(case)


@pytest.mark.thorough
@schema.parametrize()
@settings(max_examples=_PATIENT, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_contract_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_document(case)
