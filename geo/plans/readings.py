"""Open questions of a text, with options that change its clauses.

A reading never touches the text's own words; it changes how a clause is applied, or which day's
line is taken. The figures that follow are the business of :mod:`geo.analysis.sensitivity`.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, Field, ValidationError

from geo.arguments import show
from geo.errors import Fault
from geo.plans.clauses import Clause, FrozenModel
from geo.plans.validation import faults_of, meant

__all__ = [
    "MAX_COMBINATIONS",
    "OblastList",
    "Option",
    "Patch",
    "Reading",
    "change_clauses",
    "check_readings",
]

MAX_COMBINATIONS: Final = 4096
"""A plan whose readings can be combined in more ways is refused: its ranges would take minutes."""

_MANY: Final = 10**9
_TEXTS_OWN: Final = ("id", "kind", "article", "quote")


class Patch(FrozenModel):
    """One key of one clause set to another value."""

    clause: str = Field(min_length=1, description="Id of the clause.")
    key: str = Field(min_length=1, description="Key of the clause.")
    value: str | tuple[str, ...] | None = Field(
        default=None, description="Left out: the key is as if it had not been written."
    )


class Option(FrozenModel):
    """One answer to a question."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)
    meaning: str = Field(min_length=1, description="What follows on the map, in our words.")
    patch: tuple[Patch, ...] = ()
    day: Literal["plan_date", "latest"] | date | None = Field(
        default=None, description="For readings of the day: whose line is taken."
    )


class OblastList(FrozenModel):
    """An answer that is a list of oblasts, given as ISO 3166-2 codes."""

    clause: str = Field(min_length=1, description="Id of the clause that takes the list.")
    key: str = Field(min_length=1, description="Key of the clause that takes the list.")
    label: str = Field(min_length=1)
    meaning: str = Field(min_length=1)
    patch: tuple[Patch, ...] = Field(default=(), description="What changes besides.")

    def patches(self, oblasts: tuple[str, ...]) -> tuple[Patch, ...]:
        """Return the changes that a list means.

        Parameters
        ----------
        oblasts
            ISO 3166-2 codes.
        """
        return (Patch(clause=self.clause, key=self.key, value=oblasts), *self.patch)


