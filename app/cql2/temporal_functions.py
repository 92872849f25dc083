"""Temporal functions of CQL2 over days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from app.cql2.feature_table import Booleans
from app.cql2.fields import Kind
from app.cql2.operands import Operand, read_day
from geo.crs import Floats

__all__ = ["TEMPORAL", "Period", "read_period"]


@dataclass(frozen=True)
class Period:
    """n periods: begin and end in days, equal for an instant; and which are known."""

    begin: Floats
    end: Floats
    known: Booleans


def read_period(part: Any, read: Callable[[Any], Operand]) -> Period:  # noqa: ANN401
    """Read a property, an instant or an interval.

    Parameters
    ----------
    part
        A part of CQL2 JSON.
    read
        Reads what is no interval.

    Raises
    ------
    ValueError
        It is no day.
    """
    if isinstance(part, Mapping) and "interval" in part:
        if len(part["interval"]) != 2:
            raise ValueError("an INTERVAL lies between two days.")
        first, last = part["interval"]
        begin = -np.inf if first == ".." else _read_end(first, read)
        end = np.inf if last == ".." else _read_end(last, read)
        begin, end = np.broadcast_arrays(begin, end)
        return Period(begin, end, np.ones_like(begin, dtype=bool))
    operand = read(part)
    if operand.kind is not Kind.DAY:
        raise ValueError("temporal functions compare days: date, DATE('2025-11-21'), INTERVAL(…).")
    return Period(operand.values, operand.values, ~operand.missing)


def _read_end(part: Any, read: Callable[[Any], Operand]) -> Any:  # noqa: ANN401
    if isinstance(part, str):
        return read_day(part)
    operand = read(part)
    if operand.kind is not Kind.DAY:
        raise ValueError("an INTERVAL lies between two days.")
    return operand.values


TEMPORAL: Final[Mapping[str, Callable[[Period, Period], Booleans]]] = {
    "t_after": lambda a, b: a.begin > b.end,
    "t_before": lambda a, b: a.end < b.begin,
    "t_contains": lambda a, b: (a.begin < b.begin) & (a.end > b.end),
    "t_disjoint": lambda a, b: (a.begin > b.end) | (a.end < b.begin),
    "t_during": lambda a, b: (a.begin > b.begin) & (a.end < b.end),
    "t_equals": lambda a, b: (a.begin == b.begin) & (a.end == b.end),
    "t_finishedby": lambda a, b: (a.begin < b.begin) & (a.end == b.end),
    "t_finishes": lambda a, b: (a.begin > b.begin) & (a.end == b.end),
    "t_intersects": lambda a, b: (a.begin <= b.end) & (a.end >= b.begin),
    "t_meets": lambda a, b: a.end == b.begin,
    "t_metby": lambda a, b: a.begin == b.end,
    "t_overlappedby": lambda a, b: (a.begin > b.begin) & (a.begin < b.end) & (a.end > b.end),
    "t_overlaps": lambda a, b: (a.begin < b.begin) & (a.end > b.begin) & (a.end < b.end),
    "t_startedby": lambda a, b: (a.begin == b.begin) & (a.end > b.end),
    "t_starts": lambda a, b: (a.begin == b.begin) & (a.end < b.end),
}
"""Allen's relations: from n periods and n periods to n truths."""
