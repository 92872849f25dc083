"""What somebody drew: read as it is, or every fault with its feature and place."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.errors import FeaturesError

COUNTRY = shapely.box(22, 44, 41, 53)
POSITION = st.tuples(st.floats(22, 41), st.floats(44, 53))


def read(geometry: shapely.Geometry) -> geo.Sketch:
    return geo.read_sketch(json.loads(shapely.to_geojson(geometry)), country=COUNTRY)


@given(st.lists(POSITION, min_size=2, max_size=30, unique=True))
def test_lines_are_read_with_every_digit(path):
    sketch = read(shapely.LineString(path))
    assert not sketch.is_area
    assert shapely.get_coordinates(sketch.geometry).tolist() == [list(at) for at in path]
    assert (sketch.features, sketch.vertices) == (1, len(path))


@given(st.lists(st.tuples(POSITION, st.floats(0.01, 2)), min_size=1, max_size=5))
def test_areas_are_added_up(squares):
    shapes = [shapely.box(x, y, x + size, y + size) for (x, y), size in squares]
    features = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape))} for shape in shapes
    ]
    sketch = geo.read_sketch({"type": "FeatureCollection", "features": features}, country=COUNTRY)
    assert sketch.is_area
    assert sketch.geometry.is_valid
    assert sketch.geometry.area == pytest.approx(shapely.union_all(shapes).area, rel=1e-9)


def test_heights_are_left_out():
    document = {"type": "LineString", "coordinates": [[30, 50, 120.5], [31, 51, 7]]}
    sketch = geo.read_sketch(document, country=COUNTRY)
    assert not sketch.geometry.has_z


def test_a_crs_that_says_the_same_is_accepted():
    for name in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"):
        stated = {"type": "name", "properties": {"name": name}}
        document = {"type": "LineString", "coordinates": [[30, 50], [31, 51]], "crs": stated}
        assert geo.read_sketch(document, country=COUNTRY).vertices == 2


def test_features_are_named_and_counted_and_the_list_ends():
    bad = {"type": "Feature", "id": "x", "geometry": {"type": "Polygone", "coordinates": []}}
    with pytest.raises(
        FeaturesError, match=r"feature 1 of 500 \(x\): expected a geometry"
    ) as caught:
        geo.read_sketch({"type": "FeatureCollection", "features": [bad] * 500}, country=COUNTRY)
    assert len(caught.value.faults) == 20


def test_the_place_of_a_crossing_is_named():
    tie = {"type": "Polygon", "coordinates": [[[30, 50], [32, 52], [32, 50], [30, 52], [30, 50]]]}
    with pytest.raises(
        FeaturesError, match="at lon 31, lat 51: the polygon is not valid"
    ) as caught:
        geo.read_sketch(tie, country=COUNTRY)
    (fault,) = caught.value.faults
    assert (fault.lon_deg, fault.lat_deg) == (31.0, 51.0)


@given(st.lists(POSITION, min_size=2, max_size=10, unique=True))
def test_swapped_axes_are_recognised(path):
    swapped = [(lat, lon) for lon, lat in path]
    if (np.array(swapped)[:, 0] < 44).any():  # could be meant as it is
        return
    with pytest.raises(FeaturesError, match="axes are swapped"):
        read(shapely.LineString(swapped))
