"""Codes and names of the first-level units of Ukraine, and which feature of a file is which.

Codes are those of ISO 3166-2:UA; of KATOTTG, the state register of 2020; of its predecessor KOATUU;
of OCHA's common operational boundaries (COD-AB), whose p-code is ``UA`` and the two digits of
KOATUU; and HASC, which GADM gives. GADM's own numbers (``UKR.1_1``) are not used: they changed
between its editions.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from geo.files.encodings import repair_cyrillic
from geo.model.boundaries import Boundaries
from geo.places.transliteration import reduce_name, romanise

__all__ = ["RecognisedUnits", "recognise_units"]

_CITY_OF_KYIV: Final = "UA-30"
_CITIES: Final = frozenset({_CITY_OF_KYIV, "UA-40"})

_HASC: Final = {
    "UA-05": "VI", "UA-07": "VO", "UA-09": "LH", "UA-12": "DP", "UA-14": "DT", "UA-18": "ZT",
    "UA-21": "ZK", "UA-23": "ZP", "UA-26": "IF", "UA-30": "KC", "UA-32": "KV", "UA-35": "KH",
    "UA-40": "SC", "UA-43": "KR", "UA-46": "LV", "UA-48": "MY", "UA-51": "OD", "UA-53": "PL",
    "UA-56": "RV", "UA-59": "SM", "UA-61": "TP", "UA-63": "KK", "UA-65": "KS", "UA-68": "KM",
    "UA-71": "CK", "UA-74": "CH", "UA-77": "CV",
}  # fmt: skip

_ALSO: Final = {
    "UA-05": "Вінниця, Вінниччина, Винницкая, Винница, Vinnytsya, Vinnitsa",
    "UA-07": "Волинь, Волынская, Волынь, Volyn, Volhynia, Volynia",
    "UA-09": "Луганськ, Луганщина, Луганская, Луганск, Lugansk",
    "UA-12": "Дніпро, Дніпропетровськ, Дніпропетровщина, Днепропетровская, Днепропетровск, Днепр,"
    " Dnepropetrovsk, Dnipro, Sicheslav, Січеславська",
    "UA-14": "Донецьк, Донеччина, Донецкая, Донецк, Donetsk",
    "UA-18": "Житомир, Житомирщина, Житомирская, Zhitomir, Jytomyr",
    "UA-21": "Закарпаття, Закарпатская, Закарпатье, Transcarpathia, Transcarpathian, Zakarpattya",
    "UA-23": "Запоріжжя, Запорожская, Запорожье, Zaporizhzhia, Zaporizhia, Zaporozhye, Zaporozhe",
    "UA-26": "Івано-Франківськ, Івано-Франківщина, Прикарпаття, Ивано-Франковская, Ивано-Франковск,"
    " Ivano-Frankovsk",
    "UA-30": "Київ, Киев, Kyiv, Kiev",
    "UA-32": "Київ, Київщина, Киевская, Киев, Kyiv, Kiev",
    "UA-35": "Кіровоград, Кіровоградщина, Кропивницький, Кропивницька, Кировоградская, Кировоград,"
    " Kirovograd, Kropyvnytskyi",
    "UA-40": "Севастополь, Sevastopol, Севастопольська, Севастопольская",
    "UA-43": "Крим, Крым, Crimea, Krym, Кримська, ARC, АРК",
    "UA-46": "Львів, Львівщина, Львовская, Львов, Lvov",
    "UA-48": "Миколаїв, Миколаївщина, Николаевская, Николаев, Mykolayiv, Nikolaev, Nikolayev",
    "UA-51": "Одеса, Одещина, Одесская, Одесса, Odessa",
    "UA-53": "Полтава, Полтавщина, Полтавская, Poltava",
    "UA-56": "Рівне, Рівненщина, Ровенская, Ровненская, Ровно, Rivne, Rovno",
    "UA-59": "Суми, Сумщина, Сумская, Сумы, Sumy",
    "UA-61": "Тернопіль, Тернопільщина, Тернопольская, Тернополь, Ternopol",
    "UA-63": "Харків, Харківщина, Харьковская, Харьков, Kharkov",
    "UA-65": "Херсон, Херсонщина, Херсонская, Kherson",
    "UA-68": "Хмельницький, Хмельниччина, Хмельницкая, Хмельницкий, Khmelnytsky",
    "UA-71": "Черкаси, Черкащина, Черкасская, Черкассы, Cherkassy",
    "UA-74": "Чернігів, Чернігівщина, Черниговская, Чернигов, Chernigov",
    "UA-77": "Чернівці, Чернівеччина, Буковина, Черновицкая, Черновцы, Chernovtsy, Bukovyna",
}
"""Besides the English and Ukrainian names of the project's own table: short names, names of the
land, Russian names, and spellings in Latin letters that no rule of transliteration gives."""

_MARKS: Final = str.maketrans("", "", "'’ʼ`´ʹ‘′")
_CITY: Final = re.compile(
    r"\b(city|independent|municipality|місто|город|misto|gorod|міськрада|міська рада|горсовет)\b"
    r"|\b(м|г)\.|(?<![^\W\d_])m\.|\b(м|г)\b(?=\s)"
)
_OBLAST: Final = re.compile(
    r"\b(область|обл|oblast|obl|region|province|autonomous|republic|avtonomna|respublika"
    r"|respublica|автономна|автономная|республіка|республика|ар|ar|the|of)\b|[().]"
)
_CODE: Final = re.compile(r"UA[-_ ]?(\d\d)(0{10}\d{5}|0{8})?")
_KOATUU: Final = re.compile(r"(\d{1,2})0{8}")
_HASC_CODE: Final = re.compile(r"UA\.([A-Z]{2})")
_SEVERAL: Final = re.compile(r"\s*[|;/]\s*")

Matched = tuple[str, str]
"""A column, and what its value was reduced to."""


@dataclass(frozen=True)
class RecognisedUnits:
    """Units recognised in a file, with the rows of their features.

    Parameters
    ----------
    rows
        Rows of each unit; several where a unit is drawn in pieces that bear the same name or code.
    unknown
        Rows that are no unit.
    undecided
        Rows that may be several units, with those.
    doubled
        Units that features with different names or codes were taken for, with their rows.
    """

    rows: Mapping[str, list[int]]
    unknown: Sequence[int]
    undecided: Mapping[int, Sequence[str]]
    doubled: Mapping[str, Sequence[int]]


@dataclass
class _Names:
    """Units by name, apart for names of cities and of oblasts."""

    plain: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    city: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    oblast: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    codes: dict[str, str] = field(default_factory=dict)

    def learn(self, unit: str, text: str) -> None:
        """Note a name of a unit, and its transliteration."""
        for stem in {_reduce(text)[0], _reduce(romanise(text))[0]} - {""}:
            self.plain[stem].add(unit)
            if unit in _CITIES:
                self.city[stem].add(unit)
            if unit != _CITY_OF_KYIV:
                self.oblast[stem].add(unit)


def recognise_units(rows: Sequence[Mapping[str, Any]], known: Boundaries) -> RecognisedUnits:
    """Find which unit each feature of a file is.

    Parameters
    ----------
    rows
        Properties of each feature.
    known
        The units, with their names and codes.

    Returns
    -------
    RecognisedUnits
        Codes come before names. A feature whose code is of one unit and whose names are of others
        is what no other feature is, or undecided; so is the name Kyiv, of the city or its oblast.
    """
    names = _names_of(known)
    matches = [_match(properties, names) for properties in rows]
    candidates = [
        _candidates(properties, found) for properties, found in zip(rows, matches, strict=True)
    ]
    certain = {next(iter(units)) for units in candidates if len(units) == 1}
    found: dict[str, list[int]] = defaultdict(list)
    unknown, undecided = [], {}
    for row, units in enumerate(candidates):
        left = units if len(units) == 1 else units - certain
        if not units:
            unknown.append(row)
        elif len(left) == 1:
            found[next(iter(left))].append(row)
        else:
            undecided[row] = sorted(units)
    doubled = {
        unit: members
        for unit, members in found.items()
        if not _pieces_of_one(unit, [matches[row] for row in members])
    }
    return RecognisedUnits(found, unknown, undecided, doubled)


@lru_cache(maxsize=8)
def _names_of(known: Boundaries) -> _Names:
    names = _Names()
    for row, unit in enumerate(known.ids):
        spelt = [known.name_en[row], known.name_uk[row], *_ALSO.get(unit, "").split(",")]
        for text in spelt:
            names.learn(unit, text)
        names.codes[unit[3:]] = unit
        names.codes[known.katottg[row][2:4]] = unit
        names.codes[_HASC.get(unit, unit)] = unit
        if unit == _CITY_OF_KYIV:  # the city council, in KOATUU's words
            names.city[_reduce("Київська")[0]].add(unit)
    return names


def _match(properties: Mapping[str, Any], names: _Names) -> dict[Matched, frozenset[str]]:
    """Return what each value can stand for; only codes when there are any.

    Codes of which all names that are known say another unit can stand for either.
    """
    codes = {}
    spelt = {}
    for column, text in _texts(properties):
        code = _read_code(text, names)
        if code is not None:
            codes[column, text.upper()] = frozenset({code})
            continue
        for part in _SEVERAL.split(text):
            stem, units = _read_name(part, names)
            if units:
                spelt[column, stem] = frozenset(units)
    named = frozenset[str]().union(*spelt.values())
    return {at: units if not named or units & named else units | named
            for at, units in codes.items()} or spelt  # fmt: skip


def _texts(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the values that may be a name or a code, as text."""
    for column, value in properties.items():
        if isinstance(value, str) and value.strip():
            yield column, repair_cyrillic(value.strip())
        elif isinstance(value, int | float) and value >= 10**8 and float(value).is_integer():
            yield column, str(int(value))  # KOATUU, kept as a number


