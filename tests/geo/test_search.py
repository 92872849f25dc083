"""Names are found however they are spelt; positions are read however they are typed."""

from __future__ import annotations

import datetime
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import geo
from geo.position import parse_position
from geo.search import How, NameIndex, edit_distances
from geo.spelling import normalise_name, reduce_name, retype, romanise

A, DAY = "point21-axios", datetime.date(2025, 11, 21)

# Tables written down here once more, from their sources, to type names as others would.
BGN = (
    dict(zip("абвгґдезиійклмнопрстуфь", "abvhgdezyiyklmnoprstuf'", strict=True))
    | {"є": "ye", "ж": "zh", "ї": "yi", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh"}
    | {"щ": "shch", "ю": "yu", "я": "ya", "’": "'"}
)
SCHOLARLY = BGN | dict(zip("йхцчшжь", "jxcčšž'", strict=True)) | {"щ": "šč", "ю": "ju", "я": "ja"}
SCHOLARLY |= {"є": "je", "ї": "ji", "в": "v"}
GERMAN = BGN | {"ж": "zh", "в": "w", "й": "j", "ю": "ju", "я": "ja", "є": "je", "ь": "", "’": ""}
RUSSIAN = {letter: letter for letter in BGN} | {"и": "ы", "і": "и", "є": "е", "ґ": "г", "ї": "и"}


@lru_cache
def scenario() -> geo.Scenario:
    return geo.build_scenario(
        geo.load_boundaries(), geo.load_contact_line(DAY), geo.load_plan(A), geo.load_observations()
    )


def names(text: str, *, limit: int = 8) -> list[str]:
    return [found.name_en for found in geo.search_places(scenario(), text, limit=limit)[0]]


def rows(*, at_least: int = 0) -> st.SearchStrategy[int]:
    population = np.nan_to_num(scenario().gazetteer.places.population)
    return st.sampled_from(np.flatnonzero(population >= at_least).tolist())


def is_found(row: int, text: str, *, limit: int) -> bool:
    place = scenario().place(row)
    found, _ = geo.search_places(scenario(), text, limit=limit)
    return any((one.lon_deg, one.lat_deg) == (place.lon_deg, place.lat_deg) for one in found)


def write(name: str, table: dict[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in name.casefold())


@settings(max_examples=150, deadline=None)
@given(rows(), st.data())
def test_every_place_is_found_by_each_of_its_own_names(row: int, data: st.DataObject) -> None:
    places = scenario().gazetteer.places
    known = [places.name_en[row], places.name_uk[row], *places.alternate_names[row].split("|")]
    name = data.draw(st.sampled_from([name for name in known if name]))
    style = data.draw(st.sampled_from([str, str.upper, str.lower, lambda text: f"  {text} "]))
    assert is_found(row, style(name), limit=50)


@settings(max_examples=150, deadline=None)
@given(rows(), st.sampled_from([BGN, SCHOLARLY, GERMAN, RUSSIAN]))
def test_every_place_is_found_in_any_transliteration(row: int, table: dict[str, str]) -> None:
    name = scenario().place(row).name_uk
    assume(name)
    assert is_found(row, romanise(name), limit=50)
    assert is_found(row, write(name, table), limit=50)


LETTERS = "abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщьюяєії"


@st.composite
def misspelt(draw: st.DrawFn, row: int) -> str:
    name = draw(st.sampled_from([scenario().place(row).name_en, scenario().place(row).name_uk]))
    assume(len(name) >= 5)
    letters = LETTERS[:26] if name.isascii() else LETTERS[26:]
    at = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from(letters))
    kinds = {
        "added": name[:at] + letter + name[at:],
        "left out": name[:at] + name[at + 1 :],
        "replaced": name[:at] + letter + name[at + 1 :],
        "exchanged": name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    }
    return kinds[draw(st.sampled_from(sorted(kinds)))]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_town_is_among_the_first_five_when_one_letter_is_wrong(data: st.DataObject) -> None:
    """Unless five others are better: they are called so, or begin so, or bear its very name."""
    row = data.draw(rows(at_least=5000))
    typed = data.draw(misspelt(row))
    first, _ = geo.search_places(scenario(), typed, limit=5)
    better = [one for one in first if one.how is not How.SIMILAR]
    bears = [one for one in first if one.name_en == scenario().place(row).name_en]
    assert is_found(row, typed, limit=5) or len(better) + len(bears) >= 4


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_is_an_error(text: str) -> None:
    found, total = geo.search_places(scenario(), text, limit=8)
    assert len(found) <= min(total, 8)
    assert isinstance(reduce_name(text) + romanise(text) + "".join(retype(text)), str)
    assert reduce_name(reduce_name(text)) is not None
    position = parse_position(text)
    assert position is None or (abs(position[0]) <= 180 and abs(position[1]) <= 90)


QUERIES = [
    ("Краматорск", "Kramatorsk"),  # Russian
    ("rhfvfnjhcmr", "Kramatorsk"),  # Ukrainian typed on a Latin layout
    ("лкфьфещкыл", "Kramatorsk"),  # Latin typed on a Russian layout
    ("Kramatrosk", "Kramatorsk"),
    ("kramat", "Kramatorsk"),
    ("slovjansk", "Sloviansk"),
    ("Слов'янськ", "Sloviansk"),
    ("Слов’янськ", "Sloviansk"),
    ("Artemivsk", "Bakhmut"),
    ("chasov-yar", "Chasiv Yar"),
    ("Odessa", "Odesa"),
    ("Lemberg", "Lviv"),
    ("zaporoje", "Zaporizhzhia"),
    ("Днепропетровск", "Dnipro"),
    ("донецкая", "Donetsk Oblast"),
    ("Крым", "Crimea (Autonomous Republic)"),
    ("Avdeevka", "Avdiivka"),
]


@pytest.mark.parametrize(("typed", "meant"), QUERIES)
def test_what_people_type_finds_what_they_mean(typed: str, meant: str) -> None:
    assert names(typed)[0] == meant


def test_better_answers_come_first() -> None:
    order = list(How)
    for typed in ("ivanivka", "slov", "zaporizhia", "pokrovsk", "dnepr", "харк"):
        found, _ = geo.search_places(scenario(), typed, limit=50)
        ranks = [order.index(one.how) for one in found]
        assert ranks == sorted(ranks), typed
    found, total = geo.search_places(scenario(), "Ivanivka", limit=50)
    people = [one.place.population or 0 for one in found if one.how is How.EXACT and one.place]
    assert total >= len(people) > 20
    assert max(people) < 4 * people[0]  # what a plan changes may come a little sooner
    assert all(one.town or (one.place and one.place.population >= 10_000) for one in found)


def test_what_a_plan_changes_comes_before_a_place_as_large() -> None:
    index = NameIndex([("Same", "Те саме"), ("Same", "Те саме")])
    hits, total = index.search("same", weight=np.array([3.0, 3.3]), limit=5)
    assert ([hit.row for hit in hits], total) == ([1, 0], 2)


def test_the_index_is_made_once_for_all_days_and_plans() -> None:
    from geo.finding import _prepare

    other = geo.build_scenario(
        scenario().boundaries,
        geo.load_contact_line(datetime.date(2026, 8, 1)),
        geo.load_plan("point21-cbs"),
        geo.load_observations(),
    )
    assert _prepare(other)[0] is _prepare(scenario())[0]


# --- spelling and positions ----------------------------------------------------------------------

OFFICIAL = [  # examples of the table in resolution 55
    *(("Алушта", "Alushta"), ("Борщагівка", "Borshchahivka"), ("Вінниця", "Vinnytsia")),
    *(("Гадяч", "Hadiach"), ("Згорани", "Zghorany"), ("Ґалаґан", "Galagan")),
    *(("Єнакієве", "Yenakiieve"), ("Гаєвич", "Haievych"), ("Житомир", "Zhytomyr")),
    *(("Закарпаття", "Zakarpattia"), ("Їжакевич", "Yizhakevych"), ("Кадиївка", "Kadyivka")),
    *(("Йосипівка", "Yosypivka"), ("Стрий", "Stryi"), ("Розгон", "Rozghon")),
    *(("Щербухи", "Shcherbukhy"), ("Юрій", "Yurii"), ("Яготин", "Yahotyn")),
    *(("Костянтин", "Kostiantyn"), ("Знам'янка", "Znamianka"), ("Феодосія", "Feodosiia")),
]


@pytest.mark.parametrize(("name", "written"), OFFICIAL)
def test_names_are_romanised_as_the_resolution_says(name: str, written: str) -> None:
    assert romanise(name) == written


@given(st.sampled_from(OFFICIAL), st.sampled_from([BGN, SCHOLARLY, GERMAN]))
def test_all_transliterations_of_a_name_sound_alike(
    pair: tuple[str, str], table: dict[str, str]
) -> None:
    name, official = pair
    assert reduce_name(name) == reduce_name(official)
    typed = write(
        name.casefold().replace("'", "’").replace("зг", "zgh"), table
    )  # BGN parts them: z·h
    assert reduce_name(typed) == reduce_name(name)


@given(st.text("abcа", max_size=7), st.text("abcа", max_size=7))
def test_edit_distances_are_those_of_the_slow_table(typed: str, name: str) -> None:
    cost: dict[tuple[int, int], int] = {}
    for i in range(len(typed) + 1):
        for j in range(len(name) + 1):
            if not i or not j:
                cost[i, j] = i + j
                continue
            equal = typed[i - 1] == name[j - 1]
            cost[i, j] = min(
                cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + (not equal)
            )
            if i > 1 and j > 1 and typed[i - 1] == name[j - 2] and typed[i - 2] == name[j - 1]:
                cost[i, j] = min(cost[i, j], cost[i - 2, j - 2] + 1)
    row = [cost[len(typed), j] for j in range(len(name) + 1)]
    assert edit_distances(typed, name) == (row[-1], min(row))


def test_folding_forgets_case_accents_apostrophes_and_hyphens() -> None:
    assert (
        normalise_name(" Ivano‑FRANKIVSK ")
        == normalise_name("ivano frankivs'k")
        == ("ivano frankivsk")
    )
    assert normalise_name("Éa") == "ea"
    assert normalise_name("Київ") != normalise_name("Кіів")


POSITIONS = [
    *("48.74, 37.58", "48.74 37.58", "48,74 37,58", "48,74, 37,58", "48.74;37.58", "48.74/37.58"),
    *("48.74N 37.58E", "N48.74, E37.58", "37.58E 48.74N", "E 37.58 48.74", "+48.74, +37.58"),
    *("48°44′24″N 37°34′48″E", "48° 44' 24\" N, 37° 34' 48\" E", "48°44.4′N 37°34.8′E"),
]


@pytest.mark.parametrize("text", POSITIONS)
def test_positions_are_read_however_they_are_typed(text: str) -> None:
    assert parse_position(text) == pytest.approx((37.58, 48.74))


@pytest.mark.parametrize(
    "text",
    ["48.74", "48.74, 37.58, 1", "91, 20", "20, 181", "48N 37N", "48°61′N 37°E", "1e5, 3", "", "—"],
)
def test_what_is_no_position_is_left_to_the_names(text: str) -> None:
    assert parse_position(text) is None


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_position_that_is_written_out_is_read_back(lat: float, lon: float) -> None:
    assert parse_position(f"{lat:.6f}, {lon:.6f}") == pytest.approx((lon, lat), abs=1e-6)


# --- since when, and what is near ----------------------------------------------------------------


def test_a_place_says_since_when_its_holder_has_been_observed() -> None:
    observations = geo.load_observations()
    later = geo.build_scenario(
        scenario().boundaries,
        geo.load_contact_line(datetime.date(2026, 8, 1)),
        geo.load_plan(A),
        observations,
        divided=None,
    )
    places = later.gazetteer.places
    for row in range(0, len(places), 97):
        place = later.place(row)
        assert place.recorded_from == "2024-07-08"
        assert place.basis in {"deepstate-assessment", "geonames", "statement"}
        if place.since is None:
            continue
        day = datetime.date.fromisoformat(place.since)
        before = observations.on(day - datetime.timedelta(days=1))
        same = (before.lon_deg == place.lon_deg) & (before.lat_deg == place.lat_deg)
        assert set(before.held_by[same]) == {"russia", "ukraine"} - {place.observed_as}


def test_the_nearest_place_of_a_side_is_the_nearest_of_that_side() -> None:
    places, line = scenario().gazetteer.places, scenario().partition.held_by
    for side in ("ukraine", "russia"):
        near = geo.find_nearest_place(scenario(), 37.9, 48.5, held_by=side)
        assert near is not None
        held = line[scenario().gazetteer.face] == side
        away = np.hypot((places.lon_deg - 37.9) * 0.6626, places.lat_deg - 48.5)[held].min()
        assert near.distance_km == pytest.approx(away * 111.2, rel=0.02)
    assert geo.find_nearest_place(scenario(), 37.9, 48.5, held_by="nobody") is None
