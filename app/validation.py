"""Checking a user's own plans and lines: every fault of every file at once."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.catalogue import Catalogue
from app.effects import describe_effects, lines_of_file
from geo.choosing import check_every_reading
from geo.errors import LineError, PlanError, SettlementError
from geo.load import load_contact_lines, load_plan
from geo.partition import split_by_contact_line
from geo.plan import check_plan
from geo.scenario import Scenario, build_scenario

__all__ = ["check_files"]


def check_files(files: Sequence[Path], catalogue: Catalogue) -> dict[str, Any]:
    """Check plans (TOML) and lines of contact (GeoJSON).

    Parameters
    ----------
    files
        What to check; the suffix tells which kind it is.
    catalogue
        Gives the oblasts and lines that plans are tried on, and the oblasts lines must divide.

    Returns
    -------
    dict
        ``valid``, and for each file its path, kind and faults; a fault has a key (or a date), a
        message and, where there is one, a position. A plan that is valid has ``effects``: what
        each of its clauses does on the line of the plan's own day.
    """
    checked = [_check_file(file, catalogue) for file in files]
    return {"valid": all(entry["valid"] for entry in checked), "files": checked}


def _check_file(file: Path, catalogue: Catalogue) -> dict[str, Any]:
    kind, find = _KINDS.get(file.suffix.lower(), ("unknown", _faults_of_unknown))
    faults = list(find(file, catalogue))
    checked = {"file": str(file), "kind": kind, "valid": not faults, "faults": faults}
    if kind == "plan" and not faults:
        checked["effects"] = describe_effects(_try(file, catalogue), lines_of_file(file))
    return checked


def _try(file: Path, catalogue: Catalogue) -> Scenario:
    """Apply a plan to the line of its own day."""
    plan, holdings = load_plan(file), catalogue.holdings
    line = catalogue.line(plan.line_date, nearest=True)
    return build_scenario(holdings.boundaries, line, plan, holdings.observations)


def _faults_of_plan(file: Path, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Read a plan, check the oblasts it names, and try it on a line."""
    try:
        plan = load_plan(file)
        boundaries = catalogue.holdings.boundaries
        check_plan(plan, boundaries, name=str(file))
        check_every_reading(plan, boundaries, name=str(file))
        _try(file, catalogue)
    except PlanError as error:
        for fault in error.faults:
            yield {"key": fault.key, "message": fault.message}
    except SettlementError as error:
        yield {"key": "", "message": str(error)}


def _faults_of_lines(file: Path, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Read the lines of a file and divide the country by each of them."""
    try:
        lines = load_contact_lines(file)
    except SettlementError as error:
        yield {"key": "", "message": str(error)}
        return
    for line in lines:
        try:
            split_by_contact_line(catalogue.holdings.boundaries, line)
        except LineError as error:
            position = {"lon": error.lon_deg, "lat": error.lat_deg}
            yield {"key": line.date.isoformat(), "message": str(error), **position}
        except SettlementError as error:
            yield {"key": line.date.isoformat(), "message": str(error)}


def _faults_of_unknown(file: Path, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    del catalogue
    message = f"expected a plan (.toml) or lines of contact (.geojson), {file.suffix!r} came"
    yield {"key": "", "message": message}


_KINDS = {
    ".toml": ("plan", _faults_of_plan),
    ".geojson": ("contact line", _faults_of_lines),
    ".json": ("contact line", _faults_of_lines),
}
