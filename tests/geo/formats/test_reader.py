"""One reader for every format and every door: the same file gives the same area, or says why not.

The files are written here, by hand or by GDAL and Arrow. Doors are what asks for a file: a source
of lines, what-if (the command line and HTTP share one function), and boundaries.
"""

import gzip
import json
import zipfile

import geopandas
import numpy as np
import pytest
import shapely

import geo
from drawn import DAY, make_boundaries
from geo.errors import DataFormatError, FeaturesError, InvalidGeometryError, UndecidedError
from geo.formats.features import Features, find_property
from geo.formats.file_choice import split_choice
from geo.formats.incremental_geojson import SeenRings
from geo.io.boundaries import read_boundaries
from geo.io.drawn import read_sketch, sketch_of

AREA = shapely.box(32.5, 46, 34, 50)
RING = [list(at) for at in AREA.exterior.coords]
COUNTRY = {"UA-14": shapely.box(31, 47, 32, 49), "UA-23": shapely.box(32, 47, 33, 49)}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features), **members}


def named(crs):
    return {"type": "name", "properties": {"name": crs}}


def kml(body, *, declared="", ns=' xmlns="http://www.opengis.net/kml/2.2"'):
    return f"{declared}<kml{ns}><Document>{body}</Document></kml>"


def ring_kml(ring=RING):
    text = " ".join(f"{lon},{lat},0" for lon, lat in ring)
    return f"<LinearRing><coordinates>{text}</coordinates></LinearRing>"


def place(body, name="held"):
    return f"<Placemark><name>{name}</name>{body}</Placemark>"


def polygon_kml(ring=RING, holes=""):
    return f"<Polygon><outerBoundaryIs>{ring_kml(ring)}</outerBoundaryIs>{holes}</Polygon>"


HELD_KML = place(polygon_kml())


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def metres(crs):
    moved = geopandas.GeoSeries([shapely.segmentize(AREA, 0.5)], crs=4326).to_crs(crs)[0]
    return json.loads(shapely.to_geojson(moved))


# --- one area, written in every way that people have it ----------------------------------------

