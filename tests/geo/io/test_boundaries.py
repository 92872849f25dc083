"""Other people's boundaries: recognised by code or name, repaired to a coverage, areas kept."""

import dataclasses
import json

import numpy as np
import pytest
import shapely

import geo
from drawn import DAY, make_boundaries
from geo.errors import ConservationError, DataFormatError, InvalidGeometryError
from geo.files.encodings import repair_cyrillic
from geo.io.boundaries import repair_coverage
from geo.io.unit_names import recognise_units

SHAPES = {"UA-14": shapely.box(37, 47, 38, 49), "UA-63": shapely.box(36, 47, 37, 49)}


@pytest.fixture
def known():
    drawn = make_boundaries(SHAPES)
    return dataclasses.replace(
        drawn,
        name_en=("Donetsk Oblast", "Kharkiv Oblast"),
        name_uk=("Донецька область", "Харківська область"),
        katottg=("UA14000000000091971", "UA63000000000041885"),
    )


def write(path, units, **members):
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for properties, shape in units
    ]
    document = {"type": "FeatureCollection", "features": features, **members}
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize(
    ("east", "west"),
    [
        ({"shapeISO": "UA-14"}, {"shapeISO": "UA-63"}),
        ({"ADMIN_1": "Донецька область"}, {"ADMIN_1": "Харківська область"}),
        ({"n": 5, "NAME_1": "Donets'k"}, {"n": 6, "NAME_1": "Kharkiv region"}),
        ({"code": "UA14000000000091971"}, {"code": "UA63000000000041885"}),
    ],
)
def test_units_are_recognised_and_repaired(tmp_path, known, east, west):
    # the two draw their common border with different vertices, and 10 m apart
    one = shapely.Polygon([(37, 47), (38, 47), (38, 49), (37, 49), (37.0001, 48)])
    other = shapely.box(36, 47, 37, 49)
    path = write(tmp_path / "units.geojson", [(east, one), (west, other)])
    found = geo.read_boundaries(path, known, boundaries_id="drawn")
    assert (found.ids, found.id) == (("UA-14", "UA-63"), "drawn")
    assert shapely.coverage_is_valid(found.geometry)
    assert len(shapely.coverage_union_all(found.geometry).interiors) == 0
    assert found.area_km2 == pytest.approx(known.area_km2, rel=1e-4)
    assert found.provenance.licence == "not stated by the file"


def test_a_statement_beside_the_file_is_used(tmp_path, known):
    units = [({"c": unit}, shape) for unit, shape in SHAPES.items()]
    path = write(tmp_path / "units.geojson", units)
    stated = {"source": "S", "date": "2020", "licence": "CC BY-SA", "attribution": "A"}
    (tmp_path / "provenance.json").write_text(json.dumps(stated))
    assert geo.read_boundaries(path, known).provenance.licence == "CC BY-SA"
    assert geo.read_boundaries(path, known).id == "file:units.geojson"


def test_units_in_pieces_are_joined(tmp_path, known):
    halves = [shapely.box(37, 47, 38, 48), shapely.box(37, 48, 38, 49)]
    units = [({"c": "UA-14"}, half) for half in halves] + [({"c": "UA-63"}, SHAPES["UA-63"])]
    found = geo.read_boundaries(write(tmp_path / "units.geojson", units), known)
    assert found.geometry[0].equals(SHAPES["UA-14"])


def test_what_is_missing_or_strange_is_named(tmp_path, known):
    units = [({"name": "Donetsk"}, SHAPES["UA-14"]), ({"name": "Atlantis"}, SHAPES["UA-63"])]
    with pytest.raises(
        DataFormatError,
        match=r"missing: UA-63 \(Kharkiv Oblast\); not recog.*feature 2 of 2 \(name='Atlantis'\)",
    ):
        geo.read_boundaries(write(tmp_path / "units.geojson", units), known)
    twice = [({"name": "Donetsk"}, shape) for shape in SHAPES.values()]
    with pytest.raises(
        DataFormatError,
        match=r"missing: UA-63.*; UA-14 \(Donetsk Oblast\) has several features: feature 1 of 2.*, "
        r"feature 2 of 2",
    ):
        geo.read_boundaries(write(tmp_path / "units.geojson", twice), known)
    bowtie = shapely.Polygon([(37, 47), (38, 49), (38, 47), (37, 49)])
    units = [({"name": "Donetsk"}, bowtie), ({"name": "Kharkiv"}, SHAPES["UA-63"])]
    with pytest.raises(InvalidGeometryError, match=r"feature 1 .*Donetsk\) at lon.*self-inter"):
        geo.read_boundaries(write(tmp_path / "units.geojson", units), known)


