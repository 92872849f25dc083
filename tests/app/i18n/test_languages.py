"""Answers in Ukrainian: every word of ours is translated, no figure and no quotation changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from positions import UNREAD

from app.assets import STATIC
from app.datasets.catalogue import Catalogue
from app.i18n.documents import _SPOKEN, _UNTOUCHED, in_language
from app.i18n.languages import Language, prefers, words_of
from geo.errors import PlanError
from geo.io.load import data_directory, load_plans
from geo.plans.categories import CATEGORIES
from geo.plans.clauses import Flag
from geo.plans.translation import load_plan_words, parse_plan_words, translatable
from geo.statistics.tables import By

PLANS = load_plans()
LATIN = re.compile(r"[A-Za-z]{3,}")
# Names of formats, licences and files are the same in every language.
NAMES = re.compile(
    r"GeoJSON|GeoPackage|GeoParquet|FlatGeobuf|KML|PMTiles|Shapefile|CC BY|observations"
)
ADDRESSES = (
    "/api/map",
    "/api/map?plan=point21-cbs",
    "/api/map?plan=borders-1991",
    "/api/map?plan=freeze-everywhere",
    "/api/plans",
    "/api/sources",
    "/api/contact-lines",
    "/api/oblasts",
    "/api/readings",
    "/api/verify",
    "/api/downloads",
    "/api/locate?place=Kramatorsk",
    "/api/locate?lon=38.9&lat=49.2",
    "/api/history",
    "/problems",
    *(f"/api/statistics?by={by.value}" for by in By),
    *(f"/api/search?q={quote(text)}" for text, why in UNREAD if why),
)


def with_language(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}lang=uk"


def spoken(node: Any, key: str = "") -> Iterator[str]:
    """Every text that a reader is meant to read; not what plans say, which has words of its own."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name not in _UNTOUCHED:
                yield from spoken(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from spoken(item, key)
    elif isinstance(node, str) and key in _SPOKEN and node:
        yield node


def without_words(node: Any) -> Any:
    """The rest: figures, ids, names, geometry, and the text's own words."""
    ours = {"title_short", "article", "reading", "place", "question", "publisher", "name", "option"}
    added = re.compile(r"lang$|_lang$|_translation$")
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if not added.search(key)}
        return {
            key: without_words(value)
            for key, value in kept.items()
            if not (isinstance(value, str) and key in _SPOKEN | ours)
        }
    return [without_words(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_in_ukrainian_says_everything_in_ukrainian(client: Any, address: str) -> None:
    english = client.get(address)
    answer = client.get(with_language(address))
    assert answer.status_code == english.status_code == 200
    assert answer.headers["content-language"] == "uk"
    assert without_words(answer.json()) == without_words(english.json())
    left = [
        text
        for text in spoken(answer.json())
        if LATIN.search(text) and not re.search("[а-яіїєґ]", text) and not NAMES.search(text)
    ]
    assert left == []


def test_english_is_answered_as_without_a_language(client: Any) -> None:
    plain = client.get("/api/map")
    assert client.get("/api/map?lang=en").content == plain.content
    assert "content-language" not in plain.headers


def test_no_translation_of_an_answer_is_left_over(client: Any) -> None:
    said = {text for address in ADDRESSES for text in spoken(client.get(address).json())}
    said |= {name for facts in CATEGORIES.values() for name in (facts.label, *facts.exact_labels)}
    said |= {flag.meaning for flag in Flag}
    entries = json.loads(STATIC.read("i18n/uk/answers.json")[0])
    assert sorted(set(entries) - said) == []


def test_a_quotation_stays_and_its_translation_stands_beside_it(client: Any) -> None:
    english = client.get("/api/plans/point21-axios").json()
    plan = client.get("/api/plans/point21-axios?lang=uk").json()
    for clause, original in zip(plan["clauses"], english["clauses"], strict=True):
        assert clause["quote"] == original["quote"]
        assert clause["quote_lang"] == "en"
        assert re.search("[а-яіїєґ]", clause["quote_translation"])
        assert "lang" not in clause
    for reading in plan["readings"]:
        assert reading["name"]
        assert reading["silent"] or reading["left_open_by_translation"]


def test_figures_have_the_same_digits(client: Any) -> None:
    body = client.get("/api/statistics?by=oblast").text
    spoken_body = client.get("/api/statistics?by=oblast&lang=uk").text
    digits = re.compile(r'"rows":(\[.*?\])', re.DOTALL)
    assert digits.findall(body) == digits.findall(spoken_body) != []
    csv = client.get("/api/statistics?by=oblast&format=csv").content
    assert client.get("/api/statistics?by=oblast&format=csv&lang=uk").content == csv


def test_a_problem_is_named_in_ukrainian(client: Any) -> None:
    problem = client.get("/api/map?plan=x&lang=uk").json()
    assert problem["title"] == "Невідомий план"
    assert problem["type"] == "/problems/unknown-plan"
    assert client.get("/api/map?lang=de").json()["errors"][0]["valid"] == ["en", "uk"]


# --- words of plans ----------------------------------------------------------------------------


@pytest.mark.parametrize("plan_id", PLANS)
@pytest.mark.parametrize("language", [one for one in Language if one is not Language.ENGLISH])
def test_every_plan_has_words_in_every_language(plan_id: str, language: Language) -> None:
    path = data_directory() / "plans" / language.value / f"{plan_id}.toml"
    words = load_plan_words(path, PLANS[plan_id])
    assert words is not None
    assert words.plan == plan_id


def test_faults_of_a_translation_are_all_named() -> None:
    plan = PLANS["borders-1991"]
    texts = {"schema_version": 1, "plan": plan.id, **translatable(plan), "titel": "x"}
    texts["clause"] = {"restore": {"article": "", "quote": "q"}}
    with pytest.raises(PlanError) as raised:
        parse_plan_words(texts, plan, name="x.toml")
    text = str(raised.value)
    for expected in (
        "titel: there is nothing of this name to translate; did you mean 'title'?",
        "clause.restore.article: expected a text; got ''",
        "clause.restore.reading: expected a translation; got none",
    ):
        assert expected in text


def test_a_plan_without_words_is_shown_in_its_own_and_says_so(client: Any) -> None:
    document = client.get("/api/plans/point21-axios").json()
    shown = in_language(document, Language.UKRAINIAN, lambda _: None)
    assert shown["title"] == document["title"]
    assert shown["lang"] == "en"
    assert {clause["lang"] for clause in shown["clauses"]} == {"en"}
    assert all("quote_translation" not in clause for clause in shown["clauses"])
    assert without_words(shown) == without_words(document)


def test_a_clause_that_somebody_changed_is_not_given_our_translation(catalogue: Catalogue) -> None:
    plan = PLANS["borders-1991"]
    words = catalogue.plan_words(Language.UKRAINIAN, plan.id)
    clause = {**plan.clauses[0].model_dump(mode="json"), "reading": "Something else."}
    document = {"identity": {"plan": plan.id}, "clauses": [clause]}
    (shown,) = in_language(document, Language.UKRAINIAN, lambda _: words)["clauses"]
    assert shown["reading"] == "Something else."
    assert shown["lang"] == "en"
    assert shown["quote_translation"]


# --- which language ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("uk", "uk"),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("en-GB,uk;q=0.9", "en"),
        ("de, uk;q=0.3", "uk"),
        ("uk;q=0, de", "en"),
        ("UK-ua;q=x,en", "en"),
        ("ukx", "en"),
    ],
)
def test_preference_is_read_as_browsers_write_it(header: str, language: str) -> None:
    assert prefers(header).value == language


