"""Sources of the line: one file, or a folder with one file a day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

import shapely

from geo.control_areas.to_line import contact_line_from_area
from geo.dates import DayLike, as_day, day_in_name
from geo.errors import DataFormatError
from geo.formats.detection import SUFFIXES
from geo.formats.file_choice import WHOLE_FILE, FileChoice, choices_of, split_choice
from geo.formats.incremental_geojson import SeenRings
from geo.formats.reader import is_geodatabase, read_features
from geo.io.control import (
    NOT_STATED,
    ControlFile,
    ControlKind,
    control_of,
    read_provenance,
)
from geo.lines.split import split_by_contact_line
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.line_series import ControlSource, pick_day
from geo.model.provenance import Provenance

__all__ = ["FileSource", "RefittedSource", "line_of", "open_source"]


@dataclass(frozen=True, eq=False)
class FileSource:
    """Lines of contact read from files when they are asked for.

    Parameters
    ----------
    id
        Short name that figures are given with: ``deepstate``, or ``file:<name>``.
    boundaries
        The country that the lines divide; areas of control are turned into lines inside it.
    files
        The files, by day; the day is ``None`` for one file that names none.
    provenance
        Where the files come from.
    choice
        Which part of each file, see :func:`geo.read_control_file`.
    """

    id: str
    boundaries: Boundaries
    files: dict[date | None, Path]
    provenance: Provenance
    choice: FileChoice = WHOLE_FILE

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The days there is a line for, in order; empty when one file names no day."""
        return tuple(sorted(day for day in self.files if day is not None))

    @cached_property
    def _has_days_in_one_file(self) -> bool:
        return len(set(self.files.values())) < len(self.files)

    def on(self, day: DayLike, *, nearest: bool | str = False) -> ContactLine:
        """Return the line of a day.

        Parameters
        ----------
        day
            The day asked for; a file that names no day is taken to be of it.
        nearest
            Which other line will do when the day has none; see
            :class:`geo.model.line_series.Nearest`.

        Returns
        -------
        ContactLine
            Its ``date`` tells which day it describes.

        Raises
        ------
        UnknownDateError
            There is no line for the day, nor an earlier one where that would do.
        DataFormatError
            The file cannot be used; see :func:`geo.read_control_file`.
        """
        found, its_day = self.read(day, nearest=nearest)
        with choices_of(self.files.get(its_day) or self.files[None]):
            return line_of(found, its_day, self)

    def area_on(self, day: DayLike, *, nearest: bool | str = False) -> shapely.MultiPolygon | None:
        """Return the area of control of a day as published, or ``None`` if lines are published.

        Parameters
        ----------
        day, nearest
            As in :meth:`on`.
        """
        found, its_day = self.read(day, nearest=nearest)
        merged = found.merged(its_day if found.selected.dates else None)
        return merged if isinstance(merged, shapely.MultiPolygon) else None

    def read(
        self, day: DayLike, *, nearest: bool | str = False, seen: SeenRings | None = None
    ) -> tuple[ControlFile, date]:
        """Return the file of a day, and the day it describes.

        Parameters
        ----------
        day, nearest
            As in :meth:`on`.
        seen
            What was read of other days, see :func:`geo.read_control_file`.
        """
        day = as_day(day)
        if None in self.files:
            its_day, path = day, self.files[None]
        else:
            its_day = pick_day(self.dates, day, nearest)
            path = self.files[its_day]
        if self._has_days_in_one_file:
            return _read_once(path, _modified_ns(path), self.choice), its_day
        features = read_features(path, layer=self.choice.layer, seen=seen)
        return control_of(features, self.choice), its_day