def test_a_repair_that_moves_land_is_refused():
    apart = np.array([shapely.box(37, 47, 38.2, 49), shapely.box(38, 47, 39, 49)], dtype=object)
    with pytest.raises(ConservationError, match=r"would change .* of its area"):
        repair_coverage(apart, ("UA-14", "UA-63"), name="overlapping")


# --- codes and names ----------------------------------------------------------------------------


def listed(names):
    """Split a list of the units in the order of their codes."""
    return names.split("|")


ISO = listed(
    "Vinnytska oblast|Volynska oblast|Luhanska oblast|Dnipropetrovska oblast|Donetska oblast|"
    "Zhytomyrska oblast|Zakarpatska oblast|Zaporizka oblast|Ivano-Frankivska oblast|Kyiv|"
    "Kyivska oblast|Kirovohradska oblast|Sevastopol|Avtonomna Respublika Krym|Lvivska oblast|"
    "Mykolaivska oblast|Odeska oblast|Poltavska oblast|Rivnenska oblast|Sumska oblast|"
    "Ternopilska oblast|Kharkivska oblast|Khersonska oblast|Khmelnytska oblast|"
    "Cherkaska oblast|Chernihivska oblast|Chernivetska oblast"
)
GADM = listed(
    "Vinnytsya|Volyn|Luhans'k|Dnipropetrovs'k|Donets'k|Zhytomyr|Transcarpathia|Zaporizhzhya|"
    "Ivano-Frankivs'k|Kiev City|Kiev|Kirovohrad|Sevastopol'|Crimea|L'viv|Mykolayiv|Odessa|"
    "Poltava|Rivne|Sumy|Ternopil'|Kharkiv|Kherson|Khmel'nyts'kyy|Cherkasy|Chernihiv|"
    "Chernivtsi"
)
RUSSIAN = listed(
    "Винницкая область|Волынская область|Луганская обл.|Днепропетровская область|"
    "Донецкая область|Житомирская область|Закарпатская область|Запорожская область|"
    "Ивано-Франковская область|г. Киев|Киевская область|Кировоградская область|"
    "г. Севастополь|Автономная Республика Крым|Львовская область|Николаевская область|"
    "Одесская область|Полтавская область|Ровенская область|Сумская область|"
    "Тернопольская область|Харьковская область|Херсонская область|Хмельницкая область|"
    "Черкасская область|Черниговская область|Черновицкая область"
)
OF_THE_LAND = listed(
    "Вінниччина|Волинь|Луганщина|Дніпропетровщина|Донеччина|Житомирщина|Закарпаття|Запоріжжя|"
    "Івано-Франківщина|м. Київ|Київщина|Кіровоградщина|Севастополь|Крим|Львівщина|"
    "Миколаївщина|Одещина|Полтавщина|Рівненщина|Сумщина|Тернопільщина|Харківщина|Херсонщина|"
    "Хмельниччина|Черкащина|Чернігівщина|Буковина"
)
HASC = listed("VI|VO|LH|DP|DT|ZT|ZK|ZP|IF|KC|KV|KH|SC|KR|LV|MY|OD|PL|RV|SM|TP|KK|KS|KM|CK|CH|CV")
KOATUU = listed("05|07|44|12|14|18|21|23|26|80|32|35|85|01|46|48|51|53|56|59|61|63|65|68|71|74|73")


def units_of(rows, boundaries):
    """Which unit each row is taken for; nothing may be left open."""
    found = recognise_units(rows, boundaries)
    assert (list(found.unknown), dict(found.undecided), dict(found.doubled)) == ([], {}, {})
    owners = {row: unit for unit, members in found.rows.items() for row in members}
    return tuple(owners[row] for row in range(len(rows)))


