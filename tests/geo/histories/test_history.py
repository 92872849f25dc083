"""A plan on every day: the figures of the single days, whatever way they were computed."""

import dataclasses
import datetime
import gc
import itertools
import pickle
import resource

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import geo
from benchmarks.archive import FIRST_DAY, make_areas, write_archive
from drawn import make_boundaries
from geo.control_areas.opening import segments_of
from geo.control_areas.tile_areas import TileGrid, TileState
from geo.errors import PlanError, UnknownDateError
from geo.histories.day_areas import (
    AreaDivider,
    DayAreas,
    FailedDay,
    LineDivider,
    divide_days,
    make_divider,
)
from geo.histories.history import check_days, each_day
from geo.histories.table import HISTORY_BY, HistoryTable

FIRST, LAST = datetime.date(2025, 10, 1), datetime.date(2025, 12, 1)


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """Thirty daily polygons."""
    folder = tmp_path_factory.mktemp("archive")
    write_archive(folder, 30)
    return folder


@pytest.fixture(scope="session")
def daily(archive, boundaries) -> geo.FileSource:
    return geo.open_source(archive, boundaries)


@pytest.fixture(scope="session")
def plan() -> geo.Plan:
    return geo.load_plan("point21-axios")


# --- figures ------------------------------------------------------------------------------------


def expected_rows(scenario, by):
    """The rows of the scenario's own table, with the day and without what a history leaves out."""
    names = [
        column.name
        for column in geo.HistoryTable(scenario.plan, scenario.boundaries, by=by).columns
    ]
    return [
        {"date": scenario.identity.date} | {name: row[name] for name in names[1:]}
        for row in scenario.table(by).rows
    ]


@pytest.mark.parametrize("by", HISTORY_BY)
@pytest.mark.parametrize("plan_id", ["point21-axios", "point21-cbs"])
def test_a_day_has_the_figures_of_its_scenario_to_the_last_digit(
    scenarios, lines, boundaries, observations, by, plan_id
):
    scenario = scenarios[plan_id]
    day = scenario.line.date
    found = geo.history(
        scenario.plan, lines, boundaries=boundaries, observations=observations,
        first=day, last=day, by=by,
    )  # fmt: skip
    assert list(found.rows) == expected_rows(scenario, by)
    assert found.data_version == scenario.data_version
    assert found.source == "observations"
    assert not found.failed


def test_every_day_of_the_lines_is_there_and_adds_up(lines, boundaries, plan):
    seen = []
    found = geo.history(
        plan, lines, boundaries=boundaries, by="category",
        progress=lambda done, total, day: seen.append((done, total, day)),
    )  # fmt: skip
    assert tuple(day.date for day in found.days) == lines.dates
    assert seen == [(n, len(lines), day) for n, day in enumerate(lines.dates, start=1)]
    frame = found.to_dataframe()
    assert frame.dtypes["date"].kind == "M"
    total = frame.groupby("date")["area_km2"].sum()
    assert np.allclose(total, boundaries.area_km2.sum(), rtol=1e-9)


def test_days_are_chosen_with_both_ends(lines, boundaries, plan):
    found = geo.history(plan, lines, boundaries=boundaries, first=FIRST, last=LAST, by="oblast")
    assert [str(day.date) for day in found.days] == [
        "2025-10-01", "2025-11-01", "2025-11-21", "2025-12-01",
    ]  # fmt: skip


def test_a_period_without_lines_is_refused(lines, boundaries, plan):
    with pytest.raises(UnknownDateError):
        geo.history(
            plan,
            lines,
            boundaries=boundaries,
            first=datetime.date(1999, 1, 1),
            last=datetime.date(1999, 2, 1),
        )


def test_tables_that_have_no_history_are_refused(boundaries, plan):
    with pytest.raises(ValueError, match="by: expected one of oblast,category"):
        HistoryTable(plan, boundaries, by="settlements")


def test_two_processes_give_the_same(lines, boundaries, plan):
    one, two = (
        geo.history(plan, lines, boundaries=boundaries, first=FIRST, last=LAST, workers=workers)
        for workers in (1, 2)
    )
    assert list(one.rows) == list(two.rows)


# --- days that fail -----------------------------------------------------------------------------


