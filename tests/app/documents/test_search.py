"""Search and place over HTTP and on the command line: what is typed, what is answered."""

from __future__ import annotations

import statistics
import time
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli.main import app
from app.datasets.catalogue import Catalogue
from app.documents.search import describe_search
from geo.model.control import Control
from geo.plans.outcomes import decide


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_a_match_says_what_a_list_has_to_show(client: Any) -> None:
    answer = client.json("/api/search?q=артемовск&limit=3")
    assert answer["query"] == {"q": "артемовск", "limit": 3}
    assert answer["total"] >= len(answer["matches"])
    first = answer["matches"][0]
    assert (first["kind"], first["name_en"], first["name_uk"]) == ("place", "Bakhmut", "Бахмут")
    assert (first["how"], first["spelling"].casefold()) == ("exact", "артемовск")
    assert (first["oblast"], first["oblast_name_uk"]) == ("UA-14", "Донецька область")
    assert (first["held_by"], first["category"]) == ("russia", "de_facto_recognized")
    located = client.json(f"/api/locate?lon={first['lon']}&lat={first['lat']}")["matches"][0]
    assert located["place"]["name_en"] == "Bakhmut"
    assert located["category"] == first["category"]


def test_namesakes_are_told_apart(client: Any) -> None:
    answer = client.json("/api/search?q=Andriivka&limit=20")
    same = [match for match in answer["matches"] if match["name_en"] == "Andriivka"]
    assert len(same) > 10
    told = {
        (match["oblast"], (match["town"] or {}).get("name_en"), match["population"])
        for match in same
    }
    assert len(told) == len(same)


def test_the_day_and_the_plan_count(client: Any) -> None:
    held = {
        date: client.json(f"/api/search?q=Siversk&date={date}")["matches"][0]["held_by"]
        for date in ("2025-11-21", "2026-08-01")
    }
    assert held == {"2025-11-21": "ukraine", "2026-08-01": "russia"}
    baseline = client.json("/api/search?q=Kramatorsk&plan=borders-1991")["matches"][0]
    assert baseline["category"] == "retained"


def test_nothing_found_is_an_answer(client: Any) -> None:
    answer = client.json("/api/search?q=qqqqqqqqqqqq")
    assert (answer["matches"], answer["total"]) == ([], 0)
    assert client.json("/api/search?q=%20")["matches"] == []


def test_oblasts_are_found_by_their_adjective_too(client: Any) -> None:
    for typed in ("Donetsk Oblast", "донецька область", "донецька"):
        match = client.json(f"/api/search?q={typed}")["matches"][0]
        assert (match["kind"], match["oblast"], match["held_by"]) == ("oblast", "UA-14", None)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("48.72, 37.58", [("UA-14", 37.58, 48.72)]),
        ("37.58, 48.72", [("UA-14", 37.58, 48.72), (None, 48.72, 37.58)]),
        ("43.5, 34.0", [(None, 34.0, 43.5)]),  # the Black Sea
    ],
)
def test_positions_are_read_and_turned_when_only_that_is_inside(
    client: Any, typed: str, expected: list[tuple[str | None, float, float]]
) -> None:
    matches = client.json(f"/api/search?q={typed}")["matches"]
    assert [(one["oblast"], one["lon"], one["lat"]) for one in matches] == expected
    assert {one["kind"] for one in matches} == {"position"}


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=100), st.integers(1, 50))
def test_whatever_is_typed_is_answered(client: Any, typed: str, limit: int) -> None:
    try:
        typed.encode()
    except UnicodeEncodeError:
        return
    answer = client.get(f"/api/search?q={quote(typed, safe='')}&limit={limit}")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["matches"]) <= max(limit, 2)


def test_a_keystroke_is_answered_at_once(catalogue: Catalogue) -> None:
    selection = catalogue.select()
    words = ("Kramatorsk", "Мелітополь", "zaporoje", "chasov yar", "Khrkiv")
    typed = [word[:length] for word in words for length in range(1, len(word) + 1)]
    describe_search(selection, "warm", limit=8)
    spent = []
    for text in typed:
        begun = time.process_time()
        describe_search(selection, text, limit=8)
        spent.append(time.process_time() - begun)
    assert statistics.median(spent) < 0.05  # 2 ms on an idle core; a loaded one is slower


