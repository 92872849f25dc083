"""A scenario: boundaries, line and plan, and everything computed from them."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geo.arguments import parse_choice
from geo.comparison.compare import Comparison, compare_settlements
from geo.errors import ContradictorySidesError, OutsideCountryError
from geo.lines.split import split_by_contact_line
from geo.measure import distance_km
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.identity import Identity, name_version
from geo.model.observations import Observations
from geo.model.partition import Partition
from geo.places.gazetteer import Gazetteer, place_in_faces
from geo.places.location import Location, Place
from geo.plans.layers import Layer, make_layers
from geo.plans.outcomes import Settlement, apply_plan
from geo.plans.plan import Category, Plan
from geo.repr_html import Rich
from geo.statistics.tables import By, Table, line_km_by_oblast, tabulate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Scenario", "build_partition", "build_scenario", "hash_inputs"]


OUTSIDE_TOLERANCE_KM: Final = 3.0
"""The generalised border strays from the surveyed one by up to 2.5 km."""

_SEARCH_DEG: Final = 0.1


@dataclass(frozen=True, eq=False)
class Scenario(Rich):
    """A plan applied to one day: the faces, what becomes of them, and the figures."""

    settlement: Settlement
    gazetteer: Gazetteer
    data_version: str

    @property
    def plan(self) -> Plan:
        """The plan that was applied."""
        return self.settlement.plan

    @property
    def partition(self) -> Partition:
        """The country divided by oblast and holder."""
        return self.settlement.partition

    @property
    def boundaries(self) -> Boundaries:
        """The oblasts."""
        return self.partition.boundaries

    @cached_property
    def contact_line_km(self) -> float:
        """Length of the line of contact inside the country, each stretch once."""
        return float(line_km_by_oblast(self.partition).sum())

    @property
    def line(self) -> ContactLine:
        """The line of contact."""
        return self.partition.line

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """One layer for each category."""
        return tuple(replace(layer, about=self._about) for layer in make_layers(self.settlement))

    def layer(self, category: Category | str) -> Layer:
        """Return the layer of one category."""
        category = parse_choice(Category, category, name="category")
        rows = np.flatnonzero(self.settlement.category == category)
        return Layer(category, self.settlement, rows, self._about)

    @property
    def identity(self) -> Identity:
        """Identity of the figures."""
        return replace(self.settlement.identity, data_version=self.data_version)

    @property
    def _about(self) -> dict[str, Any]:
        """Identity that every table and frame carries."""
        return {"identity": self.identity.to_dict()}

    @cached_property
    def _tables(self) -> dict[By, Table]:
        return {}

    def table(self, by: By | str = By.CATEGORY, *, totals: bool = False) -> Table:
        """Return a table of figures; computed on first use.

        Parameters
        ----------
        by
            What the table has one row for.
        totals
            Add the table's totals as its last rows; only ``change`` and ``leaving`` have some.
        """
        by = parse_choice(By, by, name="by")
        if by not in self._tables:
            table = tabulate(self.settlement, self.gazetteer, by=by)
            self._tables[by] = replace(table, about=self._about)
        return self._tables[by].with_totals() if totals else self._tables[by]

    def areas(self, by: By | str = By.CATEGORY, *, totals: bool = False) -> "pd.DataFrame":
        """Return a table of figures as a DataFrame; columns and totals as in :meth:`table`."""
        return self.table(by, totals=totals).to_dataframe()

    def towns(self, category: Category | str, *, at_least: int = 10_000) -> tuple[Place, ...]:
        """List the populous places of a category.

        Parameters
        ----------
        category
            What becomes of the land.
        at_least
            Smallest recorded population.

        Returns
        -------
        tuple of Place
            The most populous first.
        """
        category = parse_choice(Category, category, name="category")
        faces = np.flatnonzero(self.settlement.category == category)
        return tuple(self.place(row) for row in self.gazetteer.largest(faces, at_least=at_least))

    def place(self, row: int) -> Place:
        """Describe a populated place by its row in the gazetteer."""
        places = self.gazetteer.places
        population, since = places.population[row], places.valid_from[row]
        return Place(
            name_en=str(places.name_en[row]),
            name_uk=str(places.name_uk[row]),
            oblast=str(places.oblast_id[row]),
            lon_deg=float(places.lon_deg[row]),
            lat_deg=float(places.lat_deg[row]),
            population=None if np.isnan(population) else int(population),
            observed_as=str(places.held_by[row]),
            since=None if np.isnat(since) else str(since),
            contested=self.line.date.isoformat() in str(places.contested_on[row]).split("|"),
            basis="" if places.basis is None else str(places.basis[row]),
            recorded_from=None if np.isnat(places.first_day) else str(places.first_day),
        )

    def locate(
        self, lon_deg: float, lat_deg: float, *, tolerance_km: float = OUTSIDE_TOLERANCE_KM
    ) -> Location:
        """Say what the plan means at a position.

        Parameters
        ----------
        lon_deg, lat_deg
            Longitude and latitude in degrees on WGS 84.
        tolerance_km
            A position no further than this outside the border or the coast, both of which are
            generalised, belongs to the nearest face; ``outside_by_km`` of the result says so.

        Returns
        -------
        Location
            The face the position lies in.

        Raises
        ------
        OutsideCountryError
            The position lies in none of the oblasts.
        """
        face, outside_by_km = self._nearest_face(lon_deg, lat_deg)
        if outside_by_km > tolerance_km:
            raise OutsideCountryError(
                f"lon {lon_deg:g}, lat {lat_deg:g} lies in none of the oblasts. Expected a "
                "position inside Ukraine's internationally recognised borders, longitude (22 to "
                f"40) first; boundaries and coast are generalised (up to {tolerance_km:g} km)."
            )
        return self._location(face, lon_deg, lat_deg)

    def _nearest_face(self, lon_deg: float, lat_deg: float) -> tuple[int, float]:
        """Return the row of the face at a position, or of the nearest, and how far it is in km."""
        point = shapely.Point(lon_deg, lat_deg)
        found = self._face_tree.query(point, predicate="intersects")
        if len(found):
            return int(found.min()), 0.0
        near = self._face_tree.query(point, predicate="dwithin", distance=_SEARCH_DEG)
        if len(near) == 0:
            return -1, np.inf
        position = np.array([[lon_deg, lat_deg]])
        away_km = [distance_km(position, self.partition.geometry[row])[0] for row in near]
        best = int(np.argmin(away_km))
        return int(near[best]), float(away_km[best])

    def find_place(self, name: str) -> tuple[Location, ...]:
        """Say what the plan means at every place of a name.

        Parameters
        ----------
        name
            English or Ukrainian name, or another recorded spelling.

        Returns
        -------
        tuple of Location
            The most populous first; more than one when the name is ambiguous.

        Raises
        ------
        UnknownPlaceError
            No place has this name; lists similar ones.
        """
        gazetteer = self.gazetteer
        return tuple(
            self._location(
                int(gazetteer.face[row]),
                float(gazetteer.places.lon_deg[row]),
                float(gazetteer.places.lat_deg[row]),
                self.place(row),
            )
            for row in gazetteer.find(name)
            if gazetteer.face[row] >= 0
        )

    @cached_property
    def _face_tree(self) -> shapely.STRtree:
        shapely.prepare(self.partition.geometry)
        return shapely.STRtree(self.partition.geometry)

    def _location(
        self, face: int, lon_deg: float, lat_deg: float, place: Place | None = None
    ) -> Location:
        boundaries = self.boundaries
        row = boundaries.index(self.partition.oblast_id[face])
        outcome = self.settlement.outcomes[face]
        away = distance_km(np.array([[lon_deg, lat_deg]]), self.line.geometry)[0]
        return Location(
            lon_deg=lon_deg,
            lat_deg=lat_deg,
            oblast=boundaries.ids[row],
            name_en=boundaries.name_en[row],
            name_uk=boundaries.name_uk[row],
            outcome=outcome,
            clauses=tuple(clause for clause in self.plan.clauses if clause.id in outcome.clauses),
            distance_to_line_km=None if np.isnan(away) else float(away),
            outside_by_km=self._nearest_face(lon_deg, lat_deg)[1],
            place=place,
        )

    def compare(self, other: "Scenario") -> Comparison:
        """Compare with another scenario on the same boundaries.

        Parameters
        ----------
        other
            May differ in plan, date, source or reading.

        Returns
        -------
        Comparison
            From this one (``a``) to the other (``b``).

        Raises
        ------
        IncomparableError
            The other is drawn on other boundaries.
        """
        gazetteers = (self.gazetteer, other.gazetteer)
        about = {"a": self.identity.to_dict(), "b": other.identity.to_dict()}
        found = compare_settlements(self.settlement, other.settlement, gazetteers=gazetteers)
        return replace(found, about=about)

    def summary(self) -> dict[str, Any]:
        """Return the identity and the country's figures as plain data."""
        return {**self.identity.to_dict(), **self.table(By.COUNTRY).rows[0]}


