"""Compare our figures with published ones."""

import csv
import io
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np

from geo.errors import DataFormatError
from geo.files.bounded import MOST_BYTES_OF_DATA, read_bounded_text
from geo.io.control import read_provenance
from geo.io.load import data_directory
from geo.model.control import Control
from geo.model.partition import Partition
from geo.model.provenance import Provenance
from geo.statistics.tables import line_km_by_oblast

__all__ = [
    "Check",
    "Expectation",
    "PublishedFigure",
    "PublishedFigures",
    "Verdict",
    "load_published_figures",
    "verify_figures",
]

_FIGURES: Final = (
    *("russia_held_share", "russia_held_km2", "ukraine_held_km2"),
    *("net_km2", "contact_line_km"),
)
_MOST_DAYS_APART: Final = 31


class Expectation(StrEnum):
    """On which side ours should differ because definitions do."""

    EQUAL = "equal"
    HIGHER = "higher"
    LOWER = "lower"
    EITHER = "either"


class Verdict(StrEnum):
    """Result of a comparison with a published figure.

    ``agrees``: within the tolerance; ``explained``: further apart, on the side where the different
    definitions lead; ``unexplained``; ``other_day``: the line is of a day too far away to judge.
    """

    AGREES = "agrees"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    OTHER_DAY = "other_day"


@dataclass(frozen=True)
class PublishedFigure:
    """One figure as published; the columns of ``data/published_figures.csv``."""

    id: str
    published_by: str
    line_date: date
    figure: str
    oblasts: tuple[str, ...]
    minus: tuple[str, ...]
    value: float
    unit: str
    tolerance: float
    definition: str
    ours_should_be: Expectation
    explanation: str
    citation: str


@dataclass(frozen=True)
class PublishedFigures:
    """The table, and where it comes from."""

    figures: tuple[PublishedFigure, ...]
    provenance: Provenance


@dataclass(frozen=True)
class Check:
    """One of our figures beside a published one, in the unit of the latter."""

    published: PublishedFigure
    date: date
    source: str
    boundaries: str
    ours: float
    verdict: Verdict

    @property
    def difference(self) -> float:
        """Ours minus the published one."""
        return self.ours - self.published.value

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        figure = asdict(self.published)
        figure["line_date"] = self.published.line_date.isoformat()
        figure["oblasts"], figure["minus"] = list(figure["oblasts"]), list(figure["minus"])
        return {
            **figure,
            "ours": self.ours,
            "difference": self.difference,
            "verdict": self.verdict.value,
            "date": self.date.isoformat(),
            "source": self.source,
            "boundaries": self.boundaries,
        }


def load_published_figures(path: Path | None = None) -> PublishedFigures:
    """Load the published figures.

    Parameters
    ----------
    path
        A CSV file in the form of ``data/published_figures.csv`` (that file by default), with its
        metadata beside it in ``<name>-metadata.json``.

    Returns
    -------
    PublishedFigures
        In the order of the file.

    Raises
    ------
    DataFormatError
        The file or its metadata cannot be read, or a value is malformed; names the line.
    """
    path = path or data_directory() / "published_figures.csv"
    provenance = read_provenance(path.with_name(path.name + "-metadata.json"), key="provenance")
    text = read_bounded_text(path, most_bytes=MOST_BYTES_OF_DATA, what="published figures")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    figures = []
    for number, row in enumerate(rows, start=2):
        try:
            figures.append(_parse(row))
        except (KeyError, TypeError, ValueError) as error:
            raise DataFormatError(f"{path}: line {number}: {error}.") from error
    return PublishedFigures(tuple(figures), provenance)


def _parse(row: dict[str, str]) -> PublishedFigure:
    if row["figure"] not in _FIGURES:
        raise ValueError(f"expected a figure among {', '.join(_FIGURES)}; got {row['figure']!r}")
    texts = {key: row[key] for key in ("id", "published_by", "figure", "unit", "definition")}
    return PublishedFigure(
        **texts,
        line_date=date.fromisoformat(row["line_date"]),
        oblasts=tuple(row["oblasts"].split()),
        minus=tuple(row["minus"].split()),
        value=float(row["value"]),
        tolerance=float(row["tolerance"]),
        ours_should_be=Expectation(row["ours_should_be"]),
        explanation=row["explanation"],
        citation=row["citation"],
    )


def verify_figures(partition: Partition, figures: PublishedFigures) -> tuple[Check, ...]:
    """Lay our figures of one line beside published ones.

    Parameters
    ----------
    partition
        The country divided by the line.
    figures
        What was published.

    Returns
    -------
    tuple of Check
        One for each published figure, in order. A figure of a day more than 31 days away from that
        of the line is measured but not judged.

    Notes
    -----
    No plan enters: all figures are areas held, shares of them, or the length of the line.
    """
    return tuple(_check(partition, figure) for figure in figures.figures)


def _check(partition: Partition, figure: PublishedFigure) -> Check:
    line, units = partition.line, partition.boundaries
    ours = _measure(partition, figure)
    return Check(
        published=figure,
        date=line.date,
        source=line.source_id or line.source,
        boundaries=units.id or units.provenance.source,
        ours=ours,
        verdict=_judge(figure, ours - figure.value, abs((line.date - figure.line_date).days)),
    )


def _measure(partition: Partition, figure: PublishedFigure) -> float:
    def held(side: Control, oblasts: tuple[str, ...]) -> float:
        rows = partition.held_by == side
        if oblasts:
            rows = rows & np.isin(partition.oblast_id, oblasts)
        return float(partition.area_km2[rows].sum())

    russia, ukraine = (held(side, figure.oblasts) for side in (Control.RUSSIA, Control.UKRAINE))
    values = {
        "russia_held_share": 100.0 * russia / max(russia + ukraine, 1e-9),
        "russia_held_km2": russia,
        "ukraine_held_km2": ukraine,
        "net_km2": ukraine - held(Control.RUSSIA, figure.minus or figure.oblasts),
    }
    if figure.figure in values:
        return values[figure.figure]
    return float(line_km_by_oblast(partition).sum())


def _judge(figure: PublishedFigure, difference: float, days_apart: int) -> Verdict:
    if days_apart > _MOST_DAYS_APART:
        return Verdict.OTHER_DAY
    if abs(difference) <= figure.tolerance:
        return Verdict.AGREES
    side = Expectation.HIGHER if difference > 0.0 else Expectation.LOWER
    explained = figure.ours_should_be in (side, Expectation.EITHER)
    return Verdict.EXPLAINED if explained else Verdict.UNEXPLAINED
