"""Moving the line: laws of a dilation, sides, stretches, islands, refusals."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geo
from drawn import DAY, make_boundaries, make_line
from geo.crs import to_geographic, to_metric
from geo.errors import ShiftError
from geo.lines.shift import shift_line

U, R = geo.Control.UKRAINE, geo.Control.RUSSIA
# Two squares around Kyiv and east of it, so that the anchor of the split is in the first.
#
#   51 +----+----+
#      | A  | B  |
#   50 +----+----+
#      30   31   32
TWO = make_boundaries({"XX-A": shapely.box(30, 50, 31, 51), "XX-B": shapely.box(31, 50, 32, 51)})


def divide(*paths) -> geo.Partition:
    return geo.split_by_contact_line(TWO, make_line(*paths))


STRAIGHT = [(31.3, 49.9), (31.3, 51.1)]
RING = [(31.4, 50.3), (31.7, 50.3), (31.7, 50.6), (31.4, 50.6), (31.4, 50.3)]


def held_km2(partition: geo.Partition, holder: geo.Control) -> float:
    return float(partition.area_km2[partition.held_by == holder].sum())


def check_laws(before: geo.Partition, moved: geo.Shift) -> None:
    """Only land of the side entered changes hands, and the new line is simple and separates."""
    after = moved.partition
    assert after.area_km2.sum() == pytest.approx(before.area_km2.sum(), rel=1e-9)
    taken = held_km2(before, moved.into) - held_km2(after, moved.into)
    assert taken == pytest.approx(moved.moved_km2, abs=1e-6)
    assert taken >= -1e-9
    grown = shapely.union_all(after.geometry[after.held_by == moved.into.other])
    was = shapely.union_all(before.geometry[before.held_by == moved.into.other])
    assert shapely.area(shapely.difference(was, grown)) < 1e-9
    assert moved.line.geometry.is_simple
    again = geo.split_by_contact_line(after.boundaries, moved.line)
    assert again.area_km2.tolist() == pytest.approx(after.area_km2.tolist(), rel=1e-9)


@pytest.mark.parametrize("into", [U, R])
def test_a_move_by_nothing_is_the_identity(into):
    before = divide(STRAIGHT)
    moved = shift_line(before, 0.0, into=into)
    assert moved.line is before.line
    assert moved.partition is before
    assert moved.moved_km2 == 0.0
    assert moved.km2_per_km == moved.stretch_km == pytest.approx(111.2, abs=0.2)


@pytest.mark.parametrize(("into", "east"), [(U, False), (R, True)])
def test_the_side_is_right_and_the_distance_too(into, east):
    before = divide(STRAIGHT)
    for path in (STRAIGHT, STRAIGHT[::-1]):  # the direction of drawing does not matter
        moved = shift_line(divide(path), 10.0, into=into)
        check_laws(before, moved)
        lon = shapely.get_coordinates(
            shapely.intersection(moved.line.geometry, shapely.LineString([(30, 50.5), (32, 50.5)]))
        )[0, 0]
        assert bool(lon > 31.3) is east
        away = geo.distance_km(np.array([[lon, 50.5]]), before.line.geometry)[0]
        assert away == pytest.approx(10.0, rel=2e-3)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(31.2, 31.5), min_size=3, max_size=6),
    st.sampled_from([0.01, 0.05, 0.1]),
    st.sampled_from([U, R]),
)
def test_for_small_moves_area_is_length_times_distance(eastings, km, into):
    northings = np.linspace(49.9, 51.1, len(eastings)).tolist()
    before = divide(list(zip(eastings, northings, strict=True)))
    moved = shift_line(before, km, into=into)
    check_laws(before, moved)
    # corners: at most a triangle, or a sector, of that size at each vertex and both ends
    slack = 6.0 * len(eastings) * km * km + 2e-3 * moved.stretch_km * km
    assert moved.moved_km2 == pytest.approx(moved.stretch_km * km, abs=slack)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(31.0, 31.9), min_size=3, max_size=9),
    st.floats(0.5, 12.0),
    st.sampled_from([U, R]),
    st.booleans(),
)
@example([31.0 + 1e-12, 31.0 + 1e-12, 31.0, 31.9], 1.0, U, True)  # the border, up to a rounding
@example(
    [31.0 + 1e-6, 31.25, 31.0 + 1e-10, 31.00000003, 31.5, 31.0, 31.0 + 1e-12, 31.0], 2.0, U, False
)
def test_jagged_lines_stay_simple_and_separating(eastings, km, into, with_pocket):
    northings = np.linspace(49.9, 51.1, len(eastings)).tolist()
    paths = [list(zip(eastings, northings, strict=True))]
    if with_pocket:
        paths.append(list(shapely.box(30.85, 50.6, 30.95, 50.7).exterior.coords))
    before = divide(*paths)
    moved = shift_line(before, km, into=into)
    check_laws(before, moved)
    further = shift_line(before, km * 1.5, into=into)
    assert further.moved_km2 >= moved.moved_km2 - 1e-6


def test_the_independent_dilation_agrees():
    """The slow way: buffer the whole other side in the plane and intersect."""
    before = divide([(31.2, 49.9), (31.5, 50.4), (31.2, 50.6), (31.6, 51.1)])
    moved = shift_line(before, 8.0, into=U)
    russian = shapely.union_all(before.geometry[before.held_by == R])
    ukrainian = shapely.union_all(before.geometry[before.held_by == U])
    grown = to_geographic(to_metric(shapely.segmentize(russian, 0.01)).buffer(8000.0, quad_segs=64))
    wanted = geo.area_km2(np.array([shapely.intersection(grown, ukrainian)]))[0]
    assert moved.moved_km2 == pytest.approx(wanted, rel=2e-3)


def test_a_ring_grows_and_shrinks_and_disappears():
    before = divide(RING)
    assert held_km2(before, R) > 0
    grown = shift_line(before, 5.0, into=U)
    check_laws(before, grown)
    shrunk = shift_line(before, 5.0, into=R)
    check_laws(before, shrunk)
    assert 0 < held_km2(shrunk.partition, R) < held_km2(before, R) < held_km2(grown.partition, R)
    # Steiner: the area of the grown ring is A + L d + pi d^2
    expected = grown.stretch_km * 5.0 + math.pi * 25.0
    assert grown.moved_km2 == pytest.approx(expected, rel=5e-3)
    gone = shift_line(before, 50.0, into=R)
    assert held_km2(gone.partition, R) == 0.0
    assert gone.line.geometry.is_empty


def test_a_stretch_between_two_positions():
    before = divide(STRAIGHT)
    moved = shift_line(before, 2.0, into=U, between=((31.31, 50.3), (31.28, 50.5)))
    check_laws(before, moved)
    assert moved.stretch_km == pytest.approx(22.2, abs=0.1)
    # a strip with a quarter of a disk at each end
    assert moved.moved_km2 == pytest.approx(22.24 * 2 + math.pi * 4 / 2, rel=5e-3)
    west, south, _, north = shapely.intersection(
        moved.line.geometry, shapely.box(30, 50, 31.299, 51)
    ).bounds
    assert west == pytest.approx(31.3 - 2.0 / 70.9, abs=1e-3)
    assert (south, north) == pytest.approx((50.3 - 0.018, 50.5 + 0.018), abs=2e-3)


def test_a_stretch_within_a_box():
    before = divide(STRAIGHT)
    between = shift_line(before, 2.0, into=R, between=((31.3, 50.3), (31.3, 50.5)))
    within = shift_line(before, 2.0, into=R, within=(31.0, 50.3, 31.5, 50.5))
    assert within.moved_km2 == pytest.approx(between.moved_km2, rel=1e-6)


def test_the_shorter_way_around_a_ring():
    moved = shift_line(divide(RING), 1.0, into=U, between=((31.7, 50.4), (31.7, 50.5)))
    assert moved.stretch_km == pytest.approx(11.1, abs=0.1)
    across_the_seam = shift_line(divide(RING), 1.0, into=U, between=((31.45, 50.3), (31.4, 50.35)))
    assert across_the_seam.stretch_km < 15


def test_land_behind_the_other_side_is_not_reached():
    # Ukrainian-held land west of x = 31.2 and east of x = 31.25, Russian-held between them
    before = divide([(31.2, 49.9), (31.2, 51.1)], [(31.25, 51.1), (31.25, 49.9)])
    moved = shift_line(before, 6.0, into=U, between=((31.2, 50.2), (31.2, 50.8)))
    check_laws(before, moved)
    after = shapely.union_all(moved.partition.geometry[moved.partition.held_by == U])
    assert shapely.contains_xy(after, 31.26, 50.5)
    assert not shapely.contains_xy(after, 31.19, 50.5)


def test_islands_stay_with_whom_they_were():
    island = shapely.box(31.45, 50.2, 31.55, 50.4)
    mainland = shapely.box(30, 50, 31.4, 51)
    country = make_boundaries({"XX-A": mainland, "XX-I": island})
    before = geo.split_by_contact_line(country, make_line([(31.2, 49.9), (31.2, 51.1)]))
    assert before.held_by[before.oblast_id == "XX-I"].tolist() == [R]
    moved = shift_line(before, 40.0, into=R)
    after = moved.partition
    assert held_km2(after, R) == pytest.approx(geo.area_km2(np.array([island]))[0], rel=1e-9)
    check_laws(before, moved)


@pytest.fixture(scope="module")
def country() -> geo.Partition:
    return geo.split_by_contact_line(geo.load_boundaries(), geo.load_contact_line(DAY))


@pytest.mark.parametrize("into", [U, R])
@pytest.mark.parametrize("km", [0.1, 5.0, 100.0])
def test_the_country(country, into, km):
    moved = shift_line(country, km, into=into)
    check_laws(country, moved)
    if km < 1:
        assert moved.km2_per_km == pytest.approx(moved.stretch_km, rel=5e-3)


REFUSED = [
    ({"km": -1.0}, "from 0 to 200"),
    ({"km": math.nan}, "from 0 to 200"),
    ({"km": 1e6}, "from 0 to 200"),
    ({"within": (31.5, 50, 31.9, 51)}, "no part of the line lies in the box"),
    ({"within": (32, 50, 31, 51)}, "west, south, east, north"),
    ({"between": ((30.1, 50.2), (31.3, 50.5))}, "from the line"),
    ({"between": ((31.3, 50.5), (31.3, 50.5))}, "expected a stretch"),
    ({"between": ((31.3, 50.5), (31.6, 50.6)), "within": (31, 50, 32, 51)}, "got both"),
]


@pytest.mark.parametrize(("options", "words"), REFUSED, ids=str)
def test_refusals_say_where(options, words):
    with pytest.raises(ShiftError, match=words):
        shift_line(divide(STRAIGHT), **{"km": 1.0, "into": U, **options})


def test_positions_on_different_parts_are_refused():
    before = divide([(31.2, 49.9), (31.2, 51.1)], [(31.25, 51.1), (31.25, 49.9)])
    with pytest.raises(ShiftError, match="different parts") as caught:
        shift_line(before, 1.0, into=U, between=((31.19, 50.5), (31.26, 50.6)))
    assert (caught.value.lon_deg, caught.value.lat_deg) == (31.26, 50.6)


def test_the_anchor_is_never_passed():
    with pytest.raises(ShiftError, match="pass over Kyiv"):
        shift_line(divide(STRAIGHT), 60.0, into=U)


def test_nothing_to_move_is_refused():
    nothing = geo.ContactLine(DAY, shapely.MultiLineString(), "", "", make_line().provenance)
    with pytest.raises(ShiftError, match="no line to move"):
        shift_line(geo.split_by_contact_line(TWO, nothing), 1.0, into=U)