HELD = feature(polygon(RING), name="held")
POINT = feature({"type": "Point", "coordinates": [33, 48]}, name="headquarters")
EMPTY_HOLE = "<innerBoundaryIs><LinearRing><coordinates/></LinearRing></innerBoundaryIs>"
OPEN = RING[:-1]
DEEP = [[*at, 120.5, 1.7e9] for at in RING]
SAME: dict[str, object] = {
    "plain.geojson": collection(HELD),
    "a feature.json": HELD,
    "a geometry.geojson": polygon(RING),
    "geometries as features.geojson": collection(polygon(RING)),
    "empty hole.geojson": collection(feature(polygon(RING, []))),
    "empty ring of several.geojson": collection(
        feature({"type": "MultiPolygon", "coordinates": [[RING, []], [], [[]]]})
    ),
    "empty part.geojson": collection(
        feature({"type": "GeometryCollection", "geometries": [polygon(RING), polygon()]})
    ),
    "null.geojson": collection(feature(None), HELD),
    "empty.geojson": collection(feature({"type": "MultiPolygon", "coordinates": []}), HELD),
    "points beside.geojson": collection(POINT, HELD),
    "points inside.geojson": collection(
        feature({"type": "GeometryCollection", "geometries": [POINT["geometry"], polygon(RING)]})
    ),
    "four numbers.geojson": collection(feature(polygon(DEEP))),
    "not closed.geojson": collection(feature(polygon(OPEN))),
    "crs null.geojson": collection(HELD, crs=None),
    "crs address.geojson": collection(
        HELD, crs=named("http://www.opengis.net/def/crs/EPSG/0/4326")
    ),
    "crs 2008.geojson": collection(HELD, crs={"type": "EPSG", "properties": {"code": 4326}}),
    "mercator.geojson": collection(
        feature(metres(3857)), crs=named("urn:ogc:def:crs:EPSG::3857")
    ),
    "pulkovo.geojson": collection(feature(metres(28407)), crs=named("EPSG:28407")),
    "ukraine 2000.geojson": collection(feature(metres(5564)), crs=named("EPSG:5564")),
    "mark.geojson": b"\xef\xbb\xbf" + json.dumps(collection(HELD)).encode(),
    "utf-16.geojson": json.dumps(collection(HELD)).encode("utf-16"),
    "utf-16 without mark.geojson": json.dumps(collection(HELD)).encode("utf-16-le"),
    "one a line.geojsonl": json.dumps(HELD).encode() + b"\n" + json.dumps(POINT).encode() + b"\n",
    "one a line.geojson": json.dumps(POINT).encode() + b"\r\n\r\n" + json.dumps(HELD).encode(),
    "records.geojson": b"\x1e" + json.dumps(HELD, indent=1).encode() + b"\n\x1e"
    + json.dumps(POINT).encode(),
    "packed.geojson.gz": gzip.compress(json.dumps(collection(HELD)).encode()),
    "packed.kml.gz": gzip.compress(kml(HELD_KML).encode()),
    "esri.json": {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 4326},
        "features": [{"attributes": {"name": "held"}, "geometry": {"rings": [RING[::-1]]}}],
    },
    "esri short.json": {
        "features": [{"attributes": {}, "geometry": {
            "rings": [RING[::-1]], "spatialReference": {"wkid": 4326}}}],
    },
    "topology.json": {
        "type": "Topology",
        "objects": {"held": {"type": "Polygon", "arcs": [[0]]}},
        "arcs": [RING],
    },
    "plain.kml": kml(HELD_KML),
    "without namespace.kml": kml(HELD_KML, ns=""),
    "empty hole.kml": kml(place(polygon_kml(holes=EMPTY_HOLE))),
    "not closed.kml": kml(place(polygon_kml(OPEN))),
    "label.kml": kml(place(
        "<MultiGeometry><Point><coordinates>33,48</coordinates></Point>"
        f"{polygon_kml()}</MultiGeometry>")),
    "balloon.kml": kml(place(
        "<description><![CDATA[<!DOCTYPE html><!ENTITY x 'y'>]]></description>" + polygon_kml())),
    "comment.kml": kml(HELD_KML, declared=f"<?xml version='1.0'?><!--{'x' * 9000}-->"),
    "1251.kml": kml(place(polygon_kml(), "окуповано"),
                    declared='<?xml version="1.0" encoding="windows-1251"?>').encode("cp1251"),
    "utf-16.kml": kml(
        HELD_KML, declared='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"),
    "folders.kml": kml(
        f"<Folder><name>all</name><Folder><name>deep</name>{HELD_KML}</Folder></Folder>"),
    "labels folder.kml": kml(
        f"<Folder><name>held</name>{HELD_KML}</Folder><Folder><name>labels</name>"
        f"{place('<Point><coordinates>33,48</coordinates></Point>')}</Folder>"),
}  # fmt: skip
ARCHIVES = {
    "linked.kmz": {
        "doc.kml": kml("<NetworkLink><Link><href>in%20side/a.kml</href></Link></NetworkLink>"),
        "in side/a.kml": kml(HELD_KML),
    },
    "two.kmz": {"files/legend.kml": kml(""), "main.kml": kml(HELD_KML)},
    "metadata.zip": {
        "a.geojson": json.dumps(HELD), "metadata.json": '{"title": "x"}', "readme.txt": "x",
    },
    "json.zip": {"a.json": json.dumps(HELD), "b.json": "[1]", "c.json": "{"},
    "lines.zip": {"a.json": json.dumps(HELD) + "\n" + json.dumps(POINT)},
    "windows.zip": {"folder\\a.geojson": json.dumps(HELD)},
}  # fmt: skip
BINARY = {
    "a.gpkg": {"driver": "GPKG"},
    "a.fgb": {"driver": "FlatGeobuf"},
    "a.gdb": {"driver": "OpenFileGDB"},
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every file of the tables above, by name."""
    folder = tmp_path_factory.mktemp("same")
    for name, content in SAME.items():
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    for name, members in ARCHIVES.items():
        zipped(folder / name, members)
    frame = geopandas.GeoDataFrame({"name": ["held"]}, geometry=[AREA], crs="EPSG:4326")
    for name, options in BINARY.items():
        frame.to_file(folder / name, **options)
    tables = [(path.name, path.read_bytes()) for path in sorted((folder / "a.gdb").iterdir())]
    zipped(folder / "packed.gdb.zip", {f"x/a.gdb/{name}": content for name, content in tables})
    frame.to_parquet(folder / "native.parquet", geometry_encoding="geoarrow")
    several = frame.set_geometry([shapely.MultiPolygon([AREA])], crs="EPSG:4326")
    several.to_parquet(folder / "native several.parquet", geometry_encoding="geoarrow")
    zipped(folder / "packed gpkg.zip", {"x/a.gpkg": (folder / "a.gpkg").read_bytes()})
    return folder


NAMES = [*SAME, *ARCHIVES, *BINARY, "packed.gdb.zip", "native.parquet", "native several.parquet",
         "packed gpkg.zip"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_the_same_at_every_door(written, name):
    path = written / name
    source = geo.open_source(path, make_boundaries(COUNTRY))
    drawn = sketch_of(geo.read_control_file(path), country=shapely.box(22, 44, 41, 53))
    features = geo.read_features(path)
    for area in (source.area_on(DAY), drawn.geometry, shapely.union_all(features.parts(2))):
        assert shapely.symmetric_difference(area, AREA).area < 2e-5
        assert shapely.hausdorff_distance(area, AREA) < 1e-5
        shapely.segmentize(area, 0.5)  # ends the process where a ring is empty
    rings = shapely.get_rings(shapely.get_parts(features.parts(2)))
    assert shapely.get_num_coordinates(rings).min() >= 4


@pytest.mark.parametrize(
    "name", [name for name in SAME if isinstance(SAME[name], dict) and "topology" not in name]
)
def test_a_document_says_what_its_file_says(written, name):
    drawn = read_sketch(SAME[name], country=shapely.box(22, 44, 41, 53))
    of_file = geo.read_control(written / name)
    assert drawn.geometry.equals(of_file)


def test_boundaries_are_read_by_the_same_rules(tmp_path):
    known = make_boundaries(COUNTRY)
    units = [
        feature({"type": "GeometryCollection", "geometries": [
            {"type": "Point", "coordinates": [31.5, 48]},
            polygon([[*at, 7.0] for at in COUNTRY["UA-14"].exterior.coords][:-1], []),
        ]}, ISO="UA-14"),
        feature({"type": "MultiPolygon", "coordinates": [
            [[list(at) for at in COUNTRY["UA-23"].exterior.coords], []], []]}, ISO="UA-23"),
        feature(None, ISO="UA-99"), POINT,
    ]  # fmt: skip
    path = tmp_path / "units.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(collection(*units, crs=None)).encode())
    found = read_boundaries(path, known)
    assert shapely.equals(found.geometry, known.geometry).all()


# --- what is refused: each fault with its feature and place ------------------------------------

CROSSED = [[31, 47], [32, 48], [32, 47], [31, 48], [31, 47]]
FAULTS = {
    "texts": (
        polygon([[str(x), str(y)] for x, y in RING]),
        "Write numbers without quotation",
        None,
    ),
    "null": (polygon([[None, 1], *RING]), r"two numbers; got \[null, 1\]", None),
    "one position": (polygon([[31, 47], [31, 47]]), "three different positions", (31, 47)),
    "crossed": (polygon(CROSSED), "self-intersection. Repair it", (31.5, 47.5)),
    "no outer ring": (polygon([], RING), "Remove the empty ring", (34, 46)),
    "unknown": ({"type": "Circle", "coordinates": [1, 2]}, "geometry of type", None),
    "a number": (7, "expected a GeoJSON geometry, got 7", None),
    "metres": (polygon([[4e6, 6e6], [4e6, 7e6], [5e6, 7e6], [4e6, 6e6]]), "metres", (4e6, 6e6)),
    "latitude": (polygon([[31, 47], [31, 91], [32, 91], [31, 47]]), "Longitude comes", (31, 91)),
    "short line": ({"type": "LineString", "coordinates": [[31, 47]]}, "at least two", (31, 47)),
    "far east": (polygon([[190, 60], [191, 60], [191, 61], [190, 60]]), "beyond 180", (190, 60)),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_has_its_feature_and_its_place(kind):
    geometry, words, at = FAULTS[kind]
    document = collection(HELD, feature(geometry, name="odd"))
    with pytest.raises(FeaturesError, match=words) as caught:
        geo.read_sketch(document, country=AREA)
    (fault,) = caught.value.faults
    assert fault.feature == "feature 2 of 2 (odd)"
    assert (fault.lon_deg, fault.lat_deg) == (at or (None, None))


def test_all_faults_of_a_file_are_listed():
    document = collection(
        *(feature(geometry, name=kind) for kind, (geometry, *_) in FAULTS.items())
    )
    with pytest.raises(FeaturesError) as caught:
        geo.read_features(document)
    assert {fault.feature.split("(")[1][:-1] for fault in caught.value.faults} == set(FAULTS)


def test_what_lies_beyond_180_degrees_is_cut_off():
    east = polygon([[32.5, 46], [180.000002, 46], [190, 66], [32.5, 50], [32.5, 46]])
    (found,) = geo.read_features(east).geometry
    assert found.is_valid
    assert found.bounds[0] == 32.5 and found.bounds[2] == 180.0
    line = {"type": "LineString", "coordinates": [[33, 46], [33, 50], [200, 50]]}
    assert geo.read_features(line).geometry[0].length == pytest.approx(4 + 147)


# --- remedies that work when they are followed -------------------------------------------------


def test_a_choice_that_is_offered_works_at_every_door(tmp_path):
    south, east = shapely.box(32.5, 46, 34, 48), shapely.box(32.5, 48, 34, 50)
    folders = "".join(
        f"<Folder><name>{name}</name>{place(polygon_kml(list(box.exterior.coords)))}</Folder>"
        for name, box in [("South &amp; East", south), ("50% held#2", east)]
    )
    path = tmp_path / "front.kml"
    path.write_text(kml(folders))
    boundaries = make_boundaries(COUNTRY)
    for ask in (geo.read_control, lambda file: geo.open_source(file, boundaries)):
        with pytest.raises(UndecidedError, match="2 layers") as caught:
            ask(path)
    areas = []
    for choice in caught.value.choices:
        file, part = split_choice(f"{path}#{choice}")
        areas.append(geo.read_control(file, layer=part.layer))
        source = geo.open_source(file, boundaries, layer=part.layer)
        assert source.area_on(DAY).equals(areas[-1])
    assert [area.equals(box) for area, box in zip(areas, [south, east, AREA], strict=True)] == [
        True
    ] * 3


def test_files_of_an_archive_are_chosen_like_layers(tmp_path):
    small = json.dumps(polygon([[31, 47], [32, 47], [32, 48], [31, 47]]))
    whole = json.dumps(polygon(RING))
    for members, choices in [
        ({"a.geojson": small, "b.geojson": whole}, ("a", "b", "*")),
        ({"x/a.geojson": small, "y/a.geojson": whole}, ("x/a", "y/a", "*")),
        ({"a.geojson": small, "a.kml": kml(HELD_KML)}, ("a.geojson", "a.kml", "*")),
    ]:
        path = zipped(tmp_path / "several.zip", members)
        with pytest.raises(UndecidedError) as caught:
            geo.read_control(path)
        assert caught.value.choices == tuple(f"layer={name}" for name in choices)
        assert geo.read_control(path, layer=choices[1]).equals(AREA)
        assert geo.read_control(path, layer=list(members)[1]).equals(AREA)


def test_boundaries_of_a_layer(tmp_path):
    known = make_boundaries(COUNTRY)
    path = tmp_path / "cod.gpkg"
    columns = {"code": list(COUNTRY)}
    frame = geopandas.GeoDataFrame(columns, geometry=list(COUNTRY.values()), crs="EPSG:4326")
    frame.to_file(path, layer="adm1")
    frame.dissolve().to_file(path, layer="adm0")
    with pytest.raises(UndecidedError, match="layer=adm1") as caught:
        read_boundaries(path, known)
    assert caught.value.choices == ("layer=adm1", "layer=adm0", "layer=*")
    assert shapely.equals(read_boundaries(path, known, layer="adm1").geometry, known.geometry).all()


def test_what_an_archive_says_of_its_origin_is_read(tmp_path):
    stated = {"source": "own", "date": "2025", "licence": "CC0", "attribution": "me"}
    members = {"a.geojson": json.dumps(HELD), "provenance.json": json.dumps(stated)}
    found = geo.read_control_file(zipped(tmp_path / "a.zip", members))
    assert (found.provenance.source, found.provenance.licence) == ("own", "CC0")


REFUSED = {
    "error.json": (b'{"error": {"code": 499, "message": "Token Required"}}', "Token Required"),
    "page.kml": (b"<!-- x --><html><body/></html>", "got a web page"),
    "front.gpx": (b'<gpx version="1.1"/>', "ogr2ogr -f GPKG new.gpkg front.gpx"),
    "front.dbf": (b"\x03\x7b\x01\x01", "Name front.shp"),
    "front.tar": (b"x" * 257 + b"ustar" + b"x" * 200, "unpack the archive"),
    "links.kml": (
        kml("<NetworkLink><Link><href>https://a.example/b.kml</href></Link></NetworkLink>").encode(),
        "nothing but links to other files: https://a.example/b.kml",
    ),
    "cp1251.geojson": ('{"name": "окуп"}'.encode("cp1251"), "Save the file as UTF-8"),
    "nothing.kml": (b"", "it is empty"),
    "broken.kml": (b"<kml><Document></kml>", "line 1 is not well-formed XML"),
    "odd.kml": (b"<?xml version='1.0' encoding='klingon'?><kml/>", "Save the file as UTF-8"),
    "list.geojson": (b"[1, 2]", "Wrap features as"),
    "deep.kml": (b"<kml>" + b"<Folder>" * 5000 + b"</Folder>" * 5000 + b"</kml>", "too deeply"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_remedy(tmp_path, name):
    content, words = REFUSED[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataFormatError) as caught:
        geo.read_control(path)
    assert words in str(caught.value)
    assert name in str(caught.value)
    assert not any(inner in str(caught.value) for inner in ("vsimem", "<DRIVER>", str(tmp_path)))


def test_devices_are_not_read():
    with pytest.raises(DataFormatError, match=r"/dev/zero: .*device or a pipe.*Save what it gives"):
        geo.read_features("/dev/zero")


# --- types made in Python ----------------------------------------------------------------------


def test_lines_and_boundaries_made_in_python_lose_their_empty_parts():
    told = geo.Provenance("t", "s", "2025", "l", "a")
    broken = shapely.from_wkt("MULTILINESTRING ((32 46, 32 50), EMPTY)")
    line = geo.ContactLine(DAY, broken, "s", "m", told)
    assert len(line.geometry.geoms) == 1
    boundaries = make_boundaries({"XX-A": shapely.from_wkt("POLYGON ((0 0,1 0,1 1,0 0), EMPTY)")})
    assert len(boundaries.geometry[0].interiors) == 0
    with pytest.raises(InvalidGeometryError, match="XX-A: expected a polygon"):
        make_boundaries({"XX-A": shapely.Polygon()})


def test_properties_are_found_whatever_their_letter_case():
    assert find_property({"Date": 1, "date": 2}, "date") == 2
    assert find_property({"DATE": 1}, "date") == 1
    assert find_property({}, "date") is None
    geometry = np.array([AREA, None], dtype=object)
    found = Features("f", "l", geometry, ({"NAME": "x"}, {"Name": "y"}))
    assert found.values("name") == ["x", "y"]
    assert found.label(1) == "feature 2 of 2 (y)"
    assert found.select([0]).properties == ({"NAME": "x"},)


def test_properties_that_are_lists_or_missing_are_plain(tmp_path):
    path = tmp_path / "topology.json"
    held = {"type": "Polygon", "arcs": [[0]], "properties": {"days": ["a", "b"], "n": None}}
    document = {"type": "Topology", "objects": {"held": held}, "arcs": [RING]}
    path.write_text(json.dumps(document))
    (found,) = geo.read_features(path).properties
    assert found["days"] == ["a", "b"]
    assert found.get("n") is None


@pytest.mark.parametrize(
    "document",
    [
        collection(feature(polygon(RING)), exceededTransferLimit=True),
        collection(feature(polygon(RING)), properties={"exceededTransferLimit": True}),
        {
            "exceededTransferLimit": True,
            "geometryType": "esriGeometryPolygon",
            "spatialReference": {"wkid": 4326},
            "features": [{"attributes": {}, "geometry": {"rings": [RING]}}],
        },
    ],
)
def test_a_part_of_a_servers_layer_is_not_taken_for_the_whole(tmp_path, document):
    path = tmp_path / "part.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DataFormatError, match=r"sent only the first 1 \(exceededTransferLimit\)"):
        geo.read_control_file(path)
    path.write_text(json.dumps(document).replace("true", "false"))
    assert shapely.equals(geo.read_control_file(path).merged(), shapely.MultiPolygon([AREA]))


def test_nor_where_a_file_says_nearly_the_same_as_the_one_before(tmp_path):
    multipolygon = {"type": "MultiPolygon", "coordinates": [[RING]]}
    whole, part = tmp_path / "whole.json", tmp_path / "part.json"
    whole.write_text(json.dumps(collection(feature(multipolygon))))
    part.write_text(json.dumps(collection(feature(multipolygon)) | {"exceededTransferLimit": True}))
    seen = SeenRings()
    assert seen.read(part.read_bytes()) is not None, "it is read the quick way"
    geo.read_control_file(whole, seen=seen)
    with pytest.raises(DataFormatError, match="exceededTransferLimit"):
        geo.read_control_file(part, seen=seen)
