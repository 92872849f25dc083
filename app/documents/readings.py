"""Documents of ``/api/readings`` and ``point21 readings``: what the figures depend on."""

from dataclasses import asdict
from typing import Any, Final

from app.datasets.catalogue import Selection
from app.documents.common import METHOD
from app.documents.csv_rows import identity_columns, write_csv
from geo.analysis.sensitivity import Extreme, FigureRange, ReadingRanges
from geo.model.identity import write_choices
from geo.plans.categories import Category
from geo.plans.outcomes import label_in_plan
from geo.plans.plan import Plan

__all__ = ["EXPLANATION", "describe_readings", "write_readings_csv"]

EXPLANATION: Final = (
    "Every figure under every combination of the options of the plan's readings. 'low' and 'high' "
    "name the choices that give them, those that differ from the default and no more than it "
    "takes; 'options' has what each option contributes alone against the default. 'one_by_one' is "
    "the sum of what the choices named contribute alone: where it is not the difference from the "
    "default, the readings act on each other. Where a reading takes a list of oblasts, each oblast "
    "is an option by itself; longer lists are not enumerated, what they give lies between none and "
    "all."
)


def describe_readings(selection: Selection, found: ReadingRanges) -> dict[str, Any]:
    """Give the readings of a plan, and the range of every figure over them.

    Parameters
    ----------
    selection
        The scenario of the default, under the readings that were held.
    found
        The ranges.

    Returns
    -------
    dict
        For :func:`app.documents.geojson.write_json`.
    """
    plan = selection.scenario.plan
    return {
        "identity": selection.identity,
        "explanation": EXPLANATION,
        "method": METHOD,
        "readings": _describe_plan(plan, found),
        "combinations": found.combinations,
        "fixed": found.fixed,
        "days": {option: day.isoformat() for option, day in found.days.items()},
        "figures": [_describe_range(item, plan) for item in found.ranges],
    }


def _describe_plan(plan: Plan, found: ReadingRanges) -> list[dict[str, Any]]:
    default = {name: options[0] for name, options in found.free.items()}
    return [
        {
            **reading.model_dump(mode="json"),
            "chosen": found.fixed.get(reading.id, default.get(reading.id, reading.default)),
            "varied": reading.id in found.free,
        }
        for reading in plan.reading
    ]


def _describe_range(item: FigureRange, plan: Plan) -> dict[str, Any]:
    figure = item.figure
    of_category = figure.of in list(Category)
    label = label_in_plan(Category(figure.of), plan) if of_category else figure.label
    return {
        "figure": figure.name,
        "of": figure.of,
        "label": label,
        "unit": figure.unit,
        "default": item.default,
        "low": _describe_extreme(item.low),
        "high": _describe_extreme(item.high),
        "options": [asdict(part) for part in item.contributions],
    }


def _describe_extreme(extreme: Extreme) -> dict[str, Any]:
    return {
        "value": extreme.value,
        "readings": extreme.readings,
        "one_by_one": extreme.one_by_one,
    }


def write_readings_csv(selection: Selection, found: ReadingRanges) -> bytes:
    """Write one row for each figure as CSV (RFC 4180), the identity of the figures on each row."""
    rows = found.rows()
    shared = {**identity_columns(selection), "readings": write_choices(found.fixed)}
    return write_csv(list(rows[0]), rows, shared)