def test_a_position_that_is_not_read_says_so_in_the_language_asked_for(client: Any) -> None:
    answer = client.json("/api/search?q=37U%20DP%2028000%2098000")
    assert (answer["total"], answer["matches"]) == (0, [])
    assert answer["note"].startswith("MGRS and UTM references are not read.")
    spoken = client.json("/api/search?q=37U%20DP%2028000%2098000&lang=uk")
    assert spoken["note"].startswith("Координати MGRS і UTM не читаються.")
    assert client.json("/api/search?q=Kramatorsk")["note"] == ""


@pytest.mark.parametrize("text", ["48.72, 37.58", "37.58, 48.72", "48°43.2N 37°34.8E"])
def test_a_position_is_located_as_a_text(client: Any, text: str) -> None:
    (found,) = client.json(f"/api/locate?place={quote(text)}")["matches"]
    (meant,) = client.json("/api/locate?lon=37.58&lat=48.72")["matches"]
    assert found == {**meant, "lon": pytest.approx(37.58), "lat": pytest.approx(48.72)}
    assert "This position, Donetsk Oblast" in run("locate", text).stdout


# --- the place -----------------------------------------------------------------------------------


def test_a_position_names_the_nearest_settlement_of_its_side(client: Any) -> None:
    (match,) = client.json("/api/locate?lon=37.5&lat=48.6")["matches"]
    assert match["place"] is None
    assert match["near"]["observed_as"] == match["held_by"]
    assert 0.1 < match["near"]["distance_km"] < 10
    (at,) = client.json(f"/api/locate?lon={match['near']['lon']}&lat={match['near']['lat']}")[
        "matches"
    ]
    assert at["near"] is None
    assert at["place"]["name_en"] == match["near"]["name_en"]


def test_since_when_is_said_with_what_it_rests_on(client: Any) -> None:
    place = client.json("/api/locate?place=Siversk&date=2026-08-01")["matches"][0]["place"]
    assert place["observed_as"] == "russia"
    assert "2025-11-21" < place["since"] <= "2026-08-01"
    assert place["basis"] == "deepstate-assessment"
    kyiv = client.json("/api/locate?place=Kyiv")["matches"][0]["place"]
    assert (kyiv["since"], kyiv["recorded_from"]) == (None, "2024-07-08")
    assert kyiv["basis"] == "geonames"


def test_alternatives_differ_from_what_is_shown(client: Any, catalogue: Catalogue) -> None:
    (match, *_) = client.json("/api/locate?place=Kramatorsk")["matches"]
    keys = ("category", "recognised_as", "forces_allowed", "change")
    assert match["alternatives"]
    for other in match["alternatives"]:
        assert [other[key] for key in keys] != [match[key] for key in keys]
        plan = catalogue.read(other["plan"], other["readings"])
        outcome = decide(match["oblast"], Control(match["held_by"]), plan)
        assert [getattr(outcome, key).value for key in keys] == [other[key] for key in keys]
        assert [clause["id"] for clause in other["clauses"]] == list(outcome.clauses)
    assert client.json("/api/locate?place=Kyiv")["matches"][0]["alternatives"] == []


# --- the command line ----------------------------------------------------------------------------


def test_the_command_line_writes_what_the_server_answers(client: Any) -> None:
    result = run("search", "chasov-yar", "--json", "--limit", "3", "--plan", "point21-cbs")
    expected = client.get("/api/search?q=chasov-yar&limit=3&plan=point21-cbs")
    assert (result.exit_code, result.stdout_bytes) == (0, expected.content)


def test_the_command_line_shows_a_table() -> None:
    result = run("search", "Артемівськ")
    assert result.exit_code == 0
    assert "Bakhmut" in result.stdout
    assert "exact" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["qqqqqqqqqqqq"], 4, "nothing is recorded under a name like"),
        (["x" * 1001], 2, "1 to 1000 letters, got 1001"),
        (["37U DP 28000 98000"], 4, "MGRS and UTM references are not read. Give latitude"),
        (["Kyiv", "--limit", "0"], 2, "--limit"),
        (["Kyiv", "--plan", "none"], 2, "There is no plan"),
        ([], 2, "search"),
    ],
)
def test_what_cannot_be_searched_says_why(arguments: list[str], code: int, words: str) -> None:
    result = run("search", *arguments)
    assert result.exit_code == code
    assert words in result.stderr


def test_nothing_found_is_an_answer_for_scripts() -> None:
    result = run("search", "qqqqqqqqqqqq", "--json")
    assert result.exit_code == 0
    assert orjson.loads(result.stdout_bytes)["matches"] == []
