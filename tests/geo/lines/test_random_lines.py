"""Random walks across random partitions, with pockets and touching ends, keep every law."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import geo
from drawn import make_boundaries, make_line
from geo.errors import LineError

WEST, SOUTH, EAST, NORTH = 30.0, 49.0, 33.0, 52.0
"""A square country around Kyiv, the anchor."""


@st.composite
def partitions(draw: st.DrawFn) -> geo.Boundaries:
    """The square cut by random lines into up to twelve convex oblasts."""
    country = shapely.box(WEST, SOUTH, EAST, NORTH)
    side = st.floats(0.05, 0.95)
    cuts = []
    for _ in range(draw(st.integers(0, 4))):
        a, b = draw(side), draw(side)
        if draw(st.booleans()):
            ends = [(WEST + 3 * a, SOUTH - 1), (WEST + 3 * b, NORTH + 1)]
        else:
            ends = [(WEST - 1, SOUTH + 3 * a), (EAST + 1, SOUTH + 3 * b)]
        cuts.append(shapely.LineString(ends))
    linework = shapely.union_all([country.exterior, *cuts])
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    inside = shapely.intersects(shapely.point_on_surface(cells), country)
    cells = cells[inside & (shapely.area(cells) > 1e-3)]
    cells = shapely.coverage_clean(cells)
    return make_boundaries({f"XX-{row:02d}": cell for row, cell in enumerate(cells)})


@st.composite
def walks(draw: st.DrawFn) -> list[list[tuple[float, float]]]:
    """A walk from border to border east of Kyiv, perhaps with a pocket, a branch or a stub."""
    steps = draw(st.integers(1, 12))
    x = draw(st.floats(31.0, 32.5))
    path = []
    for y in np.linspace(SOUTH - 0.1, NORTH + 0.1, steps + 1).tolist():
        path.append((x, y))
        x = min(max(x + draw(st.floats(-0.5, 0.5)), 30.8), 32.9)
    paths = [path]
    if draw(st.booleans()):  # a pocket that may touch or cross the walk
        west, south = draw(st.floats(30.8, 32.3)), draw(st.floats(49.1, 51.3))
        paths.append(list(shapely.box(west, south, west + 0.4, south + 0.5).exterior.coords))
    if draw(st.booleans()) and steps > 2:  # the walk in two parts whose ends touch
        middle = steps // 2
        paths[0:1] = [path[: middle + 1], path[middle:]]
    return paths


def divide(boundaries: geo.Boundaries, paths) -> geo.Partition | None:
    """Divide, or give up where the line says two things of one place."""
    try:
        return geo.split_by_contact_line(boundaries, make_line(*paths))
    except LineError:
        return None


def check_partition(partition: geo.Partition) -> None:
    boundaries = partition.boundaries
    assert shapely.is_valid(partition.geometry).all()
    sums = np.bincount(partition.oblast_row, partition.area_km2, len(boundaries))
    np.testing.assert_allclose(sums, boundaries.area_km2, rtol=1e-9)
    union = shapely.union_all(partition.geometry)
    country = shapely.union_all(boundaries.geometry)
    assert shapely.area(shapely.symmetric_difference(union, country)) < 1e-9
    assert shapely.area(partition.geometry).sum() == pytest.approx(shapely.area(country), rel=1e-9)


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(partitions(), walks(), walks())
def test_splitting_and_comparing_keep_the_laws(boundaries, one, other):
    a, b = divide(boundaries, one), divide(boundaries, other)
    for partition in (a, b):
        if partition is not None:
            check_partition(partition)
    if a is None or b is None:
        return
    plans = geo.load_plans()
    freeze = plans["freeze-everywhere"]
    found = geo.compare_settlements(geo.apply_plan(a, freeze), geo.apply_plan(b, freeze))
    hands = found.matrix("held_by")
    for axis, partition in ((1, a), (0, b)):
        held = [partition.area_km2[partition.held_by == holder].sum() for holder in geo.Control]
        np.testing.assert_allclose(hands.sum(axis=axis), held, rtol=1e-9, atol=1e-6)
    slow = shapely.area(
        shapely.symmetric_difference(
            shapely.union_all(a.geometry[a.held_by == "russia"]),
            shapely.union_all(b.geometry[b.held_by == "russia"]),
        )
    )
    changed = sum(shapely.area(item.geometry) for item in found.differences("held_by"))
    assert changed == pytest.approx(slow, rel=1e-6, abs=1e-9)


@SETTINGS
@given(partitions(), walks(), st.floats(0.05, 10.0), st.sampled_from(list(geo.Control)))
def test_moving_keeps_the_laws(boundaries, paths, km, into):
    before = divide(boundaries, paths)
    if before is None:
        return
    moved = geo.shift_line(before, km, into=into)
    check_partition(moved.partition)
    taken = [
        partition.area_km2[partition.held_by == into].sum()
        for partition in (before, moved.partition)
    ]
    assert taken[0] - taken[1] == pytest.approx(moved.moved_km2, abs=1e-6)
    assert moved.moved_km2 >= 0
