"""``GET /api/downloads``: layers and tables as files that other programs open."""

from functools import partial
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from app.http.dependencies import LANGUAGE_PARAMETER, Selected, StrictRoute
from app.http.responses import ERRORS, JSONBytes, keep, keep_json
from app.schemas import common as schemas
from app.schemas import downloads as exportschemas
from app.workers.waiting import HEAVY_ERRORS, forward_to_worker

__all__ = ["downloads_api"]

downloads_api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)


_HEAVY: Final = frozenset({"fgb", "gpkg", "parquet", "pmtiles", "shp", "xlsx"})
"""Formats that take long to write, or their libraries to load: a process of their own does it."""


@downloads_api.get(
    "/api/downloads", tags=["scenario"], responses={200: {"model": exportschemas.Downloads}}
)
def list_downloads(request: Request, selected: Selected) -> Response:
    """List the files of a plan on a day: format, what it holds, address."""
    from app.export.listing import describe_downloads

    return keep_json(request, describe_downloads(selected))


@downloads_api.get(
    "/api/downloads/{format}",
    tags=["scenario"],
    responses={
        **HEAVY_ERRORS,
        200: {
            "description": "The file; its media type is that of the format. `Accept-Ranges: bytes` "
            "says that parts of it can be asked for.",
        },
        206: {
            "description": "The part of the file that the header `Range` asks for (one range; for "
            "several the whole file is sent). `Content-Range` says where it lies."
        },
        416: {
            "model": schemas.Problem,
            "description": "The header `Range` asks only for bytes after the end of the file.",
        },
    },
)
async def download(
    request: Request,
    selected: Selected,
    format: Annotated[
        str, Path(description="Short name of a format, see `/api/downloads`.", examples=["gpkg"])
    ],
    layer: Annotated[
        str | None,
        Query(
            description="For formats that hold one layer: faces (the default), contact_line, "
            "oblasts or settlements.",
            examples=["faces"],
        ),
    ] = None,
) -> Response:
    """Download layers and tables as a file.

    GeoJSON, GeoPackage (everything in one file, with styles for QGIS), GeoParquet, FlatGeobuf,
    KML, zipped Shapefiles, zipped CSV, Excel. Geometry has full precision; each file says which
    plan, date, sources, licences and data version it is of.
    """
    from app.export import export_file, find_format
    from app.export.formats import name_export

    form = find_format(format)
    name = name_export(selected, form, layer)
    if form.id in _HEAVY:
        brought = await forward_to_worker(request)
        if brought is not None:
            return brought
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    body = await to_thread.run_sync(partial(export_file, selected, form, layer=layer))
    return keep(request, body, form.media_type, headers)
