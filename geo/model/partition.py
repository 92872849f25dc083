"""The partition: one face for each oblast and holder, and the report of the split."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.arrays import Geometries, Strings
from geo.crs import Floats
from geo.measure import area_km2
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.frames import to_geodataframe
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = ["EndChange", "Partition", "SplitReport"]


class EndChange(NamedTuple):
    """An end of a line that was changed: where it hung, and by how much it was changed."""

    lon_deg: float
    lat_deg: float
    length_km: float


@dataclass(frozen=True)
class SplitReport:
    """Repairs and assumptions that the split made.

    Parameters
    ----------
    extended_ends
        Every end that stopped short and was drawn on.
    trimmed_ends
        Every stub inside the country that was left out.
    islands
        How many separate parts got their side across water from the nearest land.
    """

    extended_ends: tuple[EndChange, ...] = ()
    trimmed_ends: tuple[EndChange, ...] = ()
    islands: int = 0


@dataclass(frozen=True, eq=False)
class Partition(Rich):
    """The country divided by oblast and holder.

    One row for each oblast and holder that occurs, sorted by both; arrays have shape (n,).
    The faces are valid, their interiors are disjoint, and those of an oblast add up to it. Exterior
    rings run counter-clockwise (RFC 7946).
    """

    boundaries: Boundaries
    line: ContactLine
    oblast_id: Strings
    held_by: Strings
    geometry: Geometries
    area_km2: Floats
    report: SplitReport = field(default_factory=SplitReport)

    def __len__(self) -> int:
        return len(self.oblast_id)

    def on_faces(self) -> "Partition":
        """Return the same with the areas of the faces, also where an area of control has others."""
        if self.line.held is None:
            return self
        return replace(self, area_km2=area_km2(self.geometry))

    @cached_property
    def oblast_row(self) -> npt.NDArray[np.intp]:
        """Row of each face's oblast in ``boundaries``, shape (n,)."""
        return np.array([self.boundaries.index(unit) for unit in self.oblast_id], dtype=np.intp)

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each face."""
        columns = {"oblast": self.oblast_id, "held_by": self.held_by, "area_km2": self.area_km2}
        return to_geodataframe(columns, self.geometry)
