"""Boundaries from any file: units recognised by code or name, borders repaired to a coverage."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geo.crs import reproject_to_geographic
from geo.errors import ConservationError, DataFormatError, InvalidGeometryError
from geo.io.control import provenance_of, read_layer
from geo.measure import area_km2
from geo.territory import Boundaries, Geometries

__all__ = ["read_boundaries", "repair_coverage"]

_GAP_DEG: Final = 1e-3
"""Gaps narrower than this (100 m) between units are closed; wider ones are left and refused."""

_MOST_CHANGE: Final = 1e-3
_ISO: Final = re.compile(r"UA-?(\d\d)")
_KIND: Final = re.compile(r"\b(область|обл|oblast|region|province|city|місто|м|misto)\b\.?|[().]")
_MARKS: Final = str.maketrans("", "", "'’ʼ`")
_CITY: Final = re.compile(r"\b(city|місто|misto)\b|\bм\.")
_ALSO: Final = {
    "UA-05": ("Vinnytsya",),
    "UA-07": ("Volhynia",),
    "UA-09": ("Luhansk", "Lugansk"),
    "UA-12": ("Dnipro", "Dnipropetrovsk", "Dnepropetrovsk"),
    "UA-14": ("Donetsk",),
    "UA-21": ("Transcarpathia",),
    "UA-26": ("Ivano-Frankovsk",),
    "UA-30": ("Kyiv City", "Kiev City", "місто Київ", "Kyyiv City"),
    "UA-32": ("Kyiv Oblast", "Kiev Oblast", "Kyyiv Oblast"),
    "UA-35": ("Kirovograd",),
    "UA-40": ("Sevastopol", "Севастополь"),
    "UA-43": ("Crimea", "Крим", "Autonomous Republic of Crimea", "Автономна Республіка Крим"),
    "UA-51": ("Odessa",),
    "UA-61": ("Ternopil",),
    "UA-63": ("Kharkov",),
    "UA-74": ("Chernigov",),
    "UA-77": ("Chernovtsy", "Chernivtsi"),
}


def read_boundaries(
    path: Path | str, known: Boundaries, *, boundaries_id: str | None = None
) -> Boundaries:
    """Read the first-level units from any file and repair them to a coverage.

    Parameters
    ----------
    path
        Any format of :func:`geo.read_control_file`, one layer. A unit may come in several
        features. Statements of its origin are read from the file, or from a
        ``provenance.json`` beside it.
    known
        The units that are expected, with their names and facts.
    boundaries_id
        Short name that figures are given with; ``file:<name>`` by default.

    Returns
    -------
    Boundaries
        The same units as ``known`` with the geometry of the file.

    Raises
    ------
    DataFormatError
        The file cannot be read, or its units are not those that are known: lists what is missing
        and what was not recognised.
    InvalidGeometryError
        A geometry is invalid or no polygon; the message names the feature.
    ConservationError
        The repair would change a unit by more than a thousandth of its area.

    Notes
    -----
    A feature is recognised by the first of its values that is an ISO 3166-2 code, a KATOTTG code,
    or a Ukrainian or English name. Borders that do not match are repaired with
    :func:`shapely.coverage_clean`, which gives overlaps to the neighbour with the longer border
    and closes gaps narrower than 0.001°.
    """
    path = Path(path)
    found, stated, sha256 = read_layer(path, layer=None)
    names = _names(known)
    rows: dict[str, list[int]] = defaultdict(list)
    strangers = []
    for row, properties in enumerate(found.properties):
        unit = _recognise(properties.values(), names)
        if unit is None:
            strangers.append(found.label(row))
        else:
            rows[unit].append(row)
    _check_complete(path.name, known, rows, strangers)
    _check_polygons(path.name, found.geometry, found.label)
    geometry = reproject_to_geographic(found.geometry, found.crs, name=path.name)
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
        provenance=provenance_of(path, stated, sha256),
        id=boundaries_id or f"file:{path.name}",
    )


def _names(known: Boundaries) -> dict[str, str]:
    """Return every spelling that is understood, in plain form, with its unit."""
    names: dict[str, str] = {}
    for row, unit in enumerate(known.ids):
        spelt = (known.name_en[row], known.name_uk[row], *_ALSO.get(unit, ()))
        names |= {_plain(text): unit for text in spelt}
        names[known.katottg[row]] = unit
    return {name: unit for name, unit in names.items() if name}


def _plain(text: str) -> str:
    """Drop the kind of unit and marks; a city keeps a mark, so that Kyiv is not Kyiv oblast."""
    text = text.casefold().translate(_MARKS).strip()
    city = " city" if _CITY.search(text) else ""
    return " ".join(_KIND.sub(" ", text).split()) + city


def _recognise(values: Iterable[Any], names: Mapping[str, str]) -> str | None:
    texts = [str(value).strip() for value in values if isinstance(value, str)]
    units = set(names.values())
    for text in texts:
        code = _ISO.fullmatch(text.upper())
        if code and f"UA-{code[1]}" in units:
            return f"UA-{code[1]}"
    for text in texts:
        unit = names.get(text) or names.get(_plain(text))
        if unit is not None:
            return unit
    return None


def _check_complete(
    name: str, known: Boundaries, rows: Mapping[str, list[int]], strangers: list[str]
) -> None:
    missing = [
        f"{unit} ({known.name_en[row]})" for row, unit in enumerate(known.ids) if unit not in rows
    ]
    if missing or strangers:
        odd = f"; not recognised: {', '.join(strangers[:5])}" if strangers else ""
        raise DataFormatError(
            f"{name}: expected the {len(known)} first-level units by ISO 3166-2 code, KATOTTG code "
            f"or name; missing: {', '.join(missing) or 'none'}{odd}."
        )


def _check_polygons(name: str, geometry: Geometries, label: Any) -> None:  # noqa: ANN401
    faults = []
    for row, shape in enumerate(geometry):
        if shape is None or shapely.get_type_id(shape) not in {3, 6} or shapely.is_empty(shape):
            faults.append(f"{label(row)}: expected a polygon, {shape!r:.40} came")
        elif not shapely.is_valid(shape):
            faults.append(f"{label(row)}: {shapely.is_valid_reason(shape)}")
    if faults:
        raise InvalidGeometryError(f"{name}: {'; '.join(faults[:5])}.")


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
