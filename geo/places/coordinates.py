"""Parse positions as people type them: pairs of numbers, degrees, links.

:func:`parse_position` reads one. :func:`explain_unread` says why a text that looks like a position
is not read, and what to give instead. ``app/page/static/tools/search/coordinates.js`` holds the
same rules for a page that has no server; a test compares the two.
"""

import re
from typing import Final, NamedTuple

__all__ = ["LONGEST_POSITION", "explain_unread", "parse_position"]

LONGEST_POSITION: Final = 1_000
_LONGEST_PAIR: Final = 120
_LARGEST: Final = {"lat": 90.0, "lon": 180.0}
_AXIS: Final = {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}

# --- letters and words ---------------------------------------------------------------------------

_TRANSLATED: Final = str.maketrans(
    {
        **dict.fromkeys("′’‘ʹʼ´`", "'"),
        **dict.fromkeys("″”“„", '"'),
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("−–—", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\t\n\r", " "),
        "，": ",",
    }
)
# Longer words first: "північної широти" holds "широти".
_WORDS: Final = tuple(
    (re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), f" {side} ")
    for words, side in (
        (r"північної\s+широти|північна\s+широта|пн\.?\s*ш\.?|пн\.?|північ", "N"),
        (r"северной\s+широты|северная\s+широта|сев\.?\s*ш\.?|с\.?\s*ш\.?|север", "N"),
        (r"південної\s+широти|пд\.?\s*ш\.?|пд\.?|южной\s+широты|ю\.?\s*ш\.?|юг", "S"),
        (r"східної\s+довготи|східна\s+довгота|сх\.?\s*д\.?|сх\.?|схід", "E"),
        (r"восточной\s+долготы|восточная\s+долгота|вост\.?\s*д\.?|в\.?\s*д\.?|восток", "E"),
        (r"західної\s+довготи|зх\.?\s*д\.?|зх\.?|западной\s+долготы|з\.?\s*д\.?|запад", "W"),
        (r"latitude|lat\.?|широта|шир\.?|north", "N"),
        (r"longitude|long\.?|lon\.?|lng\.?|довгота|долгота|довг\.?|долг\.?|east", "E"),
        ("south", "S"),
        ("west", "W"),
        (r"degrees?|deg\.?|градус\w*|град\.?", "°"),
        (r"minutes?|min\.?|мінут\w*|минут\w*|хв\.?|мин\.?", "'"),
        (r"seconds?|sec\.?|секунд\w*|сек\.?", '"'),
        (r"координат[иы]|coordinates?|coords?|gps|wgs[\s-]*84", ""),
    )
)
_CYRILLIC_SIDE: Final = tuple(
    (re.compile(rf"(?<![^\W\d_]){letter}(?![^\W\d_])\.?", re.IGNORECASE), f" {side} ")
    for letter, side in (("с", "N"), ("ю", "S"), ("в", "E"), ("з", "W"))
)
_LABELLED: Final = re.compile(r"((?<!\w)[NE]|^)\s*[:=]")

# --- one coordinate after the other --------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[+-]?\d{1,3}(?:[.,]\d+)?(?!\d))|(?P<mark>°|''|\"|')"
    r"|(?<![^\W\d_])(?P<side>[NSEWnsew])(?![^\W\d_])|(?P<parted>[,;/|]))\s*"
)
_MARKS: Final = {"°": 0, "'": 1, '"': 2, "''": 2}


class _Coordinate(NamedTuple):
    """Degrees, and which axis they belong to if a letter says so."""

    degrees: float
    axis: str | None


def parse_position(text: str) -> tuple[float, float] | None:
    """Read a position: latitude first, as people write it, unless letters or a link say otherwise.

    Parameters
    ----------
    text
        Such as ``48.74, 37.58``, ``(48,74; 37,58)``, ``48°44′20″N 37°35′E``,
        ``N48 44 24 E37 34 48``, ``48.74 пн. ш., 37.58 сх. д.``, ``POINT (37.58 48.74)``, or the
        link of a map.

    Returns
    -------
    tuple of float, or None
        Longitude and latitude in degrees on WGS 84; ``None`` when it is no position.

    Examples
    --------
    >>> parse_position("(48.74, 37.58)")
    (37.58, 48.74)
    >>> parse_position("37.5 E 48°30′ N")
    (37.5, 48.5)
    >>> parse_position("https://www.openstreetmap.org/#map=12/48.74/37.58")
    (37.58, 48.74)
    >>> parse_position("Kramatorsk") is None
    True
    """
    if len(text) > LONGEST_POSITION:
        return None
    text = text.strip()
    if _LINK.match(text):
        return _read_link(text)
    if well_known := _WELL_KNOWN_TEXT.match(text):
        return _within_bounds(float(well_known[1]), float(well_known[2]))
    return _read_pair(text)


