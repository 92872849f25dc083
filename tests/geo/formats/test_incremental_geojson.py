"""GeoJSON of which most was read before: the same as a JSON parser and shapely read, or nothing."""

import json

import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.archive import make_areas
from geo.formats.incremental_geojson import SeenRings, polygons_from_arrays
from geo.io.control import read_control_file

FRAME = {"type": "FeatureCollection", "name": "day", "features": []}


def document_of(area: shapely.MultiPolygon) -> dict:
    geometry = shapely.geometry.mapping(area)
    feature = {"type": "Feature", "properties": {"Name": "made"}, "geometry": geometry}
    return FRAME | {"features": [feature]}


def gdal(value: object) -> bytes:
    """Brackets as GDAL writes them."""
    text = json.dumps(value, separators=(", ", ": "))
    return text.replace("[", "[ ").replace("]", " ]").replace("[  ]", "[ ]").encode()


STYLES = {"terse": orjson.dumps, "python": lambda value: json.dumps(value).encode(), "gdal": gdal}


def plain(content: bytes) -> shapely.MultiPolygon:
    """What shapely makes of it."""
    return shapely.from_geojson(orjson.dumps(orjson.loads(content)["features"][0]["geometry"]))


@pytest.mark.parametrize("style", STYLES)
def test_days_are_what_shapely_reads_of_them(style):
    seen = SeenRings()
    for area in make_areas(4):
        content = STYLES[style](document_of(area))
        document, polygons = seen.read(content)
        assert polygons.wkb == plain(content).wkb
        expected = orjson.loads(content)
        expected["features"][0]["geometry"]["coordinates"] = []
        assert document == expected


numbers = st.one_of(
    st.floats(-180, 180, allow_nan=False),
    st.integers(-180, 180),
    st.integers(-1800, 1800).map(lambda tenths: tenths / 10),  # ends in every digit
)
rings = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=8).map(
    lambda open_ring: [*open_ring, open_ring[0]]
)
multipolygons = st.lists(st.lists(rings, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.lists(multipolygons, min_size=2, max_size=3), st.sampled_from(sorted(STYLES)))
def test_any_polygons_are_read_alike_whatever_was_read_before(sequence, style):
    seen = SeenRings()
    for coordinates in [*sequence, *sequence]:
        geometry = {"type": "MultiPolygon", "coordinates": coordinates}
        content = STYLES[style](FRAME | {"features": [{"type": "Feature", "geometry": geometry}]})
        found = seen.read(content)
        assert found is None or found[1].wkb == plain(content).wkb
        arrays = orjson.loads(content)["features"][0]["geometry"]["coordinates"]
        assert polygons_from_arrays(arrays).wkb == plain(content).wkb


RING = "[[0.5,0],[1,0.7],[1,1],[0.5,0]]"


@pytest.mark.parametrize(
    "text",
    [
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1]]]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[%s],[%s]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[%s]],%s]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[%s%s]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[true,0],[1,1],[0,0]]]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0,1],[1,0],[1,1],[0,0]]]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],["1",0],[1,1],[0,0]]]]}}]}',
        '{"features":[{"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]',
        '{"features":[{"geometry":{"type":"MultiLineString","coordinates":[[%s,%s]]}}]}',
        '{"features":[{"properties":{"coordinates":[[%s,%s]]},"geometry":{"type":"MultiPolygon","coordinates":[]}}]}',
        '{"features":[{"properties":"\\"coordinates\\":[[%s,%s]]"}]}',
        '{"features":[{"geometry":null},{"geometry":{"type":"MultiPolygon","coordinates":[[%s,%s]]}}]}',
        '{"type":"MultiPolygon","coordinates":[[%s,%s]]}',
        '[[[[0,0],[1,0],[1,1],[0,0]]]]',
        "",
    ],
)  # fmt: skip
def test_what_is_not_one_multipolygon_is_left_to_the_general_reader(text):
    content = text.replace("%s", RING).encode()
    assert SeenRings().read(content) is None


def test_a_change_of_any_byte_is_seen():
    """Whatever one byte of a text is turned into, the reader says what a JSON parser says."""
    (area,) = make_areas(1)
    small = shapely.MultiPolygon([part.simplify(0.5) for part in area.geoms])
    content = orjson.dumps(document_of(small))
    seen = SeenRings()
    for at in range(len(content)):
        for byte in b'0[],"7 ':
            changed = content[:at] + bytes([byte]) + content[at + 1 :]
            found = seen.read(changed)
            if found is not None:
                assert found[1].wkb == plain(changed).wkb


def test_a_file_is_the_same_whether_others_were_read_before(tmp_path):
    seen = SeenRings()
    for number, area in enumerate(make_areas(3)):
        path = tmp_path / f"2024080{number + 1}.geojson"
        path.write_bytes(orjson.dumps(document_of(area)))
        one, other = read_control_file(path), read_control_file(path, seen=seen)
        assert one.merged().wkb == other.merged().wkb
        assert (one.days, one.kind, one.provenance) == (other.days, other.kind, other.provenance)
