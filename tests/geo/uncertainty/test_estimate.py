"""Uncertainty: the model's law, two independent oracles, conservation in every draw."""

import datetime
import math
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from thorough import thoroughly

import geo
from drawn import ANCHOR, make_boundaries, make_line
from geo.crs import to_geographic, to_metric
from geo.errors import UnknownUncertaintyError
from geo.lines.split import split_by_contact_line
from geo.model.observations import Places
from geo.uncertainty.displacement import DisplacementModel, make_displacement_model
from geo.uncertainty.estimate import estimate_uncertainty
from geo.uncertainty.strips import Strips, cut_strips

FOUR = make_boundaries(
    {
        "XX-A": shapely.box(31, 47, 32, 48),
        "XX-B": shapely.box(32, 47, 33, 48),
        "XX-C": shapely.box(31, 48, 32, 49),
        "XX-D": shapely.box(32, 48, 33, 49),
    }
)
PLAN = geo.parse_plan(
    {
        "schema_version": 1,
        "id": "mixed",
        "title": "mixed",
        "title_short": "mixed",
        "basis": "user",
        "published": "2025-11-21",
        "line_date": "2025-11-21",
        "source": {"title": "drawn", "publisher": "the test", "date": "2025-11-21"},
        "clause": [
            {"id": "1", "article": "1", "kind": "relinquish", "oblasts": "all"},
            {
                "id": "2",
                "article": "2",
                "kind": "freeze",
                "oblasts": ["XX-B", "XX-D"],
                "recognised_as": "russia_de_facto",
            },
            {"id": "3", "article": "3", "kind": "demilitarise", "oblasts": ["XX-C"]},
        ],
    }
)
NOBODY = Places(
    *(np.array([], dtype=object) for _ in range(3)),
    *(np.array([]) for _ in range(3)),
    np.array([], dtype=object),
    np.array([], dtype="datetime64[D]"),
    *(np.array([], dtype=object) for _ in range(3)),
)


def prepare(*paths, **model) -> tuple[geo.Partition, DisplacementModel, Strips]:
    line = make_line(*paths)
    partition = split_by_contact_line(FOUR, line, anchor=ANCHOR)
    made = make_displacement_model(FOUR, line, **model)
    return partition, made, cut_strips(partition, made)


def scenario_of(*paths) -> geo.Scenario:
    partition = split_by_contact_line(FOUR, make_line(*paths), anchor=ANCHOR)
    gazetteer = geo.place_in_faces(partition, NOBODY)
    return geo.Scenario(geo.apply_plan(partition, PLAN), gazetteer, "drawn")


def circle(lon: float, lat: float, radius_km: float) -> list[tuple[float, float]]:
    centre = to_metric(shapely.Point(lon, lat))
    ring = shapely.buffer(centre, radius_km * 1000, quad_segs=64).exterior
    return list(to_geographic(ring).coords)


WAVE = [
    (lon, 48.05 + 0.06 * math.sin(5 * lon) + 0.15 * (lon - 32))
    for lon in np.linspace(30.95, 33.05, 300)
]
SALIENT = [(30.9, 48.2), (31.7, 48.22), (31.72, 47.7), (31.8, 47.7), (31.83, 48.25), (33.1, 48.4)]


# --- the model --------------------------------------------------------------------------------


