"""Comparison: an independent overlay, the laws of a transfer matrix, faults."""

import dataclasses
import datetime
import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from drawn import ANCHOR, make_boundaries, make_line
from geo.errors import ConservationError, IncomparableError
from geo.lines.split import split_by_contact_line

CATEGORIES = [category for category in geo.Category if category != "not_settled"]
HOLDERS = list(geo.Control)
FOUR = make_boundaries(
    {
        "XX-A": shapely.box(31, 47, 32, 48),
        "XX-B": shapely.box(32, 47, 33, 48),
        "XX-C": shapely.box(31, 48, 32, 49),
        "XX-D": shapely.box(32, 48, 33, 49),
    }
)


def plan(name: str, *clauses: dict) -> geo.Plan:
    source = {"title": "drawn", "publisher": "the test", "date": "2025-11-21"}
    common = {"title": name, "title_short": name, "basis": "user", "source": source}
    days = {"published": "2025-11-21", "line_date": "2025-11-21"}
    numbered = [{"id": str(n), "article": "1", **clause} for n, clause in enumerate(clauses)]
    return geo.parse_plan({"schema_version": 1, "id": name, **common, **days, "clause": numbered})


GIVE_UP = plan("give-up", {"kind": "relinquish", "oblasts": "all"})
MIXED = plan(
    "mixed",
    {"kind": "relinquish", "oblasts": ["XX-A"]},
    {"kind": "freeze", "oblasts": ["XX-B", "XX-D"], "recognised_as": "russia_de_facto"},
    {"kind": "recognise", "oblasts": ["XX-C"], "recognised_as": "russia_de_facto"},
    {"kind": "demilitarise", "oblasts": ["XX-C"]},
)


def settle(line: geo.ContactLine, what: geo.Plan = MIXED) -> geo.Settlement:
    return geo.apply_plan(split_by_contact_line(FOUR, line, anchor=ANCHOR), what)


def overlay_matrix(a: geo.Settlement, b: geo.Settlement, by: str) -> np.ndarray:
    """The slow way: geopandas.overlay of all faces, measured piece by piece."""
    import geopandas

    kinds = CATEGORIES if by == "category" else HOLDERS
    left = a.to_geodataframe()[["oblast", by, "geometry"]]
    right = b.to_geodataframe()[["oblast", by, "geometry"]]
    pieces = geopandas.overlay(left, right, how="intersection", keep_geom_type=True)
    pieces = pieces[pieces["oblast_1"] == pieces["oblast_2"]]
    areas = geo.area_km2(np.asarray(pieces.geometry.array, dtype=object))
    matrix = np.zeros((len(kinds), len(kinds)))
    for before, after, area in zip(pieces[f"{by}_1"], pieces[f"{by}_2"], areas, strict=True):
        matrix[kinds.index(before), kinds.index(after)] += area
    return matrix


def areas_by(settlement: geo.Settlement, by: str) -> np.ndarray:
    kinds = CATEGORIES if by == "category" else HOLDERS
    values = settlement.category if by == "category" else settlement.partition.held_by
    return np.array([settlement.partition.area_km2[values == kind].sum() for kind in kinds])


def check_laws(found: geo.Comparison) -> None:
    """Whatever is compared: sums, faces, and agreement of the two."""
    country_km2 = found.a.partition.boundaries.area_km2.sum()
    for by in ("category", "held_by"):
        matrix = found.matrix(by)
        assert (matrix >= 0).all()
        tolerance = 1e-9 * country_km2
        np.testing.assert_allclose(matrix.sum(axis=1), areas_by(found.a, by), atol=tolerance)
        np.testing.assert_allclose(matrix.sum(axis=0), areas_by(found.b, by), atol=tolerance)
        kinds = [str(kind) for kind in (CATEGORIES if by == "category" else HOLDERS)]
        listed = np.zeros_like(matrix)
        differences = found.differences(by)
        keys = [(item.oblast, item.before, item.after) for item in differences]
        assert len(set(keys)) == len(keys)
        for item in differences:
            assert item.before != item.after
            assert item.geometry.is_valid
            (measured,) = geo.area_km2(np.array([item.geometry], dtype=object))
            assert measured == pytest.approx(item.area_km2, rel=1e-9, abs=1e-9 * country_km2)
            listed[kinds.index(item.before), kinds.index(item.after)] += item.area_km2
        off_diagonal = matrix - np.diag(np.diag(matrix))
        np.testing.assert_allclose(listed, off_diagonal, atol=1e-6)
        for one, other in itertools.combinations(differences, 2):
            assert shapely.area(shapely.intersection(one.geometry, other.geometry)) < 1e-12


# --- lines to compare --------------------------------------------------------------------------


