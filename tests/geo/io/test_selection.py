"""Which features of a file are meant: known by status and day, offered as a choice, never guessed.

Each file goes through every way in; what a refusal offers is followed.
"""

import datetime
import json
import shlex

import geopandas
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

import geo
from drawn import make_boundaries
from geo.errors import DataFormatError, UndecidedError, UnknownDateError
from geo.formats.file_choice import FileChoice, find_named, parse_choice, split_choice, undecided
from geo.io import control
from geo.io.selection import select_features
from geo.io.statuses import deepstate_mark, speak_of_states, states_of, tells_status
from geo.scenario import hash_inputs

COUNTRY = {"XX-A": shapely.box(31, 47, 32, 49), "XX-B": shapely.box(32, 47, 33, 49)}
WEST, EAST = shapely.box(31, 46, 31.6, 50), shapely.box(32.5, 46, 34, 50)
OLD, NEW = datetime.date(2025, 11, 1), datetime.date(2025, 11, 21)
HELD = "Окуповано /// Occupied /// geoJSON.status.occupied\n"
FREED = "Звільнено 25.03 /// Liberated 25.03\xa0/// geoJSON.status.dismissed_at"
CRIMEA = "Окупований Крим /// Occupied Crimea /// geoJSON.territories.crimea"
UNKNOWN = "Статус невідомий /// Unknown status /// geoJSON.status.unknown"


def document(*features):
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
            for properties, shape in features
        ],
    }


def write(path, features):
    """Write the same features in the format that the suffix names."""
    if path.suffix != ".gpkg":
        path.write_text(json.dumps(document(*features)), "utf-8")
        return path
    keys = dict.fromkeys(key for properties, _ in features for key in properties)
    columns = {key: [properties.get(key) for properties, _ in features] for key in keys}
    shapes = [shape for _, shape in features]
    geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path)
    return path


def by_reader(path, day):
    found = control.read_control_file(str(path))
    return found.unite(day if len(found.selected.dates) > 1 else None)[0]


def by_source(path, day):
    return geo.open_source(str(path), make_boundaries(COUNTRY)).area_on(day)


def by_sketch(path, day):
    """The way of a request: plain data, and the part beside it."""
    file, choice = split_choice(str(path))
    found = control.control_of(control.read_features(json.loads(file.read_text("utf-8"))), choice)
    return found.unite(day if len(found.selected.dates) > 1 else None)[0]


WAYS = [(".geojson", by_reader), (".gpkg", by_reader), (".geojson", by_source)]
WAYS += [(".gpkg", by_source), (".geojson", by_sketch)]
every_way = pytest.mark.parametrize(("suffix", "way"), WAYS)

KNOWN = {
    "one": [({}, EAST)],
    "day": [({"Date": "2025-11-01"}, WEST), ({"Date": "2025-11-21"}, EAST)],
    "day_dotted": [({"DATE": "01.11.2025"}, WEST), ({"DATE": "21.11.2025"}, EAST)],
    "day_epoch": [({"date": 1761955200000}, WEST), ({"date": 1763683200000}, EAST)],
    "day_in_names": [({"name": "Held 01.11.2025"}, WEST), ({"name": "Held 21.11.2025"}, EAST)],
    "day_of_kml": [({"timestamp": "2025-11-01"}, WEST), ({"timestamp": "2025-11-21"}, EAST)],
    "no_day": [({"date": "n/a", "name": "held"}, EAST)],
    "deepstate": [({"name": HELD}, EAST), ({"name": FREED}, WEST), ({"name": UNKNOWN}, WEST)],
    "deepstate_crimea": [
        ({"name": CRIMEA}, EAST),
        ({"name": "unit"}, WEST),
        ({"name": FREED}, WEST),
    ],
}


@every_way
@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_is_used(tmp_path, suffix, way, name):
    path = write(tmp_path / f"{name}{suffix}", KNOWN[name])
    assert way(path, NEW).equals(EAST)


PLAIN = {
    "regions": [({"name": "Luhansk part"}, WEST), ({"name": "Donetsk part"}, EAST)],
    "numbers": [({"id": 1, "name": "Untitled polygon"}, WEST), ({"id": 2, "name": ""}, EAST)],
    "held_twice": [({"name": "Окуповано з 2014"}, WEST), ({"name": "Захоплено"}, EAST)],
    "one_status": [({"status": "occupied", "n": 1}, WEST), ({"status": "Occupied", "n": 2}, EAST)],
    "deepstate": [({"name": HELD}, WEST), ({"name": CRIMEA}, EAST)],
    "style": [({"fill": "#a52714", "marker-type": "a"}, WEST), ({"fill": "#fff"}, EAST)],
    "geometry_type": [({"type": "Polygon"}, WEST), ({"type": "MultiPolygon"}, EAST)],
    "edited": [({"EditDate": "2025-11-20"}, WEST), ({"EditDate": "2025-11-21"}, EAST)],
    "numbered": [({"number": "20251120"}, WEST), ({"number": "20251121"}, EAST)],
    "oblasts": [({"state": "Donetsk"}, WEST), ({"state": "Luhansk"}, EAST)],
}