def _read_code(text: str, names: _Names) -> str | None:
    text = text.upper()
    code = _CODE.fullmatch(text) or _HASC_CODE.fullmatch(text)
    if code is not None:
        return names.codes.get(code[1])
    code = _KOATUU.fullmatch(text)
    return None if code is None else names.codes.get(code[1].zfill(2))


def _read_name(text: str, names: _Names) -> tuple[str, set[str]]:
    stem, kind = _reduce(text)
    table = {"city": names.city, "oblast": names.oblast}.get(kind, names.plain)
    return f"{stem} {kind}", table.get(stem, set())


@lru_cache(maxsize=4096)
def _reduce(text: str) -> tuple[str, str]:
    """Reduce a name to its sound, and say which kind of unit it names: city, oblast or neither."""
    text = text.casefold().translate(_MARKS)
    rest, cities = _CITY.subn(" ", text)
    stem, oblasts = _OBLAST.subn(" ", rest)
    marks = oblasts - len(re.findall(r"[().]", rest))
    return reduce_name(stem), "city" if cities else "oblast" if marks > 0 else ""


def _candidates(
    properties: Mapping[str, Any], matches: Mapping[Matched, frozenset[str]]
) -> frozenset[str]:
    """Return the units that a feature can be: what its values agree on, or what the first says."""
    if not matches:
        return frozenset()
    sets = list(matches.values())
    agreed = frozenset.intersection(*sets) or sets[0]
    kinds = {kind for _, text in _texts(properties) for stem, kind in [_reduce(text)] if not stem}
    cities = agreed & _CITIES
    if "city" in kinds and cities:
        return cities
    return agreed - {_CITY_OF_KYIV} if "oblast" in kinds and len(agreed) > 1 else agreed


def _pieces_of_one(unit: str, matches: Sequence[Mapping[Matched, frozenset[str]]]) -> bool:
    """Tell whether features have one value in common that names the unit."""
    common = set.intersection(
        *({at for at, units in found.items() if unit in units} for found in matches)
    )
    return bool(common)
