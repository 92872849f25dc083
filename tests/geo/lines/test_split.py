"""The split: sides by topology, laws of a partition, faults with their place."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import geo
from drawn import ANCHOR, NOWHERE, make_boundaries, make_line
from geo.errors import (
    ContradictorySidesError,
    CRSMismatchError,
    InvalidGeometryError,
    LineDoesNotSplitError,
    OutsideCountryError,
)
from geo.lines.split import split_by_contact_line

SQUARES = {
    "XX-A": shapely.box(31, 47, 32, 48),
    "XX-B": shapely.box(32, 47, 33, 48),
    "XX-C": shapely.box(31, 48, 32, 49),
    "XX-D": shapely.box(32, 48, 33, 49),
}
COUNTRY = shapely.box(31, 47, 33, 49)


def holders(partition) -> dict[str, set[str]]:
    result: dict[str, set[str]] = {}
    for oblast, holder in zip(partition.oblast_id, partition.held_by, strict=True):
        result.setdefault(oblast, set()).add(str(holder))
    return result


def check_laws(partition) -> None:
    """Faces valid, disjoint, and adding up: checked here with shapely's own predicates."""
    boundaries = partition.boundaries
    assert shapely.is_valid(partition.geometry).all()
    for row, other in itertools.combinations(range(len(partition)), 2):
        overlap = shapely.intersection(partition.geometry[row], partition.geometry[other])
        assert shapely.area(overlap) < 1e-12
    for row, unit in enumerate(boundaries.ids):
        mine = partition.geometry[partition.oblast_id == unit]
        assert geo.area_km2(mine).sum() == pytest.approx(boundaries.area_km2[row], rel=1e-9)
        union = shapely.union_all(mine)
        difference = shapely.symmetric_difference(union, boundaries.geometry[row])
        assert shapely.area(difference) < 1e-9


def test_a_line_through_two_oblasts(four):
    # the line runs south to north through A and C, at 31.5 and a bit further east
    partition = split_by_contact_line(
        four, make_line([(31.5, 46.9), (31.6, 48.2), (31.5, 49.1)]), anchor=ANCHOR
    )
    both = {"ukraine", "russia"}
    assert holders(partition) == {
        "XX-A": both,
        "XX-C": both,
        "XX-B": {"russia"},
        "XX-D": {"russia"},
    }
    check_laws(partition)


def test_direction_of_drawing_does_not_matter(four):
    path = [(31.5, 46.9), (31.6, 48.2), (31.5, 49.1)]
    one = split_by_contact_line(four, make_line(path), anchor=ANCHOR)
    other = split_by_contact_line(four, make_line(path[::-1]), anchor=ANCHOR)
    assert holders(one) == holders(other)
    np.testing.assert_allclose(one.area_km2, other.area_km2, rtol=1e-12)


def test_no_line_divides_nothing(four):
    empty = geo.ContactLine(
        make_line().date, shapely.MultiLineString(), "", "", make_line().provenance
    )
    partition = split_by_contact_line(four, empty, anchor=ANCHOR)
    assert holders(partition) == {unit: {"ukraine"} for unit in SQUARES}
    assert partition.area_km2.sum() == pytest.approx(four.area_km2.sum(), rel=1e-12)


def test_a_closed_pocket_across_a_junction_of_four(four):
    ring = [(31.8, 47.9), (32.2, 47.8), (32.3, 48.2), (31.9, 48.3), (31.8, 47.9)]
    partition = split_by_contact_line(four, make_line(ring), anchor=ANCHOR)
    assert all(held == {"ukraine", "russia"} for held in holders(partition).values())
    russian = partition.geometry[partition.held_by == "russia"]
    assert shapely.area(russian).sum() == pytest.approx(shapely.Polygon(ring).area, rel=1e-12)
    check_laws(partition)