def _modified_ns(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


@lru_cache(maxsize=1)
def _read_once(path: Path, modified_ns: int, choice: FileChoice) -> ControlFile:
    """Read a file that holds several days; it is kept for the next of them."""
    del modified_ns  # another file by then
    return control_of(read_features(path, layer=choice.layer), choice)


@dataclass(frozen=True, eq=False)
class RefittedSource:
    """Lines drawn for one data set of boundaries, fitted to another.

    Parameters
    ----------
    lines
        The lines.
    home
        The boundaries they were drawn for.
    boundaries
        The boundaries they are to divide.

    Notes
    -----
    A line that ends on one drawing of the coast does not end on another, which may lie ten km away
    in an estuary. What the line gives to Russia within ``home`` is therefore treated as a published
    area: see :func:`geo.contact_line_from_area`.
    """

    lines: ControlSource
    home: Boundaries
    boundaries: Boundaries

    @property
    def id(self) -> str:
        """Short name that figures are given with."""
        return self.lines.id

    @property
    def dates(self) -> tuple[date, ...]:
        """The days there is a line for, in order."""
        return self.lines.dates

    @property
    def provenance(self) -> Provenance:
        """Provenance of the lines."""
        return self.lines.provenance

    def on(self, day: DayLike, *, nearest: bool | str = False) -> ContactLine:
        """Return the line of a day, as :meth:`FileSource.on` does.

        Parameters
        ----------
        day, nearest
            As there.

        Returns
        -------
        ContactLine
            What the original states of source, observations and uncertainty, and a new geometry.
        """
        line = self.lines.on(as_day(day), nearest=nearest)
        partition = split_by_contact_line(self.home, line)
        held = partition.geometry[partition.held_by == Control.RUSSIA]
        if len(held) == 0:
            return line
        fitted = contact_line_from_area(
            shapely.coverage_union_all(held),
            self.boundaries,
            day=line.date,
            source=line.source,
            provenance=line.provenance,
        )
        method = f"{line.method}; fitted to the boundaries {self.boundaries.id}"
        return replace(line, geometry=fitted.geometry, method=method)


def line_of(found: ControlFile, day: date, source: FileSource) -> ContactLine:
    """Make the line of a day out of what a file says of control.

    Parameters
    ----------
    found
        What was read.
    day
        The day of the line; of a file that states several days, those features.
    source
        Gives the country, and where the file comes from.

    Returns
    -------
    ContactLine
        The published line, or the boundary of the published area.

    Raises
    ------
    DataFormatError
        The features cannot be united, or lie elsewhere.
    """
    geometry, united = found.unite(day if found.selected.dates else None)
    provenance = replace(source.provenance, date=day.isoformat(), sha256=found.provenance.sha256)
    if isinstance(geometry, shapely.MultiLineString):
        method = "the published line as it is"
        line = ContactLine(day, geometry, provenance.source, method, provenance)
    else:
        line = contact_line_from_area(
            geometry, source.boundaries, day=day, source=provenance.source, provenance=provenance
        )
    return replace(line, source_id=source.id, united=united)


def open_source(
    path: Path | str,
    boundaries: Boundaries,
    *,
    source_id: str | None = None,
    layer: str | None = None,
    kind: ControlKind | str | None = None,
    where: str | Sequence[str] = (),
    day: DayLike | None = None,
    choice: FileChoice = WHOLE_FILE,
) -> FileSource:
    """Open a file, or a folder with one file a day, as a source of lines.

    Parameters
    ----------
    path
        A file of any format of :func:`geo.read_control_file`, with one day or several (property
        ``date``); or a folder of such files with the day in their names (``…20251121.geojson``).
    boundaries
        The country that the lines divide.
    source_id
        Short name; ``file:<name>`` by default.
    layer, kind, where, day
        See :func:`geo.read_control_file`.
    choice
        The same as one value; what is given besides adds to it.

    Returns
    -------
    FileSource
        Days are known; in a folder, files are read when a day is asked for.

    Raises
    ------
    DataFormatError
        The file cannot be used, or the folder holds no file with a day in its name, or two of a
        day.

    Examples
    --------
    >>> import geo
    >>> lines = geo.data_directory() / "contact_line.geojson"
    >>> source = geo.open_source(lines, geo.load_boundaries())
    >>> source.id, len(source.dates)
    ('file:contact_line.geojson', 26)
    """
    path, part = split_choice(path)
    choice = (part if choice is WHOLE_FILE else choice).but(
        layer=layer, kind=kind, where=where, day=day
    )
    named = source_id or f"file:{path.name}"
    if path.is_dir() and not is_geodatabase(path):
        files, provenance = _files_by_day(path), _provenance_of_folder(path)
        return FileSource(named, boundaries, files, provenance, choice)
    with choices_of(path):
        found = _read_once(path, _modified_ns(path), choice)
    days: tuple[date | None, ...] = found.dates or (None,)
    return FileSource(named, boundaries, dict.fromkeys(days, path), found.provenance, choice)


def _files_by_day(folder: Path) -> dict[date | None, Path]:
    files: dict[date | None, Path] = {}
    for path in sorted(folder.iterdir()):
        day = day_in_name(path.name)
        if day is None or path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        if day in files:
            raise DataFormatError(
                f"{folder}: expected one file a day; {files[day].name} and {path.name} are of "
                f"{day}. Remove one of them."
            )
        files[day] = path
    if not files:
        raise DataFormatError(
            f"{folder}: expected files with a day in their names, such as "
            "deepstatemap_data_20251121.geojson; there is none."
        )
    return files


def _provenance_of_folder(folder: Path) -> Provenance:
    beside = folder / "provenance.json"
    if beside.is_file():
        return read_provenance(beside)
    return Provenance(
        title=folder.name,
        source=f"folder {folder.name}",
        date=NOT_STATED,
        licence=NOT_STATED,
        attribution=NOT_STATED,
    )
