"""What the server answers, held against the Python API, the schemas and independent measures."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from itertools import pairwise
from typing import Any

import pytest
import shapely
from pydantic import BaseModel
from pyproj import Geod

import geo
from app.datasets.catalogue import Catalogue
from app.schemas import common as schemas
from app.schemas import geojson as geoschemas
from app.schemas import places as placeschemas

TABLES = [by.value for by in geo.By]
CATEGORIES = [category.value for category in geo.Category]
PLANS = ["point21-axios", "point21-cbs", "borders-1991", "freeze-everywhere"]

ANSWERS: list[tuple[str, type[BaseModel]]] = [
    ("/healthz", schemas.Health),
    ("/api/plans", schemas.Plans),
    *((f"/api/plans/{plan}", schemas.PlanDetail) for plan in PLANS),
    ("/api/contact-lines", schemas.Lines),
    ("/api/contact-line", geoschemas.LineFeature),
    ("/api/contact-line?date=2026-01-01", geoschemas.LineFeature),
    ("/api/contact-line?date=2026-01-15&nearest=true", geoschemas.LineFeature),
    ("/api/oblasts", geoschemas.Oblasts),
    *((f"/api/layers?plan={plan}", schemas.Layers) for plan in PLANS),
    *((f"/api/layers/{category}", geoschemas.LayerCollection) for category in CATEGORIES),
    ("/api/layers/relinquished?plan=borders-1991", geoschemas.LayerCollection),
    *((f"/api/statistics?by={by}", schemas.Statistics) for by in TABLES),
    ("/api/statistics?plan=point21-cbs&date=2026-08-01&by=change", schemas.Statistics),
    ("/api/locate?lon=37.58&lat=48.72", placeschemas.Located),
    ("/api/locate?place=Kramatorsk", placeschemas.Located),
    ("/api/search?q=kramat", placeschemas.SearchResults),
    ("/api/search?q=48.7,37.5&limit=1", placeschemas.SearchResults),
    ("/api/map", geoschemas.MapBundle),
    ("/api/map?plan=freeze-everywhere&date=2026-08-01", geoschemas.MapBundle),
    ("/problems", schemas.ProblemKinds),
    ("/problems/unknown-plan", schemas.ProblemKind),
]


@pytest.fixture(scope="module")
def scenario(catalogue: Catalogue) -> geo.Scenario:
    """The default scenario, built here from the files, not taken from the application."""
    return geo.build_scenario(
        geo.load_boundaries(),
        geo.load_contact_lines().on(geo.load_plan("point21-axios").line_date),
        geo.load_plan("point21-axios"),
        geo.load_observations(),
    )


@pytest.mark.parametrize(("url", "model"), ANSWERS)
def test_answers_have_the_documented_form(client: Any, url: str, model: type[BaseModel]) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    model.model_validate_json(answer.content, strict=False)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    geojson = model.__module__ == "app.schemas.geojson" and "map" not in url
    kind = "application/geo+json" if geojson else "application/json"
    assert answer.headers["content-type"] == kind


@pytest.mark.parametrize(("url", "model"), ANSWERS)
def test_answers_are_kept_and_revalidated(client: Any, url: str, model: type[BaseModel]) -> None:
    first, head = client.get(url), client.request("HEAD", url)
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(first.content)
    if "/locate" in url or "/search" in url or url == "/healthz":
        assert "etag" not in first.headers
        return
    assert "max-age=300" in first.headers["cache-control"]
    etag = first.headers["etag"]
    again = client.get(url, if_none_match=f'"other", W/{etag}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    for coding in ("gzip", "br"):
        packed = client.get(url, accept_encoding=coding)
        assert packed.content == first.content  # httpx decodes
        if len(first.content) > 512:
            assert packed.headers["content-encoding"] == coding
            assert int(packed.headers["content-length"]) < len(first.content)


@pytest.mark.parametrize("by", TABLES)
def test_figures_are_those_of_the_python_api(client: Any, scenario: geo.Scenario, by: str) -> None:
    answer = client.json(f"/api/statistics?by={by}")
    table = scenario.table(by)
    assert answer["rows"] == [dict(row) for row in table.rows]
    assert [column["name"] for column in answer["columns"]] == list(table.rows[0])
    assert answer["identity"] == scenario.identity.to_dict()
    assert set(answer["units"]) <= set(table.rows[0])


@pytest.mark.parametrize("by", TABLES)
def test_csv_has_the_same_figures_and_says_what_they_are_about(client: Any, by: str) -> None:
    address = f"/api/statistics?by={by}&plan=point21-cbs&date=2026-01-01"
    document = client.json(address)
    answer = client.get(f"{address}&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.endswith(b"\r\n")
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert len(rows) == len(document["rows"])
    identity = {
        key: document["identity"][key] for key in ("plan", "date", "source", "data_version")
    }
    for cells, figures in zip(rows, document["rows"], strict=True):
        for name, value in figures.items():
            read: object = cells[name]
            if value is None:
                assert read == ""
            else:
                assert type(value)(read) == value
        assert {key: cells[key] for key in identity} == identity
    link = answer.headers["link"].partition(">")[0].strip("<")
    assert client.json(link)["rows"] == document["rows"]
    assert (
        f'filename="point21-cbs_2026-01-01_{by.replace(",", "-")}.csv"'
        in (answer.headers["content-disposition"])
    )


@pytest.mark.parametrize("by", ["change", "leaving"])
def test_totals_stand_beside_the_rows_and_in_a_csv_only_when_asked_for(
    client: Any, by: str
) -> None:
    document = client.json(f"/api/statistics?by={by}")
    assert "total" not in {row["oblast"] for row in document["rows"]}
    assert {row["oblast"] for row in document["totals"]} == {"total"}
    for asked, expected in (("", []), ("&totals=1", document["totals"])):
        text = client.get(f"/api/statistics?by={by}&format=csv{asked}").text
        found = list(csv.DictReader(io.StringIO(text)))[len(document["rows"]) :]
        assert [row["oblast"] for row in found] == ["total"] * len(expected)
        for line, sums in zip(found, expected, strict=True):
            assert {name: float(line[name]) for name in sums if name.endswith("km2")} == {
                name: value for name, value in sums.items() if name.endswith("km2")
            }


def test_the_ledger_of_the_default_plan_is_in_the_expected_range(client: Any) -> None:
    rows = {row["category"]: row for row in client.json("/api/statistics")["rows"]}
    country = client.json("/api/statistics?by=country")["rows"][0]["area_km2"]
    assert 6_000 < rows["buffer_zone"]["area_km2"] < 6_450
    assert 1_600 < rows["relinquished"]["area_km2"] < 2_200
    total = math.fsum(row["area_km2"] for row in rows.values())
    assert total == pytest.approx(country, rel=1e-9)


# --- layers ----------------------------------------------------------------------------------


def densified_area_km2(geometry: dict[str, Any]) -> float:
    """Area of a GeoJSON geometry by geographiclib on rings densified to 0.002 degrees."""
    shape = shapely.segmentize(shapely.from_geojson(json.dumps(geometry)), 0.002)
    return Geod(ellps="WGS84").geometry_area_perimeter(shape)[0] / 1e6


@pytest.mark.parametrize("category", ["buffer_zone", "frozen", "relinquished"])
def test_areas_recomputed_from_the_served_layer_agree(client: Any, category: str) -> None:
    layer = client.json(f"/api/layers/{category}")
    assert layer["features"]
    for feature in layer["features"]:
        stated = feature["properties"]["area_km2"]
        # positive: exterior rings run anticlockwise, as RFC 7946 asks
        assert densified_area_km2(feature["geometry"]) == pytest.approx(stated, abs=1e-3, rel=1e-7)
    total = math.fsum(feature["properties"]["area_km2"] for feature in layer["features"])
    assert total == pytest.approx(layer["area_km2"], rel=1e-12)


def test_layers_have_every_face_once_with_every_digit(client: Any, scenario: geo.Scenario) -> None:
    served = {}
    for category in CATEGORIES:
        for feature in client.json(f"/api/layers/{category}")["features"]:
            assert feature["properties"]["category"] == category
            served[feature["id"]] = feature
    partition = scenario.partition
    assert len(served) == len(partition)
    for row, (oblast, holder) in enumerate(
        zip(partition.oblast_id, partition.held_by, strict=True)
    ):
        feature = served[f"{oblast}:{holder}"]
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.equals_exact(
            shapely.normalize(shape), shapely.normalize(partition.geometry[row]), tolerance=0
        )
        assert feature["properties"]["area_km2"] == partition.area_km2[row]


def test_the_index_leads_to_the_layers(client: Any) -> None:
    index = client.json("/api/layers?plan=point21-cbs&date=2026-02-01")
    assert [layer["category"] for layer in index["layers"]] == CATEGORIES[:5]
    assert math.fsum(layer["share"] for layer in index["layers"]) == pytest.approx(1, abs=1e-12)
    for entry in index["layers"]:
        layer = client.json(entry["links"]["geojson"])
        assert layer["identity"] == index["identity"]
        assert layer["area_km2"] == entry["area_km2"]
        assert len(layer["features"]) == entry["features"]


def test_an_empty_layer_is_an_empty_collection(client: Any) -> None:
    layer = client.json("/api/layers/buffer_zone?plan=freeze-everywhere")
    assert layer["features"] == []
    assert layer["area_km2"] == 0
    assert "bbox" not in layer


def test_oblasts_and_lines_are_served_as_they_were_loaded(client: Any) -> None:
    boundaries, lines = geo.load_boundaries(), geo.load_contact_lines()
    oblasts = client.json("/api/oblasts")
    assert [feature["id"] for feature in oblasts["features"]] == list(boundaries.ids)
    for feature, shape in zip(oblasts["features"], boundaries.geometry, strict=True):
        served = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.equals_exact(
            shapely.normalize(served), shapely.normalize(shape), tolerance=0
        )
    index = client.json("/api/contact-lines")
    assert index["dates"] == [line.date.isoformat() for line in lines]
    for entry, line in zip(index["lines"], lines, strict=True):
        assert entry["length_km"] == line.length_km
        feature = client.json(entry["links"]["geojson"])
        assert shapely.from_geojson(json.dumps(feature["geometry"])).equals(line.geometry)


# --- dates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/statistics", "/api/layers", "/api/layers/frozen"])
def test_the_nearest_earlier_line_is_used_only_when_asked_for_and_said_so(
    client: Any, path: str
) -> None:
    refused = client.get(f"{path}?date=2026-01-31")
    assert refused.status_code == 404
    assert refused.json()["nearest"][0] == "2026-02-01"
    used = client.json(f"{path}?date=2026-01-31&on_or_before=true")["identity"]
    assert (used["date"], used["requested_date"]) == ("2026-01-01", "2026-01-31")
    exact = client.json(f"{path}?date=2026-01-01&nearest=true")["identity"]
    assert "requested_date" not in exact


def test_there_is_nothing_earlier_than_the_first_line(client: Any) -> None:
    assert client.get("/api/statistics?date=2024-07-31&on_or_before=true").status_code == 404


def test_contact_line_says_when_another_day_was_asked_for(client: Any) -> None:
    properties = client.json("/api/contact-line?date=2026-01-31&on_or_before=1")["properties"]
    assert (properties["date"], properties["requested_date"]) == ("2026-01-01", "2026-01-31")


def test_the_nearest_line_may_be_later_and_only_one_way_can_be_asked_for(client: Any) -> None:
    path = "/api/statistics?date=2026-01-31"
    assert client.json(f"{path}&nearest=true")["identity"]["date"] == "2026-02-01"
    assert client.get("/api/statistics?date=2024-07-31&nearest=true").status_code == 200
    assert client.get(f"{path}&nearest=true&on_or_before=true").status_code == 422


# --- locate ----------------------------------------------------------------------------------

PLACES = [
    ("Kramatorsk", "buffer_zone"),
    ("Sloviansk", "buffer_zone"),
    ("Краматорськ", "buffer_zone"),
    ("Kherson", "retained"),
    ("Melitopol", "frozen"),
    ("Sievierodonetsk", "de_facto_recognized"),
    ("Sevastopol", "de_facto_recognized"),
]


@pytest.mark.parametrize(("name", "category"), PLACES)
def test_places_lie_where_the_text_puts_them(client: Any, name: str, category: str) -> None:
    answer = client.json(f"/api/locate?place={name}")
    match = answer["matches"][0]
    assert match["category"] == category
    assert name in (match["place"]["name_en"], match["place"]["name_uk"])


POSITIONS = [
    (37.5678, 48.7311, "buffer_zone", "ukraine"),  # Kramatorsk
    (35.3715, 46.8489, "frozen", "russia"),  # Melitopol
    (31.7209, 46.5114, "relinquished", "russia"),  # Kinburn spit
    (30.5234, 50.4501, "retained", "ukraine"),  # Kyiv
    (32.6146, 46.6370, "retained", "ukraine"),  # Kherson, just off the generalised bank
    (34.1024, 44.9521, "de_facto_recognized", "russia"),  # Simferopol
]


@pytest.mark.parametrize(("lon", "lat", "category", "held_by"), POSITIONS)
def test_positions_lie_where_the_text_puts_them(
    client: Any, lon: float, lat: float, category: str, held_by: str
) -> None:
    (match,) = client.json(f"/api/locate?lon={lon}&lat={lat}")["matches"]
    assert (match["category"], match["held_by"]) == (category, held_by)
    assert (match["lon"], match["lat"]) == (lon, lat)
    assert (match["place"] is None) != (match["near"] is None)
    assert match["distance_to_line_km"] > 0


def test_the_clauses_at_a_place_are_quoted_in_order(client: Any) -> None:
    (match,) = client.json("/api/locate?place=Kramatorsk")["matches"]
    plan = client.json("/api/plans/point21-axios")
    quoted = [clause for clause in plan["clauses"] if clause["id"] in ("21.1", "21.4")]
    assert match["clauses"] == quoted
    assert "neutral demilitarized buffer zone" in match["clauses"][-1]["quote"]


def test_an_ambiguous_name_lists_all_who_bear_it(client: Any) -> None:
    answer = client.json("/api/locate?place=Andriivka")
    assert answer["ambiguous"] is True
    assert len(answer["matches"]) > 1
    people = [match["place"]["population"] or 0 for match in answer["matches"]]
    assert all(more >= fewer for more, fewer in pairwise(people))
    assert len({(match["lon"], match["lat"]) for match in answer["matches"]}) == len(people)


# --- the page's bundle -----------------------------------------------------------------------


def test_the_bundle_gathers_what_the_other_answers_say(client: Any) -> None:
    bundle = client.json("/api/map?plan=point21-cbs&date=2026-03-01")
    query = "plan=point21-cbs&date=2026-03-01"
    assert bundle["plan"] == client.json("/api/plans/point21-cbs")
    assert bundle["categories"] == client.json(f"/api/layers?{query}")["layers"]
    for by, rows in bundle["tables"].items():
        assert rows == client.json(f"/api/statistics?{query}&by={by}")["rows"]
    faces = {face["id"]: face["properties"] for face in bundle["faces"]["features"]}
    for category in CATEGORIES:
        for feature in client.json(f"/api/layers/{category}?{query}")["features"]:
            properties = faces.pop(feature["id"])
            assert {key: properties[key] for key in feature["properties"]} == feature["properties"]
    assert not faces
    assert {"Kramatorsk", "Sloviansk"} <= {
        town["name_en"] for town in bundle["towns"] if town["category"] == "buffer_zone"
    }


def test_the_people_of_an_area_are_those_of_all_its_places(client: Any) -> None:
    bundle = client.json("/api/map?plan=point21-axios")
    faces = [face["properties"] for face in bundle["faces"]["features"]]
    keys = ("settlements", "population_recorded", "settlements_population_unknown")
    for row in bundle["tables"]["category"]:
        mine = [face for face in faces if face["category"] == row["category"]]
        assert [sum(face[key] for face in mine) for key in keys] == [row[key] for key in keys]


@pytest.mark.parametrize("lang", ["en", "uk"])
def test_every_flag_of_a_face_is_explained(client: Any, lang: str) -> None:
    chosen = ("kinburn:retained_by_russia", "sevastopol:separate", "frozen_far_side:undefined")
    readings = "".join(f"&reading={reading}" for reading in chosen)
    bundle = client.json(f"/api/map?plan=point21-axios&lang={lang}{readings}")
    words = {entry["flag"]: entry["meaning"] for entry in bundle["flags"]}
    carried = {f for face in bundle["faces"]["features"] for f in face["properties"]["flags"]}
    assert set(words) == carried >= {"kept_by_russia", "unit_left_open", "far_side_undefined"}
    assert all(re.search("[А-я]" if lang == "uk" else "^[A-Z]", text) for text in words.values())


def test_simplified_faces_still_share_their_borders(client: Any) -> None:
    bundle = client.json("/api/map")
    shapes = [
        shapely.from_geojson(json.dumps(face["geometry"])) for face in bundle["faces"]["features"]
    ]
    assert shapely.coverage_is_valid(shapes)
    full = client.get("/api/oblasts").content
    assert len(json.dumps(bundle["faces"])) < len(full)


def test_names_of_oblasts_are_placed_inside_them(client: Any) -> None:
    shapes = dict(zip(geo.load_boundaries().ids, geo.load_boundaries().geometry, strict=True))
    labels = client.json("/api/map")["oblasts"]
    assert {label["id"] for label in labels} == set(shapes)
    for label in labels:
        assert shapes[label["id"]].contains(shapely.Point(label["label_lon"], label["label_lat"]))
