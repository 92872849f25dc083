"""The source band: side by side, and where sources disagree, against shapely's own overlay."""

import datetime
import itertools
import json

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import geo
from drawn import ANCHOR, make_boundaries, make_line, make_plan
from geo.errors import IncomparableError
from geo.lines.split import split_by_contact_line
from geo.model.observations import Places

FOUR = make_boundaries(
    {
        "XX-A": shapely.box(31, 47, 32, 48),
        "XX-B": shapely.box(32, 47, 33, 48),
        "XX-C": shapely.box(31, 48, 32, 49),
        "XX-D": shapely.box(32, 48, 33, 49),
    }
)
NOBODY = Places(
    *(np.array([], dtype=object) for _ in range(3)),
    *(np.array([]) for _ in range(3)),
    np.array([], dtype=object),
    np.array([], dtype="datetime64[D]"),
    *(np.array([], dtype=object) for _ in range(3)),
)


def plan_of(*frozen: str) -> geo.Plan:
    clauses = [{"id": "1", "article": "1", "kind": "relinquish", "oblasts": "all"}]
    freeze = {"kind": "freeze", "oblasts": frozen, "recognised_as": "russia_de_facto"}
    return make_plan([*clauses, {"id": "2", "article": "2", **freeze}])


PLAN = plan_of("XX-B", "XX-D")


def scenario_of(path, plan=PLAN) -> geo.Scenario:
    partition = split_by_contact_line(FOUR, make_line(path), anchor=ANCHOR)
    gazetteer = geo.place_in_faces(partition, NOBODY)
    return geo.Scenario(geo.apply_plan(partition, plan), gazetteer, "drawn")


def check_laws(band: geo.SourceBand) -> None:
    """Disputed faces are valid and disjoint, and account for every difference, pair by pair."""
    disputed = band.disputed
    assert shapely.is_valid(disputed.geometry).all()
    assert geo.area_km2(disputed.geometry) == pytest.approx(disputed.area_km2, rel=1e-12)
    for row, other in itertools.combinations(range(len(disputed)), 2):
        both = shapely.intersection(disputed.geometry[row], disputed.geometry[other])
        assert shapely.area(both) < 1e-11
    partitions = [scenario.partition for scenario in band.scenarios]
    held = [part.held_by == "russia" for part in partitions]
    areas = [
        shapely.union_all(part.geometry[mine]) for part, mine in zip(partitions, held, strict=True)
    ]
    for one, other in itertools.combinations(range(len(partitions)), 2):
        differ = disputed.held_by[:, one] != disputed.held_by[:, other]
        expected = geo.area_km2(np.array([shapely.symmetric_difference(areas[one], areas[other])]))
        assert disputed.area_km2[differ].sum() == pytest.approx(expected[0], rel=1e-6, abs=1e-5)
        sign = np.where(disputed.held_by[:, one] == "russia", 1, -1) * differ
        net = sum((part.on_faces().area_km2[mine]).sum() * turn for part, mine, turn in (
            (partitions[one], held[one], 1), (partitions[other], held[other], -1)))  # fmt: skip
        assert (disputed.area_km2 * sign).sum() == pytest.approx(net, abs=1e-4)


def check_figures(band: geo.SourceBand) -> None:
    by_source = band.table("source").rows
    for name, scenario in zip(band.sources, band.scenarios, strict=True):
        known = {row["category"]: row for row in scenario.table("category").rows}
        for row in by_source:
            assert row["low_km2"] <= row["value_km2"] <= row["high_km2"]
            if row["by"] == "category" and row["source"] == name:
                assert row["value_km2"] == known[row["key"]][row["figure"]]
    assert len(by_source) == len(band.sources) * len(band.table().rows)
    for row in band.table().rows:
        mine = {
            found["source"]: found["value_km2"]
            for found in by_source
            if all(found[name] == row[name] for name in ("by", "key", "figure"))
        }
        assert row["low_km2"] == min(mine.values()) == mine[row["low_source"]]
        assert row["high_km2"] == max(mine.values()) == mine[row["high_source"]]
        assert row["spread_km2"] == row["high_km2"] - row["low_km2"]
    oblasts = band.table("oblast").rows
    total = sum(row["disputed_km2"] for row in oblasts)
    assert total == pytest.approx(band.disputed.area_km2.sum())


