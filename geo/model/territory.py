"""The frozen types that walk up the stair, and the words they are described with.

Geometries are numpy arrays of shapely objects in longitude and latitude on WGS 84: the server
starts without pandas, and every table-like type gives a GeoDataFrame on request.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arguments import show
from geo.crs import Floats, check_geographic
from geo.errors import InvalidGeometryError
from geo.empty_parts import drop_empty_parts
from geo.repr_html import Rich
from geo.dates import as_day
from geo.redaction import mask_secrets
from geo.measure import area_km2, length_km
from geo.model.frames import to_geodataframe
from geo.model.united import United

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "Boundaries",
    "ContactLine",
    "Control",
    "EndChange",
    "Geometries",
    "HeldAreas",
    "Partition",
    "Provenance",
    "SplitReport",
    "Strings",
    "to_geodataframe",
]

Geometries = npt.NDArray[np.object_]
Strings = npt.NDArray[np.object_]


class Control(StrEnum):
    """Who holds a place on the day of the line.

    "Holds" means what the source of the line means by it; the word says nothing about title.
    Internationally recognised borders are those of United Nations General Assembly resolution
    68/262 (27 March 2014).
    """

    UKRAINE = "ukraine"
    RUSSIA = "russia"

    @property
    def other(self) -> "Control":
        """The holder on the far side of the line."""
        return Control.RUSSIA if self is Control.UKRAINE else Control.UKRAINE


@dataclass(frozen=True)
class Provenance:
    """Where a data set comes from.

    Parameters
    ----------
    title, source, url, date, licence, licence_url, attribution
        As stated, secrets in addresses masked; ``date`` is that of the source's data, ISO 8601.
    sha256
        Hash of the file's bytes, or of what was asked where a line was drawn or moved, hexadecimal;
        empty when the data came from neither.
    """

    title: str
    source: str
    date: str
    licence: str
    attribution: str
    url: str = ""
    licence_url: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "source", "attribution", "licence", "url", "licence_url"):
            object.__setattr__(self, name, mask_secrets(getattr(self, name)))


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


@dataclass(frozen=True, eq=False)
class HeldAreas:
    """How much of each oblast a published area of control holds, by way of which a line was made.

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

    def faces_km2(self, line: "ContactLine", faces: "Partition") -> Floats:
        """Return the areas of faces as the area of control has them.

        Parameters
        ----------
        line
            The line the faces were cut by.
        faces
            The faces, with the areas measured on them.

        Returns
        -------
        numpy.ndarray
            Areas in km², shape (n,): of oblasts that have a face on each side, what the area of
            control holds and what is left. Those that were measured, for another line, other
            oblasts, or where the area of control says that a side has nothing.
        """
        boundaries = faces.boundaries
        whole = boundaries.area_km2
        if self.geometry is not line.geometry or self.ids != boundaries.ids:
            return faces.area_km2
        if not np.array_equal(self.whole_km2, whole):
            return faces.area_km2
        row = faces.oblast_row
        told = np.bincount(row, minlength=len(whole)) == 2
        told &= (self.held_km2 > 0.0) & (self.held_km2 < whole)
        mine = np.where(faces.held_by == Control.RUSSIA, self.held_km2[row], 0.0)
        rest = np.where(faces.held_by == Control.RUSSIA, 0.0, (whole - self.held_km2)[row])
        return np.where(told[row], mine + rest, faces.area_km2)


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


class EndChange(NamedTuple):
    """An end of a line that was changed: where it hung, and by how much it was changed."""

    lon_deg: float
    lat_deg: float
    length_km: float


@dataclass(frozen=True)
class SplitReport:
    """What the split had to do beyond cutting.

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
