"""Parse parameters of requests and options of commands."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from app.errors import InvalidRequestError, ParameterFault
from geo.arguments import closest, hint_at, list_names, show

__all__ = [
    "MOST_PARAMETERS",
    "parse_choice",
    "parse_date",
    "parse_readings",
    "unknown_choice",
    "unknown_parameter",
]

MOST_PARAMETERS: Final = 50
"""So many parameters a request may have."""

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Choice = TypeVar("Choice", bound=StrEnum)


def parse_choice(
    kind: type[Choice], text: str, *, among: Iterable[Choice] | None = None, parameter: str = "by"
) -> Choice:
    """Read a choice.

    Parameters
    ----------
    kind
        All there are.
    text
        What came.
    among
        Those that can be chosen here; by default all.
    parameter
        What to call it in messages.

    Raises
    ------
    InvalidRequestError
        It is none of them; all are listed.
    """
    known = [choice.value for choice in among or kind]
    if text in known:
        return kind(text)
    raise InvalidRequestError([unknown_choice(parameter, text, known)])


def unknown_choice(parameter: str, text: str, known: Iterable[str]) -> ParameterFault:
    """Say that a parameter has no such value, and which it has."""
    valid = tuple(known)
    meant = closest(text, valid)
    known_are = f"Known are {list_names(valid)}."
    message = f"Parameter {parameter!r}: got {show(text)}.{hint_at(meant)} {known_are}"
    return ParameterFault(parameter, message, text, valid, meant)


def unknown_parameter(name: str, known: Sequence[str]) -> ParameterFault:
    """Say that there is no such parameter, and which there are."""
    meant = closest(name, known)
    accepted = f"Known here: {', '.join(known)}." if known else "None is known here."
    message = f"Parameter {show(name)} is unknown.{hint_at(meant)} {accepted}"
    return ParameterFault(name, message, None, tuple(known), meant)


def parse_date(text: str | None, *, parameter: str = "date") -> date | None:
    """Read a day written as YYYY-MM-DD; ``None`` stays ``None``.

    Raises
    ------
    InvalidRequestError
        It is written otherwise, or there is no such day.
    """
    if text is None:
        return None
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    message = (
        f"Parameter {parameter!r}: expected a day of the calendar, written YYYY-MM-DD, "
        f"got {show(text)}."
    )
    raise InvalidRequestError([ParameterFault(parameter, message, text)])


def parse_readings(texts: Sequence[str] | None) -> dict[str, str]:
    """Read choices of readings; whether a plan has them the plan says, which lists its own.

    Parameters
    ----------
    texts
        Each ``ID:OPTION``, such as ``luhansk_pocket:retained``, or with a list of oblasts
        ``agreed_territories:UA-63,UA-59``.

    Returns
    -------
    dict
        Reading to option.

    Raises
    ------
    InvalidRequestError
        A reading is chosen twice; lists every fault.
    """
    faults = []
    chosen: dict[str, str] = {}
    for text in texts or ():
        name, _, option = text.partition(":")
        if name in chosen:
            message = f"Parameter 'reading': expected each reading once; got {show(name)} twice."
            faults.append(ParameterFault("reading", message, text))
        chosen[name] = option
    if faults:
        raise InvalidRequestError(faults)
    return chosen
