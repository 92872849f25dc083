"""Vector tiles: read back by others' readers; borders stay shared; areas come out as published."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import pyogrio
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from app.datasets.catalogue import Catalogue, Selection
from app.export import FORMATS, export_file
from app.tiles.encoding import encode_tile
from app.tiles.grid import EXTENT, MAX_ZOOM, MIN_ZOOM, Tile, tiles_over, to_pixels
from app.tiles.pyramid import LAYERS, floor_of
from geo.scenario import Scenario

ZOOMS = range(MIN_ZOOM, MAX_ZOOM + 1)


@pytest.fixture(scope="module")
def selection(catalogue: Catalogue) -> Selection:
    return catalogue.select()


@pytest.fixture(scope="module")
def scenario(selection: Selection) -> Scenario:
    return selection.scenario


@pytest.fixture(scope="module")
def archive(selection: Selection) -> bytes:
    return export_file(selection, FORMATS["pmtiles"])


def decode(content: bytes) -> dict[str, Any]:
    options = {"y_coord_down": True, "geojson": True}
    decoded: dict[str, Any] = mapbox_vector_tile.decode(content, default_options=options)
    return decoded


@pytest.mark.parametrize("zoom", ZOOMS)
def test_every_zoom_is_a_coverage_on_whole_pixels(zoom: int, scenario: Scenario) -> None:
    faces = floor_of(scenario, zoom).layers["faces"].geometry
    assert len(faces) == len(scenario.partition)
    assert shapely.is_valid(faces).all() and not shapely.is_empty(faces).any()
    assert shapely.coverage_is_valid(faces)
    positions = shapely.get_coordinates(faces)
    assert (positions == np.round(positions)).all()


@pytest.mark.parametrize("zoom", ZOOMS)
def test_simplifying_strays_by_little(zoom: int, scenario: Scenario) -> None:
    exact = to_pixels(scenario.partition.geometry, zoom)
    drawn = floor_of(scenario, zoom).layers["faces"].geometry
    screen = EXTENT / 512  # pixels of a tile in one of the screen
    strays = shapely.area(shapely.symmetric_difference(exact, drawn)) / shapely.length(exact)
    assert strays.max() < 2 * screen
    if zoom == MAX_ZOOM:
        assert strays.max() < 1


def test_tiles_of_a_zoom_put_together_are_the_country(scenario: Scenario) -> None:
    zoom = 6
    floor = floor_of(scenario, zoom)
    expected = Counter[tuple[str, str]]()
    layer = floor.layers["faces"]
    for shape, facts in zip(layer.geometry, layer.properties, strict=True):
        expected[facts["oblast"], facts["held_by"]] = shapely.area(shape)
    found = Counter[tuple[str, str]]()
    square = shapely.box(0, 0, EXTENT, EXTENT)
    for tile in tiles_over(floor.bounds, zoom):
        content = encode_tile(scenario, tile)
        for feature in decode(content)["faces"]["features"] if content else []:
            facts = feature["properties"]
            shape = shapely.geometry.shape(feature["geometry"])
            assert shape.is_valid
            found[facts["oblast"], facts["held_by"]] += shapely.intersection(shape, square).area
    assert set(found) == set(expected)
    for key, area in expected.items():
        # where an edge leaves a tile, its end is put onto a whole pixel
        assert found[key] == pytest.approx(area, rel=2e-4, abs=3 * EXTENT), key


def test_neighbours_meet_in_a_tile_without_gap_or_overlap(scenario: Scenario) -> None:
    content = encode_tile(scenario, Tile(7, 76, 44))
    shapes = [
        shapely.geometry.shape(feature["geometry"])
        for feature in decode(content)["faces"]["features"]
    ]
    assert len(shapes) > 3
    together = shapely.union_all(shapes)
    assert sum(shape.area for shape in shapes) == pytest.approx(together.area, rel=1e-6)


def test_attributes_are_those_of_the_layers(scenario: Scenario, client: Any) -> None:
    told = {
        (feature["properties"]["oblast"], feature["properties"]["held_by"]): feature["properties"]
        for layer in client.json("/api/layers")["layers"]
        for feature in client.json(layer["links"]["geojson"])["features"]
    }
    content = encode_tile(scenario, Tile(4, 9, 5))
    features = decode(content)["faces"]["features"]
    assert features
    for feature in features:
        facts = feature["properties"]
        layer = told[facts["oblast"], facts["held_by"]]
        assert facts["area_km2"] == layer["area_km2"]
        assert facts["category"] == layer["category"]
        assert facts["clauses"].split() == layer["clauses"]


def test_gdal_reads_a_tile(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "tile.mvt"
    path.write_bytes(client.get("/tiles/6/38/22.mvt").content)
    assert {name for name, _ in pyogrio.list_layers(f"MVT:{path}")} == set(LAYERS)
    faces = pyogrio.read_dataframe(f"MVT:{path}", layer="faces")
    assert {"buffer_zone", "de_facto_recognized"} <= set(faces["category"])


def test_the_archive_holds_the_tiles_of_the_server(archive: bytes, client: Any) -> None:
    reader = Reader(MemorySource(archive))
    header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (MIN_ZOOM, MAX_ZOOM)
    assert {layer["id"] for layer in metadata["vector_layers"]} == set(LAYERS)
    assert metadata["point21"]["identity"]["plan"] == "point21-axios"
    seen = 0
    for (zoom, column, row), content in all_tiles(MemorySource(archive)):
        seen += 1
        if seen % 40 == 1:
            served = client.get(f"/tiles/{zoom}/{column}/{row}.mvt")
            assert gzip.decompress(content) == served.content
    assert seen > 100


def test_gdal_reads_the_archive(archive: bytes, tmp_path: Path, scenario: Scenario) -> None:
    path = tmp_path / "point21.pmtiles"
    path.write_bytes(archive)
    assert {name for name, _ in pyogrio.list_layers(path)} == set(LAYERS)
    faces = pyogrio.read_dataframe(path, layer="faces")
    assert set(faces["oblast"]) == set(scenario.boundaries.ids)


def test_tilejson_and_style_lead_to_tiles(client: Any) -> None:
    described = client.json("/tiles/tiles.json?plan=point21-cbs&date=2026-08-01")
    assert described["tilejson"] == "3.0.0"
    (template,) = described["tiles"]
    address = template.replace("http://test", "").format(z=6, x=38, y=22)
    assert client.get(address).headers["content-type"] == "application/vnd.mapbox-vector-tile"
    style = client.json("/tiles/style.json?plan=point21-cbs&date=2026-08-01")
    assert style["version"] == 8
    assert style["sources"]["point21"]["url"].endswith("plan=point21-cbs&date=2026-08-01")
    layers = {layer["source-layer"] for layer in style["layers"] if "source-layer" in layer}
    assert layers == set(LAYERS)
    filled = {layer["filter"][2] for layer in style["layers"] if layer["id"].startswith("fill-")}
    content = decode(client.get(address).content)
    drawn = {feature["properties"]["category"] for feature in content["faces"]["features"]}
    assert drawn <= filled


def test_readings_change_the_tiles(client: Any) -> None:
    def categories(query: str) -> set[str]:
        content = decode(client.get(f"/tiles/5/19/11.mvt{query}").content)
        return {
            feature["properties"]["category"]
            for feature in content["faces"]["features"]
            if (feature["properties"]["oblast"], feature["properties"]["held_by"])
            == ("UA-09", "ukraine")
        }

    assert categories("") == {"de_facto_recognized"}
    assert categories("?reading=luhansk_pocket:retained") == {"retained"}


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/tiles/3/4/2.mvt", 404, "zoom 4 to 9"),
        ("/tiles/10/600/350.mvt", 404, "zoom 4 to 9"),
        ("/tiles/5/32/0.mvt", 404, "0 to 31"),
        ("/tiles/5/-1/0.mvt", 404, "0 to 31"),
        ("/tiles/5/a/0.mvt", 422, "column"),
        ("/tiles/5/19/11.mvt?plan=nobody", 404, "nobody"),
        ("/tiles/5/19/11.mvt?layer=faces", 422, "'layer' is unknown"),
        ("/tiles/99999999999999999999/1/1.mvt", 404, "zoom"),
    ],
)
def test_bad_addresses_are_explained(client: Any, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert words in json.dumps(answer.json())


def test_where_there_is_nothing_the_tile_is_empty(client: Any) -> None:
    answer = client.get("/tiles/6/0/0.mvt")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_archive_is_the_same_every_time(archive: bytes, selection: Selection) -> None:
    assert io.BytesIO(archive).read(7) == b"PMTiles"
    assert export_file(selection, FORMATS["pmtiles"]) == archive
