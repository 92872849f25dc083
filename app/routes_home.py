"""``GET /``: the map. What means nothing in its address is told to the reader, and mended."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.dependencies import CatalogueOf
from app.errors import parse_date
from app.languages import Language
from app.pages import correct_address, render_map
from app.routes import keep_page

__all__ = ["home"]

home = APIRouter(include_in_schema=False)


@home.get("/")
def show_map(request: Request, catalogue: CatalogueOf) -> Response:
    """Show the map; parameters that mean nothing here are taken out of the address."""
    given = dict(request.query_params)
    understood = catalogue.understand(given)
    if understood != given:
        target = correct_address(given, understood)
        return Response(status_code=307, headers={"location": target, "cache-control": "no-store"})
    day = parse_date(understood.get("date"))
    chosen = catalogue.on_ground(understood.get("source"), understood.get("boundaries"))
    page = render_map(
        chosen,
        plan_id=understood.get("plan"),
        day=day,
        sources=catalogue.sources,
        boundaries=catalogue.boundary_sets,
        language=Language(understood.get("lang", Language.ENGLISH)),
    )
    return keep_page(request, page)
