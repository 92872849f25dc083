"""The languages of page and answers, and the words of each.

English is the language of the source: a text is its own key. Any other language is a folder of
catalogues, ``app/page/static/i18n/<language>/<part>.json``, from English text to translation, or to
plural forms (``one``, ``few``, ``many``, ``other``). Numbers of every answer are the same in each.

``page`` and ``answers`` are read by the server alone, ``script`` goes with the first document, and
each of the others belongs to a feature of the page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

import orjson

from app.assets import STATIC

__all__ = [
    "CATALOGUES",
    "Language",
    "Words",
    "feature_words",
    "mark",
    "prefers",
    "script_words",
    "words_of",
]

CATALOGUES: Final = "i18n"
"""Folder of the catalogues among the static files."""

_SCRIPT_PART: Final = "script"
_SERVER_PARTS: Final = ("page", "answers", _SCRIPT_PART)
_CONTEXT: Final = "##"
_MONTHS: Final = (
    *("{day} January {year}", "{day} February {year}", "{day} March {year}"),
    *("{day} April {year}", "{day} May {year}", "{day} June {year}"),
    *("{day} July {year}", "{day} August {year}", "{day} September {year}"),
    *("{day} October {year}", "{day} November {year}", "{day} December {year}"),
)

Entry = str | Mapping[str, str]
"""A translation, or its plural forms."""


class Language(StrEnum):
    """A language that page and answers can be had in."""

    ENGLISH = "en"
    UKRAINIAN = "uk"

    @property
    def name_own(self) -> str:
        """Name of the language in the language itself."""
        return {"en": "English", "uk": "Українська"}[self.value]


def mark(text: str) -> str:
    """Return a text unchanged: it is translated where it is used, and stands in the catalogue."""
    return text


@dataclass(frozen=True)
class Words:
    """The words of one language.

    Parameters
    ----------
    language
        Which language.
    entries
        English text to translation; empty for English.
    """

    language: Language
    entries: Mapping[str, Entry]

    def t(self, text: str, **values: object) -> str:
        """Translate a text and fill in its ``{placeholders}``.

        Parameters
        ----------
        text
            English; a context after ``##`` tells apart what English writes alike.
        **values
            What to put in place of the placeholders.

        Returns
        -------
        str
            The English text where the language has no other.
        """
        found = self.entries.get(text, text)
        plain = (found if isinstance(found, str) else text).partition(_CONTEXT)[0]
        for name, value in values.items():
            plain = plain.replace(f"{{{name}}}", str(value))
        return plain

    def day(self, iso: str) -> str:
        """Write an ISO 8601 date in words."""
        year, month, day = (int(part) for part in iso.split("-"))
        return self.t(_MONTHS[month - 1], day=day, year=year)


def _read(names: Iterable[str]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for name in names:
        entries |= orjson.loads(STATIC.read(name)[0])
    return entries


@cache
def _parts(language: Language) -> dict[str, str]:
    """Part to file, of a language's catalogues."""
    start = f"{CATALOGUES}/{language.value}/"
    return {
        name.removeprefix(start).removesuffix(".json"): name
        for name in STATIC.files
        if name.startswith(start)
    }


@cache
def words_of(language: Language) -> Words:
    """Return the words that the server needs itself."""
    parts = _parts(language)
    return Words(language, _read(parts[part] for part in _SERVER_PARTS if part in parts))


@cache
def script_words(language: Language) -> Mapping[str, Any]:
    """Return the words that the page's script starts with; none in English."""
    name = _parts(language).get(_SCRIPT_PART)
    return _read([name] if name else [])


@cache
def feature_words(language: Language) -> Mapping[str, Any]:
    """Return the words of all features together; none in English."""
    left = (*_SERVER_PARTS, _SCRIPT_PART)
    return _read(name for part, name in _parts(language).items() if part not in left)


def prefers(accept_language: str) -> Language:
    """Choose a language for somebody whose address names none.

    Parameters
    ----------
    accept_language
        The header of that name.

    Returns
    -------
    Language
        The one with the highest weight; English where none of ours is named.

    References
    ----------
    RFC 9110, 12.5.4 (Accept-Language); RFC 4647, 3.4 (lookup).
    """
    weights: dict[Language, float] = {}
    for part in accept_language.lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        for language in Language:
            if tag.partition("-")[0] == language.value:
                weights[language] = max(_weight(parameters), weights.get(language, 0.0))
    best = max(weights, key=lambda language: weights[language], default=Language.ENGLISH)
    return best if weights.get(best) else Language.ENGLISH


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
