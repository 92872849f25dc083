"""Every file says where it comes from, and is written as documented."""

import csv
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

DATA = Path(__file__).resolve().parents[2] / "data"
GEOJSON = sorted(DATA.glob("*.geojson"))
TABLES = sorted(DATA.glob("*.csv"))
KEYS = (
    "title", "source", "url", "date", "licence", "licence_url", "attribution", "retrieved_from",
    "processing",
)  # fmt: skip


def test_the_files_are_those_that_are_documented():
    names = [path.name for path in (*GEOJSON, *TABLES)]
    assert names == [
        "background.geojson", "contact_line.geojson", "oblasts.geojson", "waters.geojson",
        "control_observations.csv", "published_figures.csv",
    ]  # fmt: skip
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in names)


@pytest.mark.parametrize("path", [*GEOJSON, *TABLES], ids=lambda path: path.name)
def test_provenance_is_complete(path):
    where = path if path.suffix == ".geojson" else path.with_name(f"{path.name}-metadata.json")
    provenance = json.loads(where.read_text(encoding="utf-8"))["provenance"]
    assert [key for key in KEYS if not provenance.get(key)] == []
    assert provenance["licence_url"].startswith("https://")


@pytest.mark.parametrize("path", [*GEOJSON, *TABLES], ids=lambda path: path.name)
def test_text_is_utf8_with_line_feeds(path):
    content = path.read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    content.decode("utf-8")


@pytest.mark.parametrize("path", GEOJSON, ids=lambda path: path.name)
def test_geojson_follows_rfc_7946(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in document
    ids = [feature["id"] for feature in document["features"]]
    assert len(set(ids)) == len(ids)
    for feature in document["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shapely.is_valid(shape), feature["id"]
        assert shape.geom_type in {"MultiPolygon", "MultiLineString"}
        if shape.geom_type == "MultiPolygon":
            for polygon in shape.geoms:
                assert polygon.exterior.is_ccw, feature["id"]
                assert not any(ring.is_ccw for ring in polygon.interiors), feature["id"]


def test_sizes_stay_small():
    assert (DATA / "background.geojson").stat().st_size < 300_000
    assert (DATA / "contact_line.geojson").stat().st_size < 1_500_000


def test_the_table_and_its_metadata_agree():
    metadata = json.loads((DATA / "control_observations.csv-metadata.json").read_text("utf-8"))
    with (DATA / "control_observations.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert [column["name"] for column in metadata["tableSchema"]["columns"]] == header
    assert date.fromisoformat(metadata["dc:date"]) == date(2026, 8, 22)


def test_no_neighbour_overlaps_the_country(boundaries):
    country = shapely.coverage_union_all(boundaries.geometry)
    features = json.loads((DATA / "background.geojson").read_text("utf-8"))["features"]
    shapes = {item["id"]: shapely.geometry.shape(item["geometry"]) for item in features}
    neighbours = [shape for name, shape in shapes.items() if name.startswith("country-")]
    assert len(neighbours) >= 7
    overlap = shapely.area(shapely.intersection(np.array(neighbours), country))
    assert overlap.max() < 1e-4  # square degrees: the rounding of a border, under 1 km²
    assert shapes["land"].contains(shapely.Point(34.1, 44.95))  # Simferopol
    assert not any(shape.contains(shapely.Point(34.1, 44.95)) for shape in neighbours)
