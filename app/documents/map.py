"""The document that the map page fetches: faces, line, names and figures of a scenario."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely

from app.datasets.catalogue import Selection
from app.documents.common import (
    NEUTRALITY_NOTE,
    describe_layers,
    describe_plan,
    face_properties,
    list_sources,
    write_totals,
)
from app.documents.geojson import (
    DISPLAY_TOLERANCE_DEG,
    line_between,
    simplify_for_display,
    write_feature,
    write_features,
)
from geo.arrays import Geometries
from geo.model.boundaries import Boundaries
from geo.model.control import Control
from geo.model.partition import Partition
from geo.plans.clauses import Flag
from geo.plans.plan import Category
from geo.scenario import Scenario
from geo.statistics.tables import By

__all__ = ["DISPLAY_NOTE", "describe_map"]

DISPLAY_NOTE: Final = (
    f"Geometry is simplified for the screen (shapely.coverage_simplify, {DISPLAY_TOLERANCE_DEG} "
    "degrees, all faces together, so that borders stay shared). Areas are those of the full "
    "geometry. Measure /api/layers, never this."
)

_TABLES: Final = (By.CATEGORY, By.OBLAST, By.OBLAST_CATEGORY, By.CHANGE, By.LEAVING)
_SMALLEST_TOWN: Final = dict.fromkeys(Category, 20000) | {
    Category.BUFFER_ZONE: 5_000,
    Category.RELINQUISHED: 1_000,
}
_COS_OF_48_5_DEG: Final = 0.6626
_LABEL_TOLERANCE_DEG: Final = 0.02


def describe_map(selection: Selection) -> dict[str, Any]:
    """Gather what the page shows of one plan and one day.

    Parameters
    ----------
    selection
        The scenario and what was asked for.

    Returns
    -------
    dict
        For :func:`app.documents.geojson.write_json`.
    """
    scenario = selection.scenario
    plan = describe_plan(scenario.plan)
    faces, line = _draw(scenario.partition)
    return {
        "identity": selection.identity,
        "plan": plan,
        "categories": describe_layers(selection)["layers"],
        "flags": _describe_flags(scenario),
        "faces": _describe_faces(scenario, faces),
        "contact_line": _describe_line(scenario, line),
        "oblasts": _describe_labels(scenario.boundaries),
        "towns": _describe_towns(scenario),
        "tables": {by.value: list(scenario.table(by).rows) for by in _TABLES},
        "totals": write_totals(scenario),
        "sources": list_sources(selection),
        "display": {"tolerance_deg": DISPLAY_TOLERANCE_DEG, "note": DISPLAY_NOTE},
        "note": NEUTRALITY_NOTE,
    }


def _describe_faces(scenario: Scenario, faces: Geometries) -> dict[str, Any]:
    properties = [
        face_properties(scenario, row) | scenario.gazetteer.count(np.array([row]))
        for row in range(len(scenario.partition))
    ]
    ids = [f"{facts['oblast']}:{facts['held_by']}" for facts in properties]
    return write_features(faces, properties, ids=ids)


def _describe_flags(scenario: Scenario) -> list[dict[str, str]]:
    """List the flags that faces carry, with the sentence that explains each."""
    carried = {flag for outcome in scenario.settlement.outcomes for flag in outcome.flags}
    return [{"flag": flag.value, "meaning": flag.meaning} for flag in Flag if flag in carried]


@lru_cache(maxsize=16)
def _draw(partition: Partition) -> tuple[Geometries, shapely.MultiLineString]:
    """Simplify the faces, and draw the line along them, so that nothing shows between them.

    Every plan of a day has the same.
    """
    faces = simplify_for_display(partition.geometry)
    ours = partition.held_by == Control.UKRAINE
    return faces, line_between(faces[ours], faces[~ours])


def _describe_line(scenario: Scenario, geometry: shapely.MultiLineString) -> dict[str, Any]:
    line = scenario.line
    properties = {
        "date": line.date.isoformat(),
        "source": line.source,
        "method": line.method,
        "length_km": scenario.contact_line_km,
        "uncertainty_km": line.uncertainty_km,
        "uncertainty_definition": line.uncertainty_definition,
    }
    return write_feature(geometry, properties, feature_id=line.date.isoformat())


@lru_cache(maxsize=4)
def _describe_labels(boundaries: Boundaries) -> list[dict[str, Any]]:
    """Find a place for each name: the middle of the largest circle inside the unit."""
    coarse = shapely.simplify(boundaries.geometry, _LABEL_TOLERANCE_DEG)
    flat = shapely.transform(coarse, lambda positions: positions * [_COS_OF_48_5_DEG, 1.0])
    circles = shapely.maximum_inscribed_circle(flat, tolerance=_LABEL_TOLERANCE_DEG)
    middles = shapely.get_coordinates(shapely.get_point(circles, 0)) / [_COS_OF_48_5_DEG, 1.0]
    return [
        {
            "id": unit,
            "name_en": boundaries.name_en[row],
            "name_uk": boundaries.name_uk[row],
            "label_lon": float(np.round(middles[row, 0], 4)),
            "label_lat": float(np.round(middles[row, 1], 4)),
        }
        for row, unit in enumerate(boundaries.ids)
    ]


def _describe_towns(scenario: Scenario) -> list[dict[str, Any]]:
    """List towns to be named on the map, the most populous first."""
    towns = [
        {
            "name_en": place.name_en,
            "name_uk": place.name_uk,
            "oblast": place.oblast,
            "lon": place.lon_deg,
            "lat": place.lat_deg,
            "population": place.population,
            "held_by": place.observed_as,
            "contested": place.contested,
            "category": category.value,
        }
        for category in Category
        for place in scenario.towns(category, at_least=_SMALLEST_TOWN[category])
    ]
    return sorted(towns, key=lambda town: (-(town["population"] or 0), town["name_en"]))
