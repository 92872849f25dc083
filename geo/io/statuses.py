"""What names and properties say of control: DeepState's statuses, and words in three languages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

__all__ = ["HELD_MARKS", "deepstate_mark", "speak_of_states", "states_of", "tells_status"]

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
_STATUS_TOO: Final = _words(
    "state side party faction owner zone area region legend layer folder group label "
    "description desc comment notes стан сторона власник зона шар опис примітка состояние "
    "владелец слой описание"
)
"""Words in the name of a property that may do so: it does if its values name states of control."""
_STYLE: Final = frozenset({"icon", "marker", "stroke", "fill", "geometry", "geom", "altitude"})
_GEOMETRY_TYPES: Final = frozenset(
    {"linestring", "multilinestring", "polygon", "multipolygon", "feature", ""}
)
_TOKEN: Final = re.compile(r"[^\W\d_]+?(?=[A-ZА-ЯІЇЄ][a-zа-яіїє]|[\d\W_]|$)")

_HELD: Final = frozenset({"held"})
_STATES: Final = {
    "liberated": r"liberated|de-?occupied|recaptured|звільнен|визволен|деокупован|освобожд",
    "not held": r"(not|un|non)[- ]?occupied|не окупован|не оккупирован|"
    r"(ukrain\w*|government)[- ](held|control)|підконтрольн|подконтрольн",
    "given back": r"relinquished|withdrawn|withdrew|покинут|залишен",
    "contested": r"contested|disputed|\bgr[ae]y[- ]?(zone|area)|infiltrat|спірн|спорн|"
    r"\bсір\w* зон|\bсер\w* зон",
    "unknown": r"unknown|unclear|невідом|невизначен|неизвест",
    "claimed": r"\bclaim|\badvanc|counteroffensive|заявлен|просуван|продвижен|\bнаступ",
    "held": r"occupied|(russia\w*|enemy|rf)[- ](held|control)|окупован|оккупирован|захоплен|"
    r"захвачен",
}
"""In this order: what is found first is not looked at again."""
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
    found = set()
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
    return len({states_of(text) or _HELD for text in texts}) > 1


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
        Whether its name says so, as ``control_status`` does, or its name may say so, as ``layer``
        may, and its values name different states of control.
    """
    tokens = {token.casefold() for token in _TOKEN.findall(field)}
    if tokens & _STYLE or {value.casefold() for value in values} <= _GEOMETRY_TYPES:
        return False
    return bool(tokens & _STATUS) or bool(tokens & _STATUS_TOO and speak_of_states(values))
