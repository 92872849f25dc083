"""The grid of vector tiles (WebMercatorQuad).

References
----------
OGC 17-083r4, Two Dimensional Tile Matrix Set 2.0: annex D.1, WebMercatorQuad.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geo.arrays import Geometries
from geo.crs import Floats
from geo.errors import NotFoundError
from geo.numerics import arctanh, sin

__all__ = ["EXTENT", "MAX_ZOOM", "MIN_ZOOM", "Tile", "find_tile", "tiles_over", "to_pixels"]

MIN_ZOOM: Final = 4
MAX_ZOOM: Final = 9
"""The boundaries have no detail that a closer zoom would show; maps enlarge these tiles."""

EXTENT: Final = 4096
"""Pixels along the side of a tile."""

BUFFER: Final = 64
"""Pixels that a tile holds beyond its sides, so that strokes are not cut."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile: zoom, column from the west, row from the north."""

    zoom: int
    column: int
    row: int

    @property
    def box(self) -> shapely.Polygon:
        """The tile and its buffer, in pixels of its zoom."""
        west, north = self.column * EXTENT, self.row * EXTENT
        return shapely.box(
            west - BUFFER, north - BUFFER, west + EXTENT + BUFFER, north + EXTENT + BUFFER
        )


def find_tile(zoom: int, column: int, row: int) -> Tile:
    """Check that there is such a tile.

    Raises
    ------
    NotFoundError
        The zoom is not served, or the grid ends before.
    """
    if not MIN_ZOOM <= zoom <= MAX_ZOOM:
        raise NotFoundError(
            f"There are tiles of zoom {MIN_ZOOM} to {MAX_ZOOM}; got {zoom}.",
            valid=[str(known) for known in range(MIN_ZOOM, MAX_ZOOM + 1)],
        )
    side = 2**zoom
    if not (0 <= column < side and 0 <= row < side):
        raise NotFoundError(
            f"At zoom {zoom} columns and rows are 0 to {side - 1}; got {column} and {row}."
        )
    return Tile(zoom, column, row)


def to_pixels(geometry: Geometries, zoom: int) -> Geometries:
    """Project to the grid of a zoom.

    Parameters
    ----------
    geometry
        Shape (n,), longitude and latitude in degrees.
    zoom
        Its number.

    Returns
    -------
    numpy.ndarray
        Shape (n,), pixels from the grid's north-western corner, y to the south.
    """
    size = EXTENT * 2.0**zoom

    def project(positions: Floats) -> Floats:
        lon, lat = np.radians(positions.T)
        x = 0.5 + lon / (2.0 * np.pi)
        y = 0.5 - arctanh(sin(lat)) / (2.0 * np.pi)
        return np.column_stack([x, y]) * size

    return np.asarray(shapely.transform(geometry, project))


def tiles_over(bounds: Floats, zoom: int) -> Iterator[Tile]:
    """Go through the tiles that a box of pixels touches, row by row.

    Parameters
    ----------
    bounds
        West, north, east, south in pixels of the zoom.
    zoom
        Its number.

    Yields
    ------
    Tile
        Each once.
    """
    west, north, east, south = (int(edge // EXTENT) for edge in bounds)
    for row in range(north, south + 1):
        for column in range(west, east + 1):
            yield Tile(zoom, column, row)
