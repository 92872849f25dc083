"""A line or an area of control from any file nobody prepared: all checked, nothing guessed."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geo.crs import reproject_to_geographic
from geo.errors import DataFormatError, InvalidGeometryError, ProvenanceMissingError
from geo.io.dates import day_in_name
from geo.io.geojson import read_geojson_layer
from geo.io.incremental_geojson import SeenRings
from geo.io.vector import VectorLayer, read_vector_layer
from geo.territory import Geometries, Provenance

__all__ = [
    "NOT_STATED",
    "ControlFile",
    "ControlKind",
    "provenance_of",
    "read_control",
    "read_control_file",
    "read_layer",
    "read_provenance",
]

NOT_STATED: Final = "not stated by the file"
"""What is put for a licence, attribution or date that a user's own file does not state."""

_MOST_BYTES: Final = 256 * 2**20
_MOST_VERTICES: Final = 2_000_000


class ControlKind(StrEnum):
    """What a file of control holds."""

    LINE = "line"
    AREA = "area"


_DIMENSION: Final = {ControlKind.LINE: 1, ControlKind.AREA: 2}
_KIND_OF_DIMENSION: Final = {0: "points", 1: "lines", 2: "polygons"}


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
        GeoJSON, GeoPackage, Shapefile (``.shp``, or the folder's files in a ``.zip``), KML, KMZ,
        FlatGeobuf or GeoParquet (the last needs the extra ``formats``).
    layer
        Which layer, when the file has several.
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
    path = Path(path)
    found, stated, sha256 = read_layer(path, layer=layer, seen=seen)
    chosen, of_kind = _choose_kind(path.name, found, None if kind is None else ControlKind(kind))
    _check_valid(path.name, found, chosen)
    geometry = np.asarray(found.geometry[chosen], dtype=object)
    geometry = reproject_to_geographic(geometry, found.crs, name=path.name)
    days = tuple(_parse_day(path.name, found.dates[row]) for row in chosen)
    provenance = _provenance(path.name, stated, sha256, days)
    return ControlFile(path.name, of_kind, geometry, days, provenance)


def read_layer(
    path: Path, *, layer: str | None, seen: SeenRings | None = None
) -> tuple[VectorLayer, dict[str, Any], str]:
    """Read a layer of any file as it is, within limits.

    Parameters
    ----------
    path, layer, seen
        See :func:`read_control_file`.

    Returns
    -------
    layer : VectorLayer
        Geometries and properties as the file has them.
    stated : dict
        What the file says of its origin, empty when nothing.
    sha256 : str
        Hash of the file's bytes.

    Raises
    ------
    DataFormatError
        The file cannot be read, or is larger than allowed.
    """
    content = _checked_bytes(path)
    stated: dict[str, Any] = {}
    if path.suffix.lower() in {".geojson", ".json"}:
        found, stated = read_geojson_layer(path, content, layer, seen=seen)
    else:
        found = read_vector_layer(path, layer=layer)
    _check_size(path.name, found.geometry)
    return found, stated, hashlib.sha256(content).hexdigest()


def _checked_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise DataFormatError(
                f"{path.name}: expected at most {_MOST_BYTES / 2**20:g} MiB, the file has "
                f"{size / 2**20:.0f}."
            )
        content = path.read_bytes()
        if path.suffix.lower() in {".geojson", ".json"}:
            _check_brackets(path.name, content)
        return content
    except OSError as error:
        raise DataFormatError(
            f"{path}: cannot be read ({error.strerror}). Check the path."
        ) from error


def _check_brackets(name: str, content: bytes) -> None:
    """Refuse JSON with more lists than positions are allowed, before a parser makes objects."""
    lists = content.count(b"[")
    if lists > 2 * _MOST_VERTICES:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_VERTICES:,} vertices; {lists:,} lists came. Simplify."
        )


def _check_size(name: str, geometry: Geometries) -> None:
    vertices = int(shapely.get_num_coordinates(geometry).sum())
    if vertices > _MOST_VERTICES:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_VERTICES:,} vertices, {vertices:,} came. Simplify."
        )


# --- what every format has to pass --------------------------------------------------------------


def _choose_kind(
    name: str, found: VectorLayer, kind: ControlKind | None
) -> tuple[list[int], ControlKind]:
    """Return the rows of one kind; several kinds need a choice."""
    dimension = [_dimension(geometry) for geometry in found.geometry]
    count = Counter(dimension)
    usable = [each for each, wanted in _DIMENSION.items() if count[wanted]]
    held = ", ".join(
        f"{count[known]} {word}" for known, word in _KIND_OF_DIMENSION.items() if count[known]
    )
    if kind is not None and kind not in usable:
        raise InvalidGeometryError(f"{name}: expected a {kind}; it holds {held or 'no geometry'}.")
    if kind is None and (len(usable) != 1 or -1 in count):
        if not usable:
            raise InvalidGeometryError(
                f"{name}: expected lines or polygons; it holds {held or 'no geometry'}."
            )
        _refuse_collections(name, found, dimension)
        raise DataFormatError(
            f"{name}: expected lines or polygons, not both; it holds {held}. Choose one of them: "
            "kind=line or kind=area."
        )
    of_kind = kind or usable[0]
    return [row for row, one in enumerate(dimension) if one == _DIMENSION[of_kind]], of_kind


def _dimension(geometry: Any) -> int:  # noqa: ANN401
    """Return 0, 1 or 2; -1 for a collection of several, -2 for no geometry."""
    if geometry is None or shapely.is_empty(geometry):
        return -2
    if shapely.get_type_id(geometry) != 7:
        return int(shapely.get_dimensions(geometry))
    inner = {int(each) for each in shapely.get_dimensions(shapely.get_parts(geometry))}
    return inner.pop() if len(inner) == 1 else -1


def _refuse_collections(name: str, found: VectorLayer, dimension: list[int]) -> None:
    for row, one in enumerate(dimension):
        if one == -1:
            raise InvalidGeometryError(
                f"{name}: {found.label(row)} mixes points, lines or polygons in one geometry. "
                "Split it into features of one kind."
            )


def _check_valid(name: str, found: VectorLayer, chosen: Sequence[int]) -> None:
    """Name the features whose geometry is invalid, and where."""
    faults = []
    for row in chosen:
        geometry = found.geometry[row]
        if not np.isfinite(shapely.get_coordinates(geometry)).all():
            faults.append(f"{found.label(row)}: a coordinate is not a finite number")
        elif not shapely.is_valid(geometry):
            faults.append(f"{found.label(row)}: {shapely.is_valid_reason(geometry)}")
    if faults:
        more = f"; and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise InvalidGeometryError(
            f"{name}: invalid geometry: {'; '.join(faults[:5])}{more}. Repair it with "
            "shapely.make_valid, or in QGIS with 'Fix geometries'."
        )


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


def provenance_of(path: Path, stated: dict[str, Any], sha256: str) -> Provenance:
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
    name: str, stated: dict[str, Any], sha256: str, days: Sequence[date | None]
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
        stated = orjson.loads(_checked_bytes(path))
    except orjson.JSONDecodeError as error:
        raise DataFormatError(f"{path}: expected a JSON object ({error}).") from error
    stated = stated.get(key) if key and isinstance(stated, dict) else stated
    stated = stated if isinstance(stated, dict) else {}
    required = ("source", "date", "licence", "attribution")
    missing = [name for name in required if not str(stated.get(name) or "").strip()]
    if missing:
        raise ProvenanceMissingError(str(path), missing)
    return _provenance(path.name, stated, "", ())
