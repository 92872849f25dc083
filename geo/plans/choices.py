"""Choose among the readings of a plan, and report every fault at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from pydantic import ValidationError

from geo.arguments import show
from geo.errors import ReadingError, ReadingFault
from geo.plans.clauses import Clause
from geo.plans.readings import Patch, Reading, change_clauses
from geo.plans.validation import faults_of

__all__ = ["Chosen", "check_choices"]

Chosen: TypeAlias = str | Sequence[str]
"""Id of an option, or ISO 3166-2 codes: as a sequence, or in one text joined by commas."""


def check_choices(
    plan: str,
    readings: Sequence[Reading],
    clauses: Sequence[Clause],
    choices: Mapping[str, Chosen],
) -> dict[str, str]:
    """Check a choice of readings and write it in one way.

    Parameters
    ----------
    plan
        Id of the plan, for messages.
    readings, clauses
        What the plan declares.
    choices
        Reading to option.

    Returns
    -------
    dict
        The choices that differ from the default, in the plan's order; lists of oblasts sorted and
        joined by commas.

    Raises
    ------
    ReadingError
        Lists every fault.
    """
    known = {reading.id: reading for reading in readings}
    faults = []
    chosen = {}
    for name, given in choices.items():
        if name not in known:
            faults.append(_unknown_reading(plan, name, tuple(known)))
            continue
        chosen[name] = _one_text(given)
        faults += _faults_of_option(known[name], chosen[name])
    if faults:
        raise ReadingError(faults)
    kept = {
        reading.id: chosen[reading.id]
        for reading in readings
        if chosen.get(reading.id, reading.default) != reading.default
    }
    _check_together(kept, known, clauses)
    return kept


def _one_text(given: Chosen) -> str:
    """Write a choice as a text; lists in one order, each oblast once."""
    parts = given.split(",") if isinstance(given, str) else map(str, given)
    return ",".join(sorted({part.strip() for part in parts}))


def _unknown_reading(plan: str, name: str, known: tuple[str, ...]) -> ReadingFault:
    if not known:
        message = f"The plan {plan!r} has no readings; got {show(name)}."
        return ReadingFault(name, None, message)
    message = f"The plan {plan!r} has no reading {show(name)}. Its readings are {', '.join(known)}."
    return ReadingFault(name, None, message, known)


def _faults_of_option(reading: Reading, option: str) -> Iterator[ReadingFault]:
    takes_list = reading.oblast_list is not None
    is_list = takes_list and all("-" in code for code in option.split(","))
    if reading.find(option) is None and not is_list:
        known = reading.options
        or_list = " or a list of oblasts (ISO 3166-2, joined by commas)" if takes_list else ""
        message = (
            f"The reading {reading.id!r} has no option {show(option)}. Expected one of "
            f"{', '.join(known)}{or_list}."
        )
        yield ReadingFault(reading.id, option, message, known)


def _check_together(
    chosen: Mapping[str, str], known: Mapping[str, Reading], clauses: Sequence[Clause]
) -> None:
    """Apply all choices; what is refused is a list of oblasts, the options are known to fit."""
    patches = [patch for name, option in chosen.items() for patch in known[name].patches(option)]
    try:
        change_clauses(clauses, patches)
    except ValidationError as error:
        detail = "; ".join(fault.message for fault in faults_of(error, {"": Patch}))
        lists = [name for name, option in chosen.items() if known[name].find(option) is None]
        raise ReadingError(
            [
                ReadingFault(
                    name,
                    chosen[name],
                    f"The reading {show(name)} cannot take {show(chosen[name])}: {detail}.",
                    known[name].options,
                )
                for name in lists
            ]
        ) from None
