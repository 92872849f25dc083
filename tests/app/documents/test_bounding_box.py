"""Boxes on the application's own layers: which features come, and that answers are shared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.documents.bounding_box import BoxIndex, BoxIndexes, parse_box
from app.errors import InvalidRequestError

LAYER = "/api/layers/retained"
GRID = np.array([shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(3)], dtype=object)
INDEX = BoxIndex(GRID)


@given(st.lists(st.floats(-1, 5), min_size=4, max_size=4))
def test_a_box_finds_what_a_slow_look_finds(edges: list[float]) -> None:
    west, east = sorted(edges[:2])
    south, north = sorted(edges[2:])
    drawn = shapely.box(west, south, east, north)
    wanted = [row for row, cell in enumerate(GRID) if cell.intersects(drawn)]
    assert INDEX.find((west, south, east, north)).tolist() == wanted


def touched(whole: dict[str, Any], box: str) -> list[str]:
    drawn = shapely.box(*map(float, box.split(",")))
    return [
        feature["id"]
        for feature in whole["features"]
        if shapely.from_geojson(json.dumps(feature["geometry"])).intersects(drawn)
    ]


@pytest.mark.parametrize("box", ["36,47,38,49", "30.5,50.4,30.6,50.5", "22,44,41,53", "0,0,1,1"])
def test_a_layer_is_cut_down_to_the_features_that_are_touched(client: Any, box: str) -> None:
    whole = client.json(LAYER)
    part = client.json(f"{LAYER}?bbox={box}")
    assert [feature["id"] for feature in part["features"]] == touched(whole, box)
    by_id = {feature["id"]: feature for feature in whole["features"]}
    assert all(feature == by_id[feature["id"]] for feature in part["features"])
    assert part["area_km2"] == whole["area_km2"]


def test_boxes_that_touch_the_same_share_one_answer(client: Any) -> None:
    prepared = client.app.prepared
    boxes = [f"36,47,38,{49 + step / 100:.2f}" for step in range(20)]
    first = client.get(f"{LAYER}?bbox={boxes[0]}&plan=point21-axios")
    client.get(f"{LAYER}?bbox={boxes[1]}&plan=point21-axios")
    before = len(prepared)
    others = [client.get(f"{LAYER}?plan=point21-axios&bbox={box}") for box in boxes[:1]]
    others += [client.get(f"{LAYER}?bbox={box}&plan=point21-axios") for box in boxes[2:]]
    others += [client.get(f"{LAYER}?bbox={boxes[3].replace(',', '%2C')}&plan=point21-axios")]
    assert {answer.text for answer in others} == {first.text}
    assert {answer.headers["etag"] for answer in others} == {first.headers["etag"]}
    assert len(prepared) <= before + 1
    again = client.get(
        f"{LAYER}?bbox={boxes[7]}&plan=point21-axios", if_none_match=first.headers["etag"]
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("+30,45,32,50", 422),  # a plus is a space in a query
        ("%2B30,45,32,50", 200),
        ("30%2C45%2c32,50", 200),
        ("3%30,45,32,50", 200),
        ("30,45,32,50+", 422),
        ("30,45,32,%35%30", 200),
    ],
)
def test_a_box_means_the_same_whoever_asked_before(client: Any, text: str, status: int) -> None:
    layer = "/api/layers/frozen?plan=borders-1991"
    address = f"{layer}&bbox={text}"
    assert client.get(address).status_code == status
    answers = [client.get(f"{layer}&bbox={box}") for box in ("30,45,32,50", "30.0,45,32,50", text)]
    assert [answer.status_code for answer in answers] == [200, 200, status]
    if status == 200:
        assert len({answer.text for answer in answers}) == 1


def test_a_name_that_is_encoded_is_the_same_name(client: Any) -> None:
    layer = "/api/layers/frozen?plan=borders-1991"
    plain, encoded = (client.get(f"{layer}&{name}=30,45,32,50") for name in ("bbox", "b%62ox"))
    assert plain.text == encoded.text
    assert client.get(f"{layer}&bbox=30,45,32,50&%62box=30,45,32,50").status_code == 422


def test_boxes_of_different_plans_days_and_layers_are_apart(client: Any) -> None:
    box = "bbox=32,46,39,50"
    queries = [
        f"{LAYER}?{box}",
        f"{LAYER}?{box}&plan=borders-1991",
        f"{LAYER}?{box}&date=2026-08-01",
        f"{LAYER}?{box}&lang=uk",
        f"/api/layers/frozen?{box}",
    ]
    answers = [[client.get(query).text for query in queries] for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert len(set(answers[0])) == len(queries)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,4,5", "3,1,2,4", "1,4,2,3", "nan,1,2,3", "1,2,3,91", "1, 2,3,4"]
)
def test_what_is_no_box_is_refused_before_and_after_others_were_asked(
    client: Any, text: str
) -> None:
    with pytest.raises(InvalidRequestError, match="west,south,east,north"):
        parse_box(text)
    client.json(f"{LAYER}?bbox=30,45,32,50")
    answer = client.get(f"{LAYER}?bbox={text}")
    assert answer.status_code == 422
    assert "'bbox'" in answer.json()["detail"]


def test_two_boxes_and_other_addresses_are_left_alone(client: Any) -> None:
    assert client.get(f"{LAYER}?bbox=30,45,32,50&bbox=30,45,32,51").status_code == 422
    indexes = BoxIndexes()
    indexes.find(b"/a?bbox=0,0,1,1", GRID, (0, 0, 1, 1))
    for key in (
        b"/a",
        b"/a?x=1",
        b"/b?bbox=0,0,1,1",
        b"/a?bbox=0,0,1,1&bbox=0,0,1,1",
        b"/a?bbox=x",
    ):
        assert indexes.same_answer(key) == key
    one, other = (indexes.same_answer(b"/a?bbox=%b" % box) for box in (b"0,0,1,1", b"0,0,1,1.0"))
    assert one == other != b"/a?bbox=0,0,1,1"