@pytest.mark.parametrize(
    "spelt",
    [
        ISO,
        [name.split()[0] if "oblast" in name else name for name in ISO],  # OCHA COD-AB
        GADM,
        RUSSIAN,
        OF_THE_LAND,
        [f"UA.{code}" for code in HASC],
        [f"UA{digits}" for digits in KOATUU],  # OCHA's p-codes
        [f"{digits}00000000" for digits in KOATUU],
        [int(f"{digits}00000000") for digits in KOATUU],
        [name.encode("cp1251").decode("latin-1") for name in OF_THE_LAND],
        [name.encode("cp1251").decode("latin-1") for name in RUSSIAN],
    ],
    ids=str,
)
def test_every_list_of_the_units_is_understood(boundaries, spelt):
    assert units_of([{"id": 7, "x": text} for text in spelt], boundaries) == boundaries.ids


def test_the_projects_own_names_and_codes_are_understood(boundaries):
    table = zip(
        boundaries.ids, boundaries.name_en, boundaries.name_uk, boundaries.katottg, strict=True
    )
    for spelt in zip(*table, strict=True):
        assert units_of([{"x": text} for text in spelt], boundaries) == boundaries.ids


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *[(text, "UA-30") for text in ("City of Kyiv", "м.Київ", "Kyiv (city)", "г. Киев")],
        *[
            (text, "UA-30")
            for text in ("Київська міська рада", "Kyyiv City", "ua_30", "Misto Kyïv")
        ],
        *[
            (text, "UA-32")
            for text in ("Kiev Oblast", "Київська", "Kyïvs'ka Oblast'", "Kyiv region")
        ],
        *[(text, "UA-43") for text in ("АР Крим", "Respublika Krym", "Crimea", "ua01")],
    ],
)
def test_the_city_and_the_oblast_are_told_apart(boundaries, text, unit):
    assert units_of([{"x": text}], boundaries) == (unit,)


def test_kyiv_alone_is_what_no_other_feature_is(boundaries):
    assert units_of([{"n": "Київ"}, {"n": "Київська область"}], boundaries) == ("UA-30", "UA-32")
    assert units_of([{"n": "Kiev City"}, {"n": "Kiev"}], boundaries) == ("UA-30", "UA-32")
    of_kinds = [{"n": "Kyiv", "type": "Oblast"}, {"n": "Kyiv", "type": "Independent City"}]
    assert units_of(of_kinds, boundaries) == ("UA-32", "UA-30")
    seat = {"ADM1_EN": "Kyivska", "seat": "Kyiv"}
    assert units_of([seat, {"ADM1_EN": "Kyiv"}], boundaries) == ("UA-32", "UA-30")


def test_nothing_is_guessed(boundaries):
    rows = [{"n": "Kyiv", "m": 5}, {"n": "Kyiv"}, {"n": None}, {"n": "UA-99"}, {"n": 3.5}]
    found = recognise_units([*rows, {"n": "Donetsk city"}], boundaries)
    assert found.undecided == {0: ["UA-30", "UA-32"], 1: ["UA-30", "UA-32"]}
    assert (found.unknown, dict(found.rows)) == ([2, 3, 4, 5], {})


def test_a_code_and_a_name_that_contradict_each_other_are_no_unit(boundaries):
    swapped = [{"code": "UA-14", "n": "Luhansk"}, {"code": "UA-09", "n": "Donetsk oblast"}]
    found = recognise_units(swapped, boundaries)
    assert dict(found.rows) == {}
    assert found.undecided == {0: ["UA-09", "UA-14"], 1: ["UA-09", "UA-14"]}
    beside = {"code": "UA-14", "n": "Донецька область", "seat": "Lviv"}
    assert units_of([beside], boundaries) == ("UA-14",)


def test_two_names_on_one_unit_are_shown(tmp_path, known):
    units = [({"name": "Donetsk"}, SHAPES["UA-14"]), ({"name": "Донеччина"}, SHAPES["UA-63"])]
    with pytest.raises(
        DataFormatError,
        match=r"UA-14 \(Donetsk Oblast\) has several features of different names: "
        r"feature 1 of 2 \(name='Donetsk'\), feature 2 of 2 \(name='Донеччина'\)",
    ):
        geo.read_boundaries(write(tmp_path / "units.geojson", units), known)


