"""Read a line or an area that a user drew, within the country."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import Floats
from geo.dates import DayLike
from geo.errors import FeatureFault, FeaturesError
from geo.formats.reader import read_features
from geo.io.control import ControlFile, control_of
from geo.model.identity import hash_texts
from geo.model.united import United

__all__ = ["Sketch", "read_sketch", "sketch_of"]

_NEAR_DEG: Final = 3.0
_HASHED_DEG: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Sketch:
    """A drawn line of contact, or a drawn area that Russia holds.

    ``geometry`` is a MultiLineString, or a valid Polygon or MultiPolygon, degrees.
    ``sha256`` hashes the positions as they were given, to a tenth of a millimetre, before anything
    was computed of them; how the file writes them does not matter.
    """

    geometry: BaseGeometry
    united: United
    vertices: int
    sha256: str

    @property
    def features(self) -> int:
        """Number of features that were united."""
        return self.united.features

    @property
    def is_area(self) -> bool:
        """Whether an area was drawn."""
        return self.geometry.geom_type in {"Polygon", "MultiPolygon"}


def read_sketch(document: Mapping[str, Any], *, country: BaseGeometry) -> Sketch:
    """Read a line of contact, or an area of Russian control, from GeoJSON.

    Parameters
    ----------
    document
        A geometry, Feature or FeatureCollection (RFC 7946) as plain data: lines, or polygons. Esri
        JSON and TopoJSON are understood as well.
    country
        Where it should be, longitude and latitude in degrees.

    Returns
    -------
    Sketch
        All features together.

    Raises
    ------
    DataFormatError
        It is none of these, or holds no lines or polygons, or both.
    FeaturesError
        Lists up to 20 faults, each with its feature and, where there is one, its place.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON Format. RFC 7946.
    """
    return sketch_of(control_of(read_features(document)), country=country)


def sketch_of(control: ControlFile, *, country: BaseGeometry, day: DayLike | None = None) -> Sketch:
    """Unite what a file says of control, and check that it lies in the country.

    Parameters
    ----------
    control
        Lines of contact, or areas of control.
    country
        Where it should be, longitude and latitude in degrees.
    day
        The day; not needed if the features do not state several.

    Returns
    -------
    Sketch
        All features together.

    Raises
    ------
    UndecidedError
        Features differ in day or status; lists the choices.
    FeaturesError
        It lies elsewhere, perhaps because the axes are swapped.
    """
    whole, united = control.unite(day)
    lonlat = shapely.get_coordinates(whole)
    reason = _elsewhere(lonlat, country)
    if reason:
        fault = FeatureFault("the geometry", reason, *lonlat[0].tolist())
        raise FeaturesError(control.name, [fault])
    return Sketch(whole, united, len(lonlat), _hash(control, day))


def _hash(control: ControlFile, day: DayLike | None) -> str:
    given = shapely.transform(control.given(day), lambda xy: np.rint(xy / _HASHED_DEG) + 0.0)
    return hash_texts([control.kind, *(wkb.hex() for wkb in shapely.to_wkb(given).tolist())])


def _elsewhere(lonlat: Floats, country: BaseGeometry) -> str:
    """Say why no position lies in the country; empty if one does."""
    west, south, east, north = country.bounds
    if _in_box(lonlat, (west, south, east, north)).any():
        return ""
    if _in_box(lonlat[:, ::-1], (west, south, east, north)).mean() > 0.5:
        return (
            "the axes are swapped: latitude comes first; expected longitude first (RFC 7946). "
            "Swap the two numbers of each position"
        )
    return (
        "no position lies in the country; expected longitude (about "
        f"{west:.0f} to {east:.0f}) first, then latitude ({south:.0f} to {north:.0f})"
    )


def _in_box(lonlat: Floats, box: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = box
    inside = (lonlat[:, 0] > west - _NEAR_DEG) & (lonlat[:, 0] < east + _NEAR_DEG)
    inside &= (lonlat[:, 1] > south - _NEAR_DEG) & (lonlat[:, 1] < north + _NEAR_DEG)
    return np.asarray(inside)
