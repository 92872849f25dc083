"""Turn validation errors of pydantic into faults for people, each with its key."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from geo.arguments import closest, show
from geo.errors import Fault
from geo.plans.clauses import CLAUSE_KINDS

__all__ = ["faults_of", "meant"]


def meant(word: str, known: Collection[str]) -> str:
    """Say which known word was probably meant, or list them all.

    Parameters
    ----------
    word
        What came.
    known
        What would have been accepted.

    Returns
    -------
    str
        The end of a sentence, beginning with a semicolon.
    """
    close = closest(word, known)
    return f"; did you mean {close!r}?" if close else f"; known are {', '.join(sorted(known))}"


def faults_of(
    error: ValidationError, models: Mapping[str, type[BaseModel]], *, prefix: str = ""
) -> list[Fault]:
    """Turn a validation error into faults.

    Parameters
    ----------
    error
        What pydantic found.
    models
        The models by the key under which they stand, inner ones first, the outermost under ``""``;
        for naming the keys that exist. Clauses are known by their kind.
    prefix
        Key of the part that was validated.

    Returns
    -------
    list of Fault
        In file order, each with its key and what was probably meant.
    """
    found = [
        fault for details in error.errors() for fault in _faults(details, {**models}, prefix=prefix)
    ]
    within = {fault.key.split(".")[0] for fault in found if "." in fault.key}
    emptied = {
        ".".join(map(str, details["loc"]))
        for details in error.errors()
        if details["type"] == "too_short"
    }  # a list is called too short when none of its members is sound
    return [fault for fault in found if not (fault.key in emptied and fault.key in within)]


def _faults(
    details: ErrorDetails, models: dict[str, type[BaseModel]], *, prefix: str
) -> list[Fault]:
    location = [str(part) for part in details["loc"]]
    parts = [part for part in location if part not in CLAUSE_KINDS and "[" not in part]
    key = ".".join(filter(None, [prefix, *parts]))
    if details["type"] == "value_error":
        lines = [line.split(": ", 1) for line in str(details["ctx"]["error"]).splitlines()]
        return [Fault(".".join(filter(None, [key, line[0]])), line[-1]) for line in lines]
    if details["type"] == "extra_forbidden":
        known = _model_at(location, models).model_fields
        return [Fault(key, f"unknown key{meant(location[-1], known)}")]
    if details["type"] == "missing":
        return [Fault(key, "this key is missing")]
    kinds = ", ".join(sorted(CLAUSE_KINDS))
    if details["type"] == "union_tag_invalid":
        given = str(details["ctx"]["tag"])
        hint = meant(given, CLAUSE_KINDS)
        return [Fault(f"{key}.kind", f"expected one of {kinds}; got {show(given)}{hint}")]
    if details["type"] == "union_tag_not_found":
        return [Fault(f"{key}.kind", f"this key is missing; one of {kinds}")]
    return [Fault(key, f"{details['msg']}; got {show(details['input'])}")]


def _model_at(location: list[str], models: dict[str, type[BaseModel]]) -> type[BaseModel]:
    """Find the innermost model on the way to a key."""
    outer = location[:-1]
    kind = next((part for part in outer if part in CLAUSE_KINDS), None)
    if kind is not None:
        return CLAUSE_KINDS[kind]
    inner = [model for key, model in models.items() if key in outer]
    return inner[0] if inner else models[""]
