"""Create the ASGI application: routes, middleware, lifespan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.band import band_api
from app.api.compare import compare_api
from app.api.downloads import downloads_api
from app.api.history import history_api
from app.api.layers import api, pages
from app.api.readings import readings_api
from app.api.search import search_api
from app.api.sources import sources_api
from app.api.uncertainty import uncertainty_api
from app.api.verify import verify_api
from app.api.what_if import what_if_api
from app.datasets.catalogue import Catalogue
from app.documents.bounding_box import BoxIndexes
from app.http.openapi import describe_service
from app.middleware.concurrency import LONG, PLACES, SHORT, ConcurrencyLimit
from app.middleware.cross_origin import CrossOrigin
from app.middleware.language_redirect import LanguageRedirect
from app.middleware.problem_response import install_handlers
from app.middleware.request_bodies import RequestBodies
from app.middleware.request_log import RequestLog
from app.middleware.response_cache import PreparedAnswers
from app.middleware.warm_up import warm_up
from app.page.render import API_POLICY
from app.routes.home import home
from app.routes.metadata import metadata_api
from app.routes.ogc import ogc
from app.routes.service import ServiceState, metrics_pages, service_api
from app.routes.tiles import tiles_api
from app.routes.words import words_pages
from app.settings import Settings, load_settings
from app.version import program_version
from app.workers.pool import WorkerPool

if TYPE_CHECKING:
    from app.middleware.shared_cache import SharedAnswers

__all__ = ["Service", "create_app"]

_PLACES_EACH: Final = 4
"""How many questions for places take as much as one map."""

_REQUEST_ID: Final = b"x-request-id"
"""Header with which a request says which it is."""

_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), payment=(), usb=()",
    ),
)


class Service(FastAPI):
    """FastAPI behind the layer of prepared answers.

    Notes
    -----
    What is prepared is sent with as little around it as possible: a request passes the layer for
    noting only if it says which it is, or if requests are logged or counted. All that enters the
    framework has an id.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        shared: "SharedAnswers | None" = None,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        self.boxes = BoxIndexes()
        answers: ASGIApp = super().__call__
        for paths, at_once in (
            (PLACES, _PLACES_EACH * settings.answers_at_once),
            (SHORT, settings.answers_at_once),
            (LONG, settings.long_at_once),
        ):
            answers = ConcurrencyLimit(
                answers,
                paths=paths,
                at_once=at_once,
                waiting=settings.answers_waiting,
                seconds=settings.what_if_seconds,
            )
        made = CrossOrigin(RequestLog(_SecurityHeaders(answers)), settings.origin_list)
        added = made.always if made.is_for_all else ()
        self.prepared = PreparedAnswers(
            made if made.is_for_all else made.application,
            max_bytes=settings.prepared_bytes,
            same_answer=self.boxes.same_answer,
            shared=shared,
            headers=added,
        )
        self._answers: ASGIApp = LanguageRedirect(self.prepared, headers=added)
        if not made.is_for_all:
            self._answers = CrossOrigin(self._answers, settings.origin_list)
        self.watch = RequestLog(self._answers, access_log=settings.access_log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from prepared bytes, or enter the framework."""
        answers = self.watch if self.watch.is_recording else self._answers
        for name, _ in scope.get("headers", ()):
            if name == _REQUEST_ID:
                answers = self.watch
        await answers(scope, receive, send)


class _SecurityHeaders:
    """Adds the headers every answer carries; pages bring their own policy."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), *_SECURITY_HEADERS]
                if all(name != b"content-security-policy" for name, _ in headers):
                    headers.append((b"content-security-policy", API_POLICY.encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self._application(
            scope, receive, send_with_headers if scope["type"] == "http" else send
        )


def create_app(
    settings: Settings | None = None,
    *,
    catalogue: Catalogue | None = None,
    shared: "SharedAnswers | None" = None,
) -> Service:
    """Make the application.

    Parameters
    ----------
    settings
        By default read from the environment.
    catalogue
        By default made from the settings; its files are read when the server starts, or on the
        first request.
    shared
        Finished answers of other workers that have the same settings and data; by default none.

    Returns
    -------
    Service
        An ASGI application.

    Raises
    ------
    SettingsError
        The environment holds settings that cannot be used.
    """
    settings = settings or load_settings()
    catalogue = catalogue or Catalogue.of(settings)
    app = Service(
        settings=settings,
        shared=shared,
        title="point21",
        version=program_version(),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.catalogue = catalogue
    app.state.what_if_pool = WorkerPool(settings, catalogue, create_app)
    app.state.request_pool = WorkerPool(settings, catalogue, create_app)
    app.state.bodies = RequestBodies(settings.what_if_bytes, settings.what_if_seconds)
    app.state.standing = ServiceState()
    routers = (
        *(api, compare_api, readings_api, search_api, sources_api, verify_api),
        *(uncertainty_api, band_api, what_if_api, history_api, downloads_api, tiles_api, ogc),
        *(service_api, metadata_api),
    )
    routes = [route for router in routers for route in router.routes]
    install_handlers(app, paths=[route.path for route in routes if isinstance(route, APIRoute)])
    inner = (metrics_pages,) if settings.metrics else ()
    for router in (*routers, home, pages, words_pages, *inner):
        app.include_router(router)
    describe_service(app)
    return app


@asynccontextmanager
async def _lifespan(app: Service) -> AsyncIterator[None]:
    """Load and check the data before the first request; then make the first answers."""
    catalogue: Catalogue = app.state.catalogue
    await asyncio.to_thread(catalogue.load)
    pools = (app.state.what_if_pool, app.state.request_pool)
    for pool in pools:
        pool.open()
    if app.state.settings.metrics:
        _count_requests(app)
    task = asyncio.create_task(_get_ready(app))
    try:
        yield
    finally:
        for pool in pools:
            pool.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _get_ready(app: Service) -> None:
    if app.state.settings.warm_up:
        await warm_up(app, app.prepared)
    app.state.standing.ready = True


def _count_requests(app: Service) -> None:
    from app.middleware.metrics import Metrics
    from app.settings import metrics_directory

    app.state.metrics = app.watch.metrics = Metrics(
        app.state.paths,
        data_version=app.state.catalogue.dataset.files_version,
        shared=metrics_directory(),
    )
