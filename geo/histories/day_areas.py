"""Measure how much of each oblast either side holds on a day."""

from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Final, Protocol

import numpy as np
import shapely

from geo.control_areas.border_cells import SliverRule, shore_of
from geo.control_areas.border_snapping import snap_area
from geo.control_areas.slivers import Slivers
from geo.control_areas.tile_areas import TileState, grid_of
from geo.crs import Floats
from geo.errors import InvalidGeometryError
from geo.formats.incremental_geojson import SeenRings
from geo.geometry.snapping import runs_along
from geo.geometry.topology import topology_of
from geo.io.sources import FileSource
from geo.lines.split import AREA_TOLERANCE, split_by_contact_line
from geo.model.boundaries import Boundaries
from geo.model.control import Control
from geo.model.line_series import ControlSource

__all__ = ["HOLDERS", "AreaDivider", "DayAreas", "Divider", "FailedDay", "LineDivider"]
__all__ += ["divide_days", "make_divider"]

_DOUBTFUL: Final = 1e-5

HOLDERS: Final = (Control.RUSSIA, Control.UKRAINE)
"""Order of the columns of :attr:`DayAreas.area_km2`; that of the faces of a partition."""


@dataclass(frozen=True, eq=False)
class DayAreas:
    """Area of each oblast that each side holds on a day.

    Parameters
    ----------
    date
        The day.
    area_km2
        Shape (n, 2): rows as in the boundaries, columns as in :data:`HOLDERS`; ``nan`` where a
        holder has no land.
    sha256
        Hash of the file the line or the area came from.
    """

    date: date
    area_km2: Floats
    sha256: str


@dataclass(frozen=True)
class FailedDay:
    """A day that could not be measured, and why."""

    date: date
    message: str


class Divider(Protocol):
    """Measures days."""

    def divide(self, day: date) -> DayAreas:
        """Return who holds how much on a day."""


def make_divider(source: ControlSource, boundaries: Boundaries) -> Divider:
    """Choose the way to measure a source.

    Parameters
    ----------
    source
        Lines or areas of control by day.
    boundaries
        The oblasts.

    Returns
    -------
    Divider
        Can be pickled; what it caches stays where it was made.
    """
    if isinstance(source, FileSource):
        return AreaDivider(source, boundaries)
    return LineDivider(source, boundaries)


def divide_days(divider: Divider, days: tuple[date, ...]) -> list[DayAreas | FailedDay]:
    """Measure several days; one that fails does not stop the others.

    Parameters
    ----------
    divider
        Measures a day.
    days
        The days.

    Returns
    -------
    list of DayAreas or FailedDay
        One for each day, in order.
    """
    return [_divide(divider, day) for day in days]


def _divide(divider: Divider, day: date) -> DayAreas | FailedDay:
    try:
        return divider.divide(day)
    except Exception as error:  # whatever is wrong with a day, the others can be measured
        kind = "" if str(error) else type(error).__name__
        return FailedDay(day, f"{kind}{error}")


@dataclass(frozen=True, eq=False)
class LineDivider:
    """Measures the faces that a line leaves, see :func:`geo.split_by_contact_line`."""

    source: ControlSource
    boundaries: Boundaries

    def divide(self, day: date) -> DayAreas:
        """Return who holds how much on a day."""
        line = self.source.on(day)
        faces = split_by_contact_line(self.boundaries, line)
        areas = np.full((len(self.boundaries), len(HOLDERS)), np.nan)
        column = np.array([HOLDERS.index(holder) for holder in faces.held_by], dtype=np.intp)
        areas[faces.oblast_row, column] = faces.area_km2
        return DayAreas(day, areas, line.provenance.sha256)


class AreaDivider:
    """Measures areas of control without making faces, and only where they changed.

    Parameters
    ----------
    source
        Areas of control by day; for a day with lines, :class:`LineDivider` does it.
    boundaries
        The oblasts.
    rule
        What counts as a sliver along border and coast.

    Notes
    -----
    What Russia holds of an oblast is what of it lies inside the area or a sliver of free land
    between the area and the outline. It is measured tile by tile, and only in tiles where the
    boundary of the area, or a sliver, differs from the day before. A line made from the same area
    by :func:`geo.contact_line_from_area` carries the same figures, so those of
    :func:`geo.split_by_contact_line` are the same to the last digit (tested).
    """

    def __init__(
        self, source: FileSource, boundaries: Boundaries, *, rule: SliverRule | None = None
    ) -> None:
        self.source = source
        self.boundaries = boundaries
        self.rule = rule or SliverRule()
        self._state: TileState | None = None
        self._seen = SeenRings()
        self._lock = Lock()

    def __reduce__(self) -> tuple[object, ...]:
        """Leave behind what can be made again."""
        return _make_area_divider, (self.source, self.boundaries, self.rule)

    def divide(self, day: date) -> DayAreas:
        """Return who holds how much on a day."""
        found, _ = self.source.read(day, seen=self._seen)
        area = found.merged(day)
        if not isinstance(area, shapely.MultiPolygon):
            return LineDivider(self.source, self.boundaries).divide(day)
        held = self.held_km2(area)
        if not held.any() or self._is_doubtful(held):
            return LineDivider(self.source, self.boundaries).divide(day)
        return DayAreas(day, _both_sides(held, self.boundaries), found.provenance.sha256)

    def _is_doubtful(self, held_km2: Floats) -> bool:
        """Tell whether a side has so little of an oblast that only faces show if it has any."""
        whole = self.boundaries.area_km2
        least = np.minimum(held_km2, whole - held_km2) / whole
        return bool(((least > AREA_TOLERANCE) & (least < _DOUBTFUL)).any())

    def held_km2(self, area: shapely.MultiPolygon) -> Floats:
        """Measure what an area of control holds of each oblast, slivers included.

        Parameters
        ----------
        area
            Valid polygons, longitude and latitude in degrees.

        Returns
        -------
        numpy.ndarray
            Areas in km², shape (n,).
        """
        with self._lock:  # the threads of a worker share what was measured
            state, self._state = self._state, None  # should this day fail, all is forgotten
            if state is None:
                shore = shore_of(self.boundaries, self.rule)
                state = TileState(grid_of(self.boundaries), Slivers(shore))
            topology = topology_of(self.boundaries)
            if runs_along(state.move_to(area), topology.edges).any():
                state.move_to(snap_area(area, topology))
            self._state = state
            return state.held_km2


def _make_area_divider(source: FileSource, boundaries: Boundaries, rule: SliverRule) -> AreaDivider:
    return AreaDivider(source, boundaries, rule=rule)


def _both_sides(held_km2: Floats, boundaries: Boundaries) -> Floats:
    """Return held and free land of each oblast; what is within the tolerance of nothing is none."""
    whole = boundaries.area_km2
    if (held_km2 > whole * (1.0 + 1e-6)).any():
        raise InvalidGeometryError("area of control: holds more of an oblast than there is of it")
    areas = np.column_stack([held_km2, whole - held_km2])
    nothing = areas <= AREA_TOLERANCE * whole[:, None]
    areas[nothing[:, ::-1]] = np.column_stack([whole, whole])[nothing[:, ::-1]]
    areas[nothing] = np.nan
    return areas