def test_a_pocket_inside_a_pocket_changes_sides_twice(four):
    outer = shapely.box(31.2, 47.2, 31.8, 47.8).exterior.coords
    inner = shapely.box(31.4, 47.4, 31.6, 47.6).exterior.coords
    partition = split_by_contact_line(four, make_line(outer, inner), anchor=ANCHOR)
    ukrainian = partition.geometry[
        (partition.oblast_id == "XX-A") & (partition.held_by == "ukraine")
    ]
    assert shapely.contains_xy(ukrainian[0], 31.5, 47.5)
    assert not shapely.contains_xy(ukrainian[0], 31.3, 47.3)
    check_laws(partition)


def test_two_lines_hold_a_strip_between_them(four):
    partition = split_by_contact_line(
        four, make_line([(31.3, 46), (31.3, 50)], [(32.6, 50), (32.6, 46)]), anchor=(31.1, 47.5)
    )
    east = (partition.held_by == "ukraine") & (partition.oblast_id == "XX-B")
    assert shapely.bounds(partition.geometry[east][0])[0] == pytest.approx(32.6)
    check_laws(partition)


def test_the_line_may_run_along_an_oblast_border(four):
    partition = split_by_contact_line(four, make_line([(32, 46.5), (32, 49.5)]), anchor=ANCHOR)
    assert holders(partition) == {
        "XX-A": {"ukraine"},
        "XX-C": {"ukraine"},
        "XX-B": {"russia"},
        "XX-D": {"russia"},
    }
    assert len(partition) == 4


def test_ends_that_stop_short_are_drawn_on_and_reported(four):
    gap_deg = 0.02  # about 2.2 km
    line = make_line([(31.5, 47 + gap_deg), (31.5, 49 - gap_deg)])
    partition = split_by_contact_line(four, line, anchor=ANCHOR)
    assert holders(partition)["XX-B"] == {"russia"}
    gaps = [end.length_km for end in partition.report.extended_ends]
    assert gaps == pytest.approx([2.22, 2.22], abs=0.02)
    check_laws(partition)


def test_gaps_between_parts_are_closed(four):
    line = make_line([(31.5, 46.9), (31.5, 47.99)], [(31.51, 48.01), (31.5, 49.1)])
    partition = split_by_contact_line(four, line, anchor=ANCHOR)
    assert holders(partition)["XX-D"] == {"russia"}
    assert len(partition.report.extended_ends) == 1


def test_stubs_beyond_a_crossing_are_left_out_and_reported(four):
    line = make_line([(31.5, 46.9), (31.5, 48.02)], [(31.48, 48.0), (31.52, 48.0), (31.6, 49.1)])
    partition = split_by_contact_line(four, line, anchor=ANCHOR)
    assert holders(partition)["XX-D"] == {"russia"}
    assert len(partition.report.trimmed_ends) == 2
    check_laws(partition)


def test_an_end_deep_inside_is_refused_with_place_gap_and_remedy(four):
    line = make_line([(31.5, 46.9), (31.5, 48.4)])
    with pytest.raises(LineDoesNotSplitError) as caught:
        split_by_contact_line(four, line, anchor=ANCHOR)
    error = caught.value
    assert (error.lon_deg, error.lat_deg) == (31.5, 48.4)
    assert error.gap_km == pytest.approx(36.9, abs=0.5)  # to the west, half a degree
    assert "lon 31.50000, lat 48.40000" in str(error)
    assert "Draw the line on to the border" in str(error)


def test_tolerance_is_the_callers_choice(four):
    line = make_line([(31.5, 46.9), (31.5, 48.9)])
    with pytest.raises(LineDoesNotSplitError, match=r"11\.1\d km short"):
        split_by_contact_line(four, line, anchor=ANCHOR)
    partition = split_by_contact_line(four, line, anchor=ANCHOR, end_tolerance_km=12)
    assert holders(partition)["XX-D"] == {"russia"}


def test_three_branches_contradict_each_other(four):
    junction = (31.5, 47.5)
    line = make_line([(31.5, 46.9), junction], [junction, (31.5, 49.1)], [junction, (33.1, 47.5)])
    with pytest.raises(ContradictorySidesError) as caught:
        split_by_contact_line(four, line, anchor=ANCHOR)
    assert (caught.value.lon_deg, caught.value.lat_deg) == junction
    assert "odd number of branches" in str(caught.value)


