"""Boundaries: the oblasts of a country as polygons, with code and name."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo.arguments import show
from geo.arrays import Geometries
from geo.crs import Floats, check_geographic
from geo.empty_parts import drop_empty_parts
from geo.errors import InvalidGeometryError
from geo.measure import area_km2
from geo.model.frames import to_geodataframe
from geo.model.provenance import Provenance
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = ["Boundaries"]


@dataclass(frozen=True, eq=False)
class Boundaries(Rich):
    """First-level units of the country, a valid coverage.

    Parameters
    ----------
    ids
        ISO 3166-2 codes, unique and sorted.
    geometry
        One valid Polygon or MultiPolygon for each unit, shape (n,), longitude and latitude in
        degrees. Neighbours share the vertices of their border. Exterior rings are made to run
        counter-clockwise (RFC 7946).
    name_en, name_uk, katottg
        Labels and the national code, shape (n,).
    area_official_km2, population_2022
        Published facts, shape (n,), ``nan`` where nothing was published.
    provenance
        Where the data come from.
    id
        Short name of the data set, such as ``natural-earth``, ``minregion`` or ``file:NAME``.

    Raises
    ------
    InvalidGeometryError
        Units are not unique, invalid, or no coverage; every faulty unit is named.
    CRSMismatchError
        Coordinates are not longitude and latitude in degrees.
    """

    ids: tuple[str, ...]
    geometry: Geometries
    name_en: tuple[str, ...]
    name_uk: tuple[str, ...]
    katottg: tuple[str, ...]
    area_official_km2: Floats
    population_2022: Floats
    provenance: Provenance
    id: str = ""

    def __post_init__(self) -> None:
        """Check everything once, and report every fault at once; empty parts are left out."""
        object.__setattr__(self, "geometry", drop_empty_parts(np.asarray(self.geometry)))
        faults = [*self._faults_of_ids(), *self._faults_of_units()]
        if faults:
            raise InvalidGeometryError("boundaries: " + "; ".join(faults))
        check_geographic(self.geometry, name="boundaries")
        wrong = ~shapely.is_empty(shapely.coverage_invalid_edges(self.geometry))
        if wrong.any():
            names = ", ".join(np.array(self.ids)[wrong])
            raise InvalidGeometryError(
                "boundaries: expected neighbours to share the vertices of their border (a valid "
                f"coverage); those of {names} do not match. Repair: shapely.coverage_clean."
            )
        oriented = shapely.orient_polygons(self.geometry, exterior_cw=False)
        object.__setattr__(self, "geometry", np.asarray(oriented, dtype=object))

    def _faults_of_ids(self) -> list[str]:
        twice = sorted({item for item in self.ids if self.ids.count(item) > 1})
        none = [] if self.ids else ["expected at least one unit, got none"]
        return [f"expected unique ids, got these twice: {', '.join(twice)}"] if twice else none

    def _faults_of_units(self) -> list[str]:
        faults = []
        for unit, geometry in zip(self.ids, self.geometry, strict=True):
            if shapely.get_type_id(geometry) not in {3, 6}:
                faults.append(f"{unit}: expected a polygon; got {show(geometry)}")
            elif not shapely.is_valid(geometry):
                faults.append(f"{unit}: {shapely.is_valid_reason(geometry)}")
        return faults

    def __len__(self) -> int:
        return len(self.ids)

    def index(self, unit: str) -> int:
        """Return the row of a unit; there is a :class:`KeyError` if no unit has this id."""
        return self._rows[unit]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {unit: row for row, unit in enumerate(self.ids)}

    @cached_property
    def area_km2(self) -> Floats:
        """Measured area of each unit in km², shape (n,)."""
        return area_km2(self.geometry)

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each unit, with its facts and its measured area."""
        columns = {
            "oblast": self.ids,
            "name_en": self.name_en,
            "name_uk": self.name_uk,
            "katottg": self.katottg,
            "area_km2": self.area_km2,
            "area_official_km2": self.area_official_km2,
            "population_2022": self.population_2022,
        }
        about = {"provenance": asdict(self.provenance)}
        return to_geodataframe(columns, self.geometry, about=about)