def test_displacements_mean_what_the_line_says():
    """Uniform within the half-width; covariances as stated, on open and closed pieces."""
    _, model, _ = prepare(WAVE, circle(31.4, 48.6, 6), uncertainty_km=4.0)
    drawn = model.draw(20_000, np.random.default_rng(5))
    assert np.abs(drawn).max() <= 4.0
    assert drawn.mean() == pytest.approx(0.0, abs=0.05)
    quarters = np.quantile(drawn[:, ::40], [0.25, 0.5, 0.75])
    assert quarters == pytest.approx([-2.0, 0.0, 2.0], abs=0.05)
    assert model.deviation_km == pytest.approx(4 / math.sqrt(3))
    assert model.correlation_length_km == pytest.approx(4.8)
    assert {*model.part.tolist()} == {0, 1}
    for at, other in ((100, 100), (100, 104), (100, 120), (100, 180)):
        distance = abs(model.arc_km[at] - model.arc_km[other])
        x = math.sqrt(3) * distance / 4.8
        expected = 2 * 16 / math.pi * math.asin((1 + x) * math.exp(-x) / 2)
        found = float(np.mean(drawn[:, at] * drawn[:, other]))
        assert found == pytest.approx(expected, abs=0.12)
    loop = np.flatnonzero(model.loop_km > 0)
    across, beside = loop[len(loop) // 2], loop[-1]
    assert np.mean(drawn[:, loop[0]] * drawn[:, beside]) > 4.5  # the ends of a loop are neighbours
    assert np.mean(drawn[:, loop[0]] * drawn[:, across]) < 0.5
    assert np.mean(drawn[:, 100] * drawn[:, across]) == pytest.approx(0.0, abs=0.12)


def test_covariance_of_sums_is_that_of_the_draws():
    _, model, strips = prepare(WAVE, circle(31.4, 48.6, 6), uncertainty_km=4.0)
    sums = model.draw(20_000, np.random.default_rng(6)) @ strips.along_km
    stated = model.covariance_of(strips.along_km)
    scale = np.sqrt(np.outer(np.diag(stated), np.diag(stated)))
    assert np.abs(np.cov(sums.T) - stated).max() < 0.03 * scale.max()


def test_a_line_without_uncertainty_needs_one():
    with pytest.raises(UnknownUncertaintyError, match=r"it states none\. Give uncertainty_km"):
        prepare(WAVE)
    with pytest.raises(UnknownUncertaintyError, match="greater than 0; got -1"):
        prepare(WAVE, uncertainty_km=-1)


# --- the ground -------------------------------------------------------------------------------


def test_strips_hold_all_ground_near_the_line_once():
    """Against one buffer of the whole line, face by face, at several widths."""
    partition, _, strips = prepare(SALIENT, circle(32.5, 48.0, 5), uncertainty_km=4.0)
    line_m = to_metric(shapely.segmentize(partition.line.geometry, 0.01))
    faces_m = to_metric(shapely.segmentize(partition.geometry, 0.01))
    assert (np.diff(strips.profile_km2, axis=1) >= 0).all()
    for step in (3, 6, 12):
        band = shapely.buffer(line_m, 4000 * step / 12, quad_segs=32)
        for row, face in enumerate(faces_m):
            mine = strips.oblast_row == partition.oblast_row[row]
            mine &= strips.held_by_ukraine == (partition.held_by[row] == "ukraine")
            expected = shapely.area(shapely.intersection(face, band)) / 1e6
            found = strips.profile_km2[mine, step].sum()
            assert found == pytest.approx(expected, rel=0.01, abs=0.5)
    assert strips.along_km.sum() == pytest.approx(
        shapely.length(shapely.intersection(line_m, to_metric(shapely.box(31, 47, 33, 49)))) / 1e3,
        rel=1e-3,
    )


def grow_point_by_point(partition, model, displacement_km, step_km) -> np.ndarray:
    """The slow oracle: look at points one kilometre and less apart, find the nearest bit of line,
    and ask whether it was displaced past the point."""
    joints = shapely.segmentize(model.elements_m, 50.0)
    xy, element = shapely.get_coordinates(joints, return_index=True)
    west, south, east, north = xy.min(axis=0).tolist() + xy.max(axis=0).tolist()
    reach = model.half_width_km * 1000
    x, y = np.meshgrid(
        np.arange(west - reach, east + reach, step_km * 1000),
        np.arange(south - reach, north + reach, step_km * 1000),
    )
    points = shapely.points(x.ravel(), y.ravel())
    near = shapely.STRtree(shapely.points(xy)).query_nearest(
        points, max_distance=reach, return_distance=True, all_matches=False
    )
    (point, vertex), distance = near
    places = to_geographic(points[point])
    growth = np.zeros(len(partition.boundaries))
    moved = displacement_km[element[vertex]] * 1000
    for row, face in enumerate(partition.geometry):
        shapely.prepare(face)
        inside = shapely.contains(face, places)
        if partition.held_by[row] == "ukraine":
            flips = inside & (moved > distance)
        else:
            flips = inside & (-moved > distance)
        sign = 1 if partition.held_by[row] == "ukraine" else -1
        growth[partition.oblast_row[row]] += sign * flips.sum() * step_km**2
    return growth


@pytest.mark.parametrize("number", [0, *thoroughly(1, 2)])
def test_growth_agrees_with_the_slow_oracle(number):
    """A salient 5 km wide, a pocket across an oblast border, a line along the outer border."""
    edge = [(31.2, 47.01), (31.8, 47.015), (31.9, 46.9)]
    paths = (SALIENT, circle(32.0, 47.4, 5), [(31.2, 46.9), *edge])
    partition, model, strips = prepare(*paths, uncertainty_km=4.0)
    drawn = model.draw(3, np.random.default_rng(number))
    found = strips.growth_km2(drawn)
    assert np.abs(found).max() > 20
    for displacement, growth in zip(drawn, found, strict=True):
        expected = grow_point_by_point(partition, model, displacement, 0.2)
        assert growth == pytest.approx(expected, abs=2.5)  # of some 100 to 500 km²


def displaced_line(model: DisplacementModel, displacement_km: np.ndarray) -> geo.ContactLine:
    """Move the middles of the elements along the normal, literally."""
    xy = model.sites_m
    along = np.gradient(xy, axis=0)
    normal = np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]
    moved = xy + 1000 * displacement_km[:, None] * normal
    ends = moved[0] - 20 * along[0], moved[-1] + 20 * along[-1]
    path = shapely.LineString(np.vstack([ends[0], moved, ends[1]]))
    return make_line(list(to_geographic(shapely.segmentize(path, 500)).coords))


