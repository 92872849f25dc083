"""FastAPI dependencies: check and explain query parameters, and select a scenario by them."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import Response

from app.datasets.catalogue import Catalogue, Selection
from app.errors import InvalidRequestError, ParameterFault
from app.i18n.languages import Language
from app.parameters import MOST_PARAMETERS, parse_date, parse_readings, unknown_parameter
from geo.arguments import show
from geo.model.line_series import Nearest

__all__ = [
    "BOM_PARAMETER",
    "LANGUAGE_PARAMETER",
    "CatalogueOf",
    "CatalogueUsing",
    "DateQuery",
    "LanguageQuery",
    "NearestQuery",
    "PlanQuery",
    "ReadingQuery",
    "Selected",
    "StrictRoute",
]


_REPEATABLE: Final = frozenset({"reading"})
_MOST_FAULTS: Final = 10


class StrictRoute(APIRoute):
    """A route that refuses query parameters it does not know, and those that are repeated."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Check the names of the parameters, then handle the request."""
        handle = super().get_route_handler()
        known = sorted(set(_query_names(self.dependant)))

        async def check_and_handle(request: Request) -> Response:
            faults = list(islice(_faults_of_names(request, known), _MOST_FAULTS))
            if faults:
                raise InvalidRequestError(faults)
            return await handle(request)

        return check_and_handle


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _faults_of_names(request: Request, known: list[str]) -> Iterator[ParameterFault]:
    given = Counter(name for name, _ in request.query_params.multi_items())
    if len(given) > MOST_PARAMETERS:
        message = f"Expected at most {MOST_PARAMETERS} parameters, got {len(given):,}."
        yield ParameterFault("", message, None, tuple(known))
        return
    for name, count in given.items():
        if name not in known:
            yield unknown_parameter(name, known)
        elif count > 1 and name not in _REPEATABLE:
            message = f"Parameter {show(name)}: expected it once; got it {count} times."
            yield ParameterFault(name, message)


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


CatalogueOf = Annotated[Catalogue, Depends(_catalogue)]

PlanQuery = Annotated[
    str | None,
    Query(
        description="Id of a plan, see `/api/plans`. Default: the plan the server is set to.",
        examples=["point21-axios"],
    ),
]
SourceQuery = Annotated[
    str | None,
    Query(
        description="Whose line: `observations` (ours, the default), or one that the operator of "
        "the server has configured.",
        examples=["observations"],
    ),
]
BoundariesQuery = Annotated[
    str | None,
    Query(
        description="Whose oblasts: `natural-earth` (the default), or some that the operator of "
        "the server has configured.",
        examples=["natural-earth"],
    ),
]


def _ground(
    catalogue: CatalogueOf, source: SourceQuery = None, boundaries: BoundariesQuery = None
) -> Catalogue:
    return catalogue.using(source, boundaries)


CatalogueUsing = Annotated[Catalogue, Depends(_ground)]
"""The catalogue of the source and boundaries that are asked for."""

DateQuery = Annotated[
    str | None,
    Query(
        description="Day of the contact line, see `/api/contact-lines`. Default: the plan's day.",
        json_schema_extra={"format": "date"},
        examples=["2025-11-21"],
    ),
]
NearestQuery = Annotated[
    bool,
    Query(
        description="When there is no line for the date, use the nearest in either direction; the "
        "answer then carries `requested_date`.",
    ),
]
OnOrBeforeQuery = Annotated[
    bool,
    Query(
        description="When there is no line for the date, use the last one before it; the answer "
        "then carries `requested_date`.",
    ),
]


def _which_day(nearest: NearestQuery = False, on_or_before: OnOrBeforeQuery = False) -> Nearest:
    if nearest and on_or_before:
        message = "Parameter 'on_or_before': expected one of nearest and on_or_before; got both."
        raise InvalidRequestError([ParameterFault("on_or_before", message)])
    if on_or_before:
        return Nearest.ON_OR_BEFORE
    return Nearest.NEAREST if nearest else Nearest.EXACT


WhichDay = Annotated[Nearest, Depends(_which_day)]
"""Which other line is used when the day asked for has none."""


TotalsQuery = Annotated[
    bool,
    Query(
        description="Add the sums of the rows to a CSV, which has none by itself. JSON has them "
        "beside the rows, in `totals`.",
    ),
]
ReadingQuery = Annotated[
    list[str] | None,
    Query(
        description="A reading of the plan, `ID:OPTION`; repeat it for more than one. See "
        "`/api/readings`. Where a reading takes a list of oblasts: their ISO 3166-2 codes, "
        "`agreed_territories:UA-63,UA-59`.",
        max_length=32,
        examples=[["luhansk_pocket:retained"]],
    ),
]


LanguageQuery = Annotated[
    Language,
    Query(
        description="Language of the words: `en` (the default) or `uk`. Figures, ids and what is "
        "quoted are the same in both.",
        examples=["uk"],
    ),
]


async def speak(request: Request, lang: LanguageQuery = Language.ENGLISH) -> None:
    """Note the language of the answer, for whoever writes it."""
    request.state.language = lang


async def mark(
    request: Request,
    bom: Annotated[
        bool,
        Query(
            description="Begin the CSV with a byte order mark, by which Excel knows UTF-8.",
            examples=[True],
        ),
    ] = False,
) -> None:
    """Note whether a CSV is to begin with a byte order mark, for whoever writes it."""
    request.state.bom = bom


BOM_PARAMETER: Final = (Depends(mark),)
"""Of routes that answer CSV."""

LANGUAGE_PARAMETER: Final = (Depends(speak),)
"""Of routers whose answers can be had in another language."""


def _select(
    catalogue: CatalogueUsing,
    nearest: WhichDay,
    plan: PlanQuery = None,
    date: DateQuery = None,
    reading: ReadingQuery = None,
) -> Selection:
    return catalogue.select(
        plan, parse_date(date), nearest=nearest, readings=parse_readings(reading)
    )


Selected = Annotated[Selection, Depends(_select)]
