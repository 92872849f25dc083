"""Load the data once, and build and cache the scenarios made from them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from app.datasets.cache import Memo
from app.datasets.dataset import Dataset, find_plan, read_dataset
from app.datasets.day_areas import DayAreasCache
from app.errors import UnknownBoundariesError, UnknownSourceError
from app.i18n.languages import Language
from app.sources import (
    HOME_BOUNDARIES,
    HOME_SOURCE,
    SourceFile,
    file_among,
    open_boundaries,
    open_lines,
)
from geo.analysis.sensitivity import ReadingRanges, explore_readings
from geo.analysis.verification import PublishedFigures, load_published_figures
from geo.io.load import data_directory, load_plan
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.identity import Identity
from geo.places.gazetteer import Gazetteer
from geo.plans.choices import Chosen
from geo.plans.plan import Plan
from geo.plans.selection import choose_day, read_plan
from geo.scenario import Scenario, build_partition, build_scenario

if TYPE_CHECKING:
    from app.settings import Settings
    from geo.plans.translation import PlanWords

__all__ = ["DEFAULT_PLAN", "Catalogue", "Selection"]

DEFAULT_PLAN: Final = "point21-axios"
_MOST_GROUNDS: Final = 32


@dataclass(frozen=True)
class Selection:
    """A scenario and what it was made from.

    ``requested_date`` is the date asked for when that is another one, ``plan_file`` the file of a
    user's own plan.
    """

    scenario: Scenario
    dataset: Dataset
    requested_date: date | None = None
    plan_file: Path | None = None

    @property
    def about(self) -> Identity:
        """Identity of the figures, with the date that was asked for."""
        asked = None if self.requested_date is None else self.requested_date.isoformat()
        return replace(self.scenario.identity, requested_date=asked)

    @property
    def identity(self) -> dict[str, Any]:
        """The same for JSON."""
        return self.about.to_dict()


class Catalogue:
    """Plans, lines and boundaries, and the scenarios made from them.

    Parameters
    ----------
    directory
        Where the data files are; by default the ones that came with the program.
    default_plan
        Plan used when none is named.
    max_scenarios
        How many scenarios are kept; the ones used longest ago are dropped first.
    sources, boundary_sets
        Files of other lines and boundaries that can be chosen, by short name.
    plan_files
        Whether a plan may also be named by a ``.toml`` file; never where requests name it.

    Notes
    -----
    Safe to use from several threads. Files are read on first use, or by :meth:`load`; a scenario
    is built once, however many threads ask for it.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        default_plan: str = DEFAULT_PLAN,
        max_scenarios: int = 32,
        sources: Mapping[str, SourceFile] | None = None,
        boundary_sets: Mapping[str, SourceFile] | None = None,
        plan_files: bool = False,
    ) -> None:
        self._directory, self._plan_files = directory, plan_files
        self._max_scenarios = max_scenarios
        self._sources = dict(sources or {})
        self._boundary_sets = dict(boundary_sets or {})
        self._grounds: Memo[tuple[str, str], Catalogue] = Memo(_MOST_GROUNDS)
        self._units: Memo[str, Boundaries] = Memo(_MOST_GROUNDS)
        self._default_plan = default_plan
        self._lock = Lock()
        self._dataset: Dataset | None = None
        self._divisions: Memo[date, Gazetteer] = Memo(max_scenarios)
        self._words: Memo[tuple[str, str], tuple[PlanWords | None]] = Memo(_MOST_GROUNDS)
        self._scenarios: Memo[tuple[Hashable, ...], Scenario] = Memo(max_scenarios)

    @classmethod
    def of(cls, settings: "Settings", directory: Path | None = None) -> "Catalogue":
        """Make the catalogue that settings describe, or the same of another directory."""
        return cls(
            directory or settings.data_directory,
            default_plan=settings.default_plan,
            max_scenarios=settings.scenarios,
            sources=settings.source_files,
            boundary_sets=settings.boundary_files,
        )

    def load(self) -> Dataset:
        """Read and check every file, once.

        Raises
        ------
        SettlementError
            A file is missing, malformed, or does not say where it comes from.
        UnknownPlanError
            The default plan does not exist.
        """
        with self._lock:
            if self._dataset is None:
                # What a link leads to now: files that are read later come from there as well.
                self._directory = (self._directory or data_directory()).resolve()
                dataset = read_dataset(self._directory)
                find_plan(dataset.plans, self._default_plan)
                self._dataset = dataset
            return self._dataset

    @property
    def sources(self) -> tuple[str, ...]:
        """Short names of the lines that can be chosen, our own first."""
        return (HOME_SOURCE, *self._sources)

    @property
    def boundary_sets(self) -> tuple[str, ...]:
        """Short names of the boundaries that can be chosen, Natural Earth's first."""
        return (HOME_BOUNDARIES, *self._boundary_sets)

    @cached_property
    def published(self) -> PublishedFigures:
        """Figures that others published; read when they are first asked for."""
        directory = self._directory or data_directory()
        return load_published_figures(directory / "published_figures.csv")

    @cached_property
    def past(self) -> DayAreasCache:
        """The days that were measured for histories."""
        return DayAreasCache()

    @property
    def directory(self) -> Path | None:
        """Folder of the data files; known when they are loaded."""
        return self._directory

    @property
    def default_plan(self) -> str:
        """Id of the plan used when none is named."""
        return self._default_plan

    @property
    def dataset(self) -> Dataset:
        """The data, loaded on first use."""
        return self._dataset or self.load()

    def plan(self, plan_id: str | None = None) -> Plan:
        """Find a plan by its id.

        Raises
        ------
        UnknownPlanError
            No plan has this id; all ids are listed.
        PlanError
            The file has faults; all are listed.
        """
        wanted = self._default_plan if plan_id is None else plan_id
        if (file := self._plan_file(wanted)) is not None:
            return load_plan(file)
        return find_plan(self.dataset.plans, wanted)

    def plan_words(self, language: Language, plan_id: str) -> "PlanWords | None":
        """Find the words of a plan in another language; read when they are first asked for.

        Parameters
        ----------
        language
            The language wanted.
        plan_id
            Id of a plan; one that is not ours has no words.

        Raises
        ------
        PlanError
            The file does not fit the plan; all faults are listed.
        """
        from geo.plans.translation import load_plan_words  # English needs none

        plan = self.dataset.plans.get(plan_id)
        if plan is None:
            return None
        folder = (self._directory or data_directory()) / "plans" / language.value
        key = (language.value, plan_id)
        return self._words.get(key, lambda: (load_plan_words(folder / f"{plan_id}.toml", plan),))[0]

    def read(self, plan_id: str | None, readings: Mapping[str, Chosen]) -> Plan:
        """Find a plan and choose among its readings.

        Raises
        ------
        UnknownPlanError
            No plan has this id.
        ReadingError
            There is no such reading or option; lists every fault.
        """
        return read_plan(self.plan(plan_id), self.dataset.boundaries, readings)

    def using(self, source: str | None = None, boundaries: str | None = None) -> "Catalogue":
        """Return the catalogue of other lines or boundaries.

        Parameters
        ----------
        source, boundaries
            Short names; our own lines and Natural Earth's boundaries by default.

        Raises
        ------
        UnknownSourceError, UnknownBoundariesError
            There is nothing of this name; all names are listed.
        DataFormatError
            The file cannot be used.
        """
        chosen = (source or HOME_SOURCE, boundaries or HOME_BOUNDARIES)
        if chosen == (HOME_SOURCE, HOME_BOUNDARIES):
            return self
        return self._grounds.get(chosen, lambda: self._ground(*chosen))

    def _ground(self, source: str, boundaries: str) -> "Catalogue":
        home = self.dataset
        file, units = None, home.boundaries
        if source != HOME_SOURCE:
            file = file_among(self._sources, source, home=HOME_SOURCE, error=UnknownSourceError)
        if boundaries != HOME_BOUNDARIES:
            units = self._units.get(boundaries, lambda: self._open_boundaries(boundaries))
        lines = open_lines(file, source, units, home=home.boundaries, lines=home.lines)
        made = Catalogue(
            self._directory,
            default_plan=self._default_plan,
            max_scenarios=self._max_scenarios,
            plan_files=self._plan_files,
        )
        made._dataset = replace(home, boundaries=units, lines=lines)
        return made

    def _open_boundaries(self, name: str) -> Boundaries:
        file = file_among(
            self._boundary_sets, name, home=HOME_BOUNDARIES, error=UnknownBoundariesError
        )
        return open_boundaries(file, self.dataset.boundaries, boundaries_id=name)

    def line(self, day: date, *, nearest: bool | str = False) -> ContactLine:
        """Find the line of a day, or another one where that will do.

        Raises
        ------
        UnknownDateError
            There is no such line; all dates are listed.
        """
        return self.dataset.lines.on(day, nearest=nearest)

    def select(
        self,
        plan_id: str | None = None,
        day: date | None = None,
        *,
        nearest: bool | str = False,
        readings: Mapping[str, Chosen] | None = None,
    ) -> Selection:
        """Find or build the scenario of a plan and a day.

        Parameters
        ----------
        plan_id, day
            Default: the default plan, and the plan's own day.
        nearest
            Which other line is used when the day has none; see
            :class:`geo.model.line_series.Nearest`.
        readings
            Reading to option; the plan's defaults where nothing is chosen.

        Raises
        ------
        UnknownPlanError, UnknownDateError
            There is no such plan or line.
        ReadingError
            There is no such reading or option, or another day was asked for than is chosen.
        """
        plan = self.read(plan_id, readings or {})
        wanted = choose_day(plan, self.dataset.lines.dates, day, named=tuple(readings or ()))
        line = self.line(wanted, nearest=nearest)
        scenario = self._scenario(plan, line)
        asked = None if line.date == wanted else wanted
        return Selection(scenario, self.dataset, asked, self._plan_file(plan_id))

    def _plan_file(self, plan_id: str | None) -> Path | None:
        """Return the file by which a plan is named; None where it is named by its id."""
        is_file = self._plan_files and plan_id is not None and plan_id.endswith(".toml")
        return Path(plan_id) if is_file and plan_id is not None else None

    def explore(
        self,
        plan_id: str | None = None,
        day: date | None = None,
        *,
        nearest: bool | str = False,
        readings: Mapping[str, Chosen] | None = None,
    ) -> tuple[Selection, ReadingRanges]:
        """Measure every figure over all readings of a plan that are not chosen.

        Raises
        ------
        UnknownPlanError, UnknownDateError, ReadingError
            There is no such plan, line, reading or option.
        """
        selection = self.select(plan_id, day, nearest=nearest, readings=readings)
        dataset = self.dataset
        ranges = explore_readings(
            self.plan(plan_id),
            dataset.boundaries,
            dataset.lines,
            dataset.observations,
            day=selection.scenario.line.date,
            fixed=readings,
            divide=self.divided,
        )
        return selection, ranges

    def understand(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return of a page's parameters those that name what there is.

        Where another source has no line for the plan's own day, the day nearest to it is named.
        """
        known = {"plan": self.dataset.plans, "source": self.sources}
        known["boundaries"] = self.boundary_sets
        known["lang"] = tuple(Language)
        understood = {name: given[name] for name in known if given.get(name) in known[name]}
        chosen = self.using(understood.get("source"), understood.get("boundaries"))
        dates = {str(day): day for day in chosen.dataset.lines.dates}
        if given.get("date") in dates:
            understood["date"] = given["date"]
        elif dates and str(own := self.plan(understood.get("plan")).line_date) not in dates:
            understood["date"] = min(dates, key=lambda day: (abs(dates[day] - own), day))
        return {name: understood[name] for name in given if name in understood} | understood

    def _scenario(self, plan: Plan, line: ContactLine) -> Scenario:
        def make() -> Scenario:
            dataset = self.dataset
            divided = self.divided(line)
            return build_scenario(
                dataset.boundaries, line, plan, dataset.observations, divided=divided
            )

        return self._scenarios.get((plan.id, line.date, plan.choices), make)

    def divided(self, line: ContactLine) -> Gazetteer:
        """Divide the country by a line, once, whatever the plan."""
        return self._divisions.get(line.date, lambda: self._divide(line))

    def _divide(self, line: ContactLine) -> Gazetteer:
        return build_partition(self.dataset.boundaries, line, self.dataset.observations)