class Reading(FrozenModel):
    """A question the text leaves open, with the answers it allows."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    question: str = Field(min_length=1)
    left_open_by: str = Field(
        default="", description="The sentence it turns on, verbatim; empty if the text is silent."
    )
    silent: bool = Field(default=False, description="No sentence of the text speaks of it.")
    default: str
    option: tuple[Option, ...] = Field(min_length=2)
    oblast_list: OblastList | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """Ids of the options, the default first."""
        others = [option.id for option in self.option if option.id != self.default]
        return (self.default, *others)

    @property
    def is_of_the_day(self) -> bool:
        """Whether it chooses the day of the line instead of changing clauses."""
        return any(option.day is not None for option in self.option)

    def find(self, option: str) -> Option | None:
        """Return the option of an id, ``None`` for a list of oblasts.

        Parameters
        ----------
        option
            Id of a declared option, or ISO 3166-2 codes joined by commas.
        """
        return next((known for known in self.option if known.id == option), None)

    def patches(self, option: str) -> tuple[Patch, ...]:
        """Return the changes that an option means.

        Parameters
        ----------
        option
            Id of a declared option, or ISO 3166-2 codes joined by commas.
        """
        found = self.find(option)
        if found is not None:
            return found.patch
        return self.oblast_list.patches(tuple(option.split(","))) if self.oblast_list else ()

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        """Clause and key of everything that one of the options changes."""
        patches = [patch for option in self.option for patch in option.patch]
        if self.oblast_list:
            patches += self.oblast_list.patches(())
        return frozenset((patch.clause, patch.key) for patch in patches)


def change_clauses(clauses: Sequence[Clause], patches: Sequence[Patch]) -> tuple[Clause, ...]:
    """Apply changes to clauses.

    Parameters
    ----------
    clauses
        The clauses as the plan declares them.
    patches
        What is changed; clauses and keys exist.

    Returns
    -------
    tuple
        The clauses in the same order, the changed ones checked anew.

    Raises
    ------
    pydantic.ValidationError
        A changed clause is not valid.
    """
    return tuple(
        _change(clause, [patch for patch in patches if patch.clause == clause.id])
        for clause in clauses
    )


def _change(clause: Clause, patches: Sequence[Patch]) -> Clause:
    if not patches:
        return clause
    values = clause.model_dump()
    for patch in patches:
        values.pop(patch.key, None)
        if patch.value is not None:
            values[patch.key] = patch.value
    return type(clause).model_validate(values)


def check_readings(readings: Sequence[Reading], clauses: Sequence[Clause]) -> list[Fault]:
    """Find everything that is wrong with the readings of a plan.

    Parameters
    ----------
    readings
        What the plan declares.
    clauses
        Its clauses.

    Returns
    -------
    list of Fault
        In file order; empty for readings that can be chosen in every combination.
    """
    ways = math.prod(len(reading.option) for reading in readings)
    if ways > MAX_COMBINATIONS:
        got = f"{ways}" if ways < _MANY else "many more"
        return [Fault("reading", f"expected at most {MAX_COMBINATIONS} combinations; got {got}")]
    faults = [
        fault
        for number, reading in enumerate(readings)
        for fault in (
            *_faults_of_ids(number, reading, readings),
            *_faults_of_sentence(number, reading, clauses),
            *_faults_of_day(number, reading, readings),
            *_faults_of_patches(number, reading, clauses),
        )
    ]
    faults += _faults_of_shared_keys(readings)
    return faults or list(_faults_of_combinations(readings, clauses))


def _faults_of_ids(number: int, reading: Reading, readings: Sequence[Reading]) -> Iterator[Fault]:
    at = f"reading.{number}"
    if reading.id in [earlier.id for earlier in readings[:number]]:
        yield Fault(f"{at}.id", f"expected unique ids; got {show(reading.id)} twice")
    ids = [option.id for option in reading.option]
    if reading.default not in ids:
        hint = meant(reading.default, ids)
        yield Fault(
            f"{at}.default", f"expected one of the options; got {show(reading.default)}{hint}"
        )
    for place, option in enumerate(ids):
        if option in ids[:place]:
            yield Fault(f"{at}.option.{place}.id", f"expected unique ids; got {show(option)} twice")


def _faults_of_sentence(
    number: int, reading: Reading, clauses: Sequence[Clause]
) -> Iterator[Fault]:
    at, sentence = f"reading.{number}.left_open_by", reading.left_open_by
    if reading.silent and sentence:
        yield Fault(at, "expected no sentence where silent = true")
    elif not reading.silent and not sentence:
        yield Fault(at, "expected the sentence that leaves it open, or silent = true")
    elif not any(sentence in clause.quote for clause in clauses):
        message = f"expected the text's own words, as a clause quotes them; got {sentence!r:.80}"
        yield Fault(at, message)


def _faults_of_day(number: int, reading: Reading, readings: Sequence[Reading]) -> Iterator[Fault]:
    at = f"reading.{number}"
    if not reading.is_of_the_day:
        return
    if any(earlier.is_of_the_day for earlier in readings[:number]):
        yield Fault(at, "expected one reading with days at most; this is the second")
    if reading.oblast_list:
        yield Fault(f"{at}.oblast_list", "expected none in a reading whose options have a day")
    for place, option in enumerate(reading.option):
        if option.day is None:
            yield Fault(f"{at}.option.{place}.day", "expected a day, as the other options have")
        if option.patch:
            yield Fault(f"{at}.option.{place}.patch", "expected none beside a day")


def _faults_of_patches(number: int, reading: Reading, clauses: Sequence[Clause]) -> Iterator[Fault]:
    at = f"reading.{number}"
    for place, option in enumerate(reading.option):
        faults = list(_faults_of_set(f"{at}.option.{place}.patch", option.patch, clauses))
        yield from faults
        if option.id == reading.default and not faults:
            yield from _faults_of_default(f"{at}.option.{place}.patch", option, clauses)
    if reading.oblast_list:
        here = f"{at}.oblast_list"
        target = reading.oblast_list.patches(())[:1]
        yield from (
            Fault(fault.key.replace(".patch.0", ""), fault.message)
            for fault in _faults_of_names(f"{here}.patch", target, clauses)
        )
        yield from _faults_of_set(f"{here}.patch", reading.oblast_list.patch, clauses)


def _faults_of_set(at: str, patches: Sequence[Patch], clauses: Sequence[Clause]) -> Iterator[Fault]:
    """Check the changes of one option: that names exist, and that the outcome is a clause."""
    faults = list(_faults_of_names(at, patches, clauses))
    yield from faults
    if not faults:
        yield from _faults_of_outcome(at, patches, clauses)


def _faults_of_names(
    at: str, patches: Sequence[Patch], clauses: Sequence[Clause]
) -> Iterator[Fault]:
    known = {clause.id: clause for clause in clauses}
    for place, patch in enumerate(patches):
        if patch.clause not in known:
            message = f"no clause has the id {show(patch.clause)}{meant(patch.clause, known)}"
            yield Fault(f"{at}.{place}.clause", message)
            continue
        keys = [key for key in type(known[patch.clause]).model_fields if key not in _TEXTS_OWN]
        if patch.key in _TEXTS_OWN:
            message = f"a reading cannot change {show(patch.key)}: that is the text's own"
            yield Fault(f"{at}.{place}.key", message)
        elif patch.key not in keys:
            kind = known[patch.clause].kind
            message = (
                f"a clause of kind {kind} has no key {show(patch.key)}{meant(patch.key, keys)}"
            )
            yield Fault(f"{at}.{place}.key", message)


def _faults_of_outcome(
    at: str, patches: Sequence[Patch], clauses: Sequence[Clause]
) -> Iterator[Fault]:
    try:
        change_clauses(clauses, patches)
    except ValidationError as error:
        models: Mapping[str, type[BaseModel]] = {"": Patch}
        for fault in faults_of(error, models):
            yield Fault(at, f"the changed clause is not valid: {fault}")


def _faults_of_default(at: str, option: Option, clauses: Sequence[Clause]) -> Iterator[Fault]:
    if change_clauses(clauses, option.patch) != tuple(clauses):
        message = "expected the default to leave the clauses as they are written; write them so"
        yield Fault(at, message)


def _faults_of_shared_keys(readings: Sequence[Reading]) -> Iterator[Fault]:
    for number, reading in enumerate(readings):
        for earlier in readings[:number]:
            for clause, key in sorted(reading.keys & earlier.keys):
                message = (
                    f"expected each key to be changed by one reading; {show(earlier.id)} changes "
                    f"{key!r} of clause {show(clause)} as well"
                )
                yield Fault(f"reading.{number}", message)


def _faults_of_combinations(
    readings: Sequence[Reading], clauses: Sequence[Clause]
) -> Iterator[Fault]:
    """Try every combination of options that meet in a clause; those that leave it alone as one."""
    tried = 0
    for clause in clauses:
        touching = {
            number: different
            for number, reading in enumerate(readings)
            if len(different := _different_options(reading, clause)) > 1
        }
        tried += math.prod(map(len, touching.values()))
        if tried > MAX_COMBINATIONS:
            message = f"expected at most {MAX_COMBINATIONS} combinations of options in all clauses"
            yield Fault("reading", message)
            return
        for options in itertools.product(*touching.values()) if len(touching) > 1 else ():
            patches = [patch for option in options for patch in option.patch]
            chosen = ", ".join(
                f"{readings[number].id}:{option.id}"
                for number, option in zip(touching, options, strict=True)
            )
            for fault in _faults_of_outcome(f"reading.{max(touching)}", patches, [clause]):
                yield Fault(fault.key, f"{chosen} together: {fault.message}")


def _different_options(reading: Reading, clause: Clause) -> list[Option]:
    """Return the options that do different things to a clause."""
    found: dict[tuple[Patch, ...], Option] = {}
    for option in reading.option:
        mine = tuple(patch for patch in option.patch if patch.clause == clause.id)
        found.setdefault(mine, option)
    return list(found.values())