def test_two_pockets_joined_by_a_stretch_contradict_each_other(four):
    one = shapely.box(31.2, 47.2, 31.4, 47.4).exterior.coords
    other = shapely.box(31.6, 47.2, 31.8, 47.4).exterior.coords
    with pytest.raises(ContradictorySidesError, match="same land on both sides"):
        split_by_contact_line(
            four, make_line(one, other, [(31.4, 47.3), (31.6, 47.3)]), anchor=ANCHOR
        )


def test_an_anchor_outside_the_country_is_refused(four):
    with pytest.raises(OutsideCountryError, match="anchor"):
        split_by_contact_line(four, make_line(), anchor=(10.0, 10.0))


def test_islands_follow_the_nearest_land():
    # mainland and two islands; the line cuts the mainland between them
    boundaries = make_boundaries(
        {
            "XX-A": shapely.MultiPolygon(
                [
                    shapely.box(31, 47, 33, 48),
                    shapely.box(31.2, 46.5, 31.4, 46.8),
                    shapely.box(32.6, 46.5, 32.8, 46.8),
                ]
            )
        }
    )
    partition = split_by_contact_line(
        boundaries, make_line([(32, 46), (32, 49)]), anchor=(31.1, 47.5)
    )
    russian = partition.geometry[partition.held_by == "russia"][0]
    assert shapely.contains_xy(russian, 32.7, 46.6)
    assert not shapely.contains_xy(russian, 31.3, 46.6)
    assert partition.report.islands == 2


def test_a_line_over_water_separates_an_island():
    boundaries = make_boundaries(
        {
            "XX-A": shapely.MultiPolygon(
                [shapely.box(31, 47, 33, 48), shapely.box(31.8, 46.5, 32.2, 46.8)]
            )
        }
    )
    partition = split_by_contact_line(
        boundaries, make_line([(30, 46.9), (34, 46.9)]), anchor=(31.1, 47.5)
    )
    russian = partition.geometry[partition.held_by == "russia"][0]
    assert shapely.bounds(russian).tolist() == [31.8, 46.5, 32.2, 46.8]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ([(46.9, 31.5), (49.1, 31.6)], "write longitude before latitude"),  # axes swapped
        ([(30.0, 47.0), (30.5, 48.5)], "longitude 30 to 30.5, latitude 47 to 48.5"),  # next to it
    ],
)
def test_a_line_that_misses_the_country_is_refused(four, path, words):
    with pytest.raises(InvalidGeometryError, match=f"meets the country; .*{words}"):
        split_by_contact_line(four, make_line(path), anchor=ANCHOR)
    area = shapely.LineString(path).buffer(0.1)
    with pytest.raises(InvalidGeometryError, match=r"area of control of .* meets the country"):
        geo.contact_line_from_area(
            area, four, day=make_line().date, source="drawn", provenance=NOWHERE
        )


def test_an_area_is_not_taken_for_a_line(four):
    with pytest.raises(InvalidGeometryError, match="contact_line_from_area"):
        geo.ContactLine(make_line().date, COUNTRY, "", "", make_line().provenance)


def test_projected_coordinates_are_refused():
    with pytest.raises(CRSMismatchError, match="expected longitude and latitude"):
        make_line([(4e5, 5e6), (5e5, 5e6)])


def test_boundaries_that_overlap_are_refused():
    with pytest.raises(InvalidGeometryError, match="XX-A, XX-B"):
        make_boundaries({"XX-A": shapely.box(0, 0, 1.1, 1), "XX-B": shapely.box(1, 0, 2, 1)})


def test_every_faulty_unit_is_named():
    bowtie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    with pytest.raises(InvalidGeometryError) as caught:
        make_boundaries({"XX-A": bowtie, "XX-B": shapely.Point(0, 0)})
    assert "XX-A: Self-intersection" in str(caught.value)
    assert "XX-B: expected a polygon" in str(caught.value)


