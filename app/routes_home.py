"""``GET /``: the map. What means nothing in its address is told to the reader, and mended."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.addresses import understand
from app.dependencies import CatalogueOf
from app.errors import parse_date
from app.languages import Language
from app.pages import render_map
from app.routes import keep_page

__all__ = ["home"]

home = APIRouter(include_in_schema=False)


@home.get("/")
def show_map(request: Request, catalogue: CatalogueOf) -> Response:
    """Show the map; parameters that mean nothing here are taken out of the address."""
    pairs = request.query_params.multi_items()
    address = understand(catalogue, pairs)
    if sorted(address.pairs) != sorted(pairs):
        headers = {"location": address.relative, "cache-control": "no-store"}
        return Response(status_code=307, headers=headers)
    named = address.named
    day = parse_date(named.get("date"))
    chosen = catalogue.on_ground(named.get("source"), named.get("boundaries"))
    page = render_map(
        chosen,
        plan_id=named.get("plan"),
        day=day,
        readings=address.readings,
        sources=catalogue.sources,
        boundaries=catalogue.boundary_sets,
        language=Language(named.get("lang", Language.ENGLISH)),
    )
    return keep_page(request, page)
