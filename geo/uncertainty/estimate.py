"""Estimate the uncertainty of each area from that of the line."""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
import shapely

from geo.arguments import show
from geo.crs import Floats
from geo.model.control import Control
from geo.model.identity import Identity
from geo.model.partition import Partition
from geo.numerics import whole
from geo.parallel import LostBatch, map_in_order
from geo.plans.outcomes import Settlement, apply_plan
from geo.plans.plan import Category, Change
from geo.repr_html import Rich
from geo.scenario import Scenario
from geo.statistics.tables import By, Column, Table
from geo.uncertainty.displacement import (
    DISPLACEMENT_UNIT_KM,
    LENGTH_UNIT_KM,
    DisplacementModel,
    make_displacement_model,
)
from geo.uncertainty.strips import Strips, cut_strips

__all__ = ["FIGURE_COLUMNS", "Uncertainty", "UncertaintyBy", "area_figures"]
__all__ += ["estimate_uncertainty"]

_BLOCK: Final = 200
FIGURE_COLUMNS: Final = (
    Column("by", "", "Table of statistics the figure stands in: category, oblast, change, country"),
    Column("key", "", "Its row there: a category, an ISO 3166-2 code, or 'country'"),
    Column("figure", "", "Its column there"),
)
"""Say which area of the statistics a row is about."""

_COLUMNS: Final = (
    *FIGURE_COLUMNS,
    Column("value_km2", "km2", "The figure for the line as it is drawn, as in the statistics"),
    Column("mean_km2", "km2", "Mean over the draws"),
    Column("sd_km2", "km2", "Standard deviation over the draws"),
    Column("low_km2", "km2", "Lower end of the interval: as many draws lie below as above its end"),
    Column("high_km2", "km2", "Upper end of the interval"),
    Column("first_order_sd_km2", "km2", "Standard deviation by the first-order estimate"),
    Column("first_order_error_km2", "km2", "By how much the two may differ"),
)
_SIGMAS: Final = 4.0
_AREA_UNIT_KM2: Final = 2.0**-20

Context: TypeAlias = tuple[DisplacementModel, Strips]
Block: TypeAlias = tuple[np.random.Generator, int]


class UncertaintyBy(StrEnum):
    """Rows of the table."""

    FIGURE = "figure"


@dataclass(frozen=True, eq=False)
class Uncertainty(Rich):
    """Intervals of all areas of a scenario.

    Parameters
    ----------
    identity
        What the figures depend on.
    table
        One row for each figure; see its columns.
    draws_km2
        Every figure in every draw, shape (draws, figures), columns as the rows of ``table``.
    interval
        Share of the draws between ``low_km2`` and ``high_km2``.
    seed
        What the random numbers came from; ``None`` when a generator was given.
    half_width_km, correlation_length_km
        The model, see :class:`geo.uncertainty.displacement.DisplacementModel`.
    definition
        What the line's source means by its uncertainty.
    """

    identity: Identity
    table: Table
    draws_km2: Floats
    interval: float
    seed: int | None
    half_width_km: float
    correlation_length_km: float
    definition: str

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.draws_km2)


@dataclass(frozen=True, eq=False)
class _Figures:
    """Figures as sums of the areas of (oblast, holder); ``weights`` has shape (n, 2 oblasts)."""

    names: list[tuple[str, str, str]]
    weights: Floats
    value_km2: Floats


def area_figures(scenario: Scenario) -> dict[tuple[By, str, str], float]:
    """Read the areas off the tables, so that they are the same to the last digit.

    Parameters
    ----------
    scenario
        A plan applied to a day.

    Returns
    -------
    dict
        From table, row and column to km²: by category, by oblast and holder, what each side
        leaves, and the country.
    """
    keys = {By.CATEGORY: "category", By.OBLAST: "oblast", By.CHANGE: "oblast", By.COUNTRY: ""}
    rows = [
        (by, row.get(key, "country"), row)
        for by, key in keys.items()
        for row in scenario.table(by).rows
    ]
    rows += [(By.COUNTRY, "country", row) for row in scenario.table(By.CHANGE).totals]
    return {
        (by, str(key), name): value
        for by, key, row in rows
        for name, value in row.items()
        if name.endswith("_km2") and isinstance(value, float)
    }


