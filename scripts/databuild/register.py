"""Official Ukrainian names of places, from the national register of settlements (KATOTTG).

The register has no positions. A place is matched to it within its oblast by name; what is not
written the same has to lie in a raion of the places around, which are those of its nearest
neighbours that are written the same and only once in the oblast. An entry that has a place of its
very name is not given to another place by one of that place's other spellings.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import openpyxl
import shapely

from databuild.fetch import obtain
from databuild.gazetteer import searchable_names
from databuild.places import Place, metric_points
from databuild.writing import read_csv
from geo.places.transliteration import normalise_name, reduce_name, romanise

__all__ = ["Entry", "check_names", "name_places", "read_names_by_hand", "read_register"]

Key = tuple[str, str, str]
"""GeoNames id, ISO 3166-2 and Latin name of a place, as it has them before it is named."""

_HEAD_ROWS: Final = 4
_SETTLEMENTS: Final = frozenset("KMTXC")  # cities of the first level, cities, settlements, villages
_AROUND: Final = 8
_LATIN: Final = re.compile(r"[A-Za-zÀ-ž0-9 ().,'’-]+")
_UKRAINIAN: Final = re.compile(r"[А-ЩЬЮЯЄІЇҐа-щьюяєіїґ0-9 ().,'’ʼ-]+")
_LATIN_LETTER: Final = re.compile(r"[A-Za-zÀ-ž]")
_CYRILLIC_LETTER: Final = re.compile(r"[Ѐ-ӿ]")


@dataclass(frozen=True)
class Entry:
    """A settlement of the register: its name, the unit (ISO 3166-2) and the code of the raion."""

    name: str
    oblast: str
    raion: str


def read_register() -> list[Entry]:
    """Return the settlements of the register."""
    units = {row["katottg"][:4]: row["iso_3166_2"] for row in read_csv("oblast_facts.csv")}
    book = openpyxl.load_workbook(obtain("register"), read_only=True)
    rows = list(book.worksheets[0].iter_rows(min_row=_HEAD_ROWS + 1, max_col=7, values_only=True))
    book.close()
    return [
        Entry(" ".join(str(name).split()), units[str(first)[:4]], str(raion or first))
        for first, raion, _, _, _, category, name in rows
        if category in _SETTLEMENTS
    ]


@dataclass(frozen=True)
class _Index:
    """Entries of one unit, by folded name and by sound; names that other places are called by."""

    written: Mapping[str, list[Entry]]
    sounding: Mapping[str, list[Entry]]
    taken: set[str] = field(default_factory=set)

    def levels(self, place: Place) -> Iterable[tuple[str, list[Entry]]]:
        """List the entries that can be a place, the most certain first."""
        own, others = [place.name_uk, place.name], place.alternate_names
        yield "by the recorded name", self.written.get(normalise_name(place.name_uk), [])
        yield "by the sound of a recorded name", _gather(self.sounding, own, reduce_name)
        yield "by another spelling", self._free(_gather(self.written, others, normalise_name))
        sounding = self._free(_gather(self.sounding, others, reduce_name))
        yield "by the sound of another spelling", sounding

    def _free(self, entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if entry.name not in self.taken]


def _gather(
    index: Mapping[str, list[Entry]], names: Iterable[str], key: Callable[[str], str]
) -> list[Entry]:
    return [entry for name in names if name for entry in index.get(key(name), [])]


def _index(entries: Iterable[Entry]) -> dict[str, _Index]:
    found: dict[str, _Index] = {}
    for entry in entries:
        index = found.setdefault(entry.oblast, _Index(defaultdict(list), defaultdict(list)))
        index.written.setdefault(normalise_name(entry.name), []).append(entry)
        index.sounding.setdefault(reduce_name(entry.name), []).append(entry)
    return {
        oblast: _Index(dict(index.written), dict(index.sounding)) for oblast, index in found.items()
    }


def _mark_taken(places: Iterable[Place], indexes: Mapping[str, _Index]) -> None:
    """Mark the names of which each entry has a place that is called so."""
    called = Counter((place.oblast, normalise_name(place.name_uk)) for place in places)
    for oblast, index in indexes.items():
        for folded, entries in index.written.items():
            if called[oblast, folded] >= len(entries):
                index.taken.update(entry.name for entry in entries)


def _raions_around(places: Sequence[Place], indexes: Mapping[str, _Index]) -> list[list[str]]:
    """List for each place the raions of the nearest places that the register has once."""
    at = shapely.get_coordinates(metric_points(places))
    anchors: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row, place in enumerate(places):
        entries = indexes[place.oblast].written.get(normalise_name(place.name_uk), [])
        if place.name_uk and len(entries) == 1:
            anchors[place.oblast].append((row, entries[0].raion))
    around = []
    for row, place in enumerate(places):
        known = [(other, raion) for other, raion in anchors[place.oblast] if other != row]
        rows = [other for other, _ in known]
        nearest = np.argsort(np.hypot(*(at[rows] - at[row]).T), kind="stable")[:_AROUND]
        around.append([known[number][1] for number in nearest])
    return around


def _official(place: Place, index: _Index, around: Sequence[str]) -> tuple[str, str]:
    """Return the name of the register and how it was found; empty if it is not certain."""
    for how, entries in index.levels(place):
        names = {entry.name for entry in entries}
        if how == "by the recorded name" and len(names) == 1:
            return names.pop(), how
        near = {entry.name for entry in entries if entry.raion in around}
        if len(near) == 1:
            return near.pop(), how
        for raion in around:  # several: the one in the raion of the nearest neighbour
            here = {entry.name for entry in entries if entry.raion == raion}
            if len(here) == 1:
                return here.pop(), "by the raion, of several"
    return "", "not in the register"


def read_names_by_hand() -> dict[Key, str]:
    """Return the Ukrainian names of places that the register does not tell."""
    return {
        (row["geoname_id"], row["oblast"], row["name"]): row["name_uk"]
        for row in read_csv("place_names.csv")
    }


def name_places(
    places: Sequence[Place], register: Iterable[Entry], by_hand: Mapping[Key, str]
) -> tuple[list[Place], dict[str, list[str]]]:
    """Give places their official Ukrainian names; older spellings are kept for searching.

    Parameters
    ----------
    places
        With the names that GeoNames and the assessments have.
    register
        The settlements of the country.
    by_hand
        Names for places that the register does not tell.

    Returns
    -------
    tuple
        The places, and what was decided how, with the names.

    Raises
    ------
    ValueError
        A name given by hand is not needed, or a name is not in the letters of its language.
    """
    indexes = _index(register)
    by_hand = dict(by_hand)
    found = []
    report: dict[str, list[str]] = defaultdict(list)
    _mark_taken(places, indexes)
    around = _raions_around(places, indexes)
    for place, raions in zip(places, around, strict=True):
        name, how = _official(place, indexes[place.oblast], raions)
        key = (place.geoname_id, place.oblast, place.name)
        if not name and key in by_hand:
            name, how = by_hand.pop(key), "by hand"
        found.append(_rename(place, name))
        if how != "by the recorded name":
            report[f"names {how}"].append(f"{place.name_uk or place.name} → {name or 'kept'}")
    if by_hand:
        raise ValueError(f"place_names.csv names places that do not need it: {sorted(by_hand)}")
    check_names(found)
    return found, dict(report)


def _rename(place: Place, official: str) -> Place:
    """Take the official name, unless it is the recorded one but for apostrophes and case."""
    is_same = normalise_name(official) == normalise_name(place.name_uk)
    is_kept = not official or (is_same and _UKRAINIAN.fullmatch(place.name_uk))
    name_uk = place.name_uk if is_kept else official
    name = place.name if _LATIN.fullmatch(place.name) else romanise(name_uk)
    older = [text for text in (place.name_uk, *place.alternate_names) if _is_one_script(text)]
    return replace(
        place,
        name=name,
        name_uk=name_uk,
        alternate_names=searchable_names(older, (name, name_uk)),
    )


def _is_one_script(text: str) -> bool:
    return bool(text) and not (_LATIN_LETTER.search(text) and _CYRILLIC_LETTER.search(text))


def check_names(places: Iterable[Place]) -> None:
    """Refuse names that are missing or mix scripts.

    Parameters
    ----------
    places
        All places.

    Raises
    ------
    ValueError
        A Latin name has other letters, a Ukrainian one is empty or has others than Ukrainian
        ones, or another spelling mixes scripts.
    """
    faults: Counter[str] = Counter()
    for place in places:
        spellings = [name for name in place.alternate_names if not _is_one_script(name)]
        spellings += [place.name] if not _LATIN.fullmatch(place.name) else []
        spellings += [place.name_uk] if not _UKRAINIAN.fullmatch(place.name_uk) else []
        for spelling in spellings:
            faults[f"{place.geoname_id} {place.name}, {place.oblast}: {spelling!r}"] += 1
    if faults:
        raise ValueError(
            "expected Latin letters in name, Ukrainian ones in name_uk and one script in each "
            f"other spelling, got:\n{chr(10).join(sorted(faults))}\n"
            "Add the Ukrainian name to data/sources/place_names.csv, with its source."
        )