@every_way
@pytest.mark.parametrize("name", PLAIN)
def test_features_that_say_the_same_are_united(tmp_path, suffix, way, name):
    path = write(tmp_path / f"{name}{suffix}", PLAIN[name])
    assert way(path, NEW).equals(shapely.union(WEST, EAST))


UNLIKE = {
    "status": [({"status": "occupied"}, EAST), ({"status": "liberated"}, WEST)],
    "Control_Type": [({"Control_Type": "A+B & C"}, EAST), ({"Control_Type": "x=1#2"}, WEST)],
    "held": [({"held": 1}, EAST), ({"held": 0}, WEST)],
    "name": [({"name": "Russian control"}, EAST), ({"name": "Liberated in 2022"}, WEST)],
    "plain_name": [({"name": "Донецька"}, EAST), ({"name": "Сіра зона"}, WEST)],
    "layer": [({"layer": "occupied"}, EAST), ({"layer": "claimed"}, WEST)],
    "who": [({"who": "Russia"}, EAST), ({"who": "Ukraine"}, WEST)],
    "legend": [({"легенда": "окуповано"}, EAST), ({"легенда": "під контролем ЗСУ"}, WEST)],
    "report_date": [({"report_date": "2025-11-21"}, EAST), ({"report_date": "2025-11-20"}, WEST)],
    "obs_day": [({"obs_day": "21.11.2025"}, EAST), ({"obs_day": "20.11.2025"}, WEST)],
    "valid_from": [({"valid_from": "2025-11-21"}, EAST), ({"valid_from": "2025-11-20"}, WEST)],
}


@every_way
@pytest.mark.parametrize("name", UNLIKE)
def test_unlike_features_are_refused_and_each_choice_works(tmp_path, suffix, way, name):
    path = write(tmp_path / f"{name}{suffix}", UNLIKE[name])
    with pytest.raises(UndecidedError, match="expected features that say the same") as caught:
        way(path, NEW)
    first, second = caught.value.choices
    assert way(f"{path}#{first}", NEW).equals(EAST)
    assert way(f"{path}#{second}", NEW).equals(WEST)
    assert way(f"{path}#{first}&{second}", NEW).equals(shapely.union(WEST, EAST))


def test_statuses_of_a_shapefile_that_does_not_say_its_encoding(tmp_path):
    columns = {"стан": ["звільнено", "окуповано"]}
    frame = geopandas.GeoDataFrame(columns, geometry=[WEST, EAST], crs="EPSG:4326")
    frame.to_file(tmp_path / "mine.shp", encoding="cp1251")
    (tmp_path / "mine.cpg").unlink()
    with pytest.raises(UndecidedError) as caught:
        geo.read_control(tmp_path / "mine.shp")
    assert caught.value.choices == ("where=стан=звільнено", "where=стан=окуповано")
    assert geo.read_control(f"{tmp_path}/mine.shp#where=стан=окуповано").equals(EAST)


def test_what_a_message_offers_works_when_it_is_copied_into_a_shell(tmp_path):
    path = write(tmp_path / "two words.geojson", UNLIKE["Control_Type"])
    with pytest.raises(UndecidedError) as caught:
        geo.read_control(path)
    offered = shlex.split(str(caught.value).split("Choose one of them: ")[1].replace(", ", " "))
    assert geo.read_control(offered[0].removesuffix(".")).equals(EAST)


@pytest.mark.parametrize("way", [by_reader, by_sketch])
def test_several_days_need_a_choice(tmp_path, way):
    path = write(tmp_path / "days.geojson", KNOWN["day"])
    with pytest.raises(
        UndecidedError, match="holds 2 days from 2025-11-01 to 2025-11-21"
    ) as caught:
        way(path, None)
    assert caught.value.choices == ("day=2025-11-21", "day=2025-11-01")
    assert way(f"{path}#day=2025-11-01", None).equals(WEST)
    with pytest.raises(UndecidedError, match="holds nothing of 2025-11-02"):
        way(path, datetime.date(2025, 11, 2))


