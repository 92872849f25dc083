"""Errors of the service, and the table from exception to problem type.

Answers follow RFC 9457, Problem Details for HTTP APIs. This module knows nothing of the web
framework, so that the command line can use the same words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from app.scratch import DiskError
from geo.arguments import closest
from geo.errors import (
    IncomparableError,
    NotFoundError,
    OutsideCountryError,
    ReadingError,
    ReadingFault,
    SettlementError,
    UnknownDateError,
    UnknownPlaceError,
    UnknownPlanError,
)

__all__ = [
    "PROBLEMS",
    "BodyError",
    "InputFault",
    "InvalidRequestError",
    "ParameterFault",
    "Problem",
    "ProblemType",
    "TooLargeError",
    "UnknownBoundariesError",
    "UnknownCategoryError",
    "UnknownFormatError",
    "UnknownSourceError",
    "UnusableInputError",
    "describe_problem",
]


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem: its name in the URI, its status and what it means."""

    slug: str
    status: int
    title: str
    meaning: str

    @property
    def uri(self) -> str:
        """The ``type`` member of the problem."""
        return f"/problems/{self.slug}"


@dataclass(frozen=True, slots=True)
class ParameterFault:
    """One parameter that cannot be used."""

    parameter: str
    message: str
    given: str | None = None
    valid: tuple[str, ...] = ()
    did_you_mean: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the members that say something."""
        members = {
            "parameter": self.parameter,
            "message": self.message,
            "given": self.given,
            "valid": list(self.valid) or None,
            "did_you_mean": self.did_you_mean,
        }
        return {name: value for name, value in members.items() if value is not None}


class InvalidRequestError(SettlementError):
    """The parameters of a request cannot be used; all faults are listed."""

    def __init__(self, faults: Sequence[ParameterFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(fault.message for fault in self.faults))


@dataclass(frozen=True, slots=True)
class InputFault:
    """One thing in the body of a request that cannot be used, and where it is.

    ``member`` is its path in the body, ``feature`` a feature of the line, ``lon`` and ``lat`` the
    place in degrees; ``kind`` a word for programs, ``gap_km`` how far a line stops short,
    ``choices`` what can be chosen with the member ``part``.
    """

    member: str
    message: str
    feature: str | None = None
    lon: float | None = None
    lat: float | None = None
    kind: str | None = None
    gap_km: float | None = None
    choices: tuple[str, ...] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the members that say something."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class BodyError(SettlementError):
    """The body of a request is not what it should be."""


class UnusableInputError(SettlementError):
    """A plan or line of a user that cannot be used; all faults are listed."""

    def __init__(self, faults: Sequence[InputFault]) -> None:
        self.faults = tuple(faults)
        told = (f"{fault.member}: {fault.message}" for fault in self.faults[:5])
        super().__init__(
            " ".join(text if text.endswith((".", "?")) else f"{text}." for text in told)
        )


def _amount(value: float, unit: str) -> str:
    """Write an amount: bytes as MiB, whole numbers with all their digits."""
    if unit == "bytes" and value >= 2**20:
        return f"{value / 2**20:,.1f} MiB".replace(".0 ", " ")
    return f"{value:,.0f} {unit}" if float(value).is_integer() else f"{value} {unit}"


class TooLargeError(SettlementError):
    """More was sent, or asked for, than is allowed."""

    def __init__(self, limit: str, allowed: float, found: float | None, unit: str) -> None:
        self.limit = limit
        self.allowed = allowed
        got = "more"
        if found is not None and _amount(found, unit) != _amount(allowed, unit):
            got = f"{_amount(found, unit)} or more"
        super().__init__(
            f"expected at most {_amount(allowed, unit)}; got {got}. Send less, or use the command "
            "line (point21 what-if), which has no such limit."
        )


class UnknownSourceError(NotFoundError):
    """No source of lines has this name."""


class UnknownBoundariesError(NotFoundError):
    """No boundaries have this name."""


class UnknownCategoryError(NotFoundError):
    """No layer has this category."""


class UnknownFormatError(NotFoundError):
    """No file is written in this format."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that is an error, before it is written as JSON."""

    kind: ProblemType
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self, *, instance: str) -> dict[str, Any]:
        """Return the members of RFC 9457, then our own."""
        return {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            **self.members,
        }


NOT_FOUND: Final = ProblemType(
    "not-found", 404, "Not found", "There is nothing at this address; the answer lists what is."
)
METHOD_NOT_ALLOWED: Final = ProblemType(
    "method-not-allowed",
    405,
    "Method not allowed",
    "Everything here is read with GET or HEAD; what-ifs are asked with POST. Nothing is changed.",
)
UNSUPPORTED_MEDIA_TYPE: Final = ProblemType(
    "unsupported-media-type", 415, "Unsupported media type", "The body has another media type."
)
SLOW_BODY: Final = ProblemType(
    "slow-body", 408, "Slow body", "The body of the request did not arrive in time."
)
BUSY: Final = ProblemType(
    "busy", 429, "Too many at once", "Too many heavy requests at once; try again a little later."
)
UNAVAILABLE: Final = ProblemType(
    "unavailable", 503, "Not available now", "It cannot be computed now; try again a little later."
)
INVALID_REQUEST: Final = ProblemType(
    "invalid-parameter",
    422,
    "Parameters cannot be used",
    "A parameter is unknown, repeated, missing or malformed; 'errors' lists every one.",
)
INVALID_QUERY: Final = ProblemType(
    "invalid-query",
    400,
    "Query cannot be used",
    "A parameter under /ogc is unknown, malformed or names what there is not; OGC API – Features "
    "answers that with 400.",
)
INTERNAL: Final = ProblemType(
    "internal-error", 500, "Internal error", "The program failed; the log of the server says why."
)
DATA_FAULT: Final = ProblemType(
    "data-fault", 500, "The data cannot be used", "A data file breaks one of its laws."
)

