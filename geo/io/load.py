"""Open the project's own files, and refuse data without source, date or licence."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import shapely

from geo.crs import Floats
from geo.dates import DayLike
from geo.errors import DataFormatError, Fault, PlanError, ProvenanceMissingError, UnknownPlanError
from geo.files.bounded import MOST_BYTES_OF_DATA, read_bounded
from geo.files.content import decode_text
from geo.files.toml import parse_toml
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.line_series import LineSeries
from geo.model.observations import Observations, Places
from geo.model.provenance import Provenance
from geo.plans.plan import Plan, parse_plan

__all__ = [
    "MOST_BYTES_OF_A_PLAN",
    "data_directory",
    "load_boundaries",
    "load_contact_line",
    "load_contact_lines",
    "load_observations",
    "load_plan",
    "load_plans",
]

MOST_BYTES_OF_A_PLAN: Final = 4 * 2**20
_REQUIRED: Final = ("source", "date", "licence", "attribution")
_OBSERVATIONS: Final = "control_observations.csv"
_PROVENANCE: Final = ("title", "source", "url", "date", "licence", "licence_url", "attribution")


def data_directory() -> Path:
    """Return the folder of the data that come with the program.

    Returns
    -------
    pathlib.Path
        ``geo/_data`` in an installed wheel, ``data`` beside ``geo`` in a checkout.
    """
    package = Path(__file__).parents[1]
    packaged = package / "_data"
    return packaged if packaged.is_dir() else package.parent / "data"


def _provenance(name: str, stated: object, content: bytes) -> Provenance:
    stated = stated if isinstance(stated, Mapping) else {}
    missing = [key for key in _REQUIRED if not str(stated.get(key) or "").strip()]
    if missing:
        raise ProvenanceMissingError(name, missing)
    values = {key: str(stated.get(key) or "") for key in _PROVENANCE}
    return Provenance(**values, sha256=hashlib.sha256(content).hexdigest())


def _read_features(path: Path) -> tuple[list[dict[str, Any]], Provenance]:
    """Read a GeoJSON FeatureCollection with its provenance."""
    content = read_bounded(path, most_bytes=MOST_BYTES_OF_DATA, what="GeoJSON")
    try:
        collection = orjson.loads(decode_text(content, name=str(path)))
    except orjson.JSONDecodeError as error:
        raise DataFormatError(f"{path}: expected GeoJSON, but it is not JSON ({error})") from error
    if not isinstance(collection, dict) or collection.get("type") != "FeatureCollection":
        raise DataFormatError(f"{path}: expected a GeoJSON FeatureCollection (RFC 7946)")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise DataFormatError(f"{path}: expected at least one feature")
    return features, _provenance(str(path), collection.get("provenance"), content)


def _column(
    features: list[dict[str, Any]], key: str, path: Path, default: object = ...
) -> list[Any]:
    """Return a property of every feature; name the features that lack it."""
    rows = [feature.get("properties") or {} for feature in features]
    if default is ...:
        lacking = [number for number, row in enumerate(rows) if row.get(key) is None]
        if lacking:
            raise DataFormatError(
                f"{path}: expected the property {key!r} on every feature; features "
                f"{', '.join(map(str, lacking[:10]))} lack it"
            )
    return [default if row.get(key) is None else row[key] for row in rows]


def _geometries(features: list[dict[str, Any]], path: Path) -> npt.NDArray[np.object_]:
    texts = [orjson.dumps(feature.get("geometry")).decode() for feature in features]
    geometries = np.asarray(shapely.from_geojson(texts, on_invalid="ignore"), dtype=object)
    faulty = np.flatnonzero(shapely.is_missing(geometries)).tolist()
    if faulty:
        raise DataFormatError(
            f"{path}: expected a GeoJSON geometry on every feature; features "
            f"{', '.join(map(str, faulty[:10]))} have none that can be read"
        )
    return geometries


def load_boundaries(path: Path | None = None) -> Boundaries:
    """Load the first-level units.

    Parameters
    ----------
    path
        A GeoJSON file in the form of ``data/oblasts.geojson``; that file by default.

    Returns
    -------
    Boundaries
        Sorted by ISO 3166-2 code.

    Raises
    ------
    DataFormatError
        The file cannot be read, is not GeoJSON, lacks a property or its provenance, or its
        geometries are invalid or no coverage.

    References
    ----------
    Natural Earth, 1:10m Cultural Vectors, Admin 1 (public domain); ISO 3166-2:UA.
    """
    path = path or data_directory() / "oblasts.geojson"
    features, provenance = _read_features(path)
    features.sort(key=lambda feature: str((feature.get("properties") or {}).get("iso_3166_2")))
    return Boundaries(
        ids=tuple(_column(features, "iso_3166_2", path)),
        geometry=_geometries(features, path),
        name_en=tuple(_column(features, "name_en", path)),
        name_uk=tuple(_column(features, "name_uk", path)),
        katottg=tuple(_column(features, "katottg", path, "")),
        area_official_km2=np.array(_column(features, "area_km2_official", path, np.nan), float),
        population_2022=np.array(_column(features, "population_2022", path, np.nan), float),
        provenance=provenance,
        id="natural-earth" if "Natural Earth" in provenance.source else f"file:{path.name}",
    )


def load_contact_lines(path: Path | None = None) -> LineSeries:
    """Load the lines of contact of all dates.

    Parameters
    ----------
    path
        A GeoJSON file in the form of ``data/contact_line.geojson``; that file by default.

    Returns
    -------
    LineSeries
        Lines by date, in order.

    Raises
    ------
    DataFormatError
        The file cannot be read, is not GeoJSON, lacks a property or its provenance, has a date
        twice, or a geometry is no line.
    """
    path = path or data_directory() / "contact_line.geojson"
    features, provenance = _read_features(path)
    try:
        days = [date.fromisoformat(str(day)) for day in _column(features, "date", path)]
    except ValueError as error:
        raise DataFormatError(f"{path}: expected dates as YYYY-MM-DD ({error})") from error
    if len(set(days)) != len(days):
        raise DataFormatError(f"{path}: expected one line for each date; a date is given twice")
    columns = zip(
        days,
        _geometries(features, path),
        _column(features, "source", path),
        _column(features, "method", path),
        _column(features, "observations", path, None),
        _column(features, "uncertainty_km", path, None),
        _column(features, "uncertainty_definition", path, ""),
        strict=True,
    )
    lines = [
        ContactLine(
            *(day, geometry, source, method, provenance, count, uncertainty, definition),
            source_id="observations" if _OBSERVATIONS in source else f"file:{path.name}",
        )
        for day, geometry, source, method, count, uncertainty, definition in columns
    ]
    return LineSeries(tuple(sorted(lines, key=lambda line: line.date)))


def load_contact_line(
    day: DayLike, *, path: Path | None = None, nearest: bool | str = False
) -> ContactLine:
    """Load the line of contact of one day.

    Parameters
    ----------
    day
        The day asked for: a date, or text such as ``2025-11-21``.
    path
        See :func:`load_contact_lines`.
    nearest
        Which other line will do when the day has none, see :class:`geo.model.line_series.Nearest`;
        the line's own ``date`` tells.

    Returns
    -------
    ContactLine
        The line of that day.

    Raises
    ------
    UnknownDateError
        There is no line for the day; lists those that exist.
    """
    return load_contact_lines(path).on(day, nearest=nearest)


def load_observations(path: Path | None = None) -> Observations:
    """Load who held which populated place, and when.

    Parameters
    ----------
    path
        A CSV file in the form of ``data/control_observations.csv`` (that file by default), with
        its metadata beside it in ``<name>-metadata.json``.

    Returns
    -------
    Observations
        One row for each place and interval.

    Raises
    ------
    DataFormatError
        The file or its metadata cannot be read, a column is missing, or a value is malformed;
        names the line.

    References
    ----------
    GeoNames gazetteer (CC BY 4.0); see ``data/README.md`` for the assessments.
    """
    path = path or data_directory() / _OBSERVATIONS
    content = read_bounded(path, most_bytes=MOST_BYTES_OF_DATA, what="observations")
    beside = path.with_name(path.name + "-metadata.json")
    metadata = read_bounded(beside, most_bytes=MOST_BYTES_OF_DATA, what="metadata")
    try:
        stated = orjson.loads(metadata).get("provenance")
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise DataFormatError(f"{beside}: expected a JSON object ({error})") from error
    provenance = _provenance(str(beside), stated, content)
    rows, key = list(_rows_of_csv(path, content)), "observed_from"
    return Observations(
        rows=Places(
            name_en=_texts(rows, "name"),
            name_uk=_texts(rows, "name_uk"),
            oblast_id=_texts(rows, "oblast"),
            lon_deg=_numbers(rows, "lon", path),
            lat_deg=_numbers(rows, "lat", path),
            population=_numbers(rows, "population", path),
            held_by=_holders(rows, path),
            valid_from=_days(rows, "valid_from", path),
            alternate_names=_texts(rows, "alternate_names"),
            geoname_id=_texts(rows, "geoname_id"),
            contested_on=_texts(rows, "contested_on"),
            basis=_texts(rows, "source"),
            first_day=_days([{key: "", **stated}], key, beside)[0],
        ),
        valid_to=_days(rows, "valid_to", path),
        provenance=provenance,
    )


def _rows_of_csv(path: Path, content: bytes) -> Iterator[dict[str, str]]:
    try:
        reader = csv.DictReader(decode_text(content, name=str(path)).splitlines())
    except UnicodeDecodeError as error:
        raise DataFormatError(f"{path}: expected UTF-8 ({error})") from error
    needed = {"name", "oblast", "lat", "lon", "population", "controller", "valid_from", "valid_to"}
    try:
        missing = needed - set(reader.fieldnames or ())
    except csv.Error as error:
        raise DataFormatError(f"{path}: expected CSV ({error})") from error
    if missing:
        raise DataFormatError(f"{path}: expected the columns {', '.join(sorted(missing))} as well")
    return iter(reader)


def _texts(rows: list[dict[str, str]], key: str) -> npt.NDArray[np.object_]:
    return np.array([row.get(key) or "" for row in rows], dtype=object)


def _numbers(rows: list[dict[str, str]], key: str, path: Path) -> Floats:
    try:
        return np.array([row[key] or "nan" for row in rows], dtype=np.float64)
    except ValueError as error:
        raise DataFormatError(f"{path}: expected numbers in the column {key!r} ({error})") from None


def _days(rows: list[dict[str, str]], key: str, path: Path) -> npt.NDArray[np.datetime64]:
    try:
        return np.array([row[key] or "NaT" for row in rows], dtype="datetime64[D]")
    except ValueError as error:
        raise DataFormatError(
            f"{path}: expected dates as YYYY-MM-DD in the column {key!r} ({error})"
        ) from None


def _holders(rows: list[dict[str, str]], path: Path) -> npt.NDArray[np.object_]:
    known = {str(control): control for control in Control}
    for number, row in enumerate(rows):
        if row["controller"] not in known:
            raise DataFormatError(
                f"{path}: line {number + 2}: expected a controller among {', '.join(known)}; "
                f"got {row['controller']!r}"
            )
    return np.array([known[row["controller"]] for row in rows], dtype=object)


def load_plan(plan: str | Path) -> Plan:
    """Load one plan.

    Parameters
    ----------
    plan
        The id of a plan that comes with the program, or a TOML file of the same form.

    Returns
    -------
    Plan
        Checked and frozen.

    Raises
    ------
    UnknownPlanError
        No plan has this id; lists those that exist.
    PlanError
        The file has faults; lists them all.
    DataFormatError
        The file cannot be read.
    """
    path = Path(plan)
    if isinstance(plan, Path) or path.suffix == ".toml":
        return _read_plan(path)
    shipped = sorted((data_directory() / "plans").glob("*.toml"))
    for candidate in shipped:
        if candidate.stem == plan:
            return _read_plan(candidate)
    ids = [candidate.stem for candidate in shipped]
    raise UnknownPlanError(
        f"there is no plan {plan!r}; known plans are {', '.join(ids)}. A plan of your own is given "
        "as the path of a .toml file.",
        valid=ids,
    )


def _read_plan(path: Path) -> Plan:
    content = read_bounded(path, most_bytes=MOST_BYTES_OF_A_PLAN, what="a plan")
    try:
        mapping = parse_toml(decode_text(content, name=str(path)))
    except ValueError as error:
        raise PlanError(str(path), [Fault("", f"expected TOML: {error}")]) from error
    plan = parse_plan(mapping, name=str(path))
    if plan.id != path.stem:
        fault = Fault("id", f"expected the name of the file, {path.stem!r}; got {plan.id!r}")
        raise PlanError(str(path), [fault])
    return plan


def load_plans(directory: Path | None = None) -> dict[str, Plan]:
    """Load every plan of a folder.

    Parameters
    ----------
    directory
        The folder; that of the program by default.

    Returns
    -------
    dict
        Plans by id: published texts first, then baselines, each group in order of id.

    Raises
    ------
    PlanError
        A file has faults.
    DataFormatError
        The folder holds no plan, or a file cannot be read.
    """
    directory = directory or data_directory() / "plans"
    plans = [_read_plan(path) for path in sorted(directory.glob("*.toml"))]
    if not plans:
        raise DataFormatError(f"{directory}: expected at least one plan (*.toml)")
    plans.sort(key=lambda plan: (plan.basis != "published", plan.id))
    return {plan.id: plan for plan in plans}
