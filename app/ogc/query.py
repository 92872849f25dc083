"""Parse and check the parameters of requests under ``/ogc``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default
from datetime import UTC, date, datetime
from typing import Final

from app.cql2.errors import InvalidQueryError
from app.cql2.fields import Field, Kind
from app.documents.bounding_box import Box
from app.errors import InvalidRequestError, ParameterFault
from app.ogc.collections import SELECTORS, Collection
from app.ogc.reader import Chosen
from app.parameters import parse_date, parse_readings, unknown_parameter
from geo.arguments import closest, hint_at, show

__all__ = [
    "CRS84",
    "DEFAULT_LIMIT",
    "FILTER_LANGUAGES",
    "ITEM_PARAMETERS",
    "MOST_ITEMS",
    "REPRESENTATIONS",
    "Pairs",
    "Query",
    "check_crs",
    "check_names",
    "parse_chosen",
    "parse_item_chosen",
    "parse_query",
    "parse_representation",
    "parse_value",
]

Pairs = Sequence[tuple[str, str]]
"""Names and values of parameters as they came."""

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
REPRESENTATIONS: Final = ("json", "html")
DEFAULT_LIMIT: Final = 100
MOST_ITEMS: Final = 10_000
ITEM_PARAMETERS: Final = (
    *("f", "limit", "offset", "bbox", "datetime", "filter", "filter-lang", "filter-crs"),
    *("sortby", "properties", "skipGeometry", "crs", "bbox-crs"),
)
FILTER_LANGUAGES: Final = ("cql2-text", "cql2-json")
_NUMBER: Final = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[-+]\d{2}:\d{2})", re.ASCII
)
_OPEN: Final = ("", "..")


@dataclass(frozen=True)
class Query:
    """A request for features.

    ``boxes`` are west, south, east, north in degrees, two of them where the box crosses 180°;
    ``equal`` are properties that must have a value; ``sortby`` names and whether they descend.
    """

    chosen: Chosen
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    boxes: tuple[Box, ...] = ()
    days: tuple[date, date] | None = None
    equal: dict[str, str] = default(default_factory=dict)
    filter: str | None = None
    filter_lang: str = FILTER_LANGUAGES[0]
    sortby: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    geometry: bool = True


def _fault(name: str, given: str, expected: str, valid: Iterable[str] = ()) -> InvalidQueryError:
    known = tuple(valid)
    meant = closest(given, known)
    message = f"Parameter {name!r}: expected {expected}; got {show(given)}.{hint_at(meant)}"
    return InvalidQueryError([ParameterFault(name, message, given, known, meant)])


def check_names(pairs: Pairs, known: Sequence[str]) -> dict[str, str]:
    """Refuse parameters that are not known, that come twice with different values, or no day.

    Returns
    -------
    dict
        Name to value, of those that are not repeatable.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise InvalidQueryError([unknown_parameter(name, known)])
        if name in SELECTORS and SELECTORS[name].repeatable:
            continue
        if found.setdefault(name, value) != value:
            message = f"Parameter {name!r}: expected one value; got several."
            raise InvalidQueryError([ParameterFault(name, message, value)])
    parse_date(found.get("date"))
    return found


def parse_chosen(collection: Collection, pairs: Pairs) -> Chosen:
    """Read which results are asked for; parameters that mean nothing here are passed over."""
    named = {name: value for name, value in pairs if name in collection.selectors}
    days = _parse_datetime(dict(pairs).get("datetime")) if collection.is_temporal else None
    texts = [value for name, value in pairs if name == "reading" and name in named]
    return Chosen(
        plan=named.get("plan"),
        day=parse_date(named.get("date")),
        first=days[0] if days else None,
        last=days[1] if days else None,
        readings=parse_readings(list(dict.fromkeys(texts))),
        source=named.get("source"),
        boundaries=named.get("boundaries"),
        a=named.get("a"),
        b=named.get("b"),
        by=named.get("by"),
    )


def parse_query(collection: Collection, pairs: Pairs) -> Query:
    """Read a request for the features of a collection.

    Raises
    ------
    InvalidQueryError
        A parameter is unknown, or cannot be used.
    """
    known = tuple(dict.fromkeys((*ITEM_PARAMETERS, *SELECTORS, *collection.names)))
    given = check_names(pairs, known)
    days = _parse_datetime(given.get("datetime"))
    filter_lang = given.get("filter-lang", FILTER_LANGUAGES[0])
    if filter_lang not in FILTER_LANGUAGES:
        raise _fault("filter-lang", filter_lang, " or ".join(FILTER_LANGUAGES), FILTER_LANGUAGES)
    for name in ("crs", "bbox-crs", "filter-crs"):
        check_crs(name, given.get(name))
    fixed = {*ITEM_PARAMETERS, *collection.selectors}
    return Query(
        chosen=parse_chosen(collection, pairs),
        limit=min(_parse_count(given, "limit", DEFAULT_LIMIT, least=1), MOST_ITEMS),
        offset=_parse_count(given, "offset", 0, least=0),
        boxes=_parse_bbox(given.get("bbox")),
        days=days if collection.is_temporal else None,
        equal={
            name: value
            for name, value in given.items()
            if name in collection.names and name not in fixed
        },
        filter=given.get("filter"),
        filter_lang=filter_lang,
        sortby=_parse_sortby(collection, given.get("sortby")),
        properties=_parse_properties(collection, given.get("properties")),
        geometry=not _parse_switch(given, "skipGeometry"),
    )


