"""``GET /``: the map; ``GET /embed``: reduced, for frames of other pages.

What means nothing in their addresses is told to the reader, and mended.
"""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.datasets.catalogue import Catalogue
from app.http.dependencies import CatalogueOf
from app.http.responses import keep_page
from app.i18n.languages import Language
from app.page.address import understand
from app.page.render import render_map
from app.parameters import parse_date

__all__ = ["home"]

EMBED: Final = "embed"
EVERYBODY: Final = "*"

home = APIRouter(include_in_schema=False)


@home.get("/")
def show_map(request: Request, catalogue: CatalogueOf) -> Response:
    """Show the map; parameters that mean nothing here are taken out of the address."""
    return _show(request, catalogue, embedded=False)


@home.get(f"/{EMBED}")
def show_embedded(request: Request, catalogue: CatalogueOf) -> Response:
    """Show map, headline, legend and sources: the one page that any other may frame."""
    return _show(request, catalogue, embedded=True)


def _show(request: Request, catalogue: Catalogue, *, embedded: bool) -> Response:
    pairs = request.query_params.multi_items()
    address = understand(catalogue, pairs)
    if sorted(address.pairs) != sorted(pairs):
        bare = address.relative.startswith(".") and embedded
        location = f"{EMBED}{address.relative[1:]}" if bare else address.relative
        headers = {"location": location, "cache-control": "no-store"}
        return Response(status_code=307, headers=headers)
    named = address.named
    day = parse_date(named.get("date"))
    chosen = catalogue.using(named.get("source"), named.get("boundaries"))
    page = render_map(
        chosen,
        plan_id=named.get("plan"),
        day=day,
        readings=address.readings,
        sources=catalogue.sources,
        boundaries=catalogue.boundary_sets,
        embedded=embedded,
        language=Language(named.get("lang", Language.ENGLISH)),
    )
    return keep_page(request, page, ancestors=EVERYBODY if embedded else "'self'")
