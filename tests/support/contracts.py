"""How schemathesis holds an application against the document it describes itself with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.pytest.lazy import get_all_tests

from app.main import Service, create_app
from app.settings import Settings
from shipped import shipped_catalogue

load_all_checks()
# How long an answer may take on a slow machine; schemathesis itself would wait 10 s.
PATIENCE_S = 300
# Which plans, readings, days and filters there are no schema can say: such requests are refused as
# documented for each of them, and so are valid by form only.
_NOT_CHECKED = ("positive_data_acceptance", "ignored_auth", "max_response_time")
_CHECKS = [check for check in CHECKS.get_all() if check.__name__ not in _NOT_CHECKED]


def read_the_document() -> Any:
    """Read ``/openapi.json`` of an application of its own, with little patience for what-ifs."""
    app: Service = create_app(
        Settings(warm_up=False, what_if_seconds=8.0, max_draws=50), catalogue=shipped_catalogue()
    )
    return schemathesis.openapi.from_asgi("/openapi.json", app, timeout=PATIENCE_S)


def read_the_definition() -> Any:
    """Read ``/ogc/api`` of an application of its own."""
    app = create_app(Settings(warm_up=False), catalogue=shipped_catalogue())
    return schemathesis.openapi.from_asgi("/ogc/api", app, timeout=PATIENCE_S)


def close(schema: Any) -> None:
    """End the processes that the application of a document has started."""
    schema.app.state.what_if_pool.close()
    schema.app.state.request_pool.close()


def hold_against_the_document(case: Any, spared: str = "") -> None:
    """Ask, and hold the answer against the document: status, media type, schema, headers."""
    checks = [check for check in _CHECKS if check.__name__ != spared]
    case.call_and_validate(checks=checks, timeout=PATIENCE_S)


def hold_against_the_definition(case: Any) -> None:
    """Hold ``/ogc`` against its definition; a limit above the most is no error in the standard."""
    limit = str((case.query or {}).get("limit", ""))
    large = limit.isdigit() and int(limit) > 10_000
    hold_against_the_document(case, spared="negative_data_rejection" if large else "")


def hold_every_operation(
    schema: Any, hold: Callable[[Any], None], number: int, subtests: pytest.Subtests
) -> None:
    """Ask so many requests of each operation in one test; collecting it reads no document.

    What stands in the document as an example, and requests by chance; the thorough tests also go
    through every value at the edge of what each parameter allows, and beyond it.
    """
    schema.config.phases.coverage.enabled = False

    @examples(number)
    def ask(case: Any) -> None:
        hold(case)

    for result in get_all_tests(schema=schema, test_func=ask, settings=None, given_kwargs={}):
        operation, test = result.ok()
        with subtests.test(operation.label):
            test()


def examples(number: int) -> Callable[[Any], Any]:
    """Ask so many requests of each operation; ``POINT21_CONTRACT_EXAMPLES`` asks for more."""
    wanted = int(os.environ.get("POINT21_CONTRACT_EXAMPLES", str(number)))
    return settings(max_examples=wanted, suppress_health_check=list(HealthCheck))
