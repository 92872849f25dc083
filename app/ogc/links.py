"""Links under ``/ogc``, with the address by which the client reached the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from app.ogc.collections import SELECTORS

__all__ = ["GEOJSON", "HTML", "JSON", "OPENAPI", "SCHEMA", "Links"]

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
HTML: Final = "text/html"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"

Link = dict[str, str]


@dataclass(frozen=True)
class Links:
    """Writes addresses.

    Parameters
    ----------
    base
        Address of ``/ogc`` as it was called, a proxy's prefix included.
    kept
        What was chosen (plan, date, …); every address keeps it, so that clients that follow links
        stay with the plan they were given.
    """

    base: str
    kept: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(base: str, pairs: Sequence[tuple[str, str]]) -> "Links":
        """Keep of a query what chooses results."""
        chosen = tuple(dict.fromkeys(pair for pair in pairs if pair[0] in SELECTORS))
        return Links(base, chosen)

    def url(self, *parts: str, query: Sequence[tuple[str, str]] = ()) -> str:
        """Return the address of a resource."""
        path = "".join(f"/{quote(part, safe=':')}" for part in parts)
        more = [*self.kept, *(pair for pair in query if pair not in self.kept)]
        return f"{self.base}{path}" + (f"?{urlencode(more, safe=',:/')}" if more else "")

    def link(
        self,
        rel: str,
        media_type: str,
        title: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
    ) -> Link:
        """Return a link."""
        href = self.url(*parts, query=query)
        return {"href": href, "rel": rel, "type": media_type, "title": title}

    def both(
        self,
        media_type: str,
        *parts: str,
        query: Sequence[tuple[str, str]] = (),
        shown: str = "json",
    ) -> list[Link]:
        """Return the links of a resource to itself and to its other representation."""
        forms = (("json", media_type, "This document as JSON"), ("html", HTML, "… as HTML"))
        plain = [pair for pair in query if pair[0] != "f"]
        return [
            self.link(
                "self" if form == shown else "alternate",
                kind,
                title,
                *parts,
                query=[*plain, ("f", form)],
            )
            for form, kind, title in forms
        ]
