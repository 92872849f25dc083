"""Tables of shapes as frames of geopandas, with what their rows depend on."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import GEOGRAPHIC_CRS

if TYPE_CHECKING:
    import geopandas

__all__ = ["to_geodataframe"]


def to_geodataframe(
    columns: Mapping[str, Any],
    geometry: npt.NDArray[np.object_] | Sequence[shapely.Geometry],
    *,
    about: Mapping[str, Any] | None = None,
) -> "geopandas.GeoDataFrame":
    """Build a GeoDataFrame in :data:`geo.crs.GEOGRAPHIC_CRS`.

    Parameters
    ----------
    columns
        Column name to values, each of length n.
    geometry
        n geometries, longitude and latitude in degrees.
    about
        What the rows depend on, for ``attrs`` of the frame.

    Returns
    -------
    geopandas.GeoDataFrame
        A new frame; the caller may change it freely.
    """
    import geopandas

    frame = geopandas.GeoDataFrame(dict(columns), geometry=list(geometry), crs=GEOGRAPHIC_CRS)
    frame.attrs.update(about or {})
    return frame
