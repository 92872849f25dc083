"""Photograph the page for the README: ``docs/img/desktop.png`` and ``docs/img/phone.png``.

Starts a server of its own on a free port, opens the page in headless Chromium that reaches nothing
else, waits until every layer is drawn, and writes PNG files reduced to 256 colours. Needs Chromium
(``POINT21_CHROMIUM`` names another than the one on the path) and the development packages.
"""

import argparse
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY: Final = Path(__file__).resolve().parent.parent
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
START_S: Final = 60
COLOURS: Final = 256
LARGEST_KB: Final = 400


@dataclass(frozen=True)
class Picture:
    """One photograph: its name, its size in CSS pixels, and whose area is selected on it."""

    name: str
    width_px: int
    height_px: int
    scale: float = 1.0
    selected: str = ""


PICTURES: Final = (
    Picture("desktop", 1440, 900),
    Picture("phone", 390, 844, scale=2.0, selected="UA-14 ukraine"),
)


@contextmanager
def run_server() -> Iterator[str]:
    """Serve the app on a free port until the block ends."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app"]
    options = ["--port", str(port), "--log-level", "warning"]
    with subprocess.Popen([*command, *options], cwd=REPOSITORY) as process:
        try:
            _wait_for(f"{address}healthz", process)
            _wait_for(address, process)  # the first page is built when it is asked for
            yield address
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended at its start with status {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=START_S):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit(f"no answer from {address} within {START_S} s")


def photograph(browser: Browser, address: str, picture: Picture) -> bytes:
    """Open the page at the picture's size and return it as PNG."""
    page = browser.new_page(
        viewport={"width": picture.width_px, "height": picture.height_px},
        device_scale_factor=picture.scale,
        color_scheme="light",
        reduced_motion="reduce",
    )
    page.goto(address)
    page.locator("html[data-ready=true][data-complete=true]").wait_for(state="attached")
    if picture.selected:
        _select(page, picture.selected)
    png = page.screenshot()
    page.close()
    return png


def _select(page: Page, face: str) -> None:
    """Select an area as the keyboard does, without leaving the mark of the focus."""
    page.locator(f'[data-face="{face}"]').focus()
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")


def reduce_colours(png: bytes) -> bytes:
    """Write a PNG again with a palette, as small as it gets."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    reduced = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    reduced.save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Write every picture, and refuse one that is too large for a README."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--to", type=Path, default=REPOSITORY / "docs" / "img", help="directory")
    directory: Path = parser.parse_args().to
    directory.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("POINT21_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("no Chromium found: install one or set POINT21_CHROMIUM to its path")
    with run_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for picture in PICTURES:
            png = reduce_colours(photograph(browser, address, picture))
            if len(png) > 1000 * LARGEST_KB:
                raise SystemExit(f"{picture.name}: {len(png)} bytes, more than {LARGEST_KB} kB")
            target = directory / f"{picture.name}.png"
            target.write_bytes(png)
            print(f"{target}: {len(png) / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
