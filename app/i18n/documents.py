"""Translate documents: our own words, never quotations.

A document is walked once. Labels, notes and the meaning of columns are found in the catalogue
``answers``; titles, clauses and readings of a plan in the plan's own words. Figures, ids, names and
geometry are left as they are. What has no translation stays in English and says so by ``lang``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.i18n.languages import Language, Words, words_of
from geo.plans.translation import PlanWords, Texts

__all__ = ["PlanWordsOf", "in_language"]

PlanWordsOf = Callable[[str], PlanWords | None]
"""The words of a plan by its id; None where it is not translated."""

_SPOKEN: Final = {
    *("label", "meaning", "description", "note", "method", "explanation", "reason", "holds"),
    *("title", "source", "attribution", "licence", "definition", "uncertainty_definition"),
}
_UNTOUCHED: Final = {"geometry", "identity", "links", "units"}
_ORIGINAL: Final = Language.ENGLISH.value
_OF_PLAN: Final = ("title", "title_short", "note")
_OF_CLAUSE: Final = ("article", "reading", "reason", "place")
_OF_OPTION: Final = ("label", "meaning")


def in_language(
    document: dict[str, Any], language: Language, plan_words: PlanWordsOf
) -> dict[str, Any]:
    """Return a document in a language.

    Parameters
    ----------
    document
        An answer in English; it is not changed.
    language
        The language wanted; English gives the document itself.
    plan_words
        Where the words of plans are found.

    Returns
    -------
    dict
        The same members and figures. Beside a quotation stand ``quote_lang`` and, where there is
        one, ``quote_translation``, which is ours; ``lang`` marks what could not be translated.
    """
    if language is Language.ENGLISH:
        return document
    speaker = _Speaker(words_of(language), plan_words)
    return speaker.table(document, None)


@dataclass(frozen=True)
class _Speaker:
    """Walks a document; ``plan`` is that of the nearest identity or plan around."""

    words: Words
    plan_words: PlanWordsOf

    def table(self, node: Mapping[str, Any], plan: PlanWords | None) -> dict[str, Any]:
        plan = self._plan_of(node, plan)
        found = {key: self._value(key, value, plan) for key, value in node.items()}
        if "title_short" in node:
            return _translate_plan(node, found, plan)
        if "quote" in node and "article" in node:
            return _translate_clause(node, found, plan)
        if "question" in node and isinstance(node.get("option"), str):
            return _translate_alternative(node, found, plan)
        if "question" in node and "option" in node:
            return _translate_reading(node, found, plan)
        return found

    def _plan_of(self, node: Mapping[str, Any], plan: PlanWords | None) -> PlanWords | None:
        identity = node.get("identity")
        if isinstance(identity, Mapping) and isinstance(identity.get("plan"), str):
            return self.plan_words(identity["plan"])
        if "title_short" in node:
            return self.plan_words(str(node.get("id", "")))
        if "clauses" in node and isinstance(node.get("plan"), str):
            return self.plan_words(node["plan"])
        return plan

    def _value(self, key: str, value: Any, plan: PlanWords | None) -> Any:  # noqa: ANN401
        if key in _UNTOUCHED:
            return value
        if isinstance(value, str):
            return self.words.t(value) if key in _SPOKEN else value
        if isinstance(value, dict):
            return self.table(value, plan)
        if isinstance(value, list | tuple):
            return [self._value(key, item, plan) for item in value]
        return value


def _speak(
    node: Mapping[str, Any], keys: tuple[str, ...], texts: Texts, originals: Texts
) -> dict[str, Any]:
    """Translate the texts of a node, all or none: a text that was changed has no translation."""
    said = [key for key in keys if node.get(key)]
    if any(node[key] != originals.get(key) for key in said):
        return {**{key: node[key] for key in said}, "lang": _ORIGINAL}
    return {key: texts[key] for key in said}


def _quote(node: Mapping[str, Any], key: str, texts: Texts, originals: Texts) -> dict[str, Any]:
    """Say in which language a quotation is, and add our translation."""
    if not node.get(key):
        return {}
    found = {f"{key}_lang": _ORIGINAL}
    if node[key] == originals.get(key):
        found[f"{key}_translation"] = texts[key]
    return found


def _within(plan: PlanWords | None, *path: str) -> tuple[Texts, Texts]:
    """Find translations and originals at a path of a plan's words."""
    texts, originals = (plan.texts, plan.originals) if plan else ({}, {})
    for key in path:
        texts, originals = texts.get(key, {}), originals.get(key, {})
    return texts, originals


def _translate_plan(
    node: Mapping[str, Any], found: dict[str, Any], plan: PlanWords | None
) -> dict[str, Any]:
    found |= _speak(node, _OF_PLAN, *_within(plan))
    if isinstance(node.get("source"), Mapping):
        ours = _speak(node["source"], ("title", "publisher"), *_within(plan, "source"))
        found["source"] = {**found["source"], **ours}
    return found


def _translate_clause(
    node: Mapping[str, Any], found: dict[str, Any], plan: PlanWords | None
) -> dict[str, Any]:
    where = _within(plan, "clause", str(node.get("id")))
    return {**found, **_speak(node, _OF_CLAUSE, *where), **_quote(node, "quote", *where)}


def _translate_reading(
    node: Mapping[str, Any], found: dict[str, Any], plan: PlanWords | None
) -> dict[str, Any]:
    at = ("reading", str(node.get("id")))
    texts, originals = _within(plan, *at)
    found |= _speak(node, ("question",), texts, originals)
    found |= _quote(node, "left_open_by", texts, originals)
    if "name" in texts:
        found["name"] = texts["name"]
    found["option"] = [
        {**option, **_speak(option, _OF_OPTION, *_within(plan, *at, "option", option["id"]))}
        for option in node["option"]
    ]
    if isinstance(node.get("oblast_list"), Mapping):
        listed = node["oblast_list"]
        ours = _speak(listed, _OF_OPTION, *_within(plan, *at, "oblast_list"))
        found["oblast_list"] = {**listed, **ours}
    return found


def _translate_alternative(
    node: Mapping[str, Any], found: dict[str, Any], plan: PlanWords | None
) -> dict[str, Any]:
    """Translate what a place would be under another plan, or under another answer to a question."""
    texts, originals = _within(plan)
    if node["title"] == originals.get("title_short"):
        found["title"] = texts["title_short"]
    for reading, option in node["readings"].items():
        at = ("reading", reading)
        found |= _speak(node, ("question",), *_within(plan, *at))
        of_option, of_original = _within(plan, *at, "option", option)
        if of_original.get("label") == node["option"]:
            found["option"] = of_option["label"]
    return found
