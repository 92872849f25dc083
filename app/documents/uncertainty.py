"""Documents of ``/api/uncertainty`` and ``point21 uncertainty``."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict
from typing import Any, Final

from app.datasets.catalogue import Selection
from app.documents.common import METHOD, write_query
from app.documents.csv_rows import identity_columns, write_csv
from app.errors import InvalidRequestError, ParameterFault
from geo.uncertainty.estimate import Uncertainty, estimate_uncertainty

__all__ = [
    "DRAWS",
    "INTERVAL",
    "LEAST_DRAWS",
    "LEAST_KM",
    "MOST_KM",
    "SEED",
    "describe_uncertainty",
    "estimate",
    "write_uncertainty_csv",
]

DRAWS: Final = 1_000
"""Draws when none are asked for."""

LEAST_DRAWS: Final = 10
SEED: Final = 0
INTERVAL: Final = 0.9

LEAST_KM: Final = 0.001
"""Smallest half-width that can be asked for."""

MOST_KM: Final = 25.0
"""Largest half-width that can be asked for."""

_MODEL: Final = (
    "Each element of the line (0.5 km) is displaced along its normal by u = a (2 Phi(z) - 1): "
    "uniform within the half-width a, z a Gaussian process along the line with Matern covariance "
    "of smoothness 3/2. Ground changes hands when the element nearest to it is displaced past it, "
    "so areas add up to the country in every draw."
)


def estimate(
    selection: Selection,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    interval: float = INTERVAL,
    uncertainty_km: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
) -> Uncertainty:
    """Estimate the uncertainty of a scenario's figures.

    Raises
    ------
    InvalidRequestError
        The line states no uncertainty and none was given.
    """
    line = selection.scenario.line
    if line.uncertainty_km is None and uncertainty_km is None:
        message = (
            f"Parameter 'uncertainty_km' is missing: the line of {line.date} ({line.source}) "
            "states no uncertainty of its own; give the half-width of the band it lies in."
        )
        raise InvalidRequestError([ParameterFault("uncertainty_km", message)])
    return estimate_uncertainty(
        selection.scenario,
        draws=draws,
        seed=seed,
        interval=interval,
        uncertainty_km=uncertainty_km,
        progress=progress,
        workers=workers,
        executor=executor,
    )


def describe_uncertainty(selection: Selection, result: Uncertainty) -> dict[str, Any]:
    """Give every area with its interval, the model, and the meaning of the columns."""
    table = result.table
    return {
        "identity": selection.identity,
        "model": {
            "description": _MODEL,
            "half_width_km": result.half_width_km,
            "correlation_length_km": result.correlation_length_km,
            "definition": result.definition,
        },
        "draws": result.draws,
        "seed": result.seed,
        "interval": result.interval,
        "method": METHOD,
        "units": {column.name: column.unit for column in table.columns if column.unit},
        "columns": [asdict(column) for column in table.columns],
        "rows": list(table.rows),
        "links": {"csv": _path(selection, result)},
    }


def _path(selection: Selection, result: Uncertainty) -> str:
    more = {"draws": result.draws, "seed": result.seed, "interval": result.interval}
    if result.half_width_km != selection.scenario.line.uncertainty_km:
        more["uncertainty_km"] = result.half_width_km
    named = {name: str(value) for name, value in more.items()}
    return f"/api/uncertainty?{write_query(selection, **named, format='csv')}"


def write_uncertainty_csv(selection: Selection, result: Uncertainty) -> bytes:
    """Write one row for each figure as CSV (RFC 4180), identity, draws and seed on each row."""
    more = {"draws": result.draws, "seed": result.seed, "interval": result.interval}
    names = [column.name for column in result.table.columns]
    return write_csv(names, result.table.rows, {**identity_columns(selection), **more})
