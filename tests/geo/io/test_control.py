"""A line or an area of control from any file: read as it states itself, or refused in clear words.

The files are written here, in their true formats, by GDAL, Arrow or by hand.
"""

import datetime
import json
import zipfile

import geopandas
import numpy as np
import pytest
import shapely

import geo
from drawn import DAY, make_boundaries
from geo.errors import CRSMismatchError, DataFormatError, InvalidGeometryError, UnknownDateError
from geo.formats import archives, reader
from geo.io import control

AREA = shapely.box(32.5, 46, 34, 50)
LINE = shapely.LineString([(32.5, 46), (32.4, 48), (32.5, 50)])
COUNTRY = {"XX-A": shapely.box(31, 47, 32, 49), "XX-B": shapely.box(32, 47, 33, 49)}
BOWTIE = shapely.Polygon([(31, 47), (32, 48), (32, 47), (31, 48)])


def write(path, geometry, *, crs="EPSG:4326", **options):
    """Write geometries in the format the suffix names."""
    columns = options.pop("columns", {"name": [f"piece {n}" for n in range(len(geometry))]})
    frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
    if crs not in ("EPSG:4326", None):
        frame = frame.to_crs(crs)
    if path.suffix == ".parquet":
        frame.set_crs(crs, allow_override=True).to_parquet(path)
    else:
        frame = frame.set_crs(crs, allow_override=True)
        driver = {"driver": "KML"} if path.suffix == ".kml" else {}
        frame.to_file(path, **driver, **options)
    return path


def write_json(path, document):
    path.write_text(json.dumps(document), "utf-8")
    return path


def feature(geometry, **properties):
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": geometry and json.loads(shapely.to_geojson(geometry)),
    }


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features), **members}


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def kml(*placemarks, head=""):
    body = "".join(f"<Placemark><name>p</name>{one}</Placemark>" for one in placemarks)
    return (
        f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<Folder><name>front</name>{body}</Folder></Document></kml>"
    )


POLYGON_KML = (
    "<Polygon><outerBoundaryIs><LinearRing><coordinates>32.5,46,0 34,46,0 34,50,0 32.5,50,0 "
    "32.5,46,0</coordinates></LinearRing></outerBoundaryIs></Polygon>"
)


# --- every format, every system ----------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".fgb", ".kml", ".parquet"])
@pytest.mark.parametrize("shape", [AREA, LINE], ids=["area", "line"])
def test_every_format_gives_the_same_geometry(tmp_path, suffix, shape):
    path = write(tmp_path / f"control{suffix}", [shape])
    found = geo.read_control_file(path)
    assert found.kind == ("area" if shape is AREA else "line")
    assert shapely.hausdorff_distance(found.merged(), shape) < 1e-9
    assert found.merged().symmetric_difference(shape).length < 1e-9
    assert len(found.provenance.sha256) == 64
    assert found.provenance.licence == "not stated by the file"


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".fgb", ".parquet", ".geojson"])
@pytest.mark.parametrize("crs", ["EPSG:32636", "EPSG:3857", "EPSG:4284", "EPSG:3035"])
def test_the_system_is_read_from_the_file(tmp_path, suffix, crs):
    dense = shapely.segmentize(shapely.box(32.5, 46.5, 34, 49), 0.5)
    options = {"RFC7946": "NO"} if suffix == ".geojson" else {}
    path = write(tmp_path / f"control{suffix}", [dense], crs=crs, **options)
    moved = shapely.get_coordinates(geo.read_control(path))
    away = shapely.distance(shapely.points(moved), dense.boundary)
    assert away.max() < 1e-6  # 0.1 m; also where the definition has latitude first (EPSG:4284)


def test_kmz_and_zipped_shapefile(tmp_path):
    kmz = zipped(tmp_path / "front.kmz", {"doc.kml": kml(POLYGON_KML), "icon.png": b"x"})
    assert geo.read_control(kmz).equals(AREA)
    write(tmp_path / "front.shp", [AREA])
    inside = {f"Folder/FRONT{p.suffix.upper()}": p.read_bytes() for p in tmp_path.glob("front.*")}
    del inside["Folder/FRONT.KMZ"]
    archive = zipped(tmp_path / "front.zip", inside)
    assert geo.read_control(archive).equals(AREA)


