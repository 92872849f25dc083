"""Parse days, as arguments and as values in files."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import numpy as np

__all__ = ["DayLike", "as_day", "day_in_name", "read_day"]

DayLike = date | str
"""A day as :func:`as_day` takes it; datetimes and pandas' Timestamps are dates."""

_ISO: Final = re.compile(r"(\d{4})([-/]?)(\d{2})\2(\d{2})(?:[T ].*)?", re.ASCII | re.DOTALL)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T].*)?", re.ASCII | re.DOTALL)
_NUMBER: Final = re.compile(r"-?\d{9,16}(?:\.0*)?", re.ASCII)
_IN_NAME: Final = re.compile(
    r"(?<!\d)(?:(20\d{2})[-_.]?([01]\d)[-_.]?([0-3]\d)|([0-3]\d)\.([01]\d)\.(20\d{2}))(?!\d)"
)
_NOTHING: Final = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "n/a",
        "na",
        "nan",
        "nat",
        "none",
        "null",
        "<null>",
        "нема",
        "немає",
        "нет",
    }
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS: Final = 10**11
"""From here on a number counts milliseconds: as seconds it would lie after the year 5000."""
_YEARS: Final = range(1900, 2200)


def as_day(value: Any, *, what: str = "day") -> date:  # noqa: ANN401
    """Return the day that somebody gives to a function.

    Parameters
    ----------
    value
        A date, a datetime, a pandas Timestamp, a numpy datetime64, or text written YYYY-MM-DD.
    what
        Name of the argument, for the message.

    Returns
    -------
    datetime.date
        The day; of a time, the day in its own time zone.

    Raises
    ------
    TypeError
        It is something else.
    ValueError
        It is a text that is no day.

    Examples
    --------
    >>> as_day("2025-11-21") == as_day(date(2025, 11, 21)) == as_day(datetime(2025, 11, 21, 23))
    True
    """
    if type(value) is date:
        return value
    plain = _without_numpy(value)
    if isinstance(plain, datetime):
        if plain == plain:  # NaT is not equal to itself
            return plain.date()
    elif isinstance(plain, date):
        return plain
    elif isinstance(plain, str):
        found = _from_text(plain.strip())
        if found is not None:
            return found
    else:
        raise TypeError(
            f"{what}: expected a datetime.date, a datetime, a pandas Timestamp or a text such as "
            f"'2025-11-21'; got {type(value).__name__} {value!r:.40}"
        )
    raise ValueError(
        f"{what}: expected a day of the calendar, such as '2025-11-21'; got {value!r:.60}"
    )


def read_day(value: Any) -> date | None:  # noqa: ANN401
    """Read a day as files write it.

    Parameters
    ----------
    value
        A date or time, a text, or a number.

    Returns
    -------
    datetime.date or None
        The day; ``None`` if nothing is stated: nothing, an empty text, ``n/a``.

    Raises
    ------
    ValueError
        Something is stated that is no day.

    Notes
    -----
    Read are ISO 8601 (``2025-11-21``, ``20251121``, with or without a time), ``2025/11/21``,
    ``21.11.2025``, and seconds or milliseconds since 1970. A time gives the day in the time zone it
    is written in; a number that in UTC.
    """
    value = _without_numpy(value)
    if _is_nothing(value):
        return None
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, str):
        found = _from_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _from_number(value)
    else:
        found = None
    if found is None:
        raise ValueError(f"expected a day such as 2025-11-21; got {str(value)[:40]!r}")
    return found


def _without_numpy(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()
    return value.item() if isinstance(value, np.generic) else value


def _is_nothing(value: object) -> bool:
    if isinstance(value, str):
        return value.strip().casefold() in _NOTHING
    return value is None or value != value  # NaN, NaT


def _from_text(text: str) -> date | None:
    """Read a written day; ``None`` if it is none."""
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    if iso is not None:
        return _calendar_day(iso[1], iso[3], iso[4])
    if dotted is not None:
        return _calendar_day(dotted[3], dotted[2], dotted[1])
    return _from_number(float(text)) if _NUMBER.fullmatch(text) else None


def _calendar_day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _from_number(number: float) -> date | None:
    """Read 20251121, or seconds or milliseconds since 1970; ``None`` if it is none of them."""
    if not math.isfinite(number) or number != int(number):
        return None
    if 10**7 <= number < 10**8:
        return _from_text(str(int(number)))
    if abs(number) < 10**8:
        return None
    seconds = number / 1000 if abs(number) >= _FIRST_MS else number
    try:
        day = (_EPOCH + timedelta(seconds=seconds)).date()
    except OverflowError:
        return None
    return day if day.year in _YEARS else None


def day_in_name(name: str) -> date | None:
    """Return the day in a name, if there is one.

    Parameters
    ----------
    name
        A name with 20251121, 2025-11-21 or 21.11.2025 somewhere in it.

    Returns
    -------
    datetime.date or None
        The first such day.
    """
    found = _IN_NAME.search(name)
    if found is None:
        return None
    year, month, day, *dotted = found.groups()
    return _calendar_day(year, month, day) if year else _calendar_day(*dotted[::-1])
