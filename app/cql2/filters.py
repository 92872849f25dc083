"""Parse CQL2 filters and evaluate them over columns.

A predicate is true, false, or neither where a value is not known; features for which it is true
are kept.

References
----------
OGC 21-065r2, Common Query Language (CQL2).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn

import numpy as np

from app.cql2.errors import InvalidQueryError
from app.cql2.feature_table import Booleans, FeatureTable
from app.cql2.fields import FIELDS, GEOMETRY, Kind
from app.cql2.operands import Operand, compare, fold_case, strip_accents, to_operand
from app.cql2.spatial_functions import SPATIAL, read_geometry
from app.cql2.temporal_functions import TEMPORAL, read_period
from app.cql2.wildcards import Wildcards
from app.errors import ParameterFault
from geo.arguments import closest, hint_at, show
from geo.arrays import Geometries

__all__ = ["MOST_CHARACTERS", "find_rows"]

MOST_CHARACTERS: Final = 4000
_MOST_LEVELS: Final = 40
_MOST_BRACKETS: Final = 10
"""How deep brackets may be nested in text: the parser's time can double with each level."""
_STRING: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_CHAIN: Final = re.compile(r"(?:[-+^]\s*){8}|(?:\bnot\b[\s(]*){20}|(?:\^[^^]*){20}", re.IGNORECASE)

_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_PARTS: Final = {
    "not": (1, 1),
    "isNull": (1, 1),
    "casei": (1, 1),
    "accenti": (1, 1),
    "between": (3, 3),
    "-": (1, 2),
    "and": (1, MOST_CHARACTERS),
    "or": (1, MOST_CHARACTERS),
}
"""How many parts what does not have two of them has."""

Expression = Any


@dataclass(frozen=True)
class _Truth:
    """Rows for which a predicate is true, and rows for which it is false; neither if unknown."""

    true: Booleans
    false: Booleans

    def __and__(self, other: "_Truth") -> "_Truth":
        return _Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: "_Truth") -> "_Truth":
        return _Truth(self.true | other.true, self.false & other.false)

    def __invert__(self) -> "_Truth":
        return _Truth(self.false, self.true)


def _refuse(text: str, why: str) -> NoReturn:
    message = f"Parameter 'filter': {why}"
    raise InvalidQueryError([ParameterFault("filter", message, text)])


def find_rows(table: FeatureTable, text: str, language: str) -> Booleans:
    """Tell which features a filter keeps.

    Parameters
    ----------
    table
        The features, n of them.
    text
        The filter.
    language
        ``cql2-text`` or ``cql2-json``.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Raises
    ------
    InvalidQueryError
        It is no CQL2, or asks for a property, function or comparison that there is not.
    """
    expression = _parse(text, language)
    if _depth(expression) > _MOST_LEVELS:
        _refuse(text, f"expected at most {_MOST_LEVELS} levels of parts within parts.")
    with np.errstate(all="ignore"):
        return _Evaluation(table, text).truth(expression).true


def _parse(text: str, language: str) -> Expression:
    """Parse; what would exhaust the parser's stack is refused beforehand."""
    import cql2

    if len(text) > MOST_CHARACTERS:
        _refuse(text, f"expected at most {MOST_CHARACTERS} characters; got {len(text)}.")
    if language == "cql2-text":
        _check_brackets(text)
    elif (_nesting(_JSON_STRING.sub('""', text)) or 0) > _MOST_LEVELS:
        _refuse(text, f"expected at most {_MOST_LEVELS} levels of parts within parts.")
    try:
        parse = cql2.parse_text if language == "cql2-text" else cql2.parse_json
        return parse(text).to_json()
    except Exception as error:  # whatever a third party's parser fails with, the text caused it
        told = " ".join(str(error).split())
        _refuse(text, f"expected a filter in {language}, see /ogc/conformance. {told[:400]}")