WEST, EAST = [(31.4, 46.9), (31.5, 49.1)], [(32.2, 46.9), (32.1, 49.1)]
BENT = [(31.7, 46.9), (31.3, 48.1), (32.6, 48.3), (31.9, 49.1)]


def test_three_sources_side_by_side():
    band = geo.measure_band(
        {"west": scenario_of(WEST), "east": scenario_of(EAST), "bent": scenario_of(BENT)}
    )
    assert band.sources == ("west", "east", "bent")
    assert {tuple(row) for row in band.disputed.held_by} <= set(
        itertools.product(("russia", "ukraine"), repeat=3)
    )
    check_laws(band)
    check_figures(band)
    row = next(row for row in band.table().rows if row["figure"] == "russia_held_km2")
    assert row["high_source"] in band.sources
    frame = band.to_geodataframe()
    assert list(frame.columns) == [
        "oblast", "held_by west", "held_by east", "held_by bent", "area_km2", "geometry"
    ]  # fmt: skip
    for by in geo.BandBy:
        table = band.table(by)
        assert all(column.description for column in table.columns)
        assert all(list(row) == [column.name for column in table.columns] for row in table.rows)


def test_sources_that_agree_leave_nothing_disputed():
    band = geo.measure_band({"one": scenario_of(BENT), "other": scenario_of(BENT)})
    assert len(band.disputed) == 0
    assert all(row["spread_km2"] == 0.0 for row in band.table().rows)
    assert len(band.to_geodataframe()) == 0


turns = st.lists(st.floats(-0.3, 0.3), min_size=2, max_size=8)


@settings(max_examples=25, deadline=None)
@given(st.lists(turns, min_size=2, max_size=4))
def test_laws_on_random_walks(walks):
    scenarios = {}
    for number, steps in enumerate(walks):
        lats = 48.0123 + 0.031 * number + np.cumsum(steps)
        lats = 47.05 + np.abs((lats - 47.05) % 3.8 - 1.9)
        path = list(zip(np.linspace(30.9, 33.1, len(lats)), lats, strict=True))
        try:
            scenarios[f"source {number}"] = scenario_of(path)
        except geo.errors.LineError:  # it runs a hair's breadth beside a border
            assume(False)
    band = geo.measure_band(scenarios)
    check_laws(band)
    check_figures(band)


def test_what_cannot_be_put_side_by_side_is_refused():
    one = scenario_of(WEST)
    with pytest.raises(ValueError, match="at least two sources of different names; got 1"):
        geo.measure_band({"one": one})
    with pytest.raises(ValueError, match="different names; got 2"):
        geo.measure_band([one, scenario_of(EAST)])  # both lines are "the test"
    with pytest.raises(IncomparableError, match="one plan under one reading"):
        geo.measure_band({"one": one, "two": scenario_of(EAST, plan_of("XX-A"))})


@pytest.mark.reference
def test_the_published_area_against_our_line(boundaries, observations, lines, reference_dir):
    day = datetime.date(2025, 11, 21)
    text = (reference_dir / "deepstate" / "deepstatemap_data_20251121.geojson").read_text()
    shapes = [json.dumps(feature["geometry"]) for feature in json.loads(text)["features"]]
    area = shapely.force_2d(shapely.union_all(shapely.make_valid(shapely.from_geojson(shapes))))
    nowhere = geo.Provenance("reference", "DeepState", "2025-11-21", "-", "-")
    other = geo.contact_line_from_area(
        area, boundaries, day=day, source="DeepState", provenance=nowhere
    )
    plan = geo.load_plan("point21-axios")
    band = geo.measure_band(
        {
            "observations": geo.build_scenario(boundaries, lines.on(day), plan, observations),
            "deepstate": geo.build_scenario(boundaries, other, plan, observations),
        }
    )
    check_laws(band)
    check_figures(band)
    assert band.disputed.area_km2.sum() == pytest.approx(1_611, rel=0.05)  # docs/contact-line.md
    zone = next(row for row in band.table().rows if row["key"] == "buffer_zone")
    assert 6_100 < zone["low_km2"] <= zone["high_km2"] < 6_400
