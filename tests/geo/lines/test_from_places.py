"""The line of contact from places: laws on small random configurations, and drawn cases."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from drawn import DAY, NOWHERE, make_boundaries
from geo.crs import to_metric
from geo.errors import ContradictorySidesError
from geo.lines.from_places import Waters, contact_line_from_observations, positional_uncertainty_km
from geo.lines.smoothing import smooth_line
from geo.lines.split import split_by_contact_line
from geo.lines.voronoi import russian_held_region
from geo.model.observations import Places

WEST, SOUTH, EAST, NORTH = 31.0, 47.0, 33.0, 49.0
COUNTRY = make_boundaries(
    {
        "XX-A": shapely.box(WEST, SOUTH, 32, NORTH),
        "XX-B": shapely.box(32, SOUTH, EAST, NORTH),
    }
)
EDGE = to_metric(shapely.segmentize(shapely.box(WEST, SOUTH, EAST, NORTH).exterior, 0.05))


def make_places(lonlat, held) -> Places:
    """Places that have nothing but a position and a holder."""
    lonlat = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    names = np.array([f"P{row}" for row in range(len(lonlat))], dtype=object)
    return Places(
        name_en=names,
        name_uk=names,
        oblast_id=np.array(["XX-A"] * len(lonlat), dtype=object),
        lon_deg=lonlat[:, 0],
        lat_deg=lonlat[:, 1],
        population=np.full(len(lonlat), np.nan),
        held_by=np.array(["russia" if item else "ukraine" for item in held], dtype=object),
        valid_from=np.full(len(lonlat), np.datetime64("NaT"), dtype="datetime64[D]"),
        alternate_names=np.array([""] * len(lonlat), dtype=object),
        geoname_id=np.array([""] * len(lonlat), dtype=object),
        contested_on=np.array([""] * len(lonlat), dtype=object),
    )


def line_of(places, boundaries=COUNTRY, waters=Waters()):  # noqa: B008  (frozen)
    return contact_line_from_observations(
        places, boundaries, day=DAY, waters=waters, source="the test", provenance=NOWHERE
    )


@st.composite
def configurations(draw):
    """3 to 20 places on a grid of 0.1 degrees, at least one of each holder."""
    grid = st.tuples(st.integers(1, 19), st.integers(1, 19))
    cells = draw(st.lists(grid, min_size=3, max_size=20, unique=True))
    held = draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    held[0], held[1] = False, True
    lonlat = np.array([(WEST + x / 10.0, SOUTH + y / 10.0) for x, y in cells])
    return lonlat, np.array(held)


@given(configurations())
def test_every_place_is_on_its_own_side(configuration):
    lonlat, russian = configuration
    places = make_places(lonlat, russian)
    partition = split_by_contact_line(COUNTRY, line_of(places), anchor=tuple(lonlat[0]))
    face = shapely.STRtree(partition.geometry).nearest(places.points)
    assert (partition.held_by[face] == places.held_by).all()
    assert partition.report.extended_ends == ()
    assert partition.report.trimmed_ends == ()


@given(configurations())
def test_parts_are_closed_or_end_at_the_edge(configuration):
    for part in shapely.get_parts(line_of(make_places(*configuration)).geometry):
        ends = to_metric(shapely.points(shapely.get_coordinates(part)[[0, -1]]))
        assert part.is_closed or (shapely.distance(ends, EDGE) < 50.0).all()


@given(configurations(), st.randoms(use_true_random=False))
def test_the_order_of_the_places_does_not_matter(configuration, random):
    lonlat, russian = configuration
    order = list(range(len(lonlat)))
    random.shuffle(order)
    shuffled = line_of(make_places(lonlat[order], russian[order]))
    assert shuffled.geometry.equals_exact(line_of(make_places(lonlat, russian)).geometry)


@st.composite
def planes(draw):
    """Places in a square of 100 km, and probes between them, in metres."""
    coordinate = st.integers(1, 99)
    sites = draw(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=25, unique=True))
    held = draw(st.lists(st.booleans(), min_size=len(sites), max_size=len(sites)))
    probes = draw(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20))
    return np.array(sites) * 1000.0, np.array(held), np.array(probes) * 1000.0 + 370.0


SQUARE = shapely.box(0, 0, 100_000, 100_000)


@given(planes())
def test_ground_belongs_to_the_nearest_place(plane):
    """The oracle asks every probe for its nearest place."""
    sites, russian, probes = plane
    region = russian_held_region(sites, russian, SQUARE, shapely.Polygon())
    for probe in probes:
        distance = np.hypot(*(sites - probe).T)
        near, far = distance[russian], distance[~russian]
        if len(near) and len(far) and abs(near.min() - far.min()) < 1.0:
            continue  # on the border
        expected = bool(len(near)) and (not len(far) or near.min() < far.min())
        assert shapely.intersects_xy(region, *probe) == expected


@given(planes(), st.integers(-500, 500), st.integers(-500, 500))
def test_moving_the_plane_moves_the_region(plane, east_km, north_km):
    sites, russian, _ = plane
    shift = np.array([east_km, north_km]) * 1000.0
    here = russian_held_region(sites, russian, SQUARE, shapely.Polygon())
    moved = shapely.transform(SQUARE, lambda xy: xy + shift)
    there = russian_held_region(sites + shift, russian, moved, shapely.Polygon())
    back = shapely.transform(there, lambda xy: xy - shift)
    assert shapely.area(shapely.symmetric_difference(here, back)) < 1.0  # m²


@given(planes())
def test_smoothing_passes_no_place(plane):
    sites, russian, _ = plane
    region = russian_held_region(sites, russian, SQUARE, shapely.Polygon())
    border = shapely.intersection(shapely.boundary(region), shapely.box(1, 1, 99_999, 99_999))
    parts = shapely.get_parts(shapely.line_merge(border))
    parts = parts[shapely.get_dimensions(parts) == 1]
    if not len(parts):
        return
    raw = shapely.MultiLineString(parts.tolist())
    places = shapely.points(sites)
    smooth = smooth_line(raw, places)
    assert shapely.is_simple(smooth)
    # A place that changed side would lie between the old and the new course.
    for before, after in zip(shapely.get_parts(raw), shapely.get_parts(smooth), strict=True):
        assert before.coords[0] == after.coords[0] or before.is_closed
        assert (shapely.distance(places, after) > 0.0).all()
        if not before.is_closed:
            ring = [*before.coords, *list(after.coords)[-2:0:-1]]
            if len(ring) > 3:
                swept = shapely.make_valid(shapely.Polygon(ring))
                assert not shapely.contains_properly(swept, places).any()


def test_a_lone_place_becomes_a_closed_pocket():
    grid = [(WEST + x / 4, SOUTH + y / 4) for x in range(1, 8) for y in range(1, 8)]
    held = [place == (32.0, 48.0) for place in grid]
    line = line_of(make_places(grid, held))
    (pocket,) = shapely.get_parts(line.geometry)
    assert pocket.is_closed
    assert shapely.Polygon(pocket).contains(shapely.Point(32.0, 48.0))


def test_two_rows_of_places_are_divided_half_way():
    """North Ukrainian-held, south Russian-held, 0.4 degrees apart."""
    row = np.arange(31.1, 33.0, 0.1)
    lonlat = [(lon, lat) for lat in (47.8, 48.2) for lon in row]
    line = line_of(make_places(lonlat, [lat < 48 for _, lat in lonlat]))
    latitude = shapely.get_coordinates(line.geometry)[:, 1]
    assert np.abs(latitude - 48.0).max() < 0.005
    assert line.uncertainty_km == pytest.approx(0.2 * 111.19, rel=0.03)


def test_the_uncertainty_of_a_hand_made_line():
    line = shapely.MultiLineString([[(0, 0), (10_000, 0)]])
    places = np.array([(x, y) for x in range(0, 10_001, 250) for y in (-3_000.0, 1_000.0)])
    russian = places[:, 1] < 0
    assert positional_uncertainty_km(line, places, russian) == pytest.approx(2.0, rel=0.01)
    assert np.isnan(positional_uncertainty_km(shapely.MultiLineString(), places, russian))


RIVER = shapely.box(30.9, 47.95, 33.1, 48.15)


def test_the_bed_is_not_russian_held_and_cells_do_not_cross_it():
    r"""A place in the south on the bank, a lone one in the north far from it.

    ::

        49 +---------------+
           |       U       |
           |===== bed =====|   The bank under the bed is Russian-held,
           | R   R   R   R |   and so is nothing else.
        47 +---------------+
    """
    lonlat = [(32.0, 48.9), *((lon, 47.5) for lon in (31.2, 31.8, 32.4, 32.9))]
    line = line_of(make_places(lonlat, [False, True, True, True, True]), waters=Waters(bed=RIVER))
    latitude = shapely.get_coordinates(line.geometry)[:, 1]
    assert np.abs(latitude - 47.95).max() < 0.01


def test_a_russian_held_place_in_the_generalised_water_keeps_its_bank():
    lonlat = [(32.0, 48.9), (31.3, 47.5), (32.0, 47.955), (32.7, 47.5)]
    places = make_places(lonlat, [False, True, True, True])
    line = line_of(places, waters=Waters(bed=RIVER))
    partition = split_by_contact_line(COUNTRY, line, anchor=(32.0, 48.9))
    face = shapely.STRtree(partition.geometry).nearest(places.points)
    assert (partition.held_by[face] == places.held_by).all()
    assert len(shapely.get_parts(line.geometry)) == 1


def test_the_axis_of_a_river_moves_the_line_to_the_far_bank():
    lonlat = [(lon, lat) for lat in (47.4, 48.2) for lon in np.arange(31.1, 33, 0.1)]
    places = make_places(lonlat, [lat < 48 for _, lat in lonlat])
    axis = shapely.LineString([(31, 48.0), (33, 48.0)])
    latitude = shapely.get_coordinates(line_of(places, waters=Waters(axis=axis)).geometry)[:, 1]
    assert np.abs(latitude - 47.7).max() < 0.01  # half-way from the axis to the settlements


def test_a_place_beyond_the_generalised_border_counts_at_the_border():
    lonlat = [(31.5, 48.0), (32.5, 48.0), (33.02, 48.5), (32.8, 48.5)]
    line = line_of(make_places(lonlat, [False, False, True, False]))
    assert shapely.distance(line.geometry, shapely.Point(33.0, 48.5)) < 0.15
    assert not line.geometry.is_empty


@pytest.mark.parametrize("held", [[True, True], [False, False]])
def test_one_holder_means_no_line(held):
    line = line_of(make_places([(31.5, 48.0), (32.5, 48.0)], held))
    assert line.geometry.is_empty
    assert line.uncertainty_km is None


def test_two_holders_at_one_position_are_refused():
    places = make_places([(31.5, 48.0), (31.5, 48.0), (32.5, 48.0)], [True, False, False])
    with pytest.raises(ContradictorySidesError, match=r"P1.*have different holders"):
        line_of(places)