@pytest.mark.parametrize("number", [0, 1, *thoroughly(2, 3)])
def test_growth_agrees_with_the_engine_on_the_displaced_line(number):
    """A gently curved line, moved vertex by vertex and split anew."""
    line = make_line(WAVE)
    anchor = (31.5, 48.8)  # Ukraine holds the north; moving to the south is then negative
    partition = split_by_contact_line(FOUR, line, anchor=anchor)
    model = make_displacement_model(FOUR, line, uncertainty_km=1.5, correlation_length_km=20)
    strips = cut_strips(partition, model)
    displacement = model.draw(1, np.random.default_rng(number))
    found = strips.growth_km2(displacement)[0]
    again = split_by_contact_line(FOUR, displaced_line(model, -displacement[0]), anchor=anchor)

    def held(faces):
        russian = np.where(faces.held_by == "russia", faces.area_km2, 0.0)
        return np.bincount(faces.oblast_row, russian, len(FOUR))

    expected = held(again) - held(partition)
    assert found == pytest.approx(expected, abs=0.02 * np.abs(expected).max() + 0.3)
    assert np.abs(expected).max() > 5


def test_a_round_pocket_has_a_known_distribution():
    """Displaced as a whole by u, uniform on ±3, a disc of radius 2 has area π(2+u)² or nothing."""
    partition, model, strips = prepare(
        circle(31.5, 48.5, 2), uncertainty_km=3.0, correlation_length_km=10_000.0
    )
    growth = strips.growth_km2(model.draw(4_000, np.random.default_rng(1)))
    pocket = partition.area_km2[partition.held_by == "russia"].sum() + growth.sum(axis=1)
    assert pocket.min() > -1e-9
    assert (pocket < 1e-6).mean() == pytest.approx(1 / 6, abs=0.02)
    assert pocket.mean() == pytest.approx(math.pi * 125 / 18, rel=0.03)


# --- the figures ------------------------------------------------------------------------------