def test_features_are_united_and_lines_kept(tmp_path):
    pieces = [shapely.box(32.5, 46, 33.5, 50), shapely.box(33, 46, 34, 50)]
    path = write(tmp_path / "control.gpkg", pieces)
    assert geo.read_control(path).equals(AREA)
    assert len(geo.read_control(path).geoms) == 1
    lines = [LINE, shapely.LineString([(31, 47), (31, 48)])]
    assert len(geo.read_control(write(tmp_path / "lines.gpkg", lines)).geoms) == 2


def test_three_dimensions_and_empty_companions_do_no_harm(tmp_path):
    deep = shapely.force_3d(AREA, 5.0)
    path = write_json(tmp_path / "deep.geojson", collection(feature(deep), feature(None)))
    assert not shapely.has_z(geo.read_control(path))
    bare = write_json(tmp_path / "bare.json", json.loads(shapely.to_geojson(AREA)))
    assert geo.read_control(bare).equals(AREA)


# --- choices ------------------------------------------------------------------------------------


def test_several_layers_need_a_choice(tmp_path):
    path = write(tmp_path / "many.gpkg", [AREA], layer="occupied")
    write(path, [LINE], layer="front", mode="a")
    with pytest.raises(
        DataFormatError, match=r"2 layers.*#layer=occupied', .*#layer=front', .*#layer=\*'"
    ):
        geo.read_control(path)
    assert geo.read_control(path, layer="front").geom_type == "MultiLineString"
    with pytest.raises(DataFormatError, match=r"no layer 'fornt'.*=occupied', .*#layer=front'"):
        geo.read_control(path, layer="fornt")


def test_mixed_geometry_needs_a_choice(tmp_path):
    document = collection(feature(AREA), feature(LINE), feature(shapely.Point(33, 48)))
    path = write_json(tmp_path / "mixed.geojson", document)
    with pytest.raises(
        DataFormatError, match=r"1 point, 1 line, 1 polygon.*#kind=line', .*#kind=area'"
    ):
        geo.read_control(path)
    assert geo.read_control(path, kind="area").equals(AREA)
    assert geo.read_control(path, kind="line").geom_type == "MultiLineString"
    points = write_json(tmp_path / "points.geojson", collection(feature(shapely.Point(33, 48))))
    with pytest.raises(InvalidGeometryError, match="expected lines or polygons; it holds 1 point"):
        geo.read_control(points)
    with pytest.raises(InvalidGeometryError, match="expected a line; it holds 1 point"):
        geo.read_control(points, kind="line")
    both = shapely.GeometryCollection([AREA, LINE])
    path = write_json(tmp_path / "both.geojson", collection(feature(AREA), feature(both)))
    with pytest.raises(DataFormatError, match=r"1 line, 2 polygons.*#kind=line', .*#kind=area'"):
        geo.read_control(path)
    assert geo.read_control(path, kind="area").equals(AREA)
    assert geo.read_control(path, kind="line").equals(LINE)


# --- nothing is guessed -------------------------------------------------------------------------

METRIC = shapely.box(4e5, 5e6, 5e5, 6e6)


FOUR_UNITS = ["UA-09", "UA-14", "UA-40", "UA-43"]  # Luhansk, Donetsk, Sevastopol, Crimea


