"""Smooth a line inside the empty space around it.

A border of Voronoi cells is a chain of straight edges that turn abruptly. Each of its points lies
in the middle of an empty circle: no observed place is nearer than the two it runs between. A point
that moves by less than the radius of its circle passes no place, so the line can be rounded off
without moving any observation to the other side.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Floats
from geo.numerics import exp, hypot

__all__ = ["smooth_line"]

_FREEDOM: Final = 0.6
_PASSES: Final = 5


def smooth_line(
    line_m: shapely.MultiLineString,
    obstacles_m: npt.NDArray[np.object_],
    *,
    step_m: float = 250.0,
    width_m: float = 1_000.0,
    tolerance_m: float = 30.0,
) -> shapely.MultiLineString:
    """Round off and thin a line; ends stay, and no obstacle changes side.

    Parameters
    ----------
    line_m
        Open or closed parts that do not cross each other, in metres.
    obstacles_m
        Points, or other geometries, that the line must not pass, in metres, shape (n,).
    step_m
        Distance of the points that are moved.
    width_m
        Standard deviation of the Gaussian mean along the line.
    tolerance_m
        How far the thinned line may lie from the smoothed one.

    Returns
    -------
    shapely.MultiLineString
        As many parts, none of which crosses itself or another.

    Notes
    -----
    A point moves at most 0.6 of its distance to the nearest obstacle. A part that would cross
    itself or another one is smoothed over half the width, and so on; in the end it stays as it is.

    References
    ----------
    Babaud, J., Witkin, A. P., Baudin, M. and Duda, R. O. (1986). Uniqueness of the Gaussian kernel
    for scale-space filtering. IEEE Transactions on Pattern Analysis 8, 26-33. Douglas, D. H. and
    Peucker, T. K. (1973). Algorithms for the reduction of the number of points required to
    represent a digitized line. Cartographica 10, 112-122.
    """
    parts = shapely.get_parts(line_m)
    tree = shapely.STRtree(obstacles_m)
    widths = np.full(len(parts), width_m)
    smoothed = parts
    for _ in range(_PASSES):
        smoothed = np.array(
            [
                _smooth_part(part, tree, obstacles_m, step_m, width, tolerance_m)
                for part, width in zip(parts, widths, strict=True)
            ],
            dtype=object,
        )
        faulty = _faulty(smoothed)
        if not faulty.any():
            return shapely.MultiLineString(smoothed.tolist())
        widths[faulty] = np.where(widths[faulty] > width_m / 8.0, widths[faulty] / 2.0, 0.0)
    smoothed[_faulty(smoothed)] = parts[_faulty(smoothed)]
    return shapely.MultiLineString(smoothed.tolist())


def _smooth_part(
    part: shapely.LineString,
    tree: shapely.STRtree,
    obstacles_m: npt.NDArray[np.object_],
    step_m: float,
    width_m: float,
    tolerance_m: float,
) -> shapely.LineString:
    """Smooth one part; a width of zero leaves it as it is."""
    if width_m == 0.0 or part.length < 2.0 * step_m:
        return part
    closed = bool(part.is_closed)
    count = max(round(part.length / step_m), 8)
    at = np.linspace(0.0, part.length, count + 1)
    points = shapely.line_interpolate_point(part, at)
    xy = shapely.get_coordinates(points)
    mean = _gaussian_mean(xy, width_m / (part.length / count), closed=closed)
    room = _FREEDOM * _clearance(points, tree, obstacles_m)
    shift = mean - xy
    length = hypot(shift[:, 0], shift[:, 1])
    scale = np.minimum(1.0, room / np.where(length > 0.0, length, 1.0))
    moved = xy + shift * scale[:, None]
    if closed:
        moved[-1] = moved[0]
    else:
        moved[[0, -1]] = xy[[0, -1]]
    thinned = shapely.simplify(shapely.LineString(moved), tolerance_m, preserve_topology=True)
    return thinned if shapely.get_num_coordinates(thinned) >= (4 if closed else 2) else part


def _gaussian_mean(xy: Floats, sigma: float, *, closed: bool) -> Floats:
    """Weighted mean of the neighbours along the line; ``sigma`` counts points."""
    reach = int(np.ceil(3.0 * sigma))
    away = np.arange(-reach, reach + 1) / sigma
    kernel = exp(-0.5 * away * away)
    kernel /= kernel.sum()
    if closed:
        ring = xy[:-1]
        index = np.arange(-reach, len(ring) + reach + 1) % len(ring)
        padded = ring[index]
    else:
        # Reflected through the end point, so that the ends do not pull inwards.
        reach_in = np.minimum(np.arange(reach, 0, -1), len(xy) - 1)
        head = 2.0 * xy[0] - xy[reach_in]
        tail = 2.0 * xy[-1] - xy[len(xy) - 1 - reach_in[::-1]]
        padded = np.concatenate([head, xy, tail])
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=0)[: len(xy)]
    mean = np.zeros_like(xy)
    for column, weight in enumerate(kernel.tolist()):  # one by one: always in the same order
        mean += weight * windows[..., column]
    return mean


def _clearance(
    points: npt.NDArray[np.object_], tree: shapely.STRtree, obstacles_m: npt.NDArray[np.object_]
) -> Floats:
    """Distance of each point to the nearest obstacle."""
    if len(obstacles_m) == 0:
        return np.full(len(points), np.inf)
    return np.asarray(shapely.distance(points, obstacles_m[tree.nearest(points)]))


def _faulty(parts: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Mark parts that cross themselves or touch another part."""
    faulty = ~np.asarray(shapely.is_simple(parts))
    first, second = shapely.STRtree(parts).query(parts, predicate="intersects")
    meet = first < second
    faulty[first[meet]] = True
    faulty[second[meet]] = True
    return faulty
