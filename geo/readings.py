"""What the figures depend on: every figure over all combinations of readings.

Faces are cut once for each day. What a combination makes of a face depends on its oblast and its
holder alone, so a combination costs a walk through the clauses and a few sums; no geometry is
touched, and the sums are those of :mod:`geo.stats`, to the last digit.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geo.choices import Chosen
from geo.clauses import Category, Change, Recognition
from geo.crs import Floats
from geo.errors import Fault, PlanError, ReadingError, ReadingFault, UnknownDateError
from geo.gazetteer import Gazetteer
from geo.observations import Observations
from geo.plan import Plan, check_plan
from geo.scenario import build_partition
from geo.series import LineSeries
from geo.settle import Outcome, decide
from geo.stats import left_km2, line_km_by_oblast
from geo.territory import Boundaries, ContactLine, Control

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ASKED",
    "Contribution",
    "Extreme",
    "Figure",
    "FigureRange",
    "ReadingRanges",
    "check_every_reading",
    "choose_day",
    "explore_readings",
    "read_plan",
]

ASKED: Final = "asked"
"""Stands for the day that was asked for, where no option of the plan chooses that day."""

Divide = Callable[[ContactLine], Gazetteer]


@dataclass(frozen=True)
class Figure:
    """Something that is measured: what, of what, and in which unit ('' for a count)."""

    name: str
    of: str
    unit: str
    label: str


@dataclass(frozen=True)
class Contribution:
    """What one option alone changes against the default."""

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
class ReadingRanges:
    """Every figure over all combinations of a plan's readings.

    ``free`` names the readings that were varied, each with its options, the default first;
    ``fixed`` those that were held. ``day`` is that of the default.
    """

    plan: Plan
    day: date
    fixed: dict[str, str]
    free: dict[str, tuple[str, ...]]
    combinations: int
    ranges: tuple[FigureRange, ...]

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

        return pd.DataFrame(self.rows())

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
                "low_readings": _write(item.low.readings),
                "high_readings": _write(item.high.readings),
            }
            for item in self.ranges
        ]

    def contributions(self) -> "pd.DataFrame":
        """Return one row for each figure and option: what it contributes alone."""
        import pandas as pd

        return pd.DataFrame(
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


def _write(readings: Mapping[str, str]) -> str:
    return " ".join(f"{name}:{option}" for name, option in readings.items())


# --- choosing ----------------------------------------------------------------------------------


def read_plan(plan: Plan, boundaries: Boundaries, readings: Mapping[str, Chosen]) -> Plan:
    """Choose among the readings of a plan; lists of oblasts are held against the boundaries.

    Parameters
    ----------
    plan
        The plan.
    boundaries
        The oblasts it is to be applied to.
    readings
        Reading to option, see :meth:`geo.plan.Plan.read`.

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
            f"The reading {reading.id!r} cannot take {option!r}: no oblast has the ISO 3166-2 code "
            f"{code!r}. Known are {', '.join(boundaries.ids)}.",
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
    for choices in _combinations(free):
        silent = [unit for unit in _silent(plan.read(**choices), boundaries) if unit not in default]
        if silent:
            message = (
                f"under {_write(choices)} no clause says what becomes of land that Russia holds "
                f"in {', '.join(silent)}"
            )
            faults.append(Fault("reading", message))
    if faults:
        raise PlanError(name or plan.id, faults[:20])


def _silent(plan: Plan, boundaries: Boundaries) -> list[str]:
    return [unit for unit in boundaries.ids if decide(unit, Control.RUSSIA, plan).category is None]


