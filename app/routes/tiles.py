"""``/tiles``: vector tiles, their TileJSON and a style."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.documents.geojson import write_json
from app.http.dependencies import Selected, StrictRoute
from app.http.responses import ERRORS, JSONBytes, keep

__all__ = ["tiles_api"]

tiles_api = APIRouter(route_class=StrictRoute, default_response_class=JSONBytes, responses=ERRORS)

_JSON_OBJECT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": dict[str, Any], "description": "As its specification says."}
}


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _fresh(document: object) -> Response:
    """Send a document that names the server as it was called: not to be kept for others."""
    return JSONBytes(write_json(document), headers={"cache-control": "no-cache"})


@tiles_api.get("/tiles/tiles.json", tags=["tiles"], responses=_JSON_OBJECT)
def describe_vector_tiles(request: Request, selected: Selected) -> Response:
    """Describe the vector tiles of a plan on a day (TileJSON 3.0)."""
    from app.tiles.style import describe_tiles

    return _fresh(describe_tiles(selected, base=_base(request)))


@tiles_api.get("/tiles/style.json", tags=["tiles"], responses=_JSON_OBJECT)
def read_style(request: Request, selected: Selected) -> Response:
    """Read a MapLibre style that draws the tiles in the colours of the map."""
    from app.tiles.style import describe_style

    return _fresh(describe_style(selected, base=_base(request)))


@tiles_api.get(
    "/tiles/{zoom}/{column}/{row}.mvt",
    tags=["tiles"],
    response_class=Response,
    responses={
        200: {
            "description": "A Mapbox Vector Tile; empty where there is nothing.",
            "content": {
                "application/vnd.mapbox-vector-tile": {
                    "schema": {"type": "string", "format": "binary"}
                }
            },
        }
    },
)
def read_tile(
    request: Request,
    selected: Selected,
    zoom: Annotated[int, Path(description="Zoom, 4 to 9.", examples=[6])],
    column: Annotated[int, Path(description="Column from the west.", examples=[38])],
    row: Annotated[int, Path(description="Row from the north.", examples=[22])],
) -> Response:
    """Read one vector tile (MVT 2.1, WebMercatorQuad): faces, oblasts, contact_line, settlements.

    Simplified for its zoom with shared borders kept; `area_km2` is that of the full geometry.
    """
    from app.tiles.encoding import MEDIA_TYPE, encode_tile
    from app.tiles.grid import find_tile

    tile = find_tile(zoom, column, row)
    return keep(request, encode_tile(selected.scenario, tile), MEDIA_TYPE)