def test_dates_are_written_as_the_language_does() -> None:
    assert words_of(Language.ENGLISH).day("2025-11-21") == "21 November 2025"
    assert words_of(Language.UKRAINIAN).day("2025-03-01") == "1 березня 2025 р."


# --- who says nothing --------------------------------------------------------------------------


def test_the_bare_address_follows_the_preference_and_no_other_does(client: Any) -> None:
    led = client.get("/", accept_language="uk-UA,uk;q=0.9,en;q=0.5")
    assert led.status_code == 307
    assert led.headers["location"] == "?lang=uk"
    assert led.headers["cache-control"] == "no-store"
    plain = client.get("/", accept_language="de,en;q=0.7")
    assert plain.status_code == 200
    for answer in (led, plain):
        assert "accept-language" in answer.headers["vary"].lower()
    for address in ("/?lang=en", "/?plan=point21-cbs"):
        answer = client.get(address, accept_language="uk")
        assert answer.status_code == 200
        assert '<html lang="en">' in answer.text
        assert "accept-language" not in answer.headers["vary"].lower()


def test_a_page_carries_the_words_of_its_language_alone(client: Any) -> None:
    english, ukrainian = client.get("/?lang=en").text, client.get("/?lang=uk").text
    assert 'id="point21-words"' not in english
    carried = re.search(r'id="point21-words">(.*?)</script>', ukrainian)
    assert carried is not None
    words = json.loads(carried[1])
    features = client.get("/i18n/uk.json").json()
    assert words["Ukraine"] == "Україна"
    assert not set(words) & set(features)
    whole = re.search(
        r'id="point21-words" data-all="true">(.*?)</script>', client.get("/map.html?lang=uk").text
    )
    assert whole is not None
    assert json.loads(whole[1]) == {**words, **features}
    assert client.get("/i18n/en.json").json() == {}
    assert client.get("/i18n/de.json").status_code == 404
