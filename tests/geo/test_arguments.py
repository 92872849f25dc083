"""What public functions are given: unknown names and wrong objects are refused with a remedy."""

from __future__ import annotations

import difflib

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

import geo
from geo.arguments import closest, show
from geo.errors import ArgumentError, UnknownNameError

PROJECTED = [shapely.box(4_500_000, 6_000_000, 4_600_000, 6_100_000)]


@pytest.mark.parametrize(
    "ask",
    [
        lambda scenario: scenario.layer("bufferzone"),
        lambda scenario: scenario.towns("bufferzone"),
        lambda scenario: scenario.table("categori"),
        lambda scenario: scenario.areas("chang"),
        lambda scenario: geo.tabulate(scenario.settlement, scenario.gazetteer, by="oblas"),
        lambda scenario: scenario.compare(scenario).table("categry"),
        lambda scenario: scenario.compare(scenario).matrix("oblast"),
        lambda scenario: scenario.compare(scenario).differences("held-by"),
        lambda scenario: geo.HistoryTable(scenario.plan, scenario.boundaries, by="chang"),
        lambda scenario: scenario.layer(None),
    ],
)
def test_an_unknown_name_is_refused_with_the_choices(scenarios, ask) -> None:
    with pytest.raises(UnknownNameError, match=r"^\w+: expected one of .*; got ") as caught:
        ask(scenarios["point21-axios"])
    assert isinstance(caught.value, geo.SettlementError)
    assert caught.value.valid


def test_what_was_meant_is_named(scenarios) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'buffer_zone'"):
        scenarios["point21-axios"].layer("bufferzone")
    assert len(scenarios["point21-axios"].layer("buffer_zone")) == 1


@pytest.mark.parametrize("measure", [geo.area_km2, geo.length_km])
@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "got null"),
        ("POINT (1 1)", r"got 'POINT \(1 1\)'"),
        (PROJECTED[0], r"Put it into a list: \[geometry\]"),
        ([1.0], "got "),
        (PROJECTED, r"in degrees; got coordinates beyond .*to_crs\(4326\)"),
    ],
)
def test_what_cannot_be_measured_is_refused(measure, given, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        measure(given)


def test_a_frame_is_refused_with_the_column_to_give(scenarios) -> None:
    frame = scenarios["point21-axios"].layers[0].to_geodataframe()
    with pytest.raises(ArgumentError, match=r"got a GeoDataFrame\. .*frame\.geometry"):
        geo.area_km2(frame)
    assert geo.area_km2(frame.geometry) == pytest.approx(frame["area_km2"])


def test_nothing_at_all_has_no_area() -> None:
    assert geo.area_km2([]).tolist() == []
    assert geo.area_km2([shapely.Polygon(), None]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (200.0001, "200.0001"),
        (np.float64(0.1), "0.1"),
        ("x" * 200, f"'{'x' * 79}…'"),
        ([None, 1], "[null, 1]"),
        (list(range(9)), "a list of 9"),
        ({}, "an object"),
        (object(), "an object"),
    ],
)
def test_a_value_in_a_message(value: object, text: str) -> None:
    assert show(value) == text


KNOWN = ("plan", "date", "boundaries")


@given(st.text("plandteboui", max_size=40))
@example("boundaries" + "x" * 13)
@example("boundaries" + "x" * 14)
def test_names_that_are_too_long_to_be_close_are_left_out_for_no_other_reason(text: str) -> None:
    found = difflib.get_close_matches(text, KNOWN, n=1, cutoff=0.6)
    assert closest(text, KNOWN) == (found[0] if found else None)


def test_a_name_of_megabytes_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difflib, "get_close_matches", None)
    assert closest("z" * 2**22, KNOWN) is None
    assert closest("z", ()) is None
