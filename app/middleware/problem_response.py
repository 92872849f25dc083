"""Exception handlers that answer with ``application/problem+json``.

What is called what is decided in :mod:`app.errors`.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.errors import (
    INVALID_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    ParameterFault,
    Problem,
    ProblemType,
    describe_problem,
)
from app.i18n.languages import Language, words_of
from app.i18n.localise import prefixed
from app.log_format import REQUEST_ID
from app.middleware.early_problems import PROBLEM_MEDIA_TYPE
from app.scratch import DiskError, disk_fault
from geo.arguments import closest, show
from geo.errors import SettlementError

__all__ = ["answer_problem", "install_handlers"]

_LOGGER = logging.getLogger("point21")
_MOST_LETTERS: Final = 4000
_REPEATED: Final = frozenset({"instance", "given"})
_MOST_REPEATED: Final = 300
"""How long a text in a problem may be, and one that only repeats the request."""

_RETRY_SECONDS: Final = "60"
"""For a disk that is full: somebody has to make room."""


def answer_problem(request: Request, problem: Problem, **headers: str) -> Response:
    """Write a problem as a response that nobody caches."""
    instance = request.url.path
    if request.url.query:
        instance = f"{instance}?{request.url.query}"
    prefix = request.scope.get("root_path", "")
    document = prefixed(_shortened(problem.as_dict(instance=instance)), prefix)
    if problem.kind.status >= 500:
        document["request_id"] = REQUEST_ID.get()  # under which the log says why
    if request.query_params.get("lang") == Language.UKRAINIAN:
        document["title"] = words_of(Language.UKRAINIAN).t(document["title"])
    return Response(
        orjson.dumps(document),
        status_code=problem.kind.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers={
            "cache-control": "no-store",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def _shortened(value: Any, most: int = _MOST_LETTERS) -> Any:  # noqa: ANN401
    """Cut texts that repeat a long request: an answer is not many times as long as its words."""
    if isinstance(value, dict):
        return {
            name: _shortened(inner, _MOST_REPEATED if name in _REPEATED else most)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_shortened(inner, most) for inner in value]
    return f"{value[:most]}…" if isinstance(value, str) and len(value) > most else value


def install_handlers(app: FastAPI, *, paths: Sequence[str]) -> None:
    """Let every error of an application become a problem document.

    Parameters
    ----------
    app
        The application.
    paths
        What can be asked for; listed when something else is.
    """
    app.state.paths = tuple(paths)
    app.add_exception_handler(SettlementError, _answer_settlement_error)
    app.add_exception_handler(OSError, _answer_system_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(Exception, _answer_failure)


async def _answer_settlement_error(request: Request, error: Exception) -> Response:
    problem = describe_problem(error)
    if problem.kind.status >= 500:
        _LOGGER.error("%s: %s", request.url.path, error)
    later = {"retry_after": _RETRY_SECONDS} if problem.kind is UNAVAILABLE else {}
    return answer_problem(request, problem, **later)


async def _answer_system_error(request: Request, error: Exception) -> Response:
    reason = disk_fault(error)
    if reason is None:
        raise error  # a failure like any other
    return await _answer_settlement_error(request, DiskError(reason))


async def _answer_failure(request: Request, error: Exception) -> Response:
    del error  # the framework logs it, with its traceback
    return answer_problem(request, describe_problem(RuntimeError()))


async def _answer_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(f"expected an HTTPException; got {type(error).__name__}")
    if error.status_code == 405:
        return _answer_not_allowed(request, error)
    if error.status_code == 404:
        return answer_problem(request, _nothing_here(request))
    kind = ProblemType("http-error", error.status_code, str(error.detail), "")
    return answer_problem(request, Problem(kind, str(error.detail)), **(error.headers or {}))


def _answer_not_allowed(request: Request, error: HTTPException) -> Response:
    asked = "POST" in (error.headers or {}).get("Allow", "")
    valid = ["POST"] if asked else ["GET", "HEAD"]
    what = "a what-if is asked with POST" if asked else "everything is read with GET or HEAD"
    detail = f"{request.method} is not possible here: {what}."
    problem = Problem(METHOD_NOT_ALLOWED, detail, {"valid": valid})
    return answer_problem(request, problem, allow=", ".join(valid))


def _nothing_here(request: Request) -> Problem:
    prefix = request.scope.get("root_path", "")
    paths = [prefix + path for path in request.app.state.paths]
    detail = f"There is nothing at {_shortened(request.url.path, _MOST_REPEATED)}."
    meant = closest(request.url.path, paths)
    if meant:
        detail += f" Did you mean {meant}?"
    return Problem(NOT_FOUND, detail, {"valid": list(paths)})


async def _answer_invalid_request(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    listed = [_parameter_fault(fault) for fault in faults]
    detail = " ".join(fault.message for fault in listed)
    members = {"errors": [fault.as_dict() for fault in listed]}
    return answer_problem(request, Problem(INVALID_REQUEST, detail, members))


def _parameter_fault(fault: dict[str, Any]) -> ParameterFault:
    name = str(fault["loc"][-1])
    given = fault.get("input")
    valid = _choices(fault)
    if fault["type"] == "missing":
        return ParameterFault(name, f"Parameter {name!r} is missing.", valid=valid)
    message = f"Parameter {name!r}: {fault['msg']}; got {show(given)}."
    text = given if isinstance(given, str) else None
    meant = closest(text, valid) if text is not None else None
    return ParameterFault(name, message, text, valid, meant)


def _choices(fault: dict[str, Any]) -> tuple[str, ...]:
    """Read the accepted values out of a message such as ``'a', 'b' or 'c'``."""
    expected = fault.get("ctx", {}).get("expected")
    if fault["type"] not in ("enum", "literal_error") or not isinstance(expected, str):
        return ()
    return tuple(re.findall(r"'([^']*)'", expected))