def _read_pair(text: str) -> tuple[float, float] | None:
    """Read latitude and longitude in either order, with or without letters and marks."""
    groups = _split(_tokenise(_spell_out(text)))
    pair = [one for group in groups if (one := _read_one(group))]
    if len(pair) != 2:
        return None
    first, second = pair
    axes = (first.axis or "", second.axis or "")
    if axes in {("lon", "lat"), ("lon", ""), ("", "lat")}:
        return _within_bounds(first.degrees, second.degrees)
    if axes[0] in {"", "lat"} and axes[1] in {"", "lon"}:
        return _within_bounds(second.degrees, first.degrees)
    return None


def _within_bounds(lon: float, lat: float) -> tuple[float, float] | None:
    fits = abs(lat) <= _LARGEST["lat"] and abs(lon) <= _LARGEST["lon"]
    return (lon, lat) if fits else None


def _spell_out(text: str) -> str:
    """Replace brackets, printed marks and words by the letters and marks of the grammar."""
    text = text.translate(_TRANSLATED).strip(' ()[]{}<>".;,')
    if len(text) > _LONGEST_PAIR or not any(letter.isdigit() for letter in text):
        return ""
    for pattern, side in (*_WORDS, *_CYRILLIC_SIDE):
        text = pattern.sub(side, text)
    return _LABELLED.sub(r" \1 ", text)


def _tokenise(text: str) -> list[tuple[str, str]]:
    """Split a text into (kind, token); empty if anything else stands in it."""
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            return []
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def _split(tokens: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Split tokens into the two coordinates: by letters, by degree signs, by a comma, in halves."""
    kinds = [kind for kind, _ in tokens]
    numbers = [at for at, kind in enumerate(kinds) if kind == "number"]
    if len(numbers) < 2:
        return []
    sides = [at for at, kind in enumerate(kinds) if kind == "side"]
    degrees = [at for at, token in enumerate(tokens) if token == ("mark", "°")]
    parted = [at for at, kind in enumerate(kinds) if kind == "parted"]
    if len(sides) == 2:
        middle = sides[1] if sides[0] < numbers[0] else sides[0] + 1
    elif len(degrees) == 2:
        middle = max(at for at in numbers if at < degrees[1])
        middle -= kinds[middle - 1] == "side" and len(sides) == 1 and sides[0] > numbers[0]
    elif len(parted) == 1:
        middle = parted[0]
    else:
        middle = numbers[len(numbers) // 2] if len(numbers) % 2 == 0 else 0
    return [_without_comma(tokens[:middle]), _without_comma(tokens[middle:])]


def _without_comma(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Drop one separator at either end of a coordinate."""
    start = 1 if tokens and tokens[0][0] == "parted" else 0
    end = -1 if len(tokens) > 1 and tokens[-1][0] == "parted" else None
    return tokens[start:end]


def _read_one(tokens: list[tuple[str, str]]) -> _Coordinate | None:
    """Read one coordinate: degrees, perhaps minutes and seconds, perhaps a letter at either end."""
    if not tokens:
        return None
    side = ""
    for end in (0, -1):
        if tokens and tokens[end][0] == "side" and not side:
            side = tokens.pop(end)[1].upper()
    parts = _read_parts(tokens)
    if parts is None:
        return None
    negative = parts[0].startswith("-") != (side in {"S", "W"})
    values = [float(part.lstrip("+-").replace(",", ".")) for part in parts]
    if any(value >= 60 for value in values[1:]):
        return None
    degrees = sum(value / 60**place for place, value in enumerate(values))
    return _Coordinate(-degrees if negative else degrees, _AXIS.get(side))


def _read_parts(tokens: list[tuple[str, str]]) -> list[str] | None:
    """Return one to three numbers; marks stand after their own, only the last has decimals."""
    parts: list[str] = []
    for kind, token in tokens:
        if kind == "number":
            parts.append(token)
        elif kind != "mark" or not parts or _MARKS[token] != len(parts) - 1:
            return None
    whole = all(part.isdigit() for part in parts[1:-1]) and parts[:1] != []
    if not whole or len(parts) > 3 or any(part[0] in "+-" for part in parts[1:]):
        return None
    return parts if len(parts) == 1 or parts[0].lstrip("+-").isdigit() else None


# --- links ---------------------------------------------------------------------------------------

_LINK: Final = re.compile(r"(?:https?://|geo:|[\w.-]+\.[a-z]{2,}/)\S*$", re.IGNORECASE)
_WELL_KNOWN_TEXT: Final = re.compile(
    r"(?:SRID=4326;)?\s*POINT\s*Z?\s*\(\s*(-?\d{1,3}(?:\.\d+)?)\s+(-?\d{1,3}(?:\.\d+)?)"
    r"(?:\s+-?\d+(?:\.\d+)?)?\s*\)$",
    re.IGNORECASE,
)
_DEGREES: Final = r"(-?\d{1,3}(?:\.\d+)?)"
_PARTED: Final = r"\s*[,~;]\s*"
# The place itself comes before the middle of the map; the first that is found counts.
_IN_LINK: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"!3d{_DEGREES}!4d{_DEGREES}",
        rf"[?&#]m?lat(?:itude)?={_DEGREES}&m?(?:lon|lng|long|longitude)={_DEGREES}",
        r"[?&#](?:q|query|coordinate|daddr|destination|place)=(?:loc:)?"
        rf"{_DEGREES}{_PARTED}{_DEGREES}",
        rf"/(?:search|place|dir)/(?:[^/@]*/)?\+?{_DEGREES}{_PARTED}\+?{_DEGREES}",
        rf"[?&#](?:ll|sll|cp|center|view)={_DEGREES}{_PARTED}{_DEGREES}",
        rf"@{_DEGREES},{_DEGREES}",
        rf"#(?:map=)?\d{{1,2}}(?:\.\d+)?/{_DEGREES}/{_DEGREES}",
        rf"^geo:{_DEGREES},{_DEGREES}",
    )
)
_YANDEX: Final = re.compile(rf"[?&](?:pt|ll)={_DEGREES},{_DEGREES}", re.IGNORECASE)
_IN_DEGREES: Final = re.compile(r"/(?:place|search)/([^/@]*°[^/@]*)", re.IGNORECASE)


