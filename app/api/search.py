"""``GET /api/search`` and ``GET /api/locate``: find a place, and what the plan means there."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.documents.geojson import write_json
from app.documents.place import describe_location
from app.http.dependencies import LANGUAGE_PARAMETER, Selected, StrictRoute
from app.http.responses import ERRORS, JSONBytes
from app.i18n.localise import translate_document
from app.schemas import places as placeschemas
from geo.places.coordinates import LONGEST_POSITION

__all__ = ["search_api"]

search_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


@search_api.get(
    "/api/search", tags=["scenario"], responses={200: {"model": placeschemas.SearchResults}}
)
def search(
    request: Request,
    selected: Selected,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=LONGEST_POSITION,
            description="A name or its beginning, or a position such as `48.74, 37.58`, "
            "`48°44′24″N 37°34′48″E` or the link of a map.",
            examples=["Kramatorsk"],
        ),
    ],
    limit: Annotated[
        int, Query(ge=1, le=50, description="How many matches are listed.", examples=[8])
    ] = 8,
) -> Response:
    """Find settlements and oblasts by name, however it is spelt, while it is being typed.

    English, Ukrainian and older names, in any transliteration, misspelt or typed with the wrong
    keyboard layout: exact names first, then beginnings, transliterations and what is similar;
    the more populous first among equals. Nothing found is an answer too: an empty list. `note`
    says why a text that looks like a position, such as an MGRS reference, is not read.
    """
    from app.documents.search import describe_search

    document = describe_search(selected, q, limit=limit)
    headers, spoken = translate_document(request, document)
    return JSONBytes(write_json(spoken), headers={**headers, "cache-control": "no-cache"})


@search_api.get("/api/locate", tags=["scenario"], responses={200: {"model": placeschemas.Located}})
def locate(
    request: Request,
    selected: Selected,
    lon: Annotated[
        float | None,
        Query(
            ge=-180,
            le=180,
            allow_inf_nan=False,
            description="Longitude, degrees.",
            examples=[37.58],
        ),
    ] = None,
    lat: Annotated[
        float | None,
        Query(
            ge=-90, le=90, allow_inf_nan=False, description="Latitude, degrees.", examples=[48.72]
        ),
    ] = None,
    place: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=LONGEST_POSITION,
            description="Name of a settlement in any spelling, or a position as `q` of "
            "`/api/search` takes it, instead of lon and lat.",
            examples=["Kramatorsk"],
        ),
    ] = None,
) -> Response:
    """Say what the plan means at a position or in a settlement, with the clauses.

    Give either `lon` and `lat`, or `place`. When several settlements share a name, `matches` has
    them all and `ambiguous` is true. Each says since when it is held as it is, and what differs
    under other plans and readings.
    """
    document = describe_location(selected, lon=lon, lat=lat, place=place)
    headers, spoken = translate_document(request, document)
    return JSONBytes(write_json(spoken), headers={**headers, "cache-control": "no-cache"})
