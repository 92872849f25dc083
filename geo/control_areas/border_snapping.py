"""Snap an area of control onto the borders that its edge follows."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.control_areas.opening import segments_of
from geo.geometry.snapping import runs_along, snap_rings
from geo.geometry.topology import Topology

__all__ = ["snap_area"]


def snap_area(area: BaseGeometry, topology: Topology) -> shapely.MultiPolygon:
    """Snap an area whose edge follows a border with a rounding of its own onto the border.

    Parameters
    ----------
    area
        Valid polygons, degrees.
    topology
        The country.

    Returns
    -------
    shapely.MultiPolygon
        Valid polygons; the same object if the edge follows no border, or none but exactly.
    """
    if not isinstance(area, shapely.MultiPolygon):
        area = shapely.MultiPolygon(shapely.get_parts(area).tolist())
    segments, _ = segments_of(np.array([area], dtype=object))
    if not runs_along(segments, topology.edges).any():
        return area
    rings, owner = shapely.get_rings(shapely.get_parts(area), return_index=True)
    lonlat, ring = snap_rings(rings, topology)
    keep = np.bincount(ring, minlength=len(rings)) > 3
    keep &= keep[np.searchsorted(owner, owner)]  # without its exterior a polygon has no holes
    _, index = np.unique(ring[keep[ring]], return_inverse=True)
    rings = np.asarray(shapely.linearrings(lonlat[keep[ring]], indices=index), dtype=object)
    _, index = np.unique(owner[keep], return_inverse=True)
    polygons = np.asarray(shapely.polygons(rings, indices=index), dtype=object)
    if not shapely.is_valid(polygons).all():
        polygons = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    return shapely.MultiPolygon(shapely.get_parts(shapely.union_all(polygons)).tolist())