def test_a_day_that_fails_is_reported_and_the_others_are_measured(
    archive, tmp_path, boundaries, plan
):
    for path in sorted(archive.iterdir())[:4]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    broken = sorted(tmp_path.iterdir())
    broken[1].write_text("{")
    bowtie = (
        '{"type": "Polygon", "coordinates": [[[36, 48], [37, 49], [37, 48], [36, 49], [36, 48]]]}'
    )
    broken[2].write_text(bowtie)
    source = geo.open_source(tmp_path, boundaries)
    found = geo.history(plan, source, boundaries=boundaries)
    whole = geo.history(plan, geo.open_source(archive, boundaries), boundaries=boundaries)
    assert [failed.date for failed in found.failed] == [source.dates[1], source.dates[2]]
    assert "not JSON" in found.failed[0].message
    assert "self-intersection" in found.failed[1].message
    measured = {day.date: day.area_km2 for day in whole.days}
    assert [day.date for day in found.days] == [source.dates[0], source.dates[3]]
    for day in found.days:  # the cache was not spoilt
        np.testing.assert_array_equal(day.area_km2, measured[day.date])


def test_an_area_elsewhere_fails_as_it_does_alone(tmp_path, boundaries):
    (tmp_path / "20250101.geojson").write_text(
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}'
    )
    source = geo.open_source(tmp_path, boundaries)
    failed = divide_days(make_divider(source, boundaries), source.dates)[0]
    assert isinstance(failed, FailedDay)
    assert "expected a geometry that meets the country" in failed.message


def test_land_the_plan_does_not_speak_of_fails_that_day(boundaries):
    table = HistoryTable(geo.load_plan("point21-axios"), boundaries)
    areas = np.column_stack([boundaries.area_km2 / 2, boundaries.area_km2 / 2])
    silent = DayAreas(FIRST, areas, "")  # Russia holds half of every oblast
    try:
        table.rows(silent)
    except PlanError as error:
        assert list(check_days(iter([silent]), table)) == [FailedDay(FIRST, str(error))]
    else:
        assert list(check_days(iter([silent]), table)) == [silent]


# --- areas of control: the short way ------------------------------------------------------------


def assert_same(short: DayAreas, full: DayAreas, boundaries: geo.Boundaries) -> None:
    np.testing.assert_array_equal(short.area_km2, full.area_km2)
    total = np.nansum(short.area_km2, axis=1)
    np.testing.assert_allclose(total, boundaries.area_km2, rtol=1e-9)


def on_faces(source: geo.FileSource, day: datetime.date) -> DayAreas:
    """The areas of the faces themselves, whatever the area of control says."""
    line = dataclasses.replace(source.on(day), held=None)
    alone = geo.LineSeries((line,))
    return LineDivider(alone, source.boundaries).divide(day)


def test_the_short_way_is_the_way_through_faces_to_the_last_digit(daily, boundaries):
    short, full = AreaDivider(daily, boundaries), LineDivider(daily, boundaries)
    for number, day in enumerate(daily.dates):
        found = short.divide(day)
        if number % 6 == 0:
            assert_same(found, full.divide(day), boundaries)


@pytest.mark.reference
def test_the_ways_are_the_same_on_published_areas_and_agree_with_the_faces(
    reference_dir, boundaries
):
    source = geo.open_source(reference_dir / "deepstate", boundaries)
    short, full = AreaDivider(source, boundaries), LineDivider(source, boundaries)
    for day in source.dates:
        found = short.divide(day)
        assert_same(found, full.divide(day), boundaries)
        faces = on_faces(source, day).area_km2
        np.testing.assert_array_equal(np.isnan(faces), np.isnan(found.area_km2))
        difference = np.nan_to_num(np.abs(faces - found.area_km2))
        assert (difference / boundaries.area_km2[:, None]).max() < 1e-7


def turned(area: shapely.MultiPolygon, step: int) -> shapely.MultiPolygon:
    """The same area: its parts in another order, its rings begun elsewhere."""
    parts = []
    for part in reversed(area.geoms):
        rings = [shapely.get_coordinates(ring)[:-1] for ring in shapely.get_rings(part)]
        shell, *holes = [np.roll(ring, step % len(ring), axis=0) for ring in rings]
        parts.append(shapely.Polygon(shell, holes))
    return shapely.MultiPolygon(parts)


def test_where_rings_begin_changes_no_digit(daily, boundaries):
    divider = AreaDivider(daily, boundaries)
    areas = [daily.area_on(day) for day in daily.dates[:3]]
    straight = [divider.held_km2(area) for area in areas]
    for step in (1, 700):
        for area, expected in zip(areas, straight, strict=True):
            alone = AreaDivider(daily, boundaries).held_km2(turned(area, step))
            np.testing.assert_array_equal(alone, expected)
            np.testing.assert_array_equal(divider.held_km2(turned(area, step)), expected)


