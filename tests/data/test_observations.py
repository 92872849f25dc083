"""Who held which place, and when: consistent, complete and as documented."""

import csv
import itertools
import re
from collections import defaultdict

import numpy as np
import pytest
import shapely

from databuild.gazetteer import (
    OLDER_QUARTERS,
    QUARTERS_SINCE,
    GazetteerPlace,
    latin_name,
    quarters_of,
    searchable_names,
    ukrainian_name,
)
from databuild.observations import merge_twins
from databuild.places import Interval, Place
from databuild.register import Entry, name_places
from geo.crs import to_metric
from geo.places.transliteration import romanise

FIRST, LAST = "2024-07-08", "2026-08-22"


@pytest.fixture(scope="module")
def rows(data):
    with (data / "control_observations.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def histories(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row["name"], row["oblast"], row["lat"], row["lon"]].append(row)
    return groups


def test_intervals_follow_each_other(histories):
    for place, spans in histories.items():
        assert spans[0]["valid_from"] == "", place
        assert spans[-1]["valid_to"] == "", place
        for earlier, later in itertools.pairwise(spans):
            assert FIRST < earlier["valid_to"] == later["valid_from"] <= LAST, place
            assert earlier["controller"] != later["controller"], place


def test_neighbours_within_100_m_never_contradict_each_other(rows, histories):
    positions = np.array([(float(key[3]), float(key[2])) for key in histories])
    points = to_metric(shapely.points(positions))
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=100.0)
    spans = [
        [(row["controller"], row["valid_from"], row["valid_to"]) for row in group]
        for group in histories.values()
    ]
    assert all(spans[i] == spans[j] for i, j in zip(one, other, strict=True))


def test_values_are_those_documented(rows):
    assert {row["controller"] for row in rows} == {"ukraine", "russia"}
    assert {row["source"] for row in rows} == {"deepstate-assessment", "geonames", "statement"}
    assert all(row["population"] != "0" for row in rows)
    ids = [row["geoname_id"] for row in rows if row["geoname_id"] and not row["valid_from"]]
    assert len(ids) == len(set(ids))


def test_no_assessed_place_was_lost(data, rows):
    """A place of the same oblast is within 2.5 km, or the position is a quarter of a city."""
    with (data / "sources" / "assessments.csv").open(encoding="utf-8", newline="") as file:
        assessed = {
            (r["oblast"], r["lat"], r["lon"]): r["geoname_id"] for r in csv.DictReader(file)
        }
    kept = defaultdict(list)
    for row in rows:
        if row["source"] == "deepstate-assessment":
            kept[row["oblast"]].append((float(row["lon"]), float(row["lat"])))
    points = {key: to_metric(shapely.multipoints(value)) for key, value in kept.items()}
    for (oblast, lat, lon), geoname_id in assessed.items():
        place = to_metric(shapely.Point(float(lon), float(lat)))
        quarter = geoname_id in OLDER_QUARTERS or int(geoname_id or 0) >= QUARTERS_SINCE
        assert quarter or shapely.distance(points[oblast], place) < 2_500.0


@pytest.mark.parametrize(
    ("name", "oblast", "day", "holder"),
    [
        ("Kyiv", "UA-30", FIRST, "ukraine"),
        ("Lviv", "UA-46", FIRST, "ukraine"),
        ("Odesa", "UA-51", FIRST, "ukraine"),
        ("Kherson", "UA-65", "2025-11-21", "ukraine"),
        ("Kramatorsk", "UA-14", "2025-11-21", "ukraine"),
        ("Sloviansk", "UA-14", "2025-11-21", "ukraine"),
        ("Donetsk", "UA-14", FIRST, "russia"),
        ("Luhansk", "UA-09", FIRST, "russia"),
        ("Sevastopol", "UA-40", FIRST, "russia"),
        ("Simferopol", "UA-43", FIRST, "russia"),
        ("Melitopol", "UA-23", "2025-11-21", "russia"),
        ("Sievierodonetsk", "UA-09", "2025-11-21", "russia"),
        ("Toretsk", "UA-14", FIRST, "ukraine"),
        ("Toretsk", "UA-14", "2026-08-22", "russia"),
        ("Kinburn Spit (Pokrovske, Vasylivka)", "UA-48", "2025-11-21", "russia"),
    ],
)
def test_who_held_known_towns(rows, name, oblast, day, holder):
    found = {
        row["controller"]
        for row in rows
        if (row["name"], row["oblast"]) == (name, oblast)
        and row["valid_from"] <= day
        and (not row["valid_to"] or day < row["valid_to"])
    }
    assert found == {holder}