def _check_brackets(text: str) -> None:
    """Refuse text whose brackets do not match, or that is nested deeper than people write."""
    bare = _STRING.sub("''", text)
    if _CHAIN.search(bare):
        _refuse(text, "expected fewer signs, powers or NOTs in a row.")
    deepest = _nesting(bare)
    if deepest is None:
        _refuse(text, "expected every bracket to be closed, in the order in which they open.")
    if deepest > _MOST_BRACKETS:
        _refuse(
            text,
            f"expected at most {_MOST_BRACKETS} levels of brackets, got {deepest}. "
            "Leave out brackets that change nothing, or write the filter as cql2-json.",
        )


def _nesting(text: str) -> int | None:
    """Return how deep brackets are nested, or ``None`` if they do not match."""
    closing: list[str] = []
    deepest = 0
    for character in text:
        if character in _CLOSING:
            closing.append(_CLOSING[character])
            deepest = max(deepest, len(closing))
        elif character in ")]}" and (not closing or closing.pop() != character):
            return None
    return None if closing else deepest


def _depth(expression: Expression) -> int:
    """Count the levels without recursion; coordinates are none."""
    deepest, waiting = 0, [(expression, 1)]
    while waiting:
        part, level = waiting.pop()
        deepest = max(deepest, level)
        if isinstance(part, Mapping):
            waiting += [(inner, level + 1) for inner in part.get("args", ())]
        elif isinstance(part, list):
            waiting += [(inner, level + 1) for inner in part]
    return deepest


