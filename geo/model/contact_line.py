"""The contact line, and the areas of control from which it was made."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arguments import show
from geo.crs import Floats, check_geographic
from geo.dates import as_day
from geo.empty_parts import drop_empty_parts
from geo.errors import InvalidGeometryError
from geo.measure import length_km
from geo.model.frames import to_geodataframe
from geo.model.provenance import Provenance
from geo.model.united import United
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = ["ContactLine", "HeldAreas"]


@dataclass(frozen=True, eq=False)
class HeldAreas:
    """Area of each oblast inside the published area of control from which a line was made.

    Parameters
    ----------
    geometry
        The line; these figures are those of no other one.
    ids, whole_km2
        The oblasts and their areas, shape (n,).
    held_km2
        Of this, inside the area of control, shape (n,).
    """

    geometry: shapely.MultiLineString
    ids: tuple[str, ...]
    whole_km2: Floats
    held_km2: Floats


@dataclass(frozen=True, eq=False)
class ContactLine(Rich):
    """The line of contact on one day.

    Parameters
    ----------
    date
        The day it describes.
    geometry
        Any parts, open or closed, longitude and latitude in degrees; none divide nothing.
    source, method, provenance
        Who says so, how the line was made, and where the data come from.
    observations
        How many observed places entered, if it was computed from places.
    uncertainty_km, uncertainty_definition
        Positional uncertainty and what is meant by it.
    source_id
        Short name of the source, such as ``observations``, ``deepstate`` or ``file:NAME``.
    held
        Where the line was made from an area of control: what that holds of each oblast.
    united
        Where the line was read from a file: which features of it.
    basis
        What a line that somebody drew or moved was made of; empty for the line of a source.

    Raises
    ------
    InvalidGeometryError
        The geometry is not made of lines.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.
    """

    date: date
    geometry: shapely.MultiLineString
    source: str
    method: str
    provenance: Provenance
    observations: int | None = None
    uncertainty_km: float | None = None
    uncertainty_definition: str = ""
    source_id: str = ""
    held: HeldAreas | None = field(default=None, repr=False)
    united: United | None = field(default=None, repr=False)
    basis: str = ""

    def __post_init__(self) -> None:
        """Accept a single line and a day as text; drop empty parts; refuse what is no line."""
        object.__setattr__(self, "date", as_day(self.date, what="date"))
        if not isinstance(self.geometry, BaseGeometry):
            raise InvalidGeometryError(
                f"contact line of {self.date}: expected a line of shapely, "
                f"got {show(self.geometry)}. shapely.from_geojson and shapely.from_wkt make one."
            )
        geometry: BaseGeometry = drop_empty_parts(np.array([self.geometry]))[0] or self.geometry
        if geometry.geom_type == "LineString":
            geometry = shapely.MultiLineString(list(shapely.get_parts(geometry)))
        object.__setattr__(self, "geometry", geometry)
        if geometry.geom_type != "MultiLineString":
            raise InvalidGeometryError(
                f"contact line of {self.date}: expected a LineString or MultiLineString, got a "
                f"{geometry.geom_type}. geo.contact_line_from_area makes a line of an area."
            )
        check_geographic(np.array([geometry], dtype=object), name=f"contact line of {self.date}")
        if geometry.length == 0.0 and not geometry.is_empty:
            raise InvalidGeometryError(
                f"contact line of {self.date}: expected a line, got one whose positions are all "
                "the same. Give at least two different positions."
            )

    @property
    def length_km(self) -> float:
        """Length in km of all that is drawn, outside the country too."""
        return float(length_km(np.array([self.geometry], dtype=object))[0])

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row, with the properties of the line."""
        columns = {
            "date": [self.date.isoformat()],
            "source": [self.source],
            "method": [self.method],
            "length_km": [self.length_km],
            "observations": [self.observations],
            "uncertainty_km": [self.uncertainty_km],
        }
        about = {"provenance": asdict(self.provenance), "basis": self.basis}
        return to_geodataframe(columns, [self.geometry], about=about)
