"""Check a user's file of geometries with the reader that will read it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from app.datasets.catalogue import Catalogue
from geo.errors import FeaturesError, LineError, SettlementError
from geo.formats.features import Features
from geo.formats.file_choice import FileChoice, choices_of, split_choice
from geo.formats.reader import is_geodatabase, read_features
from geo.io.boundaries import read_boundaries
from geo.io.control import NOT_STATED, ControlFile, ControlKind, control_of
from geo.io.sources import FileSource, line_of, open_source
from geo.io.unit_names import recognise_units
from geo.lines.split import split_by_contact_line
from geo.model.boundaries import Boundaries
from geo.model.provenance import Provenance

__all__ = ["check_features_file"]

_MOST_DAYS: Final = 31
"""So many days of a file are divided, spread evenly from the first to the last."""
_KINDS: Final = {ControlKind.LINE: "contact line", ControlKind.AREA: "area of control"}

Report = dict[str, Any]


def check_features_file(text: str, catalogue: Catalogue) -> dict[str, Any]:
    """Check a line of contact, an area of control, or boundaries, in any format.

    Parameters
    ----------
    text
        A file, a part of one (``FILE#layer=NAME``), or a folder with one file a day.
    catalogue
        Gives the oblasts that lines must divide and boundaries must be.

    Returns
    -------
    dict
        ``file``, ``kind``, ``valid``, ``faults``, ``remarks`` (what could be better) and ``found``
        (features, layer, days, and what is united to one line).
    """
    report: Report = {
        "file": text,
        "kind": "unknown",
        "valid": True,
        "faults": [],
        "remarks": [],
    }
    report["found"] = {}
    try:
        path, choice = split_choice(text)
        if path.is_dir() and not is_geodatabase(path):
            _check_folder(path, choice, catalogue, report)
        else:
            _check_file(path, choice, catalogue, report)
    except SettlementError as error:
        report["faults"] += _faults_of(error)
    report["valid"] = not report["faults"]
    return report


def _faults_of(error: SettlementError, key: str = "") -> Iterator[dict[str, Any]]:
    """Return the faults that an error lists, with their places."""
    if isinstance(error, FeaturesError):
        for fault in error.faults:
            told: Report = {"key": fault.feature, "message": fault.message}
            if fault.lon_deg is not None:
                told |= {"lon": fault.lon_deg, "lat": fault.lat_deg}
            yield told
        return
    alone: Report = {"key": key, "message": str(error)}
    if isinstance(error, LineError) and error.lon_deg is not None:
        alone |= {"lon": error.lon_deg, "lat": error.lat_deg}
    yield alone


def _check_file(path: Path, choice: FileChoice, catalogue: Catalogue, report: Report) -> None:
    with choices_of(path):
        _check_features(path, choice, catalogue, report)


def _check_features(path: Path, choice: FileChoice, catalogue: Catalogue, report: Report) -> None:
    boundaries = catalogue.dataset.boundaries
    features = read_features(path, layer=choice.layer)
    report["found"] = {"features": len(features), "layer": features.layer}
    if _are_units(features, boundaries):
        report["kind"] = "boundaries"
        units = read_boundaries(path, boundaries, choice=choice)
        report["found"]["units"] = len(units)
        report["remarks"] += _remarks_on(units.provenance)
        return
    control = control_of(features, choice)
    report["kind"] = _KINDS[control.kind]
    report["found"]["days"] = [day.isoformat() for day in control.dates]
    report["remarks"] += _remarks_on(control.provenance)
    named = f"file:{path.name}"
    source = FileSource(named, boundaries, {None: path}, control.provenance, choice)
    days = control.dates or (None,)
    _divide_each(
        days, lambda _: control, source, report, else_day=catalogue.dataset.lines.dates[-1]
    )


def _check_folder(path: Path, choice: FileChoice, catalogue: Catalogue, report: Report) -> None:
    source = open_source(path, catalogue.dataset.boundaries, choice=choice)
    report["kind"] = "folder with one file a day"
    report["found"] = {
        "features": None,
        "layer": choice.layer,
        "days": list(map(str, source.dates)),
    }
    report["remarks"] += _remarks_on(source.provenance)
    _divide_each(source.dates, lambda day: source.read(day)[0], source, report, else_day=date.min)


def _divide_each(
    days: Sequence[date | None],
    control_on: Callable[[Any], ControlFile],
    source: FileSource,
    report: Report,
    *,
    else_day: date,
) -> None:
    """Divide the country on each day, or on some of many."""
    chosen = [days[round(at * (len(days) - 1) / (_MOST_DAYS - 1))] for at in range(_MOST_DAYS)]
    wanted: list[date | None] = list(days if len(days) <= _MOST_DAYS else dict.fromkeys(chosen))
    if len(wanted) < len(days):
        report["remarks"].append(f"{len(wanted)} of its {len(days)} days were tried.")
    report["found"]["united"] = []
    for day in wanted:
        try:
            line = line_of(control_on(day), day or else_day, source)
            if line.united is not None:
                united = {"words": str(line.united), **line.united.to_dict()}
                report["found"]["united"].append(united)
            split_by_contact_line(source.boundaries, line)
        except SettlementError as error:
            report["faults"] += _faults_of(error, "" if day is None else day.isoformat())


def _are_units(features: Features, boundaries: Boundaries) -> bool:
    """Tell whether features are the units of the country: most of them are there."""
    return 2 * len(recognise_units(features.properties, boundaries).rows) > len(boundaries)


def _remarks_on(provenance: Provenance) -> list[str]:
    lacking = [
        name
        for name in ("date", "licence", "attribution")
        if getattr(provenance, name) == NOT_STATED
    ]
    if not lacking:
        return []
    return [
        f"does not state its {', '.join(lacking)}; answers will say so. A member 'provenance' in "
        "GeoJSON, or a provenance.json beside the file, states source, date, licence and "
        "attribution."
    ]
