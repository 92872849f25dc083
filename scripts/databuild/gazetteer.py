"""Read the GeoNames places of Ukraine and choose their Ukrainian and searchable names."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

import numpy as np
import shapely

from databuild.fetch import obtain
from geo.crs import to_metric
from geo.places.transliteration import normalise_name, romanise

__all__ = [
    "OLDER_QUARTERS",
    "QUARTERS_SINCE",
    "GazetteerPlace",
    "latin_name",
    "read_places",
    "searchable_names",
    "ukrainian_name",
]

_CYRILLIC: Final = re.compile(r"^[А-ЩЬЮЯЄІЇҐа-щьюяєіїґ’'ʼ \-]+$")
_UKRAINIAN_ONLY: Final = frozenset("іїєґІЇЄҐ’'ʼ")
_LATIN_OR_CYRILLIC: Final = re.compile(r"^[A-Za-zÀ-žА-яёЁЄІЇҐєіїґ’'ʼʹ() .\-]+$")
_RUSSIAN_ENDING: Final = re.compile(r"(ое|ая|ово|ево|[сц]к|[сц]кий|[сц]кая)$")
_NO_SOFT_SIGN: Final = re.compile(r"[бвпмфгґкхжшчщр]ь|ь[еєїюя]")
_LIKENESS: Final = 0.7

QUARTERS_SINCE: Final = 13_540_000
"""GeoNames ids from here on were given in 2025 and later."""

_TOWN: Final = 15_000
_QUARTER_M: Final = 12_000.0

OLDER_QUARTERS: Final = frozenset(
    {
        "6722148", "6723020", "6723024", "12500938",  # Kharkiv: Saltivka ... Oleksiivka
        "696317", "698709", "700022", "12359330",  # Dnipro: Prydniprovsk ... Novi Kodaky
        "697657", "702560", "9983718",  # Odesa: Peresyp, Luzanivka, Cheremushky
        "693065",  # Kramatorsk: Sotsmisto
        "693821",  # Lviv: Sykhiv
        "705962", "697302", "803770", "9113068", "9644145",  # Donetsk: Trudivskyi ... Lidiievka
        "701643",  # Chernihiv: Masany
        "703853", "11139621", "12167218", "12522778",  # Kremenchuk: Kriukiv ... Shchemylivka
        "711874",  # Zhytomyr: Bohuniia
        "12519211",  # Ivano-Frankivsk: Kniahynyn
    }
)  # fmt: skip


@dataclass(frozen=True)
class GazetteerPlace:
    """One populated place of GeoNames (coordinates in degrees)."""

    geoname_id: str
    name: str
    name_uk: str
    lat: float
    lon: float
    population: int | None
    admin1: str
    alternate_names: tuple[str, ...]


def read_places() -> list[GazetteerPlace]:
    """Return the places of Ukraine in ``cities500``, sorted by their id."""
    cities = json.loads(obtain("cities").read_text(encoding="utf-8")).values()
    places = [_place(city) for city in cities if city["countrycode"] == "UA"]
    return sorted(places, key=lambda place: int(place.geoname_id))


def quarters_of(places: Sequence[GazetteerPlace]) -> frozenset[str]:
    """Return the ids of places that are parts of a city, which GeoNames lists like places.

    Their people are counted with the city, and would be counted twice. GeoNames' feature codes
    are not in the package: a quarter is an entry of 2025 or later within 12 km of a town, or one
    of a short list.
    """
    listed = {place.geoname_id for place in places} & OLDER_QUARTERS
    recent = [place for place in places if int(place.geoname_id) >= QUARTERS_SINCE]
    towns = [
        place
        for place in places
        if (place.population or 0) >= _TOWN
        and place.geoname_id not in listed
        and int(place.geoname_id) < QUARTERS_SINCE
    ]
    where = shapely.multipoints(_metric(towns))
    near = shapely.dwithin(shapely.points(_metric(recent)), where, _QUARTER_M)
    return frozenset(
        listed | {item.geoname_id for item, hit in zip(recent, near, strict=True) if hit}
    )


def _metric(places: Sequence[GazetteerPlace]) -> np.ndarray:
    lonlat = np.array([(place.lon, place.lat) for place in places]).reshape(-1, 2)
    return np.asarray(shapely.get_coordinates(to_metric(shapely.points(lonlat))))


def _place(city: dict[str, Any]) -> GazetteerPlace:
    names = [unicodedata.normalize("NFC", _no_stress(name)) for name in city["alternatenames"]]
    name = unicodedata.normalize("NFC", city["name"])
    return GazetteerPlace(
        geoname_id=str(city["geonameid"]),
        name=name,
        name_uk=ukrainian_name(name, names),
        lat=float(city["latitude"]),
        lon=float(city["longitude"]),
        # GeoNames writes 0 for "not known".
        population=int(city["population"]) or None,
        admin1=city["admin1code"],
        alternate_names=tuple(names),
    )


def _no_stress(name: str) -> str:
    return name.replace("\u0301", "").strip()


def _plain(name: str) -> str:
    """Fold spelling that differs between romanisations: Izyum and Izium become one."""
    text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z]", "", text)
    for one, other in (("y", "i"), ("ii", "i"), ("ie", "e"), ("iu", "u"), ("ia", "a")):
        text = text.replace(one, other)
    return text


def ukrainian_name(name: str, alternates: Iterable[str]) -> str:
    """Choose the alternate name that is Ukrainian, or return an empty string.

    GeoNames' list of alternate names carries no languages here. The Ukrainian one romanises to
    the name itself; where none does, one like it with a letter that only Ukrainian uses is taken.
    """
    candidates = sorted(
        item
        for item in set(alternates)
        if _CYRILLIC.match(item) and not _RUSSIAN_ENDING.search(item)
    )
    exact = [item for item in candidates if romanise(item) == name]
    close = [item for item in candidates if _plain(romanise(item)) == _plain(name)]
    own = [item for item in candidates if _UKRAINIAN_ONLY & set(item) and _alike(item, name)]
    for group in (exact, [item for item in close if item in own], own, close):
        if group:
            return max(group, key=_soft_signs)
    return ""


def _soft_signs(name: str) -> int:
    """Count soft signs: romanisation drops them, so that other languages' names look the same.

    "Умань" is Ukrainian, "Уман" is not; but no soft sign stands where Ukrainian has none: after a
    labial, a sibilant or a velar, or before an iotated vowel.
    """
    return 0 if _NO_SOFT_SIGN.search(name) else name.count("ь")


def _alike(name_uk: str, name: str) -> bool:
    """Tell whether a Ukrainian name can be the one that is written in Latin letters."""
    ratio = SequenceMatcher(None, _plain(romanise(name_uk)), _plain(name)).ratio()
    return ratio >= _LIKENESS


def latin_name(name: str, name_uk: str) -> str:
    """Return the Latin name to show: the Ukrainian one romanised, or GeoNames' without marks.

    Parameters
    ----------
    name
        As GeoNames writes it.
    name_uk
        The Ukrainian name, or empty.
    """
    if name_uk and _alike(name_uk, name):
        # Each word with a capital, as on a map.
        return re.sub("[^ -]+", lambda word: word[0].capitalize(), romanise(name_uk))
    return re.sub("[’'ʹ]", "", name)


def searchable_names(names: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    """Return further names in Latin or Cyrillic letters, without repetition, sorted.

    Parameters
    ----------
    names
        Candidates.
    taken
        Names the place has already.
    """
    seen = {normalise_name(name) for name in taken}
    chosen = []
    for name in sorted(names, key=lambda item: (item.isupper(), len(item), item)):
        folded = normalise_name(name)
        if _LATIN_OR_CYRILLIC.match(name) and folded not in seen and name[0].isupper():
            seen.add(folded)
            chosen.append(name)
    return tuple(sorted(chosen))
