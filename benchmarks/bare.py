"""The floor: an ASGI app that knows nothing but bytes read at start.

A file ``n.bin`` with a sidecar ``n.json`` (path, status, headers) is one answer. There is no
routing beyond a dictionary, no condition, no negotiation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

__all__ = ["app"]


def _load(directory: Path) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    answers = {}
    for sidecar in sorted(directory.glob("*.json")):
        described = json.loads(sidecar.read_text(encoding="utf-8"))
        body = sidecar.with_suffix(".bin").read_bytes()
        headers = [(name.encode(), value.encode()) for name, value in described["headers"]]
        answers[described["path"]] = (
            {"type": "http.response.start", "status": described["status"], "headers": headers},
            {"type": "http.response.body", "body": body},
        )
    ok = [(b"content-length", b"2"), (b"content-type", b"text/plain")]
    answers["/healthz"] = (
        {"type": "http.response.start", "status": 200, "headers": ok},
        {"type": "http.response.body", "body": b"ok"},
    )
    return answers


ANSWERS = _load(Path(os.environ["BENCH_BYTES"]))


async def app(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Send the bytes that belong to the path."""
    start, body = ANSWERS[scope["path"]]
    await send(start)
    await send(body)
