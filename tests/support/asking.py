"""Asks an application without a network."""

from __future__ import annotations

import asyncio

import httpx

from app.main import Service

__all__ = ["Asker"]


class Asker:
    """Sends requests as if from ``base``; a proxy's prefix is the application's root path."""

    def __init__(self, app: Service, *, base: str = "http://test", root_path: str = "") -> None:
        self.app = app
        self.base = base
        self.root_path = root_path

    def get(self, url: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(
                app=self.app, raise_app_exceptions=False, root_path=self.root_path
            )
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.get(url, headers=headers)

        return asyncio.run(send())
