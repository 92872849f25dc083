"""Examples for the OpenAPI document: answers made from the data that are served.

Long lists are cut short, coordinates to the first positions of a ring; nothing else is changed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from app.datasets.catalogue import Catalogue
from app.documents import common as documents
from app.documents.compare import compare_selections, describe_comparison
from app.documents.geojson import write_json
from app.documents.history import compute_history, describe_history, parse_period
from app.documents.map import describe_map
from app.documents.place import describe_location
from app.documents.readings import describe_readings
from app.documents.search import describe_search
from app.documents.sources import describe_sources
from app.documents.verification import check_figures, describe_checks
from app.errors import InvalidRequestError, describe_problem
from app.export.listing import describe_downloads
from app.parameters import unknown_parameter
from geo.errors import SettlementError
from geo.statistics.tables import By

__all__ = [
    "EXAMPLES",
    "PROBLEM_EXAMPLES",
    "make_example",
    "make_problem_example",
    "shorten",
]

_LONGEST_LIST: Final = 2

EXAMPLES: Final[Mapping[str, tuple[str, Callable[[Catalogue], Mapping[str, Any]]]]] = {
    "/api/plans": (
        "/api/plans",
        lambda c: documents.describe_plans(c.dataset.plans, default_plan=c.default_plan),
    ),
    "/api/plans/{plan_id}": (
        "/api/plans/point21-axios",
        lambda c: documents.describe_plan(c.plan("point21-axios")),
    ),
    "/api/contact-lines": (
        "/api/contact-lines",
        lambda c: documents.describe_lines(c.dataset),
    ),
    "/api/contact-line": (
        "/api/contact-line",
        lambda c: documents.describe_line(c.line(c.plan().line_date), requested=c.plan().line_date),
    ),
    "/api/sources": ("/api/sources", describe_sources),
    "/api/oblasts": ("/api/oblasts", lambda c: documents.describe_oblasts(c.dataset)),
    "/api/layers": ("/api/layers", lambda c: documents.describe_layers(c.select())),
    "/api/downloads": ("/api/downloads", lambda c: describe_downloads(c.select())),
    "/api/layers/{category}": (
        "/api/layers/buffer_zone",
        lambda c: documents.describe_layer(c.select(), "buffer_zone"),
    ),
    "/api/statistics": (
        "/api/statistics?by=category",
        lambda c: documents.describe_statistics(c.select(), By.CATEGORY),
    ),
    "/api/locate": (
        "/api/locate?place=Kramatorsk",
        lambda c: describe_location(c.select(), place="Kramatorsk"),
    ),
    "/api/search": (
        "/api/search?q=kramat",
        lambda c: describe_search(c.select(), "kramat", limit=8),
    ),
    "/api/compare": (
        "/api/compare?a=point21-axios@2025-11-21&b=point21-cbs@2026-08-01",
        lambda c: describe_comparison(
            compare_selections(c.using, "point21-axios@2025-11-21", "point21-cbs@2026-08-01")
        ),
    ),
    "/api/readings": ("/api/readings", lambda c: describe_readings(*c.explore())),
    "/api/verify": (
        "/api/verify",
        lambda c: describe_checks(c, c.published, check_figures(c, c.published, None)),
    ),
    "/api/history": (
        "/api/history?from=2025-11-01&to=2025-11-21&by=category",
        lambda c: describe_history(
            compute_history(c, period=parse_period("2025-11-01", "2025-11-21"), by=By.CATEGORY)
        ),
    ),
    "/api/map": ("/api/map", lambda c: describe_map(c.select())),
}
"""Path in the OpenAPI document: the request of the example, and what makes its answer."""


def _ask_for_misspelt_plan(catalogue: Catalogue) -> None:
    catalogue.plan("point21-axois")


def _ask_with_misspelt_parameter(catalogue: Catalogue) -> None:
    del catalogue
    known = ("boundaries", "date", "lang", "nearest", "on_or_before", "plan", "reading", "source")
    raise InvalidRequestError([unknown_parameter("dat", known)])


PROBLEM_EXAMPLES: Final[Mapping[str, tuple[str, Callable[[Catalogue], None]]]] = {
    "404": ("/api/layers?plan=point21-axois", _ask_for_misspelt_plan),
    "422": ("/api/layers?dat=2025-11-21", _ask_with_misspelt_parameter),
}
"""Status: the request of the example, and what raises its error."""


def make_example(path: str, catalogue: Catalogue) -> dict[str, Any]:
    """Answer the example request of a path, cut short."""
    document: dict[str, Any] = orjson.loads(write_json(EXAMPLES[path][1](catalogue)))
    shortened: dict[str, Any] = shorten(document)
    return shortened


def make_problem_example(status: str, catalogue: Catalogue) -> dict[str, Any]:
    """Answer the example request of a problem."""
    instance, fail = PROBLEM_EXAMPLES[status]
    try:
        fail(catalogue)
    except SettlementError as error:
        return describe_problem(error).as_dict(instance=instance)
    raise AssertionError(f"{instance} was expected to be a problem")


def shorten(value: Any) -> Any:  # noqa: ANN401
    """Cut long lists of a JSON value short, and rings to four positions."""
    if isinstance(value, dict):
        return {
            name: _shorten_positions(inner) if name == "coordinates" else shorten(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        few = value if _is_flat(value) else value[:_LONGEST_LIST]
        return [shorten(inner) for inner in few]
    return value


def _is_flat(values: list[Any]) -> bool:
    return all(not isinstance(value, dict | list) for value in values)


def _shorten_positions(coordinates: list[Any]) -> list[Any]:
    """Keep one part; of its positions the first three and the last."""
    if not coordinates or not isinstance(coordinates[0], list):
        return coordinates
    if not isinstance(coordinates[0][0], list):
        return [*coordinates[:3], coordinates[-1]]
    return [_shorten_positions(coordinates[0])]