@st.composite
def lines(draw: st.DrawFn) -> geo.ContactLine:
    """From the southern border to the northern, and perhaps a pocket beside it."""
    steps = draw(st.integers(1, 6))
    eastings = draw(st.lists(st.floats(31.3, 32.4), min_size=steps + 1, max_size=steps + 1))
    northings = np.linspace(46.9, 49.1, steps + 1)
    paths = [list(zip(eastings, northings.tolist(), strict=True))]
    if draw(st.booleans()):
        west, south = draw(st.floats(32.45, 32.6)), draw(st.floats(47.1, 48.4))
        paths.append(list(shapely.box(west, south, west + 0.3, south + 0.4).exterior.coords))
    return make_line(*paths)


@settings(max_examples=40, deadline=None)
@given(lines(), lines(), st.sampled_from([MIXED, GIVE_UP]), st.sampled_from([MIXED, GIVE_UP]))
def test_laws_over_random_lines(one, other, plan_a, plan_b):
    a, b = settle(one, plan_a), settle(other, plan_b)
    found = geo.compare_settlements(a, b)
    check_laws(found)
    back = geo.compare_settlements(b, a)
    for by in ("category", "held_by"):
        np.testing.assert_allclose(back.matrix(by), found.matrix(by).T, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(lines(), lines())
def test_the_independent_overlay_agrees(one, other):
    a, b = settle(one), settle(other, GIVE_UP)
    found = geo.compare_settlements(a, b)
    for by in ("category", "held_by"):
        np.testing.assert_allclose(found.matrix(by), overlay_matrix(a, b, by), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(lines())
def test_compared_with_itself_everything_stays(line):
    a = settle(line)
    found = geo.compare_settlements(a, settle(line))
    matrix = found.matrix()
    np.testing.assert_array_equal(matrix, np.diag(np.diag(matrix)))
    np.testing.assert_allclose(np.diag(matrix), areas_by(a, "category"), rtol=1e-12)
    assert found.differs_km2 == found.changed_hands_km2 == 0.0
    assert found.differences() == found.differences("held_by") == ()
    assert found.same_partition


def test_a_line_that_moves_east(four):
    # between the two lines lies a strip 0.1 degrees wide, held by Russia before
    a = settle(make_line([(31.5, 46.9), (31.5, 49.1)]))
    b = settle(make_line([(31.6, 46.9), (31.6, 49.1)]))
    found = geo.compare_settlements(a, b)
    strip = geo.area_km2(
        np.array([shapely.box(31.5, 47, 31.6, 48), shapely.box(31.5, 48, 31.6, 49)])
    )
    pairs = {(item.oblast, item.before, item.after): item for item in found.differences()}
    assert set(pairs) == {
        ("XX-A", "relinquished", "retained"),
        ("XX-C", "de_facto_recognized", "buffer_zone"),
    }
    south = pairs["XX-A", "relinquished", "retained"]
    assert south.area_km2 == pytest.approx(strip[0], rel=1e-9)
    assert south.geometry.equals(shapely.box(31.5, 47, 31.6, 48))
    assert found.changed_hands_km2 == pytest.approx(strip.sum(), rel=1e-9)
    hands = found.matrix("held_by")
    assert hands[HOLDERS.index("russia"), HOLDERS.index("ukraine")] == pytest.approx(strip.sum())
    assert not found.same_partition


@pytest.mark.parametrize("ulps", [-3, -1, 1, 2, 3])
@pytest.mark.parametrize("west", [32.526773243705044, 32.5, 32.47123])
def test_pockets_whose_edges_differ_in_the_last_digit(west, ulps):
    """Noding leaves arms of no width; the pieces go where they belong all the same."""

    def pocket(west, south):
        return list(shapely.box(west, south, west + 0.3, south + 0.4).exterior.coords)

    border = [(32, 46.9), (32, 49.1)]
    one = settle(make_line(border, pocket(west, 47.385)))
    other = settle(make_line(border, pocket(west + ulps * 7.1e-15, 47.428)))
    check_laws(geo.compare_settlements(one, other))


def test_no_overlay_where_the_partition_is_shared(scenarios, monkeypatch):
    a, b = scenarios["point21-axios"], scenarios["freeze-everywhere"]

    def refuse(*_, **__):
        raise AssertionError("an overlay was computed")

    for name in ("union_all", "intersection", "polygonize", "difference"):
        monkeypatch.setattr(shapely, name, refuse)
    found = a.compare(b)
    assert found.same_partition
    assert len(found) == len(a.partition)
    assert found.changed_hands_km2 == 0.0
    check_laws_without_geometry(found)
    assert found.differences()


def check_laws_without_geometry(found: geo.Comparison) -> None:
    np.testing.assert_allclose(found.matrix().sum(axis=1), areas_by(found.a, "category"), rtol=1e-9)
    np.testing.assert_allclose(found.matrix().sum(axis=0), areas_by(found.b, "category"), rtol=1e-9)


# --- the real country --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def later(boundaries, observations, lines_of_the_program) -> geo.Scenario:
    line = lines_of_the_program.on(datetime.date(2026, 8, 1))
    return geo.build_scenario(boundaries, line, geo.load_plan("point21-cbs"), observations)


@pytest.fixture(scope="module")
def lines_of_the_program() -> geo.LineSeries:
    return geo.load_contact_lines()


def test_the_country_on_two_days(scenarios, later):
    found = scenarios["point21-axios"].compare(later)
    check_laws(found)
    assert found.table(totals=True).rows[-1]["total"] == pytest.approx(
        found.a.partition.boundaries.area_km2.sum(), rel=1e-9
    )
    for by in ("category", "held_by"):
        slow = overlay_matrix(found.a, found.b, by)
        np.testing.assert_allclose(found.matrix(by), slow, atol=1e-3)


def test_rings_of_every_frame_run_counter_clockwise(scenarios, later):
    """Programs that measure with signs, such as Geod, then agree without a turn of the rings."""
    one = scenarios["point21-axios"]
    frames = [
        one.partition.to_geodataframe(),
        one.settlement.to_geodataframe(),
        one.boundaries.to_geodataframe(),
        one.compare(later).to_geodataframe("held_by"),
    ]
    for frame in frames:
        parts = shapely.get_parts(frame.geometry.to_numpy())
        assert shapely.is_ccw(shapely.get_exterior_ring(parts)).all()
        holes = [hole for part in parts for hole in part.interiors]
        assert not any(shapely.is_ccw(hole) for hole in holes)


def test_places_that_differ_are_those_of_the_two_days(scenarios, later):
    before = scenarios["point21-axios"]
    found = before.compare(later)
    assert found.places
    populations = [place.population or 0 for place in found.places]
    assert populations == sorted(populations, reverse=True)
    for place in found.places[:10]:
        was = {match.outcome.category for match in before.find_place(place.name_en)}
        is_now = {match.outcome.category for match in later.find_place(place.name_en)}
        assert place.category_a in was
        assert place.category_b in is_now
    assert "Myrnohrad" in {place.name_en for place in found.places}
    assert before.compare(before).places == ()


def test_tables_say_the_same_as_the_matrix(scenarios, later):
    found = scenarios["point21-axios"].compare(later)
    rows = found.table("category").rows
    matrix = found.matrix()
    assert [row["a"] for row in rows] == [*map(str, CATEGORIES)]
    for number, row in enumerate(rows):
        assert list(row.values())[1:] == matrix[number].tolist()
    *asked, sums = found.table("category", totals=True).rows
    assert [row["total"] for row in asked] == pytest.approx(matrix.sum(axis=1).tolist())
    assert sums.pop("a") == "total"
    assert list(sums.values()) == pytest.approx([*matrix.sum(axis=0), matrix.sum()])
    by_oblast = found.table("oblast").rows
    total = sum(row["area_km2"] for row in by_oblast if row["category_a"] != row["category_b"])
    assert total == pytest.approx(found.differs_km2, rel=1e-9)
    assert len(found.table("settlements").rows) == len(found.places)
    frame = found.to_geodataframe("held_by")
    assert frame["area_km2"].sum() == pytest.approx(found.changed_hands_km2, rel=1e-9)


# --- faults ------------------------------------------------------------------------------------


def test_other_boundaries_are_refused(scenarios):
    drawn = settle(make_line([(31.5, 46.9), (31.5, 49.1)]))
    with pytest.raises(IncomparableError, match="same boundaries"):
        geo.compare_settlements(scenarios["point21-axios"].settlement, drawn)


def test_equal_boundaries_loaded_twice_are_accepted():
    line = make_line([(31.5, 46.9), (31.5, 49.1)])
    twin = dataclasses.replace(FOUR, geometry=FOUR.geometry.copy())
    other = geo.apply_plan(split_by_contact_line(twin, line, anchor=ANCHOR), MIXED)
    assert geo.compare_settlements(settle(line), other).differs_km2 == 0.0


def test_faces_that_do_not_add_up_are_refused():
    one = settle(make_line([(31.5, 46.9), (31.5, 49.1)]))
    other = settle(make_line([(31.6, 46.9), (31.6, 49.1)]))
    wrong = dataclasses.replace(other.partition, area_km2=other.partition.area_km2 * 1.000001)
    with pytest.raises(ConservationError, match="add up"):
        geo.compare_settlements(one, dataclasses.replace(other, partition=wrong))


def test_tables_by_oblast_are_no_matrix(scenarios):
    found = scenarios["point21-axios"].compare(scenarios["point21-cbs"])
    with pytest.raises(ValueError, match="expected one of category, held_by, recognised_as"):
        found.matrix("oblast")
    with pytest.raises(ValueError, match="oblasts"):
        found.table("oblasts")
