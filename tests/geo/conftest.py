"""Tiny countries and real ones."""

import pytest
import shapely

import geo
from drawn import DAY, make_boundaries


@pytest.fixture
def four() -> geo.Boundaries:
    """Four squares of one degree around (32, 48).

    ::

        49 +----+----+
           | C  | D  |
        48 +----+----+
           | A  | B  |
        47 +----+----+
           31   32   33
    """
    return make_boundaries(
        {
            "XX-A": shapely.box(31, 47, 32, 48),
            "XX-B": shapely.box(32, 47, 33, 48),
            "XX-C": shapely.box(31, 48, 32, 49),
            "XX-D": shapely.box(32, 48, 33, 49),
        }
    )


@pytest.fixture(scope="session")
def boundaries() -> geo.Boundaries:
    """The 27 units that come with the program."""
    return geo.load_boundaries()


@pytest.fixture(scope="session")
def observations() -> geo.Observations:
    """The observations that come with the program."""
    return geo.load_observations()


@pytest.fixture(scope="session")
def lines() -> geo.LineSeries:
    """The lines that come with the program."""
    return geo.load_contact_lines()


@pytest.fixture(scope="session")
def divided(boundaries, observations, lines) -> geo.Gazetteer:
    """The country on the day of the plan."""
    return geo.build_partition(boundaries, lines.on(DAY), observations)


@pytest.fixture(scope="session")
def scenarios(boundaries, observations, lines, divided) -> dict[str, geo.Scenario]:
    """Every plan on the day of the plan."""
    return {
        plan.id: geo.build_scenario(boundaries, lines.on(DAY), plan, observations, divided=divided)
        for plan in geo.load_plans().values()
    }