def estimate_uncertainty(
    scenario: Scenario,
    *,
    draws: int = 1_000,
    seed: int | np.random.Generator = 0,
    interval: float = 0.9,
    uncertainty_km: float | None = None,
    correlation_length_km: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
) -> Uncertainty:
    """Displace the line many times and measure what becomes of the figures.

    Parameters
    ----------
    scenario
        A plan applied to a day.
    draws
        How often the line is displaced, at least 2.
    seed
        A number, or a generator, which then spawns one for each block of 200 draws. The same
        seed gives the same figures, whoever draws.
    interval
        Share of the draws between the lower and the upper end, between 0 and 1.
    uncertainty_km
        Half-width of the band the line lies in; by default what the line states of itself.
    correlation_length_km
        By default 1.2 times the uncertainty.
    progress
        Called after each block with the draws done and all draws.
    workers
        Processes that draw, this one included; worth it from some ten thousand draws.
    executor
        Draws instead, for instance ``dask.distributed.Client(...).get_executor()``; ``workers`` is
        then how many blocks it has at a time. A block that is lost with its process is drawn here.

    Returns
    -------
    Uncertainty
        Mean, standard deviation and interval of every area: by category, by oblast and holder,
        what each side leaves, and the country; with a first-order estimate beside it.

    Raises
    ------
    UnknownUncertaintyError
        The line states no uncertainty, and none was given.
    ValueError
        ``draws`` or ``interval`` is out of range.
    PlanError
        The line may move into an oblast for which the plan says nothing of Russian-held land.

    Notes
    -----
    Ground changes hands when the element of line nearest to it is displaced past it; areas add up
    to the country in every draw. The first-order estimate takes the area that changes hands to be
    the integral of the displacement along the line and needs no draws. Standard deviations differ
    by no more than the remainder's (exactly, by the triangle inequality) and four times the
    sampling error of a standard deviation: ``first_order_error_km2``.

    References
    ----------
    Heuvelink, G. B. M. (1998). Error Propagation in Environmental Modelling with GIS. Taylor &
    Francis, chapters 3 and 4. JCGM 101:2008, Propagation of distributions using a Monte Carlo
    method.
    """
    if draws < 2:
        raise ValueError(f"draws: expected at least 2; got {draws}")
    if not 0.0 < interval < 1.0:
        raise ValueError(f"interval: expected a share between 0 and 1, got {show(interval)}")
    model, strips = _prepare(scenario.partition, uncertainty_km, correlation_length_km)
    figures = _list_figures(scenario, strips)
    blocks = _displace((model, strips), draws, seed, workers, executor)
    growth, linear = _collect(blocks, draws, progress)
    covariance = model.covariance_of(strips.along_km)
    changes = _per_growth(figures.weights)
    gained = growth @ changes.T
    pairs = changes[:, :, None] * changes[:, None, :] * covariance
    variance = pairs.reshape(len(changes), -1).sum(axis=1)
    remainder = gained - linear @ changes.T
    deviation = np.sqrt(np.maximum(variance, 0.0))
    table = _tabulate(figures, gained, deviation, remainder, interval)
    return Uncertainty(
        identity=scenario.identity,
        table=replace(table, about={"identity": scenario.identity.to_dict()}),
        draws_km2=figures.value_km2 + gained,
        interval=interval,
        seed=None if isinstance(seed, np.random.Generator) else int(seed),
        half_width_km=model.half_width_km,
        correlation_length_km=model.correlation_length_km,
        definition=scenario.line.uncertainty_definition if uncertainty_km is None else "",
    )


@lru_cache(maxsize=4)
def _prepare(
    partition: Partition, uncertainty_km: float | None, correlation_length_km: float | None
) -> tuple[DisplacementModel, Strips]:
    """Do what does not depend on plan, draws and seed; once for the lines used last."""
    model = make_displacement_model(
        partition.boundaries,
        partition.line,
        uncertainty_km=uncertainty_km,
        correlation_length_km=correlation_length_km,
    )
    return model, cut_strips(partition, model)


def _displace(
    context: Context,
    draws: int,
    seed: int | np.random.Generator,
    workers: int,
    executor: Executor | None,
) -> Iterator[tuple[Floats, Floats]]:
    """Draw block by block; each has its own generator, so that it does not matter who draws."""
    sizes = [min(_BLOCK, draws - start) for start in range(0, draws, _BLOCK)]
    generators = np.random.default_rng(seed).spawn(len(sizes))
    blocks = zip(generators, sizes, strict=True)
    for found in map_in_order(
        _measure_block, context, blocks, batch=1, workers=workers, executor=executor
    ):
        yield _measure_block(context, found.items) if isinstance(found, LostBatch) else found


def _collect(
    blocks: Iterable[tuple[Floats, Floats]],
    draws: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Floats, Floats]:
    """Put the blocks together and say how far they are."""
    found, done = [], 0
    for block in blocks:
        found.append(block)
        done += len(block[0])
        if progress is not None:
            progress(done, draws)
    return np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])


def _measure_block(context: Context, blocks: tuple[Block, ...]) -> tuple[Floats, Floats]:
    """Return the growth of Russian-held land by oblast, measured and to first order."""
    (model, strips), ((generator, count),) = context, blocks
    displacement = model.draw(count, generator)
    moved = whole(displacement, DISPLACEMENT_UNIT_KM)
    along = whole(strips.along_km, LENGTH_UNIT_KM)
    linear = moved @ along  # whole numbers: the same in whatever order they are added
    growth = whole(strips.growth_km2(displacement), _AREA_UNIT_KM2) * _AREA_UNIT_KM2
    return growth, linear * (DISPLACEMENT_UNIT_KM * LENGTH_UNIT_KM)


