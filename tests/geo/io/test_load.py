"""Files: what is missing or malformed is refused with the file, the fault and the remedy."""

import datetime
import json
import shutil

import numpy as np
import pytest

import geo
from geo.errors import (
    CRSMismatchError,
    DataFormatError,
    InvalidGeometryError,
    ProvenanceMissingError,
    UnknownDateError,
    UnknownNameError,
)

DATA = geo.data_directory()


@pytest.fixture
def copy(tmp_path):
    """Return a function that copies a data file, changed as JSON."""

    def make(name, change):
        content = json.loads((DATA / name).read_text("utf-8"))
        change(content)
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return make


def test_the_27_units_and_their_facts(boundaries):
    assert len(boundaries) == 27
    assert list(boundaries.ids) == sorted(boundaries.ids)
    sevastopol = boundaries.index("UA-40")
    assert boundaries.area_official_km2[sevastopol] == 864
    assert np.isnan(boundaries.population_2022[sevastopol])
    assert boundaries.name_uk[boundaries.index("UA-14")] == "Донецька область"
    assert boundaries.provenance.licence.startswith("Public domain")


@pytest.mark.parametrize("key", ["source", "date", "licence", "attribution"])
@pytest.mark.parametrize("name", ["oblasts.geojson", "contact_line.geojson"])
def test_data_without_provenance_are_refused(copy, name, key):
    path = copy(name, lambda content: content["provenance"].pop(key))
    load = geo.load_boundaries if name == "oblasts.geojson" else geo.load_contact_lines
    with pytest.raises(ProvenanceMissingError, match=f"missing or empty: {key}") as caught:
        load(path)
    assert str(path) in str(caught.value)


def swap_axes(content):
    for feature in content["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                ring[:] = [[x * 1e5, y * 1e5] for x, y in ring]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda c: c.update(type="Topology"), DataFormatError, "expected a GeoJSON FeatureColl"),
        (lambda c: c.update(features=[]), DataFormatError, "at least one feature"),
        (lambda c: c["features"][3]["properties"].pop("name_en"), DataFormatError, "'name_en'"),
        (lambda c: c["features"][0].update(geometry=None), DataFormatError, "features 0 have none"),
        (swap_axes, CRSMismatchError, "expected longitude and latitude"),
        (lambda c: c["features"].append(c["features"][0]), InvalidGeometryError, "got these twice"),
    ],
)
def test_faulty_boundaries(copy, change, error, message):
    with pytest.raises(error, match=message):
        geo.load_boundaries(copy("oblasts.geojson", change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["features"][0]["properties"].update(date="1 August"), "dates as YYYY-MM-DD"),
        (lambda c: c["features"].append(c["features"][0]), "a date is given twice"),
        (lambda c: c["features"][0]["geometry"].update(type="MultiPoint"), "geometry"),
    ],
)
def test_faulty_lines(copy, change, message):
    with pytest.raises(DataFormatError, match=message):
        geo.load_contact_lines(copy("contact_line.geojson", change))


def test_a_missing_file_and_one_that_is_no_json(tmp_path):
    with pytest.raises(DataFormatError, match=r"absent\.geojson: cannot be read"):
        geo.load_boundaries(tmp_path / "absent.geojson")
    (tmp_path / "cut.geojson").write_text('{"type": "Fea', encoding="utf-8")
    with pytest.raises(DataFormatError, match="it is not JSON"):
        geo.load_boundaries(tmp_path / "cut.geojson")
    (tmp_path / "deep.geojson").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(DataFormatError, match="it is not JSON"):
        geo.load_boundaries(tmp_path / "deep.geojson")


def test_lines_by_date(lines):
    assert datetime.date(2025, 11, 21) in lines.dates
    assert lines.dates == tuple(sorted(lines.dates)) and len(lines) == 26
    day = datetime.date(2025, 11, 27)
    with pytest.raises(UnknownDateError, match="nearest dates that have one are 2025-12-01"):
        lines.on(day)
    for way in (True, "nearest"):
        assert lines.on(day, nearest=way).date == datetime.date(2025, 12, 1)
        assert lines.on(datetime.date(2020, 1, 1), nearest=way).date == lines.dates[0]
    between = datetime.date(2025, 11, 26)  # as far from 21 November as from 1 December
    assert lines.on(between, nearest=True).date == datetime.date(2025, 11, 21)
    assert lines.on(day, nearest="on_or_before").date == datetime.date(2025, 11, 21)
    with pytest.raises(UnknownDateError, match="none is earlier"):
        lines.on(datetime.date(2020, 1, 1), nearest="on_or_before")
    with pytest.raises(UnknownNameError, match="expected one of exact, nearest, on_or_before"):
        lines.on(day, nearest="before")
    assert geo.load_contact_line(datetime.date(2024, 8, 1)).date == lines.dates[0]


@pytest.fixture
def observations_file(tmp_path):
    """Return a function that copies the observations with one line changed."""

    def make(before, after):
        path = tmp_path / "control_observations.csv"
        content = (DATA / path.name).read_text("utf-8")
        assert before in content
        path.write_text(content.replace(before, after, 1), encoding="utf-8")
        shutil.copy(DATA / f"{path.name}-metadata.json", tmp_path)
        return path

    return make


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("controller", "holder", "expected the columns controller"),
        (",ukraine,", ",ucraine,", "line 2: expected a controller among ukraine, russia"),
        ("49.18981", "north", "expected numbers in the column 'lat'"),
        ("2025-09-27", "27.9.2025", "dates as YYYY-MM-DD"),
    ],
)
def test_faulty_observations(observations_file, before, after, message):
    with pytest.raises(DataFormatError, match=message):
        geo.load_observations(observations_file(before, after))


def test_observations_need_their_metadata(observations_file):
    path = observations_file("controller", "controller")
    path.with_name(path.name + "-metadata.json").unlink()
    with pytest.raises(DataFormatError, match=r"metadata\.json: cannot be read"):
        geo.load_observations(path)


def test_one_state_for_each_place_and_day(observations):
    for day in (datetime.date(2024, 7, 8), datetime.date(2025, 11, 21), datetime.date(2026, 8, 1)):
        places = observations.on(day)
        keys = list(zip(places.name_en, places.lon_deg, places.lat_deg, strict=True))
        assert len(set(keys)) == len(keys)
    assert len(observations.on(datetime.date(2025, 11, 21)).to_geodataframe()) == len(places)
