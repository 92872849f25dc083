"""Pages for people: the map, the same map as one file, and the interactive documentation.

Scripts inside a page are allowed one by one: the Content-Security-Policy of a page lists the
SHA-256 of each of its inline scripts, so that no other script can run.

References
----------
W3C, Content Security Policy Level 3: 2.3.1 (hash sources), 6.7.2.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from typing import Final

__all__ = ["API_POLICY", "content_security_policy", "inline_scripts", "render_docs"]

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For answers that are data and never run anything."""

TILE_HOST: Final = "https://tile.openstreetmap.org"
"""Where optional background tiles come from, when a reader switches them on."""

_DATA_BLOCKS: Final = frozenset({"application/json", "application/ld+json", "importmap"})


class _ScriptFinder(HTMLParser):
    """Collects the text of inline scripts exactly as it stands in the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an inline script that a browser would run."""
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") not in _DATA_BLOCKS:
            self._inside = True
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Gather the script's text."""
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """End the script."""
        self._inside = self._inside and tag != "script"


def inline_scripts(page: str) -> list[str]:
    """Return the text of every inline script of a page, in order."""
    finder = _ScriptFinder()
    finder.feed(page)
    finder.close()
    return finder.scripts


def content_security_policy(page: str) -> str:
    """Write the policy that allows what a page carries, and nothing else.

    Parameters
    ----------
    page
        The finished HTML.

    Returns
    -------
    str
        Value of the ``Content-Security-Policy`` header. Scripts come from this server or are
        named by their hash. Styles may be inline, because Leaflet and Folium set them on elements.
        Images may also come from :data:`TILE_HOST`.
    """
    hashes = sorted(
        {
            f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
            for script in inline_scripts(page)
            if script.strip()
        }
    )
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: {TILE_HOST}",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        ]
    )


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
