"""Endpoints of plans, lines, oblasts, layers, statistics and the map; pages and static files."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from app.assets import LEAFLET, STATIC, SWAGGER_UI, AssetFolder
from app.documents import common as documents
from app.documents.bounding_box import parse_box
from app.documents.geojson import MEDIA_TYPE, write_json
from app.documents.map import describe_map
from app.errors import PROBLEMS, ProblemType
from app.http.dependencies import (
    BOM_PARAMETER,
    LANGUAGE_PARAMETER,
    BoundariesQuery,
    CatalogueOf,
    CatalogueUsing,
    DateQuery,
    LanguageQuery,
    PlanQuery,
    ReadingQuery,
    Selected,
    StrictRoute,
    TotalsQuery,
    WhichDay,
)
from app.http.responses import (
    ERRORS,
    Format,
    GeoJSONBytes,
    JSONBytes,
    keep,
    keep_geojson,
    keep_json,
    keep_page,
    root_path,
)
from app.i18n.languages import Language
from app.middleware.response_cache import address_of
from app.page.render import render_docs, render_map
from app.parameters import parse_date, parse_readings
from app.schemas import common as schemas
from app.schemas import geojson as geoschemas
from geo.arguments import show
from geo.errors import NotFoundError
from geo.plans.plan import Category
from geo.statistics.tables import By

__all__ = ["api", "pages"]


api = APIRouter(
    route_class=StrictRoute,
    default_response_class=JSONBytes,
    responses=ERRORS,
    dependencies=LANGUAGE_PARAMETER,
)

pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


# --- plans, lines, oblasts ---------------------------------------------------------------------


@api.get("/api/plans", tags=["plans"], responses={200: {"model": schemas.Plans}})
def list_plans(request: Request, catalogue: CatalogueOf) -> Response:
    """List the plans: published texts first, then baselines to compare with."""
    plans = catalogue.dataset.plans
    default_plan = catalogue.default_plan
    return keep_json(request, documents.describe_plans(plans, default_plan=default_plan))


@api.get("/api/plans/{plan_id}", tags=["plans"], responses={200: {"model": schemas.PlanDetail}})
def read_plan(
    request: Request,
    catalogue: CatalogueOf,
    plan_id: Annotated[
        str, Path(description="Id of a plan, see `/api/plans`.", examples=["point21-axios"])
    ],
) -> Response:
    """Read a plan: each clause in the text's own words, how we read it, what it covers."""
    return keep_json(request, documents.describe_plan(catalogue.plan(plan_id)))


@api.get("/api/contact-lines", tags=["lines"], responses={200: {"model": schemas.Lines}})
def list_contact_lines(request: Request, catalogue: CatalogueUsing) -> Response:
    """List the dates that have a line of contact, with source, length and uncertainty."""
    return keep_json(request, documents.describe_lines(catalogue.dataset))


@api.get(
    "/api/contact-line",
    tags=["lines"],
    responses={200: {"model": geoschemas.LineFeature}},
    response_class=GeoJSONBytes,
)
def read_contact_line(
    request: Request,
    catalogue: CatalogueUsing,
    nearest: WhichDay,
    date: DateQuery = None,
) -> Response:
    """Read the line of contact of one day as a GeoJSON Feature."""
    day = parse_date(date) or catalogue.plan().line_date
    line = catalogue.line(day, nearest=nearest)
    return keep_geojson(request, documents.describe_line(line, requested=day))


@api.get(
    "/api/oblasts",
    tags=["lines"],
    responses={200: {"model": geoschemas.Oblasts}},
    response_class=GeoJSONBytes,
)
def read_oblasts(
    request: Request, catalogue: CatalogueOf, boundaries: BoundariesQuery = None
) -> Response:
    """Read the 27 first-level units with their facts as a GeoJSON FeatureCollection."""
    chosen = catalogue.using(boundaries=boundaries)
    return keep_geojson(request, documents.describe_oblasts(chosen.dataset))


# --- scenarios ---------------------------------------------------------------------------------


@api.get("/api/layers", tags=["scenario"], responses={200: {"model": schemas.Layers}})
def list_layers(request: Request, selected: Selected) -> Response:
    """List the layers of a plan on a day: area, share of the country, address."""
    return keep_json(request, documents.describe_layers(selected))


@api.get(
    "/api/layers/{category}",
    tags=["scenario"],
    responses={200: {"model": geoschemas.LayerCollection}},
    response_class=GeoJSONBytes,
)
def read_layer(
    request: Request,
    selected: Selected,
    category: Annotated[
        str,
        Path(
            description="Category of a layer, see `/api/layers`.",
            examples=[category.value for category in Category],
        ),
    ],
    bbox: Annotated[
        str | None,
        Query(
            description="Only features that share at least a point with this box: west, south, "
            "east, north in degrees.",
            examples=["36,47,38,49"],
        ),
    ] = None,
) -> Response:
    """Read one layer at full precision: a GeoJSON feature for each oblast and holder.

    With `bbox` only the features that the box touches, whole; `area_km2` stays that of the layer.
    """
    if bbox is None:
        return keep_geojson(request, documents.describe_layer(selected, category))
    box, geometry = parse_box(bbox), documents.find_layer(selected.scenario, category).geometry
    rows = request.app.boxes.find(address_of(request.scope), geometry, box)
    return keep_geojson(request, documents.describe_layer(selected, category, among=rows))


