"""Slivers of land along border and coast that an area of control leaves out.

Two data sets rarely draw the state border and the coast alike. Free land is looked at cell by cell
(:mod:`geo.control_areas.border_cells`); what hangs together across cells is judged as one.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import Geometries
from geo.control_areas.border_cells import EDGE_DEG, TOUCH_M, Shore, clip_each
from geo.control_areas.opening import NOTHING, Cell, Pieces, look_at, rest_of
from geo.crs import Floats, to_geographic, to_metric
from geo.geometry.topology import Integers, components, spread

__all__ = ["Slivers"]

_OVERLAP_M: Final = 100.0
_SMALLEST_M2: Final = 100.0
_MIN_SHARE_BORDER: Final = 0.2
_MIN_SHARE_AREA: Final = 0.1
_MIN_SHARE_BOTH: Final = 0.65
"""A corner that the opening rounds off has less: it is no sliver."""

_SHARED_SEAM_M: Final = 1e-2

_NONE: Final = b""
"""What is kept of a cell without pieces: there is nothing to judge again."""

Bools = npt.NDArray[np.bool_]


class Slivers:
    """The slivers beside an area of control, kept up to date as the area changes.

    Parameters
    ----------
    shore
        Where to look, and what counts.

    Notes
    -----
    The free land is opened (eroded, then dilated) with a disk of half a strip's width; what the
    opening removes, and what touches both the area and the outline along a good part of its edge,
    is a sliver. So are small pieces of free land at the outline that the area cuts off. What is
    found depends on the area only, not on what was looked at before: rings are brought into a
    normal form first (tested).

    References
    ----------
    Serra, J. (1982). Image Analysis and Mathematical Morphology. Academic Press (opening).
    """

    def __init__(self, shore: Shore) -> None:
        self.shore = shore
        self._cells: dict[int, Cell] = {}
        self._inside: Bools = np.zeros(len(shore.probes[1]), dtype=bool)

    def move_to(
        self, area: BaseGeometry, segments: Floats, changed: Floats | None = None
    ) -> Integers:
        """Take over another area.

        Parameters
        ----------
        area
            Valid polygons, longitude and latitude in degrees.
        segments
            Its boundary, shape (n, 4).
        changed
            Boundary segments that were added or removed since the last time, shape (m, 4); by
            default everything may have changed.

        Returns
        -------
        numpy.ndarray
            The cells whose slivers have changed.
        """
        stale = self._stale(area, changed)
        if len(stale) == 0:
            return stale
        before = {row: cell.grown for row, cell in self._cells.items() if len(cell.grown)}
        self._look(_cut_long_edges(area, segments), stale)
        play = self._in_play()
        if len(play):
            self._keep_strips(play)
            self._keep_rest(play)
        after = {row: cell.grown for row, cell in self._cells.items() if len(cell.grown)}
        rows = sorted(before.keys() | after.keys())
        return np.array([r for r in rows if before.get(r) is not after.get(r)], dtype=np.intp)

    def grown(self, rows: Iterable[int] | None = None) -> Geometries:
        """Return the slivers of cells, each grown to overlap what it adjoins.

        Parameters
        ----------
        rows
            The cells; by default all.

        Returns
        -------
        numpy.ndarray
            Polygons in degrees, shape (n,).
        """
        chosen = sorted(self._cells if rows is None else self._cells.keys() & set(rows))
        return np.concatenate([NOTHING, *(self._cells[row].grown for row in chosen)])

    # --- what lies in the cells -----------------------------------------------------------------

    def _stale(self, area: BaseGeometry, changed: Floats | None) -> Integers:
        """Return the cells whose content differs: a segment comes near, or all of it changed."""
        places, cell = self.shore.probes
        if changed is None:
            shapely.prepare(area)
            self._inside = np.asarray(shapely.contains_xy(area, places))
            return np.arange(len(self.shore))
        flips = _lie_west(changed, places)
        self._inside = self._inside ^ flips
        return np.union1d(self.shore.touched_by(changed), cell[flips])

    def _look(self, area: BaseGeometry, rows: Integers) -> None:
        """Look at cells anew."""
        for row in rows.tolist():
            self._cells.pop(row, None)
        west, south, east, north = shapely.bounds(area).tolist()
        window = self.shore.window_deg[rows]
        meets = (window[:, 0] < east) & (window[:, 2] > west)
        meets &= (window[:, 1] < north) & (window[:, 3] > south)
        parts = clip_each(np.full(int(meets.sum()), area, dtype=object), window[meets])
        met = ~shapely.is_empty(parts)
        areas = to_metric(parts[met])
        self._cells.update(look_at(self.shore, rows[meets][met], areas))

    def _in_play(self) -> Integers:
        """Return the cells with something of the area, and those beside them."""
        shore = self.shore
        active = [row for row, cell in self._cells.items() if not cell.untouched]
        beside = shore.beside[active].ravel()
        play = np.union1d(active, beside[beside >= 0]).astype(np.intp)
        for row in self._cells.keys() - set(play.tolist()):
            del self._cells[row]
        missing = [row for row in play.tolist() if row not in self._cells]
        new = np.array([row for row in missing if row not in shore.untouched], dtype=np.intp)
        nowhere = np.array([shapely.Polygon() for _ in new], dtype=object)
        shore.untouched.update(look_at(shore, new, nowhere))
        for row in missing:
            known = shore.untouched[row]
            self._cells[row] = Cell(known.free, known.area, True, known.strips)
        return play

    # --- what counts ----------------------------------------------------------------------------

    def _keep_strips(self, play: Integers) -> None:
        """Judge the strips, and see what those that count leave of the free land."""
        rows = [row for row in play.tolist() if self._cells[row].strips_kept != _NONE]
        if not rows:
            return
        cells = [self._cells[row] for row in rows]
        facts, group, _, ends = _join([cell.strips for cell in cells])
        area, whole, border, along, at_border, at_area = _sum(facts, group).T
        whole = np.maximum(whole, TOUCH_M)
        good = (area > _SMALLEST_M2) & (at_border > 0.0) & (at_area > 0.0)
        good &= (border >= _MIN_SHARE_BORDER * whole) & (along >= _MIN_SHARE_AREA * whole)
        good &= border + along >= _MIN_SHARE_BOTH * whole
        changed = []
        for at, kept in enumerate(_masks(good[group], ends)):
            if cells[at].strips_kept != kept:
                cells[at].strips_kept = kept
                changed.append(at)
        mine = [cells[at] for at in changed]
        where = np.array(rows, dtype=np.intp)[changed]
        for cell, rest in zip(mine, rest_of(self.shore, where, mine), strict=True):
            cell.rest, cell.kept = rest, None

    def _keep_rest(self, play: Integers) -> None:
        """Judge the rest of the free land, and grow all that counts."""
        rows = [row for row in play.tolist() if self._cells[row].kept != _NONE]
        if not rows:
            return
        cells = [self._cells[row] for row in rows]
        facts, group, seams, ends = _join([cell.rest for cell in cells if cell.rest is not None])
        is_open = ~np.isin(self.shore.beside[rows], play)
        home = np.repeat(np.arange(len(rows)), np.diff(ends, prepend=0))
        piece, side = seams[:, 2].astype(np.intp), seams[:, 3].astype(np.intp)
        leaves = np.bincount(piece, is_open[home[piece], side], len(facts)) > 0.0
        total = _sum(np.column_stack([facts[:, 0], leaves]), group)
        small = (total[:, 0] <= self.shore.rule.area_km2 * 1e6) & (total[:, 1] == 0.0)
        unknown = small[group] & np.isnan(facts[:, 1])
        for at in np.unique(home[unknown]).tolist():
            facts[home == at, 1:] = self._ask(rows[at], cells[at])
        border, near, cut = (_sum(np.where(small[group, None], facts[:, 1:], 0.0), group) > 0.0).T
        _grow(cells, _masks((small & border & near & ~cut)[group], ends))

    def _ask(self, row: int, cell: Cell) -> Floats:
        """Tell of pieces whether they touch the outline, are near the area, touch the cut."""
        shore = self.shore
        pieces = cell.rest if cell.rest is not None else cell.strips
        polygons = pieces.polygons
        pieces.facts[:, 1] = shapely.dwithin(shore.outline_m[row], polygons, TOUCH_M)
        pieces.facts[:, 2] = shapely.dwithin(cell.area, polygons, shore.rule.width_km * 1000.0)
        pieces.facts[:, 3] = shapely.dwithin(shore.cut_m[row], polygons, TOUCH_M)
        return pieces.facts[:, 1:]


def _lie_west(segments: Floats, places: Floats) -> Bools:
    """Tell of each place whether an odd number of segments lies due west of it.

    Of all segments of a polygon: whether it is inside. Of those added to a polygon or removed:
    whether that has changed.
    """
    x, y = places.T
    rank = np.argsort(y)
    first, last = np.sort(np.searchsorted(y[rank], segments[:, 1::2]), axis=1).T
    segment, at = spread(first, last - first)
    place = rank[at]
    x0, y0, x1, y1 = segments[segment].T
    crossing = x0 + (y[place] - y0) / (y1 - y0) * (x1 - x0)
    west = crossing < x[place]
    count = np.bincount(place[west], minlength=len(places))
    return np.asarray(count % 2 == 1)


def _cut_long_edges(area: BaseGeometry, segments: Floats) -> BaseGeometry:
    """Cut edges before anything else, so that equal edges of two data sets stay equal."""
    steps = np.abs(segments[:, 2:] - segments[:, :2])
    if steps.max(initial=0.0) <= 0.7 * EDGE_DEG:
        return area
    return shapely.segmentize(area, EDGE_DEG)


def _grow(cells: Sequence[Cell], rest_kept: Sequence[bytes]) -> None:
    """Let slivers overlap what they adjoin, so that no gap stays between them."""
    changed, chosen = [], [NOTHING]
    for cell, kept in zip(cells, rest_kept, strict=True):
        if cell.kept != kept and cell.rest is not None:
            cell.kept = kept
            changed.append(cell)
            mine = np.frombuffer(cell.strips_kept or b"", dtype=np.bool_)
            pieces = [cell.strips.polygons[mine]]
            pieces.append(cell.rest.polygons[np.frombuffer(kept, dtype=np.bool_)])
            chosen.append(np.concatenate(pieces))
    wide = shapely.buffer(np.concatenate(chosen), _OVERLAP_M, quad_segs=2)
    grown = np.split(to_geographic(wide), np.cumsum([len(mine) for mine in chosen[1:]])[:-1])
    for cell, polygons in zip(changed, grown, strict=False):
        cell.grown = polygons


def _join(cells: Sequence[Pieces]) -> tuple[Floats, Integers, Floats, Integers]:
    """Put the pieces of cells together: facts, what hangs together, all seams, where cells end."""
    facts = np.concatenate([pieces.facts for pieces in cells])
    seams = np.concatenate([pieces.seams for pieces in cells])
    ends = np.cumsum([len(pieces.facts) for pieces in cells])
    first = np.concatenate([[0], ends[:-1]])
    seams[:, 2] += np.repeat(first, [len(pieces.seams) for pieces in cells])
    return facts, components(_shared(seams), len(facts)), seams, ends


def _shared(seams: Floats) -> Integers:
    """Pairs of pieces that have a stretch of the cells' edges in common, shape (m, 2)."""
    before = seams[seams[:, 3] >= 2]
    behind = seams[seams[:, 3] < 2]
    behind = behind[np.argsort(behind[:, 0])]
    first = np.searchsorted(behind[:, 1], before[:, 0] + _SHARED_SEAM_M, side="right")
    last = np.searchsorted(behind[:, 0], before[:, 1] - _SHARED_SEAM_M, side="left")
    mine, other = spread(first, np.maximum(last - first, 0))
    return np.column_stack([before[mine, 2], behind[other, 2]]).astype(np.intp)


def _sum(facts: Floats, group: Integers) -> Floats:
    """Add up facts by group, shape (groups, facts)."""
    total = np.zeros(facts.shape)
    for column in range(facts.shape[1]):
        total[:, column] = np.bincount(group, facts[:, column], len(group))
    return total


def _masks(chosen: Bools, ends: Integers) -> list[bytes]:
    """Take a mask over all pieces apart, by cell."""
    packed = chosen.tobytes()
    return [packed[start:stop] for start, stop in itertools.pairwise([0, *ends.tolist()])]