def test_so_little_land_that_only_faces_can_tell(tmp_path, boundaries):
    """A strip of a few metres inside the border is none; the short way must not invent it."""
    donetsk = boundaries.geometry[boundaries.index("UA-14")]
    area = shapely.buffer(donetsk, 2e-4)
    (tmp_path / "20250101.geojson").write_text(shapely.to_geojson(area))
    source = geo.open_source(tmp_path, boundaries)
    day = source.dates[0]
    short = AreaDivider(source, boundaries).divide(day)
    assert_same(short, LineDivider(source, boundaries).divide(day), boundaries)


def test_what_was_measured_before_makes_no_difference(daily, boundaries):
    days = daily.dates
    forwards = divide_days(AreaDivider(daily, boundaries), days)
    backwards = divide_days(AreaDivider(daily, boundaries), days[::-1])[::-1]
    for one, other in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(one.area_km2, other.area_km2)


def test_a_divider_travels_without_what_it_knows(daily, boundaries):
    divider = AreaDivider(daily, boundaries)
    small = len(pickle.dumps(divider))
    first = divider.divide(daily.dates[0])
    packed = pickle.dumps(divider)
    assert len(packed) == small
    np.testing.assert_array_equal(
        pickle.loads(packed).divide(daily.dates[0]).area_km2, first.area_km2
    )


def test_a_source_of_lines_in_files_takes_the_way_through_faces(tmp_path, lines, boundaries, plan):
    source = geo.open_source(geo.data_directory() / "contact_line.geojson", boundaries)
    own, files = (
        geo.history(plan, which, boundaries=boundaries, first=FIRST, last=LAST)
        for which in (lines, source)
    )
    assert list(own.rows) == list(files.rows)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_days(tmp_path, boundaries):
    write_archive(tmp_path, 240)
    source = geo.open_source(tmp_path, boundaries)
    peaks = []
    for number, _ in enumerate(each_day(source, boundaries)):
        if number in (40, 239):
            gc.collect()
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert peaks[1] - peaks[0] < 10  # MiB


# --- tiles --------------------------------------------------------------------------------------


SQUARES = {
    "XX-A": shapely.box(31, 47, 32, 48),
    "XX-B": shapely.box(32, 47, 33, 48),
}


def disks(draw_from):
    return shapely.union_all(
        [shapely.Point(x, y).buffer(radius, quad_segs=3) for x, y, radius in draw_from]
    )


circle = st.tuples(st.floats(30.5, 33.5), st.floats(46.5, 48.5), st.floats(0.01, 0.6))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(circle, min_size=1, max_size=4), min_size=1, max_size=5))
def test_tiles_measure_what_an_intersection_measures(sequence):
    boundaries = make_boundaries(SQUARES)
    state = TileState(TileGrid.over(boundaries))
    for shape in map(disks, sequence):
        polygon = shapely.MultiPolygon(shapely.get_parts(shape).tolist())
        state.move_to(polygon)
        inside = geo.area_km2(shapely.intersection(boundaries.geometry, polygon))
        np.testing.assert_allclose(state.held_km2, inside, atol=1e-9 * boundaries.area_km2.max())


def test_only_what_changed_is_said_to_have_changed():
    boundaries = make_boundaries(SQUARES)
    state = TileState(TileGrid.over(boundaries))
    square = shapely.MultiPolygon([shapely.box(31.2, 47.2, 31.8, 47.8)])
    assert len(state.move_to(square)) == 4
    assert len(state.move_to(square)) == 0
    turned = shapely.MultiPolygon([shapely.box(31.2, 47.2, 31.8, 47.8).reverse()])
    moved = shapely.MultiPolygon([shapely.box(31.2, 47.2, 31.9, 47.8)])
    assert state.held_km2 == pytest.approx(
        geo.area_km2(shapely.intersection(boundaries.geometry, square))
    )
    assert len(state.move_to(moved)) == 6
    state.move_to(turned)
    assert state.held_km2 == pytest.approx(
        geo.area_km2(shapely.intersection(boundaries.geometry, square))
    )


def test_the_archive_is_what_the_benchmark_says():
    areas = list(make_areas(8))
    edges = [
        set(map(tuple, segments_of(np.array([area], dtype=object))[0].tolist())) for area in areas
    ]
    assert all(area.is_valid for area in areas)
    assert all(2800 < len(known) < 3500 for known in edges)
    new = [len(now - before) for before, now in itertools.pairwise(edges)]
    assert all(0 < count < 400 for count in new)
    assert [area.wkb for area in make_areas(3)] == [area.wkb for area in areas[:3]]
    assert FIRST_DAY.isoformat() == "2024-08-01"