@pytest.mark.parametrize("noise_deg", [0, 1e-13, 1e-10, 5e-10, 1e-9, 1e-8, 1e-7, 3e-7])
def test_a_line_along_a_border_with_a_rounding_of_its_own(boundaries, noise_deg):
    luhansk = boundaries.geometry[boundaries.index("UA-09")]
    noise = np.random.default_rng(1).uniform
    ring = shapely.transform(
        shapely.boundary(luhansk), lambda xy: xy + noise(-noise_deg, noise_deg, xy.shape)
    )
    partition = split_by_contact_line(boundaries, make_line(*(p.coords for p in _lines(ring))))
    russian = partition.area_km2[partition.held_by == "russia"]
    assert russian.sum() == pytest.approx(boundaries.area_km2[boundaries.index("UA-09")], rel=1e-6)


@pytest.mark.parametrize("decimals", [4, 5, 6, 7])
def test_a_line_along_a_border_with_fewer_decimals(boundaries, decimals):
    luhansk = boundaries.geometry[boundaries.index("UA-09")]
    ring = shapely.transform(shapely.boundary(luhansk), lambda xy: np.round(xy, decimals))
    partition = split_by_contact_line(boundaries, make_line(*(p.coords for p in _lines(ring))))
    russian = partition.area_km2[partition.held_by == "russia"]
    assert russian.sum() == pytest.approx(boundaries.area_km2[boundaries.index("UA-09")], rel=1e-4)


def _lines(geometry):
    return shapely.get_parts(geometry)


def test_an_isolated_stretch_is_refused_with_its_true_gap(four):
    line = make_line([(31.5, 46.9), (31.5, 49.1)], [(32.5, 47.5), (32.501, 47.5)])
    with pytest.raises(LineDoesNotSplitError) as caught:
        split_by_contact_line(four, line, anchor=ANCHOR)
    assert caught.value.gap_km == pytest.approx(37.6, abs=0.5)


def test_a_gap_is_closed_even_near_the_border(four):
    # a gap of 2.2 km, 2 km from the western border
    line = make_line([(31.027, 46.9), (31.027, 47.5)], [(31.027, 47.52), (31.027, 49.1)])
    partition = split_by_contact_line(four, line, anchor=(31.01, 47.1))
    assert len(partition.report.extended_ends) == 1
    held = partition.geometry[partition.held_by == "ukraine"]
    assert shapely.area(held).sum() == pytest.approx(0.027 * 2, rel=1e-9)


@pytest.mark.parametrize("tolerance", [-1.0, float("nan"), float("inf")])
def test_a_tolerance_must_be_a_length(four, tolerance):
    with pytest.raises(ValueError, match="expected a tolerance of 0 km or more"):
        split_by_contact_line(four, make_line(), end_tolerance_km=tolerance, anchor=ANCHOR)


@pytest.mark.parametrize(
    ("path", "separated"),
    [
        ([(30, 46.9), (34, 46.9)], True),
        ([(30, 46.9), (32, 46.9), (34, 46.95)], True),  # a vertex on the way over water
        ([(31.9, 47), (32, 46.9), (31.9, 46.85)], False),  # touches the way and turns back
        ([(30, 46.9), (34, 46.9), (34, 46.85), (30, 46.85)], False),  # there and back
    ],
)
def test_crossings_of_the_way_over_water_are_counted(path, separated):
    island = shapely.Polygon([(31.8, 46.5), (32, 46.8), (32.2, 46.5)])
    boundaries = make_boundaries(
        {"XX-A": shapely.MultiPolygon([shapely.box(31, 47, 33, 48), island])}
    )
    partition = split_by_contact_line(boundaries, make_line(path), anchor=(31.1, 47.5))
    assert ("russia" in partition.held_by) is separated


# --- laws over random lines -------------------------------------------------------------------

steps = st.lists(st.tuples(st.floats(-0.35, 0.35), st.floats(0.02, 0.4)), min_size=6, max_size=25)


@st.composite
def walks(draw):
    """A random walk from below the country to above it, from left or right of the middle."""
    x, y = draw(st.floats(31.3, 32.8)), 46.8
    path = [(x, y)]
    for dx, dy in draw(steps):
        x, y = x + dx, y + dy
        path.append((x, y))
    return [*path, (x, max(y, 47) + 2.5)]


