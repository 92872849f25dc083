"""Pages: what they load is there, what they run is allowed, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.assets import LEAFLET, STATIC, SWAGGER_UI, AssetFolder
from app.page.render import content_security_policy, find_inline

INLINE = re.compile(r"<(script|style)([^>]*)>(.*?)</\1>", re.DOTALL)

POCKET = "reading=luhansk_pocket:retained"


def directive(policy: str, name: str) -> list[str]:
    return next(part.split()[1:] for part in policy.split("; ") if part.startswith(name))


@pytest.mark.parametrize("path", ["/", "/embed", "/map.html", "/docs"])
def test_the_policy_names_every_inline_script_and_style(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    expected: dict[str, set[str]] = {"script": set(), "style": set()}
    parsed = re.sub("\r\n?", "\n", answer.text)  # as a browser reads line breaks
    for tag, attributes, text in INLINE.findall(parsed):
        if " src=" not in attributes and not re.search(r"application/(ld\+)?json", attributes):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            expected[tag].add(f"'sha256-{digest}'")
    assert set(directive(policy, "script-src")) == {"'self'", *expected["script"]}
    assert set(directive(policy, "style-src")) == {"'self'", *expected["style"]}
    assert "unsafe" not in policy
    assert not re.search(r"\son[a-z]+=\"", answer.text), "inline handlers would not run"


@pytest.mark.parametrize("path", ["/", "/embed", "/docs"])
def test_what_a_page_loads_is_there(client: Any, path: str) -> None:
    page = client.get(path).text
    loaded = re.findall(r"<(?:script|link)[^>]*?(?:src|href)=\"([^\"]+)\"", page)
    local = [address for address in loaded if not address.startswith("data:")]
    assert local
    for address in local:
        assert not re.match(r"(?:https?:)?//", address), address
        assert client.get("/" + address.replace("&amp;", "&").lstrip("/")).status_code == 200


def test_the_single_file_needs_nothing_else(client: Any) -> None:
    page = client.get("/map.html").text
    assert not re.findall(r"<(?:script|link|img)[^>]*?(?:src|href)=\"(?!data:)[^\"]+\"", page)
    assert "Kramatorsk" in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("utm_source=x", "."),
        ("plan=none", ".#unknown?plan=none"),
        (
            "plan=point21-cbs&date=2025-11-22",
            "?plan=point21-cbs#unknown?date=2025-11-22",
        ),
        ("date=2026-01-01&x=%22%3E", "?date=2026-01-01#unknown?x="),
        (f"plan=point21-cbs&{POCKET}&{POCKET}", f"?plan=point21-cbs&{POCKET}"),
        (f"{POCKET}&reading=sevastopol:nowhere", f"?{POCKET}#unknown?reading=sevastopol%3Anowhere"),
        (f"{POCKET}&reading=luhansk_pocket:recognised", "."),
        ("reading=line_date:latest", "?date=2026-08-01"),
        ("date=2026-01-01&reading=line_date:latest", "?date=2026-01-01"),
        ("plan=borders-1991&reading=a", "?plan=borders-1991#unknown?reading=a"),
    ],
)
def test_what_means_nothing_is_taken_out_of_the_address(client: Any, given: str, kept: str) -> None:
    answer = client.get(f"/?{given}")
    assert (answer.status_code, answer.headers["location"]) == (307, kept)
    assert client.get("/" + kept.lstrip(".")).status_code == 200


def test_the_first_document_carries_the_readings_of_its_address(client: Any) -> None:
    page = client.get(f"/?plan=point21-cbs&{POCKET}")
    assert page.status_code == 200
    carried = page.text.split('id="point21-data"', 1)[1].split(">", 1)[1].split("</script>", 1)[0]
    identity = orjson.loads(carried)["bundles"][0]["identity"]
    assert identity["readings"] == {"luhansk_pocket": "retained"}


def test_the_page_opens_on_what_its_address_names(client: Any) -> None:
    page = client.get("/?plan=point21-cbs&date=2026-01-01").text
    chosen = re.findall(r'<option value="([^"]+)" selected', page)[:2]  # then the pace
    assert chosen == ["point21-cbs", "2026-01-01"]
    assert re.findall(r'<option value="([^"]+)" selected', client.get("/").text)[:2] == [
        "point21-axios",
        "2025-11-21",
    ]


@pytest.mark.parametrize(
    ("folder", "address"),
    [(STATIC, "/static"), (LEAFLET, "/assets/leaflet"), (SWAGGER_UI, "/assets/docs")],
)
def test_files_are_served_as_they_are(client: Any, folder: AssetFolder, address: str) -> None:
    assert folder.files
    for name, path in folder.files.items():
        answer = client.get(f"{address}/{name}")
        assert answer.content == path.read_bytes()
        assert "etag" in answer.headers
    assert client.get(f"{address}/").status_code == 404


def test_the_background_is_the_file(client: Any, repository: Path) -> None:
    answer = client.get("/map/background.json")
    assert answer.content == (repository / "data" / "background.geojson").read_bytes()
    assert answer.headers["content-type"] == "application/geo+json"


def test_inline_texts_are_found_exactly() -> None:
    page = (
        '<style>a{b:"<c>"}</style><script>if (1 < 2 && "&amp;") {}\n</script>'
        '<script src="x.js"></script><script type="application/json">{"a":1}</script>'
        "<script></script>"
    )
    found = find_inline(page)
    assert found == {
        "style": ['a{b:"<c>"}'],
        "script": ['if (1 < 2 && "&amp;") {}\n', ""],
    }
    assert "unsafe-inline" not in content_security_policy(page)


def test_a_folder_that_is_not_there_says_so() -> None:
    with pytest.raises(FileNotFoundError, match="expected a folder 'nothing' in the installed"):
        _ = AssetFolder("app", "nothing").files
    with pytest.raises(FileNotFoundError, match="no_such_package"):
        _ = AssetFolder("no_such_package", "static").directory


def test_line_ends_are_those_of_a_browser() -> None:
    """WHATWG HTML, 13.2.3.5: newlines are normalised before the page is parsed."""
    found = find_inline("<style>a\r\nb\rc</style><script>1\r\n</script>")
    assert found == {"style": ["a\nb\nc"], "script": ["1\n"]}