@pytest.mark.parametrize(
    ("suffix", "crs"),
    [
        (".gpkg", "EPSG:4326"),
        (".gpkg", "EPSG:3857"),
        (".gpkg", "EPSG:32637"),
        (".parquet", "EPSG:28407"),
        (".fgb", "EPSG:3035"),
    ],
)
def test_an_area_whose_edge_is_the_border_holds_it_in_every_system(tmp_path, suffix, crs):
    """Reprojecting moves each vertex by a rounding; the figures are those of the oblasts."""
    boundaries = geo.load_boundaries()
    rows = [boundaries.index(unit) for unit in FOUR_UNITS]
    area = shapely.union_all(boundaries.geometry[rows])
    path = write(tmp_path / f"control{suffix}", [area], crs=crs)
    line = geo.open_source(path, boundaries).on(DAY)
    faces = geo.split_by_contact_line(boundaries, line)
    held = {
        unit: km2
        for unit, holder, km2 in zip(faces.oblast_id, faces.held_by, faces.area_km2, strict=True)
        if holder == "russia"
    }
    assert held == pytest.approx(
        {unit: boundaries.area_km2[row] for unit, row in zip(FOUR_UNITS, rows, strict=True)},
        rel=1e-9,
    )
    assert sum(held.values()) == pytest.approx(80_004.3592, abs=1e-4)
    assert len(faces) == len(boundaries)  # and nothing of the neighbours


def named(crs):
    return {"type": "name", "properties": {"name": crs}}


@pytest.mark.parametrize("suffix", [".shp", ".fgb", ".gpkg", ".parquet"])
def test_a_missing_system_is_an_error(tmp_path, suffix):
    path = tmp_path / f"none{suffix}"
    frame = geopandas.GeoDataFrame({"name": ["x"]}, geometry=[AREA])
    if suffix == ".parquet":
        frame.to_parquet(path)
    else:
        with pytest.warns(UserWarning, match="'crs' was not provided"):
            frame.to_file(path)
    with pytest.raises(CRSMismatchError, match=r"none\.\w+: .*(states none|is none that)"):
        geo.read_control(path)


@pytest.mark.parametrize(
    ("crs", "shape", "error", "message"),
    [
        ({"type": "name", "properties": {"name": "EPSG:999999"}}, AREA, CRSMismatchError, "known"),
        ({"type": "name", "properties": {"name": "nonsense"}}, AREA, CRSMismatchError, "known"),
        (
            {"type": "name", "properties": {"name": "EPSG:5711"}},
            AREA,
            CRSMismatchError,
            "none that",
        ),
        (
            {"type": "name", "properties": {"name": "EPSG:32636"}},
            AREA,
            CRSMismatchError,
            "look like degrees",
        ),
        ({"type": "link"}, AREA, DataFormatError, "expected 'crs' to be absent"),
        ("absent", METRIC, InvalidGeometryError, "longitude .-180 to 180. and latitude"),
    ],
)
def test_an_impossible_system_is_an_error(tmp_path, crs, shape, error, message):
    members = {} if crs == "absent" else {"crs": crs}
    path = write_json(tmp_path / "odd.geojson", collection(feature(shape), **members))
    with pytest.raises(error, match=message):
        geo.read_control(path)


def test_swapped_axes_and_other_countries_are_named(tmp_path):
    boundaries = make_boundaries(COUNTRY)
    swapped = shapely.transform(AREA, lambda xy: xy[:, ::-1])
    path = write_json(tmp_path / "swapped.geojson", collection(feature(swapped)))
    with pytest.raises(InvalidGeometryError, match="With the axes swapped it would"):
        geo.open_source(path, boundaries).on(DAY)
    path = write_json(tmp_path / "far.geojson", collection(feature(shapely.box(1, 1, 2, 2))))
    with pytest.raises(InvalidGeometryError, match=r"longitude 1 to 2, latitude 1 to 2.* Check"):
        geo.open_source(path, boundaries).on(DAY)


def test_an_invalid_geometry_is_named(tmp_path):
    path = write(tmp_path / "bad.gpkg", [AREA, BOWTIE], columns={"name": ["good", "bow tie"]})
    with pytest.raises(
        InvalidGeometryError, match=r"feature 2 of 2 \(bow tie\) at lon 31.5.*self-inter"
    ):
        geo.read_control(path)
    document = collection(feature(AREA), feature(AREA))
    document["features"][1]["geometry"] = {"type": "Polygon", "coordinates": [[[1, 2]]]}
    path = write_json(tmp_path / "bad.geojson", document)
    with pytest.raises(
        InvalidGeometryError, match=r"feature 2 of 2 at lon 1, lat 2: .* at least three"
    ):
        geo.read_control(path)


