"""Downloads: read back by programs that are not ours, with the figures that we publish."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from typer.testing import CliRunner

import geo
from app.cli.main import app as command_line
from app.datasets.catalogue import Catalogue, Selection
from app.export import FORMATS, LAYERS, export_file, find_format, kml
from app.export.frames import TABLES, name_sheet
from app.schemas.downloads import Downloads
from geo.statistics.tables import By

IDENTITY = ("plan", "date", "source", "boundaries", "data_version")
KML = {"k": "http://www.opengis.net/kml/2.2"}
VECTOR = ("geojson", "parquet", "fgb", "gpkg", "shp")


@pytest.fixture(scope="module")
def selection(catalogue: Catalogue) -> Selection:
    return catalogue.select()


@pytest.fixture(scope="module")
def files(selection: Selection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("downloads")
    paths = {}
    for form in FORMATS.values():
        paths[form.id] = folder / f"export.{form.suffix}"
        paths[form.id].write_bytes(export_file(selection, form))
    return paths


def read_faces(form: str, path: Path) -> gpd.GeoDataFrame:
    if form == "parquet":
        return gpd.read_parquet(path)
    layer = {"layer": "faces"} if form in {"gpkg", "shp"} else {}
    return gpd.read_file(path, **layer)


@pytest.mark.parametrize("form", VECTOR)
def test_areas_of_the_file_are_the_published_figures(
    form: str, files: dict[str, Path], selection: Selection
) -> None:
    frame = read_faces(form, files[form])
    measured = geo.area_km2(shapely.force_2d(frame.geometry.to_numpy()))
    by_category = {
        row["category"]: row["area_km2"] for row in selection.scenario.table(By.CATEGORY).rows
    }
    for category, area_km2 in by_category.items():
        assert measured[frame.category == category].sum() == pytest.approx(area_km2, rel=1e-9)
    assert measured.sum() == pytest.approx(sum(by_category.values()), rel=1e-9)
    np.testing.assert_allclose(measured, frame.area_km2, rtol=1e-9)


def read_polygons(form: str, path: Path) -> gpd.GeoSeries:
    """All polygons of all layers of a file, as programs read them."""
    if form == "parquet":
        return gpd.read_parquet(path).geometry
    names = [name for name, kind in pyogrio.list_layers(path) if kind and name != "settlements"]
    shapes = pd.concat([gpd.read_file(path, layer=name).geometry for name in names])
    return shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]


@pytest.mark.parametrize("form", [*VECTOR, "kml"])
def test_rings_run_one_way_so_that_other_programs_measure_the_same(
    form: str, files: dict[str, Path]
) -> None:
    """Geod subtracts what runs clockwise: mixed rings gave 2.3 % less in Kherson."""
    shapes = read_polygons(form, files[form])
    geod = pyproj.Geod(ellps="WGS84")
    measured = np.array([geod.geometry_area_perimeter(shape)[0] / 1e6 for shape in shapes])
    clockwise = -1 if form == "shp" else 1  # as the format prescribes
    wanted = geo.area_km2(shapely.force_2d(shapes.to_numpy()))
    assert len(shapes) >= 35
    np.testing.assert_allclose(clockwise * measured, wanted, rtol=1e-3)  # its edges are geodesics


@pytest.mark.parametrize("form", VECTOR)
def test_every_row_says_what_it_depends_on(
    form: str, files: dict[str, Path], selection: Selection
) -> None:
    frame = read_faces(form, files[form]).rename(columns={"data_ver": "data_version"})
    for name in IDENTITY:
        assert set(frame[name].astype(str).str[:10]) == {selection.identity[name][:10]}


@pytest.mark.parametrize("form", VECTOR)
def test_reference_system_is_wgs84_longitude_first(form: str, files: dict[str, Path]) -> None:
    frame = read_faces(form, files[form])
    assert frame.crs.ellipsoid.name == "WGS 84"
    west, south, east, north = frame.total_bounds
    assert (22 < west < 23) and (44 < south < 45) and (40 < east < 41) and (52 < north < 53)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("form", ["geojson", "fgb", "parquet"])
def test_each_layer_has_its_rows(
    form: str, layer: str, selection: Selection, tmp_path: Path
) -> None:
    path = tmp_path / f"export.{form}"
    path.write_bytes(export_file(selection, find_format(form), layer=layer))
    scenario = selection.scenario
    expected = {
        "faces": len(scenario.partition),
        "contact_line": 1,
        "oblasts": 27,
        "settlements": int((scenario.gazetteer.face >= 0).sum()),
    }
    frame = gpd.read_parquet(path) if form == "parquet" else gpd.read_file(path)
    assert len(frame) == expected[layer]
    if layer == "contact_line":
        assert shapely.equals(frame.geometry.iloc[0], scenario.line.geometry)
    if layer == "settlements":
        counted = frame.groupby("category").population.sum()
        told = {
            row["category"]: row["population_recorded"]
            for row in scenario.table(By.CATEGORY).rows
            if row["settlements"]
        }
        assert counted.astype(int).to_dict() == told


def test_a_geopackage_holds_all_layers_tables_styles_and_sources(
    files: dict[str, Path], selection: Selection
) -> None:
    categories = [category.value for category in selection.scenario.settlement.categories]
    layers = dict(pyogrio.list_layers(files["gpkg"]))
    tables = [f"table_{name_sheet(by)}" for by in TABLES]
    assert set(layers) == {*LAYERS, *categories, *tables, "layer_styles"}
    with closing(sqlite3.connect(files["gpkg"])) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        styles = dict(
            database.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault")
        )
        (metadata,) = database.execute("SELECT metadata FROM gpkg_metadata").fetchone() or ("",)
    assert set(styles) == {*LAYERS, *categories}
    root = Xml.fromstring(styles["faces"].split("\n", 1)[1])
    drawn = [found.get("value") for found in root.iter("category")]
    assert drawn == categories
    assert len(root.findall(".//symbol")) == len(categories)
    for source in ("Natural Earth", "GeoNames"):
        assert source in metadata
    table = pyogrio.read_dataframe(files["gpkg"], layer="table_category")
    told = [row["area_km2"] for row in selection.scenario.table(By.CATEGORY).rows]
    assert table.area_km2.tolist() == told


def test_geoparquet_is_version_1_1(files: dict[str, Path], selection: Selection) -> None:
    metadata = pq.read_schema(files["parquet"]).metadata
    described = json.loads(metadata[b"geo"])
    column = described["columns"][described["primary_column"]]
    assert described["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert column["orientation"] == "counterclockwise"
    assert set(column["covering"]["bbox"]) == {"xmin", "ymin", "xmax", "ymax"}
    assert json.loads(metadata[b"point21"])["identity"]["plan"] == selection.identity["plan"]


def test_kml_has_every_face_in_the_folder_and_style_of_its_category(
    files: dict[str, Path], selection: Selection
) -> None:
    root = Xml.parse(files["kml"]).getroot()
    styles = {style.get("id") for style in root.findall(".//k:Style", KML)}
    areas: dict[str, float] = {}
    for mark in root.findall(".//k:Placemark", KML):
        style = (mark.findtext("k:styleUrl", namespaces=KML) or "").removeprefix("#")
        assert style in styles
        parts = []
        for polygon in mark.findall(".//k:Polygon", KML):
            rings = [
                [tuple(map(float, pair.split(","))) for pair in (found.text or "").split()]
                for found in polygon.findall(".//k:coordinates", KML)
            ]
            parts.append(shapely.Polygon(rings[0], rings[1:]))
        if parts:
            measured = geo.area_km2(np.array([shapely.MultiPolygon(parts)], dtype=object))
            areas[style] = areas.get(style, 0.0) + float(measured[0])
    for row in selection.scenario.table(By.CATEGORY).rows:
        assert areas[row["category"]] == pytest.approx(row["area_km2"], rel=1e-9)
    assert "GeoNames" in (root.findtext(".//k:Document/k:description", namespaces=KML) or "")
    # GDAL's own reader finds the same folders
    assert len(pyogrio.list_layers(files["kml"])) == len(areas) - 1 + 2


def test_the_workbook_has_the_figures_and_no_formula(
    files: dict[str, Path], selection: Selection
) -> None:
    book = openpyxl.load_workbook(files["xlsx"])
    assert book.sheetnames == ["About", *map(name_sheet, TABLES), "columns"]
    for by in TABLES:
        head, *rows = book[name_sheet(by)].values
        table = selection.scenario.table(by)
        assert list(head[: len(table.columns)]) == [column.name for column in table.columns]
        assert len(rows) == len(table.rows)
        for told, row in zip(table.rows, rows, strict=True):
            for name, value in zip(head, row, strict=True):
                if isinstance(told.get(name), float) and not np.isnan(told[name]):
                    assert value == pytest.approx(told[name], rel=1e-14)
        assert not any(
            cell.data_type == "f" for line in book[name_sheet(by)].iter_rows() for cell in line
        )
    about = "\n".join(str(row[0]) for row in book["About"].values)
    assert "Natural Earth" in about and selection.identity["data_version"] in about


def test_the_archive_of_tables_is_that_of_the_api(files: dict[str, Path], client: Any) -> None:
    with zipfile.ZipFile(files["csv"]) as archive:
        assert archive.testzip() is None
        for by in TABLES:
            text = archive.read(f"{name_sheet(by)}.csv")
            assert text == client.get(f"/api/statistics?by={by.value}&format=csv").content
            described = json.loads(archive.read(f"{name_sheet(by)}.csv-metadata.json"))
            head = next(csv.reader(io.StringIO(text.decode())))
            assert [column["name"] for column in described["tableSchema"]["columns"]] == head


def test_the_shapefiles_explain_their_short_names(files: dict[str, Path]) -> None:
    with zipfile.ZipFile(files["shp"]) as archive:
        assert {f"{layer}.shp" for layer in LAYERS} <= set(archive.namelist())
        readme = archive.read("README.txt").decode()
    for layer in LAYERS:
        columns = pyogrio.read_info(files["shp"], layer=layer)["fields"]
        assert all(f"\n{name} " in readme for name in columns)
    assert gpd.read_file(files["shp"], layer="oblasts").name_uk.str.contains("область").sum() == 24


def test_a_table_without_rows_is_a_table(catalogue: Catalogue, tmp_path: Path) -> None:
    """Where nothing changes hands, nothing is listed; the file is written all the same."""
    chosen = catalogue.select("freeze-everywhere", date(2026, 8, 1))
    content = tmp_path / "export.gpkg"
    content.write_bytes(export_file(chosen, FORMATS["gpkg"]))
    tables = [name for name, _ in pyogrio.list_layers(content) if name.startswith("table_")]
    rows = {name: pyogrio.read_info(content, layer=name) for name in tables}
    assert 0 in [info["features"] for info in rows.values()]
    assert all(len(info["fields"]) > 2 for info in rows.values())


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_same_scenario_gives_the_same_bytes(
    form: str, files: dict[str, Path], selection: Selection
) -> None:
    assert export_file(selection, FORMATS[form]) == files[form].read_bytes()


def test_http_lists_and_serves_what_there_is(client: Any, files: dict[str, Path]) -> None:
    listed = client.json("/api/downloads?plan=point21-cbs")
    Downloads.model_validate(listed)
    assert [entry["format"] for entry in listed["formats"]] == list(FORMATS)
    for entry in listed["formats"]:
        for link in entry["links"].values():
            assert "plan=point21-cbs" in link
    answer = client.get("/api/downloads/gpkg")
    assert answer.status_code == 200
    assert answer.content == files["gpkg"].read_bytes()
    assert answer.headers["content-type"] == "application/geopackage+sqlite3"
    assert 'filename="point21-axios_2025-11-21.gpkg"' in answer.headers["content-disposition"]
    assert (
        client.get("/api/downloads/gpkg", if_none_match=answer.headers["etag"]).status_code == 304
    )


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/downloads/gpgk", 404, "Did you mean 'gpkg'?"),
        ("/api/downloads/dwg", 404, "Known are geojson, gpkg"),
        ("/api/downloads/geojson?layer=face", 422, "Did you mean 'faces'?"),
        ("/api/downloads/gpkg?layer=faces", 422, "holds everything in one file"),
        ("/api/downloads/gpkg?date=2025-13-01", 422, "YYYY-MM-DD"),
        ("/api/downloads/kml?plan=none", 404, "none"),
        ("/api/downloads?format=kml", 422, "'format' is unknown"),
        ("/api/downloads/..%2f..%2fetc%2fpasswd", 404, ""),
    ],
)
def test_http_refuses_with_reasons(client: Any, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_the_command_writes_what_the_server_sends(tmp_path: Path, files: dict[str, Path]) -> None:
    for form in ("gpkg", "csv", "fgb"):
        target = tmp_path / files[form].name
        result = CliRunner().invoke(command_line, ["export", "-o", str(target)])
        assert result.exit_code == 0, result.output
        assert target.read_bytes() == files[form].read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "out.dwg"], "expected a file that ends in .geojson"),
        (["-o", "out.gpkg", "--layer", "faces"], "holds everything in one file"),
        (["-o", "out.fgb", "--layer", "lines"], "Known are faces"),
        (["-o", "nowhere/out.fgb"], "nowhere"),
    ],
)
def test_the_command_refuses_with_reasons(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command_line, ["export", *arguments])
    told = " ".join(f"{result.output} {result.stderr} {result.exception}".replace("│", " ").split())
    assert result.exit_code != 0
    assert words in told
    assert list(tmp_path.iterdir()) == []


def test_characters_that_xml_has_not_do_not_reach_kml() -> None:
    element = kml._say(Xml.Element("kml"), "name", "a\x1b[31mb\x00c\u202ed\ud800 <&>")
    assert Xml.fromstring(Xml.tostring(element)).text == "a[31mbcd <&>"
