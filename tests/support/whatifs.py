"""What the tests of the what-if panel share: the panel and the map, as somebody uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

DAY = "2025-11-21"
PLAN = "point21-axios"
FRONT = (48.3, 37.3)  # the line of contact is all around it
STRAIGHT = (48.576, 37.82)  # seven kilometres without a point of the line
MERIDIAN = {"type": "LineString", "coordinates": [[36.0, 44.0], [36.0, 53.0]]}
# Notes from now on every text of the line that is said aloud, and every phase.
LISTEN = """() => {
  const said = document.getElementById("said");
  const status = document.querySelector(".whatif-status");
  [window.heard, window.phases] = [[], []];
  new MutationObserver(() => window.heard.push(said.textContent))
    .observe(said, { childList: true, characterData: true, subtree: true });
  new MutationObserver(() => window.phases.push(status.dataset.phase))
    .observe(status, { attributes: true, attributeFilter: ["data-phase"] });
}"""
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const how = { dataTransfer: data, bubbles: true, cancelable: true };
  const target = document.querySelector(".leaflet-container");
  target.dispatchEvent(new DragEvent("dragover", how));
  target.dispatchEvent(new DragEvent("drop", how));
}"""


def whole(text: str) -> int:
    """A figure as the page writes it, back as a number."""
    plain = text.replace(",", "").replace("\u2212", "-").replace("+", "")
    return 0 if plain in {"< 1", "-< 1"} else int(plain)


def written(value: float) -> int:
    """A figure from the API, as far as the page shows it."""
    return round(value)


class Editor:
    """The panel and the map, as somebody uses them."""

    def __init__(self, witness: Any, path: str = "") -> None:
        self.witness = witness
        self.page: Page = witness.open(f"{path}#panel=whatif")
        self.phase("known")

    def phase(self, name: str) -> None:
        """Wait until the status says so."""
        self.page.locator(f'.whatif-status[data-phase="{name}"]').wait_for()

    def look(self, lat: float, lon: float, zoom: int) -> None:
        """Show a place."""
        script = (
            "([lat, lon, zoom]) => void map_point21.setView([lat, lon], zoom, {animate: false})"
        )
        self.page.evaluate(script, [lat, lon, zoom])
        self.page.locator("#map_point21").scroll_into_view_if_needed()

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is in the window."""
        box = self.page.locator("#map_point21").bounding_box()
        assert box is not None
        script = "at => { const {x, y} = map_point21.latLngToContainerPoint(at); return [x, y]; }"
        x, y = self.page.evaluate(script, [lat, lon])
        return box["x"] + x, box["y"] + y

    def handle(self) -> tuple[float, float]:
        """The middle of the handle that is nearest to the middle of the map."""
        box = self.page.locator("#map_point21").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        script = """([x, y]) => [...document.querySelectorAll(".whatif-point")]
          .map(node => node.getBoundingClientRect())
          .map(({left, top, width, height}) => [left + width / 2, top + height / 2])
          .sort((a, b) => Math.hypot(a[0] - x, a[1] - y) - Math.hypot(b[0] - x, b[1] - y))[0]"""
        x, y = self.page.evaluate(script, list(middle))
        return x, y

    def drag(self, by: tuple[float, float] = (40, -30)) -> None:
        """Drag a point."""
        x, y = self.handle()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by[0] / 2, y + by[1] / 2)
        self.page.mouse.move(x + by[0], y + by[1])
        self.phase("moving")
        self.page.mouse.up()

    def listen(self) -> None:
        """Note from now on what is said aloud, and each phase, however soon the next follows."""
        self.page.evaluate(LISTEN)

    def heard(self, words: str) -> None:
        """Wait until something has been said aloud."""
        self.page.wait_for_function("words => heard.some(text => text.includes(words))", arg=words)

    def act(self, name: str) -> None:
        """Press a button of the panel."""
        self.page.locator(f'.feature--whatif [data-act="{name}"]').click()

    def points(self) -> int:
        """How many points the line has, as the panel says."""
        words = self.page.locator(".whatif-spot").inner_text()
        return int(words.split()[0].replace(",", ""))

    def figures(self, column: int) -> dict[str, int]:
        """Category to a figure: known line, your line or difference."""
        rows = self.page.locator(".whatif-figures tr[data-category]")
        return {
            str(row.get_attribute("data-category")): whole(
                row.locator("td").nth(column).inner_text()
            )
            for row in rows.all()
        }

    def saved(self, button: str) -> str:
        """The text of a file that the page makes."""
        with self.page.expect_download() as download:
            self.act(button)
        return Path(download.value.path()).read_text("utf-8")

    def line(self) -> dict[str, Any]:
        """The line as it is saved."""
        found: dict[str, Any] = json.loads(self.saved("saveLine"))
        return found

    def drop(self, name: str, text: str) -> None:
        """Drop a file on the map."""
        self.page.evaluate(DROP, [name, text])

    def assert_sound(self, *, refused: int = 0) -> None:
        """Nothing went wrong but what was refused on purpose."""
        assert self.witness.errors == []
        assert self.witness.external == []
        failed = self.witness.failed  # what was overtaken was taken back, and is no failure
        assert len(failed) == refused, failed
