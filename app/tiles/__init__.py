"""Vector tiles of a scenario: Mapbox Vector Tiles 2.1 in the grid WebMercatorQuad.

``grid`` (which square of the world a tile is) → ``pyramid`` (geometry of a zoom, simplified with
borders kept) → ``encoding`` (bytes of one tile); ``style`` says how a map draws them.
:mod:`app.export.pmtiles` puts all of them into one file.
"""

from app.tiles.grid import MAX_ZOOM, MIN_ZOOM, Tile

__all__ = ["MAX_ZOOM", "MIN_ZOOM", "Tile"]
