"""Areas and lengths against pyproj, and the law that pieces add up."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import GEOGRAPHIC_CRS, METRIC_CRS, check_geographic, to_geographic, to_metric
from geo.errors import CRSMismatchError
from geo.measure import area_km2, distance_km, length_km

GEOD = pyproj.Geod(ellps="WGS84")


def geod_area_km2(polygon: shapely.Geometry, step_deg: float) -> float:
    """Slow independent oracle: geodesic area of the densified ring."""
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(polygon, step_deg))[0]) / 1e6


def richardson(measure, step_deg: float) -> float:
    """Extrapolate a second-order oracle to a vanishing step."""
    coarse, fine = measure(step_deg), measure(step_deg / 2)
    return fine + (fine - coarse) / 3


lon = st.floats(22.0, 40.0)
lat = st.floats(44.0, 52.0)
size = st.floats(0.01, 3.0)


@st.composite
def quadrilaterals(draw):
    x, y, w, h = draw(lon), draw(lat), draw(size), draw(size)
    shear = draw(st.floats(-0.8, 0.8))
    return shapely.Polygon([(x, y), (x + w, y), (x + w + shear, y + h), (x + shear, y + h)])


@settings(max_examples=40, deadline=None)
@given(quadrilaterals())
def test_area_agrees_with_geodesics_on_densified_edges(polygon):
    oracle = richardson(lambda step: geod_area_km2(polygon, step), 0.002)
    assert area_km2(np.array([polygon]))[0] == pytest.approx(oracle, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(lon, lat, st.floats(-3, 3), st.floats(-3, 3))
def test_length_agrees_with_geodesics_on_densified_edges(x, y, dx, dy):
    line = shapely.LineString([(x, y), (x + dx, y + dy + 0.01)])
    oracle = richardson(lambda s: GEOD.geometry_length(shapely.segmentize(line, s)), 0.01) / 1000
    assert length_km(np.array([line]))[0] == pytest.approx(oracle, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(quadrilaterals(), st.floats(0.05, 0.95))
def test_pieces_of_a_cut_add_up_to_the_whole(polygon, where):
    x0, y0, x1, y1 = polygon.bounds
    cut = x0 + where * (x1 - x0)
    pieces = [
        shapely.intersection(polygon, shapely.box(x0 - 1, y0 - 1, cut, y1 + 1)),
        shapely.intersection(polygon, shapely.box(cut, y0 - 1, x1 + 1, y1 + 1)),
    ]
    whole = area_km2(np.array([polygon]))[0]
    assert area_km2(np.array(pieces, dtype=object)).sum() == pytest.approx(whole, rel=1e-9)


def test_holes_are_subtracted_and_parts_are_added():
    outer, hole, other = shapely.box(30, 48, 31, 49), shapely.box(30.2, 48.2, 30.4, 48.4), None
    other = shapely.box(32, 48, 32.5, 48.5)
    ring = shapely.Polygon(outer.exterior, [hole.exterior])
    areas = area_km2(np.array([outer, hole, other, shapely.MultiPolygon([ring, other])]))
    assert areas[3] == pytest.approx(areas[0] - areas[1] + areas[2], rel=1e-12)


def test_the_whole_ellipsoid():
    sphere = shapely.box(-180, -90, 180, 90)
    assert area_km2(np.array([sphere]))[0] == pytest.approx(510065621.724, rel=1e-9)


def test_geometries_without_area_and_empty_ones_measure_zero():
    things = [shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon()]
    assert area_km2(np.array(things, dtype=object)).tolist() == [0, 0, 0]
    assert length_km(np.array([shapely.LineString(), shapely.Point(0, 0)])).tolist() == [0, 0]


def test_input_may_be_empty():
    assert area_km2(np.array([], dtype=object)).shape == (0,)
    assert length_km(np.array([], dtype=object)).shape == (0,)


def test_distance_from_a_meridian():
    line = shapely.LineString([(33, 46), (33, 50)])
    expected = GEOD.inv(33, 48, 34, 48)[2] / 1000
    assert distance_km(np.array([[34.0, 48.0]]), line)[0] == pytest.approx(expected, rel=5e-3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(15, 50), st.floats(35, 60)), min_size=1, max_size=20))
def test_projection_agrees_with_proj_and_inverts(positions):
    points = shapely.points(positions)
    forward = pyproj.Transformer.from_crs(GEOGRAPHIC_CRS, METRIC_CRS, always_xy=True)
    x, y = forward.transform(*np.array(positions).T)
    ours = shapely.get_coordinates(to_metric(points))
    np.testing.assert_allclose(ours, np.column_stack([x, y]), atol=1e-4)
    back = shapely.get_coordinates(to_geographic(to_metric(points)))
    np.testing.assert_allclose(back, positions, atol=1e-9)


def test_the_centre_of_the_projection_is_its_origin():
    origin = to_metric(shapely.points([(33.0, 48.5)]))
    np.testing.assert_allclose(shapely.get_coordinates(origin), [[0, 0]], atol=1e-6)
    back = shapely.get_coordinates(to_geographic(shapely.points([(0.0, 0.0)])))
    np.testing.assert_allclose(back, [[33.0, 48.5]], atol=1e-12)


@pytest.mark.parametrize("bad", [(500000.0, 5300000.0), (np.nan, 48.0), (48.0, 95.0)])
def test_coordinates_that_are_not_degrees_are_refused(bad):
    with pytest.raises(CRSMismatchError, match="expected longitude and latitude in degrees"):
        check_geographic(np.array([shapely.Point(*bad)]), name="test")