@pytest.mark.parametrize("text", ["Île-de-France", "café", "São Tomé", "Åland", "Київ", "Kyiv", ""])
def test_text_in_its_own_letters_stays(text):
    assert repair_cyrillic(text) == text


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "cp1125"])
@pytest.mark.parametrize("text", [*RUSSIAN[:3], "місто Київ", "окуповано", "ОКУПОВАНО 21.11"])
def test_cyrillic_text_that_was_misread_is_read_again(text, encoding):
    assert repair_cyrillic(text.encode(encoding).decode("latin-1")) == text


# --- the reference: Minregion's boundaries, DeepState's areas -----------------------------------

SHARES_2025_11_21 = {"UA-14": 76.6, "UA-09": 99.6, "UA-63": 4.6, "UA-59": 0.9, "UA-12": 0.5}


@pytest.fixture(scope="session")
def minregion(reference_dir, boundaries):
    path = reference_dir / "oblasts_minregion.geojson"
    return geo.read_boundaries(path, boundaries, boundaries_id="minregion")


@pytest.mark.reference
def test_minregions_units_are_repaired_without_changing_areas(reference_dir, minregion):
    document = json.loads((reference_dir / "oblasts_minregion.geojson").read_text("utf-8"))
    texts = [json.dumps(feature["geometry"]) for feature in document["features"]]
    before = np.sort(geo.area_km2(np.array(shapely.from_geojson(texts))))
    assert np.sort(minregion.area_km2) == pytest.approx(before, rel=5e-5)
    assert len(minregion) == 27


def shares(boundaries, line):
    partition = geo.split_by_contact_line(boundaries, line)
    held = partition.held_by == "russia"
    km2 = dict(zip(partition.oblast_id[held], partition.area_km2[held], strict=True))
    return {
        unit: 100.0 * km2.get(unit, 0.0) / boundaries.area_km2[row]
        for row, unit in enumerate(boundaries.ids)
    }


@pytest.mark.reference
def test_shares_on_minregions_boundaries(reference_dir, minregion):
    source = geo.open_source(reference_dir / "deepstate", minregion, source_id="deepstate")
    found = shares(minregion, source.on(DAY))
    for oblast, expected in SHARES_2025_11_21.items():
        assert found[oblast] == pytest.approx(expected, abs=0.2), oblast


@pytest.mark.reference
@pytest.mark.parametrize("units", ["natural-earth", "minregion"])
def test_outside_slivers_the_polygon_itself_agrees(reference_dir, boundaries, minregion, units):
    """To 0.1 percentage point per oblast, once a strip of 4 km at the outline is left out."""
    chosen = minregion if units == "minregion" else boundaries
    source = geo.open_source(reference_dir / "deepstate", chosen)
    country = shapely.coverage_union_all(chosen.geometry)
    rim = shapely.buffer(shapely.boundary(shapely.simplify(country, 0.002)), 0.06)
    inner = shapely.difference(chosen.geometry, rim)
    for day in source.dates:
        partition = geo.split_by_contact_line(chosen, source.on(day))
        held = shapely.union_all(partition.geometry[partition.held_by == "russia"])
        area = source.area_on(day)
        mine, own = (geo.area_km2(shapely.intersection(inner, shape)) for shape in (held, area))
        assert 100.0 * np.abs(mine - own) / chosen.area_km2 == pytest.approx(0.0, abs=0.1)


@pytest.mark.reference
def test_lines_of_the_observations_are_fitted_to_other_boundaries(boundaries, minregion, lines):
    fitted = geo.RefittedSource(lines, boundaries, minregion)
    line = fitted.on(DAY)
    assert line.source_id == lines.on(DAY).source_id
    assert line.uncertainty_km == lines.on(DAY).uncertainty_km
    home, away = shares(boundaries, lines.on(DAY)), shares(minregion, line)
    for oblast in boundaries.ids:
        assert away[oblast] == pytest.approx(home[oblast], abs=2.6), oblast  # Kherson: lagoons