@settings(max_examples=80, deadline=None)
@given(walks())
def test_random_walks_keep_the_laws(path):
    boundaries = make_boundaries(SQUARES)
    line = make_line(path)
    assume(line.geometry.intersects(COUNTRY))
    partition = split_by_contact_line(boundaries, line, anchor=(31.000001, 48.999999))
    check_laws(partition)


@settings(max_examples=60, deadline=None)
@given(
    walks(),
    st.lists(st.tuples(st.floats(31.05, 32.95), st.floats(47.05, 48.95)), min_size=1, max_size=6),
)
def test_sides_agree_with_counting_crossings(path, probes):
    """Independent oracle: parity of crossings of a straight way from the anchor."""
    boundaries = make_boundaries(SQUARES)
    anchor = (31.000001, 48.999999)
    line = make_line(path)
    assume(line.geometry.intersects(COUNTRY))
    partition = split_by_contact_line(boundaries, line, anchor=anchor)
    for probe in probes:
        way = shapely.LineString([anchor, probe])
        noded = shapely.unary_union(line.geometry)
        met = shapely.intersection(noded, way)
        if met.distance(shapely.Point(probe)) < 1e-9 or shapely.get_dimensions(met) > 0:
            continue
        if any(way.distance(shapely.Point(vertex)) < 1e-9 for vertex in path):
            continue
        if noded.distance(shapely.Point(probe)) < 1e-9:
            continue
        crossings = len(shapely.get_parts(met)) if not met.is_empty else 0
        found = np.flatnonzero(shapely.contains_xy(partition.geometry, *probe))
        if len(found) == 1:
            expected = "russia" if crossings % 2 else "ukraine"
            assert partition.held_by[found[0]] == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(31.1, 32.9), st.floats(47.1, 48.9), st.floats(0.01, 0.6)),
        min_size=1,
        max_size=5,
        unique=True,  # a stretch drawn twice is one line
    )
)
def test_random_pockets_keep_the_laws(disks):
    """Pockets that overlap cross each other: sides then follow the number of disks (mod 2)."""
    rings = [shapely.Point(x, y).buffer(r, quad_segs=5).exterior.coords for x, y, r in disks]
    polygons = [shapely.Polygon(ring) for ring in rings]
    boundaries = make_boundaries(SQUARES)
    anchor = (31.0001, 48.9999)
    if any(polygon.distance(shapely.Point(anchor)) < 1e-3 for polygon in polygons):
        return
    partition = split_by_contact_line(boundaries, make_line(*rings), anchor=anchor)
    check_laws(partition)
    expected = shapely.Polygon()
    for polygon in polygons:
        expected = shapely.symmetric_difference(expected, polygon)
    expected = shapely.intersection(expected, COUNTRY)
    russian = shapely.area(partition.geometry[partition.held_by == "russia"]).sum()
    assert russian == pytest.approx(expected.area, abs=1e-9)


def test_every_committed_line_keeps_the_laws(boundaries, lines, observations):
    for line in lines:
        divided = geo.build_partition(boundaries, line, observations)
        assert shapely.coverage_is_valid(divided.partition.geometry)
        assert shapely.is_valid(divided.partition.geometry).all()
        total = divided.partition.area_km2.sum()
        assert total == pytest.approx(boundaries.area_km2.sum(), rel=1e-12)
        assert divided.disagreements() == (), line.date


@pytest.mark.parametrize("geometry", [None, "LINESTRING (36 48, 37 49)", [[36, 48], [37, 49]]])
def test_a_line_that_is_no_geometry_is_refused(geometry, lines):
    with pytest.raises(geo.errors.InvalidGeometryError, match="a line of shapely, got "):
        replace(lines.on("2025-11-21"), geometry=geometry)


@pytest.mark.parametrize("parts", [[[(30, 50), (30, 50)]], [[(30, 50)] * 3, [(31, 50)] * 2]])
def test_a_line_without_length_is_refused(parts, lines):
    with pytest.raises(geo.errors.InvalidGeometryError, match="at least two different positions"):
        replace(lines.on("2025-11-21"), geometry=shapely.MultiLineString(parts))