def test_a_source_of_several_days_knows_them(tmp_path):
    path = write(tmp_path / "days.geojson", KNOWN["day_epoch"])
    source = geo.open_source(path, make_boundaries(COUNTRY))
    assert source.dates == (OLD, NEW)
    assert source.area_on("2025-11-01").equals(WEST)
    with pytest.raises(UnknownDateError, match="nearest dates"):
        source.on("2025-11-02")
    chosen = geo.open_source(path, make_boundaries(COUNTRY), day="2025-11-21")
    assert chosen.dates == (NEW,)


def test_features_with_and_without_a_day_are_not_mixed(tmp_path):
    features = [({"date": "2025-11-21"}, EAST), ({"name": "always"}, WEST)]
    path = write(tmp_path / "some.geojson", features)
    with pytest.raises(UndecidedError, match=r"feature 2 of 2 \(always\) states none"):
        geo.read_control(path)
    assert geo.read_control(path, day=NEW).equals(EAST)


def test_a_date_that_cannot_be_read_is_named(tmp_path):
    path = write(tmp_path / "odd.geojson", [({"date": "yesterday", "name": "held"}, EAST)])
    words = r"feature 1 of 1 \(held\), property 'date': expected a day.*got 'yesterday'.*rename or"
    with pytest.raises(DataFormatError, match=words):
        geo.read_control(path)
    path = write(tmp_path / "when.geojson", [({"when": "yesterday", "name": "held"}, EAST)])
    assert geo.read_control(path).equals(EAST)  # the remedy


def test_a_day_is_picked_before_vertices_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(control, "_MOST_VERTICES", 8)
    path = write(tmp_path / "days.geojson", KNOWN["day"])
    assert by_source(path, NEW).equals(EAST)
    alone = write(tmp_path / "all.geojson", [({"name": "a"}, EAST), ({"name": "b"}, WEST)])
    with pytest.raises(DataFormatError, match="at most 8 vertices"):
        geo.read_control(alone)


# --- what is said of it ------------------------------------------------------------------------


def test_what_was_united_is_reported(tmp_path):
    path = write(tmp_path / "deepstate.geojson", KNOWN["deepstate"])
    line = geo.open_source(path, make_boundaries(COUNTRY)).on(NEW)
    assert line.united.to_dict() == {
        "choice": "",
        "features": 1,
        "names": ["Окуповано /// Occupied /// geoJSON.status.occupied"],
        "distinct_names": 1,
        "days": [],
        "left_out": [
            {
                "reason": "status",
                "features": 2,
                "names": [" ".join(FREED.split()), UNKNOWN],
            }
        ],
    }
    path = write(tmp_path / "regions.geojson", PLAIN["regions"])
    line = geo.open_source(path, make_boundaries(COUNTRY)).on(NEW)
    assert str(line.united) == "2 features united ('Luhansk part', 'Donetsk part')."


def test_the_data_version_tells_one_part_of_a_file_from_another(tmp_path):
    path = write(tmp_path / "mine.geojson", UNLIKE["status"])
    country = make_boundaries(COUNTRY)
    versions = set()
    for part in ("where=status=occupied", "where=status=liberated"):
        line = geo.open_source(f"{path}#{part}", country).on(NEW)
        assert line.united.choice == part
        plan, places = geo.load_plan("point21-axios"), geo.load_observations()
        versions.add(hash_inputs(country, line, plan, places))
    assert len(versions) == 2


@given(
    st.builds(
        FileChoice,
        layer=st.none() | st.text(),
        kind=st.sampled_from([None, "line", "area"]),
        where=st.lists(st.text().map("a={}".format), max_size=2).map(tuple),
        day=st.none() | st.dates(),
    ).filter(str)
)
@example(FileChoice("South & East", "area", ("a=b&c", "a=d"), NEW))
def test_a_choice_is_read_as_it_was_written(choice):
    found = parse_choice(str(choice))
    assert (found.kind, found.day, found.layer is None) == (
        *(choice.kind, choice.day),
        choice.layer is None,
    )
    pairs = [(found.layer or "", choice.layer or ""), *zip(found.where, choice.where, strict=True)]
    assert all(find_named(read, [written]) == written for read, written in pairs)


def test_nothing_held_is_an_error_unless_it_is_chosen(tmp_path):
    path = write(tmp_path / "freed.geojson", [({"name": FREED}, EAST), ({"name": UNKNOWN}, WEST)])
    with pytest.raises(UndecidedError, match=r"by DeepState's statuses it has none") as caught:
        geo.read_control(path)
    assert geo.read_control(f"{path}#{caught.value.choices[0]}").equals(EAST)


