"""One tile as bytes.

References
----------
Mapbox Vector Tile Specification 2.1.
"""

from typing import Any, Final

import numpy as np
import shapely

from app.tiles.grid import EXTENT, Tile
from app.tiles.pyramid import LAYERS, TileLayer, floor_of, mend_polygons
from geo.arrays import Geometries
from geo.scenario import Scenario

__all__ = ["MEDIA_TYPE", "encode_tile"]

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"


def encode_tile(scenario: Scenario, tile: Tile) -> bytes:
    """Encode a tile of a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    tile
        Which.

    Returns
    -------
    bytes
        A Mapbox Vector Tile with the layers that have something there; empty bytes where none
        has.
    """
    import mapbox_vector_tile

    floor = floor_of(scenario, tile.zoom)
    layers = [
        {"name": name, "features": features}
        for name in LAYERS
        if (features := _features(floor.layers[name], tile))
    ]
    if not layers:
        return b""
    options = {"y_coord_down": True, "extents": EXTENT}
    encoded: bytes = mapbox_vector_tile.encode(layers, default_options=options)
    return encoded


def _features(layer: TileLayer, tile: Tile) -> list[dict[str, Any]]:
    pieces, properties = layer.cut(tile)
    local = _local(pieces, tile)
    return [
        {"geometry": piece, "properties": dict(facts)}
        for piece, facts in zip(local, properties, strict=True)
        if not piece.is_empty
    ]


def _local(pieces: Geometries, tile: Tile) -> Geometries:
    """Count whole pixels from the tile's own corner; nothing thinner than one remains."""
    corner = np.array([tile.column, tile.row]) * EXTENT
    local = np.asarray(shapely.transform(pieces, lambda positions: np.round(positions - corner)))
    return mend_polygons(local)
