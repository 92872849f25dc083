"""Populated places: the face each lies in, people recorded, search by name."""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.arrays import Geometries
from geo.errors import UnknownPlaceError
from geo.geometry.topology import Integers
from geo.measure import distance_km
from geo.model.boundaries import Boundaries
from geo.model.control import Control
from geo.model.observations import Places
from geo.model.partition import Partition
from geo.numerics import log
from geo.places.coordinates import explain_unread
from geo.places.name_index import NameIndex, index_names

__all__ = ["Disagreement", "Gazetteer", "place_in_faces"]

_NEAR_DEG: Final = 0.2
_SIMILAR: Final = 5
_LN_10: Final = 2.302585092994046
_ENGLISH_WORDS: Final = (" Oblast", " (Autonomous Republic)", " (city)")
_UKRAINIAN_WORDS: Final = (" область", "місто ", "Автономна Республіка ")
_RUSSIAN: Final = (("ська", "ская"), ("цька", "цкая"), ("Крим", "Крым"))
_NARROW_DEG: Final = 5e-4


@dataclass(frozen=True)
class Disagreement:
    """A place that lies on the other side of the line than it was observed."""

    name_en: str
    oblast_id: str
    lon_deg: float
    lat_deg: float
    observed: str
    distance_km: float


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Places and the face each lies in.

    ``face`` has shape (n,): the row in the partition, or -1 for a place outside the country.
    """

    places: Places
    partition: Partition
    face: Integers

    def count(self, faces: Integers) -> dict[str, Any]:
        """Count places and recorded people in some faces.

        Parameters
        ----------
        faces
            Rows in the partition.

        Returns
        -------
        dict
            ``settlements``, ``population_recorded``, ``settlements_population_unknown``.
        """
        population = self.places.population[np.isin(self.face, faces)]
        unknown = np.isnan(population)
        return {
            "settlements": len(population),
            "population_recorded": int(population[~unknown].sum()),
            "settlements_population_unknown": int(unknown.sum()),
        }

    def largest(self, faces: Integers, *, at_least: float = 0.0) -> Integers:
        """Return the rows of places in some faces, the most populous first.

        Parameters
        ----------
        faces
            Rows in the partition.
        at_least
            Smallest recorded population; places without one count as zero.

        Returns
        -------
        numpy.ndarray
            Rows of places.
        """
        population = np.nan_to_num(self.places.population)
        rows = np.flatnonzero(np.isin(self.face, faces) & (population >= at_least))
        return rows[np.argsort(-population[rows], kind="stable")]

    def find(self, name: str) -> Integers:
        """Find places by name.

        Parameters
        ----------
        name
            English, Ukrainian, or another recorded spelling, in any transliteration; case,
            accents, apostrophes and a word such as "м." or "village of" do not matter.

        Returns
        -------
        numpy.ndarray
            Rows of all places with this name, the most populous first; see
            :meth:`geo.places.name_index.NameIndex.find` for what comes before what.

        Raises
        ------
        UnknownPlaceError
            No place has this name; lists the similar ones that a search finds.
        """
        population = np.nan_to_num(self.places.population)
        rows = np.array(self.index.find(name), dtype=np.intp)
        rows = rows[rows < len(self.places)]
        if len(rows):
            return rows[np.argsort(-population[rows], kind="stable")]
        weight = np.zeros(len(self.places) + len(self.partition.boundaries))
        weight[: len(self.places)] = log(np.maximum(population, 1.0)) / _LN_10
        hits, _ = self.index.search(name, weight=weight, limit=2 * _SIMILAR)
        found = [str(self.places.name_en[hit.row]) for hit in hits if hit.row < len(self.places)]
        similar = list(dict.fromkeys(found))[:_SIMILAR]
        unread = explain_unread(name)
        hint = f"; similar names are {', '.join(similar)}" if similar and not unread else ""
        raise UnknownPlaceError(
            f"no populated place is recorded as {name!r}{hint}. "
            + (unread or "Give an English or Ukrainian name, or a position."),
            valid=similar,
        )

    @cached_property
    def index(self) -> NameIndex:
        """The names of the places, then those of the units; one index for all days and plans."""
        places = self.places
        names = [
            (str(english), str(ukrainian), *filter(None, str(others).split("|")))
            for english, ukrainian, others in zip(
                places.name_en, places.name_uk, places.alternate_names, strict=True
            )
        ]
        return index_names((*names, *_unit_names(self.partition.boundaries)))

    def disagreements(self) -> tuple[Disagreement, ...]:
        """List places that lie on the other side of the line than they were observed.

        Returns
        -------
        tuple of Disagreement
            The furthest from the line first. For a line computed from the same observations the
            list is empty; for another source it shows where the two differ.
        """
        located = np.flatnonzero(self.face >= 0)
        side = self.partition.held_by[self.face[located]]
        rows = located[side != self.places.held_by[located]]
        if len(rows) == 0:
            return ()
        places = self.places
        positions = np.column_stack([places.lon_deg[rows], places.lat_deg[rows]])
        away_km = distance_km(positions, self.partition.line.geometry)
        return tuple(
            Disagreement(
                str(places.name_en[row]),
                str(places.oblast_id[row]),
                float(places.lon_deg[row]),
                float(places.lat_deg[row]),
                str(places.held_by[row]),
                float(away_km[number]),
            )
            for number, row in sorted(enumerate(rows), key=lambda item: -away_km[item[0]])
        )


def _unit_names(boundaries: Boundaries) -> list[tuple[str, ...]]:
    """Name the units with the word for what they are, then without it."""
    found: list[tuple[str, ...]] = []
    for english, ukrainian in zip(boundaries.name_en, boundaries.name_uk, strict=True):
        short, short_uk = english, ukrainian
        for word in _ENGLISH_WORDS:
            short = short.replace(word, "")
        for word in _UKRAINIAN_WORDS:
            short_uk = short_uk.replace(word, "")
        russian = short_uk
        for theirs, older in _RUSSIAN:
            russian = russian.replace(theirs, older)
        found.append((english, ukrainian, short, short_uk, russian))
    return found


def place_in_faces(partition: Partition, places: Places) -> Gazetteer:
    """Find the face each place lies in.

    Borders and coast are generalised, so a place may lie across the border of the oblast it is
    recorded in. It then belongs to land of that oblast within 0.2 degrees: on the side that its
    position tells if there is such land, else to the nearest. A position outside the country
    tells no side, so there the observation does. Slivers narrower than 50 m hold no place.

    Parameters
    ----------
    partition
        The country divided by oblast and holder.
    places
        The populated places on the day of the line.

    Returns
    -------
    Gazetteer
        Places with the row of their face.
    """
    land = _habitable(partition)
    face = np.full(len(places), -1, dtype=np.intp)
    part, point = shapely.STRtree(places.points).query(land.parts, predicate="intersects")
    face[point[::-1]] = land.face[part[::-1]]
    lost = face < 0
    face[lost] = land.nearest(places.points[lost], np.ones(len(land.face), dtype=bool))
    side = np.where(lost, places.held_by, partition.held_by[face])
    astray = (face >= 0) & (lost | (partition.oblast_id[face] != places.oblast_id))
    oblast, held_by = partition.oblast_id[land.face], partition.held_by[land.face]
    for unit in np.unique(places.oblast_id[astray].astype(str)):
        mine = np.flatnonzero(astray & (places.oblast_id == unit))
        face[mine] = land.nearest(places.points[mine], oblast == unit, face[mine])
        for holder, outside in itertools.product(Control, (False, True)):
            rows = mine[(side[mine] == holder) & (lost[mine] == outside)]
            choice = (oblast == unit) & (held_by == holder)
            limit = None if outside else _NEAR_DEG
            face[rows] = land.nearest(places.points[rows], choice, face[rows], limit)
    return Gazetteer(places, partition, face)


@dataclass(frozen=True, eq=False)
class _Land:
    """Polygons wide enough for a place, and the face of each; shape (n,)."""

    parts: Geometries
    face: Integers

    def nearest(
        self,
        points: Geometries,
        choice: npt.NDArray[np.bool_],
        otherwise: Integers | None = None,
        limit_deg: float | None = _NEAR_DEG,
    ) -> Integers:
        """Return the face of the nearest chosen polygon, or another if it is too far away."""
        face = np.full(len(points), -1, dtype=np.intp) if otherwise is None else otherwise.copy()
        chosen = np.flatnonzero(choice)
        if len(points) and len(chosen):
            point, found = shapely.STRtree(self.parts[chosen]).query_nearest(
                points, max_distance=limit_deg, all_matches=False
            )
            face[point] = self.face[chosen[found]]
        return face


def _habitable(partition: Partition) -> _Land:
    """Take the faces apart and leave out slivers: mean width is twice the area by the edge."""
    parts, face = shapely.get_parts(partition.geometry, return_index=True)
    wide = 2.0 * shapely.area(parts) >= _NARROW_DEG * shapely.length(parts)
    shapely.prepare(parts)  # once per part, not once per point: 15 times faster
    return _Land(np.asarray(parts[wide], dtype=object), face[wide])
