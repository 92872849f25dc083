"""Check a user's plans, lines and boundaries, and list every fault of every file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.datasets.catalogue import Catalogue
from app.documents.clause_effects import describe_effects, lines_of_file
from app.validation.geometry_files import check_features_file
from app.what_if.document import plain_plan
from geo.errors import PlanError, SettlementError
from geo.files.bounded import read_bounded
from geo.formats.json_documents import parse_object
from geo.io.load import MOST_BYTES_OF_A_PLAN, load_plan
from geo.model.line_series import Nearest
from geo.plans.plan import Plan, check_plan, parse_plan
from geo.plans.selection import check_every_reading
from geo.scenario import Scenario, build_scenario

__all__ = ["check_files", "write_found"]

_MOST_SAID: Final = 3


def check_files(files: Sequence[str], catalogue: Catalogue) -> dict[str, Any]:
    """Check plans (TOML, JSON) and files of geometries: lines, areas of control, boundaries.

    Parameters
    ----------
    files
        What to check: a plan, any file that is read, a part of one (``FILE#layer=NAME``), or a
        folder with one file a day.
    catalogue
        Gives the oblasts and lines that plans are tried on, and the oblasts lines must divide.

    Returns
    -------
    dict
        ``valid``, and for each file its path, kind, faults and remarks, and what was found in it; a
        fault has a key (or a date, or a feature), a message and, where there is one, a position. A
        plan that is valid has ``effects``: what each of its clauses does on the line of its day.
    """
    checked = [_check_file(file, catalogue) for file in files]
    return {"valid": all(entry["valid"] for entry in checked), "files": checked}


def _check_file(file: str, catalogue: Catalogue) -> dict[str, Any]:
    path = Path(file)
    if path.suffix.lower() != ".toml" and not _is_plan_in_json(path):
        return check_features_file(file, catalogue)
    faults = list(_faults_of_plan(path, catalogue))
    report = {"file": file, "kind": "plan", "valid": not faults, "faults": faults, "remarks": []}
    if not faults:
        lines = lines_of_file(path) if path.suffix.lower() == ".toml" else {}
        report["effects"] = describe_effects(_try(path, catalogue), lines)
    return report


def _try(path: Path, catalogue: Catalogue) -> Scenario:
    """Apply a plan to the line of its own day."""
    plan, dataset = _read_plan(path), catalogue.dataset
    line = catalogue.line(plan.line_date, nearest=Nearest.ON_OR_BEFORE)
    return build_scenario(dataset.boundaries, line, plan, dataset.observations)


def _is_plan_in_json(path: Path) -> bool:
    """Tell a plan written as JSON by its clauses."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        found = parse_object(read_bounded(path, most_bytes=MOST_BYTES_OF_A_PLAN, what="a plan"))
    except SettlementError:  # too large to be a plan
        return False
    return found is not None and bool({"clause", "clauses"} & set(found))


def _read_plan(path: Path) -> Plan:
    if path.suffix.lower() == ".toml":
        return load_plan(path)
    content = read_bounded(path, most_bytes=MOST_BYTES_OF_A_PLAN, what="a plan")
    return parse_plan(plain_plan(parse_object(content) or {}), name=str(path))


def _faults_of_plan(file: Path, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Read a plan, check the oblasts it names, and try it on a line."""
    try:
        plan = _read_plan(file)
        boundaries = catalogue.dataset.boundaries
        check_plan(plan, boundaries, name=str(file))
        check_every_reading(plan, boundaries, name=str(file))
        _try(file, catalogue)
    except PlanError as error:
        for fault in error.faults:
            yield {"key": fault.key, "message": fault.message}
    except SettlementError as error:
        yield {"key": "", "message": str(error)}


def write_found(entry: Mapping[str, Any]) -> Iterator[str]:
    """Write what was found in a file, and what is to be remarked, line by line.

    Parameters
    ----------
    entry
        What :func:`check_files` gives of one file.
    """
    found: Mapping[str, Any] = entry.get("found", {})
    if found.get("features"):
        days = found.get("days", ())
        several = f"{len(days)} days from {days[0]} to {days[-1]}" if len(days) > 1 else ""
        parts = [
            f"{found['features']} features" if found["features"] > 1 else "1 feature",
            f"layer {found['layer']}",
            several or (f"day {days[0]}" if days else ""),
            f"{found['units']} units" if "units" in found else "",
        ]
        yield "; ".join(part for part in parts if part)
    for united in found.get("united", ())[:_MOST_SAID]:
        yield united["words"]
    yield from entry["remarks"]