def check_conservation(result: geo.Uncertainty, scenario: geo.Scenario) -> None:
    """In every draw: categories add up to the country, holders to the oblast and the country."""
    country = scenario.boundaries.area_km2.sum()
    names = [(row["by"], row["key"], row["figure"]) for row in result.table.rows]
    column = {name: result.draws_km2[:, number] for number, name in enumerate(names)}
    total = sum(column[name] for name in names if name[0] == "category" and name[2] == "area_km2")
    assert total == pytest.approx(np.full(result.draws, country), rel=1e-9)
    held = [column["country", "country", f"{side}_held_km2"] for side in ("ukraine", "russia")]
    assert sum(held) == pytest.approx(np.full(result.draws, country), rel=1e-9)
    for unit, area in zip(scenario.boundaries.ids, scenario.boundaries.area_km2, strict=True):
        both = [column["oblast", unit, f"{side}_held_km2"] for side in ("ukraine", "russia")]
        assert sum(both) == pytest.approx(np.full(result.draws, area), rel=1e-9)
        assert min(both[0].min(), both[1].min()) >= -1e-6
    net = column["country", "country", "ukraine_leaves_km2"]
    net = net - column["country", "country", "russia_leaves_km2"]
    assert column["country", "country", "net_leaves_km2"] == pytest.approx(net, abs=1e-6)


def check_agreement(result: geo.Uncertainty) -> None:
    for row in result.table.rows:
        apart = abs(row["sd_km2"] - row["first_order_sd_km2"])
        assert apart <= row["first_order_error_km2"] + 1e-9, row
        assert row["low_km2"] <= row["mean_km2"] + 1e-9
        assert row["mean_km2"] <= row["high_km2"] + 1e-9


turns = st.lists(st.floats(-0.25, 0.25), min_size=3, max_size=12)


@settings(max_examples=15, deadline=None)
@given(turns, st.floats(0.2, 9.0), st.integers(0, 2**32))
def test_every_draw_conserves_on_random_walks(steps, uncertainty_km, seed):
    lats = 48.0123 + np.cumsum(steps)
    lats = 47.05 + np.abs((lats - 47.05) % 3.8 - 1.9)  # folded back into the country
    path = list(zip(np.linspace(30.9, 33.1, len(lats)), lats, strict=True))
    try:
        scenario = scenario_of(path)
    except geo.errors.LineError:  # it runs a hair's breadth beside a border, or touches itself
        assume(False)
    result = estimate_uncertainty(scenario, draws=20, seed=seed, uncertainty_km=uncertainty_km)
    check_conservation(result, scenario)
    check_agreement(result)


@pytest.fixture(scope="module")
def real(scenarios) -> geo.Uncertainty:
    return estimate_uncertainty(scenarios["point21-axios"], draws=600, seed=7)


def test_real_figures_are_those_of_the_statistics(real, scenarios):
    tables = {by: scenarios["point21-axios"].table(by).rows for by in geo.By}
    [leaves] = scenarios["point21-axios"].table("change").totals
    [country] = tables[geo.By.COUNTRY]
    tables[geo.By.COUNTRY] = ({**leaves, **country},)
    keys = {"category": "category", "oblast": "oblast", "change": "oblast"}
    checked = 0
    for row in real.table.rows:
        for known in tables[geo.By(row["by"])]:
            if known.get(keys.get(row["by"], ""), "country") == row["key"]:
                assert row["value_km2"] == known[row["figure"]]
                checked += 1
    assert checked == len(real.table.rows)


def test_real_draws_conserve_and_agree_with_the_first_order(real, scenarios):
    check_conservation(real, scenarios["point21-axios"])
    check_agreement(real)


def test_the_interval_holds_its_share_of_the_draws(real):
    for number, row in enumerate(real.table.rows):
        drawn = real.draws_km2[:, number]
        inside = (drawn >= row["low_km2"] - 1e-9) & (drawn <= row["high_km2"] + 1e-9)
        assert inside.mean() >= 0.898
        if row["first_order_sd_km2"] > 1:
            assert inside.mean() == pytest.approx(0.9, abs=0.005)


