"""Strips of land next to the line: the area that changes hands if the line moves.

Ground belongs to the element of line nearest to it. When an element is displaced by u towards one
side, the ground on that side within u of it changes hands. So each piece of ground has exactly one
holder in every draw: nothing folds over, no pocket turns inside out, nothing is lost at the outer
border or an oblast's, and a draw costs a look-up for each strip instead of a new geometry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.crs import Floats, to_metric
from geo.geometry.topology import Integers
from geo.model.control import Control
from geo.model.partition import Partition
from geo.numerics import whole
from geo.uncertainty.displacement import LENGTH_UNIT_KM, DisplacementModel

__all__ = ["Strips", "cut_strips"]

_STEPS: Final = 12
_WINDOW: Final = 24
_QUAD_SEGS: Final = 6
_AREA_UNIT_KM2: Final = 2.0**-20


@dataclass(frozen=True, eq=False)
class Strips:
    """The ground near a line, by element of line, oblast and holder; shape (m,).

    Parameters
    ----------
    element
        Row of the element of line that is nearest.
    oblast_row
        Row of the oblast; ascending.
    held_by_ukraine
        Whether Ukraine holds it on the day of the line; otherwise Russia does.
    profile_km2
        Area within k/12 of the reach from the line, shape (m, 13), ascending in k.
    reach_km
        The half-width of the band the line lies in.
    along_km
        Length of each element in each oblast, shape (elements, oblasts), in whole
        :data:`geo.uncertainty.displacement.LENGTH_UNIT_KM`. Where the line runs along the border of
        two, half counts in each.
    """

    element: Integers
    oblast_row: Integers
    held_by_ukraine: npt.NDArray[np.bool_]
    profile_km2: Floats
    reach_km: float
    along_km: Floats

    def __len__(self) -> int:
        return len(self.element)

    @cached_property
    def _first(self) -> Integers:
        """Row where each oblast's strips begin."""
        return np.flatnonzero(np.diff(self.oblast_row, prepend=-1))

    def growth_km2(self, displacement_km: Floats) -> Floats:
        """Compute the growth of Russian-held land if the line is displaced.

        Parameters
        ----------
        displacement_km
            Displacement of each element, positive towards land that Ukraine holds, shape
            (draws, elements). Beyond the reach it counts as the reach.

        Returns
        -------
        numpy.ndarray
            Growth in km² in each oblast, negative where it shrinks, shape (draws, oblasts).
        """
        draws, oblasts = len(displacement_km), self.along_km.shape[1]
        growth = np.zeros((draws, oblasts))
        if len(self) == 0:
            return growth
        sign = np.where(self.held_by_ukraine, 1.0, -1.0)
        depth = displacement_km[:, self.element] * sign * (_STEPS / self.reach_km)
        np.clip(depth, 0.0, _STEPS, out=depth)
        step = np.minimum(depth.astype(np.intp), _STEPS - 1)
        depth -= step
        step += np.arange(len(self)) * (_STEPS + 1)
        signed = (self.profile_km2 * sign[:, None]).ravel()
        rise = np.append(np.diff(signed), 0.0)
        swept = signed[step] + depth * rise[step]
        growth[:, self.oblast_row[self._first]] = np.add.reduceat(swept, self._first, axis=1)
        return growth

    def reachable(self, oblasts: int) -> dict[Control, npt.NDArray[np.bool_]]:
        """Tell in which oblasts each side holds ground that can change hands.

        Parameters
        ----------
        oblasts
            How many oblasts there are.

        Returns
        -------
        dict
            For each holder an array of shape (oblasts,).
        """
        result = {}
        for holder in Control:
            mine = self.held_by_ukraine == (holder is Control.UKRAINE)
            result[holder] = np.bincount(self.oblast_row[mine], minlength=oblasts) > 0
        return result


