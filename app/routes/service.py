"""``/readyz`` and ``/metrics``: what a supervisor and a monitor ask for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.documents.geojson import write_json
from app.http.dependencies import CatalogueOf, StrictRoute
from app.http.responses import ERRORS, JSONBytes
from app.schemas import common as schemas

if TYPE_CHECKING:
    from app.middleware.metrics import Metrics

__all__ = ["ServiceState", "metrics_pages", "service_api"]


@dataclass
class ServiceState:
    """Whether new requests are welcome: the first answers are made, and nobody said stop."""

    ready: bool = False
    draining: bool = False

    @property
    def status(self) -> str:
        """``starting``, ``ready`` or ``stopping``."""
        if self.draining:
            return "stopping"
        return "ready" if self.ready else "starting"


service_api = APIRouter(route_class=StrictRoute, default_response_class=JSONBytes, responses=ERRORS)
metrics_pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


@service_api.get(
    "/readyz",
    tags=["service"],
    responses={
        200: {"model": schemas.Readiness},
        503: {"model": schemas.Readiness, "description": "Not yet, or not any more."},
    },
)
def check_readiness(request: Request, catalogue: CatalogueOf) -> Response:
    """Say whether new requests are welcome: `starting` and `stopping` answer 503."""
    standing: ServiceState = request.app.state.standing
    document = {
        "status": standing.status,
        "version": request.app.version,
        "files_version": catalogue.dataset.files_version,
        "data_version": catalogue.dataset.files_version,
    }
    status = 200 if standing.status == "ready" else 503
    return JSONBytes(write_json(document), status, headers={"cache-control": "no-store"})


@metrics_pages.get("/metrics")
def read_metrics(request: Request) -> Response:
    """Give what was counted, for Prometheus."""
    metrics: Metrics = request.app.state.metrics
    body, media_type = metrics.write()
    headers = {"content-type": media_type, "cache-control": "no-store"}
    return Response(body, headers=headers)
