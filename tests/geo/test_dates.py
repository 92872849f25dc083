"""Days, as functions take them and as files write them: one rule."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import geo
from geo.dates import as_day, day_in_name, read_day
from geo.errors import UnknownDateError

DAY = dt.date(2025, 11, 21)
KYIV = dt.timezone(dt.timedelta(hours=2))
GIVEN = [
    DAY,
    "2025-11-21",
    " 2025-11-21 ",
    "2025-11-21T23:30:00+02:00",
    dt.datetime(2025, 11, 21, 23, 30, tzinfo=KYIV),
    pd.Timestamp("2025-11-21 05:00"),
    np.datetime64("2025-11-21"),
    np.datetime64("2025-11-21T23:59:59.999999999"),
]
WRITTEN = [
    *GIVEN,
    "2025/11/21 00:00:00+00",  # GDAL
    "20251121",
    20251121,
    "21.11.2025",
    "21.11.2025 14:00",
    1763683200000,  # ArcGIS
    1763683200000.0,
    "1763683200000",
    1763769599,
    np.int64(1763683200),
]


@pytest.mark.parametrize("value", GIVEN, ids=repr)
def test_a_day_may_be_given_in_any_usual_form(value):
    assert as_day(value) == DAY
    assert type(as_day(value)) is dt.date


@pytest.mark.parametrize("value", WRITTEN, ids=repr)
def test_a_day_may_be_written_in_any_usual_form(value):
    assert read_day(value) == DAY


@pytest.mark.parametrize("value", [None, "", " ", "n/a", "N/A", "null", "-", float("nan"), pd.NaT])
def test_nothing_stated_is_no_day(value):
    assert read_day(value) is None


@pytest.mark.parametrize("value", ["yesterday", "21/11/2025", "2025-13-01", 7, 0, True, 1e300, [1]])
def test_what_is_no_day_is_refused_with_what_was_expected(value):
    with pytest.raises(ValueError, match=r"expected a day such as 2025-11-21; got"):
        read_day(value)


@given(st.dates(dt.date(1974, 1, 1), dt.date(2199, 12, 31)), st.integers(0, 86_399))
def test_every_way_to_write_a_day_gives_the_same(day, second):
    moment = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    moment += dt.timedelta(seconds=second)
    seconds = int(moment.timestamp())
    for text in (
        *(day.isoformat(), moment.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}"),
        *(f"{day:%d.%m.%Y}", moment, seconds, seconds * 1000, str(seconds * 1000)),
    ):
        assert read_day(text) == day


@given(st.text() | st.integers() | st.floats() | st.binary())
def test_reading_gives_a_day_or_nothing_or_one_kind_of_error(value):
    try:
        found = read_day(value)
    except ValueError:
        return
    assert found is None or type(found) is dt.date


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("deepstatemap_data_20251121.geojson", DAY),
        ("2025-11-21.kml", DAY),
        ("Окуповано 21.11.2025", DAY),
        ("held_20259921", None),
        ("12345678901", None),
        ("held", None),
    ],
)
def test_a_day_in_a_name(name, day):
    assert day_in_name(name) == day


@pytest.mark.parametrize("value", GIVEN, ids=repr)
def test_public_functions_take_a_day_in_any_usual_form(lines, observations, value):
    day = lines.dates[0]
    same = type(value)(str(day)) if isinstance(value, np.datetime64 | pd.Timestamp) else str(day)
    assert lines.on(same).date == day
    assert len(observations.on(value)) == len(observations.on(DAY))
    empty = geo.ContactLine(value, lines.on(day).geometry, "s", "m", lines.provenance)
    assert empty.date == DAY


def test_a_wrong_day_says_what_was_expected(lines, observations):
    for take in (lines.on, observations.on, geo.load_contact_line):
        with pytest.raises(TypeError, match=r"expected a datetime.date, .*'2025-11-21'; got int 5"):
            take(5)
        with pytest.raises(ValueError, match=r"expected a day of the calendar, .*got 'soon'"):
            take("soon")
    with pytest.raises(UnknownDateError, match="nearest dates"):
        geo.load_contact_line("2025-11-20")
