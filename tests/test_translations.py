"""Every text of the interface has its translation, and no translation is left over.

Texts are read off the source: literals in scripts, templates and Python. A catalogue that lacks
one, keeps one that nobody uses, or writes its placeholders otherwise is named here with the text.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.i18n.languages import Language

REPOSITORY = Path(__file__).resolve().parent.parent
STATIC = REPOSITORY / "app" / "page" / "static"
OTHERS = [language for language in Language if language is not Language.ENGLISH]
# The mechanism itself passes on what it is given.
MECHANISM = {"core/i18n.js"}
# Folders of the scripts that draw the first map; those of the tools are loaded when asked for.
FIRST_MAP = ("core", "map", "controls", "summary")
PLURAL_FORMS = {Language.UKRAINIAN: {"one", "few", "many", "other"}}

_CALL = re.compile(r"(?<![\w.])(?:instrument\.)?(t|phrase|plural)\(\s*")
_STRING = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*(\+)?')
_OTHER = re.compile(r"\bother:\s*")
_IN_TEMPLATE = re.compile(r'\bt\("((?:[^"\\]|\\.)*)"')
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def literal_at(text: str, start: int) -> str | None:
    """The string literal at a position, joined with those added to it; None if there is none."""
    found = ""
    while match := _STRING.match(text, start):
        found += json.loads(f'"{match[1]}"')
        start = match.end()
        if not match[2]:
            return found
    return None


def texts_of_script(path: Path) -> Iterator[str]:
    """Texts that a script translates; a call without a literal is a fault of the script."""
    source = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    for call in _CALL.finditer(source):
        start = call.end()
        if call[1] == "plural":
            other = _OTHER.search(source, start)
            assert other, f"{path.name}: plural() without other:"
            start = other.end()
        text = literal_at(source, start)
        near = source[call.start() : call.start() + 60]
        assert text is not None, f"{path.name}: {near!r} is given no literal text"
        yield text


def texts_of_python(path: Path) -> Iterator[str]:
    """Texts that Python translates, or marks for translation."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0]
        if name in {"t", "mark"} and isinstance(first, ast.Constant):
            yield str(first.value)


def texts_of_page() -> set[str]:
    """What the server writes into the page."""
    folder = REPOSITORY / "app" / "page"
    templates = [
        match[1]
        for path in (folder / "templates").glob("*.html")
        for match in _IN_TEMPLATE.finditer(path.read_text(encoding="utf-8"))
    ]
    modules = [*(folder / "elements").glob("*.py"), folder / "folium_map.py"]
    return {*templates, *(text for path in modules for text in texts_of_python(path))}


def texts_of_scripts(folders: Iterable[str]) -> set[str]:
    """Return the texts that the scripts of some folders say."""
    paths = [
        path
        for folder in folders
        for path in (STATIC / folder).rglob("*.js")
        if path.relative_to(STATIC).as_posix() not in MECHANISM
    ]
    return {text for path in paths for text in texts_of_script(path)}


def catalogue(language: Language, part: str) -> dict[str, Any]:
    """One catalogue, checked for texts that stand in it twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), {key for key in keys if keys.count(key) > 1}
        return dict(pairs)

    path = STATIC / "i18n" / language.value / f"{part}.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"), object_pairs_hook=once)
    return found


def feature_catalogues(language: Language) -> dict[str, dict[str, Any]]:
    """The catalogues of the features, by name."""
    server = {"page", "answers", "script"}
    folder = STATIC / "i18n" / language.value
    names = sorted(path.stem for path in folder.glob("*.json") if path.stem not in server)
    return {name: catalogue(language, name) for name in names}


def assert_same(wanted: set[str], translated: Mapping[str, Any]) -> None:
    """Neither a text without translation nor a translation without text."""
    assert sorted(wanted - set(translated)) == [], "texts without a translation"
    assert sorted(set(translated) - wanted) == [], "translations of texts that nobody uses"


@pytest.mark.parametrize("language", OTHERS)
def test_the_page_is_translated(language: Language) -> None:
    assert_same(texts_of_page(), catalogue(language, "page"))


@pytest.mark.parametrize("language", OTHERS)
def test_the_script_of_the_first_map_is_translated(language: Language) -> None:
    assert_same(texts_of_scripts(FIRST_MAP), catalogue(language, "script"))


@pytest.mark.parametrize("language", OTHERS)
def test_every_feature_is_translated(language: Language) -> None:
    carried = set(catalogue(language, "script"))
    wanted = texts_of_scripts(["tools"]) - carried
    found: dict[str, Any] = {}
    for name, entries in feature_catalogues(language).items():
        for text, translation in entries.items():
            assert text not in carried, f"{name}.json: {text!r} stands in script.json already"
            assert found.get(text, translation) == translation, f"{text!r} has two translations"
            found[text] = translation
    assert_same(wanted, found)


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_their_placeholders_and_have_every_plural(language: Language) -> None:
    parts = ("page", "script")
    everything = {**{name: catalogue(language, name) for name in parts}}
    for entries in (*everything.values(), *feature_catalogues(language).values()):
        for text, translation in entries.items():
            wanted = set(_PLACEHOLDER.findall(text))
            if isinstance(translation, str):
                assert set(_PLACEHOLDER.findall(translation)) == wanted, text
                assert translation.strip(), text
                assert (translation[0] == " ") == (text[0] == " "), text
                continue
            assert set(translation) == PLURAL_FORMS[language], text
            for form in translation.values():
                assert set(_PLACEHOLDER.findall(form)) <= wanted | {"n"}, text


def test_the_reading_of_literals_sees_what_it_should(tmp_path: Path) -> None:
    script = tmp_path / "x.js"
    script.write_text(
        '// t("in a comment")\nconst a = t("One {n}" +\n  " two", { n });\nset.t("no");\n'
        'plural(3, { one: "a", other: "{n} bs" });\nphrase(\n  "say \\"x\\"", {});\n',
        encoding="utf-8",
    )
    assert list(texts_of_script(script)) == ["One {n} two", "{n} bs", 'say "x"']
    script.write_text("t(words);", encoding="utf-8")
    with pytest.raises(AssertionError, match="no literal text"):
        list(texts_of_script(script))
