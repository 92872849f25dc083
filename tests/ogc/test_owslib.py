"""OWSLib, the client that Python programs use."""

from __future__ import annotations

import pytest
import shapely
from owslib.ogcapi.features import Features

from app.export.frames import make_columns
from shipped import shipped_catalogue


@pytest.fixture(scope="module")
def client(server: str) -> Features:
    return Features(server)


def test_it_finds_its_way(client: Features, matched: dict[str, int]) -> None:
    assert client.feature_collections() == list(matched)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in str(
        client.conformance()
    )
    assert client.api()["openapi"].startswith("3.0")
    assert client.collection("faces")["license"]
    assert "area_km2" in client.collection_queryables("faces")["properties"]


def test_every_collection_is_read_whole_over_pages(
    client: Features, matched: dict[str, int]
) -> None:
    for name, count in matched.items():
        size = max(3, min(1000, count // 3))
        found: list[str] = []
        while len(found) < count:
            page = client.collection_items(name, limit=size, offset=len(found))
            assert page["numberMatched"] == count
            assert page["numberReturned"] == len(page["features"]) > 0
            found += [feature["id"] for feature in page["features"]]
        assert len(set(found)) == len(found) == count


def test_geometry_and_areas_arrive_without_loss(client: Features) -> None:
    """OWSLib measures nothing: what it hands on is, digit for digit, what was measured."""
    columns, geometry = make_columns(shipped_catalogue().select(), "faces")
    items = client.collection_items("faces", limit=1000)["features"]
    assert [item["properties"]["area_km2"] for item in items] == columns["area_km2"]
    read = [shapely.geometry.shape(item["geometry"]) for item in items]
    assert shapely.equals_exact(read, geometry, tolerance=0, normalize=True).all()


def test_one_feature_and_a_filter(client: Features) -> None:
    item = client.collection_item("faces", "UA-14:russia:2026-08-01")
    assert item["properties"]["date"] == "2026-08-01"
    page = client.collection_items("settlements", filter="population > 500000", limit=100)
    assert {item["properties"]["name_en"] for item in page["features"]} >= {"Kyiv", "Kharkiv"}
    assert page["numberMatched"] == page["numberReturned"] < 20
