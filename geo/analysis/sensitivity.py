"""Range of every figure over all combinations of readings.

Faces are cut once for each day. What a combination makes of a face depends on its oblast and its
holder alone, so a combination costs a walk through the clauses and a few sums; no geometry is
touched, and the sums are those of :mod:`geo.statistics.tables`, to the last digit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.crs import Floats
from geo.dates import DayLike, as_day
from geo.errors import Fault, PlanError, ReadingError, UnknownDateError
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.identity import write_choices
from geo.model.line_series import ControlSource, Nearest
from geo.model.observations import Observations
from geo.places.gazetteer import Gazetteer
from geo.plans.choices import Chosen
from geo.plans.outcomes import Outcome, decide
from geo.plans.plan import Plan, check_plan, identify
from geo.plans.selection import choose_day, combinations, read_plan
from geo.repr_html import Rich
from geo.scenario import build_partition, hash_inputs
from geo.statistics.figures import FIGURES, Figure, Meter

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ASKED",
    "Contribution",
    "Extreme",
    "FigureRange",
    "ReadingRanges",
    "explore_readings",
]

ASKED: Final = "asked"
"""Stands for the day that was asked for, where no option of the plan chooses that day."""

Divide = Callable[[ContactLine], Gazetteer]


@dataclass(frozen=True)
class Contribution:
    """Change of a figure by one option alone, against the default."""

    reading: str
    option: str
    value: float
    contribution: float


@dataclass(frozen=True)
class Extreme:
    """The lowest or highest value, and the readings that give it.

    ``readings`` has the choices that differ from the default, as few as will do;
    ``one_by_one`` is the sum of what each of them contributes alone. Where it differs from
    ``value`` minus the default, the readings act on each other.
    """

    value: float
    readings: dict[str, str]
    one_by_one: float


@dataclass(frozen=True)
class FigureRange:
    """A figure over all combinations of readings."""

    figure: Figure
    default: float
    low: Extreme
    high: Extreme
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class ReadingRanges(Rich):
    """Every figure over all combinations of a plan's readings.

    ``free`` names the readings that were varied, each with its options, the default first;
    ``fixed`` those that were held. ``day`` is that of the default, ``days`` that of each option of
    the day. ``about`` says what the default depends on, and goes with every frame as its ``attrs``.
    """

    plan: Plan
    day: date
    days: dict[str, date]
    fixed: dict[str, str]
    free: dict[str, tuple[str, ...]]
    combinations: int
    ranges: tuple[FigureRange, ...]
    about: Mapping[str, Any] = field(default_factory=dict)

    def find(self, name: str, of: str = "") -> FigureRange:
        """Return the range of one figure.

        Parameters
        ----------
        name
            What is measured, such as ``area_km2``.
        of
            Of what, such as ``relinquished``.

        Returns
        -------
        FigureRange
            Default, low, high, and what each option contributes.

        Raises
        ------
        KeyError
            There is no such figure.
        """
        return self._by_name[name, of]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], FigureRange]:
        return {(item.figure.name, item.figure.of): item for item in self.ranges}

    def to_dataframe(self) -> "pd.DataFrame":
        """Return one row for each figure: default, low, high and the readings that give them."""
        import pandas as pd

        frame = pd.DataFrame(self.rows())
        frame.attrs.update(self.about)
        return frame

    def rows(self) -> list[dict[str, Any]]:
        """Return one plain row for each figure."""
        return [
            {
                "figure": item.figure.name,
                "of": item.figure.of,
                "unit": item.figure.unit,
                "default": item.default,
                "low": item.low.value,
                "high": item.high.value,
                "low_readings": write_choices(item.low.readings),
                "high_readings": write_choices(item.high.readings),
            }
            for item in self.ranges
        ]

    def contributions(self) -> "pd.DataFrame":
        """Return one row for each figure and option: what it contributes alone."""
        import pandas as pd

        frame = pd.DataFrame(
            [
                {
                    "figure": item.figure.name,
                    "of": item.figure.of,
                    "unit": item.figure.unit,
                    "reading": part.reading,
                    "option": part.option,
                    "value": part.value,
                    "contribution": part.contribution,
                }
                for item in self.ranges
                for part in item.contributions
            ]
        )
        frame.attrs.update(self.about)
        return frame


# --- exploring ---------------------------------------------------------------------------------


def explore_readings(
    plan: Plan,
    boundaries: Boundaries,
    lines: ControlSource,
    observations: Observations,
    *,
    day: DayLike | None = None,
    fixed: Mapping[str, Chosen] | None = None,
    divide: Divide | None = None,
) -> ReadingRanges:
    """Measure every figure over all combinations of a plan's readings.

    Parameters
    ----------
    plan
        The plan. Readings it was already given are held.
    boundaries
        The oblasts.
    lines
        The lines of contact by date; each day that a reading can choose is divided once.
    observations
        The populated places.
    day
        The day of the default; the plan's own if not given. A reading of the day is varied from
        there, so the range spans the day asked for and the days the options choose.
    fixed
        Readings that are held, defaults included.
    divide
        Divides the country by a line; :func:`geo.build_partition` by default.

    Returns
    -------
    ReadingRanges
        Low and high of every figure, the readings that give them, and what each option
        contributes alone against the default. Where a reading takes a list of oblasts, each
        oblast that it decides about is an option by itself; longer lists are not enumerated, what
        they give lies between none and all.

    Raises
    ------
    ReadingError, UnknownDateError, PlanError
        A reading, a day or the plan cannot be used.

    Examples
    --------
    >>> import geo
    >>> found = geo.explore_readings(
    ...     geo.load_plan("point21-axios"),
    ...     geo.load_boundaries(),
    ...     geo.load_contact_lines(),
    ...     geo.load_observations(),
    ...     fixed={"line_date": "plan_date"},
    ... )
    >>> found.find("area_km2", "relinquished").low.readings
    {'agreed_territories': 'none'}
    """
    held = {**plan.chosen, **(fixed or {})}
    base = read_plan(plan, boundaries, held)
    check_plan(base, boundaries)
    asked = None if day is None else as_day(day)
    start = choose_day(base, lines.dates, asked, named=tuple(fixed or {}))
    days = _days(base, held, lines, start)
    free = _free(base, held, days)
    choices = combinations(free)
    divide = divide or (lambda line: build_partition(boundaries, line, observations))
    meters = {wanted: Meter(divide(lines.on(wanted))) for wanted in sorted({*days.values()})}
    singles = _single_oblasts(
        base, free, [pair for meter in meters.values() for pair in meter.pairs]
    )
    values = np.array(list(_measure(base, [*choices, *singles], days, meters)))
    line = lines.on(start)
    version = hash_inputs(boundaries, line, base, observations)
    names = {reading.id: base.chosen.get(reading.id, reading.default) for reading in base.reading}
    return ReadingRanges(
        plan=base,
        day=start,
        days={option: found for option, found in days.items() if option},
        fixed={name: names[name] for name in names if name in held},
        free=free,
        combinations=len(choices),
        ranges=tuple(
            _range(figure, values[:, column], [*choices, *singles], free)
            for column, figure in enumerate(FIGURES)
        ),
        about={"identity": identify(boundaries, line, base, version).to_dict()},
    )


def _days(
    plan: Plan, held: Mapping[str, Chosen], lines: ControlSource, start: date
) -> dict[str, date]:
    """Return the day of the line for each option of the day, ``""`` being the default.

    An option whose day has no line, nor an earlier one, is left out.
    """
    days = {"": lines.on(start).date}
    for reading in plan.reading:
        if reading.is_of_the_day and reading.id not in held:
            for option in reading.options:
                wanted = plan.read(**{reading.id: option}).day(lines.dates)
                with suppress(UnknownDateError):
                    days[option] = lines.on(wanted, nearest=Nearest.ON_OR_BEFORE).date
    return days


def _free(
    plan: Plan, held: Mapping[str, Chosen], days: Mapping[str, date]
) -> dict[str, tuple[str, ...]]:
    """List the readings that are varied with their options, the default first.

    Where the day asked for is not that of the default option, the option that does choose it
    takes its place; where there is none, all options of the day differ from the default.
    """
    free = {reading.id: reading.options for reading in plan.reading if reading.id not in held}
    for reading in plan.reading:
        if reading.is_of_the_day and reading.id in free:
            known = [option for option in reading.options if option in days]
            same = [option for option in known if days[option] == days[""]]
            others = [option for option in known if option not in same]
            free[reading.id] = (same[0] if same else ASKED, *others)
    return free


def _single_oblasts(
    plan: Plan, free: Mapping[str, Sequence[str]], pairs: Sequence[tuple[str, Control]]
) -> list[dict[str, str]]:
    """Choose lists of one oblast, for each oblast of whose land such a list decides."""
    found = []
    for reading in plan.reading:
        if reading.id not in free or reading.oblast_list is None:
            continue
        alone = {}
        for oblast in sorted({oblast for oblast, _ in pairs}):
            with suppress(ReadingError):
                alone[oblast] = plan.read(**{reading.id: oblast})
        for oblast, read in alone.items():
            other = next((alone[name] for name in alone if name != oblast), plan)
            mine = [pair for pair in pairs if pair[0] == oblast]
            if any(decide(*pair, read) != decide(*pair, other) for pair in mine):
                found.append({reading.id: oblast})
    return found


def _measure(
    plan: Plan,
    choices: Sequence[Mapping[str, str]],
    days: Mapping[str, date],
    meters: Mapping[date, Meter],
) -> Iterator[list[float]]:
    """Measure every figure under every combination."""
    reading = next((item.id for item in plan.reading if item.is_of_the_day), "")
    decided: dict[tuple[tuple[str, str], ...], dict[tuple[str, Control], Outcome]] = {}
    pairs = sorted({pair for meter in meters.values() for pair in meter.pairs})
    for chosen in choices:
        of_clauses = {name: option for name, option in chosen.items() if name != reading}
        key = tuple(of_clauses.items())
        if key not in decided:
            read = plan.read(**of_clauses)
            decided[key] = {pair: decide(*pair, read) for pair in pairs}
        try:
            yield meters[days[chosen.get(reading, "")]].measure(decided[key])
        except PlanError as error:
            under = write_choices(chosen) or "the default"
            faults = [Fault("reading", f"under {under} {fault.message}") for fault in error.faults]
            raise PlanError(plan.id, faults) from None


def _listed(
    alone: Mapping[tuple[str, str], float], free: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """Order single choices as the plan does; oblasts come after the options of their reading."""
    names = list(free)

    def place(choice: tuple[str, str]) -> tuple[int, int]:
        name, option = choice
        known = option in free[name]
        return names.index(name), free[name].index(option) if known else len(free[name])

    return sorted(alone, key=place)


def _range(
    figure: Figure,
    values: Floats,
    choices: Sequence[dict[str, str]],
    free: Mapping[str, Sequence[str]],
) -> FigureRange:
    number = float if figure.unit.startswith("km") else int
    default = number(values[0])
    alone = {
        next(iter(chosen.items())): number(value)
        for chosen, value in zip(choices, values, strict=True)
        if len(chosen) == 1
    }

    def extreme(row: int) -> Extreme:
        readings = choices[row]
        one_by_one = sum(alone[item] - default for item in readings.items())
        return Extreme(number(values[row]), readings, number(one_by_one))

    return FigureRange(
        figure=figure,
        default=default,
        low=extreme(int(values.argmin())),
        high=extreme(int(values.argmax())),
        contributions=tuple(
            Contribution(name, option, alone[name, option], alone[name, option] - default)
            for name, option in _listed(alone, free)
        ),
    )
