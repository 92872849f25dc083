"""GDAL's driver for OGC API – Features, the newest (in pyogrio) and a distribution's."""

from __future__ import annotations

import gzip
import json
import subprocess
import urllib.request
from collections.abc import Iterator

import numpy as np
import pyogrio
import pytest
import shapely
from pmtiles.reader import Reader as PMTilesReader
from pyproj import Geod

# Our edges are straight in longitude and latitude (RFC 7946), those of a geodesic area are not:
# cut as small as this they are the same to seven digits, whole they differ in the fourth.
DENSE_DEG = 0.0005
AREAS = 1e-6


def page_size(count: int) -> int:
    """Give a page size that makes several pages, but not hundreds."""
    return max(3, min(1000, count // 4))


def areas_km2(shapes: np.ndarray) -> np.ndarray:
    """Measure as any client can: geodesic rings on WGS 84, holes taken away."""
    geod = Geod(ellps="WGS84")

    def rings(shape: shapely.Geometry) -> Iterator[float]:
        for part in shapely.get_parts(shape):
            for sign, ring in [(1, part.exterior), *((-1, hole) for hole in part.interiors)]:
                lon, lat = shapely.get_coordinates(shapely.segmentize(ring, DENSE_DEG)).T
                yield sign * abs(geod.polygon_area_perimeter(lon, lat)[0]) / 1e6

    return np.array([sum(rings(shape)) for shape in shapes])


@pytest.fixture(scope="module")
def address(server: str) -> str:
    return f"OAPIF:{server}"


def test_every_collection_is_listed(address: str, matched: dict[str, int]) -> None:
    assert pyogrio.list_layers(address)[:, 0].tolist() == list(matched)
    assert len(matched) == 11


def test_every_collection_is_read_whole_over_pages(address: str, matched: dict[str, int]) -> None:
    for name, count in matched.items():
        frame = pyogrio.read_dataframe(address, layer=name, PAGE_SIZE=page_size(count))
        assert len(frame) == count, name
        assert frame.id.is_unique if count else True
        if count:
            assert frame.crs.to_authority() in {("OGC", "CRS84"), ("EPSG", "4326")}


def test_areas_measured_from_what_was_read_are_those_stated(
    address: str, matched: dict[str, int]
) -> None:
    measured = []
    for name in matched:
        frame = pyogrio.read_dataframe(address, layer=name)
        if len(frame) and "area_km2" in frame:
            stated = frame.area_km2.to_numpy()
            error = np.abs(areas_km2(frame.geometry.to_numpy()) / stated - 1).max()
            assert error < AREAS, name
            measured.append(name)
    assert {"oblasts", "faces", "frozen", "differences"} <= set(measured)


def test_another_plan_and_day_are_kept_from_page_to_page(address: str) -> None:
    chosen = f"{address}?plan=point21-cbs&date=2026-08-01"
    frame = pyogrio.read_dataframe(chosen, layer="faces", PAGE_SIZE=5)
    assert set(frame.plan) == {"point21-cbs"}
    assert {str(day)[:10] for day in frame.date} == {"2026-08-01"}
    assert len(frame) > 10


def test_boxes_and_conditions_find_the_same_as_asked_of_all(address: str) -> None:
    everything = pyogrio.read_dataframe(address, layer="faces")
    box = (30.0, 45.0, 32.0, 50.0)
    inside = pyogrio.read_dataframe(address, layer="faces", bbox=box)
    assert set(inside.id) == set(everything.id[everything.intersects(shapely.box(*box))])
    large = pyogrio.read_dataframe(
        address, layer="faces", where="held_by = 'russia' AND area_km2 > 10000"
    )
    wanted = everything[(everything.held_by == "russia") & (everything.area_km2 > 10000)]
    assert set(large.id) == set(wanted.id)
    assert 0 < len(large) < len(everything)
    later = pyogrio.read_dataframe(address, layer="contact_lines", where="date >= '2026-02-01'")
    assert len(later) == 7


def test_a_distributions_ogrinfo_counts_the_same(
    ogrinfo: str, address: str, matched: dict[str, int]
) -> None:
    done = subprocess.run(
        [ogrinfo, "-ro", "-al", "-so", "-json", address],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode:  # before GDAL 3.7 there is no JSON
        done = subprocess.run(
            [ogrinfo, "-ro", "-al", "-so", address],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        blocks = done.stdout.split("Layer name: ")[1:]
        counted = {
            block.split("\n")[0]: int(block.split("Feature Count: ")[1].split("\n")[0])
            for block in blocks
        }
    else:
        layers = json.loads(done.stdout)["layers"]
        counted = {layer["name"]: layer["featureCount"] for layer in layers}
    assert counted == matched


@pytest.mark.filterwarnings("ignore:File /vsicurl/.* non conformant file extension")
@pytest.mark.parametrize("form", ["gpkg", "fgb", "geojson"])
def test_downloads_are_read_by_ranges_without_a_copy(server: str, form: str) -> None:
    """GDAL's /vsicurl/ refuses a server that sends only whole files."""
    address = f"/vsicurl/{server.removesuffix('/ogc')}/api/downloads/{form}"
    layers = pyogrio.list_layers(address)[:, 0].tolist()
    assert "faces" in layers or len(layers) == 1
    found = pyogrio.read_info(address, layer="faces" if "faces" in layers else layers[0])
    assert found["features"] > 20


def test_pmtiles_are_read_by_ranges(server: str) -> None:
    """The reader asks for the header, a directory and one tile, each by its range."""
    address = f"{server.removesuffix('/ogc')}/api/downloads/pmtiles"
    asked = []

    def read(offset: int, length: int) -> bytes:
        wanted = {"Range": f"bytes={offset}-{offset + length - 1}"}
        with urllib.request.urlopen(urllib.request.Request(address, headers=wanted)) as answer:
            asked.append(answer.status)
            return bytes(answer.read())

    reader = PMTilesReader(read)
    assert reader.header()["max_zoom"] == 9
    tile = reader.get(6, 38, 22)
    with urllib.request.urlopen(f"{server.removesuffix('/ogc')}/tiles/6/38/22.mvt") as answer:
        assert tile is not None
        assert (gzip.decompress(tile) if tile[:2] == b"\x1f\x8b" else tile) == answer.read()
    assert set(asked) == {206}
    assert len(asked) > 1
