"""Parse and check the JSON document of a what-if, within limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeGuard

import orjson

from app.errors import (
    BodyError,
    InputFault,
    InvalidRequestError,
    TooLargeError,
    UnusableInputError,
)
from app.parameters import parse_date
from geo.arguments import closest, show
from geo.errors import DataFormatError
from geo.files.toml import parse_toml as read_toml
from geo.formats.file_choice import WHOLE_FILE, FileChoice, parse_choice
from geo.io.control import ControlFile
from geo.model.control import Control

__all__ = [
    "Detail",
    "Limits",
    "ShiftRequest",
    "WhatIfRequest",
    "parse_day",
    "parse_toml",
    "read_request",
]

_MEMBERS: Final = (
    *("plan", "line", "part", "date", "source", "boundaries"),
    *("readings", "shift", "reference", "geometry"),
)
_MOST_NAMES: Final = 10
"""So many unknown members are named, with what was probably meant."""
_MOST_CHOICES: Final = 100
_SHIFT_MEMBERS: Final = ("km", "into", "between", "within")


class Detail(StrEnum):
    """Amount of geometry in an answer."""

    FULL = "full"
    DISPLAY = "display"
    NONE = "none"


@dataclass(frozen=True)
class Limits:
    """Limits of one what-if."""

    vertices: int = 50_000
    features: int = 2_000
    depth: int = 32


@dataclass(frozen=True)
class ShiftRequest:
    """Requested shift of a line; see :func:`geo.shift_line`."""

    km: float
    into: Control
    between: tuple[tuple[float, float], tuple[float, float]] | None = None
    within: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class WhatIfRequest:
    """A parsed request, before anything is computed.

    ``plan`` is an id, a whole plan as plain data, or ``None`` for the default; ``line`` is GeoJSON,
    what was read of a file, or ``None`` for the line that ``source`` has for the day; ``part`` says
    which features of GeoJSON are meant. ``readings`` are those of the plan, ``plan_text`` is a
    whole plan as it was written in TOML.
    """

    plan: str | Mapping[str, Any] | None = None
    line: Mapping[str, Any] | ControlFile | None = None
    part: FileChoice = WHOLE_FILE
    day: date | None = None
    shift: ShiftRequest | None = None
    reference: str | None = None
    source: str | None = None
    boundaries: str | None = None
    geometry: Detail = Detail.FULL
    readings: Mapping[str, str] = field(default_factory=dict)
    plan_text: str = ""


def read_request(body: bytes, limits: Limits) -> WhatIfRequest:
    """Read the body of a request.

    Parameters
    ----------
    body
        A JSON object.
    limits
        How much is accepted.

    Raises
    ------
    BodyError
        It is no JSON object.
    TooLargeError
        It is nested too deeply, or has too many features or positions.
    UnusableInputError
        Lists every member that cannot be used.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError(
            f"expected a JSON object (UTF-8; NaN and Infinity are not JSON), but {error}"
        ) from error
    if not isinstance(document, dict):
        raise BodyError(f"expected a JSON object; got {show(document)}")
    _measure(document, limits)
    return _Reader(document).read()