def test_for_small_displacements_the_first_order_is_all_there_is(scenarios):
    result = estimate_uncertainty(
        scenarios["point21-axios"], draws=3_000, seed=2, uncertainty_km=0.25
    )
    for row in result.table.rows:
        if row["first_order_sd_km2"] > 0.5:
            assert row["sd_km2"] == pytest.approx(row["first_order_sd_km2"], rel=0.08)
            assert row["mean_km2"] == pytest.approx(row["value_km2"], abs=0.2 * row["sd_km2"])
            assert row["first_order_error_km2"] < 0.3 * row["sd_km2"]


def test_land_may_come_to_an_oblast_that_had_none(scenarios):
    """A line that runs 2 km off an oblast border may move into the neighbour."""
    path = [(30.9, 47.98), (33.1, 47.98)]
    partition = split_by_contact_line(FOUR, make_line(path), anchor=ANCHOR)
    assert "XX-C" not in partition.oblast_id[partition.held_by == "russia"]
    result = estimate_uncertainty(scenario_of(path), draws=300, uncertainty_km=5.0)
    rows = {(row["by"], row["key"], row["figure"]): row for row in result.table.rows}
    grown = rows["oblast", "XX-C", "russia_held_km2"]
    assert grown["value_km2"] == 0.0
    assert grown["low_km2"] >= 0.0
    assert grown["mean_km2"] > 1.0


def test_same_seed_same_figures_whoever_draws(scenarios):
    scenario = scenario_of(SALIENT)
    seen = []
    one = estimate_uncertainty(
        scenario, draws=450, uncertainty_km=3.0, progress=lambda *now: seen.append(now)
    )
    with ThreadPoolExecutor(2) as pool:
        two = estimate_uncertainty(
            scenario, draws=450, uncertainty_km=3.0, workers=2, executor=pool
        )
    three = estimate_uncertainty(scenario, draws=450, uncertainty_km=3.0, workers=2)
    assert seen == [(200, 450), (400, 450), (450, 450)]
    assert one.table == two.table == three.table
    assert (one.draws_km2 == two.draws_km2).all()
    assert (one.draws_km2 == three.draws_km2).all()
    named = estimate_uncertainty(
        scenario, draws=450, uncertainty_km=3.0, seed=np.random.default_rng(0)
    )
    assert named.table == one.table
    assert named.seed is None
    other = estimate_uncertainty(scenario, draws=450, uncertainty_km=3.0, seed=1)
    assert other.table != one.table


class Broken(Executor):
    """An executor whose processes all die."""

    def submit(self, function, /, *arguments, **more):
        future = Future()
        future.set_exception(BrokenExecutor("the process is gone"))
        return future


def test_blocks_that_are_lost_are_drawn_here():
    scenario = scenario_of(SALIENT)
    here = estimate_uncertainty(scenario, draws=250, uncertainty_km=3.0)
    lost = estimate_uncertainty(scenario, draws=250, uncertainty_km=3.0, executor=Broken())
    assert lost.table == here.table


def test_ranges_are_checked():
    scenario = scenario_of(SALIENT)
    with pytest.raises(ValueError, match="at least 2; got 1"):
        estimate_uncertainty(scenario, draws=1, uncertainty_km=3.0)
    with pytest.raises(ValueError, match="between 0 and 1, got 90"):
        estimate_uncertainty(scenario, interval=90, uncertainty_km=3.0)


def test_no_line_no_uncertainty():
    empty = geo.ContactLine(
        datetime.date(2025, 11, 21), shapely.MultiLineString(), "", "", make_line().provenance
    )
    partition = split_by_contact_line(FOUR, empty, anchor=ANCHOR)
    scenario = geo.Scenario(
        geo.apply_plan(partition, PLAN), geo.place_in_faces(partition, NOBODY), "drawn"
    )
    result = estimate_uncertainty(scenario, draws=5, uncertainty_km=3.0)
    assert all(row["sd_km2"] == 0.0 for row in result.table.rows)


def test_columns_are_described(real):
    assert all(column.description for column in real.table.columns)
    frame = real.table.to_dataframe()
    assert list(frame.columns) == [column.name for column in real.table.columns]
    assert real.table.to_csv().count("\r\n") == len(real.table.rows) + 1