def test_a_value_that_reads_like_another_one_escaped_is_not_the_other(tmp_path):
    there = [({"status": "a b"}, EAST), ({"status": "a%20b"}, WEST)]
    path = write(tmp_path / "mine.geojson", there)
    assert geo.read_control(path, where="status=a b").equals(EAST)
    assert geo.read_control(path, where="status=a%20b").equals(WEST)
    path = write(tmp_path / "one.geojson", [({"status": "a b"}, EAST), ({"status": "c"}, WEST)])
    assert geo.read_control(path, where="status=a%20b").equals(EAST)


def test_conditions_that_nothing_fulfils_list_what_there_is(tmp_path):
    path = write(tmp_path / "mine.geojson", UNLIKE["status"])
    with pytest.raises(UndecidedError, match="no feature has status=held") as caught:
        geo.read_control(path, where="STATUS=held")
    assert caught.value.choices == ("where=status=occupied", "where=status=liberated")
    with pytest.raises(DataFormatError, match=r"no feature has a property 'state'. .* are status"):
        geo.read_control(path, where="state=x")
    with pytest.raises(DataFormatError, match="no feature states a day"):
        geo.read_control(path, where="status=occupied", day=NEW)


def test_the_answer_of_deepstates_api_is_understood(tmp_path):
    path = tmp_path / "last.json"
    answer = {"id": 1763683200, "datetime": "21.11", "map": document(*KNOWN["deepstate"])}
    path.write_text(json.dumps(answer), "utf-8")
    found = geo.read_control_file(path)
    assert (found.dates, found.merged().equals(EAST)) == ((NEW,), True)


# --- words and names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        ("held", ["Occupied", "окуповано", "Russian-held", "оккупировано", "Enemy control"]),
        ("liberated", ["Liberated", "De-occupied", "звільнено", "деокуповано", "освобождено"]),
        ("contested", ["contested", "grey zone", "Gray area", "сіра зона", "спорная"]),
        ("unknown", ["unknown status", "статус невідомий", "неизвестно"]),
        ("not held", ["unoccupied", "не окуповано", "Ukrainian control", "підконтрольна"]),
        ("claimed", ["Russian advances", "claimed", "просування"]),
    ],
)
def test_words_for_states_are_known_in_three_languages(state, texts):
    assert [states_of(text) for text in texts] == [frozenset({state})] * len(texts)


def test_names_of_places_speak_of_no_state():
    for text in ("Luhansk", "Сіверськ", "Greyville", "Untitled polygon", "Адвантаж", "2025"):
        assert states_of(text) == frozenset()
    assert not speak_of_states(["Donetsk", "occupied"])
    assert speak_of_states(["Donetsk", "liberated"])


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        *[(field, True) for field in ("status", "TYPE_UK", "ControlType", "held_by", "категорія")],
        *[(field, False) for field in ("name", "fill", "marker-type", "altitudeMode", "statusbar")],
    ],
)
def test_which_properties_tell_a_status(field, expected):
    assert tells_status(field, ["a", "b"]) is expected


def test_marks_of_deepstate():
    marks = [deepstate_mark({"name": name}) for name in (HELD, FREED, CRIMEA, "Kyiv", None)]
    expected = ["status.occupied", "status.dismissed_at", "territories.crimea", "", ""]
    assert marks == expected


@given(st.sampled_from(["layer", "where"]), st.text(min_size=1, max_size=20))
@example("layer", "South & East")
@example("layer", "A&day=2025-11-21")
@example("where", "status=a&where=b")
@example("layer", "50%25#2+3")
def test_a_choice_that_is_written_is_read_again(key, value):
    (written,) = undecided("f", "why", key, [value]).choices
    found = parse_choice(written)
    (read,) = found.where if key == "where" else (found.layer,)
    assert find_named(read, [value]) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour=red", "expected layer=, kind=, where=, day="),
        ("layer=a&layer=b", "layer= once"),
        ("kind=point", "kind=line or kind=area"),
        ("day=soon", "such as '2025-11-21'; got 'soon'"),
    ],
)
def test_choices_that_cannot_be_read(text, words):
    with pytest.raises(DataFormatError, match=words):
        parse_choice(text)


def test_a_file_of_that_very_name_is_that_file(tmp_path):
    odd = tmp_path / "a#layer=b.geojson"
    odd.write_text("")
    assert split_choice(str(odd)) == (odd, FileChoice())
    assert split_choice(f"{odd}#day=2025-11-21") == (odd, FileChoice(day=NEW))
    assert split_choice(f"{tmp_path}/held#2.kml#layer=x#y")[1] == FileChoice(layer="x#y")


def test_selecting_does_not_depend_on_the_order(tmp_path):
    properties = [properties for properties, _ in KNOWN["deepstate"]]
    forward = select_features("f", properties)
    backward = select_features("f", properties[::-1])
    assert [2 - row for row in backward.rows][::-1] == forward.rows
