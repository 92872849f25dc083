"""CQL2 against an oracle that asks each feature by itself, in plain Python."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from typing import Any

import cql2
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cql2.errors import InvalidQueryError
from app.cql2.feature_table import FeatureTable
from app.cql2.filters import find_rows
from app.ogc.collections import find_collection
from app.ogc.reader import Chosen, Library
from shipped import shipped_catalogue

Row = dict[str, Any]
LIBRARY = Library(shipped_catalogue())


def table_of(name: str) -> FeatureTable:
    return LIBRARY.read(find_collection(name), Chosen())


def rows_of(table: FeatureTable) -> list[Row]:
    return [
        {name: values[row] for name, values in table.columns.items()}
        | {"geometry": table.geometry[row]}
        for row in range(len(table))
    ]


def day(text: str) -> date:
    return date.fromisoformat(text)


BOX = shapely.box(30, 45, 32, 50)
TRIANGLE = shapely.Polygon([(30, 44), (40, 44), (40, 52)])

CASES: list[tuple[str, str, Callable[[Row], bool]]] = [
    ("faces", "category = 'frozen'", lambda f: f["category"] == "frozen"),
    ("faces", "category <> 'frozen'", lambda f: f["category"] != "frozen"),
    (
        "faces",
        "held_by = 'russia' AND (area_km2 > 10000 OR oblast = 'UA-63')",
        lambda f: f["held_by"] == "russia" and (f["area_km2"] > 10000 or f["oblast"] == "UA-63"),
    ),
    ("faces", "NOT (area_km2 >= 20000)", lambda f: not f["area_km2"] >= 20000),
    ("faces", "area_km2 BETWEEN 100 AND 20000.5", lambda f: 100 <= f["area_km2"] <= 20000.5),
    ("faces", "area_km2 NOT BETWEEN 100 AND 20000", lambda f: not 100 <= f["area_km2"] <= 20000),
    ("faces", "oblast IN ('UA-14','UA-09')", lambda f: f["oblast"] in ("UA-14", "UA-09")),
    ("faces", "oblast NOT IN ('UA-14')", lambda f: f["oblast"] != "UA-14"),
    (
        "faces",
        "name_en LIKE 'K%Oblast'",
        lambda f: f["name_en"].startswith("K") and f["name_en"].endswith("Oblast"),
    ),
    ("faces", "oblast LIKE 'UA-_4'", lambda f: len(f["oblast"]) == 5 and f["oblast"][4] == "4"),
    ("faces", "name_en NOT LIKE '%Oblast'", lambda f: not f["name_en"].endswith("Oblast")),
    ("faces", "held_by = forces_allowed", lambda f: f["held_by"] == f["forces_allowed"]),
    (
        "faces",
        "(area_km2 * 2 - 1) / 4 > 5000 + 10 ^ 2",
        lambda f: (f["area_km2"] * 2 - 1) / 4 > 5100,
    ),
    ("faces", "area_km2 div 1000 = 26", lambda f: int(f["area_km2"] // 1000) == 26),
    ("faces", "area_km2 % 1000 < 100", lambda f: f["area_km2"] % 1000 < 100),
    ("faces", "TRUE", lambda f: True),
    ("settlements", "population > 100000", lambda f: (f["population"] or 0) > 100000),
    # where a value is not known, neither a condition nor its opposite holds
    (
        "settlements",
        "NOT population > 100000",
        lambda f: f["population"] is not None and f["population"] <= 100000,
    ),
    (
        "settlements",
        "NOT (population > 100000 AND oblast = 'UA-14')",
        lambda f: f["oblast"] != "UA-14" or not (f["population"] is None or f["population"] > 1e5),
    ),
    ("settlements", "population IS NULL", lambda f: f["population"] is None),
    ("settlements", "population IS NOT NULL", lambda f: f["population"] is not None),
    ("settlements", "CASEI(name_en) = CASEI('KYIV')", lambda f: f["name_en"].lower() == "kyiv"),
    (
        "settlements",
        "CASEI(name_uk) LIKE CASEI('ХАРК%')",
        lambda f: f["name_uk"].lower().startswith("харк"),
    ),
    (
        "settlements",
        "ACCENTI(name_uk) = ACCENTI('Київ')",
        lambda f: f["name_uk"] in ("Київ", "Киів"),
    ),
    ("settlements", "name_uk = 'Глинокар''єр'", lambda f: f["name_uk"] == "Глинокар'єр"),
    ("settlements", "S_WITHIN(geometry, BBOX(30,45,32,50))", lambda f: f["geometry"].within(BOX)),
    ("faces", "S_INTERSECTS(geometry, BBOX(30,45,32,50))", lambda f: f["geometry"].intersects(BOX)),
    ("faces", "S_DISJOINT(geometry, BBOX(30,45,32,50))", lambda f: f["geometry"].disjoint(BOX)),
    (
        "faces",
        "S_OVERLAPS(geometry, POLYGON((30 44, 40 44, 40 52, 30 44)))",
        lambda f: f["geometry"].overlaps(TRIANGLE),
    ),
    (
        "faces",
        "S_CONTAINS(geometry, POINT(30.52 50.45))",
        lambda f: f["geometry"].contains(shapely.Point(30.52, 50.45)),
    ),
    (
        "contact_lines",
        "S_CROSSES(geometry, POLYGON((30 44, 40 44, 40 52, 30 44)))",
        lambda f: f["geometry"].crosses(TRIANGLE),
    ),
    ("contact_lines", "date > DATE('2026-01-01')", lambda f: day(f["date"]) > day("2026-01-01")),
    ("contact_lines", "date = '2026-01-01'", lambda f: f["date"] == "2026-01-01"),
    (
        "contact_lines",
        "date < TIMESTAMP('2024-09-01T12:00:00Z')",
        lambda f: day(f["date"]) <= day("2024-09-01"),
    ),
    (
        "contact_lines",
        "T_AFTER(date, DATE('2026-01-01'))",
        lambda f: day(f["date"]) > day("2026-01-01"),
    ),
    (
        "contact_lines",
        "T_DURING(date, INTERVAL('2026-01-01','2026-06-01'))",
        lambda f: day("2026-01-01") < day(f["date"]) < day("2026-06-01"),
    ),
    (
        "contact_lines",
        "T_INTERSECTS(date, INTERVAL('..','2024-12-01'))",
        lambda f: day(f["date"]) <= day("2024-12-01"),
    ),
    (
        "contact_lines",
        "T_DISJOINT(date, INTERVAL('2024-12-01','..'))",
        lambda f: day(f["date"]) < day("2024-12-01"),
    ),
]


@pytest.mark.parametrize(("name", "text", "holds"), CASES, ids=[case[1] for case in CASES])
def test_a_filter_keeps_what_it_says(name: str, text: str, holds: Callable[[Row], bool]) -> None:
    table = table_of(name)
    wanted = [bool(holds(row)) for row in rows_of(table)]
    assert find_rows(table, text, "cql2-text").tolist() == wanted
    assert any(wanted)


def test_json_says_the_same_as_text() -> None:
    for name, text, _ in CASES:
        table = table_of(name)
        written = cql2.parse_text(text).to_json()
        same = find_rows(table, json.dumps(written), "cql2-json")
        assert same.tolist() == find_rows(table, text, "cql2-text").tolist()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cql2-text"),
        ("area_km2 >", "cql2-text"),
        ("areas > 3", "no property 'areas'"),
        ("area_km2 = 'large'", "number is compared with a string"),
        ("area_km2 = NULL", "expected a property"),
        ("date > 'soon'", "got 'soon'"),
        ("avg(area_km2) = 3", "no function 'avg'"),
        ("a_contains(clauses, ('21.1'))", "no function"),
        ("area_km2", "expected a comparison"),
        ("area_km2 LIKE 'a'", "LIKE compares words"),
        ("name_en LIKE name_uk", "pattern in quotation marks"),
        ("casei(area_km2) = 'a'", "of a kind"),
        ("casei() = 'a'", "0 parts"),
        ("S_WITHIN(geometry)", "1 parts"),
        ("S_WITHIN(geometry, 3)", "a geometry such as"),
        ("S_WITHIN(geometry, POLYGON((30 40)))", "cannot be used"),
        ("S_WITHIN(geometry, POLYGON((30 40, 40 50, 40 40, 30 50, 30 40)))", "not valid"),
        ("S_WITHIN(geometry, BBOX(1,2,3))", "BBOX"),
        ("T_AFTER(date, 3)", "compare days"),
        ("T_AFTER(date, INTERVAL('2025-01-01'))", "INTERVAL"),
        ("geometry = 1", "spatial functions"),
        ("(" * 11 + "TRUE" + ")" * 11, "levels"),
        ("(" * 30, "closed"),
        ("area_km2 = 1)", "closed"),
        ("date > TIMESTAMP('9999-12-31T23:59:59-14:00')", "year 1 to 9999"),
        ("S_INTERSECTS(geometry, POINT EMPTY)", "cql2-text"),
        ("S_INTERSECTS(geometry, MULTIPOINT EMPTY)", "empty"),
        ("TRUE AND " * 1000 + "TRUE", "characters"),
    ],
)
def test_what_is_no_filter_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidQueryError, match=told):
        find_rows(table_of("faces"), text, "cql2-text")


DEEP = [
    '"(" * 1990 + "a=1" + ")" * 1990',
    '"a=" + "-" * 3990 + "1"',
    '"NOT " * 990 + "oblast=\'x\'"',
    '"area_km2=" + "casei(" * 600 + "a"',
    '"area_km2=2" + "^2" * 1990',
    '"area_km2=2" + "*2" * 1990',
    '"TRUE AND " * 440 + "TRUE"',
    '"TRUE OR (TRUE AND " * 200 + "TRUE" + ")" * 200',
]


@pytest.mark.parametrize("text", DEEP)
def test_no_filter_exhausts_the_stack(text: str) -> None:
    """In a thread of a process of its own, as what fails here takes the whole process along."""
    code = f"""