EXCEPTIONS: Final[tuple[tuple[type[Exception], ProblemType], ...]] = (
    (
        UnknownPlanError,
        ProblemType("unknown-plan", 404, "Unknown plan", "No plan has this id; 'valid' has all."),
    ),
    (
        UnknownDateError,
        ProblemType(
            "unknown-date",
            404,
            "No contact line for this date",
            "'valid' lists the dates that have one, 'nearest' the closest; with nearest=true the"
            " nearest line is used, with on_or_before=true the last one before the day.",
        ),
    ),
    (
        UnknownPlaceError,
        ProblemType(
            "unknown-place", 404, "Unknown place", "No settlement has this name; see 'valid'."
        ),
    ),
    (
        OutsideCountryError,
        ProblemType(
            "outside-country",
            404,
            "Outside the country",
            "The position lies outside the 27 units the plan speaks of.",
        ),
    ),
    (
        UnknownSourceError,
        ProblemType(
            "unknown-source", 404, "Unknown source", "No lines have this name; see 'valid'."
        ),
    ),
    (
        UnknownBoundariesError,
        ProblemType(
            "unknown-boundaries", 404, "Unknown boundaries", "None have this name; see 'valid'."
        ),
    ),
    (
        UnknownCategoryError,
        ProblemType(
            "unknown-category", 404, "Unknown category", "No layer has this category; see 'valid'."
        ),
    ),
    (
        UnknownFormatError,
        ProblemType(
            "unknown-format", 404, "Unknown format", "No file has this format; see 'valid'."
        ),
    ),
    (NotFoundError, NOT_FOUND),
    (InvalidRequestError, INVALID_REQUEST),
    (ReadingError, INVALID_REQUEST),
    (
        IncomparableError,
        ProblemType(
            "incomparable",
            422,
            "Not on the same boundaries",
            "Two settlements can be compared when both are drawn on the same boundaries.",
        ),
    ),
    (
        BodyError,
        ProblemType(
            "malformed-body", 400, "Malformed body", "The body of the request is no JSON object."
        ),
    ),
    (
        UnusableInputError,
        ProblemType(
            "unusable-input",
            422,
            "The plan or the line cannot be used",
            "'errors' lists every fault with its member, feature and place.",
        ),
    ),
    (
        TooLargeError,
        ProblemType(
            "too-large",
            413,
            "More than is allowed",
            "The request has too many bytes, positions, features or levels, or takes too long; "
            "'limit' names which, 'allowed' how much.",
        ),
    ),
    (DiskError, UNAVAILABLE),
    (SettlementError, DATA_FAULT),
    (Exception, INTERNAL),
)

_FOLDERS: Final = re.compile(r"""(?<![\w./])/(?:[^/\s'":]+/)*(?=[^/\s])""")
"""Folders of an absolute path: a client learns the file's name, the log its place."""

PROBLEMS: Final[Mapping[str, ProblemType]] = {
    kind.slug: kind
    for kind in (
        *(kind for _, kind in EXCEPTIONS),
        METHOD_NOT_ALLOWED,
        INVALID_QUERY,
        UNSUPPORTED_MEDIA_TYPE,
        SLOW_BODY,
        BUSY,
        UNAVAILABLE,
    )
}


def describe_problem(error: Exception) -> Problem:
    """Find the problem type of an exception and fill in what is valid.

    Parameters
    ----------
    error
        Any exception; those that are not ours become an internal error without details.

    Returns
    -------
    Problem
        What is sent as ``application/problem+json``.
    """
    kind = next(kind for exception, kind in EXCEPTIONS if isinstance(error, exception))
    if kind is INTERNAL:
        return Problem(kind, "The request was understood but could not be answered.")
    if isinstance(error, ReadingError):
        error = InvalidRequestError([_reading_fault(fault) for fault in error.faults])
    if isinstance(error, InvalidRequestError | UnusableInputError):
        return Problem(kind, str(error), {"errors": [fault.as_dict() for fault in error.faults]})
    detail = _FOLDERS.sub("", str(error)) if kind is DATA_FAULT else str(error)
    return Problem(kind, detail, _members_of(error))


def _reading_fault(fault: ReadingFault) -> ParameterFault:
    """Write the fault of a choice as that of the parameter, in the form the request has."""
    if fault.option is None:
        given, valid = fault.reading, fault.valid
    else:
        given = f"{fault.reading}:{fault.option}"
        valid = tuple(f"{fault.reading}:{option}" for option in fault.valid)
    return ParameterFault("reading", fault.message, given, valid, closest(given, valid))


def _members_of(error: Exception) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if isinstance(error, TooLargeError):
        members |= {"limit": error.limit, "allowed": error.allowed}
    if isinstance(error, UnknownDateError):
        days = [date.fromisoformat(day) for day in error.valid]
        days.sort(key=lambda day: (abs((day - error.wanted).days), day))
        members["nearest"] = [day.isoformat() for day in days[:3]]
    if isinstance(error, NotFoundError) and error.valid:
        members["valid"] = list(error.valid)
    return members
