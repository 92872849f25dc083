"""Geometries on their way out: winding, digits, shared borders."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.documents.geojson import (
    line_between,
    simplify_for_display,
    write_feature,
    write_features,
    write_json,
)

# Two squares side by side, the right one with a hole:
#
#   2 ┌─────┬─────┐
#     │  a  │ ┌─┐ │
#     │     │ └─┘b│
#   0 └─────┴─────┘
#     0     2     4
A = shapely.box(0, 0, 2, 2, ccw=False)
B = shapely.Polygon([(2, 0), (2, 2), (4, 2), (4, 0)], [[(2.5, 1), (3, 1), (3, 1.5), (2.5, 1.5)]])


def read(document: Any) -> Any:
    return json.loads(write_json(document))


def signed_area(ring: list[list[float]]) -> float:
    return sum((x1 - x0) * (y1 + y0) / -2 for (x0, y0), (x1, y1) in pairwise(ring))


def test_shells_run_anticlockwise_and_holes_clockwise() -> None:
    faces = np.array([A, B, shapely.MultiPolygon([A])], dtype=object)
    collection = read(write_features(faces, [{}, {}, {}], ids=["a", "b", "m"]))
    one, other, many = (feature["geometry"]["coordinates"] for feature in collection["features"])
    for shell, *holes in (one, other, many[0]):
        assert signed_area(shell) > 0
        assert all(signed_area(hole) < 0 for hole in holes)
    assert collection["bbox"] == [0, 0, 4, 2]


@given(st.lists(st.tuples(st.floats(20, 41), st.floats(43, 54)), min_size=2, max_size=9))
def test_positions_keep_every_digit(positions: list[tuple[float, float]]) -> None:
    feature = read(write_feature(shapely.LineString(positions), {}, feature_id="x"))
    assert [tuple(position) for position in feature["geometry"]["coordinates"]] == positions


def test_the_line_between_is_the_shared_border() -> None:
    line = line_between(np.array([A], dtype=object), np.array([B], dtype=object))
    assert line.equals(shapely.LineString([(2, 0), (2, 2)]))
    apart = shapely.box(10, 0, 11, 1)
    assert line_between(np.array([A], dtype=object), np.array([apart], dtype=object)).is_empty
    nobody = np.array([], dtype=object)
    assert line_between(np.array([A], dtype=object), nobody).is_empty


def test_simplifying_keeps_borders_shared_and_removes_detail() -> None:
    wave = [(2 + 0.003 * (n % 2), n / 50) for n in range(101)]
    left = shapely.Polygon([(0, 0), *wave, (0, 2)])
    right = shapely.Polygon([(4, 0), (4, 2), *reversed(wave)])
    faces = simplify_for_display(np.array([left, right], dtype=object), tolerance_deg=0.05)
    assert shapely.coverage_is_valid(faces)
    assert shapely.get_num_coordinates(faces).sum() < 40
    assert not line_between(faces[:1], faces[1:]).is_empty
    untouched = simplify_for_display(np.array([left, right], dtype=object), tolerance_deg=0)
    assert shapely.equals(untouched, np.array([left, right], dtype=object)).all()


def test_what_is_unknown_is_null() -> None:
    assert orjson.loads(write_json({"x": float("nan"), "y": np.float64(1.5)})) == {
        "x": None,
        "y": 1.5,
    }
