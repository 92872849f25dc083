"""Features of a file in one form whatever the format, and the faults found in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import Geometries
from geo.errors import FeatureFault, FeaturesError

__all__ = [
    "MOST_FAULTS",
    "Faults",
    "Features",
    "RawLayer",
    "add_invalid",
    "check_valid",
    "describe_invalid",
    "find_property",
    "label",
]

MOST_FAULTS: Final = 20
_PLACE: Final = re.compile(r"\[(\S+) (\S+)")
_COLLECTION: Final = 7
_LABELS: Final = ("name", "title", "id")


@dataclass(eq=False)
class Faults:
    """Faults of a file, gathered until all are known.

    Parameters
    ----------
    name
        The file, for the message.
    found
        The faults so far.
    """

    name: str
    found: list[FeatureFault] = field(default_factory=list)

    def add(self, feature: str, message: str, at: Sequence[float] | None = None) -> None:
        """Add a fault; enough of them end the search."""
        lon, lat = (float(at[0]), float(at[1])) if at is not None else (None, None)
        self.found.append(FeatureFault(feature, message, lon, lat))
        if len(self.found) >= MOST_FAULTS:
            self.check()

    def extend(self, other: "Faults") -> None:
        """Add the faults that were found elsewhere."""
        self.found += other.found[: MOST_FAULTS - len(self.found)]

    def check(self) -> None:
        """Raise :class:`geo.errors.FeaturesError` if there are faults."""
        if self.found:
            raise FeaturesError(self.name, self.found)


@dataclass(frozen=True, eq=False)
class RawLayer:
    """One layer as a format gave it: any reference system, any kind of geometry.

    Parameters
    ----------
    name
        The layer.
    crs
        What the file states, empty when it states nothing.
    geometry
        Shape (n,); ``None`` where a feature has none.
    properties
        All properties of each feature.
    stated
        What the file says of its origin, empty when nothing.
    """

    name: str
    crs: str
    geometry: Geometries
    properties: tuple[Mapping[str, Any], ...]
    stated: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Features:
    """All features of a file, or of the chosen layer.

    Parameters
    ----------
    name
        The file, without its folder.
    layer
        The layer; several, when all were chosen, are joined by commas.
    geometry
        Shape (n,), longitude and latitude in degrees (OGC:CRS84), two-dimensional, without empty
        parts or rings. ``None`` where a feature has none; a point, line or polygon, or several of
        one kind; a collection of one (multi-)line and one (multi-)polygon where a feature has both.
        Whether they are valid is asked with :func:`check_valid`.
    properties
        All properties of each feature, with the letter case of the file; :meth:`values` finds one.
    stated
        What the file says of its origin; empty when nothing.
    sha256
        Hash of the file's bytes, hexadecimal.
    """

    name: str
    layer: str
    geometry: Geometries
    properties: tuple[Mapping[str, Any], ...]
    stated: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.geometry)

    def values(self, key: str) -> list[Any]:
        """Return a property of each feature whatever its letter case, ``None`` where it lacks."""
        return [find_property(properties, key) for properties in self.properties]

    def label(self, row: int) -> str:
        """Name a feature for a message, counted from 1."""
        return label(row, self.properties)

    def parts(self, dimension: int) -> Geometries:
        """Return the points (0), lines (1) or polygons (2) of each feature, ``None`` elsewhere."""
        both = shapely.get_type_id(self.geometry) == _COLLECTION
        single = (shapely.get_dimensions(self.geometry) == dimension) & ~both
        chosen = np.array(self.geometry, dtype=object)
        chosen[~single] = None
        if not both.any():
            return chosen
        parts, owner = shapely.get_parts(self.geometry, return_index=True)
        inside = both[owner]
        inside &= shapely.get_dimensions(parts) == dimension
        chosen[owner[inside]] = parts[inside]
        return chosen

    def select(self, rows: Sequence[int]) -> "Features":
        """Return some of the features, in the order of the rows given."""
        chosen = np.asarray(rows, dtype=np.intp)
        properties = tuple(self.properties[row] for row in chosen)
        return replace(self, geometry=self.geometry[chosen], properties=properties)


def find_property(properties: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401
    """Look a property up without regard to letter case.

    Parameters
    ----------
    properties
        Properties of a feature.
    key
        The name, in any letter case.

    Returns
    -------
    object
        Its value, ``None`` if there is none. The exact spelling goes first.
    """
    if key in properties:
        return properties[key]
    wanted = key.casefold()
    return next((properties[name] for name in properties if name.casefold() == wanted), None)


def label(row: int, properties: Sequence[Mapping[str, Any]]) -> str:
    """Name a feature for a message.

    Parameters
    ----------
    row
        Which feature, from 0.
    properties
        Properties of all features.

    Returns
    -------
    str
        Such as ``feature 3 of 5 (Kinburn)``; counted from 1.
    """
    stated = (find_property(properties[row], key) for key in _LABELS)
    text = next((str(one) for one in stated if isinstance(one, str | int) and str(one)), "")
    text = "".join(letter for letter in text if letter.isprintable())
    text = text if len(text) <= 40 else f"{text[:40]}…"
    return f"feature {row + 1} of {len(properties)}" + (f" ({text})" if text else "")


def check_valid(features: Features, *, dimension: int) -> None:
    """Refuse lines or polygons that are not valid.

    Parameters
    ----------
    features
        What to check.
    dimension
        1 for the lines of the features, 2 for the polygons.

    Raises
    ------
    FeaturesError
        Lists every invalid one with its place.
    """
    faults = Faults(features.name)
    add_invalid(features.parts(dimension), features.properties, faults)
    faults.check()


def add_invalid(
    geometry: Geometries, properties: Sequence[Mapping[str, Any]], faults: Faults
) -> None:
    """Add a fault for each geometry that is not valid.

    Parameters
    ----------
    geometry
        Shape (n,), ``None`` allowed.
    properties
        Properties of each feature, for the message.
    faults
        Where to add.
    """
    for row in np.flatnonzero(~shapely.is_valid(geometry) & ~shapely.is_missing(geometry)).tolist():
        faults.add(label(row, properties), *describe_invalid(geometry[row]))


def describe_invalid(geometry: shapely.Geometry) -> tuple[str, list[float]]:
    """Say why a geometry is not valid, how to mend it, and where.

    Parameters
    ----------
    geometry
        A geometry that is not valid.

    Returns
    -------
    message : str
        For a fault.
    at : list of float
        Longitude and latitude.
    """
    reason = shapely.is_valid_reason(geometry)
    place = _PLACE.search(reason)
    first = shapely.get_coordinates(geometry)[0].tolist()
    at = first if place is None else [float(place[1]), float(place[2].rstrip("]"))]
    if shapely.get_dimensions(geometry) == 1:
        return "expected a line of at least two different positions. Draw it on, or remove it", at
    return (
        f"the polygon is not valid: {reason.split('[')[0].strip().lower()}. Repair it in QGIS with "
        "'Fix geometries', with ogr2ogr -makevalid, or with shapely.make_valid"
    ), at
