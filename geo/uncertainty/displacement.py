"""Model of the line's displacement along its normal, given its positional uncertainty.

The line is cut into short elements. Each is displaced along its normal; displacements of
neighbours are alike, those of distant elements independent.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.crs import Floats, to_metric
from geo.errors import UnknownUncertaintyError
from geo.geometry.topology import Integers, topology_of
from geo.lines.repair import repair_line
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.numerics import arcsin, cos, erf, exp, hypot, sin, whole

__all__ = [
    "CORRELATION_RATIO",
    "DISPLACEMENT_UNIT_KM",
    "LENGTH_UNIT_KM",
    "DisplacementModel",
    "make_displacement_model",
]

CORRELATION_RATIO: Final = 1.2
"""Correlation length over positional uncertainty; how it was measured: docs/uncertainty.md."""

_STEP_KM: Final = 0.5
_MOST_ELEMENTS: Final = 3_000
_SQRT3: Final = math.sqrt(3.0)
_GRID: Final = np.linspace(-6.0, 6.0, 6_001)
_NORMAL: Final = erf(_GRID / math.sqrt(2.0))
_NOISE_UNIT: Final = 2.0**-20
_ROOT_UNIT: Final = 2.0**-24
_CORRELATION_UNIT: Final = 2.0**-23
DISPLACEMENT_UNIT_KM: Final = 2.0**-14
"""Displacements are rounded to 6 cm, so that their products with lengths can be added exactly."""

LENGTH_UNIT_KM: Final = 2.0**-22
"""Lengths of line that displacements are multiplied with are rounded to a quarter millimetre."""


@dataclass(frozen=True, eq=False)
class DisplacementModel:
    r"""Model of correlated displacements of a line along its normal.

    Parameters
    ----------
    half_width_km
        The line lies within this distance of where it is drawn, anywhere with equal probability.
    correlation_length_km
        Scale of the Matérn covariance along the line.
    elements_m
        Stretches of line, all about equally long, shape (n,), in :data:`geo.crs.METRIC_CRS`.
    sites_m
        Their middles, shape (n, 2), metres.
    part
        The connected piece of line each belongs to, shape (n,), ascending.
    arc_km
        Distance of each middle from the start of its piece, shape (n,).
    loop_km
        Circumference of the piece where it is closed, 0 where it is open, shape (n,).

    Notes
    -----
    The displacement of element i is :math:`u_i = a\,(2\Phi(z_i) - 1)`, with half-width :math:`a`,
    :math:`\Phi` the normal distribution function and :math:`z` a Gaussian process with mean 0,
    variance 1 and Matérn covariance of smoothness 3/2,
    :math:`\rho(d) = (1 + \sqrt3 d/\ell)\exp(-\sqrt3 d/\ell)`, of the distance :math:`d` along the
    line. So each displacement is uniform on (-a, a), with standard deviation :math:`a/\sqrt3`, and
    that of two elements has covariance :math:`(2a^2/\pi)\arcsin(\rho/2)`. On a closed piece
    :math:`d` is the chord of a circle of the same circumference. Pieces are independent. A positive
    displacement makes Russian-held land grow.

    References
    ----------
    Rasmussen, C. E. and Williams, C. K. I. (2006). Gaussian Processes for Machine Learning. MIT
    Press, section 4.2. Hartikainen, J. and Särkkä, S. (2010). Kalman filtering and smoothing
    solutions to temporal Gaussian process regression models. IEEE MLSP, 379-384. Kruskal, W. H.
    (1958). Ordinal measures of association. Journal of the American Statistical Association 53,
    814-861 (the arcsine formula).
    """

    half_width_km: float
    correlation_length_km: float
    elements_m: Geometries
    sites_m: Floats
    part: Integers
    arc_km: Floats
    loop_km: Floats

    def __len__(self) -> int:
        return len(self.elements_m)

    @property
    def deviation_km(self) -> float:
        """Standard deviation of each displacement in km."""
        return self.half_width_km / _SQRT3

    @cached_property
    def _pieces(self) -> tuple[slice, ...]:
        starts = np.flatnonzero(np.diff(self.part, prepend=-1))
        return tuple(slice(*ends) for ends in pairwise([*starts.tolist(), len(self.part)]))

    def _correlation(self, piece: slice) -> Floats:
        """Correlation of each element with the first one of a piece; they are evenly spaced."""
        apart = self.arc_km[piece] - self.arc_km[piece.start]
        around = float(self.loop_km[piece][0])
        if around > 0.0:
            apart = around / np.pi * sin(np.pi * np.minimum(apart, around) / around)
        x = _SQRT3 * apart / self.correlation_length_km
        return np.asarray((1.0 + x) * exp(-x))

    def draw(self, count: int, generator: np.random.Generator) -> Floats:
        """Draw displacements.

        Parameters
        ----------
        count
            How many times the whole line is displaced.
        generator
            Source of random numbers; its state advances.

        Returns
        -------
        numpy.ndarray
            Displacements in km, shape (count, n), within the half-width, in whole
            :data:`DISPLACEMENT_UNIT_KM`.

        Notes
        -----
        Along an open piece a process with this covariance and its slope form a Markov chain, so
        that the draw is exact without a matrix. Around a closed piece the covariance is circulant:
        noise is convolved with the square root of it, which the discrete Fourier transform gives.
        Random numbers and results are rounded to binary fractions, so that they are the same on
        every processor.
        """
        noise = generator.standard_normal((len(self), 2, count))
        noise = whole(noise, _NOISE_UNIT) * _NOISE_UNIT
        process = np.empty((len(self), count))
        for piece in self._pieces:
            closed = self.loop_km[piece][0] > 0.0
            walk = self._walk_loop if closed else self._walk
            process[piece] = walk(piece, noise[piece])
        displacement_km = self.half_width_km * np.interp(process.T, _GRID, _NORMAL)
        return whole(displacement_km, DISPLACEMENT_UNIT_KM) * DISPLACEMENT_UNIT_KM

    def _walk_loop(self, piece: slice, noise: Floats) -> Floats:
        """Convolve noise around a closed piece; every sum is one of whole numbers, hence exact."""
        count = piece.stop - piece.start
        away = np.arange(count)
        wave = cos(2.0 * np.pi * away / count)[np.outer(away, away) % count]
        power = (wave * self._correlation(piece)).sum(axis=1)
        root = (wave * np.sqrt(np.maximum(power, 0.0))).sum(axis=1) / count
        factor = whole(root, _ROOT_UNIT)[(away[:, None] - away) % count]
        return np.asarray(factor @ (noise[:, 0] / _NOISE_UNIT) * (_ROOT_UNIT * _NOISE_UNIT))

    def _walk(self, piece: slice, noise: Floats) -> Floats:
        """Walk along an open piece; the state is the process and its slope."""
        arc_km = self.arc_km[piece]
        rate = _SQRT3 / self.correlation_length_km
        x = rate * float(arc_km[1] - arc_km[0]) if len(arc_km) > 1 else 0.0
        decay = float(exp(-x))  # the slope is in units of the rate
        step = decay * (1.0 + x), decay * x, decay * -x, decay * (1.0 - x)
        z_z = math.sqrt(max(1.0 - (step[0] * step[0] + step[1] * step[1]), 0.0))
        v_z = -(step[2] * step[0] + step[3] * step[1]) / z_z if z_z > 0.0 else 0.0
        v_v = 1.0 - (step[2] * step[2] + step[3] * step[3]) - v_z * v_z
        v_v = math.sqrt(max(v_v, 0.0))
        process = np.empty(noise[:, 0].shape)
        z, v = noise[0]
        process[0] = z
        for row in range(1, len(arc_km)):
            first, second = noise[row]
            z, v = (
                step[0] * z + step[1] * v + z_z * first,
                step[2] * z + step[3] * v + v_z * first + v_v * second,
            )
            process[row] = z
        return process

    def covariance_of(self, weights: Floats) -> Floats:
        """Covariance of weighted sums of displacements.

        Parameters
        ----------
        weights
            Weight of each element in each sum, shape (n, k), in whole
            :data:`LENGTH_UNIT_KM`.

        Returns
        -------
        numpy.ndarray
            Shape (k, k), in km² times the square of the unit of the weights.
        """
        total = np.zeros((weights.shape[1], weights.shape[1]))
        for piece in self._pieces:
            mine = weights[piece]
            away = np.arange(len(mine))
            share = whole(arcsin(self._correlation(piece) / 2.0), _CORRELATION_UNIT)
            alike = share[np.abs(away[:, None] - away)]
            near = (alike @ whole(mine, LENGTH_UNIT_KM)).T * (_CORRELATION_UNIT * LENGTH_UNIT_KM)
            total += (near[:, None] * np.ascontiguousarray(mine.T)[None]).sum(axis=2)
        return np.asarray(2.0 / np.pi * (self.half_width_km * self.half_width_km) * total)


def make_displacement_model(
    boundaries: Boundaries,
    line: ContactLine,
    *,
    uncertainty_km: float | None = None,
    correlation_length_km: float | None = None,
    end_tolerance_km: float = 5.0,
) -> DisplacementModel:
    """Make the model of a line's displacement.

    Parameters
    ----------
    boundaries
        The oblasts; what lies outside them is left out.
    line
        The line of contact.
    uncertainty_km
        Half-width of the band it lies in; by default what the line states of itself.
    correlation_length_km
        By default :data:`CORRELATION_RATIO` times the uncertainty.
    end_tolerance_km
        As in :func:`geo.split_by_contact_line`, so that the same line is displaced that divided.

    Returns
    -------
    DisplacementModel
        Elements of about half a kilometre, longer on lines of more than 1,500 km.

    Raises
    ------
    UnknownUncertaintyError
        The line states none, and none was given.
    LineDoesNotSplitError
        An end hangs inside the country.

    References
    ----------
    See :class:`DisplacementModel`.
    """
    half_width_km = line.uncertainty_km if uncertainty_km is None else uncertainty_km
    if half_width_km is None or not 0.0 < half_width_km < math.inf:
        raise UnknownUncertaintyError(line.date, line.source, half_width_km)
    length_km = correlation_length_km or CORRELATION_RATIO * half_width_km
    topology = topology_of(boundaries)
    chains, _ = repair_line(line.geometry, topology, tolerance_km=end_tolerance_km)
    inside = shapely.line_merge(shapely.intersection(chains, topology.country))
    pieces = shapely.get_parts(shapely.get_parts(inside))
    pieces = pieces[shapely.get_type_id(pieces) == shapely.GeometryType.LINESTRING]
    pieces_m = to_metric(shapely.segmentize(pieces, 0.05))
    pieces_m = pieces_m[shapely.length(pieces_m) > 1.0]
    step_m = 1000.0 * max(_STEP_KM, shapely.length(pieces_m).sum() / 1000.0 / _MOST_ELEMENTS)
    cut = [_cut_evenly(piece, step_m) for piece in pieces_m]
    elements = np.concatenate([np.array([], dtype=object), *(found for found, _ in cut)])
    arc_m = np.concatenate([np.array([]), *(arc for _, arc in cut)])
    sizes = np.array([len(arc) for _, arc in cut], dtype=np.intp)
    around_m = np.where(shapely.is_closed(pieces_m), shapely.length(pieces_m), 0.0)
    return DisplacementModel(
        half_width_km=float(half_width_km),
        correlation_length_km=float(length_km),
        elements_m=elements,
        sites_m=shapely.get_coordinates(
            shapely.line_interpolate_point(elements, 0.5, normalized=True)
        ),
        part=np.repeat(np.arange(len(cut)), sizes),
        arc_km=arc_m / 1000.0,
        loop_km=np.repeat(around_m, sizes) / 1000.0,
    )


def _cut_evenly(line_m: shapely.LineString, step_m: float) -> tuple[Geometries, Floats]:
    """Cut a line into equal stretches of at most a step; return them and their middles' arc."""
    xy = shapely.get_coordinates(line_m)
    arc = np.concatenate([[0.0], np.cumsum(hypot(*np.diff(xy, axis=0).T))])
    count = max(1, math.ceil(arc[-1] / step_m))
    cuts = np.linspace(0.0, arc[-1], count + 1)
    inner = arc[~np.isin(arc, cuts)]
    at = np.concatenate([inner, cuts[:-1], cuts[1:]])
    owner = np.concatenate(
        [np.searchsorted(cuts, inner, side="right") - 1, np.arange(count), np.arange(count)]
    )
    order = np.lexsort((at, owner))
    at, owner = at[order], owner[order]
    positions: npt.NDArray[np.float64] = np.column_stack(
        [np.interp(at, arc, xy[:, 0]), np.interp(at, arc, xy[:, 1])]
    )
    elements = np.asarray(shapely.linestrings(positions, indices=owner), dtype=object)
    return elements, (cuts[:-1] + cuts[1:]) / 2.0
