"""Check arguments of public functions: names, geometries, degrees."""

import difflib
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import ArgumentError, UnknownNameError

__all__ = ["as_geometries", "check_degrees", "closest", "hint_at", "list_names", "parse_choice"]
__all__ += ["show", "there_is_no", "unknown_name"]

Choice = TypeVar("Choice", bound=StrEnum)

_LONGEST: Final = 80
_CLOSE: Final = 0.6
"""Twice the letters that two names share, over the letters of both, from which they are close."""
_BEYOND_DEG: Final = 1e-3
"""Coordinates this far outside of the globe are rounding."""


def closest(given: str, known: Iterable[str]) -> str | None:
    """Find the known name that was probably meant, whatever its letters' case.

    Parameters
    ----------
    given
        What was written.
    known
        What there is.

    Returns
    -------
    str or None
        None where nothing is close.
    """
    names = {name.casefold(): name for name in known}
    longest = max(map(len, names), default=0)
    if len(given) > (2 / _CLOSE - 1) * longest:  # it cannot be close; comparing takes time
        return None
    found = difflib.get_close_matches(given.casefold(), names, n=1, cutoff=_CLOSE)
    return names[found[0]] if found else None


def hint_at(meant: str | None) -> str:
    """Ask whether a name was meant, as one more sentence.

    Parameters
    ----------
    meant
        What :func:`closest` found.

    Returns
    -------
    str
        Begins with a space; empty when nothing is close.
    """
    return f" Did you mean {meant!r}?" if meant else ""


def there_is_no(noun: str, wanted: str, known: Iterable[str]) -> str:
    """Say that nothing has a name, and ask whether another was meant.

    Parameters
    ----------
    noun
        What was looked for.
    wanted
        The name that was given.
    known
        The names there are.

    Returns
    -------
    str
        One sentence, or two.
    """
    return f"There is no {noun} {show(wanted)}.{hint_at(closest(wanted, known))}"


def list_names(known: Collection[str]) -> str:
    """Write the names there are into a sentence.

    Parameters
    ----------
    known
        The names.

    Returns
    -------
    str
        With semicolons between them where one holds a comma.
    """
    return ("; " if any("," in each for each in known) else ", ").join(known)


def parse_choice(kind: type[Choice], given: object, *, name: str) -> Choice:
    """Read a choice among names.

    Parameters
    ----------
    kind
        The names there are.
    given
        A member, or its text.
    name
        What the argument is called, for the message.

    Returns
    -------
    Choice
        The member.

    Raises
    ------
    UnknownNameError
        It is none of them; all are listed, with the one that was probably meant.
    """
    known = [member.value for member in kind]
    if isinstance(given, str) and given in known:
        return kind(given)
    raise unknown_name(given, known, name=name)


def unknown_name(given: object, known: Collection[str], *, name: str) -> UnknownNameError:
    """Say that there is no such name, and which there are; the caller raises it.

    Parameters
    ----------
    given
        What was written.
    known
        What there is.
    name
        What the argument is called, for the message.

    Returns
    -------
    UnknownNameError
        With the one that was probably meant.
    """
    meant = closest(given, known) if isinstance(given, str) else None
    expected = f"{name}: expected one of {list_names(known)}; got {show(given)}."
    return UnknownNameError(expected + hint_at(meant), known)


def as_geometries(given: object, *, name: str = "geometry") -> npt.NDArray[np.object_]:
    """Take a row of geometries, such as an array, a list or a GeoSeries.

    Parameters
    ----------
    given
        What a caller gave.
    name
        What the argument is called, for the message.

    Returns
    -------
    numpy.ndarray
        Shape (n,).

    Raises
    ------
    ArgumentError
        It is something else; says what to give instead.
    """
    remedy = ""
    if isinstance(given, shapely.Geometry):
        remedy = " Put it into a list: [geometry]."
    elif hasattr(given, "columns") and hasattr(given, "geometry"):
        remedy = " Give its column of geometries: frame.geometry."
    elif given is not None and not isinstance(given, str | bytes):
        found = np.asarray(given, dtype=object)
        if found.ndim == 1 and shapely.is_valid_input(found).all():
            return found
    raise ArgumentError(
        f"{name}: expected an array of geometries (shapely, GeoSeries); got {show(given)}.{remedy}"
    )


def check_degrees(geometry: npt.NDArray[np.object_], *, name: str = "geometry") -> None:
    """Refuse coordinates that cannot be longitude and latitude in degrees.

    Parameters
    ----------
    geometry
        Geometries, shape (n,).
    name
        What the argument is called, for the message.

    Raises
    ------
    ArgumentError
        A coordinate lies beyond ±180 or ±90.
    """
    if len(geometry) == 0:
        return
    west, south, east, north = shapely.total_bounds(geometry).tolist()
    lon, lat = max(abs(west), abs(east)), max(abs(south), abs(north))
    if lon > 180 + _BEYOND_DEG or lat > 90 + _BEYOND_DEG:  # false for nan: no coordinates
        raise ArgumentError(
            f"{name}: expected longitude and latitude in degrees; got coordinates beyond ±180 or "
            f"±90 ({west}, {south} to {east}, {north}), so probably in metres. Reproject first: "
            "to_crs(4326)."
        )


def show(value: Any) -> str:  # noqa: ANN401
    """Write a value for a message: as JSON would, numbers in full, long texts shortened.

    Parameters
    ----------
    value
        What was given.

    Returns
    -------
    str
        Such as ``null``, ``true``, ``200.0001``, ``'text'``, ``a list of 3``, ``a DataFrame``.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float | np.number):
        return repr(value.item() if isinstance(value, np.number) else value)
    if isinstance(value, str):
        text = str(value)
        return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
    if isinstance(value, list | tuple):
        inner = ", ".join(map(show, value[:4]))
        short = len(value) <= 4 and len(inner) <= _LONGEST
        return f"[{inner}]" if short else f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}"
