"""Search names as they are typed, tolerant of spelling."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

from geo.crs import Floats
from geo.places.transliteration import (
    drop_type_words,
    normalise_name,
    reduce_name,
    retype,
    romanise,
)

__all__ = ["Hit", "How", "NameIndex", "edit_distances", "index_names"]

LONGEST_QUERY: Final = 100
_CANDIDATES: Final = 60
_FROM: Final = 3  # letters, below which anything would be similar


class How(StrEnum):
    """Kind of match between a name and the text typed, best first.

    ``word``: a later word of the name begins so.
    """

    EXACT = "exact"
    PREFIX = "prefix"
    TRANSLITERATION = "transliteration"
    WORD = "word"
    KEYBOARD = "keyboard"
    SIMILAR = "similar"
    POSITION = "position"


@dataclass(frozen=True)
class Hit:
    """A thing that answers: its row, how, and the spelling that did."""

    row: int
    how: How
    spelling: str
    score: float


# Steps are wider than the weight of the largest city, so that kinds never mix.
_SCORE: Final = {
    How.EXACT: 80.0,
    How.PREFIX: 60.0,
    How.TRANSLITERATION: 48.0,
    How.WORD: 30.0,
    How.KEYBOARD: 20.0,
    How.SIMILAR: 10.0,
}
_Match: TypeAlias = tuple[int, float, How, int]  # row, score, how, number of the name
_PER_EDIT: Final = 5.0
_PER_PART: Final = 2.0
_OTHER_SPELLING: Final = 1.0


def edit_distances(typed: str, name: str) -> tuple[int, int]:
    """Count the edits between what was typed and a name, and its best beginning.

    Parameters
    ----------
    typed, name
        Two texts. An edit is a letter added, left out or replaced, or two neighbours exchanged.

    Returns
    -------
    tuple of int
        Distance to the whole name, and to the nearest of its beginnings that are as long as what
        was typed, give or take a letter.

    References
    ----------
    Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3),
    1964, in the restricted form where no part is edited twice ("optimal string alignment").

    Examples
    --------
    >>> edit_distances("kramatrosk", "kramatorsk"), edit_distances("bahmu", "bakhmut")
    ((1, 1), (2, 1))
    """
    from rapidfuzz.distance import OSA  # only a search of misspellings needs it

    whole = OSA.distance(typed, name)
    lengths = range(max(len(typed) - 1, 0), len(typed) + 2)
    return whole, min(OSA.distance(typed, name[:length]) for length in lengths)


class NameIndex:
    """Names of things, to be found in any spelling.

    Parameters
    ----------
    names
        For each thing its names; those before ``main`` count as its own, others as other
        spellings.
    main
        How many of the names are its own.

    Notes
    -----
    Built once, about a third of a second for 7,000 places with 32,000 spellings; it takes some
    20 MB. What is typed is looked up whole, then as a beginning, then both reduced to their sound
    (:func:`geo.places.transliteration.reduce_name`), which takes a millisecond; misspellings are
    found by the distance of all sounds (:func:`edit_distances`), which takes a few. A word for the
    kind of place before the name is dropped unless it belongs to a name ("Хутір-Михайлівський").
    """

    def __init__(self, names: Sequence[Sequence[str]], *, main: int = 2) -> None:
        self._names = tuple(tuple(row) for row in names)
        self._main = main

    def search(self, text: str, *, weight: Floats, limit: int = 10) -> tuple[tuple[Hit, ...], int]:
        """Find what has a name like this.

        Parameters
        ----------
        text
            What was typed.
        weight
            What is put first among equals, 0 to 10, shape (n,).
        limit
            How many are returned.

        Returns
        -------
        tuple of Hit
            The best first, each thing once.
        int
            How many there were; what is merely similar is looked for only if fewer than
            ``limit`` fit better.
        """
        best: dict[int, _Match] = {}
        for match in self._matches(text[:LONGEST_QUERY], enough=limit):
            known = best.get(match[0])
            if known is None or match[1] > known[1]:
                best[match[0]] = match
        ranked = sorted(best.values(), key=lambda match: (-match[1] - weight[match[0]], match[0]))
        hits = (
            Hit(row, how, self._names[row][number], score)
            for row, score, how, number in ranked[:limit]
        )
        return tuple(hits), len(ranked)

    def find(self, text: str) -> tuple[int, ...]:
        """Find the things that are called so: by name, else by the sound of a name.

        Parameters
        ----------
        text
            A whole name.

        Returns
        -------
        tuple of int
            Rows: those whose own name it is; else those whose other spelling it is, or whose own
            name sounds so; else those of which another spelling sounds so. Empty if there is none.
        """
        for name in _with_and_without_type(text[:LONGEST_QUERY]):
            if found := self._called(name):
                return tuple(dict.fromkeys(found))
        return ()

    def _called(self, name: str) -> list[int]:
        written = self._folded.get(normalise_name(name), [])
        if own := [row for row, number in written if number < self._main]:
            return own
        sound = reduce_name(name)
        sounding = self._reduced.get(sound, []) if len(sound) >= _FROM else []
        alike = [row for row, number in sounding if number < self._main]
        return [row for row, _ in written] + alike or [row for row, _ in sounding]

    def _matches(self, text: str, *, enough: int) -> Iterator[_Match]:
        found: list[_Match] = []
        for name in _with_and_without_type(text):
            typed = normalise_name(name)
            found += [*self._by_letters(typed), *self._by_sound(typed)]
            if any(match[2] is How.EXACT for match in found):
                break  # the word belongs to the name
        if not found:
            for other in retype(typed) if len(typed) >= _FROM else ():
                found += [
                    (row, score - _SCORE[how] + _SCORE[How.KEYBOARD], How.KEYBOARD, number)
                    for row, score, how, number in self._by_letters(normalise_name(other))
                ]
        yield from found
        if len({match[0] for match in found}) < enough:  # what is merely similar comes last
            yield from self._by_edits(typed, most=1 if found else 3)

    def _by_letters(self, typed: str) -> Iterator[_Match]:
        if not typed:
            return
        for key, at in _beginning_with(self._beginnings, typed):
            entries = self._folded[key] if at >= 0 else self._later[key]
            how = How.WORD if at < 0 else How.EXACT if key == typed else How.PREFIX
            if len(typed) == 1:
                entries = [entry for entry in entries if entry[1] < self._main]
            yield from self._of_key(entries, how)

    def _by_sound(self, typed: str) -> Iterator[_Match]:
        sound = reduce_name(typed)
        if len(sound) < _FROM - 1:
            return
        for key, _ in _beginning_with(self._sounds, sound):
            less = 0.0 if key == sound else 8.0
            yield from self._of_key(self._reduced[key], How.TRANSLITERATION, less=less)

    def _by_edits(self, typed: str, *, most: int) -> Iterator[_Match]:
        sound = reduce_name(typed)
        if len(sound) < _FROM:
            return
        most = min(most, 1 if len(sound) < 6 else 2 if len(sound) < 9 else 3)
        for key, whole, part in self._near(sound, most + 1):
            for folded in self._folded_of[key]:
                near, begun = edit_distances(typed, folded)
                near, begun = min(near, whole), min(begun, part)
                cost = min(near * _PER_EDIT, begun * _PER_EDIT + _PER_PART)
                if min(near, begun) <= most:
                    yield from self._of_key(self._folded[folded], How.SIMILAR, less=cost)

    def _of_key(
        self, entries: Iterable[tuple[int, int]], how: How, *, less: float = 0.0
    ) -> Iterator[_Match]:
        score = _SCORE[how] - less
        for row, number in entries:
            other = _OTHER_SPELLING if number >= self._main else 0.0
            yield row, score - other, how, number

    @cached_property
    def _folded(self) -> Mapping[str, list[tuple[int, int]]]:
        """Row and number of the name, by folded name."""
        return _collect((key, entry) for entry, key, _ in self._keys)

    @cached_property
    def _later(self) -> Mapping[str, list[tuple[int, int]]]:
        """The same by what is left of a name of several words without the first ones."""
        return _collect(
            (key[place + 1 :], entry)
            for entry, key, _ in self._keys
            for place, letter in enumerate(key)
            if letter == " "
        )

    @cached_property
    def _reduced(self) -> Mapping[str, list[tuple[int, int]]]:
        """The same by sound."""
        return _collect(
            (sound, entry) for entry, _, name in self._keys if (sound := reduce_name(name))
        )

    @cached_property
    def _folded_of(self) -> Mapping[str, tuple[str, ...]]:
        """Folded names by sound."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for _, key, name in self._keys:
            found[reduce_name(name)][key] = None
        return {sound: tuple(keys) for sound, keys in found.items()}

    @cached_property
    def _keys(self) -> list[tuple[tuple[int, int], str, str]]:
        """Row and number of each name, the name folded, and the name; each folded name once."""
        keys = []
        for row, names in enumerate(self._names):
            seen: set[str] = set()
            roman = [romanise(names[number]) for number in range(min(self._main, len(names)))]
            for number, name in [*enumerate(names), *enumerate(roman)]:
                key = normalise_name(name)
                if key and key not in seen:
                    seen.add(key)
                    keys.append(((row, number), key, name))
        return keys

    @cached_property
    def _beginnings(self) -> list[tuple[str, int]]:
        return sorted([*((key, 0) for key in self._folded), *((key, -1) for key in self._later)])

    @cached_property
    def _sounds(self) -> list[tuple[str, int]]:
        return sorted((key, 0) for key in self._reduced)

    @cached_property
    def _by_first_letter(self) -> Mapping[str, list[str]]:
        """Sounds by their first letter, which a beginning has to share."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for sound in self._reduced:
            found[sound[0]].append(sound)
        return dict(found)

    def _near(self, sound: str, most: int) -> list[tuple[str, int, int]]:
        """List the nearest sounds, with the distance to each and to its beginning."""
        from rapidfuzz.distance import OSA  # only a search of misspellings needs it
        from rapidfuzz.process import extract

        near = {
            key
            for key, _, _ in extract(
                sound, self._sounds_alone, scorer=OSA.distance, score_cutoff=most,
                limit=_CANDIDATES, processor=None,
            )
        }  # fmt: skip
        begun = self._by_first_letter.get(sound[0], [])
        for length in range(len(sound) - 1, len(sound) + 2):
            cut = [key[:length] for key in begun]
            found = extract(sound, cut, scorer=OSA.distance, score_cutoff=most, limit=_CANDIDATES)
            near.update(begun[at] for _, _, at in found)
        return [(key, *edit_distances(sound, key)) for key in sorted(near)]

    @cached_property
    def _sounds_alone(self) -> tuple[str, ...]:
        return tuple(self._reduced)


def _with_and_without_type(text: str) -> tuple[str, ...]:
    """Return a text, and the text without a word for the kind of place before the name."""
    return tuple(dict.fromkeys((text, drop_type_words(text))))


def _collect(
    entries: Iterable[tuple[str, tuple[int, int]]],
) -> Mapping[str, list[tuple[int, int]]]:
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for key, entry in entries:
        found[key].append(entry)
    return dict(found)


def _beginning_with(keys: list[tuple[str, int]], start: str) -> Iterator[tuple[str, int]]:
    for place in range(bisect_left(keys, (start, -1)), len(keys)):
        if not keys[place][0].startswith(start):
            return
        yield keys[place]


@lru_cache(maxsize=4)
def index_names(names: tuple[tuple[str, ...], ...]) -> NameIndex:
    """Make an index once for the same names.

    Parameters
    ----------
    names
        For each thing its own names, English and Ukrainian, then other spellings.
    """
    return NameIndex(names)
