"""Render pages: the map, the map as a single file, the interactive documentation.

What stands inside a page is allowed piece by piece: the Content-Security-Policy of a page lists the
SHA-256 of each of its inline scripts and styles, so that no other can run.

References
----------
W3C, Content Security Policy Level 3: 2.3.1 (hash sources), 6.7.2.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from typing import Any, Final

import orjson

from app.datasets.catalogue import Catalogue, Selection
from app.documents.geojson import write_json
from app.documents.map import describe_map
from app.i18n.languages import Language
from geo.plans.choices import Chosen

__all__ = [
    "API_POLICY",
    "content_security_policy",
    "find_inline",
    "render_docs",
    "render_map",
]

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For answers that are data and never run anything."""

TILE_HOST: Final = "https://tile.openstreetmap.org"
"""Where optional background tiles come from, when a reader switches them on."""

_NAMED_FORMATS: Final = ("gpkg", "geojson", "csv")
"""Files that a page names to search engines; ``/dataset.jsonld`` names all."""

_DATA_BLOCKS: Final = frozenset({"application/json", "application/ld+json", "importmap"})


class _InlineFinder(HTMLParser):
    """Collects the text of inline scripts and styles exactly as it stands in the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: dict[str, list[str]] = {"script": [], "style": []}
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a style, or a script that a browser would run."""
        given = dict(attrs)
        if tag in self.found and "src" not in given and given.get("type") not in _DATA_BLOCKS:
            self._inside = tag
            self.found[tag].append("")

    def handle_data(self, data: str) -> None:
        """Gather the text."""
        if self._inside is not None:
            self.found[self._inside][-1] += data

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag == self._inside:
            self._inside = None


def find_inline(page: str) -> dict[str, list[str]]:
    """Return the text of every inline ``script`` and ``style`` of a page, in order.

    Line ends are line feeds, as in a browser, which normalises them before it parses or hashes.
    """
    finder = _InlineFinder()
    finder.feed(page.replace("\r\n", "\n").replace("\r", "\n"))
    finder.close()
    return finder.found


def content_security_policy(page: str, *, ancestors: str = "'self'") -> str:
    """Write the policy that allows what a page carries, and nothing else.

    Parameters
    ----------
    page
        The finished HTML.
    ancestors
        Which pages may show this one in a frame of theirs.

    Returns
    -------
    str
        Value of the ``Content-Security-Policy`` header. Scripts and styles come from this server
        or are named by their hash. Images may also come from :data:`TILE_HOST`.
    """
    sources = {
        tag: " ".join(["'self'", *sorted({_hash_source(text) for text in texts})])
        for tag, texts in find_inline(page).items()
    }
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {sources['script']}",
            f"style-src {sources['style']}",
            f"img-src 'self' data: {TILE_HOST}",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )


def _hash_source(text: str) -> str:
    """Hash a text as a browser does, which reads every line break of a page as a line feed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def render_docs(*, title: str, openapi_url: str, assets_url: str) -> str:
    """Write the page of the interactive documentation.

    Parameters
    ----------
    title
        Title of the page.
    openapi_url, assets_url
        Addresses of the OpenAPI document and of Swagger UI's files.

    Returns
    -------
    str
        HTML that loads nothing from other servers.
    """
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{escape(assets_url)}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-openapi="{escape(openapi_url)}"></div>
<noscript>The documentation is drawn by a script. The document itself is at
<a href="{escape(openapi_url)}">{escape(openapi_url)}</a>.</noscript>
<script src="{escape(assets_url)}/swagger-ui-bundle.js"></script>
<script>
const target = document.getElementById("swagger-ui");
SwaggerUIBundle({{
  url: target.dataset.openapi,
  domNode: target,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
}});
</script>
</body>
</html>
"""


def render_map(
    catalogue: Catalogue,
    *,
    plan_id: str | None = None,
    day: date | None = None,
    readings: Mapping[str, Chosen] | None = None,
    sources: Sequence[str] = (),
    boundaries: Sequence[str] = (),
    inline: bool = False,
    embedded: bool = False,
    language: Language = Language.ENGLISH,
) -> str:
    """Write the map page, or the map as one file.

    Parameters
    ----------
    catalogue
        Where plans and lines come from.
    plan_id, day
        What is shown first; by default the default plan on its own day.
    readings
        Readings of that plan; the other plans are shown with theirs by default.
    sources, boundaries
        Short names that the page offers, the default first; by default those of ``catalogue``.
    inline
        Make one file that carries everything, with all plans on that day.
    embedded
        Make the reduced page for frames: map, headline, legend and sources.
    language
        Language of the page.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    UnknownPlanError, UnknownDateError, ReadingError
        There is no such plan, line, reading or option.
    """
    from app.i18n.documents import in_language
    from app.page.folium_map import (
        render_page,  # Folium takes longer to import than the whole server
    )

    dataset = catalogue.dataset
    first = catalogue.select(plan_id, day, readings=readings)
    shown = first.scenario.line.date
    others = [other for other in dataset.plans if inline and other != first.scenario.plan.id]

    def say(document: dict[str, Any]) -> dict[str, Any]:
        return in_language(document, language, partial(catalogue.plan_words, language))

    page = render_page(
        _plain(say(describe_map(first))),
        plans=[say(plan.model_dump(mode="json")) for plan in dataset.plans.values()],
        dates=[{"date": day.isoformat()} for day in dataset.lines.dates or (shown,)],
        sources=sources,
        boundaries=boundaries,
        inline=inline,
        embedded=embedded,
        language=language,
        background=orjson.loads(dataset.background),
        others=[_plain(say(describe_map(catalogue.select(other, shown)))) for other in others],
    )
    return page if inline or embedded else _described(page, first)


def _described(page: str, shown: Selection) -> str:
    """Tell search engines at the very end of a page, after all that is painted, what it shows."""
    from app.export.dcat import describe_dataset
    from app.page.elements.base import escape_json

    text = escape_json(describe_dataset(shown, formats=_NAMED_FORMATS))
    body, end, rest = page.rpartition("</body>")
    return f'{body}<script type="application/ld+json">{text}</script>\n{end}{rest}'


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Turn geometries that are already written back into plain data."""
    plain: dict[str, Any] = orjson.loads(write_json(document))
    return plain
