"""Whatever is asked wrongly is answered as RFC 9457 says, with what would have been right."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.datasets.catalogue import Catalogue
from app.errors import PROBLEMS, describe_problem
from app.main import create_app
from app.schemas.common import Problem
from app.settings import Settings
from geo.arguments import closest
from geo.errors import NotFoundError, SettlementError

CATEGORIES = ["de_facto_recognized", "frozen", "buffer_zone", "relinquished", "retained"]
PLANS = ["point21-axios", "point21-cbs", "borders-1991", "freeze-everywhere"]

WRONG = [
    ("/api/plans/point21-axois", 404, "unknown-plan", "Did you mean 'point21-axios'?"),
    ("/api/statistics?plan=nothing", 404, "unknown-plan", "There is no plan 'nothing'."),
    ("/api/layers?plan=", 404, "unknown-plan", "There is no plan ''."),
    ("/api/statistics?date=2025-11-22", 404, "unknown-date", "2025-11-22"),
    ("/api/contact-line?date=1999-01-01&on_or_before=true", 404, "unknown-date", "1999-01-01"),
    ("/api/layers/buffer", 404, "unknown-category", "Did you mean 'buffer_zone'?"),
    ("/api/locate?lon=0&lat=0", 404, "outside-country", "lies in none of the oblasts"),
    ("/api/locate?place=Kramatrosk", 404, "unknown-place", "Kramatorsk"),
    ("/api/locate?place=%00%01", 404, "unknown-place", "no populated place"),
    ("/api/lairs", 404, "not-found", "Did you mean /api/layers?"),
    ("/problems/none", 404, "not-found", "no kind of problem"),
    ("/static/../settings.py", 404, "not-found", "There is no"),
    ("/static/%2e%2e/settings.py", 404, "not-found", "There is no"),
    ("/assets/leaflet/../__init__.py", 404, "not-found", "There is no"),
    ("/assets/docs//etc/passwd", 404, "not-found", "There is no"),
    ("/api/statistics?pln=x", 422, "invalid-parameter", "Did you mean 'plan'?"),
    ("/api/plans?plan=x", 422, "invalid-parameter", "Known here: lang."),
    ("/api/statistics?by=oblasts", 422, "invalid-parameter", "got 'oblasts'"),
    ("/api/statistics?by=", 422, "invalid-parameter", "'by'"),
    ("/api/statistics?format=xml", 422, "invalid-parameter", "got 'xml'"),
    ("/api/statistics?plan=a&plan=b", 422, "invalid-parameter", "got it 2 times"),
    ("/api/statistics?date=yesterday", 422, "invalid-parameter", "YYYY-MM-DD"),
    ("/api/statistics?date=2025-02-30", 422, "invalid-parameter", "YYYY-MM-DD"),
    ("/api/statistics?date=20251121", 422, "invalid-parameter", "YYYY-MM-DD"),
    ("/api/statistics?date=", 422, "invalid-parameter", "YYYY-MM-DD"),
    ("/api/statistics?nearest=perhaps", 422, "invalid-parameter", "'nearest'"),
    ("/api/locate", 422, "invalid-parameter", "lon and lat together, or place"),
    ("/api/locate?lon=37", 422, "invalid-parameter", "'lat' is missing"),
    ("/api/locate?lon=37&lat=48&place=Kyiv", 422, "invalid-parameter", "one of the two"),
    ("/api/locate?lon=181&lat=48", 422, "invalid-parameter", "less than or equal to 180"),
    ("/api/locate?lon=37&lat=-91", 422, "invalid-parameter", "greater than or equal to -90"),
    ("/api/locate?lon=nan&lat=48", 422, "invalid-parameter", "'lon'"),
    ("/api/locate?lon=inf&lat=48", 422, "invalid-parameter", "'lon'"),
    ("/api/locate?lon=east&lat=48", 422, "invalid-parameter", "got 'east'"),
    ("/api/locate?place=", 422, "invalid-parameter", "'place'"),
    ("/api/search", 422, "invalid-parameter", "'q'"),
    ("/api/search?q=", 422, "invalid-parameter", "'q'"),
    ("/api/search?q=a&limit=0", 422, "invalid-parameter", "'limit'"),
    ("/api/search?q=a&limit=many", 422, "invalid-parameter", "got 'many'"),
    ("/api/search?query=a", 422, "invalid-parameter", "Parameter 'query' is unknown."),
    ("/api/search?q=a&q=b", 422, "invalid-parameter", "got it 2 times"),
    ("/api/search?q=a&plan=none", 404, "unknown-plan", "There is no plan"),
    ("/map.html?plan=none", 404, "unknown-plan", "There is no plan 'none'."),
    ("/map.html?by=oblast", 422, "invalid-parameter", "is unknown"),
]


@pytest.mark.parametrize(("url", "status", "slug", "words"), WRONG)
def test_wrong_requests(client: Any, url: str, status: int, slug: str, words: str) -> None:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem = answer.json()
    Problem.model_validate(problem)
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert words in problem["detail"]
    assert problem["title"] == client.json(problem["type"])["title"]


def test_valid_values_are_listed(client: Any) -> None:
    assert client.get("/api/plans/x").json()["valid"] == PLANS
    assert client.get("/api/layers/x").json()["valid"] == CATEGORIES
    days = client.get("/api/layers?date=2025-11-20").json()
    assert "2025-11-21" in days["valid"]
    assert days["nearest"][0] == "2025-11-21"
    (fault,) = client.get("/api/statistics?by=obl").json()["errors"]
    assert fault["valid"][:3] == ["category", "oblast", "oblast,category"]
    assert fault["did_you_mean"] == "oblast"
    (fault,) = client.get("/api/layers?dat=1").json()["errors"]
    assert (fault["valid"], fault["did_you_mean"]) == (
        ["boundaries", "date", "lang", "nearest", "on_or_before", "plan", "reading", "source"],
        "date",
    )
    assert "/api/layers" in client.get("/nowhere").json()["valid"]


def test_every_fault_of_a_request_is_listed(client: Any) -> None:
    problem = client.get("/api/locate?lon=200&lat=x&place=").json()
    assert [fault["parameter"] for fault in problem["errors"]] == ["lon", "lat", "place"]
    problem = client.get("/api/locate?long=2&latt=3").json()
    assert [fault["did_you_mean"] for fault in problem["errors"]] == ["lon", "lat"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/layers", "/", "/static/core/app.js"])
def test_nothing_can_be_changed(client: Any, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/method-not-allowed"


def test_a_fault_of_the_program_tells_nothing_but_that(catalogue: Catalogue) -> None:
    app = create_app(Settings(warm_up=False), catalogue=catalogue)

    @app.get("/broken")
    def fail() -> None:
        raise RuntimeError("the password is swordfish")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/broken")

    answer = asyncio.run(ask())
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["type"] == "/problems/internal-error"
    assert "swordfish" not in answer.text


def all_errors(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(deeper for inner in kind.__subclasses__() for deeper in all_errors(inner))]


@pytest.mark.parametrize("kind", all_errors(SettlementError))
def test_every_error_of_the_engine_has_a_problem_type(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    Exception.__init__(error, "words")
    for name, value in {
        "valid": ("x",),
        "faults": (),
        "wanted": None,
        "limit": "x",
        "allowed": 1,
    }.items():
        setattr(error, name, value)
    if kind.__name__ == "UnknownDateError":
        return  # needs its dates; see test_valid_values_are_listed
    problem = describe_problem(error)
    assert problem.kind.slug in PROBLEMS
    assert problem.kind.status == {True: 404, False: 500}[isinstance(error, NotFoundError)] or (
        problem.kind.status in (400, 413, 422, 503)
    )


@given(st.sampled_from(PLANS), st.integers(0, 8), st.sampled_from("xyz"))
def test_one_wrong_letter_is_understood(plan: str, place: int, letter: str) -> None:
    assert closest(plan[:place] + letter + plan[place + 1 :], PLANS) == plan


@settings(deadline=None, max_examples=150)
@given(
    path=st.sampled_from(
        ["/api/statistics", "/api/layers", "/api/layers/frozen", "/api/locate", "/api/plans"]
    ),
    query=st.dictionaries(
        st.sampled_from(["plan", "date", "by", "format", "nearest", "lon", "lat", "place", "x"]),
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["point21-cbs", "2025-11-21", "oblast", "csv", "true", "30", "1e400"]),
        ),
        max_size=4,
    ),
)
def test_no_query_breaks_the_server(client: Any, path: str, query: dict[str, str]) -> None:
    try:
        url = str(httpx.URL(path, params=query))
    except UnicodeEncodeError:  # lone surrogates cannot be sent
        return
    answer = client.get(url)
    assert answer.status_code in (200, 404, 422)
    if answer.status_code != 200:
        assert answer.json()["status"] == answer.status_code


def test_many_unknown_parameters_get_a_short_answer(client: Any) -> None:
    few = client.get("/api/layers?" + "&".join(f"intervall{number}=1" for number in range(40)))
    assert few.status_code == 422
    assert len(few.json()["errors"]) == 10
    many = client.get("/api/uncertainty?" + "&".join(f"interval{n}=1" for n in range(3000)))
    assert many.status_code == 422
    assert "Expected at most 50 parameters, got 3,000." in many.json()["detail"]
    assert len(many.content) < 3000


def test_a_client_learns_the_name_of_a_file_and_not_its_folder() -> None:
    """The log has the whole path; the remedy is the operator's."""
    said = "/srv/maps/front.gpkg: expected features of one day. Choose /srv/maps/front.gpkg#day=…"
    shown = describe_problem(SettlementError(said)).detail
    assert shown == "front.gpkg: expected features of one day. Choose front.gpkg#day=…"
    address = "answers of https://example.org/a/b, 3/4 of them"
    assert describe_problem(SettlementError(address)).detail == address
