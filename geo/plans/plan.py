"""The model of a plan: clauses, quotations, open questions.

A plan is a TOML file. Reading it is the business of :mod:`geo.io.load`; this module turns a plain
mapping into a checked, frozen :class:`Plan` and reports every fault at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from geo.arguments import show
from geo.errors import Fault, PlanError
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.identity import Identity
from geo.plans.choices import Chosen, check_choices
from geo.plans.clauses import (
    Category,
    Change,
    Clause,
    Context,
    Demilitarise,
    Flag,
    Forces,
    Freeze,
    FrozenModel,
    NotMapped,
    Recognise,
    Recognition,
    Relinquish,
)
from geo.plans.readings import OblastList, Option, Patch, Reading, change_clauses, check_readings
from geo.plans.validation import faults_of, meant
from geo.repr_html import Rich

__all__ = [
    "Basis",
    "Category",
    "Change",
    "Clause",
    "Context",
    "Demilitarise",
    "Flag",
    "Forces",
    "Freeze",
    "NotMapped",
    "Plan",
    "PlanSource",
    "Reading",
    "Recognise",
    "Recognition",
    "Relinquish",
    "check_plan",
    "identify",
    "parse_plan",
]


class Basis(StrEnum):
    """Basis of a plan: published, or a baseline."""

    PUBLISHED = "published"
    BASELINE = "baseline"
    USER = "user"


class PlanSource(FrozenModel):
    """Publication of the text of a plan."""

    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    date: date
    url: str = ""


class Plan(Rich, FrozenModel):
    """A plan: what its text says of territory, clause by clause, in order of application.

    ``clause`` holds the clauses as written, ``clauses`` the same under the readings chosen;
    ``choices`` names those that differ from the default.
    """

    schema_version: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = Field(min_length=1)
    title_short: str = Field(min_length=1)
    basis: Basis
    published: date
    line_date: date = Field(description="Day of the line the plan is drawn on by default.")
    note: str = ""
    source: PlanSource
    clause: tuple[Clause, ...] = Field(min_length=1)
    reading: tuple[Reading, ...] = ()
    choices: tuple[tuple[str, str], ...] = Field(default=(), exclude=True)

    @cached_property
    def clauses(self) -> tuple[Any, ...]:
        """The clauses under the readings chosen, in order of application."""
        chosen = self.chosen
        patches = [
            patch
            for reading in self.reading
            if reading.id in chosen
            for patch in reading.patches(chosen[reading.id])
        ]
        return change_clauses(self.clause, patches)

    @property
    def chosen(self) -> dict[str, str]:
        """The readings chosen that differ from the default."""
        return dict(self.choices)

    def read(self, /, **choices: Chosen) -> "Plan":
        """Return the plan under other readings.

        Parameters
        ----------
        **choices
            Reading to option, such as ``luhansk_pocket="retained"``. Where a reading takes a list
            of oblasts, their ISO 3166-2 codes. What was chosen before stays, unless chosen anew;
            the default undoes it.

        Returns
        -------
        Plan
            The same text; :attr:`clauses` and :meth:`day` follow the choice.

        Raises
        ------
        ReadingError
            There is no such reading or option, or the choices contradict each other; lists every
            fault with what is valid.

        Examples
        --------
        >>> import geo
        >>> plan = geo.load_plan("point21-axios").read(luhansk_pocket="retained")
        >>> plan.chosen
        {'luhansk_pocket': 'retained'}
        """
        checked = check_choices(self.id, self.reading, self.clause, {**self.chosen, **choices})
        plan = self.model_copy(update={"choices": tuple(checked.items())})
        plan.__dict__.pop("clauses", None)
        return plan

    def day(self, dates: Sequence[date]) -> date:
        """Return the day of the line under the readings chosen.

        Parameters
        ----------
        dates
            The days that have a line.
        """
        chosen = self.chosen
        for reading in self.reading:
            option = reading.find(chosen.get(reading.id, reading.default))
            if option is not None and option.day is not None:
                latest = max(dates, default=self.line_date)
                named = {"plan_date": self.line_date, "latest": latest}
                return option.day if isinstance(option.day, date) else named[option.day]
        return self.line_date

    @model_validator(mode="after")
    def _check_readings(self) -> "Plan":
        faults = [str(fault) for fault in check_readings(self.reading, self.clause)]
        if faults:
            raise ValueError("\n".join(faults))
        return self


def _is_of_some_size(mapping: Mapping[str, Any]) -> bool:
    """Count the values of a plan; each may become a fault with a hint, which takes time."""
    waiting: list[object] = [mapping]
    count = 0
    while waiting and count <= _MOST_VALUES:
        value = waiting.pop()
        inner: Iterable[object] = ()
        if isinstance(value, Mapping):
            inner = value.values()
        elif isinstance(value, list | tuple):
            inner = value
        few = list(islice(inner, _MOST_VALUES + 1))
        count += len(few)
        waiting += few
    return count <= _MOST_VALUES


def _faults_across(mapping: Mapping[str, Any]) -> list[Fault]:
    """Find what only shows when clauses are read together, in a plan that may have other faults."""
    clauses = mapping.get("clause")
    rows = clauses if isinstance(clauses, list | tuple) else []
    faults = []
    seen: set[str] = set()
    for number, clause in enumerate(rows):
        if not isinstance(clause, Mapping):
            continue
        name = str(clause.get("id", ""))
        if name in seen:
            message = f"expected unique ids; got {show(name)} twice"
            faults.append(Fault(f"clause.{number}.id", message))
        seen.add(name or f"#{number}")
        if mapping.get("basis") == Basis.PUBLISHED and not clause.get("quote"):
            message = "a published plan needs the text's words"
            faults.append(Fault(f"clause.{number}.quote", message))
    return faults


_MOST_VALUES: Final = 5_000
"""Far more than a text of some pages has."""

_MODELS: Mapping[str, type[BaseModel]] = {
    "patch": Patch,
    "option": Option,
    "oblast_list": OblastList,
    "reading": Reading,
    "source": PlanSource,
    "": Plan,
}


def parse_plan(mapping: Mapping[str, Any], *, name: str = "<mapping>") -> Plan:
    """Check a plan and freeze it.

    Parameters
    ----------
    mapping
        The plan as plain data, in the form of ``data/plans/*.toml``.
    name
        What to call it in messages, usually the file.

    Returns
    -------
    Plan
        Frozen; unknown keys are not accepted.

    Raises
    ------
    PlanError
        Lists every fault with its key, and what was probably meant.
    """
    if not _is_of_some_size(mapping):
        message = f"expected a plan of at most {_MOST_VALUES:,} values; got more"
        raise PlanError(name, [Fault("", message)])
    faults = _faults_across(mapping)
    if "choices" in mapping:
        faults.append(Fault("choices", "choices are made with Plan.read"))
    try:
        plan = Plan.model_validate({key: mapping[key] for key in mapping if key != "choices"})
    except ValidationError as error:
        raise PlanError(name, [*faults_of(error, _MODELS), *faults]) from None
    if faults:
        raise PlanError(name, faults)
    return plan


def check_plan(plan: Plan, boundaries: Boundaries, *, name: str | None = None) -> None:
    """Check that every oblast a plan names exists.

    Parameters
    ----------
    plan
        The plan.
    boundaries
        The oblasts it is to be applied to.
    name
        What to call the plan in messages; its id by default.

    Raises
    ------
    PlanError
        Lists every unknown oblast with its key.
    """
    known = set(boundaries.ids)
    faults = []
    for key, named in _named_oblasts(plan):
        for place, oblast in enumerate(named):
            if oblast not in known:
                hint = meant(oblast, known)
                message = f"no oblast has the ISO 3166-2 code {show(oblast)}{hint}"
                faults.append(Fault(f"{key}.{place}", message))
    if faults:
        raise PlanError(name or plan.id, faults)


_KEYS_OF_OBLASTS = (
    "oblasts",
    "except_oblasts",
    "not_named",
    "ceded",
    "retained",
    "agreed",
    "kept_by_russia",
    "left_open",
)


def _named_oblasts(plan: Plan) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every list of oblasts of a plan with its key; those of the clauses as they are read."""
    for number, clause in enumerate(plan.clauses):
        for key in _KEYS_OF_OBLASTS:
            named = getattr(clause, key, ())
            yield f"clause.{number}.{key}", () if named == "all" else named
    for number, reading in enumerate(plan.reading):
        for place, option in enumerate(reading.option):
            for row, patch in enumerate(option.patch):
                at = f"reading.{number}.option.{place}.patch.{row}.value"
                if patch.key in _KEYS_OF_OBLASTS and isinstance(patch.value, tuple):
                    yield at, patch.value


def identify(
    boundaries: Boundaries, line: ContactLine, plan: Plan, data_version: str = ""
) -> Identity:
    """Say what the figures of a plan and a line depend on.

    Parameters
    ----------
    boundaries, line, plan
        What the figures are computed from.
    data_version
        Hash of all of it and of the populated places.

    Returns
    -------
    Identity
        Short names, day, choices and hash.
    """
    return Identity(
        plan=plan.id,
        date=line.date.isoformat(),
        source=line.source_id or line.source,
        boundaries=boundaries.id or boundaries.provenance.source,
        data_version=data_version,
        readings=plan.chosen,
        basis=line.basis,
        united=line.united,
    )
