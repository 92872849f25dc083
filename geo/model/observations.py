"""Populated places and who held them on which day."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries, Strings
from geo.crs import Floats
from geo.dates import DayLike, as_day
from geo.model.frames import to_geodataframe
from geo.model.provenance import Provenance
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = ["Observations", "Places"]


@dataclass(frozen=True, eq=False)
class Places(Rich):
    """Populated places and who held them on one day.

    All arrays have shape (n,). Positions are longitude and latitude in degrees on WGS 84;
    ``population`` is ``nan`` where none was recorded; ``valid_from`` is ``NaT`` where the place
    has had this holder since before the first assessment; ``contested_on`` lists, separated by
    ``|``, the days for which published statements call the place contested. ``basis`` tells what
    each observation rests on (``deepstate-assessment``, ``geonames``, ``statement``), and
    ``first_day`` when the records begin; ``None`` and ``NaT`` where that is not known.
    """

    name_en: Strings
    name_uk: Strings
    oblast_id: Strings
    lon_deg: Floats
    lat_deg: Floats
    population: Floats
    held_by: Strings
    valid_from: npt.NDArray[np.datetime64]
    alternate_names: Strings
    geoname_id: Strings
    contested_on: Strings
    basis: Strings | None = None
    first_day: np.datetime64 = field(default_factory=lambda: np.datetime64("NaT"))

    def __len__(self) -> int:
        return len(self.name_en)

    @cached_property
    def points(self) -> Geometries:
        """Positions as shapely points, shape (n,)."""
        return np.asarray(shapely.points(self.lon_deg, self.lat_deg))

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each place."""
        columns = {
            "name_en": self.name_en,
            "name_uk": self.name_uk,
            "oblast": self.oblast_id,
            "population": self.population,
            "held_by": self.held_by,
            "valid_from": self.valid_from,
        }
        return to_geodataframe(columns, self.points)


@dataclass(frozen=True, eq=False)
class Observations(Rich):
    """Holders of places over time: one row for each place and interval.

    ``valid_to`` is exclusive; ``NaT`` means open. The other columns are those of :class:`Places`.
    """

    rows: Places
    valid_to: npt.NDArray[np.datetime64]
    provenance: Provenance

    def on(self, day: DayLike) -> Places:
        """Return the state on one day.

        Parameters
        ----------
        day
            The day asked for: a date, or text such as ``2025-11-21``.

        Returns
        -------
        Places
            One row for each place that is observed on that day.
        """
        moment = np.datetime64(as_day(day), "D")
        begun = np.isnat(self.rows.valid_from) | (self.rows.valid_from <= moment)
        going_on = np.isnat(self.valid_to) | (self.valid_to > moment)
        keep = begun & going_on
        columns = Places.__dataclass_fields__
        return Places(**{name: _keep(getattr(self.rows, name), keep) for name in columns})


def _keep(column: Any, rows: npt.NDArray[np.bool_]) -> Any:  # noqa: ANN401
    """Return some rows of a column; what all rows share stays."""
    return column[rows] if isinstance(column, np.ndarray) else column
