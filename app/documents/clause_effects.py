"""Documents of what each clause of a user's plan does."""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.datasets.catalogue import Selection
from geo.analysis.clause_effects import Role, clause_effects
from geo.files.bounded import read_bounded_text
from geo.io.load import MOST_BYTES_OF_A_PLAN
from geo.plans.clause_lines import clause_lines
from geo.plans.clauses import Change
from geo.scenario import Scenario

__all__ = ["describe_effects", "lines_of_file", "with_effects", "write_effects"]

_MOST_OBLASTS: Final = 8
_CHANGES: Final = {
    Change.UKRAINE_WITHDRAWS: "Ukraine withdraws",
    Change.RUSSIA_WITHDRAWS: "Russia withdraws",
    Change.RECOGNITION_ONLY: "nobody withdraws",
    Change.NONE: "nobody withdraws",
}


def lines_of_file(path: Path) -> dict[str, int]:
    """Find the line at which each clause of a plan file begins."""
    text = read_bounded_text(path, most_bytes=MOST_BYTES_OF_A_PLAN, what="a plan")
    return clause_lines(text)


def describe_effects(scenario: Scenario, lines: Mapping[str, int]) -> list[dict[str, Any]]:
    """Say what each clause does: land, oblasts and people recorded, by id and line of the file.

    Parameters
    ----------
    scenario
        The plan applied to a day.
    lines
        Lines of the file by id of clause; a clause that is not in it has the line ``None``.

    Returns
    -------
    list of dict
        One for each clause, then one whose ``clause`` is empty: land of which no clause speaks.
    """
    return [
        {**found.to_dict(), "line": lines.get(found.clause)} for found in clause_effects(scenario)
    ]


def with_effects(document: dict[str, Any], selection: Selection) -> dict[str, Any]:
    """Add to a document what each clause does, if the plan is a user's own file."""
    if selection.plan_file is None:
        return document
    lines = lines_of_file(selection.plan_file)
    return {**document, "effects": describe_effects(selection.scenario, lines)}


def write_effects(effects: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Write what each clause does, a line of text for each effect.

    Parameters
    ----------
    effects
        As :func:`describe_effects` gives them.
    """
    for found in effects:
        where = found["kind"] if found["line"] is None else f"line {found['line']}, {found['kind']}"
        name = f"{found['clause']} ({where})" if found["clause"] else "no clause"
        if found["note"]:
            yield f"{name}: {found['note']}"
            continue
        for effect in found["effects"]:
            if effect["role"] != Role.OVERRIDDEN:
                yield f"{name}: {_write_effect(effect)}"
        over = [each["area_km2"] for each in found["effects"] if each["role"] == Role.OVERRIDDEN]
        if over:
            yield f"{name}: of {math.fsum(over):,.1f} km2 more later clauses say otherwise"


def _write_effect(effect: Mapping[str, Any]) -> str:
    units = effect["oblasts"]
    oblasts = ", ".join(units[:_MOST_OBLASTS])
    if len(units) > _MOST_OBLASTS:
        oblasts += f" and {len(units) - _MOST_OBLASTS} more"
    people = (
        f"{effect['population_recorded']:,} people recorded in {effect['settlements']:,} places"
    )
    does = _CHANGES[effect["change"]]
    if effect["role"] == Role.RECOGNISES:
        does = "says only as whose it is recognised"
    return (
        f"{effect['label']}: {effect['area_km2']:,.1f} km2 held by {effect['held_by'].title()}, "
        f"{does}; {oblasts}; {people}"
    )