def _per_growth(weights: Floats) -> Floats:
    """Return what a figure gains when Russian-held land of an oblast grows, (n, oblasts)."""
    return np.asarray(weights[:, 0::2] - weights[:, 1::2])


def _imagine(scenario: Scenario, strips: Strips) -> Settlement:
    """Apply the plan to all (oblast, holder) that exist or that a displaced line may bring."""
    partition = scenario.partition
    ids = partition.boundaries.ids
    known = dict(
        zip(zip(partition.oblast_id, partition.held_by, strict=True), partition.area_km2,
            strict=True)
    )  # fmt: skip
    reachable = strips.reachable(len(ids))
    rows = [
        (unit, holder)
        for number, unit in enumerate(ids)
        for holder in (Control.RUSSIA, Control.UKRAINE)
        if (unit, holder) in known or reachable[holder.other][number]
    ]
    nothing = np.array([shapely.Polygon()] * len(rows), dtype=object)
    imagined = replace(
        partition,
        oblast_id=np.array([unit for unit, _ in rows], dtype=object),
        held_by=np.array([holder for _, holder in rows], dtype=object),
        geometry=nothing,
        area_km2=np.array([known.get(row, 0.0) for row in rows]),
    )
    return apply_plan(imagined, scenario.plan)


Group: TypeAlias = tuple[By, str, dict[str, Floats], Floats]


def _list_figures(scenario: Scenario, strips: Strips) -> _Figures:
    """Write every area of the tables as a sum over (oblast, holder)."""
    settlement = _imagine(scenario, strips)
    partition, oblasts = settlement.partition, len(scenario.boundaries)
    column = partition.oblast_row * 2 + np.where(partition.held_by == Control.RUSSIA, 0, 1)
    known = area_figures(scenario)
    names, weights, values = [], [], []
    for by, key, columns, mine in _groups(settlement):
        if by is By.CATEGORY and not mine.any() and (by, key, "area_km2") not in known:
            continue
        for name, share in columns.items():
            names.append((str(by), key, name))
            weights.append(np.bincount(column, share * mine, 2 * oblasts))
            values.append(known.get((by, key, name), 0.0))
    return _Figures(names, np.array(weights), np.array(values))


def _groups(settlement: Settlement) -> Iterator[Group]:
    """Yield table, row, and what each face gives to its columns, and whether it belongs there."""
    partition = settlement.partition
    every = np.ones(len(partition))
    russia = np.where(partition.held_by == Control.RUSSIA, 1.0, 0.0)
    held = {"ukraine_held_km2": 1.0 - russia, "russia_held_km2": russia}
    change = np.array([outcome.change for outcome in settlement.outcomes], dtype=object)
    ukraine_leaves = np.where(change == Change.UKRAINE_WITHDRAWS, 1.0, 0.0)
    russia_leaves = np.where(change == Change.RUSSIA_WITHDRAWS, 1.0, 0.0)
    leaves = {
        "ukraine_leaves_km2": ukraine_leaves,
        "russia_leaves_km2": russia_leaves,
        "net_leaves_km2": ukraine_leaves - russia_leaves,
    }
    for category in Category:
        mine = np.where(settlement.category == category, 1.0, 0.0)
        yield By.CATEGORY, str(category), {"area_km2": every, **held}, mine
    ids = partition.boundaries.ids
    for row, unit in enumerate(ids):
        yield By.OBLAST, unit, held, np.where(partition.oblast_row == row, 1.0, 0.0)
    for row, unit in enumerate(ids):
        mine = np.where(partition.oblast_row == row, 1.0, 0.0)
        if (mine * (ukraine_leaves + russia_leaves)).any():
            yield By.CHANGE, unit, leaves, mine
    yield By.COUNTRY, "country", {**leaves, **held}, every


def _tabulate(
    figures: _Figures, gained: Floats, first_order_sd: Floats, remainder: Floats, interval: float
) -> Table:
    draws, value = len(gained), figures.value_km2
    tail = (1.0 - interval) / 2.0
    low, high = np.quantile(gained, [tail, 1.0 - tail], axis=0)
    error = remainder.std(axis=0, ddof=1)
    error += _SIGMAS * first_order_sd / math.sqrt(2.0 * (draws - 1))
    measured = (
        value,
        value + gained.mean(axis=0),
        gained.std(axis=0, ddof=1),
        value + low,
        value + high,
        first_order_sd,
        error,
    )
    names = [column.name for column in _COLUMNS]
    rows: list[dict[str, Any]] = [
        dict(zip(names, [*name, *numbers], strict=True))
        for name, numbers in zip(figures.names, np.array(measured).T.tolist(), strict=True)
    ]
    return Table(UncertaintyBy.FIGURE, _COLUMNS, tuple(rows))
