"""A line or an area along a border, up to rounding, divides as if it ran exactly on the border."""

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

import geo
from drawn import DAY, NOWHERE, make_boundaries, make_line
from geo.geometry.snapping import SNAP_DEG, SNAP_KM, snap_line
from geo.geometry.topology import topology_of

# Four oblasts with crooked borders that meet at one corner, Kyiv in the first; three of them reach
# the outside, so that lines along borders begin and end there.
#
#   52 +-----------/----+
#      |  A       |  B  |
#   50 +--\__/----*-----+
#      |  C        \  D |
#   49 +-----------|----+
#      30          31   33
NORTH = [(31.3, 52), (31.25, 51.6), (31.4, 51.1), (31.22, 50.7), (31.2, 50.3), (31.0, 50.0)]
SOUTH = [(31.0, 50.0), (31.15, 49.8), (31.1, 49.5), (31.2, 49.3), (31.2, 49.0)]
WEST = [(30.0, 50.0), (30.2, 49.9), (30.35, 50.07), (30.6, 50.0), (30.8, 49.93), (31.0, 50.0)]
EAST = [(31.0, 50.0), (31.5, 50.1), (32.0, 50.0), (32.5, 49.95), (33.0, 50.0)]
ARMS = {"north": NORTH[::-1], "south": SOUTH, "west": WEST[::-1], "east": EAST}
CORNERS = {"A": (30, 52), "B": (33, 52), "C": (30, 49), "D": (33, 49)}


def _oblast(one: str, corner: str, other: str) -> shapely.Polygon:
    return shapely.Polygon([*ARMS[one], CORNERS[corner], *ARMS[other][:0:-1]])


COUNTRY = make_boundaries(
    {
        "XX-A": _oblast("north", "A", "west"),
        "XX-B": _oblast("north", "B", "east"),
        "XX-C": _oblast("south", "C", "west"),
        "XX-D": _oblast("south", "D", "east"),
    }
)
TWO = make_boundaries({"XX-A": shapely.box(30, 50, 31, 51), "XX-B": shapely.box(31, 50, 32, 51)})
NOISE = [0.0, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6]


def faces_of(partition: geo.Partition) -> dict[tuple[str, str], float]:
    keys = zip(partition.oblast_id, map(str, partition.held_by), strict=True)
    return dict(zip(keys, partition.area_km2.tolist(), strict=True))


def check_same(found: geo.Partition, wanted: geo.Partition, length_km: float) -> None:
    """The same faces, as many pieces of them, and areas as exact as the line is snapped."""
    assert faces_of(found).keys() == faces_of(wanted).keys()
    assert faces_of(found) == pytest.approx(faces_of(wanted), abs=SNAP_KM * length_km)
    pieces = [shapely.get_num_geometries(faces.geometry).tolist() for faces in (found, wanted)]
    assert pieces[0] == pieces[1]


@st.composite
def along_borders(draw):
    """Positions along two borders, perhaps with a short cut over the land: the exact line."""
    one, other = draw(st.permutations(sorted(ARMS)))[:2]
    path = [*ARMS[one][::-1], *ARMS[other][1:]]
    if draw(st.booleans()):
        first, last = sorted(draw(st.tuples(st.integers(1, 4), st.integers(5, len(path) - 2))))
        middle = draw(st.lists(st.tuples(st.floats(30.7, 31.5), st.floats(49.6, 50.4)), max_size=2))
        path[first + 1 : last] = middle
    return path


def noisy(path, noise_deg, seed, *, extra, backward):
    """The line with a rounding of its own, perhaps with vertices between those of the border."""
    random = np.random.default_rng(seed)
    lonlat = np.array(path, dtype=float)
    if extra:
        share = random.uniform(0.1, 0.9, len(lonlat) - 1)[:, None]
        between = lonlat[:-1] + share * np.diff(lonlat, axis=0)
        lonlat = np.insert(lonlat, np.arange(1, len(lonlat)), between, axis=0)
    lonlat += random.uniform(-noise_deg, noise_deg, lonlat.shape)
    return lonlat[::-1] if backward else lonlat


def is_clear(path) -> bool:
    """Tell whether the exact line neither meets itself nor all but meets a border by chance."""
    line = shapely.LineString(path)
    vertices = shapely.points(path)
    apart = shapely.distance(vertices[:, None], vertices[None, :])[np.triu_indices(len(path), 1)]
    return bool(line.is_simple and apart.min() > 10 * SNAP_DEG)


