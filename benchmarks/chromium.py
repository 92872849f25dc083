"""Chromium for the benchmarks: where it is, how it is started, over which network it looks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["NETWORKS", "Network", "browse", "open_page"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
Network = dict[str, float] | None
NETWORKS: dict[str, Network] = {
    "loopback": None,
    "10 Mbit/s, 40 ms": {
        "latency": 40,
        "downloadThroughput": 10e6 / 8,
        "uploadThroughput": 10e6 / 8,
    },
}


def _chromium() -> str:
    named = os.environ.get("POINT21_CHROMIUM")
    path = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("no Chromium found: install one or set POINT21_CHROMIUM to its path")
    return path


@contextmanager
def browse() -> Iterator[Browser]:
    """Start headless Chromium, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: Browser, url: str, *, network: Network, watch: str) -> Iterator[Page]:
    """Open a page in a fresh profile with an empty cache; ``watch`` runs before its scripts."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(watch)
        if network is not None:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", {"offline": False, **network})
        page.goto(url, wait_until="commit")
        yield page
    finally:
        context.close()
