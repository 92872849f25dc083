"""The reduced page, which any other page may show in a frame."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

STATE = "plan=point21-cbs&date=2026-01-01&reading=luhansk_pocket:retained"


def ancestors(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    found = re.search(r"frame-ancestors ([^;]+)", answer.headers["content-security-policy"])
    assert found, path
    return found[1].strip()


def test_only_the_reduced_page_may_be_framed_by_others(client: Any) -> None:
    assert ancestors(client, "/embed") == "*"
    assert ancestors(client, f"/embed?{STATE}&lang=uk") == "*"
    assert ancestors(client, "/") == "'self'"
    assert ancestors(client, "/map.html") == "'self'"
    assert ancestors(client, "/docs") == "'self'"
    assert ancestors(client, "/api/plans") == "'none'"
    assert "x-frame-options" not in client.get("/embed").headers


@pytest.mark.parametrize("lang", ["en", "uk"])
def test_it_leads_to_the_full_page_at_the_same_state(client: Any, lang: str) -> None:
    more = "" if lang == "en" else f"&lang={lang}"
    page = client.get(f"/embed?{STATE}{more}").text
    found = re.search(r'<a href="(\./\?[^"]+)" target="_blank"', page)
    assert found
    address = unescape(found[1]).removeprefix(".")
    full = client.get(address)
    assert full.status_code == 200, "nothing in the address has to be mended"
    assert "plan=point21-cbs" in address
    assert "date=2026-01-01" in address
    assert "reading=luhansk_pocket:retained" in address
    assert f'<html lang="{lang}">' in full.text
    assert "page--embedded" not in full.text
    assert "page--embedded" in page


def test_what_means_nothing_is_taken_out_and_the_page_stays_reduced(client: Any) -> None:
    answer = client.get("/embed?colour=red")
    assert answer.status_code == 307
    assert answer.headers["location"] == "embed#unknown?colour="
    answer = client.get(f"/embed?{STATE}&colour=red")
    assert answer.headers["location"].startswith("?plan=point21-cbs")
