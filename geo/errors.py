"""Every error this package raises on purpose.

The tree::

    SettlementError
    ├── ArgumentError              a function was given something of another kind
    ├── UnknownNameError           a category, table or unit of this name does not exist
    ├── DataFormatError            a file is not what it should be
    │   ├── ProvenanceMissingError     it does not say where it comes from
    │   ├── UndecidedError             it holds several things, and none was chosen
    │   ├── CRSMismatchError           coordinates are in another reference system
    │   └── InvalidGeometryError       a geometry is not valid, or breaks the coverage
    │       └── FeaturesError              features of a file have faults (all of them are listed)
    ├── PlanError                  a plan file has faults (all of them are listed)
    ├── ReadingError               a reading or option does not exist (all faults are listed)
    ├── LineError                  a contact line cannot be used
    │   ├── LineDoesNotSplitError      an end hangs inside the country
    │   ├── ContradictorySidesError    a place would be on both sides
    │   ├── ShiftError                 it cannot be moved as asked
    │   └── UnknownUncertaintyError    it does not say how well its position is known
    ├── ConservationError          pieces do not add up to what they were cut from
    ├── IncomparableError          two settlements are not on the same boundaries
    └── NotFoundError              an answer does not exist
        ├── UnknownPlanError
        ├── UnknownDateError
        ├── UnknownPlaceError
        └── OutsideCountryError

A message says what was expected, what was found, and how to mend it.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = [
    "ArgumentError",
    "CRSMismatchError",
    "ConservationError",
    "ContradictorySidesError",
    "DataFormatError",
    "Fault",
    "FeatureFault",
    "FeaturesError",
    "IncomparableError",
    "InvalidGeometryError",
    "LineDoesNotSplitError",
    "LineError",
    "NotFoundError",
    "OutsideCountryError",
    "PlanError",
    "ProvenanceMissingError",
    "ReadingError",
    "ReadingFault",
    "SettlementError",
    "ShiftError",
    "UndecidedError",
    "UnknownDateError",
    "UnknownNameError",
    "UnknownPlaceError",
    "UnknownPlanError",
    "UnknownUncertaintyError",
]


_MOST_CHOICES: Final = 12


class SettlementError(Exception):
    """Base of every error raised by :mod:`geo`."""


class ArgumentError(SettlementError, TypeError, ValueError):
    """A function was given something of another kind; the message says what it expects."""


class UnknownNameError(SettlementError, ValueError):
    """A category, a table or a unit of this name does not exist; ``valid`` are those that do."""

    def __init__(self, message: str, valid: Iterable[str] = ()) -> None:
        self.valid = tuple(valid)
        super().__init__(message)


class DataFormatError(SettlementError):
    """A file or mapping does not have the form that is documented for it."""


class ProvenanceMissingError(DataFormatError):
    """A data file does not state its source, date, licence or attribution.

    ``name`` is the file, as the reader knows it, ``missing`` the keys that are absent or empty.
    """

    def __init__(self, name: str, missing: Iterable[str]) -> None:
        self.name = name
        self.missing = tuple(missing)
        super().__init__(
            f"{name}: expected a 'provenance' object with source, date, licence and attribution; "
            f"missing or empty: {', '.join(self.missing)}. "
            "Figures without a source are refused: add the keys to the file."
        )


class UndecidedError(DataFormatError):
    """A file holds several things that mean different things, and none was chosen.

    Parameters
    ----------
    name
        The file, for the message.
    why
        What was expected and what it holds, without a full stop.
    choices
        What can be chosen, as it is written behind the ``#`` of a file's name.
    """

    def __init__(self, name: str, why: str, choices: Sequence[str]) -> None:
        self.name = name
        self.why = why
        self.choices = tuple(choices)
        before = f"{name}#" if name else ""
        shown = [shlex.quote(f"{before}{choice}") for choice in self.choices[:_MOST_CHOICES]]
        more = len(self.choices) - len(shown)
        listed = ", ".join([*shown, *([f"and {more} more"] if more else [])])
        told = f"{name}: {why}" if name else why
        super().__init__(f"{told}. Choose one of them: {listed}.")


class CRSMismatchError(DataFormatError):
    """Coordinates are not longitude and latitude in degrees on WGS 84."""


class InvalidGeometryError(DataFormatError):
    """A geometry is invalid, of the wrong type, or breaks the coverage."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file.

    Parameters
    ----------
    key
        Path of the key inside the file, such as ``clause.2.oblasts.0``.
    message
        What was expected, what was found, how to mend it.
    """

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class PlanError(SettlementError):
    """A plan has faults; all of them are reported at once.

    Parameters
    ----------
    name
        The file the plan was read from, or ``<mapping>``.
    faults
        One entry for each fault, in file order.
    """

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        lines = "".join(f"\n  - {fault}" for fault in self.faults)
        super().__init__(f"{name}: {count} in the plan:{lines}")


@dataclass(frozen=True, slots=True)
class ReadingFault:
    """One choice that cannot be made.

    Parameters
    ----------
    reading
        The reading that was named.
    option
        The option that was asked for; ``None`` when the reading itself does not exist.
    message
        What was expected, what was found.
    valid
        The readings, or the options, that exist.
    """

    reading: str
    option: str | None
    message: str
    valid: tuple[str, ...] = ()


class ReadingError(SettlementError):
    """Readings were chosen that the plan does not have; all faults are reported at once.

    Parameters
    ----------
    faults
        One entry for each choice that cannot be made.
    """

    def __init__(self, faults: Sequence[ReadingFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(fault.message for fault in self.faults))


@dataclass(frozen=True, slots=True)
class FeatureFault:
    """One thing that is wrong with a feature of a file.

    Parameters
    ----------
    feature
        Which feature, such as ``feature 3 of 5 (Kinburn)``.
    message
        What was expected, what the feature has, how to mend it; without a full stop.
    lon_deg, lat_deg
        Where, as it was written; ``None`` when the fault has no place.
    """

    feature: str
    message: str
    lon_deg: float | None = None
    lat_deg: float | None = None

    def __str__(self) -> str:
        where = ""
        if self.lon_deg is not None and self.lat_deg is not None:
            where = f" at lon {self.lon_deg:.9g}, lat {self.lat_deg:.9g}"
        return f"{self.feature}{where}: {self.message}"


class FeaturesError(InvalidGeometryError):
    """Features of a file have faults; all of them are reported at once.

    Parameters
    ----------
    name
        The file, for the message; empty when there is no file.
    faults
        One entry for each fault, in the order of the features.
    """

    def __init__(self, name: str, faults: Sequence[FeatureFault]) -> None:
        self.name = name
        self.faults = tuple(faults)
        text = ". ".join(map(str, self.faults[:5]))
        more = f" And {len(self.faults) - 5} more faults." if len(self.faults) > 5 else ""
        super().__init__(f"{name}: {text}.{more}" if name else f"{text}.{more}")


class LineError(SettlementError):
    """A contact line cannot divide the country.

    Parameters
    ----------
    message
        What is wrong and how to mend it.
    lon_deg, lat_deg
        Where, in degrees on WGS 84; ``None`` when the fault has no single place.
    """

    def __init__(
        self, message: str, *, lon_deg: float | None = None, lat_deg: float | None = None
    ) -> None:
        self.lon_deg = lon_deg
        self.lat_deg = lat_deg
        super().__init__(message)


class LineDoesNotSplitError(LineError):
    """The line ends inside the country, so that nothing is cut off.

    Parameters
    ----------
    lon_deg, lat_deg
        The hanging end, in degrees on WGS 84.
    gap_km
        Distance from the hanging end to the nearest thing it could be joined to.
    tolerance_km
        Gaps up to this length are closed automatically.
    ends
        How many ends hang in all.
    """

    def __init__(
        self, *, lon_deg: float, lat_deg: float, gap_km: float, tolerance_km: float, ends: int = 1
    ) -> None:
        self.gap_km = gap_km
        self.tolerance_km = tolerance_km
        self.ends = ends
        more = "" if ends == 1 else f" ({ends} ends hang; this one has the widest gap)"
        super().__init__(
            "the contact line does not separate the country: expected every end to reach the "
            f"outer border, the coast or another part of the line; the end at lon {lon_deg:.5f}, "
            f"lat {lat_deg:.5f} stops {gap_km:.2f} km short{more}. Draw the line on to the border, "
            f"or allow gaps of that size (end_tolerance_km is {tolerance_km:g}).",
            lon_deg=lon_deg,
            lat_deg=lat_deg,
        )


class ContradictorySidesError(LineError):
    """Crossing the line does not lead to a consistent pair of sides."""

    def __init__(self, *, lon_deg: float, lat_deg: float, detail: str) -> None:
        super().__init__(
            f"the contact line contradicts itself at lon {lon_deg:.5f}, lat {lat_deg:.5f}: "
            f"{detail}. Expected that every crossing of the line changes the holder, so that each "
            "place has one, as observed; remove branches, or close them on both sides.",
            lon_deg=lon_deg,
            lat_deg=lat_deg,
        )


class UnknownUncertaintyError(LineError):
    """The line does not say how well its position is known."""

    def __init__(self, day: date, source: str, given: float | None) -> None:
        found = "it states none" if given is None else f"got {given!r}"
        super().__init__(
            f"contact line of {day.isoformat()} ({source}): expected a positional uncertainty in "
            f"km, greater than 0; {found}. Give uncertainty_km: the half-width of the band in "
            "which the line lies."
        )


class ShiftError(LineError):
    """The line, or the stretch that was named, cannot be moved as asked."""


class ConservationError(SettlementError):
    """Areas of the pieces do not add up to the area they were cut from."""


class IncomparableError(SettlementError):
    """Two settlements are not on the same boundaries, so that no piece belongs to both."""


class NotFoundError(SettlementError):
    """Something asked for does not exist.

    Parameters
    ----------
    message
        What was asked for and what exists.
    valid
        The values that would have been accepted, nearest first if that makes sense.
    """

    def __init__(self, message: str, *, valid: Sequence[str] = ()) -> None:
        self.valid = tuple(valid)
        super().__init__(message)


class UnknownPlanError(NotFoundError):
    """No plan has this id."""


class UnknownDateError(NotFoundError):
    """There is no contact line for this date.

    Parameters
    ----------
    wanted
        The date asked for.
    available
        The dates that have a line.
    """

    def __init__(self, wanted: date, available: Sequence[date]) -> None:
        self.wanted = wanted
        days = sorted(available, key=lambda day: (abs((day - wanted).days), day))
        nearest = ", ".join(day.isoformat() for day in days[:3]) or "none at all"
        which = f"dates that have one are {nearest}" if len(days) > 1 else f"date is {nearest}"
        earlier = any(day < wanted for day in available)
        otherwise = ", or the last one before it (on_or_before)" if earlier else "; none is earlier"
        super().__init__(
            f"there is no contact line for {wanted.isoformat()}; the nearest {which}. "
            f"Choose one of them, or ask for the nearest{otherwise}.",
            valid=[day.isoformat() for day in sorted(available)],
        )


class UnknownPlaceError(NotFoundError):
    """No settlement has this name."""


class OutsideCountryError(NotFoundError):
    """A position lies outside the boundaries the plan speaks of."""
