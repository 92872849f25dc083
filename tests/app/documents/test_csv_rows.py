"""Cells of a CSV: text from outside is not computed, numbers stay; the mark that Excel knows."""

from __future__ import annotations

import csv
import io
import math
from codecs import BOM_UTF8
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.documents.csv_rows import write_csv
from geo.text import strip_controls


def read_back(value: object) -> str:
    written = write_csv(["cell"], [{"cell": value}], {})
    return list(csv.reader(io.StringIO(written.decode(), newline="")))[1][0]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
@example("=1+1")
@example("  @SUM(A1)")
@example("-2+3+cmd|' /C calc'!A0")
@example("＝1")
def test_no_text_is_computed_by_a_spreadsheet(text: str) -> None:
    cell = read_back(text)
    begin = cell.lstrip()
    if begin[:1] in set("=+-@＝＋－＠") and len(begin) > 1:
        assert set(begin[1:]) <= set("0123456789.,eE+-%"), "only a number may begin with a sign"
    assert cell in {strip_controls(text), f"'{strip_controls(text)}"}


@pytest.mark.parametrize("text", ["-12.5", "+3", "-1e-5", "-", "Izium", "2025-11-21", "a=b", "5%"])
def test_numbers_and_other_text_stay_as_they_are(text: str) -> None:
    assert read_back(text) == text


@given(st.floats(allow_infinity=False))
@example(-0.1)
def test_numbers_keep_all_their_digits(value: float) -> None:
    cell = read_back(value)
    assert cell == "" if math.isnan(value) else float(cell) == value


def test_control_characters_do_not_reach_a_cell() -> None:
    assert read_back("a\x1b[31m\u202eb\x00c\ud83d") == "a[31mbc"


@pytest.mark.parametrize(
    "address", ["/api/statistics?by=oblast", "/api/readings?", "/api/history?"]
)
def test_a_byte_order_mark_is_put_before_a_csv_when_asked_for(client: Any, address: str) -> None:
    plain = client.get(f"{address}&format=csv")
    marked = client.get(f"{address}&format=csv&bom=1")
    assert (plain.status_code, marked.status_code) == (200, 200)
    assert marked.content == BOM_UTF8 + plain.content
    assert not plain.content.startswith(BOM_UTF8)
    assert client.get(f"{address}&bom=perhaps").status_code == 422


def test_json_has_no_mark(client: Any) -> None:
    address = "/api/statistics?by=oblast"
    assert client.get(f"{address}&bom=1").content == client.get(address).content
