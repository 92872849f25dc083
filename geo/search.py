"""Find a name among many while it is being typed, whatever its spelling."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, TypeAlias

import numpy as np

from geo.crs import Floats
from geo.spelling import normalise_name, reduce_name, retype, romanise
from geo.topology import Integers

__all__ = ["Hit", "How", "NameIndex", "edit_distances", "index_names"]

LONGEST_QUERY: Final = 100
_CANDIDATES: Final = 60
_ALIKE: Final = 0.3
_FROM: Final = 3  # letters, below which anything would be similar


class How(StrEnum):
    """How a name answers what was typed, the best first.

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
        Distance to the whole name, and to the beginning of the name that is nearest.

    References
    ----------
    Damerau, "A technique for computer detection and correction of spelling errors", CACM 7(3),
    1964, in the restricted form where no part is edited twice; Hyyrö, "A bit-vector algorithm for
    computing Levenshtein and Damerau edit distances", Nordic Journal of Computing 10, 2003.

    Examples
    --------
    >>> edit_distances("kramatrosk", "kramatorsk"), edit_distances("bahmu", "bakhmut")
    ((1, 1), (2, 1))
    """
    where, whole = _letters_of(typed), (1 << len(typed)) - 1
    more, less, same, before = whole, 0, 0, 0
    distance = best = len(typed)
    for letter in name:
        here = where.get(letter, 0)
        exchanged = ((~same & here) << 1) & before
        same = ((((here & more) + more) ^ more) | here | less | exchanged) & whole
        up, down = (less | ~(same | more)) & whole, same & more
        distance += (up >> (len(typed) - 1)) - (down >> (len(typed) - 1)) if typed else 1
        best = min(best, distance)
        up, down = (up << 1) | 1, down << 1
        more, less = (down | ~(same | up)) & whole, up & same & whole
        before = here
    return distance, best


@lru_cache(maxsize=256)
def _letters_of(typed: str) -> dict[str, int]:
    """Mark where each letter stands, one bit for each place."""
    places: dict[str, int] = {}
    for place, letter in enumerate(typed):
        places[letter] = places.get(letter, 0) | 1 << place
    return places


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
    20 MB. A search takes a millisecond or two: what is typed is looked up whole, then as a
    beginning, then both reduced to their sound (:func:`geo.spelling.reduce_name`); misspellings
    are found by shared pairs of letters and ranked by :func:`edit_distances`.
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
        typed = normalise_name(text[:LONGEST_QUERY])
        best: dict[int, _Match] = {}
        for match in self._matches(typed, enough=limit):
            known = best.get(match[0])
            if known is None or match[1] > known[1]:
                best[match[0]] = match
        ranked = sorted(best.values(), key=lambda match: (-match[1] - weight[match[0]], match[0]))
        hits = (
            Hit(row, how, self._names[row][number], score)
            for row, score, how, number in ranked[:limit]
        )
        return tuple(hits), len(ranked)

    def _matches(self, typed: str, *, enough: int) -> Iterator[_Match]:
        found = [*self._by_letters(typed), *self._by_sound(typed)]
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
        for key in self._alike(sound):
            whole, part = edit_distances(sound, key)
            if min(whole, part) > most + 1:
                continue
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
        return _collect((key, entry) for entry, key, _ in self._keys if key)

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
        return _collect((sound, entry) for entry, _, sound in self._keys if sound)

    @cached_property
    def _folded_of(self) -> Mapping[str, tuple[str, ...]]:
        """Folded names by sound."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for _, key, sound in self._keys:
            found[sound][key] = None
        return {sound: tuple(keys) for sound, keys in found.items()}

    @cached_property
    def _keys(self) -> list[tuple[tuple[int, int], str, str]]:
        """Row and number of each name, the name folded, and its sound; each folded name once."""
        keys = []
        for row, names in enumerate(self._names):
            seen: set[str] = set()
            roman = [romanise(names[number]) for number in range(min(self._main, len(names)))]
            for number, name in [*enumerate(names), *enumerate(roman)]:
                key = normalise_name(name)
                if key and key not in seen:
                    seen.add(key)
                    keys.append(((row, number), key, reduce_name(name)))
        return keys

    @cached_property
    def _beginnings(self) -> list[tuple[str, int]]:
        return sorted([*((key, 0) for key in self._folded), *((key, -1) for key in self._later)])

    @cached_property
    def _sounds(self) -> list[tuple[str, int]]:
        return sorted((key, 0) for key in self._reduced)

    @cached_property
    def _pairs(self) -> tuple[tuple[str, ...], Integers, dict[str, Integers]]:
        """Sounds, the number of pairs in each, and for each pair of letters where it occurs."""
        sounds = tuple(self._reduced)
        occurs: defaultdict[str, list[int]] = defaultdict(list)
        for number, sound in enumerate(sounds):
            for pair in _pairs_of(sound):
                occurs[pair].append(number)
        sizes = np.array([len(sound) + 1 for sound in sounds], dtype=np.intp)
        return sounds, sizes, {pair: np.array(at, dtype=np.intp) for pair, at in occurs.items()}

    def _alike(self, sound: str) -> list[str]:
        """List the sounds that share the most pairs of letters, by share of those typed."""
        sounds, sizes, occurs = self._pairs
        pairs = _pairs_of(sound)
        at = [occurs[pair] for pair in pairs if pair in occurs]
        if not at:
            return []
        shared = np.bincount(np.concatenate(at), minlength=len(sounds))
        longer = np.abs(sizes - len(sound) - 1)
        alike = shared / len(pairs) - 0.03 * np.minimum(longer, 8)
        best = np.argpartition(-alike, min(_CANDIDATES, len(alike) - 1))[:_CANDIDATES]
        return [sounds[number] for number in best if alike[number] >= _ALIKE]


def _pairs_of(sound: str) -> set[str]:
    padded = f"^{sound}$"
    return {padded[place : place + 2] for place in range(len(padded) - 1)}


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
