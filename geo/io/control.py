"""Read a line or an area of control from any file, with every check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson
import shapely

from geo.arrays import Geometries
from geo.dates import DayLike, as_day, day_in_name
from geo.errors import DataFormatError, InvalidGeometryError, ProvenanceMissingError
from geo.files.bounded import read_bounded
from geo.files.content import decode_text
from geo.formats.features import Features, check_valid
from geo.formats.file_choice import WHOLE_FILE, FileChoice, choices_of, split_choice, undecided
from geo.formats.incremental_geojson import SeenRings
from geo.formats.reader import read_features
from geo.io.selection import Selected, select_features
from geo.model.provenance import Provenance
from geo.model.united import Reason, United
from geo.text import restore_text

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
    """Kind of geometry in a file of control."""

    LINE = "line"
    AREA = "area"


_DIMENSION: Final = {ControlKind.LINE: 1, ControlKind.AREA: 2}
_WORDS: Final = {0: "points", 1: "lines", 2: "polygons"}


@dataclass(frozen=True, eq=False)
class ControlFile:
    """Features of a file of control, and the selection among them.

    Parameters
    ----------
    kind
        Whether it holds lines of contact or areas of control.
    features
        All features that were read.
    selected
        Which of them are meant, and their days; those of another kind are left out.
    provenance
        What the file says of its origin, and the hash of its bytes.
    """

    kind: ControlKind
    features: Features
    selected: Selected
    provenance: Provenance
    _valid: dict[tuple[int, ...], Geometries] = field(default_factory=dict, init=False)

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return self.features.name

    @property
    def geometry(self) -> Geometries:
        """One geometry for each feature that is meant, shape (n,), degrees."""
        return self.features.parts(_DIMENSION[self.kind])[self.selected.rows]

    @property
    def days(self) -> tuple[date | None, ...]:
        """Day of each feature that is meant, ``None`` where it states none."""
        return self.selected.days

    @property
    def dates(self) -> tuple[date, ...]:
        """The days the file speaks of, in order; empty when it names none."""
        named = day_in_name(self.name)
        return self.selected.dates or (() if named is None else (named,))

    def unite(
        self, day: DayLike | None = None
    ) -> tuple[shapely.MultiPolygon | shapely.MultiLineString, United]:
        """Unite the features of a day to one geometry.

        Parameters
        ----------
        day
            The day; not needed if the features do not state several.

        Returns
        -------
        geometry : shapely.MultiPolygon or shapely.MultiLineString
            Areas that overlap or touch are united; lines are kept as they are.
        united : United
            Which features were united, and which were left out.

        Raises
        ------
        UndecidedError
            The features state several days, other days, or different statuses; lists the choices.
        DataFormatError
            There are too many vertices.
        FeaturesError
            One of the features is invalid.
        """
        rows, united = self.selected.unite(None if day is None else as_day(day))
        shapes = self._checked(rows)
        if len(shapes) == 1 and isinstance(
            shapes[0], shapely.MultiPolygon | shapely.MultiLineString
        ):
            return shapes[0], united  # the parts of one valid feature need no union
        parts = shapely.get_parts(shapes)
        if self.kind is ControlKind.LINE:
            return shapely.MultiLineString(list(parts)), united
        return shapely.MultiPolygon(list(shapely.get_parts(shapely.union_all(parts)))), united

    def given(self, day: DayLike | None = None) -> Geometries:
        """Return the features of a day as they were read, before :meth:`unite` computes anything.

        Parameters
        ----------
        day
            As for :meth:`unite`.

        Returns
        -------
        numpy.ndarray
            One geometry for each feature, degrees.
        """
        rows, _ = self.selected.unite(None if day is None else as_day(day))
        return self.features.select(rows).parts(_DIMENSION[self.kind])

    def merged(self, day: DayLike | None = None) -> shapely.MultiPolygon | shapely.MultiLineString:
        """Return the geometry of :meth:`unite` alone."""
        return self.unite(day)[0]

    def check(self) -> None:
        """Check all features that are meant, of all days, as :meth:`unite` does those of one."""
        self._checked(self.selected.rows)

    def _checked(self, rows: Sequence[int]) -> Geometries:
        """Return some features; only those must be valid and of limited size."""
        if (key := tuple(rows)) not in self._valid:
            chosen = self.features.select(rows)
            shapes = chosen.parts(_DIMENSION[self.kind])
            _check_size(self.name, shapes)
            check_valid(chosen, dimension=_DIMENSION[self.kind])
            self._valid[key] = shapes
        return self._valid[key]


def read_control(
    path: Path | str,
    *,
    layer: str | None = None,
    kind: ControlKind | str | None = None,
    where: str | Sequence[str] = (),
    day: DayLike | None = None,
) -> shapely.MultiPolygon | shapely.MultiLineString:
    """Read a line of contact or an area of control from any file.

    Parameters
    ----------
    path, layer, kind, where, day
        See :func:`read_control_file`.

    Returns
    -------
    shapely.MultiPolygon or shapely.MultiLineString
        All features together, longitude and latitude in degrees.
    """
    with choices_of(split_choice(path)[0]):
        return read_control_file(path, layer=layer, kind=kind, where=where, day=day).merged()


def read_control_file(
    path: Path | str,
    *,
    layer: str | None = None,
    kind: ControlKind | str | None = None,
    where: str | Sequence[str] = (),
    day: DayLike | None = None,
    seen: SeenRings | None = None,
) -> ControlFile:
    """Read lines of contact or areas of control from any file, with what it says of them.

    Parameters
    ----------
    path
        Any file of :func:`geo.formats.reader.read_features`: GeoJSON, GeoPackage, Shapefile, KML,
        KMZ, FlatGeobuf, GeoParquet (which needs the extra ``formats``), a file geodatabase, and
        others. As text it may name a part:
        ``front.kml#layer=South&where=status=occupied&day=2025-11-21``.
    layer
        Which layer, when the file has several; ``*`` takes all of them together.
    kind
        ``line`` or ``area``, when the file mixes them; the other features are then left out.
    where
        Conditions on properties, such as ``status=occupied``: several values of one property are
        alternatives, conditions on several properties must all hold.
    day
        Only the features of this day.
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
    path, named = split_choice(path)
    choice = named.but(layer=layer, kind=kind, where=where, day=day)
    with choices_of(path):
        return control_of(read_features(path, layer=choice.layer, seen=seen), choice)