@api.get(
    "/api/statistics",
    tags=["scenario"],
    dependencies=BOM_PARAMETER,
    responses={
        200: {"model": schemas.Statistics, "content": {"text/csv": {"schema": {"type": "string"}}}}
    },
)
def read_statistics(
    request: Request,
    selected: Selected,
    by: Annotated[By, Query(description="What the table has one row for.")] = By.CATEGORY,
    format: Annotated[Format, Query(description="How it is written.")] = Format.JSON,
    totals: TotalsQuery = False,
) -> Response:
    """Read one table of figures, as JSON with method and units, or as CSV (RFC 4180).

    Each row of the CSV ends with plan, date, source and data version; its `Link` header leads to
    the same table as JSON, which describes the columns.
    """
    if format is Format.JSON:
        return keep_json(request, documents.describe_statistics(selected, by))
    name = documents.name_table(selected, by)
    link = root_path(request) + documents.statistics_path(selected, by)
    headers = {
        "content-disposition": f'inline; filename="{name}.csv"',
        "link": f'<{link}>; rel="describedby"; type="application/json"',
    }
    body = documents.write_statistics_csv(selected, by, totals=totals)
    return keep(request, body, documents.CSV_MEDIA_TYPE, headers)


@api.get("/api/map", tags=["scenario"], responses={200: {"model": geoschemas.MapBundle}})
def read_map(request: Request, selected: Selected) -> Response:
    """Read everything the page shows of a plan and a day, simplified for the screen."""
    return keep_json(request, describe_map(selected))


# --- the service -------------------------------------------------------------------------------


@api.get("/healthz", tags=["service"], responses={200: {"model": schemas.Health}})
def check_health(request: Request, catalogue: CatalogueOf) -> Response:
    """Say that the program runs, and with which data."""
    document = {
        "status": "ok",
        "version": request.app.version,
        "files_version": catalogue.dataset.files_version,
        "data_version": catalogue.dataset.files_version,
    }
    return JSONBytes(write_json(document), headers={"cache-control": "no-store"})


@api.get("/problems", tags=["service"], responses={200: {"model": schemas.ProblemKinds}})
def list_problems(request: Request) -> Response:
    """List the kinds of problem an answer can have."""
    return keep_json(request, {"problems": [_explain(kind) for kind in PROBLEMS.values()]})


@api.get("/problems/{slug}", tags=["service"], responses={200: {"model": schemas.ProblemKind}})
def read_problem(
    request: Request,
    slug: Annotated[str, Path(description="Kind of problem.", examples=["unknown-plan"])],
) -> Response:
    """Explain one kind of problem."""
    if slug not in PROBLEMS:
        raise NotFoundError(f"There is no kind of problem {show(slug)}.", valid=list(PROBLEMS))
    return keep_json(request, _explain(PROBLEMS[slug]))


def _explain(kind: ProblemType) -> dict[str, Any]:
    return {
        "type": kind.uri,
        "title": kind.title,
        "status": kind.status,
        "meaning": kind.meaning,
    }


# --- pages and their files ---------------------------------------------------------------------


@pages.get("/map.html")
def save_map(
    request: Request,
    catalogue: CatalogueUsing,
    plan: PlanQuery = None,
    date: DateQuery = None,
    reading: ReadingQuery = None,
    lang: LanguageQuery = Language.ENGLISH,
) -> Response:
    """Give the map as one file that carries everything."""
    day, readings = parse_date(date), parse_readings(reading)
    page = render_map(
        catalogue, plan_id=plan, day=day, readings=readings, inline=True, language=lang
    )
    return keep_page(request, page)


@pages.get("/map/background.json")
def read_background(request: Request, catalogue: CatalogueOf) -> Response:
    """Read what lies under the map: land, neighbours, lakes, rivers."""
    return keep(request, catalogue.dataset.background, MEDIA_TYPE)


@pages.get("/openapi.json")
def read_openapi(request: Request) -> Response:
    """Read the OpenAPI document."""
    document: dict[str, Any] = request.app.openapi()
    return keep(request, orjson.dumps(document), "application/json")


@pages.get("/docs")
def show_docs(request: Request) -> Response:
    """Show the interactive documentation."""
    page = render_docs(
        title="point21: HTTP API", openapi_url="openapi.json", assets_url="assets/docs"
    )
    return keep_page(request, page)


@pages.get("/static/{name:path}")
def read_static(request: Request, name: str) -> Response:
    """Read one of our own scripts and styles."""
    return _read_asset(request, STATIC, name)


@pages.get("/assets/leaflet/{name:path}")
def read_leaflet(request: Request, name: str) -> Response:
    """Read one of Leaflet's files."""
    return _read_asset(request, LEAFLET, name)


@pages.get("/assets/docs/{name:path}")
def read_swagger_ui(request: Request, name: str) -> Response:
    """Read one of Swagger UI's files."""
    return _read_asset(request, SWAGGER_UI, name)


def _read_asset(request: Request, folder: AssetFolder, name: str) -> Response:
    if name not in folder.files:
        raise NotFoundError(f"There is no file {show(name)} here.", valid=list(folder.files))
    body, media_type = folder.read(name)
    return keep(request, body, media_type)