def _combinations(free: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """List all choices that differ from the default (the first option), fewest first."""
    found = [
        {
            name: option
            for (name, options), option in zip(free.items(), combination, strict=True)
            if option != options[0]
        }
        for combination in itertools.product(*free.values())
    ]
    return sorted(found, key=len)


# --- exploring ---------------------------------------------------------------------------------


def explore_readings(
    plan: Plan,
    boundaries: Boundaries,
    lines: LineSeries,
    observations: Observations,
    *,
    day: date | None = None,
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
        contributes alone against the default. Lists of oblasts are not enumerated: what they give
        lies between none and all.

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
    start = choose_day(base, lines.dates, day, named=tuple(fixed or {}))
    days = _days(base, held, lines, start)
    free = _free(base, held, days)
    choices = _combinations(free)
    divide = divide or (lambda line: build_partition(boundaries, line, observations))
    meters = {wanted: _Meter(divide(lines.on(wanted))) for wanted in sorted({*days.values()})}
    values = np.array(list(_measure(base, choices, days, meters)))
    names = {reading.id: base.chosen.get(reading.id, reading.default) for reading in base.reading}
    return ReadingRanges(
        plan=base,
        day=start,
        fixed={name: names[name] for name in names if name in held},
        free=free,
        combinations=len(choices),
        ranges=tuple(
            _range(figure, values[:, column], choices) for column, figure in enumerate(_FIGURES)
        ),
    )


def _days(
    plan: Plan, held: Mapping[str, Chosen], lines: LineSeries, start: date
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
                    days[option] = lines.on(wanted, nearest=True).date
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


def _measure(
    plan: Plan,
    choices: Sequence[Mapping[str, str]],
    days: Mapping[str, date],
    meters: Mapping[date, "_Meter"],
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
        yield meters[days[chosen.get(reading, "")]].measure(decided[key])


def _range(figure: Figure, values: Floats, choices: Sequence[dict[str, str]]) -> FigureRange:
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
            Contribution(reading, option, value, value - default)
            for (reading, option), value in alone.items()
        ),
    )


# --- figures -----------------------------------------------------------------------------------

_LEAVING: Final = {
    "ukraine_leaves_km2": "Land that Ukraine's forces leave",
    "russia_leaves_km2": "Land that Russia's forces leave",
    "net_leaves_km2": "What Ukraine's forces leave minus what Russia's forces leave",
}
_COUNTRY: Final = {
    "area_km2": ("km2", "The country"),
    "ukraine_held_km2": ("km2", "Held by Ukraine on the day of the line"),
    "russia_held_km2": ("km2", "Held by Russia on the day of the line"),
    "contact_line_km": ("km", "Length of the line of contact inside the country"),
}
_FIGURES: Final = (
    *(Figure("area_km2", str(item), "km2", item.label) for item in Category),
    *(Figure(name, "total", "km2", label) for name, label in _LEAVING.items()),
    *(Figure("recognised_as_km2", str(item), "km2", "Recognised") for item in Recognition),
    *(Figure("settlements", str(item), "", item.label) for item in Category),
    *(Figure("population_recorded", str(item), "people", item.label) for item in Category),
    *(Figure(name, "country", unit, label) for name, (unit, label) in _COUNTRY.items()),
)


class _Meter:
    """Measures one day; sums are kept by which faces they are over."""

    def __init__(self, divided: Gazetteer) -> None:
        self._divided = divided
        self._partition = divided.partition
        partition = self._partition
        self.pairs = list(zip(partition.oblast_id, partition.held_by, strict=True))
        faces = len(partition)
        located = divided.face >= 0
        self._settlements = np.bincount(divided.face[located], minlength=faces)
        known = np.nan_to_num(divided.places.population[located]).astype(np.int64)
        self._population = np.zeros(faces, dtype=np.int64)
        np.add.at(self._population, divided.face[located], known)
        self._sums: dict[bytes, tuple[float, float, float]] = {}
        held = {holder: partition.held_by == holder for holder in Control}
        self._country = [
            float(partition.boundaries.area_km2.sum()),
            *(float(np.where(held[holder], partition.area_km2, 0.0).sum()) for holder in Control),
            float(line_km_by_oblast(partition).sum()),
        ]

    def measure(self, outcomes: Mapping[tuple[str, Control], Outcome]) -> list[float]:
        """Return the figures in their order."""
        rows = [outcomes[pair] for pair in self.pairs]
        silent = sorted({pair[0] for pair in self.pairs if outcomes[pair].category is None})
        if silent:
            message = f"no clause says what becomes of land that Russia holds in {silent}"
            raise PlanError("readings", [Fault("clause", message)])
        areas, places, people = zip(
            *(
                self._sum(np.array([row.category is category for row in rows]))
                for category in Category
            ),
            strict=True,
        )
        ukraine, russia = (
            float(left_km2(self._partition, np.array([row.change is side for row in rows])).sum())
            for side in (Change.UKRAINE_WITHDRAWS, Change.RUSSIA_WITHDRAWS)
        )
        recognised = [
            self._sum(np.array([row.recognised_as is item for row in rows]))[0]
            for item in Recognition
        ]
        ledger = [ukraine, russia, ukraine - russia]
        return [*areas, *ledger, *recognised, *places, *people, *self._country]

    def _sum(self, mine: Any) -> tuple[float, float, float]:  # noqa: ANN401
        key = mine.tobytes()
        if key not in self._sums:
            self._sums[key] = (
                float(self._partition.area_km2[mine].sum()),
                float(self._settlements[mine].sum()),
                float(self._population[mine].sum()),
            )
        return self._sums[key]