def control_of(features: Features, choice: FileChoice = WHOLE_FILE) -> ControlFile:
    """Take the lines of contact, or the areas of control, out of features.

    Parameters
    ----------
    features
        What was read.
    choice
        Which of them are meant.

    Returns
    -------
    ControlFile
        Features without a geometry of the kind are left out.

    Raises
    ------
    DataFormatError
        There are both kinds and none was chosen, or a condition or a day that no feature fulfils.
    InvalidGeometryError
        There is no line and no polygon, or, unless there are several days, one of them is invalid.
    """
    selected = select_features(features.name, features.properties, where=choice.where)
    of_kind = _choose_kind(features.select(selected.rows), choice.kind)
    missing = shapely.is_missing(features.parts(_DIMENSION[of_kind]))
    selected = selected.without(Reason.KIND, lambda row: not missing[row])
    if choice.day is not None:
        selected = selected.on(choice.day)
    selected = replace(selected, choice=str(choice))
    provenance = _provenance(features.name, features.stated, features.sha256, selected.days)
    found = ControlFile(of_kind, features, selected, provenance)
    if len(selected.dates) < 2:
        found.check()
    return found


def _check_size(name: str, geometry: Geometries) -> None:
    vertices = int(shapely.get_num_coordinates(geometry).sum())
    if vertices > _MOST_VERTICES:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_VERTICES:,} vertices, got {vertices:,}. Simplify "
            f"them, for instance with ogr2ogr -simplify 0.0001 new.gpkg {name}"
        )


def _choose_kind(features: Features, wanted: str | None) -> ControlKind:
    """Return which kind of geometry is meant; several kinds need a choice."""
    kind = None if wanted is None else ControlKind(wanted)
    count = {
        dimension: int((~shapely.is_missing(features.parts(dimension))).sum())
        for dimension in _WORDS
    }
    usable = [each for each, dimension in _DIMENSION.items() if count[dimension]]
    held = ", ".join(f"{n} {_WORDS[of][: -1 if n == 1 else None]}" for of, n in count.items() if n)
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
    name = restore_text(name)
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
