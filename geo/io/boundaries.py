"""Boundaries from any file: units recognised by code or name, borders repaired to a coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import Geometries
from geo.errors import ConservationError, DataFormatError, InvalidGeometryError
from geo.formats.features import Features, check_valid
from geo.formats.file_choice import WHOLE_FILE, FileChoice, choices_of, split_choice
from geo.formats.reader import read_features
from geo.io.control import provenance_of
from geo.io.selection import rows_where
from geo.io.unit_names import RecognisedUnits, recognise_units
from geo.measure import area_km2
from geo.model.boundaries import Boundaries

__all__ = ["read_boundaries", "repair_coverage"]

_GAP_DEG: Final = 1e-3
"""Gaps narrower than this (100 m) between units are closed; wider ones are left and refused."""

_MOST_CHANGE: Final = 1e-3
_MOST_SHOWN: Final = 5


def read_boundaries(
    path: Path | str,
    known: Boundaries,
    *,
    boundaries_id: str | None = None,
    layer: str | None = None,
    where: str | Sequence[str] = (),
    choice: FileChoice = WHOLE_FILE,
) -> Boundaries:
    """Read the first-level units from any file and repair them to a coverage.

    Parameters
    ----------
    path
        Any format of :func:`geo.read_control_file`. A unit may be drawn in several features that
        bear the same code or name. Statements of its origin are read from the file, or from a
        ``provenance.json`` beside it.
    known
        The units that are expected, with their names and facts.
    boundaries_id
        Short name that figures are given with; ``file:<name>`` by default.
    layer, where
        Which layer, when the file has several, and which features, see
        :func:`geo.read_control_file`; ``path`` may name them, too: ``oblasts.gpkg#layer=adm1``.
    choice
        The same as one value; what is given besides adds to it.

    Returns
    -------
    Boundaries
        The same units as ``known`` with the geometry of the file.

    Raises
    ------
    DataFormatError
        The file cannot be read, or its units are not those that are known: lists what is missing
        what was not recognised, and what was taken for the same unit, with the values found.
    InvalidGeometryError
        A geometry is invalid or no polygon; the message names the feature.
    ConservationError
        The repair would change a unit by more than a thousandth of its area.

    Notes
    -----
    Features are recognised by :func:`geo.io.unit_names.recognise_units`: by a code, or by a name in
    Ukrainian, English or Russian. Borders that do not match are repaired with
    :func:`shapely.coverage_clean`, which gives overlaps to the neighbour with the longer border
    and closes gaps narrower than 0.001°.
    """
    path, part = split_choice(path)
    choice = (part if choice is WHOLE_FILE else choice).but(layer=layer, where=where)
    if choice.kind is not None or choice.day is not None:
        raise DataFormatError(
            f"{path.name}: expected layer= or where= to choose boundaries by; leave kind= and day= "
            "out."
        )
    with choices_of(path):
        found = read_features(path, layer=choice.layer)
    if choice.where:
        found = found.select(rows_where(found.name, found.properties, choice.where))
    found = _with_polygons(found)
    recognised = recognise_units(found.properties, known)
    _check_complete(path.name, known, recognised, found.properties)
    rows = recognised.rows
    geometry = found.geometry
    units = np.array(
        [
            geometry[rows[unit][0]]
            if len(rows[unit]) == 1
            else shapely.union_all(geometry[rows[unit]])
            for unit in known.ids
        ],
        dtype=object,
    )
    return replace(
        known,
        geometry=repair_coverage(units, known.ids, name=path.name),
        provenance=provenance_of(path, found.stated, found.sha256),
        id=boundaries_id or f"file:{path.name}",
    )


def _check_complete(
    name: str,
    known: Boundaries,
    recognised: RecognisedUnits,
    properties: Sequence[Mapping[str, Any]],
) -> None:
    """Refuse what is not each unit once; show the values by which that was judged."""
    names = dict(zip(known.ids, known.name_en, strict=True))

    def shown(rows: Sequence[int]) -> str:
        told = [_described(row, properties) for row in rows[:_MOST_SHOWN]]
        more = [f"{len(rows) - _MOST_SHOWN} more"] if len(rows) > _MOST_SHOWN else []
        return ", ".join([*told, *more])

    missing = [f"{unit} ({names[unit]})" for unit in known.ids if unit not in recognised.rows]
    faults = [f"missing: {', '.join(missing)}"] if missing else []
    faults += [
        f"{unit} ({names[unit]}) has several features: {shown(rows)}"
        for unit, rows in recognised.rows.items()
        if missing and len(rows) > 1 and unit not in recognised.doubled
    ]
    if recognised.unknown:
        faults.append(f"not recognised: {shown(recognised.unknown)}")
    faults += [
        f"{shown([row])} can be {' or '.join(f'{unit} ({names[unit]})' for unit in units)}"
        for row, units in recognised.undecided.items()
    ]
    faults += [
        f"{unit} ({names[unit]}) has several features of different names: {shown(rows)}"
        for unit, rows in recognised.doubled.items()
    ]
    if faults:
        raise DataFormatError(
            f"{name}: expected the {len(known)} first-level units, each by its code (ISO 3166-2, "
            f"KATOTTG, KOATUU, OCHA p-code, HASC) or its name; {'; '.join(faults)}. Give each "
            "feature a property with its ISO 3166-2 code, such as UA-14, and leave other features "
            "out."
        )


def _described(row: int, properties: Sequence[Mapping[str, Any]]) -> str:
    """Name a feature by its number and the texts it bears."""
    texts = {key: value for key, value in properties[row].items() if isinstance(value, str | int)}
    values = ", ".join(f"{key}={str(value)[:40]!r}" for key, value in list(texts.items())[:4])
    return f"feature {row + 1} of {len(properties)} ({values or 'no text'})"


def _with_polygons(found: Features) -> Features:
    """Leave out what is no polygon, such as labels beside them; those that are must be valid."""
    polygons = found.parts(2)
    if shapely.is_missing(polygons).all():
        raise InvalidGeometryError(
            f"{found.name}: expected a polygon for each unit; it holds none. Name the file with "
            "the areas of the units."
        )
    check_valid(found, dimension=2)
    kept = replace(found, geometry=polygons)
    return kept.select(np.flatnonzero(~shapely.is_missing(polygons)).tolist())


def repair_coverage(geometry: Geometries, ids: tuple[str, ...], *, name: str) -> Geometries:
    """Make neighbours share the vertices of their borders, without changing areas.

    Parameters
    ----------
    geometry
        One valid polygon or multipolygon for each unit, shape (n,), degrees.
    ids
        Names of the units, for the message.
    name
        The file, for the message.

    Returns
    -------
    numpy.ndarray
        A valid coverage, shape (n,).

    Raises
    ------
    ConservationError
        A unit would change by more than a thousandth of its area.
    """
    before = area_km2(geometry)
    invalid = shapely.coverage_invalid_edges(geometry, gap_width=_GAP_DEG)
    if shapely.is_empty(invalid).all():
        return geometry
    clean: Any = shapely.coverage_clean  # type: ignore[attr-defined]  # newer than its stubs
    cleaned: Geometries = np.array(clean(geometry, gap_width=_GAP_DEG), dtype=object)
    change = np.abs(area_km2(cleaned) / before - 1.0)
    if not (change <= _MOST_CHANGE).all():
        row = int(np.nanargmax(np.where(np.isnan(change), np.inf, change)))
        raise ConservationError(
            f"{name}: repairing the borders would change {ids[row]} by {change[row]:.2%} of its "
            f"area; allowed is {_MOST_CHANGE:.2%}. Its units overlap or leave gaps: mend the file."
        )
    return cleaned
