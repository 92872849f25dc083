"""Populated places: which face each lies in, how many people were recorded, how to find one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import shapely

from geo.errors import UnknownPlaceError
from geo.measure import distance_km
from geo.numerics import log
from geo.observations import Places
from geo.position import explain_unread
from geo.search import NameIndex, index_names
from geo.territory import Boundaries, Partition
from geo.topology import Integers

__all__ = ["Disagreement", "Gazetteer", "place_in_faces"]

_NEAR_DEG: Final = 0.2
_SIMILAR: Final = 5
_LN_10: Final = 2.302585092994046
_ENGLISH_WORDS: Final = (" Oblast", " (Autonomous Republic)", " (city)")
_UKRAINIAN_WORDS: Final = (" область", "місто ", "Автономна Республіка ")
_RUSSIAN: Final = (("ська", "ская"), ("цька", "цкая"), ("Крим", "Крым"))


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
            :meth:`geo.search.NameIndex.find` for what comes before what.

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

    The side comes from the position; the oblast is the recorded one where it has a face on that
    side, because places near an oblast border may lie across a generalised boundary. A place just
    outside a generalised border or coast (within 0.2 degrees) belongs to the nearest oblast; no
    position can tell its side, so the observation does.

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
    face = np.full(len(places), -1, dtype=np.intp)
    parts, owner = shapely.get_parts(partition.geometry, return_index=True)
    shapely.prepare(parts)  # once per part, not once per point: 15 times faster
    part, point = shapely.STRtree(places.points).query(parts, predicate="intersects")
    face[point[::-1]] = owner[part[::-1]]
    tree = shapely.STRtree(partition.geometry)
    outside = np.flatnonzero(face < 0)
    point, found = tree.query_nearest(
        places.points[outside], max_distance=_NEAR_DEG, all_matches=False
    )
    face[outside[point]] = found
    rows = {
        (oblast, side): row
        for row, (oblast, side) in enumerate(
            zip(partition.oblast_id, partition.held_by, strict=True)
        )
    }
    side = partition.held_by[face]
    side[outside] = places.held_by[outside]
    for row in np.flatnonzero(face >= 0):
        face[row] = rows.get((places.oblast_id[row], side[row]), face[row])
    return Gazetteer(places, partition, face)
