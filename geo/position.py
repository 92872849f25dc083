"""Positions as people type them."""

import re
from typing import Final

__all__ = ["parse_position"]

_NUMBER: Final = r"(\d{1,3}(?:[.,]\d+)?)"
_SIGN_OR_SIDE: Final = r"([NSEW+−-]?)"
_ONE: Final = re.compile(
    rf"\s*{_SIGN_OR_SIDE}\s*{_NUMBER}\s*(?:[°º]|deg\b)?\s*"
    rf"(?:{_NUMBER}\s*['′’]\s*)?(?:{_NUMBER}\s*(?:[\"″”]|'')\s*)?([NSEW]?)\s*",
    re.IGNORECASE,
)
_PARTED: Final = re.compile(r"^\s*(?:[,;/]\s*)?")
_LARGEST: Final = {"lat": 90.0, "lon": 180.0}
_AXIS: Final = {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}


def parse_position(text: str) -> tuple[float, float] | None:
    """Read a position: latitude first, as people write it, unless letters say otherwise.

    Parameters
    ----------
    text
        Such as ``48.74, 37.58``, ``48,74 37,58``, ``48°44′20″N 37°35′E`` or ``E37.58 N48.74``.

    Returns
    -------
    tuple of float, or None
        Longitude and latitude in degrees on WGS 84; ``None`` when it is no position.

    Examples
    --------
    >>> parse_position("48.74, 37.58")
    (37.58, 48.74)
    >>> parse_position("37.5 E 48°30′ N")
    (37.5, 48.5)
    >>> parse_position("Kramatorsk") is None
    True
    """
    first = _read_one(text)
    if first is None:
        return None
    second = _read_one(_PARTED.sub("", first[2]))
    if second is None or second[2].strip():
        return None
    axes = (first[1] or "", second[1] or "")
    if axes in {("lon", "lat"), ("lon", ""), ("", "lat")}:
        lon, lat = first[0], second[0]
    elif axes[0] in {"", "lat"} and axes[1] in {"", "lon"}:
        lat, lon = first[0], second[0]
    else:
        return None
    fits = abs(lat) <= _LARGEST["lat"] and abs(lon) <= _LARGEST["lon"]
    return (lon, lat) if fits else None


def _read_one(text: str) -> tuple[float, str | None, str] | None:
    """Read one coordinate: its value, its axis if a letter tells, and what follows."""
    found = _ONE.match(text)
    if found is None:
        return None
    before, degrees, minutes, seconds, after = (part or "" for part in found.groups())
    side = (before if before.upper() in _AXIS else after).upper()
    value = _number(degrees) + _number(minutes) / 60 + _number(seconds) / 3600
    if _number(minutes) >= 60 or _number(seconds) >= 60:
        return None
    negative = (before in {"-", "−"}) != (side in {"S", "W"})
    return (-value if negative else value), _AXIS.get(side), text[found.end() :]


def _number(text: str) -> float:
    return float(text.replace(",", ".") or 0)
