"""Choose oblasts and the day of a plan on given boundaries."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import date

from geo.arguments import show
from geo.errors import Fault, PlanError, ReadingError, ReadingFault
from geo.model.boundaries import Boundaries
from geo.model.control import Control
from geo.model.identity import write_choices
from geo.plans.choices import Chosen
from geo.plans.outcomes import decide
from geo.plans.plan import Plan, check_plan

__all__ = ["check_every_reading", "choose_day", "combinations", "read_plan"]


def read_plan(plan: Plan, boundaries: Boundaries, readings: Mapping[str, Chosen]) -> Plan:
    """Choose among the readings of a plan; lists of oblasts are held against the boundaries.

    Parameters
    ----------
    plan
        The plan.
    boundaries
        The oblasts it is to be applied to.
    readings
        Reading to option, see :meth:`geo.plans.plan.Plan.read`.

    Returns
    -------
    Plan
        The plan under these readings.

    Raises
    ------
    ReadingError
        Lists every fault with what is valid.
    """
    if not readings:
        return plan
    chosen = plan.read(**readings)
    faults = [
        ReadingFault(
            reading.id,
            option,
            f"The reading {reading.id!r} cannot take {show(option)}: no oblast has the ISO "
            f"3166-2 code {show(code)}. Known are {', '.join(boundaries.ids)}.",
            boundaries.ids,
        )
        for reading in plan.reading
        for option in (chosen.chosen.get(reading.id, reading.default),)
        if reading.find(option) is None
        for code in option.split(",")
        if code not in boundaries.ids
    ]
    if faults:
        raise ReadingError(faults)
    return chosen


def choose_day(
    plan: Plan, dates: Sequence[date], asked: date | None, *, named: Sequence[str] = ()
) -> date:
    """Find the day of the line: the one asked for, else the one the plan's readings say.

    Parameters
    ----------
    plan
        The plan under the readings chosen.
    dates
        The days that have a line.
    asked
        The day asked for, if any.
    named
        Readings that were chosen by name, defaults included.

    Returns
    -------
    datetime.date
        A day; whether it has a line is for the caller to find out.

    Raises
    ------
    ReadingError
        A day was asked for, and a reading was chosen that says another day.
    """
    said = plan.day(dates)
    if asked is None or asked == said:
        return said
    for reading in plan.reading:
        if reading.is_of_the_day and reading.id in {*plan.chosen, *named}:
            option = plan.chosen.get(reading.id, reading.default)
            message = (
                f"The reading '{reading.id}:{option}' means the line of {said}, but the line of "
                f"{asked} was asked for. Expected one of the two."
            )
            raise ReadingError([ReadingFault(reading.id, option, message)])
    return asked


def check_every_reading(plan: Plan, boundaries: Boundaries, *, name: str | None = None) -> None:
    """Check that a plan speaks of all land under every combination of its readings.

    Parameters
    ----------
    plan
        The plan.
    boundaries
        The oblasts it is to be applied to.
    name
        What to call the plan in messages; its id by default.

    Raises
    ------
    PlanError
        Names the oblasts of which nothing is said, and under which readings.
    """
    check_plan(plan, boundaries, name=name)
    free = {reading.id: reading.options for reading in plan.reading if not reading.is_of_the_day}
    default = _silent(plan, boundaries)
    faults = []
    for choices in combinations(free):
        silent = [unit for unit in _silent(plan.read(**choices), boundaries) if unit not in default]
        if silent:
            message = (
                f"under {write_choices(choices)} no clause says what becomes of land that Russia "
                f"holds in {', '.join(silent)}"
            )
            faults.append(Fault("reading", message))
    if faults:
        raise PlanError(name or plan.id, faults[:20])


def _silent(plan: Plan, boundaries: Boundaries) -> list[str]:
    return [unit for unit in boundaries.ids if decide(unit, Control.RUSSIA, plan).category is None]


def combinations(free: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """List every combination of options, fewest differences from the default first.

    Parameters
    ----------
    free
        Options by reading, the default first.

    Returns
    -------
    list of dict
        The choices that differ from the default; the first is the default itself.
    """
    found = [
        {
            name: option
            for (name, options), option in zip(free.items(), combination, strict=True)
            if option != options[0]
        }
        for combination in itertools.product(*free.values())
    ]
    return sorted(found, key=len)
