"""Recognise the status of control in names and properties, in three languages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

__all__ = [
    "HELD_MARKS",
    "deepstate_mark",
    "speak_of_states",
    "states_of",
    "tells_day",
    "tells_status",
]

HELD_MARKS: Final = frozenset(
    {"status.occupied", "territories.crimea", "territories.ordlo", "territories.tuzla"}
)
"""DeepState's marks of land of Ukraine that Russia holds: since 2022; Crimea; the parts of Donetsk
and Luhansk oblasts held before 2022; the island of Tuzla. Land of other states bears marks too."""

_MARK: Final = re.compile(r"geoJSON\.([\w.-]*\w)", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STATUS: Final = _words(
    "status type category class kind control controlled controller held holder occupied "
    "occupier occupation статус тип категорія категория клас класс контроль контролює "
    "контролирует утримує удерживает окуповано окупант"
)
"""Words in the name of a property whose values say what a feature means."""
_DAY: Final = _words("date day time datetime datum дата день час время дня")
"""Words in the name of a property whose values say of which day a feature is."""
_OF_THE_RECORD: Final = _words(
    "create created creation creator edit edited editor modified modification change changed "
    "update updated upload uploaded published import imported access accessed retrieved since"
)
"""Words in the name of a property whose day is not that of the state: it may differ."""
_STYLE: Final = frozenset({"icon", "marker", "stroke", "fill", "geometry", "geom", "altitude"})
_GEOMETRY_TYPES: Final = frozenset(
    {"linestring", "multilinestring", "polygon", "multipolygon", "feature", ""}
)
_TOKEN: Final = re.compile(r"[^\W\d_]+?(?=[A-ZА-ЯІЇЄ][a-zа-яіїє]|[\d\W_]|$)")

_HELD: Final = frozenset({"held"})
_STATES: Final = {
    "liberated": r"liberated|de-?occupied|recaptured|звільнен|визволен|деокупован|освобожд",
    "not held": r"(not|un|non)[- ]?occupied|не окупован|не оккупирован|"
    r"(ukrain\w*|government)[- ](held|control|forces|army|troops|side)|підконтрольн|подконтрольн|"
    r"(held|control\w*) by (the )?ukrain\w*|(контрольован\w*|контролем|контролируем\w*) "
    r"(україн\w*|украин\w*|зсу|всу)|(українськ|украинск)\w* (військ|войск|сил|сторон|контрол)|"
    r"^\W*(ua|ukr|ukraine|україна|украина|afu|зсу|всу)\W*$",
    "given back": r"relinquished|withdrawn|withdrew|покинут|залишен",
    "contested": r"contested|disputed|\bgr[ae]y[- ]?(zone|area)|infiltrat|спірн|спорн|"
    r"\bсір\w* зон|\bсер\w* зон",
    "unknown": r"unknown|unclear|невідом|невизначен|неизвест",
    "claimed": r"\bclaim|\badvanc|counteroffensive|заявлен|просуван|продвижен|\bнаступ",
    "held": r"occupied|(russia\w*|enemy|rf)[- ](held|control)|окупован|оккупирован|захоплен|"
    r"захвачен",
}
"""In this order: what is found first is not looked at again."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_WORDS: Final = {state: re.compile(words, re.IGNORECASE) for state, words in _STATES.items()}


def deepstate_mark(properties: Mapping[str, Any]) -> str:
    """Return DeepState's mark of a feature, such as ``status.occupied``.

    Parameters
    ----------
    properties
        Properties of the feature. DeepState writes the mark at the end of the name.

    Returns
    -------
    str
        The mark in small letters; empty if there is none.
    """
    for value in properties.values():
        found = _MARK.search(value) if isinstance(value, str) else None
        if found is not None:
            return found[1].lower()
    return ""


def states_of(text: str) -> frozenset[str]:
    """Return the states of control that a text speaks of.

    Parameters
    ----------
    text
        A name or a value, English, Ukrainian or Russian.

    Returns
    -------
    frozenset of str
        Such as ``held`` or ``liberated``; empty if it speaks of none.

    Examples
    --------
    >>> states_of("De-occupied in 2022"), states_of("Luhansk part")
    (frozenset({'liberated'}), frozenset())
    """
    found: set[str] = set()
    if not _LETTER.search(text):
        return frozenset()
    for state, words in _WORDS.items():
        text, count = words.subn(" ", text)
        if count:
            found.add(state)
    return frozenset(found)


def speak_of_states(texts: Iterable[str]) -> bool:
    """Tell whether texts name different states of control.

    Parameters
    ----------
    texts
        Names or values. Those that name no state count as held.

    Returns
    -------
    bool
        Whether at least two differ.
    """
    return len({states_of(text) or _HELD for text in set(texts)}) > 1


def tells_status(field: str, values: Sequence[str]) -> bool:
    """Tell whether a property says what a feature means.

    Parameters
    ----------
    field
        Name of the property.
    values
        Its values.

    Returns
    -------
    bool
        Whether its name says so, as ``control_status`` does, or its values name different states
        of control, whatever its name.
    """
    tokens = _tokens(field)
    if tokens & _STYLE or {value.casefold() for value in values} <= _GEOMETRY_TYPES:
        return False
    return bool(tokens & _STATUS) or speak_of_states(values)


def tells_day(field: str, values: Sequence[str]) -> bool:
    """Tell whether a property may say of which day a feature is, as ``report_date`` does.

    Parameters
    ----------
    field
        Name of the property.
    values
        Its values, all of which can be read as days.

    Returns
    -------
    bool
        Whether its name says so, or its values are no mere numbers; not if the day is that on which
        a record was made or changed.
    """
    tokens = _tokens(field)
    if tokens & _OF_THE_RECORD:
        return False
    return bool(tokens & _DAY) or not any(value.isdigit() for value in values)


def _tokens(field: str) -> frozenset[str]:
    return frozenset(token.casefold() for token in _TOKEN.findall(field))
