"""The words and figures of a page: what a reader sees or hears of its HTML, without its scripts."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

__all__ = ["read_page"]

_SEEN: Final = frozenset(
    {
        *(
            "alt",
            "aria-label",
            "aria-live",
            "aria-pressed",
            "class",
            "content",
            "d",
            "hidden",
            "id",
        ),
        *("href", "hreflang", "lang", "name", "placeholder", "role", "selected", "title", "value"),
        *("transform", "viewbox", "x", "y"),
    }
)
_FILES: Final = frozenset({"link", "script", "style"})
_DATA: Final = frozenset({"application/json", "application/ld+json"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._reading = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _FILES:
            self._reading = given.get("type") in _DATA
            return
        seen = [f"{name}={value}" for name, value in attrs if _is_seen(name)]
        self.lines.append(" ".join([f"<{tag}", *seen]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _FILES:
            self._reading = True

    def handle_data(self, data: str) -> None:
        if self._reading and data.strip():
            self.lines.extend(line.strip() for line in data.replace(',"', ',\n"').splitlines())


def _is_seen(name: str) -> bool:
    return name in _SEEN or name.startswith("data-")


def read_page(html: str) -> str:
    """Read tags with what is seen of them, texts and data of a page, one a line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(line for line in reader.lines if line)
