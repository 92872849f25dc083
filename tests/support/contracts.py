"""How schemathesis holds an application against the document it describes itself with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

load_all_checks()
# Which plans, readings, days and filters there are no schema can say: such requests are refused as
# documented for each of them, and so are valid by form only.
_NOT_CHECKED = ("positive_data_acceptance", "ignored_auth", "max_response_time")
_CHECKS = [check for check in CHECKS.get_all() if check.__name__ not in _NOT_CHECKED]


def hold_against_the_document(case: Any, spared: str = "") -> None:
    """Ask, and hold the answer against the document: status, media type, schema, headers."""
    case.call_and_validate(checks=[check for check in _CHECKS if check.__name__ != spared])


def quick(examples: int) -> Callable[[Any], Any]:
    """The same few requests in every run; ``POINT21_CONTRACT_EXAMPLES`` asks for more."""
    number = int(os.environ.get("POINT21_CONTRACT_EXAMPLES", str(examples)))
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def patient(examples: int) -> Callable[[Any], Any]:
    """Other requests in each run."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