@settings(max_examples=60)
@given(
    along_borders(),
    st.sampled_from(NOISE),
    st.integers(0, 2**32),
    st.booleans(),
    st.booleans(),
)
def test_a_line_along_borders_with_a_rounding_of_its_own(path, noise_deg, seed, extra, backward):
    if not is_clear(path):
        return
    wanted = geo.split_by_contact_line(COUNTRY, make_line(path))
    line = make_line(noisy(path, noise_deg, seed, extra=extra, backward=backward))
    check_same(geo.split_by_contact_line(COUNTRY, line), wanted, line.length_km)


@settings(max_examples=30)
@given(
    st.sets(st.sampled_from(["XX-B", "XX-C", "XX-D"]), min_size=1),
    st.sampled_from(NOISE),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_an_area_whose_edge_is_a_border(units, noise_deg, seed, extra):
    rows = [COUNTRY.index(unit) for unit in sorted(units)]
    parts = shapely.get_parts(shapely.coverage_union_all(COUNTRY.geometry[rows]))
    random = np.random.default_rng(seed)
    rings = []
    for part in shapely.segmentize(parts, 0.17) if extra else parts:
        ring = shapely.get_coordinates(part)
        ring += random.uniform(-noise_deg, noise_deg, ring.shape)
        rings.append(shapely.Polygon([*ring[:-1], ring[0]]))
    line = geo.contact_line_from_area(
        shapely.union_all(rings), COUNTRY, day=DAY, source="drawn", provenance=NOWHERE,
        sliver_width_km=0.1, sliver_area_km2=0.0,
    )  # fmt: skip
    found = geo.split_by_contact_line(COUNTRY, line)
    assert faces_of(found).keys() == {
        (unit, "russia" if unit in units else "ukraine") for unit in COUNTRY.ids
    }
    np.testing.assert_allclose(found.area_km2, COUNTRY.area_km2, rtol=1e-9)


@pytest.mark.parametrize("noise_deg", [4e-15, 1e-13, 1e-11, 1e-10, 1e-9, 1e-7, 1e-6])
@pytest.mark.parametrize(("sign", "order"), list(itertools.product([1, -1], [1, -1])))
def test_a_vertex_next_to_a_straight_border(noise_deg, sign, order):
    """Three positions along the border of two squares, the middle one off by a rounding."""
    path = [(31, 49.9), (31 + sign * noise_deg, 50.5), (31, 51.1)][::order]
    found = geo.split_by_contact_line(TWO, make_line(path))
    assert faces_of(found).keys() == {("XX-A", "ukraine"), ("XX-B", "russia")}
    np.testing.assert_allclose(found.area_km2, TWO.area_km2, rtol=1e-9)


@pytest.mark.parametrize("noise_deg", [0.0, 1e-15, 1e-12, 1e-9, 1e-7, 1e-6])
@pytest.mark.parametrize(
    "path",
    [
        [(31.5, 50.2), (31.0, 50.4), (31.5, 50.6), (31.5, 50.2)],  # a pocket that touches it
        [(31.4, 50.2), (31.0, 50.3), (31.0, 50.6), (31.4, 50.8), (31.4, 50.2)],  # and follows it
        [(30.6, 51.1), (31.0, 50.7), (31.0, 50.4), (31.4, 49.9)],  # crosses over, along it
        [(30.6, 51.1), (31.0, 50.7), (31.0, 50.4), (30.6, 49.9)],  # follows it and turns back
        [(31.6, 51.1), (31.0, 50.6), (31.0, 50.6), (31.6, 49.9)],  # touches it with a vertex
        [(30.8, 51.1), (31.0, 50.5), (31.0, 50.0), (31.6, 50.0), (31.6, 49.9)],  # and the outline
    ],
)
def test_touching_following_and_leaving_a_border(path, noise_deg):
    wanted = geo.split_by_contact_line(TWO, make_line(path))
    for seed, backward in itertools.product(range(4), [False, True]):
        moved = noisy(path, noise_deg, seed, extra=seed % 2, backward=backward)
        if path[0] == path[-1]:
            moved[-1] = moved[0]
        found = geo.split_by_contact_line(TWO, make_line(moved))
        check_same(found, wanted, make_line(path).length_km)


@pytest.mark.parametrize("noise_deg", [0.0, 1e-12, 1e-9, 1e-7, 1e-6])
def test_a_border_whose_vertices_are_closer_than_the_snap(noise_deg):
    """A line that leaves out one of two such vertices leaves no sliver beside the border."""
    near = [(31, 50), (31.0000041, 50.5), (31.0000082, 50.500006), (31.0001, 50.7), (31, 51)]
    country = make_boundaries(
        {
            "XX-A": shapely.Polygon([(30, 51), (30, 50), *near]),
            "XX-B": shapely.Polygon([*near[::-1], (32, 50), (32, 51)]),
        }
    )
    for left_out in (1, 2):
        path = [(31, 49.9), *near[:left_out], *near[left_out + 1 :], (31, 51.1)]
        for seed in range(4):
            moved = noisy(path, noise_deg, seed, extra=seed % 2, backward=seed > 1)
            found = geo.split_by_contact_line(country, make_line(moved))
            assert faces_of(found).keys() == {("XX-A", "ukraine"), ("XX-B", "russia")}
            np.testing.assert_allclose(found.area_km2, country.area_km2, rtol=1e-9)


def test_a_line_drawn_twice_with_a_rounding_is_one_line():
    forth = np.array([(31.3, 49.9), (31.5, 50.2), (31.2, 50.7), (31.3, 51.1)])
    wanted = geo.split_by_contact_line(TWO, make_line(forth))
    for noise_deg in (0.0, 1e-13, 1e-9, 1e-6):
        back = noisy(forth, noise_deg, 1, extra=True, backward=True)
        found = geo.split_by_contact_line(TWO, make_line(forth, back))
        check_same(found, wanted, 2 * make_line(forth).length_km)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(30.9, 31.3), st.floats(49.1, 51.9)), min_size=2, max_size=8))
