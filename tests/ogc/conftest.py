"""One live server for all clients of a file, and what it says of its collections."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from live import live_server

Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of ``/ogc`` of a running server."""
    with live_server() as address:
        yield f"{address}/ogc"


@pytest.fixture(scope="module")
def ask(server: str) -> Ask:
    """Read a JSON document of the server by its path under ``/ogc``."""

    def read(path: str) -> Any:
        with urllib.request.urlopen(f"{server}{path}") as answer:
            return json.load(answer)

    return read


@pytest.fixture(scope="module")
def matched(ask: Ask) -> dict[str, int]:
    """How many features the server says each collection has."""
    names = [item["id"] for item in ask("/collections")["collections"]]
    pages = {name: ask(f"/collections/{name}/items?limit=1&skipGeometry=true") for name in names}
    return {name: page["numberMatched"] for name, page in pages.items()}