def check_crs(name: str, given: str | None) -> None:
    """Refuse every reference system but the one there is.

    Raises
    ------
    InvalidQueryError
        Another is asked for.
    """
    if given not in (None, CRS84):
        raise _fault(name, given, CRS84, [CRS84])


def _parse_count(given: dict[str, str], name: str, default: int, *, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise _fault(name, text, f"a whole number, at least {least}")
    return int(text)


def _parse_switch(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "false").lower()
    if text not in ("true", "false"):
        raise _fault(name, text, "true or false", ("true", "false"))
    return text == "true"


def _parse_bbox(text: str | None) -> tuple[Box, ...]:
    """Read a box; heights are passed over, as features have none."""
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _fault("bbox", text, "west,south,east,north in degrees")
    edges = [float(part) for part in parts]
    west, south, *_, east, north = [*edges[:2], *edges[len(edges) // 2 : len(edges) // 2 + 2]]
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise _fault("bbox", text, "longitudes of -180 to 180, latitudes of -90 to 90, south first")
    if west > east:
        return ((west, south, 180.0, north), (-180.0, south, east, north))
    return ((west, south, east, north),)


def _parse_datetime(text: str | None) -> tuple[date, date] | None:
    """Read an instant or an interval as first and last day; an open end is the end of days."""
    if text is None:
        return None
    begin, slash, end = text.partition("/")
    if not slash:
        day = _parse_instant(text, text)
        return day, day
    if begin in _OPEN and end in _OPEN:
        return date.min, date.max
    first = date.min if begin in _OPEN else _parse_instant(begin, text)
    last = date.max if end in _OPEN else _parse_instant(end, text)
    if first > last:
        raise _fault("datetime", text, "an interval that begins before it ends")
    return first, last


def _parse_instant(part: str, text: str) -> date:
    try:
        if _TIME.fullmatch(part):
            return datetime.fromisoformat(part.upper()).astimezone(UTC).date()
        part = part.removesuffix("T")  # so writes GDAL a day, with its time left out
        return parse_date(part) or date.max
    except (ValueError, OverflowError, InvalidRequestError):
        expected = "a day (2025-11-21), an instant of RFC 3339, or two of them with / between"
        raise _fault("datetime", text, expected) from None


def _parse_sortby(collection: Collection, text: str | None) -> tuple[tuple[str, bool], ...]:
    if text is None:
        return ()
    keys = []
    for part in text.split(","):
        name = part.strip().lstrip("+")
        descends = name.startswith("-")
        name = name.removeprefix("-")
        if name not in collection.names:
            raise _fault("sortby", part, "properties of the collection", collection.names)
        keys.append((name, descends))
    return tuple(keys)


def _parse_properties(collection: Collection, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in collection.names:
            raise _fault("properties", name, "properties of the collection", collection.names)
    return names


def parse_value(field: Field, text: str) -> float | str:
    """Read the value that a property must have.

    Raises
    ------
    InvalidQueryError
        It is of another kind, or none that the property can have.
    """
    if field.values and text not in field.values:
        raise _fault(field.name, text, ", ".join(field.values), field.values)
    if field.kind is Kind.TEXT:
        return text
    if field.kind is Kind.DAY:
        return float((parse_date(text, parameter=field.name) or date.min).toordinal())
    if not _NUMBER.fullmatch(text):
        raise _fault(field.name, text, "a number")
    return float(text)


def parse_representation(text: str | None) -> str | None:
    """Read which representation is asked for by ``f``.

    Raises
    ------
    InvalidQueryError
        There is none of this name.
    """
    if text is not None and text not in REPRESENTATIONS:
        raise _fault("f", text, " or ".join(REPRESENTATIONS), REPRESENTATIONS)
    return text


def parse_item_chosen(collection: Collection, feature_id: str, pairs: Pairs) -> Chosen:
    """Read which results a feature is of: its id ends with its day."""
    chosen = parse_chosen(collection, pairs)
    if "date" not in collection.selectors:
        return chosen
    try:
        return replace(chosen, day=parse_date(feature_id.rpartition(":")[2]))
    except InvalidRequestError:
        return chosen
