"""Choices of readings as they are written in a request: ``reading=ID:OPTION``, repeatable."""

from collections.abc import Sequence

from app.errors import InvalidRequestError, ParameterFault

__all__ = ["parse_readings"]


def parse_readings(texts: Sequence[str] | None) -> dict[str, str]:
    """Read choices; whether a plan has them is for the plan to say, which then lists its own.

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
            message = f"Parameter 'reading': {name!r} came twice; expected each reading once."
            faults.append(ParameterFault("reading", message, text))
        chosen[name] = option
    if faults:
        raise InvalidRequestError(faults)
    return chosen
