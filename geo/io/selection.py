"""Select features by condition, status and day; refuse to unite different ones unasked.

Features are united to one line or area only if they say the same. What they say is known for
DeepState's statuses and for days. Where a property that reads as a status has several values, or
any property speaks of different states or days, the choice is offered and nothing is guessed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from geo.dates import day_in_name, read_day
from geo.errors import DataFormatError, UndecidedError
from geo.formats.features import find_property, label
from geo.formats.file_choice import find_named, undecided
from geo.io.statuses import (
    HELD_MARKS,
    deepstate_mark,
    states_of,
    tells_day,
    tells_status,
)
from geo.model.united import LeftOut, Reason, United, distinct, first_names, shown

__all__ = ["Selected", "rows_where", "select_features"]

Rows = list[int]
Properties = Sequence[Mapping[str, Any]]

_DAY: Final = ("date", "дата")
_DAY_TOO: Final = ("day", "datetime", "timestamp", "день", "begin")
"""Read as days only if all their values are such."""
_NAME: Final = ("name", "title", "label", "назва", "название", "ім'я", "имя")


@dataclass(frozen=True)
class Selected:
    """Features that are meant, before the day is chosen.

    Parameters
    ----------
    name
        The file, for messages.
    properties
        Properties of all features of the file.
    rows
        Rows of the features that are meant.
    days
        The day of each of them, ``None`` where it states none.
    chosen
        Whether a condition was given: then what is alike was decided by who gave it.
    left_out
        Rows of the others, with the reason.
    choice
        What was asked for, for the report.
    """

    name: str
    properties: Properties
    rows: Rows
    days: tuple[date | None, ...]
    chosen: bool
    left_out: tuple[tuple[Reason, Rows], ...] = ()
    choice: str = ""

    @property
    def dates(self) -> tuple[date, ...]:
        """The days that are stated, in order."""
        return tuple(sorted({day for day in self.days if day is not None}))

    def without(self, reason: Reason, keep: Callable[[int], bool]) -> "Selected":
        """Return only the features whose row is to be kept; the others are left out."""
        kept = [keep(row) for row in self.rows]
        others = [row for row, keeps in zip(self.rows, kept, strict=True) if not keeps]
        left = (*self.left_out, *([(reason, others)] if others else []))
        return replace(
            self,
            rows=[row for row, keeps in zip(self.rows, kept, strict=True) if keeps],
            days=tuple(day for day, keeps in zip(self.days, kept, strict=True) if keeps),
            left_out=left,
        )

    def on(self, day: date) -> "Selected":
        """Return only the features of a day.

        Raises
        ------
        DataFormatError
            No feature states this day; lists the days that are stated.
        """
        if not self.dates:
            raise DataFormatError(
                f"{self.name}: no feature states a day in a property 'date', so that none can be "
                f"chosen. Leave day={day} out."
            )
        if day not in self.dates:
            raise undecided(self.name, f"holds nothing of {day}", "day", _newest_first(self.dates))
        days = dict(zip(self.rows, self.days, strict=True))
        return self.without(Reason.DAY, lambda row: days[row] == day)

    def unite(self, day: date | None = None) -> tuple[Rows, United]:
        """Choose the features of a day, and check that they say the same.

        Parameters
        ----------
        day
            The day; not needed if the features do not state several.

        Returns
        -------
        rows : list of int
            The features to be united.
        united : United
            The report of what is united.

        Raises
        ------
        UndecidedError
            Several days and none is chosen, or not this one, or features of different status: lists
            the choices.
        """
        mine = self._of_day(day)
        if not self.chosen:
            _check_alike(self.name, self.properties, mine.rows)
        names = [_name_of(self.properties[row]) for row in mine.rows]
        left = [
            LeftOut(reason, len(rows), first_names(_name_of(self.properties[row]) for row in rows))
            for reason, rows in mine.left_out
        ]
        united = United(
            features=len(mine.rows),
            names=first_names(names),
            distinct_names=len(distinct(names)),
            days=mine.dates,
            left_out=tuple(left),
            choice=self.choice,
        )
        return mine.rows, united

    def _of_day(self, day: date | None) -> "Selected":
        dates = self.dates
        if not dates:
            return self
        undated = [row for row, mine in zip(self.rows, self.days, strict=True) if mine is None]
        if undated and day is None:
            why = (
                "expected a day for every feature, as others have one; "
                f"{label(undated[0], self.properties)} states none"
            )
            raise undecided(self.name, why, "day", _newest_first(dates))
        if day is None and len(dates) > 1:
            why = (
                f"expected features of one day; it holds {len(dates)} days from {dates[0]} to "
                f"{dates[-1]}"
            )
            raise undecided(self.name, why, "day", _newest_first(dates))
        return self if day is None else self.on(day)


def select_features(
    name: str,
    properties: Properties,
    *,
    where: Sequence[str] = (),
    rows: Iterable[int] | None = None,
) -> Selected:
    """Find the features of a file that are meant.

    Parameters
    ----------
    name
        The file, for messages.
    properties
        Properties of each feature.
    where
        Conditions ``NAME=VALUE``, see :class:`geo.formats.file_choice.FileChoice`.
    rows
        Only these features; all by default.

    Returns
    -------
    Selected
        Features that fulfil the conditions and that DeepState's statuses, if there are any, call
        held; their days are read.

    Raises
    ------
    DataFormatError
        A condition fits no feature, nothing is held, or a day cannot be read.
    """
    among = list(range(len(properties)) if rows is None else rows)
    selected = Selected(name, properties, among, (None,) * len(among), bool(where))
    if where:
        fits = set(rows_where(name, properties, where, among))
        selected = selected.without(Reason.NOT_CHOSEN, fits.__contains__)
    selected = _held_by_deepstate(selected)
    days = _find_days(name, properties, selected.rows)
    return Selected(name, properties, selected.rows, days, selected.chosen, selected.left_out)


# --- conditions --------------------------------------------------------------------------------


def rows_where(
    name: str, properties: Properties, where: Sequence[str], rows: Iterable[int] | None = None
) -> list[int]:
    """Return the features that fulfil all conditions.

    Parameters
    ----------
    name
        The file, for messages.
    properties
        Properties of each feature.
    where
        Conditions ``NAME=VALUE``; those on one property are alternatives.
    rows
        Only these features; all by default.

    Returns
    -------
    list of int
        At least one row.

    Raises
    ------
    DataFormatError
        There is no such property, or no feature with the value: lists those there are.
    """
    among = list(range(len(properties)) if rows is None else rows)
    fields = list(dict.fromkeys(key for row in among for key in properties[row]))
    wanted: dict[str, list[str]] = {}
    for text in where:
        field, value = _split_condition(name, text, fields)
        found = [find_property(properties[row], field) for row in among]
        named = _find_value(value, found)
        if named is None:
            why = f"no feature has {field}={value}"
            raise undecided(name, why, "where", (f"{field}={one}" for one in distinct(found)))
        wanted.setdefault(field.casefold(), []).append(named)
    fitting = [
        row
        for row in among
        if all(
            shown(find_property(properties[row], field)).casefold() in values
            for field, values in wanted.items()
        )
    ]
    if not fitting:
        raise DataFormatError(f"{name}: no feature fulfils all of {' and '.join(where)}.")
    return fitting


def _split_condition(name: str, text: str, fields: Sequence[str]) -> tuple[str, str]:
    """Split NAME=VALUE at the name of a property, which may hold the sign itself."""
    known = [field for field in fields if text.casefold().startswith(f"{field.casefold()}=")]
    if known:
        field = max(known, key=len)
        return field, text[len(field) + 1 :]
    field, sign, _ = text.partition("=")
    if not sign:
        raise DataFormatError(
            f"{name}: expected where=PROPERTY=VALUE; got where={text}. Properties are "
            f"{', '.join(fields) or 'none'}."
        )
    known_fields = ", ".join(fields) or "none"
    raise DataFormatError(
        f"{name}: no feature has a property {field!r}. Properties are {known_fields}."
    )


def _find_value(wanted: str, values: Iterable[object]) -> str | None:
    """Find the value that was named, in the letters in which values are compared."""
    texts = {shown(value).casefold() for value in values}
    named = find_named(wanted.casefold(), texts)
    return named if named is not None else find_named(shown(wanted).casefold(), texts)


# --- statuses ----------------------------------------------------------------------------------


def _held_by_deepstate(selected: Selected) -> Selected:
    """Keep what DeepState calls held, if features bear its statuses."""
    marks = {row: deepstate_mark(selected.properties[row]) for row in selected.rows}
    known = {mark for mark in marks.values() if mark}
    if not known or (selected.chosen and len(known) == 1 and all(marks.values())):
        return selected
    held = {row for row, mark in marks.items() if mark in HELD_MARKS}
    if not held:
        why = (
            "expected areas that Russia holds; by DeepState's statuses it has none "
            f"({', '.join(sorted(known))})"
        )
        names = distinct(_name_of(selected.properties[row]) for row in selected.rows if marks[row])
        raise undecided(selected.name, why, "where", (f"name={name}" for name in names))
    marked = selected.without(Reason.NO_STATUS, lambda row: bool(marks[row]))
    return marked.without(Reason.STATUS, held.__contains__)


def _check_alike(name: str, properties: Properties, rows: Rows) -> None:
    """Refuse features of different status; offer the values of the property that says so."""
    fields = list(dict.fromkeys(key for row in rows for key in properties[row]))
    for field in fields:
        found = [shown(find_property(properties[row], field)) for row in rows]
        if len({text.casefold() for text in found}) == 1:
            continue
        if tells_status(field, found):
            states = sorted({state for text in set(found) for state in states_of(text)})
            speaks = f" and speaks of {', '.join(states)}" if states else ""
            raise _unlike(name, field, found, f"its property {field!r} has several values{speaks}")
        if _are_several_days(found) and tells_day(field, found):
            why = f"its property {field!r} has several days (drop it if it is not their day)"
            raise _unlike(name, field, found, why)


def _are_several_days(values: Sequence[str]) -> bool:
    try:
        return len({read_day(value) for value in values} - {None}) > 1
    except ValueError:
        return False


def _unlike(name: str, field: str, values: Sequence[str], why: str) -> UndecidedError:
    choices = [f"{field}={value}" for value in dict.fromkeys(values)]
    both = f"#where={choices[0]}&where={choices[1]}"
    return undecided(
        name,
        f"expected features that say the same; {why} (to unite some of them, name each: {both!r})",
        "where",
        choices,
    )


def _newest_first(dates: Sequence[date]) -> list[str]:
    return [day.isoformat() for day in dates[::-1]]


def _name_of(properties: Mapping[str, Any]) -> str:
    return next((text for name in _NAME if (text := shown(find_property(properties, name)))), "")


# --- days --------------------------------------------------------------------------------------


def _find_days(name: str, properties: Properties, rows: Rows) -> tuple[date | None, ...]:
    """Return the day of each feature: from its date, or from its name if all names have one."""
    for field in _DAY:
        days = [_read_stated(name, field, row, properties) for row in rows]
        if any(days):
            return tuple(days)
    for field in _DAY_TOO:
        try:
            days = [read_day(find_property(properties[row], field)) for row in rows]
        except ValueError:
            continue
        if any(days):
            return tuple(days)
    days = [day_in_name(_name_of(properties[row])) for row in rows]
    return tuple(days) if days and all(days) else (None,) * len(rows)


def _read_stated(name: str, field: str, row: int, properties: Properties) -> date | None:
    try:
        return read_day(find_property(properties[row], field))
    except ValueError as error:
        raise DataFormatError(
            f"{name}: {label(row, properties)}, property {field!r}: {error}. Write it as "
            "YYYY-MM-DD, or rename or drop the property: a file of one day needs none."
        ) from error
