"""All tiles of a scenario in one PMTiles file.

References
----------
PMTiles specification, version 3.
"""

import gzip
import io
from typing import Any, Final

from app.datasets.catalogue import Selection
from app.export.frames import describe_export
from app.tiles.encoding import encode_tile
from app.tiles.grid import MAX_ZOOM, MIN_ZOOM, tiles_over
from app.tiles.pyramid import floor_of
from app.tiles.style import describe_tiles

__all__ = ["write_pmtiles"]

_LEVEL: Final = 6
_DEGREES: Final = 10_000_000


def write_pmtiles(selection: Selection) -> bytes:
    """Write every tile of a scenario into one archive.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        A PMTiles archive, version 3, of gzipped Mapbox Vector Tiles; its metadata name plan, day,
        sources, licences and data version.
    """
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import Writer

    tiles = {}
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        for tile in tiles_over(floor_of(selection.scenario, zoom).bounds, zoom):
            content = encode_tile(selection.scenario, tile)
            if content:
                tiles[zxy_to_tileid(tile.zoom, tile.column, tile.row)] = content
    target = io.BytesIO()
    writer: Any = Writer  # has no types
    writer = writer(target)
    for number in sorted(tiles):
        writer.write_tile(number, gzip.compress(tiles[number], _LEVEL, mtime=0))
    described = describe_tiles(selection, base="")
    header = {"tile_type": TileType.MVT, "tile_compression": Compression.GZIP, **_frame(described)}
    writer.finalize(header, _metadata(selection, described))
    return target.getvalue()


def _frame(described: dict[str, Any]) -> dict[str, int]:
    west, south, east, north = (round(edge * _DEGREES) for edge in described["bounds"])
    lon, lat, zoom = described["center"]
    return {
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": zoom,
        "center_lon_e7": round(lon * _DEGREES),
        "center_lat_e7": round(lat * _DEGREES),
    }


def _metadata(selection: Selection, described: dict[str, Any]) -> dict[str, Any]:
    names = ("name", "description", "attribution", "version", "vector_layers")
    return {
        **{name: described[name] for name in names},
        "type": "overlay",
        "point21": describe_export(selection),
    }