def _measure(document: object, limits: Limits) -> None:
    """Walk through a document without recursion, and stop at the first limit."""
    vertices = features = 0
    waiting: list[tuple[object, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > limits.depth:
            raise TooLargeError("nesting", limits.depth, depth, "levels of nesting")
        if isinstance(value, dict):
            features += value.get("type") == "Feature"
            waiting += ((inner, depth + 1) for inner in value.values())
        elif isinstance(value, list):
            if value and isinstance(value[0], int | float):
                vertices += 1
            waiting += ((inner, depth + 1) for inner in value if isinstance(inner, dict | list))
        if features > limits.features:
            raise TooLargeError("features", limits.features, features, "features")
        if vertices > limits.vertices:
            raise TooLargeError("vertices", limits.vertices, vertices, "positions")


def parse_toml(text: str, *, member: str = "plan") -> dict[str, Any]:
    """Read a plan written as TOML.

    Raises
    ------
    UnusableInputError
        It is no TOML; says where.
    """
    try:
        return read_toml(text)
    except ValueError as error:
        message = f"expected the id of a plan, or a whole plan as TOML or JSON; {error}"
        raise UnusableInputError([InputFault(member, message)]) from None


def parse_day(text: str | None) -> date | None:
    """Read a day written as YYYY-MM-DD; ``None`` stays ``None``.

    Raises
    ------
    UnusableInputError
        It is written otherwise, or there is no such day.
    """
    try:
        return parse_date(text)
    except InvalidRequestError:
        message = f"expected a day written YYYY-MM-DD; got {show(text)}"
        raise UnusableInputError([InputFault("date", message)]) from None


class _Reader:
    """Reads the members of a request and gathers what is wrong with them."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._faults: list[InputFault] = []
        self._plan_text = ""

    def read(self) -> WhatIfRequest:
        self._check_names(self._document, _MEMBERS, "")
        request = WhatIfRequest(
            plan=self._plan(),
            line=self._line(),
            part=self._part(),
            day=self._day(),
            shift=self._shift(),
            reference=self._text("reference"),
            source=self._text("source"),
            boundaries=self._text("boundaries"),
            geometry=self._choice("geometry", self._document, Detail, Detail.FULL),
            readings=self._readings(),
            plan_text=self._plan_text,
        )
        if self._faults:
            raise UnusableInputError(self._faults)
        return request

    def _blame(self, member: str, message: str) -> None:
        self._faults.append(InputFault(member, message))

    def _check_names(self, given: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
        unknown = [name for name in given if name not in known]
        if len(unknown) > _MOST_NAMES:
            self._blame(prefix.rstrip("."), f"expected known members; got {len(unknown):,} others")
        for name in unknown[:_MOST_NAMES]:
            meant = closest(name, known)
            hint = f"did you mean {meant!r}?" if meant else f"known are {', '.join(known)}"
            self._blame(f"{prefix}{name[:60]}", f"there is no such member; {hint}")

    def _plan(self) -> str | Mapping[str, Any] | None:
        plan = self._document.get("plan")
        if plan is None or isinstance(plan, dict):
            return plan
        if isinstance(plan, str) and plan.strip():
            if "\n" not in plan and "=" not in plan:
                return plan
            self._plan_text = plan
            try:
                return parse_toml(plan)
            except UnusableInputError as error:
                self._faults.extend(error.faults)
                return None
        self._blame("plan", f"expected the id of a plan, or a whole plan; got {show(plan)}")
        return None

    def _readings(self) -> Mapping[str, str]:
        readings = self._document.get("readings")
        if readings is None:
            return {}
        if isinstance(readings, dict) and len(readings) > _MOST_CHOICES:
            self._blame("readings", f"expected at most {_MOST_CHOICES}; got {len(readings):,}")
            return {}
        if isinstance(readings, dict) and all(type(option) is str for option in readings.values()):
            return readings
        self._blame(
            "readings", f"expected an object of texts, reading to option; got {show(readings)}"
        )
        return {}

    def _line(self) -> Mapping[str, Any] | None:
        line = self._document.get("line")
        if line is None or isinstance(line, dict):
            return line
        self._blame("line", f"expected a GeoJSON object; got {show(line)}")
        return None

    def _part(self) -> FileChoice:
        text = self._text("part")
        try:
            return WHOLE_FILE if text is None else parse_choice(text)
        except DataFormatError as error:
            self._blame("part", str(error))
            return WHOLE_FILE

    def _day(self) -> date | None:
        try:
            return parse_day(self._text("date"))
        except UnusableInputError as error:
            self._faults.extend(error.faults)
            return None

    def _text(self, name: str) -> str | None:
        value = self._document.get(name)
        if value is None or isinstance(value, str):
            return value
        self._blame(name, f"expected a text; got {show(value)}")
        return None

    def _choice(
        self,
        name: str,
        given: Mapping[str, Any],
        kind: Any,  # noqa: ANN401
        default: Any,  # noqa: ANN401
        *,
        prefix: str = "",
    ) -> Any:  # noqa: ANN401
        value = given.get(name, default)
        known = [member.value for member in kind]
        if isinstance(value, str) and value in known:
            return kind(value)
        self._blame(f"{prefix}{name}", f"expected one of {', '.join(known)}; got {show(value)}")
        return default

    def _shift(self) -> ShiftRequest | None:
        shift = self._document.get("shift")
        if shift is None:
            return None
        if not isinstance(shift, dict):
            self._blame("shift", f"expected an object with km and into; got {show(shift)}")
            return None
        self._check_names(shift, _SHIFT_MEMBERS, "shift.")
        km = self._number("shift.km", shift.get("km"))
        into = self._choice("into", shift, Control, None, prefix="shift.")
        between = shift.get("between")
        ends: list[tuple[float, ...] | None] = []
        if between is not None:
            if not isinstance(between, list) or len(between) != 2:
                self._blame("shift.between", "expected two positions [longitude, latitude]")
            else:
                ends = [self._numbers("shift.between", end, 2) for end in between]
        box = shift.get("within")
        within = None if box is None else self._numbers("shift.within", box, 4)
        if self._faults or km is None:
            return None
        pair: Any = tuple(ends) if ends else None
        bounds: Any = within
        return ShiftRequest(km, into, pair, bounds)

    def _number(self, member: str, value: object) -> float | None:
        if _is_number(value):
            return float(value)
        self._blame(member, f"expected a number; got {show(value)}")
        return None

    def _numbers(self, member: str, value: object, count: int) -> tuple[float, ...] | None:
        if isinstance(value, list) and len(value) == count and all(map(_is_number, value)):
            return tuple(float(number) for number in value)
        self._blame(member, f"expected {count} numbers in a list; got {show(value)}")
        return None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
