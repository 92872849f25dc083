"""A line or an area of control from any file nobody prepared: all checked, nothing guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geo.errors import DataFormatError, InvalidGeometryError, ProvenanceMissingError
from geo.io.bounded import read_bounded
from geo.io.content import decode_text
from geo.io.dates import day_in_name
from geo.io.features import Features, check_valid
from geo.io.file_choice import undecided
from geo.io.incremental_geojson import SeenRings
from geo.io.reader import read_features
from geo.territory import Geometries, Provenance

__all__ = [
    "NOT_STATED",
    "ControlFile",
    "ControlKind",
    "control_of",
    "provenance_of",
    "read_control",
    "read_control_file",
    "read_provenance",
]

NOT_STATED: Final = "not stated by the file"
"""What is put for a licence, attribution or date that a user's own file does not state."""

_MOST_STATEMENT_BYTES: Final = 2**20
_MOST_VERTICES: Final = 2_000_000


class ControlKind(StrEnum):
    """What a file of control holds."""

    LINE = "line"
    AREA = "area"


_DIMENSION: Final = {ControlKind.LINE: 1, ControlKind.AREA: 2}
_WORDS: Final = {0: "points", 1: "lines", 2: "polygons"}


@dataclass(frozen=True, eq=False)
class ControlFile:
    """What a file says of control.

    Parameters
    ----------
    name
        Name of the file, without its folder.
    kind
        Whether it holds lines of contact or areas of control.
    geometry
        One valid geometry for each feature, shape (n,), longitude and latitude in degrees.
    days
        Day of each feature, where it states one in a property ``date``.
    provenance
        What the file says of its origin, and the hash of its bytes.
    """

    name: str
    kind: ControlKind
    geometry: Geometries
    days: tuple[date | None, ...]
    provenance: Provenance

    @property
    def dates(self) -> tuple[date, ...]:
        """The days the file speaks of, in order; empty when it names none."""
        stated = {day for day in self.days if day is not None}
        named = day_in_name(self.name)
        return tuple(sorted(stated)) or (() if named is None else (named,))

    def merged(self, day: date | None = None) -> shapely.MultiPolygon | shapely.MultiLineString:
        """Return the features as one geometry.

        Parameters
        ----------
        day
            Only the features of this day, where features state one.

        Returns
        -------
        shapely.MultiPolygon or shapely.MultiLineString
            Areas that overlap or touch are united; lines are kept as they are.
        """
        chosen = np.array([day is None or mine in (None, day) for mine in self.days], dtype=bool)
        alone = self.geometry[chosen][0] if chosen.sum() == 1 else None
        if isinstance(alone, shapely.MultiPolygon | shapely.MultiLineString):
            return alone  # the parts of one valid feature need no union
        parts = shapely.get_parts(self.geometry[chosen])
        if self.kind is ControlKind.LINE:
            return shapely.MultiLineString(list(parts))
        return shapely.MultiPolygon(list(shapely.get_parts(shapely.union_all(parts))))


def read_control(
    path: Path | str, *, layer: str | None = None, kind: ControlKind | str | None = None
) -> shapely.MultiPolygon | shapely.MultiLineString:
    """Read a line of contact or an area of control from any file.

    Parameters
    ----------
    path, layer, kind
        See :func:`read_control_file`.

    Returns
    -------
    shapely.MultiPolygon or shapely.MultiLineString
        All features together, longitude and latitude in degrees.
    """
    return read_control_file(path, layer=layer, kind=kind).merged()


def read_control_file(
    path: Path | str,
    *,
    layer: str | None = None,
    kind: ControlKind | str | None = None,
    seen: SeenRings | None = None,
) -> ControlFile:
    """Read lines of contact or areas of control from any file, with what it says of them.

    Parameters
    ----------
    path
        Any file of :func:`geo.io.reader.read_features`: GeoJSON, GeoPackage, Shapefile, KML, KMZ,
        FlatGeobuf, GeoParquet (which needs the extra ``formats``), a file geodatabase, and others.
    layer
        Which layer, when the file has several; ``*`` takes all of them together.
    kind
        ``line`` or ``area``, when the file mixes them; the other features are then left out.
    seen
        What was read before of files that say nearly the same; makes reading such a file faster.

    Returns
    -------
    ControlFile
        Valid geometries in longitude and latitude.

    Raises
    ------
    DataFormatError
        The file cannot be read, is larger than allowed, or has several layers or kinds of
        geometry and none was chosen; the message lists the choices.
    CRSMismatchError
        The file states no coordinate reference system, or one its coordinates cannot be in.
    InvalidGeometryError
        A geometry is missing or invalid; the message names the feature.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946 (no statement means CRS84).
    """
    return control_of(read_features(path, layer=layer, seen=seen), kind=kind)


