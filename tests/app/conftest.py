"""One application on the project's own data for all tests of this directory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.datasets.catalogue import Catalogue
from app.main import Service, create_app
from app.settings import Settings
from shipped import read_once, shipped_catalogue


class Client:
    """Sends requests to an application without a network; nothing is decoded unless asked for."""

    def __init__(self, app: Service) -> None:
        self.app = app

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        content: Any = None,
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                client.headers["accept-encoding"] = "identity"
                return await client.request(method, url, headers=headers, content=content)

        return asyncio.run(send())

    def get(self, url: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", url, headers=named)

    def post(self, url: str, document: Any, **headers: str) -> httpx.Response:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request(
            "POST", url, headers={"content-type": "application/json", **named}, content=body
        )

    def json(self, url: str) -> Any:
        answer = self.get(url)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return shipped_catalogue()


@pytest.fixture(scope="session", autouse=True)
def _shipped_data_are_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield


@pytest.fixture(scope="session")
def app(catalogue: Catalogue) -> Iterator[Service]:
    application = create_app(Settings(warm_up=False, what_if_seconds=300.0), catalogue=catalogue)
    yield application
    application.state.what_if_pool.close()
    application.state.request_pool.close()


@pytest.fixture(scope="session")
def client(app: Service) -> Client:
    return Client(app)