class _Evaluation:
    """Answers the parts of one filter over one table."""

    def __init__(self, table: FeatureTable, text: str) -> None:
        self._table = table
        self._text = text

    def truth(self, part: Expression) -> _Truth:
        """Answer a predicate."""
        if isinstance(part, bool):
            everywhere = np.full(len(self._table), part)
            return _Truth(everywhere, ~everywhere)
        if not isinstance(part, Mapping) or "op" not in part:
            _refuse(self._text, "expected a comparison, such as area_km2 > 100.")
        op, parts = str(part["op"]), part["args"]
        known = {
            **dict.fromkeys(("and", "or", "not"), self._joined),
            **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), self._compared),
            **{"between": self._between, "in": self._among, "like": self._like},
            "isNull": self._missing,
            **dict.fromkeys(SPATIAL, self._located),
            **dict.fromkeys(TEMPORAL, self._dated),
        }
        if op not in known:
            self._refuse_function(op, known)
        self._count(op, parts)
        return known[op](op, parts)

    def _count(self, op: str, parts: list[Expression]) -> None:
        """Check the number of parts: the parser reads ``s_within(geometry)`` as well."""
        fewest, most = _PARTS.get(op, (2, 2))
        if not fewest <= len(parts) <= most:
            _refuse(self._text, f"{op} has {len(parts)} parts; expected {fewest}.")

    def _refuse_function(self, op: str, known: Mapping[str, Any]) -> NoReturn:
        names = tuple(known)
        meant = closest(op, names)
        message = f"Parameter 'filter': there is no function {show(op)} here.{hint_at(meant)}"
        raise InvalidQueryError([ParameterFault("filter", message, op, names, meant)])

    def _joined(self, op: str, parts: list[Expression]) -> _Truth:
        first, *others = [self.truth(part) for part in parts]
        if op == "not":
            return ~first
        for other in others:
            first = first & other if op == "and" else first | other
        return first

    def _compared(self, op: str, parts: list[Expression]) -> _Truth:
        left, right = (self._operand(part) for part in parts)
        return self._compare(op, left, right)

    def _compare(self, op: str, left: Operand, right: Operand) -> _Truth:
        try:
            true, known = compare(op, left, right)
        except ValueError as error:
            _refuse(self._text, str(error))
        return _Truth(true & known, ~true & known)

    def _between(self, op: str, parts: list[Expression]) -> _Truth:
        value, low, high = (self._operand(part) for part in parts)
        return self._compare(">=", value, low) & self._compare("<=", value, high)

    def _among(self, op: str, parts: list[Expression]) -> _Truth:
        value = self._operand(parts[0])
        nothing = np.zeros(len(self._table), dtype=bool)
        found = _Truth(nothing, ~nothing)
        if not isinstance(parts[1], list):
            _refuse(self._text, "IN is followed by values in brackets.")
        for choice in parts[1]:
            found = found | self._compare("=", value, self._operand(choice))
        return found

    def _like(self, op: str, parts: list[Expression]) -> _Truth:
        value, pattern = (self._operand(part) for part in parts)
        if value.kind is not Kind.TEXT or pattern.kind is not Kind.TEXT or not pattern.is_literal:
            _refuse(self._text, "LIKE compares words with a pattern in quotation marks.")
        expected = Wildcards(str(pattern.values[0]) if len(pattern.values) else "")
        matches = [expected.matches(word) for word in value.values.tolist()]
        true = np.array(matches, dtype=bool)
        return _Truth(true & ~value.missing, ~true & ~value.missing)

    def _missing(self, op: str, parts: list[Expression]) -> _Truth:
        missing = self._operand(parts[0]).missing
        return _Truth(missing, ~missing)

    def _located(self, op: str, parts: list[Expression]) -> _Truth:
        one, other = (self._geometry(part) for part in parts)
        true = SPATIAL[op](one, other)
        return _Truth(true, ~true)

    def _dated(self, op: str, parts: list[Expression]) -> _Truth:
        try:
            one, other = (read_period(part, self._operand) for part in parts)
        except ValueError as error:
            _refuse(self._text, str(error))
        true, known = TEMPORAL[op](one, other), one.known & other.known
        return _Truth(true & known, ~true & known)

    def _geometry(self, part: Expression) -> Geometries:
        if isinstance(part, Mapping) and part.get("property") == GEOMETRY:
            return self._table.geometry
        try:
            return read_geometry(part, len(self._table))
        except ValueError as error:
            _refuse(self._text, str(error))

    def _operand(self, part: Expression) -> Operand:
        """Read a property, a literal, or what is computed of them."""
        if isinstance(part, Mapping) and "property" in part:
            return self._property(str(part["property"]))
        if isinstance(part, Mapping) and "op" in part:
            return self._computed(str(part["op"]), part["args"])
        try:
            return to_operand(part, len(self._table))
        except ValueError as error:
            _refuse(self._text, str(error))

    def _property(self, name: str) -> Operand:
        if name not in self._names:
            meant = closest(name, self._names)
            message = (
                f"Parameter 'filter': there is no property {show(name)} here.{hint_at(meant)} "
                f"Known are {', '.join(self._names)}; {GEOMETRY} is for spatial functions."
            )
            raise InvalidQueryError([ParameterFault("filter", message, name, self._names, meant)])
        values, missing = self._table.values(name)
        return Operand(FIELDS[name].kind, values, missing)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self._table.columns)

    def _computed(self, op: str, parts: list[Expression]) -> Operand:
        if op not in {*_OF_WORDS, *_OF_NUMBERS}:
            self._refuse_function(op, {**_OF_WORDS, **_OF_NUMBERS})
        self._count(op, parts)
        operands = [self._operand(part) for part in parts]
        if op in _OF_WORDS and operands[0].kind is Kind.TEXT:
            return operands[0].changed(_OF_WORDS[op])
        if op in _OF_NUMBERS and all(operand.kind is Kind.NUMBER for operand in operands):
            return _calculate(op, operands)
        _refuse(self._text, f"{op} was given values of a kind that it is not for.")


_OF_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "casei": fold_case,
    "accenti": strip_accents,
}
_OF_NUMBERS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "div": lambda left, right: np.trunc(left / right),
    "^": np.power,
}


def _calculate(op: str, operands: list[Operand]) -> Operand:
    if len(operands) == 1:  # a sign in front
        operands = [to_operand(0, len(operands[0].values)), *operands]
    left, right = operands
    values = np.asarray(_OF_NUMBERS[op](left.values, right.values), dtype=np.float64)
    missing = left.missing | right.missing | ~np.isfinite(values)
    return Operand(Kind.NUMBER, values, missing)
