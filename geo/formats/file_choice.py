"""Parse which part of a file is meant: ``FILE#layer=NAME&where=status=occupied&day=2025-11-21``."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from geo.dates import DayLike, as_day
from geo.errors import DataFormatError, UndecidedError

__all__ = [
    "WHOLE_FILE",
    "FileChoice",
    "choices_of",
    "find_named",
    "parse_choice",
    "split_choice",
    "undecided",
]

_KEYS: Final = ("layer", "kind", "where", "day")
_KINDS: Final = ("line", "area")
_START: Final = re.compile(rf"#(?=(?:{'|'.join(_KEYS)})=)")
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_NEXT: Final = re.compile(rf"&(?=(?:{'|'.join(_KEYS)})=)")


@dataclass(frozen=True)
class FileChoice:
    """The part of a file that is meant.

    Parameters
    ----------
    layer
        The layer, ``None`` for the only one.
    kind
        ``line`` or ``area``, ``None`` for the only one.
    where
        Conditions ``NAME=VALUE`` on properties. Several values of one property are alternatives;
        conditions on several properties must all hold.
    day
        Only the features of this day.
    """

    layer: str | None = None
    kind: str | None = None
    where: tuple[str, ...] = ()
    day: date | None = None

    def __str__(self) -> str:
        """Write the choice as it stands behind the ``#`` of a file's name; empty for all of it."""
        chosen = [("layer", self.layer), ("kind", self.kind)]
        chosen += [("where", condition) for condition in self.where]
        chosen.append(("day", None if self.day is None else self.day.isoformat()))
        return "&".join(f"{key}={_escaped(value)}" for key, value in chosen if value is not None)

    def but(
        self,
        *,
        layer: str | None = None,
        kind: str | None = None,
        where: str | Sequence[str] = (),
        day: DayLike | None = None,
    ) -> "FileChoice":
        """Return the choice with what is given besides; conditions are added."""
        more = (where,) if isinstance(where, str) else tuple(where)
        return FileChoice(
            self.layer if layer is None else layer,
            self.kind if kind is None else str(kind),
            self.where + more,
            self.day if day is None else as_day(day),
        )


WHOLE_FILE: Final = FileChoice()
"""Nothing is chosen: all of a file."""


def split_choice(text: Path | str) -> tuple[Path, FileChoice]:
    """Read how a file, or a part of it, is named.

    Parameters
    ----------
    text
        ``PATH``, or ``PATH#layer=NAME&kind=area&where=PROPERTY=VALUE&day=YYYY-MM-DD`` with any of
        the parts; values stand as they are, without escapes, up to the next part. A file of
        exactly this name is that file.

    Returns
    -------
    path : pathlib.Path
        The file.
    choice : FileChoice
        The part of it.

    Raises
    ------
    DataFormatError
        A part is named twice, or cannot be read.

    Examples
    --------
    >>> split_choice("front.kml#layer=South & East")[1].layer
    'South & East'
    """
    if isinstance(text, Path):
        return text, FileChoice()
    marks = [] if _exists(Path(text)) else list(_START.finditer(text))
    at = next((mark for mark in marks if _exists(Path(text[: mark.start()]))), None)
    at = at or (marks[0] if marks else None)
    if at is None:
        return Path(text), FileChoice()
    return Path(text[: at.start()]), parse_choice(text[at.end() :])


def parse_choice(text: str) -> FileChoice:
    """Read which part of a file is meant.

    Parameters
    ----------
    text
        Such as ``layer=South & East&where=status=occupied&day=2025-11-21``.

    Returns
    -------
    FileChoice
        The part.

    Raises
    ------
    DataFormatError
        A part has another name than these, is named twice, or cannot be read.
    """
    values: dict[str, list[str]] = {key: [] for key in _KEYS}
    for part in _NEXT.split(text):
        key, sign, value = part.partition("=")
        if not sign or key not in values:
            raise DataFormatError(
                f"expected {', '.join(f'{key}=' for key in _KEYS)}, joined by &; got {part[:60]!r}."
            )
        values[key].append(value)
    for key in ("layer", "kind", "day"):
        if len(values[key]) > 1:
            raise DataFormatError(f"expected {key}= once; got it {len(values[key])} times.")
    layer, kind, day = (next(iter(values[key]), None) for key in ("layer", "kind", "day"))
    if kind is not None and kind not in _KINDS:
        raise DataFormatError(f"expected kind=line or kind=area; got kind={kind}.")
    try:
        chosen = None if day is None else as_day(day)
    except ValueError as error:
        raise DataFormatError(f"{error}.") from error
    return FileChoice(layer, kind, tuple(values["where"]), chosen)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def undecided(name: str, why: str, key: str, values: Iterable[str]) -> UndecidedError:
    """Build the error that offers a choice, each value so that it works when it is copied.

    Parameters
    ----------
    name
        The file, for the message.
    why
        What was expected and what it holds, without a full stop.
    key
        ``layer``, ``kind``, ``where`` or ``day``.
    values
        What can be chosen.

    Returns
    -------
    UndecidedError
        To be raised.
    """
    return UndecidedError(name, why, [f"{key}={_escaped(value)}" for value in values])


@contextmanager
def choices_of(path: Path | str) -> Iterator[None]:
    """Offer choices for the file as it was named, with its folder, so that they can be copied.

    Parameters
    ----------
    path
        The file as it was named.

    Yields
    ------
    None
        Nothing.
    """
    try:
        yield
    except UndecidedError as error:
        raise UndecidedError(str(path), error.why, error.choices) from error


def _escaped(value: str) -> str:
    """Escape a value that would be read otherwise: one that holds the beginning of a part."""
    return _NEXT.sub("%26", value)


def _unescaped(value: str) -> str:
    """Read what is escaped as addresses do: ``%26`` is an ampersand."""
    raw = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), value.encode())
    return raw.decode(errors="replace")


def find_named(wanted: str, values: Collection[str]) -> str | None:
    """Find the value that was named: one that reads the same, or else the same unescaped.

    Parameters
    ----------
    wanted
        As it was named.
    values
        Values of the file.

    Returns
    -------
    str or None
        One of the values.
    """
    return next((text for text in (wanted, _unescaped(wanted)) if text in values), None)
