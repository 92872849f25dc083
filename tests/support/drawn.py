"""Tiny countries and lines drawn in a test."""

import datetime
from typing import Any

import numpy as np
import shapely

import geo

NOWHERE = geo.Provenance("drawn", "the test", "2025-11-21", "CC0", "nobody")
DAY = datetime.date(2025, 11, 21)


def make_boundaries(shapes: dict[str, shapely.Geometry]) -> geo.Boundaries:
    """Boundaries with nothing but ids and shapes."""
    ids = tuple(sorted(shapes))
    unknown = np.full(len(ids), np.nan)
    geometry = np.array([shapes[unit] for unit in ids], dtype=object)
    return geo.Boundaries(ids, geometry, ids, ids, ids, unknown, unknown, NOWHERE)


def make_plan(clauses: list[dict[str, Any]]) -> geo.Plan:
    """A user's plan of clauses; each has at least an id, an article and a kind."""
    return geo.parse_plan(
        {
            "schema_version": 1,
            "id": "mine",
            "title": "Mine",
            "title_short": "Mine",
            "basis": "user",
            "published": "2025-11-21",
            "line_date": "2025-11-21",
            "source": {"title": "mine", "publisher": "me", "date": "2025-11-21"},
            "clause": clauses,
        }
    )


def make_line(*paths, day: datetime.date = DAY) -> geo.ContactLine:
    """A line drawn in the test."""
    lines = shapely.MultiLineString([shapely.LineString(path) for path in paths])
    return geo.ContactLine(day, lines, "the test", "drawn", NOWHERE)


ANCHOR = (31.1, 48.9)
