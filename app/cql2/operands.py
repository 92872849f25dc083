"""Operands of filters: a column, or a literal."""

import operator
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.cql2.feature_table import Booleans
from app.cql2.fields import Kind
from geo.arguments import show

__all__ = ["Operand", "compare", "fold_case", "read_day", "strip_accents", "to_operand"]

_SECONDS_OF_DAY: Final = 86_400.0


@dataclass(frozen=True)
class Operand:
    """n values of one kind, and which of them are not known. Days are numbers of the calendar."""

    kind: Kind
    values: npt.NDArray[Any]
    missing: Booleans
    is_literal: bool = False

    def changed(self, change: Callable[[str], str]) -> "Operand":
        """Return the words changed one by one."""
        words = np.array([change(word) for word in self.values.tolist()], dtype=np.str_)
        return replace(self, values=words)


def fold_case(word: str) -> str:
    """Take away the difference of capital and small letters."""
    return word.casefold()


def strip_accents(word: str) -> str:
    """Take away what stands above and below letters."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part))


def read_day(text: str) -> float:
    """Read a day or an instant as a number of days.

    Raises
    ------
    ValueError
        It is neither.
    """
    try:
        if len(text) == len("2025-11-21"):
            return float(date.fromisoformat(text).toordinal())
        moment = datetime.fromisoformat(text.upper())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"expected a day such as 2025-11-21, from the year 1 to 9999; got {show(text)}."
        ) from error
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    return moment.toordinal() + seconds / _SECONDS_OF_DAY


def to_operand(literal: object, count: int) -> Operand:
    """Read a literal of CQL2 JSON.

    Parameters
    ----------
    literal
        A number, words, or ``{"date": ...}``, ``{"timestamp": ...}``.
    count
        How many values it stands for.

    Raises
    ------
    ValueError
        It is of no kind that can be compared.
    """
    known = np.zeros(count, dtype=bool)
    if isinstance(literal, str):
        return Operand(Kind.TEXT, np.full(count, literal), known, is_literal=True)
    if isinstance(literal, int | float) and not isinstance(literal, bool):
        return Operand(Kind.NUMBER, np.full(count, float(literal)), known, is_literal=True)
    if isinstance(literal, Mapping):
        for name in ("date", "timestamp"):
            if name in literal:
                day = read_day(str(literal[name]))
                return Operand(Kind.DAY, np.full(count, day), known, is_literal=True)
    raise ValueError("expected a property, a number, words in quotation marks, or a DATE.")


_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def compare(op: str, left: Operand, right: Operand) -> tuple[Booleans, Booleans]:
    """Compare value by value.

    Returns
    -------
    true, known
        Where the comparison holds, and where both values are known.

    Raises
    ------
    ValueError
        The values are of different kinds.
    """
    left, right = _as_day(left, right), _as_day(right, left)
    if left.kind is not right.kind:
        raise ValueError(f"a {left.kind.value} is compared with a {right.kind.value}.")
    true = np.asarray(_COMPARISONS[op](left.values, right.values), dtype=bool)
    return true, ~(left.missing | right.missing)


def _as_day(operand: Operand, other: Operand) -> Operand:
    """Read words in quotation marks as a day where they are compared with days."""
    if other.kind is not Kind.DAY or operand.kind is not Kind.TEXT or not operand.is_literal:
        return operand
    days = np.array([read_day(word) for word in operand.values[:1].tolist()])
    return replace(operand, kind=Kind.DAY, values=np.resize(days, len(operand.values)))
