"""Document of ``/api/verify``: our figures next to published ones."""

from dataclasses import asdict
from datetime import date
from typing import Any

from app.datasets.catalogue import Catalogue
from app.errors import InvalidRequestError, ParameterFault
from geo.analysis.verification import Check, PublishedFigures, verify_figures

__all__ = ["check_figures", "describe_checks"]


def check_figures(
    catalogue: Catalogue,
    figures: PublishedFigures,
    day: date | None,
    *,
    nearest: bool | str = False,
) -> tuple[Check, ...]:
    """Lay the figures of a source beside published ones.

    Parameters
    ----------
    catalogue
        On the ground whose figures are wanted.
    figures
        What was published.
    day
        Day of the line; by default each figure is compared on the line nearest to its own day.
    nearest
        Which other line is used when the day has none; see :class:`geo.model.line_series.Nearest`.

    Raises
    ------
    UnknownDateError
        There is no line of that day.
    InvalidRequestError
        The source is one file that names no day, and none was given.
    """
    if day is not None:
        line = catalogue.line(day, nearest=nearest)
        return verify_figures(catalogue.divided(line).partition, figures)
    dates = catalogue.dataset.lines.dates
    if not dates:
        message = "Parameter 'date': expected a day, because the file names none."
        raise InvalidRequestError([ParameterFault("date", message)])
    found: list[Check] = []
    for figure in figures.figures:
        wanted = figure.line_date
        closest = min(dates, key=lambda known: (abs((known - wanted).days), known))
        partition = catalogue.divided(catalogue.line(closest)).partition
        found += verify_figures(partition, PublishedFigures((figure,), figures.provenance))
    return tuple(found)


def describe_checks(
    catalogue: Catalogue, figures: PublishedFigures, checks: tuple[Check, ...]
) -> dict[str, Any]:
    """Give the comparison with where both sides come from."""
    dataset = catalogue.dataset
    verdicts = [check.verdict.value for check in checks]
    return {
        "source": dataset.lines.id,
        "boundaries": dataset.boundaries.id,
        "checks": [check.to_dict() for check in checks],
        "verdicts": {name: verdicts.count(name) for name in sorted(set(verdicts))},
        "sources": [
            asdict(item)
            for item in (
                figures.provenance,
                dataset.lines.provenance,
                dataset.boundaries.provenance,
            )
        ],
    }
