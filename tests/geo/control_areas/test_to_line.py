"""An area of control becomes a line; slivers along border and coast are no front."""

import numpy as np
import pytest
import shapely

import geo
from drawn import ANCHOR, DAY, NOWHERE, make_boundaries
from geo.errors import CRSMismatchError, InvalidGeometryError

COUNTRY = {"XX-A": shapely.box(31, 47, 32, 49), "XX-B": shapely.box(32, 47, 33, 49)}


def line_of(area, boundaries, **options):
    return geo.contact_line_from_area(
        area, boundaries, day=DAY, source="drawn", provenance=NOWHERE, **options
    )


def russian(boundaries, line):
    partition = geo.split_by_contact_line(boundaries, line, anchor=ANCHOR)
    return shapely.union_all(partition.geometry[partition.held_by == "russia"])


def test_an_area_reaching_beyond_the_border():
    boundaries = make_boundaries(COUNTRY)
    line = line_of(shapely.box(32.5, 46, 34, 50), boundaries)
    assert len(line.geometry.geoms) == 1
    held = russian(boundaries, line)
    assert held.bounds == pytest.approx((32.5, 47, 33, 49), abs=1e-5)


def test_a_sliver_along_the_border_counts_with_the_area():
    boundaries = make_boundaries(COUNTRY)
    # the other data set draws the eastern border 0.02° (1.5 km) further west
    line = line_of(shapely.box(32.5, 47.01, 32.98, 48.99), boundaries)
    held = russian(boundaries, line)
    assert held.bounds[1:] == pytest.approx((47, 33, 49), abs=1e-6)
    assert held.area == pytest.approx(0.5 * 2, rel=1e-3)  # rounded only where it meets the border
    assert len(line.geometry.geoms) == 1


def test_a_wide_strip_stays_with_its_side():
    boundaries = make_boundaries(COUNTRY)
    line = line_of(shapely.box(32.5, 46, 32.8, 50), boundaries)  # 15 km from the border
    assert russian(boundaries, line).area == pytest.approx(0.3 * 2, rel=1e-5)


def test_the_width_of_a_sliver_is_the_callers_choice():
    boundaries = make_boundaries(COUNTRY)
    area = shapely.box(32.5, 46, 32.98, 50)
    narrow = russian(boundaries, line_of(area, boundaries, sliver_width_km=0.5, sliver_area_km2=0))
    assert narrow.area == pytest.approx(0.48 * 2, rel=1e-5)


def test_pockets_survive():
    boundaries = make_boundaries(COUNTRY)
    pocket = shapely.Point(31.6, 48).buffer(0.05)
    both = shapely.union_all([shapely.box(32.5, 46, 34, 50), pocket])
    held = russian(boundaries, line_of(both, boundaries))
    assert held.area == pytest.approx(0.5 * 2 + pocket.area, rel=1e-5)


def test_an_area_with_the_same_border_gives_the_same_line():
    boundaries = make_boundaries(COUNTRY)
    line = line_of(shapely.box(32, 47, 33, 49), boundaries)
    assert russian(boundaries, line).area == pytest.approx(2.0, rel=1e-5)
    assert line.length_km == pytest.approx(
        geo.length_km(np.array([shapely.LineString([(32, 47), (32, 49)])]))[0], rel=1e-4
    )


@pytest.mark.parametrize(
    ("area", "error", "message"),
    [
        (shapely.Polygon(), InvalidGeometryError, "expected a polygon"),
        (shapely.Point(0, 0), InvalidGeometryError, "expected a polygon"),
        (
            shapely.Polygon([(31, 47), (32, 48), (32, 47), (31, 48)]),
            InvalidGeometryError,
            "Self-intersection.*make_valid",
        ),
        (shapely.box(4e5, 5e6, 5e5, 6e6), CRSMismatchError, "Reproject"),
    ],
)
def test_what_is_no_area_is_refused(area, error, message):
    with pytest.raises(error, match=message):
        line_of(area, make_boundaries(COUNTRY))


@pytest.mark.parametrize("unit", ["UA-09", "UA-14", "UA-43", "UA-51", "UA-63", "UA-65", "UA-77"])
def test_an_oblast_as_the_area(boundaries, unit):
    row = boundaries.index(unit)
    line = line_of(boundaries.geometry[row], boundaries)
    partition = geo.split_by_contact_line(boundaries, line)
    mine = (partition.held_by == "russia") & (partition.oblast_id == unit)
    assert partition.area_km2[mine].sum() == pytest.approx(boundaries.area_km2[row], rel=1e-5)
    rest = (partition.held_by == "russia") & (partition.oblast_id != unit)
    assert partition.area_km2[rest].sum() < 40  # wedges narrower than a sliver, at three corners


def test_the_wrong_side_is_refused():
    around_kyiv = shapely.box(30, 50, 31, 51)
    with pytest.raises(InvalidGeometryError, match="Kyiv lies in it"):
        line_of(around_kyiv, geo.load_boundaries())


SHARES_2025_11_21 = {
    "UA-14": 76.5, "UA-09": 99.6, "UA-23": 74.7, "UA-65": 72.9, "UA-63": 4.3, "UA-59": 0.7,
    "UA-12": 0.5, "UA-43": 100.0, "UA-40": 100.0,
}  # fmt: skip


def deepstate(reference_dir, day: str) -> shapely.Geometry:
    path = reference_dir / "deepstate" / f"deepstatemap_data_{day}.geojson"
    return shapely.from_geojson(path.read_text("utf-8")).geoms[0]


@pytest.mark.reference
def test_shares_from_deepstates_polygon(reference_dir, boundaries):
    area = deepstate(reference_dir, "20251121")
    partition = geo.split_by_contact_line(boundaries, line_of(area, boundaries))
    for oblast, expected in SHARES_2025_11_21.items():
        mine = (partition.oblast_id == oblast) & (partition.held_by == "russia")
        share = partition.area_km2[mine].sum() / boundaries.area_km2[boundaries.index(oblast)]
        assert 100 * share == pytest.approx(expected, abs=0.15), oblast


@pytest.mark.reference
@pytest.mark.parametrize("day", ["20240708", "20251121", "20260822"])
def test_deepstates_polygon_survives_the_way_through_a_line(reference_dir, boundaries, day):
    area = deepstate(reference_dir, day)
    partition = geo.split_by_contact_line(boundaries, line_of(area, boundaries))
    held = shapely.union_all(partition.geometry[partition.held_by == "russia"])
    inside = shapely.intersection(area, shapely.coverage_union_all(boundaries.geometry))
    lost = geo.area_km2(np.array([shapely.difference(inside, held)]))[0]
    assert lost < 0.1
    gained = shapely.difference(held, area)
    outline = shapely.boundary(shapely.coverage_union_all(boundaries.geometry))
    far = shapely.difference(gained, shapely.buffer(outline, 0.08))
    assert geo.area_km2(np.array([far]))[0] < 1.0  # what was gained lies along border and coast