import threading
import numpy as np
from app.cql2.errors import InvalidQueryError
from app.cql2.filters import find_rows
from app.cql2.feature_table import FeatureTable
table = FeatureTable(("x",), {{"area_km2": [1.0], "oblast": ["x"]}}, np.array([None]))
def ask():
    try:
        find_rows(table, {text}, "cql2-text")
    except InvalidQueryError:
        pass
    print("answered")
thread = threading.Thread(target=ask)
thread.start()
thread.join()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout) == (0, "answered\n"), done.stderr


WORDS = [
    *("area_km2", "oblast", "date", "geometry", "category", "x", "1", "2.5", "-", "+", "*", "'a'"),
    *("=", "<>", "<", ">=", "(", ")", ",", "AND", "OR", "NOT", "IS", "NULL", "IN", "LIKE", "div"),
    *("BETWEEN", "casei(", "DATE('2025-01-01')", "BBOX(30,45,32,50)", "s_within(", "t_after("),
    *("POINT(1 1)", "INTERVAL('..','2025-01-01')", "TRUE", "^", "%", "'", '"', "TIMESTAMP('x')"),
]


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="area_km2 oblast<>=()'\"-+*/%^,.123TANDORNOTIScasei(BBOX[]{}:$\\", max_size=60)
)
def test_no_text_is_answered_otherwise_than_by_a_refusal(text: str) -> None:
    table = table_of("buffer_zone")
    try:
        assert find_rows(table, text, "cql2-text").dtype == bool
    except InvalidQueryError as error:
        assert str(error).startswith("Parameter 'filter'")
