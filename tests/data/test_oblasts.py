"""The 27 units: a coverage without gaps, and facts that belong to them."""

import csv
import json

import numpy as np
import pytest
import shapely

WITHIN_2_PERCENT_BUT = {"UA-30": 0.958, "UA-40": -0.132, "UA-65": -0.081, "UA-48": -0.043,
                        "UA-32": -0.040}  # fmt: skip


def test_the_coverage_is_valid_and_has_no_hole(boundaries):
    assert shapely.coverage_is_valid(boundaries.geometry)
    parts = shapely.get_parts(shapely.coverage_union_all(boundaries.geometry))
    assert shapely.get_num_interior_rings(parts).sum() == 0
    total = shapely.area(boundaries.geometry).sum()
    assert shapely.area(parts).sum() == pytest.approx(total, rel=1e-12)


def test_coordinates_have_seven_decimals(boundaries):
    xy = shapely.get_coordinates(boundaries.geometry)
    assert np.abs(xy - np.round(xy, 7)).max() == 0.0


def test_facts_are_those_of_the_table(data, boundaries):
    with (data / "sources" / "oblast_facts.csv").open(encoding="utf-8", newline="") as file:
        facts = {row["iso_3166_2"]: row for row in csv.DictReader(file)}
    features = json.loads((data / "oblasts.geojson").read_text("utf-8"))["features"]
    assert [feature["id"] for feature in features] == sorted(facts)
    for feature in features:
        fact, own = facts[feature["id"]], feature["properties"]
        assert own["katottg"] == fact["katottg"]
        assert own["name_uk"] == fact["name_uk"]
        assert str(own["area_km2_official"]) == fact["area_km2_official"]
        assert str(own["population_2022"] or "") == fact["population_2022_01_01"]
    kinds = {feature["id"]: feature["properties"]["kind"] for feature in features}
    special = {key: kind for key, kind in kinds.items() if kind != "oblast"}
    assert special == {"UA-30": "city", "UA-40": "city", "UA-43": "autonomous republic"}


def test_measured_areas_are_near_the_official_ones(boundaries):
    deviation = boundaries.area_km2 / boundaries.area_official_km2 - 1.0
    for unit, value in zip(boundaries.ids, deviation, strict=True):
        expected = WITHIN_2_PERCENT_BUT.get(unit)
        if expected is None:
            assert abs(value) < 0.02, unit
        else:
            assert value == pytest.approx(expected, abs=0.003), unit


def test_geometry_and_code_belong_together(boundaries, observations):
    """The table's oblast is GeoNames' or the assessments'; nearly all places lie in its polygon."""
    rows = observations.rows
    points = rows.points
    for unit, geometry in zip(boundaries.ids, boundaries.geometry, strict=True):
        own = points[rows.oblast_id == unit]
        if len(own) > 1:
            # Natural Earth draws Kyiv city twice its size, over suburbs of the oblast around it,
            # and Sevastopol too small.
            share = 0.75 if unit in {"UA-32", "UA-40"} else 0.9
            assert shapely.intersects(geometry, own).mean() > share, unit
    kyiv = boundaries.geometry[boundaries.index("UA-30")]
    assert kyiv.contains(shapely.Point(30.5234, 50.4501))
