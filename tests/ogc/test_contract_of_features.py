"""What the definition under ``/ogc/api`` allows and forbids is answered as it says."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from app.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings

_QUICK = int(os.environ.get("POINT21_CONTRACT_EXAMPLES", "3"))

load_all_checks()
# Which plans, days, readings and filters there are no schema can say: 400, as documented.
_NOT_CHECKED = ("positive_data_acceptance", "ignored_auth", "max_response_time")
_CHECKS = [check for check in CHECKS.get_all() if check.__name__ not in _NOT_CHECKED]

schema = schemathesis.openapi.from_asgi(
    "/ogc/api", create_app(Settings(warm_up=False), catalogue=Catalogue())
)


def hold_against_the_definition(case: Any) -> None:
    """A limit above the most is no error, says the standard, whatever the definition calls it."""
    limit = str((case.query or {}).get("limit", ""))
    large = limit.isdigit() and int(limit) > 10_000
    spared = "negative_data_rejection" if large else ""
    case.call_and_validate(checks=[check for check in _CHECKS if check.__name__ != spared])


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=_QUICK, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_the_definition_is_kept(case: Any) -> None:
    hold_against_the_definition(case)


@pytest.mark.thorough
@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_definition_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_definition(case)