# --- hostile and broken files -------------------------------------------------------------------


def test_entities_are_refused(tmp_path):
    bomb = '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    for name, encoding in [("bomb.kml", "utf-8"), ("wide.kml", "utf-16")]:
        (tmp_path / name).write_bytes(kml(POLYGON_KML, head=bomb).encode(encoding))
        with pytest.raises(DataFormatError, match="without a document type or entities"):
            geo.read_control(tmp_path / name)
    kmz = zipped(tmp_path / "bomb.kmz", {"doc.kml": kml(POLYGON_KML, head=bomb)})
    with pytest.raises(DataFormatError, match="entities"):
        geo.read_control(kmz)


def test_archives_have_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 100_000)
    bomb = zipped(tmp_path / "bomb.kmz", {"doc.kml": b" " * 200_000})
    assert bomb.stat().st_size < 1_000
    with pytest.raises(DataFormatError, match="unpacks to more than"):
        geo.read_control(bomb)
    crowd = zipped(tmp_path / "crowd.zip", {f"{n}.txt": b"" for n in range(1_001)})
    with pytest.raises(DataFormatError, match="at most 1,000 files"):
        geo.read_control(crowd)
    twice = zipped(tmp_path / "twice.zip", {"a/x.shp": b"", "b/x.shp": b""})
    with pytest.raises(DataFormatError, match=r"twice\.zip/a/x\.shp: .* empty"):
        geo.read_control(twice)
    escape = zipped(tmp_path / "escape.zip", {"../../outside.kml": kml(POLYGON_KML)})
    assert geo.read_control(escape).equals(AREA)  # unpacked under its flat name, inside
    assert not (tmp_path.parent / "outside.kml").exists()
    (tmp_path / "cut.kmz").write_bytes(bomb.read_bytes()[:80])
    with pytest.raises(DataFormatError, match="damaged"):
        geo.read_control(tmp_path / "cut.kmz")