def _read_link(text: str) -> tuple[float, float] | None:
    """Read the position that a link of a map carries; Yandex alone writes longitude first."""
    link = _decode(text)
    if re.match(r"(?:https?://)?[^/]*\byandex\.", link, re.IGNORECASE):
        found = _YANDEX.search(link)
        return _within_bounds(float(found[1]), float(found[2])) if found else None
    if (written := _IN_DEGREES.search(link)) and (pair := _read_pair(written[1])):
        return pair
    for pattern in _IN_LINK:
        if found := pattern.search(link):
            return _within_bounds(float(found[2]), float(found[1]))
    return None


def _decode(link: str) -> str:
    """Decode "+" and percent signs."""
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+",
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"),
        link.replace("+", " "),
    )


# --- what is not read ----------------------------------------------------------------------------

_INSTEAD: Final = "Give latitude and longitude in degrees on WGS 84, such as 48.74, 37.58."
_MILITARY_GRID: Final = re.compile(
    r"\d{1,2}\s*[C-HJ-NP-X]\s*[A-HJ-NP-Z]\s*[A-HJ-NP-Z]\s*\d{1,5}\s*\d{1,5}$", re.IGNORECASE
)
_UTM: Final = re.compile(
    r"\d{1,2}\s*[C-HJ-NP-X]\s+\d{6}(?:[.,]\d+)?\s*(?:mE?)?\s*,?\s*\d{7}(?:[.,]\d+)?\s*(?:mN?)?$",
    re.IGNORECASE,
)
_NAMED_GRID: Final = re.compile(
    r"\W*(?:[CС][KК]|SK|УСК|UCS)[\s-]*(?:42|63|95|2000)\W.*\d{4}", re.IGNORECASE | re.DOTALL
)
_METRES: Final = re.compile(
    r"(?:[XХYУ]\s*[:=]?\s*)?\d{2}\s?\d{3,5}(?:[.,]\d+)?\s*[,;/]?\s*"
    r"(?:[XХYУ]\s*[:=]?\s*)?\d{1,2}\s?\d{3,5}(?:[.,]\d+)?$",
    re.IGNORECASE,
)
_PLUS_CODE: Final = re.compile(r"[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b")


def explain_unread(text: str) -> str:
    """Say why a text that looks like a position is not read, and what to give instead.

    Parameters
    ----------
    text
        What was typed.

    Returns
    -------
    str
        One or two sentences; empty when the text is read, or does not look like a position.

    Examples
    --------
    >>> explain_unread("37U DP 28000 98000").split(".")[0]
    'MGRS and UTM references are not read'
    >>> explain_unread("Kramatorsk"), explain_unread("48.74, 37.58")
    ('', '')
    """
    text = text.strip()[:LONGEST_POSITION]
    if parse_position(text) is not None:
        return ""
    for pattern, what in _UNREAD:
        if pattern.match(text):
            return f"{what} {_INSTEAD}"
    numbers = [token for kind, token in _tokenise(_spell_out(text)) if kind == "number"]
    if len(numbers) >= 2:
        return (
            "These numbers are no position: expected latitude (−90 to 90), then longitude "
            f"(−180 to 180), minutes and seconds below 60. {_INSTEAD}"
        )
    return ""


_UNREAD: Final = (
    (_LINK, "This link carries no position."),
    (_MILITARY_GRID, "MGRS and UTM references are not read."),
    (_UTM, "MGRS and UTM references are not read."),
    (_PLUS_CODE, "Plus codes are not read."),
    (_NAMED_GRID, "Metres of a grid such as SK-42, UCS-2000 or UTM are not read."),
    (_METRES, "Metres of a grid such as SK-42, UCS-2000 or UTM are not read."),
)