def cut_strips(partition: Partition, model: DisplacementModel) -> Strips:
    """Cut the ground near a line into strips and measure them.

    Parameters
    ----------
    partition
        The country divided by the line.
    model
        The line's elements and the width of the band.

    Returns
    -------
    Strips
        All ground within the half-width of the line, each part of it once.

    Notes
    -----
    Voronoi cells of the elements' middles, cut by the band around each element and by the faces;
    the profile is measured by intersection with bands of 12 widths, in an equal-area projection.
    Between two widths the area is taken to be linear in the displacement. No face gives up more
    than its area.
    """
    faces_m = to_metric(shapely.segmentize(partition.geometry, 0.05))
    oblasts_m = to_metric(shapely.segmentize(partition.boundaries.geometry, 0.05))
    reach_m = 1000.0 * model.half_width_km
    elements = model.elements_m
    cells = shapely.intersection(
        _nearest_cells(model.sites_m, reach_m),
        shapely.buffer(elements, reach_m, quad_segs=_QUAD_SEGS),
    )
    along_km = np.zeros((len(elements), len(oblasts_m)))
    owner, face, profile = [], [], [np.empty((0, _STEPS + 1))]
    for rows in _windows(len(elements)):
        box = shapely.box(*shapely.total_bounds(cells[rows]))
        bands = _bands(elements[rows], reach_m)
        for row, oblast, piece in _pieces(elements, oblasts_m, rows, box):
            along_km[row, oblast] = shapely.length(piece) / 1000.0
        for row, hit, piece in _pieces(cells, faces_m, rows, box):
            owner.append(row)
            face.append(hit)
            profile.append(_profile(piece, bands[row - rows[0]]))
    whole_km = shapely.length(elements) / 1000.0
    counted = along_km.sum(axis=1)
    along_km *= np.where(counted > whole_km, whole_km / np.where(counted > 0, counted, 1.0), 1.0)[
        :, None
    ]
    along_km = whole(along_km, LENGTH_UNIT_KM) * LENGTH_UNIT_KM
    return _collect(
        partition,
        np.concatenate([np.array([], dtype=np.intp), *owner]),
        np.concatenate([np.array([], dtype=np.intp), *face]),
        np.concatenate(profile),
        (model.half_width_km, along_km),
    )


def _nearest_cells(sites_m: Floats, reach_m: float) -> Geometries:
    """Return the ground nearer to each site than to any other."""
    if len(sites_m) == 0:
        return np.array([], dtype=object)
    around = shapely.box(*shapely.total_bounds(shapely.points(sites_m)))
    around = shapely.buffer(around, 2.0 * reach_m)
    if len(sites_m) == 1:
        return np.array([around], dtype=object)
    cells = shapely.voronoi_polygons(shapely.multipoints(sites_m), extend_to=around, ordered=True)
    return np.asarray(shapely.get_parts(cells))


def _windows(count: int) -> Iterator[Integers]:
    for start in range(0, count, _WINDOW):
        yield np.arange(start, min(start + _WINDOW, count))


def _pieces(
    small: Geometries, large: Geometries, rows: Integers, box: shapely.Polygon
) -> Iterator[tuple[Integers, Integers, Geometries]]:
    """Cut a few small geometries by each large one, after cutting the large ones to a window."""
    for hit in shapely.STRtree(large).query(box, predicate="intersects"):
        near = shapely.intersection(large[hit], box)
        pieces = shapely.intersection(small[rows], near)
        size = shapely.area(pieces) + shapely.length(pieces)
        kept = size > 0.0
        if shapely.get_dimensions(small[rows[0]]) == 2:
            kept = shapely.area(pieces) > 0.0
        yield rows[kept], np.full(int(kept.sum()), hit), pieces[kept]


def _bands(elements: Geometries, reach_m: float) -> Geometries:
    """Return the ground within growing distances of each element, shape (n, 11)."""
    widths = reach_m * np.arange(1, _STEPS) / _STEPS
    return np.asarray(shapely.buffer(elements[:, None], widths, quad_segs=_QUAD_SEGS))


def _profile(pieces: Geometries, bands: Geometries) -> Floats:
    """Area of each piece within growing distances of its element, km², shape (n, 13)."""
    within = shapely.area(shapely.intersection(pieces[:, None], bands))
    nothing = np.zeros((len(pieces), 1))
    profile = np.hstack([nothing, within, shapely.area(pieces)[:, None]]) / 1e6
    profile = (
        whole(profile, _AREA_UNIT_KM2) * _AREA_UNIT_KM2
    )  # a disk's corners are the C library's
    return np.asarray(np.maximum.accumulate(profile, axis=1))


def _collect(
    partition: Partition,
    element: Integers,
    face: Integers,
    profile_km2: Floats,
    measures: tuple[float, Floats],
) -> Strips:
    """Sort the strips by oblast; let no face give up more than its area."""
    total = np.bincount(face, profile_km2[:, -1], len(partition))
    share = np.where(total > partition.area_km2, partition.area_km2 / np.maximum(total, 1e-300), 1)
    profile_km2 = profile_km2 * share[face][:, None]
    order = np.argsort(partition.oblast_row[face], kind="stable")
    ukraine = partition.held_by[face] == Control.UKRAINE
    reach_km, along_km = measures
    return Strips(
        element=element[order],
        oblast_row=partition.oblast_row[face][order],
        held_by_ukraine=np.asarray(ukraine[order], dtype=np.bool_),
        profile_km2=profile_km2[order],
        reach_km=reach_km,
        along_km=along_km,
    )