def test_contested_places_are_marked_on_the_row_of_the_day(rows):
    marked = [row for row in rows if row["contested_on"]]
    assert len(marked) == 29
    assert {row["contested_on"] for row in marked} == {"2025-11-21"}
    for row in marked:
        assert row["valid_from"] <= "2025-11-21"
        assert not row["valid_to"] or row["valid_to"] > "2025-11-21"
    assert {"Vovchansk", "Kupiansk", "Pokrovsk"} <= {row["name"] for row in marked}


# --- how the table is made ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ukrainian", "latin"),
    [
        ("Запоріжжя", "Zaporizhzhia"),
        ("Згурівка", "Zghurivka"),
        ("Єнакієве", "Yenakiieve"),
        ("Слов’янськ", "Sloviansk"),
        ("Нью-Йорк", "Niu-York"),
        ("Зелений Гай", "Zelenyi Hai"),
        ("Щастя", "Shchastia"),
        ("Їжівці", "Yizhivtsi"),
    ],
)
def test_romanisation_follows_the_table_of_2010(ukrainian, latin):
    assert romanise(ukrainian) == latin


def test_the_ukrainian_name_is_found_among_unlabelled_ones():
    assert ukrainian_name("Kramatorsk", ["Краматорск", "Краматорськ", "Kramatorska"]) == (
        "Краматорськ"
    )
    assert ukrainian_name("Mirnoye", ["Мирное", "Сарайлы-Кият"]) == ""


def test_latin_names_are_romanised_from_ukrainian():
    assert latin_name("Ukrayinsk", "Українськ") == "Ukrainsk"
    assert latin_name("Yampil’", "") == "Yampil"
    assert latin_name("Krasnohrad", "Берестин") == "Krasnohrad"  # not the same name: left alone


def test_search_names_are_latin_or_cyrillic_and_new():
    names = ["Харьков", "Charkow", "Kharkiv", "哈爾科夫", "kharkf", "Charkow"]
    assert searchable_names(names, ("Kharkiv",)) == ("Charkow", "Харьков")


def place(name, lon, lat, *, known="", holder="ukraine", changed="", name_uk=None):
    spans = [Interval(holder, "", changed)]
    if changed:
        spans.append(Interval("russia", changed, ""))
    return Place(known, name, name_uk or name, "UA-14", lat, lon, "", tuple(spans), "test")


def test_twins_become_one_place():
    known = place("Ukrayinsk", 37.3, 48.1, known="1", name_uk="Українськ", changed="2024-09-17")
    plain = place("Ukrainsk", 37.302, 48.1, name_uk="Українськ", changed="2024-09-16")
    far = place("Ukrainsk", 37.9, 48.1, name_uk="Українськ")
    merged, differing = merge_twins([plain, known, far])
    assert [item.name for item in merged] == ["Ukrainsk", "Ukrainsk"]
    assert merged[0].geoname_id == "1"
    assert merged[0].history == known.history
    assert merged[1] is far
    assert differing == [("Ukrayinsk", "UA-14")]


def entry(geoname_id, lon, population):
    return GazetteerPlace(geoname_id, "X", "", 48.0, lon, population, "05", ())


def test_quarters_are_recent_entries_near_a_town_or_listed():
    city, small = entry("704508", 37.5, 147_145), entry("700000", 38.5, 900)
    near, far = entry("13645588", 37.52, 40_650), entry("13546600", 38.0, 900)
    listed = entry("693065", 37.53, 53_370)
    assert quarters_of([city, small, near, far, listed]) == {"13645588", "693065"}


def test_no_city_is_counted_twice(rows):
    """Donetsk and Kharkiv with their quarters had twice their people."""
    people = {row["geoname_id"]: int(row["population"]) for row in rows if row["population"]}
    assert 34e6 < sum(people.values()) < 40e6


def test_two_places_of_different_names_stay_two():
    one = place("Alpha", 37.30, 48.1, known="1")
    other = place("Beta", 37.305, 48.1)  # 370 m
    assert merge_twins([one, other]) == ([one, other], [])


