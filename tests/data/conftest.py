"""The committed data, and the scripts that make them."""

import sys
from pathlib import Path

import pytest

import geo

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY / "scripts") not in sys.path:
    sys.path.append(str(REPOSITORY / "scripts"))


@pytest.fixture(scope="session")
def data() -> Path:
    return REPOSITORY / "data"


@pytest.fixture(scope="session")
def boundaries() -> geo.Boundaries:
    return geo.load_boundaries()


@pytest.fixture(scope="session")
def observations() -> geo.Observations:
    return geo.load_observations()


@pytest.fixture(scope="session")
def lines() -> geo.LineSeries:
    return geo.load_contact_lines()
