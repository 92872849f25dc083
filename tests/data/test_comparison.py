"""Our line against DeepState's area, on the days of the reference (see docs/contact-line.md)."""

from datetime import date

import numpy as np
import pytest

import compare_sources

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def comparisons(reference_dir):
    return {item.day: item for item in compare_sources.compare_all(reference_dir)}


TARGETS = {
    date(2024, 7, 8): {"UA-14": 0.015, "UA-63": 0.07, "UA-09": 0.01, "UA-23": 0.01, "UA-65": 0.01},
    date(2025, 11, 21): {
        "UA-14": 0.01, "UA-63": 0.05, "UA-59": 0.08, "UA-12": 0.05, "UA-09": 0.005,
        "UA-23": 0.01, "UA-65": 0.005,
    },
    date(2026, 8, 22): {"UA-14": 0.01, "UA-63": 0.09, "UA-59": 0.08, "UA-09": 0.005,
                        "UA-23": 0.01, "UA-65": 0.005},
}  # fmt: skip


@pytest.mark.parametrize("day", TARGETS, ids=str)
def test_areas_are_within_the_targets(comparisons, day):
    item = comparisons[day]
    deviations = {oblast: item.deviation(oblast) for oblast in TARGETS[day]}
    assert {key: abs(value) < TARGETS[day][key] for key, value in deviations.items()} == (
        dict.fromkeys(TARGETS[day], True)
    ), deviations
    reference, ours = item.total_km2
    assert ours == pytest.approx(reference, rel=0.005)


@pytest.mark.parametrize("day", TARGETS, ids=str)
def test_the_lines_run_close_together(comparisons, day):
    item = comparisons[day]
    assert np.median(item.distances_km) < 1.3
    assert (item.distances_km <= item.uncertainty_km).mean() > 0.9


def test_the_page_is_up_to_date(comparisons, boundaries):
    page = compare_sources.PAGE.read_text(encoding="utf-8")
    section = compare_sources.report(list(comparisons.values()), boundaries)
    assert compare_sources.replace_section(page, section) == page


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="lacks the markers"):
        compare_sources.replace_section("# Nothing\n", "x")