def control_of(features: Features, *, kind: ControlKind | str | None = None) -> ControlFile:
    """Take the lines of contact, or the areas of control, out of features.

    Parameters
    ----------
    features
        What was read.
    kind
        See :func:`read_control_file`.

    Returns
    -------
    ControlFile
        Valid geometries; features without one of the kind are left out.

    Raises
    ------
    DataFormatError
        There are both kinds and none was chosen, or too many vertices.
    InvalidGeometryError
        There is no line and no polygon, or one of them is invalid.
    """
    of_kind = _choose_kind(features, None if kind is None else ControlKind(kind))
    shapes = features.parts(_DIMENSION[of_kind])
    chosen = np.flatnonzero(~shapely.is_missing(shapes)).tolist()
    _check_size(features.name, shapes)
    check_valid(features, dimension=_DIMENSION[of_kind])
    stated = features.values("date")
    days = tuple(_parse_day(features.name, stated[row]) for row in chosen)
    provenance = _provenance(features.name, features.stated, features.sha256, days)
    return ControlFile(features.name, of_kind, shapes[chosen], days, provenance)


def _check_size(name: str, geometry: Geometries) -> None:
    vertices = int(shapely.get_num_coordinates(geometry).sum())
    if vertices > _MOST_VERTICES:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_VERTICES:,} vertices, got {vertices:,}. Simplify "
            f"them, for instance with ogr2ogr -simplify 0.0001 new.gpkg {name}"
        )


def _choose_kind(features: Features, kind: ControlKind | None) -> ControlKind:
    """Return which kind of geometry is meant; several kinds need a choice."""
    count = {
        dimension: int((~shapely.is_missing(features.parts(dimension))).sum())
        for dimension in _WORDS
    }
    usable = [each for each, dimension in _DIMENSION.items() if count[dimension]]
    held = ", ".join(f"{count[known]} {word}" for known, word in _WORDS.items() if count[known])
    if kind is not None and kind not in usable:
        raise InvalidGeometryError(
            f"{features.name}: expected a {kind}; it holds {held or 'no geometry'}."
        )
    if kind is None and not usable:
        raise InvalidGeometryError(
            f"{features.name}: expected lines or polygons; it holds {held or 'no geometry'}. Draw "
            "a line of contact, or an area of control as polygons."
        )
    if kind is None and len(usable) > 1:
        why = f"expected lines or polygons, not both; it holds {held}"
        raise undecided(features.name, why, "kind", list(ControlKind))
    return kind or usable[0]


def _parse_day(name: str, stated: object) -> date | None:
    if stated is None or str(stated) in {"", "NaT", "nan", "None"}:
        return None
    try:
        return date.fromisoformat(str(stated)[:10].replace("/", "-"))
    except ValueError as error:
        raise DataFormatError(
            f"{name}: expected dates as YYYY-MM-DD in the property 'date'; "
            f"{str(stated)!r:.40} came."
        ) from error


def provenance_of(path: Path, stated: Mapping[str, Any], sha256: str) -> Provenance:
    """Return where a file comes from: its own words, or those of ``provenance.json`` beside it.

    Parameters
    ----------
    path
        The file.
    stated
        What the file says itself.
    sha256
        Hash of its bytes.

    Returns
    -------
    Provenance
        What neither says is said to be missing.

    Raises
    ------
    DataFormatError
        The statement beside the file cannot be used.
    """
    beside = path.with_name("provenance.json")
    if not stated and beside.is_file():
        return replace(read_provenance(beside), sha256=sha256)
    return _provenance(path.name, stated, sha256, ())


def _provenance(
    name: str, stated: Mapping[str, Any], sha256: str, days: Sequence[date | None]
) -> Provenance:
    """Repeat what the file says of itself; what it does not say is said to be missing."""
    known = [day for day in days if day is not None]
    day = max(known) if known else day_in_name(name)
    fallback = {
        "title": name,
        "source": f"file {name}",
        "date": NOT_STATED if day is None else day.isoformat(),
        "licence": NOT_STATED,
        "attribution": NOT_STATED,
        "url": "",
        "licence_url": "",
    }
    values = {key: str(stated.get(key) or default) for key, default in fallback.items()}
    return Provenance(**values, sha256=sha256)


def read_provenance(path: Path, *, key: str = "") -> Provenance:
    """Read a statement of where files come from.

    Parameters
    ----------
    path
        A JSON file with source, date, licence and attribution.
    key
        Member that holds them, where they are not at the top.

    Returns
    -------
    Provenance
        As stated.

    Raises
    ------
    DataFormatError
        The file cannot be read, or lacks one of them.
    """
    try:
        content = read_bounded(path, most_bytes=_MOST_STATEMENT_BYTES, what="a statement")
        stated = orjson.loads(decode_text(content, name=path.name))
    except orjson.JSONDecodeError as error:
        raise DataFormatError(f"{path}: expected a JSON object ({error}).") from error
    stated = stated.get(key) if key and isinstance(stated, dict) else stated
    stated = stated if isinstance(stated, dict) else {}
    required = ("source", "date", "licence", "attribution")
    missing = [name for name in required if not str(stated.get(name) or "").strip()]
    if missing:
        raise ProvenanceMissingError(str(path), missing)
    return _provenance(path.name, stated, "", ())