# --- official names ------------------------------------------------------------------------------

LATIN = re.compile(r"[A-Za-zÀ-ž0-9 ().,'’-]+")
UPPER = "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯ"
UKRAINIAN = re.compile(rf"[{UPPER}{UPPER.lower()} ().,'’-]+")


def test_every_place_has_a_name_in_each_script(rows):
    assert [row["name"] for row in rows if not LATIN.fullmatch(row["name"])] == []
    assert [row["name_uk"] for row in rows if not UKRAINIAN.fullmatch(row["name_uk"])] == []
    spellings = {name for row in rows for name in row["alternate_names"].split("|")}
    both = re.compile(r"[A-Za-z].*[Ѐ-ӿ]|[Ѐ-ӿ].*[A-Za-z]")
    assert [name for name in spellings if both.search(name)] == []


@pytest.mark.parametrize(
    ("name", "official"),
    [
        *(("Drobysheve", "Дробишеве"), ("Terny", "Терни"), ("Kozyrka", "Козирка")),
        *(("Mukachevo", "Мукачево"), ("Kadiyivka", "Кадіївка"), ("Studenok", "Студенок")),
        *(("Sievierodonetsk", "Сіверськодонецьк"), ("Lokhvytsa", "Лохвиця")),
    ],
)
def test_ukrainian_names_are_those_of_the_register(rows, name, official):
    assert official in {row["name_uk"] for row in rows if row["name"] == name}


def test_older_names_stay_to_be_searched_for(rows):
    (found,) = {row["alternate_names"] for row in rows if row["name"] == "Sievierodonetsk"}
    assert "Сєвєродонецьк" in found.split("|")


def village(name_uk, km_east, *, name="", others=()):
    return Place(
        geoname_id="", name=name or romanise(name_uk), name_uk=name_uk, oblast="UA-14",
        lat=48.0, lon=37.0 + km_east / 74.5, population="", history=(),
        source="geonames", alternate_names=tuple(others),
    )  # fmt: skip


def entries(*pairs):
    return [Entry(name, "UA-14", raion) for name, raion in pairs]


WEST = [village(name, km) for km, name in enumerate(["Авдіївка", "Бахмут", "Вуглик"])]
EAST = [village(name, 300 + km) for km, name in enumerate([f"Село{n}" for n in "абвгґдежзи"])]
AROUND = entries(
    *((place.name_uk, "west") for place in WEST), *((place.name_uk, "east") for place in EAST)
)


def named(place, *register, by_hand=None):
    places, _ = name_places([place, *WEST, *EAST], [*AROUND, *register], by_hand or {})
    return places[0]


def test_a_name_in_other_letters_is_matched_by_its_sound():
    found = named(village("Tопоlі", 301, name="Тоpoli"), *entries(("Тополі", "east")))
    assert (found.name_uk, found.name, found.alternate_names) == ("Тополі", "Topoli", ())


def test_a_renamed_place_keeps_its_older_name_for_searching():
    place = village("Кірове", 301, others=["Kirovo", "Північне"])
    found = named(place, *entries(("Північне", "east")))
    assert (found.name_uk, found.name) == ("Північне", "Kirove")
    assert found.alternate_names == ("Kirovo", "Кірове")


def test_a_spelling_far_away_is_not_taken():
    place = village("Кірове", 301, others=["Північне"])
    assert named(place, *entries(("Північне", "elsewhere"))).name_uk == "Кірове"


def test_an_entry_with_a_place_of_its_own_is_not_given_to_another():
    place = village("Веселі Терни", 301, others=["Селоа"])
    assert named(place).name_uk == "Веселі Терни"


def test_of_several_names_that_of_the_nearest_raion_counts():
    both = entries(("Зоря", "west"), ("Зорі", "east"))
    place = village("", 304, name="Zoria", others=["Зоря", "Зорі"])
    assert named(place, *both).name_uk == "Зорі"


def test_a_place_without_a_name_stops_the_build():
    place = village("", 301, name="Unknown")
    with pytest.raises(ValueError, match=r"place_names\.csv, with its source"):
        named(place)
    assert named(place, by_hand={("", "UA-14", "Unknown"): "Невідоме"}).name_uk == "Невідоме"
    with pytest.raises(ValueError, match="do not need it"):
        named(WEST[0], by_hand={("", "UA-14", "Elsewhere"): "Деінде"})
