"""What notebooks show of the public types: complete, escaped, and the same figures."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import geo
from geo.repr_html import Card, Rich, describe_card, write_card

HOSTILE = "<script>wounded()</script>\"' & <img src=x onerror=wounded()>"


class Reader(HTMLParser):
    """Reads cells, and refuses elements that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.cells: list[list[str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"class", "scope", "colspan"}
        self.open.append(tag)
        self.tags.add(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] in (["td"], ["th"]):
            self.cells[-1][-1] += data


@pytest.fixture(scope="module")
def scenario() -> geo.Scenario:
    plan = geo.load_plan("point21-axios")
    return geo.build_scenario(
        geo.load_boundaries(),
        geo.load_contact_line(plan.line_date),
        plan,
        geo.load_observations(),
    )


@pytest.fixture(scope="module")
def later(scenario: geo.Scenario) -> geo.Scenario:
    line = geo.load_contact_line(date(2026, 8, 1))
    return geo.build_scenario(scenario.boundaries, line, scenario.plan, geo.load_observations())


MAKERS: dict[type, Callable[[geo.Scenario, geo.Scenario], Any]] = {
    geo.Boundaries: lambda now, _: now.boundaries,
    geo.ContactLine: lambda now, _: now.line,
    geo.LineSeries: lambda *_: geo.load_contact_lines(),
    geo.Observations: lambda *_: geo.load_observations(),
    geo.Places: lambda now, _: geo.load_observations().on(now.line.date),
    geo.Partition: lambda now, _: now.partition,
    geo.Plan: lambda now, _: now.plan,
    geo.Settlement: lambda now, _: now.settlement,
    geo.Scenario: lambda now, _: now,
    geo.Layer: lambda now, _: now.layer(geo.Category.FROZEN),
    geo.Table: lambda now, _: now.table(geo.By.CATEGORY),
    geo.Comparison: lambda now, later: now.compare(later),
    geo.History: lambda now, _: geo.history(
        now.plan, geo.load_contact_lines(), boundaries=now.boundaries, by="category"
    ),
    geo.Uncertainty: lambda now, _: geo.estimate_uncertainty(now, draws=20, seed=1),
    geo.ReadingRanges: lambda now, _: geo.explore_readings(
        now.plan, now.boundaries, geo.load_contact_lines(), geo.load_observations()
    ),
    geo.SourceBand: lambda now, later: geo.measure_band({"one": now, HOSTILE: later}),
    geo.Location: lambda now, _: now.find_place("Kramatorsk")[0],
}


@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.__name__)
def test_every_card_is_well_formed_and_says_something(
    kind: type, scenario: geo.Scenario, later: geo.Scenario
) -> None:
    shown = MAKERS[kind](scenario, later)
    assert type(shown) is kind
    reader = Reader(shown._repr_html_())
    assert reader.tags <= {
        "div", "p", "strong", "small", "table", "thead", "tbody", "tr", "th", "td"
    }  # fmt: skip
    assert len(reader.cells) >= 3
    assert "nan" not in {cell for row in reader.cells for cell in row}


def test_every_type_that_gives_a_table_has_a_card() -> None:
    """A new public type with ``to_dataframe`` and the like is described as well."""
    public = [getattr(geo, name) for name in geo.__all__]
    tabular = {
        kind
        for kind in public
        if inspect.isclass(kind)
        and {"to_geodataframe", "to_dataframe", "table"} & set(vars(kind))
        and not getattr(kind, "_is_protocol", False)
    }
    assert not {kind.__name__ for kind in tabular if not issubclass(kind, Rich)}
    assert tabular <= set(MAKERS)


def test_the_figures_are_those_of_the_table(scenario: geo.Scenario) -> None:
    reader = Reader(scenario._repr_html_())
    areas = scenario.table(geo.By.CATEGORY).rows
    shown = {row[0]: row[1] for row in reader.cells if len(row) == 6}
    for row in areas:
        assert float(shown[row["label"]].replace(",", "")) == pytest.approx(row["area_km2"], abs=1)


def test_texts_from_files_are_escaped(scenario: geo.Scenario) -> None:
    provenance = replace(scenario.line.provenance, source=HOSTILE, licence=HOSTILE)
    line = replace(scenario.line, source=HOSTILE, provenance=provenance, source_id=HOSTILE)
    units = replace(scenario.boundaries, name_en=np.full(27, HOSTILE, dtype=object))
    plan = scenario.plan.model_copy(update={"title": HOSTILE, "note": HOSTILE})
    built = geo.build_scenario(units, line, plan, geo.load_observations())
    for shown in (line, units, plan, built, built.table(geo.By.OBLAST), built.compare(scenario)):
        text = shown._repr_html_()
        assert "wounded" in text
        assert not Reader(text).tags & {"script", "img"}


def test_long_tables_are_cut_and_say_so() -> None:
    card = Card("Long", columns=("n", "x"), rows=[(number, None) for number in range(1_031)])
    cells = Reader(write_card(card)).cells
    assert cells[1:3] == [["0", "–"], ["1", "–"]]
    assert cells[-1] == ["… 1,001 more"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.8, "1,234,568"),
        (-12.34, "-12.3"),
        (0.01234, "0.0123"),
        (7019, "7,019"),
        (float("nan"), "–"),
        (True, "True"),
        (date(2025, 11, 21), "2025-11-21"),
    ],
)
def test_numbers_are_written_for_people(value: object, text: str) -> None:
    assert Reader(write_card(Card("One", {"value": value}))).cells == [["value", text]]


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match=r"geo\.notebook_cards describes; got int"):
        describe_card(21)