def test_sizes_have_limits(tmp_path, monkeypatch):
    path = write_json(tmp_path / "large.geojson", collection(feature(AREA)))
    monkeypatch.setattr(control, "_MOST_VERTICES", 4)
    with pytest.raises(DataFormatError, match="at most 4 vertices, got 5"):
        geo.read_control(path)
    monkeypatch.setattr(reader, "MOST_BYTES", 10)
    with pytest.raises(DataFormatError, match="expected a file of geometries of at most"):
        geo.read_control(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.geojson", b"{", "it is not JSON"),
        ("a.geojson", b"[]", "expected a GeoJSON object"),
        ("a.geojson", b'{"type": "Topologie"}', "its type is 'Topologie'"),
        (
            "a.geojson",
            b'{"type": "FeatureCollection", "features": [1]}',
            r"features\[0\]: expected a GeoJSON",
        ),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "no geometry"),
        ("a.gpkg", b"<OGRVRTDataSource/>", "no <kml> element begins the file"),
        ("a.gpkg", b"SQLite format 3\x00 and nonsense", "cannot be read"),
        ("a.shp", b"\x00\x00\x27\x0a", "cannot be read"),
        ("a.kml", b"<html></html>", "got a web page"),
        ("a.parquet", b"PAR1nonsense", "is damaged, or no Parquet"),
        ("a.docx", b"PK", "expected one of .geojson.*ogr2ogr"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataFormatError, match=message):
        geo.read_control(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataFormatError, match=r"cannot be read \(No such file"):
        geo.read_control(tmp_path / "nothing.geojson")


# --- sources ------------------------------------------------------------------------------------


def test_a_file_of_one_day_without_a_name_for_it(tmp_path):
    path = write_json(tmp_path / "area.geojson", collection(feature(AREA)))
    source = geo.open_source(path, make_boundaries(COUNTRY))
    assert (source.id, source.dates) == ("file:area.geojson", ())
    line = source.on(DAY)
    assert (line.date, line.source_id) == (DAY, "file:area.geojson")
    assert line.source == line.provenance.source == "file area.geojson"
    assert source.area_on(DAY).equals(AREA)


def test_a_file_of_several_days(tmp_path):
    other = datetime.date(2025, 12, 1)
    document = collection(
        feature(AREA, date=DAY.isoformat()),
        feature(shapely.box(32.7, 46, 34, 50), date=other.isoformat()),
        provenance={"source": "X", "date": "2025", "licence": "CC0", "attribution": "Y"},
    )
    path = write_json(tmp_path / "days.geojson", document)
    source = geo.open_source(path, make_boundaries(COUNTRY))
    assert source.dates == (DAY, other)
    assert source.area_on(DAY).equals(AREA)
    assert source.provenance.licence == "CC0"
    assert source.on(datetime.date(2025, 11, 30), nearest="on_or_before").date == DAY
    with pytest.raises(UnknownDateError, match="2025-11-30; the nearest dates"):
        source.on(datetime.date(2025, 11, 30))
    write_json(path, collection(feature(AREA, date="soon")))
    with pytest.raises(DataFormatError, match="YYYY-MM-DD"):
        geo.open_source(path, make_boundaries(COUNTRY))


def test_dates_of_a_geopackage(tmp_path):
    days = np.array(["2025-11-21", "2025-12-01"], dtype="datetime64[s]")
    path = write(tmp_path / "days.gpkg", [AREA, AREA], columns={"date": days})
    assert geo.read_control_file(path).dates == (DAY, datetime.date(2025, 12, 1))


def test_a_folder_with_one_file_a_day(tmp_path):
    boundaries = make_boundaries(COUNTRY)
    with pytest.raises(DataFormatError, match="there is none"):
        geo.open_source(tmp_path, boundaries)
    write_json(tmp_path / "area_20251121.geojson", collection(feature(AREA)))
    write_json(tmp_path / "area_2025-12-01.geojson", collection(feature(AREA)))
    (tmp_path / "area_20251202.geojson.part").write_text("{")
    source = geo.open_source(tmp_path, boundaries, source_id="daily")
    assert source.dates == (DAY, datetime.date(2025, 12, 1))
    assert source.on(DAY).source_id == "daily"
    assert source.on(datetime.date(2025, 11, 29), nearest="on_or_before").date == DAY
    with pytest.raises(UnknownDateError):
        source.on(datetime.date(2025, 11, 20), nearest="on_or_before")
    write_json(tmp_path / "provenance.json", {"source": "S"})
    with pytest.raises(DataFormatError, match="missing or empty: date, licence, attribution"):
        geo.open_source(tmp_path, boundaries)
    (tmp_path / "provenance.json").unlink()
    write_json(tmp_path / "again_20251121.geojson", collection(feature(AREA)))
    with pytest.raises(DataFormatError, match="expected one file a day"):
        geo.open_source(tmp_path, boundaries)


def test_a_line_divides_as_it_is(tmp_path):
    boundaries = make_boundaries(COUNTRY)
    path = write(tmp_path / "front.fgb", [shapely.LineString([(32, 46), (32, 50)])])
    line = geo.open_source(path, boundaries).on(DAY)
    assert "as it is" in line.method
    partition = geo.split_by_contact_line(boundaries, line, anchor=(31.1, 48.9))
    assert partition.held_by.tolist() == ["ukraine", "russia"]


def test_a_kml_document_need_not_have_a_name(tmp_path):
    path = tmp_path / "front.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        "<Document><Placemark><LineString><coordinates>31,47 32,48</coordinates></LineString>"
        "</Placemark></Document></kml>",
        encoding="utf-8",
    )
    layer = geo.read_features(path)
    assert layer.layer == "front"
    assert [list(line.coords) for line in layer.geometry] == [[(31.0, 47.0), (32.0, 48.0)]]