def build_partition(
    boundaries: Boundaries, line: ContactLine, observations: Observations
) -> Gazetteer:
    """Divide the country and place the populated places; the part that no plan changes.

    Parameters
    ----------
    boundaries
        The oblasts.
    line
        The line of contact.
    observations
        The populated places; those of the day of the line are used.

    Returns
    -------
    Gazetteer
        Holds the partition; give it to :func:`build_scenario` for each plan.

    Raises
    ------
    LineError
        The line does not divide the country, or most places lie on the other side of it than
        they were observed. A smaller number is no error (the line may be another source's, or a
        supposition): ``disagreements()`` of the result lists them.
    """
    partition = split_by_contact_line(boundaries, line)
    gazetteer = place_in_faces(partition, observations.on(line.date))
    wrong = gazetteer.disagreements()
    if 2 * len(wrong) > len(gazetteer.places):
        furthest = wrong[0]
        raise ContradictorySidesError(
            lon_deg=furthest.lon_deg,
            lat_deg=furthest.lat_deg,
            detail=(
                f"{len(wrong)} of {len(gazetteer.places)} observed places, {furthest.name_en} "
                "among them, lie on the other side than they were observed, so the sides are "
                "exchanged or the line is not one of this country"
            ),
        )
    return gazetteer


def build_scenario(
    boundaries: Boundaries,
    line: ContactLine,
    plan: Plan,
    observations: Observations,
    *,
    divided: Gazetteer | None = None,
) -> Scenario:
    """Apply a plan to a day.

    Parameters
    ----------
    boundaries
        The oblasts.
    line
        The line of contact.
    plan
        What the text says.
    observations
        The populated places and who held them.
    divided
        The result of :func:`build_partition` for the same boundaries, line and observations, when
        several plans are applied to one day.

    Returns
    -------
    Scenario
        Faces, outcomes, layers, figures; nothing is read or written.

    Raises
    ------
    LineError
        The line does not divide the country.
    PlanError
        The plan does not fit the boundaries, or leaves land unaddressed.

    Examples
    --------
    >>> import datetime, geo
    >>> scenario = geo.build_scenario(
    ...     geo.load_boundaries(),
    ...     geo.load_contact_line(datetime.date(2025, 11, 21)),
    ...     geo.load_plan("point21-axios"),
    ...     geo.load_observations(),
    ... )
    >>> [place.outcome.category.value for place in scenario.find_place("Kramatorsk")]
    ['buffer_zone']
    """
    divided = divided or build_partition(boundaries, line, observations)
    settlement = apply_plan(divided.partition, plan)
    return Scenario(settlement, divided, hash_inputs(boundaries, line, plan, observations))


def hash_inputs(
    boundaries: Boundaries, line: ContactLine, plan: Plan, observations: Observations
) -> str:
    """Name the data version of a scenario without building it.

    Parameters
    ----------
    boundaries, line, plan, observations
        As for :func:`build_scenario`.

    Returns
    -------
    str
        Hash of the contents of the files they came from, and of the part that was chosen of the
        line's, 16 hexadecimal digits.
    """
    hashes = [item.provenance.sha256 for item in (boundaries, line, observations)]
    choice = [line.united.choice] if line.united is not None and line.united.choice else []
    return name_version([*hashes, *choice, plan.model_dump_json()])