@example([(31.0, 50.0), (31.0 + 2 * SNAP_DEG, 50.0), (31.0, 50.0 + SNAP_DEG)])
def test_snapping_leaves_nothing_near_a_border_that_is_not_on_it(path):
    topology = topology_of(COUNTRY)
    line = shapely.LineString(path)
    chains = snap_line(line, topology)
    again = snap_line(shapely.MultiLineString(list(chains)), topology)
    assert shapely.equals(shapely.union_all(again), shapely.union_all(chains))  # idempotent
    assert len(chains) == 0 or line.buffer(4 * SNAP_DEG).covers(shapely.union_all(chains))
    borders = shapely.union_all(topology.arcs)
    away = shapely.distance(borders, shapely.points(shapely.get_coordinates(chains)))
    assert ((away < 1e-12) | (away > SNAP_DEG)).all()


def test_a_line_far_from_borders_and_itself_keeps_every_digit():
    path = [(31.31, 51.9), (31.7123456789012, 51.3), (32.1, 51.2987654321098), (32.9, 50.4)]
    (chain,) = snap_line(shapely.LineString(path), topology_of(COUNTRY))
    assert list(chain.coords) == path


# --- along the borders that come with the program ------------------------------------------------


def random_walks(topology, count, seed):
    """Paths along the borders of oblasts from outline to outline, some with short cuts."""
    random = np.random.default_rng(seed)
    arcs = [shapely.get_coordinates(arc) for arc in topology.arcs]
    outer = (topology.arc_parts < 0).any(axis=1)
    shore = {tuple(arcs[row][at]) for row in np.flatnonzero(outer) for at in (0, -1)}
    ways: dict[tuple[float, ...], list[np.ndarray]] = {}
    for row in np.flatnonzero(~outer):
        for path in (arcs[row], arcs[row][::-1]):
            ways.setdefault(tuple(path[0]), []).append(path)
    starts = sorted(shore & ways.keys())
    while count:
        place = starts[random.integers(len(starts))]
        path, seen = np.array([place]), {place}
        while len(path) == 1 or place not in shore:
            open_ways = [way for way in ways[place] if tuple(way[-1]) not in seen]
            if not open_ways:
                break
            way = open_ways[random.integers(len(open_ways))]
            path, place = np.concatenate([path, way[1:]]), tuple(way[-1])
            seen.add(place)
        if place in shore and len(path) > 20:
            first, last = sorted(random.choice(np.arange(3, len(path) - 3), 2, replace=False))
            if random.random() < 0.5:
                path = np.delete(path, np.arange(first + 1, last), axis=0)
            count -= 1
            yield path, random


def count_wrong(boundaries, count, seed):
    """Divide the country by random lines along borders; count those divided otherwise."""
    wrong = []
    for path, random in random_walks(topology_of(boundaries), count, seed):
        noise_deg, backward = 10 ** random.uniform(-16, -6), random.random() < 0.5
        extra = random.random() < 0.5
        line = make_line(noisy(path, noise_deg, random.integers(2**32), extra=extra,
                               backward=backward))  # fmt: skip
        try:
            found = geo.split_by_contact_line(boundaries, line)
            check_same(found, geo.split_by_contact_line(boundaries, make_line(path)), 2000.0)
        except (AssertionError, geo.SettlementError) as error:
            wrong.append((noise_deg, backward, extra, str(error)[:200]))
    return wrong


def test_random_lines_along_the_oblasts_borders(boundaries):
    assert count_wrong(boundaries, 24, seed=5) == []
