"""What the definition under ``/ogc/api`` allows and forbids is answered as it says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis

from app.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings
from contracts import hold_against_the_document, patient, quick

schema = schemathesis.openapi.from_asgi(
    "/ogc/api", create_app(Settings(warm_up=False), catalogue=Catalogue()), timeout=300
)


def hold_against_the_definition(case: Any) -> None:
    """A limit above the most is no error, says the standard, whatever the definition calls it."""
    limit = str((case.query or {}).get("limit", ""))
    large = limit.isdigit() and int(limit) > 10_000
    hold_against_the_document(case, spared="negative_data_rejection" if large else "")


@pytest.mark.slow
@schema.parametrize()
@quick(3)
def test_the_definition_is_kept(case: Any) -> None:
    hold_against_the_definition(case)


@pytest.mark.thorough
@schema.parametrize()
@patient(60)
def test_the_definition_is_kept_however_it_is_asked(case: Any) -> None:
    hold_against_the_definition(case)
