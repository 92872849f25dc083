"""TileJSON, and a MapLibre style for the tiles.

References
----------
TileJSON 3.0.0; MapLibre Style Specification, version 8.
"""

from typing import Any, Final

import numpy as np
import shapely

from app.datasets.catalogue import Selection
from app.documents.common import NEUTRALITY_NOTE, join_credits, list_sources, write_query
from app.palette import BORDER, LABEL, LINE_COLOUR, OUTLINE, SEA, colours_of
from app.tiles.grid import MAX_ZOOM, MIN_ZOOM
from geo.plans.plan import Category

__all__ = ["FIELDS", "describe_style", "describe_tiles", "vector_layers"]

FIELDS: Final[dict[str, dict[str, str]]] = {
    "faces": {
        "oblast": "ISO 3166-2 code",
        "name_en": "English name",
        "name_uk": "Ukrainian name",
        "category": "What becomes of it",
        "label": "The category in words",
        "held_by": "Who holds it on the day of the line",
        "recognised_as": "After the plan, in the text's own sense",
        "forces_allowed": "Whose forces the text allows there",
        "change": "Who withdraws, if anybody",
        "clauses": "Clauses that apply, in order",
        "flags": "What one label cannot say",
        "area_km2": "Area of the whole face in km², full geometry",
        "share_of_oblast": "Its share of the oblast, 0 to 1",
    },
    "oblasts": {"oblast": "ISO 3166-2 code", "name_en": "English", "name_uk": "Ukrainian"},
    "contact_line": {"date": "Day of the line", "source": "Whose line"},
    "settlements": {
        "name_en": "English name",
        "name_uk": "Ukrainian name",
        "category": "What becomes of it",
        "population": "Recorded population; 0 where unknown",
    },
}

_DASHES: Final = {
    Category.DE_FACTO_RECOGNIZED: [1, 0],
    Category.FROZEN: [4, 2],
    Category.BUFFER_ZONE: [2, 1],
    Category.RELINQUISHED: [1, 2],
    Category.RETAINED: [1, 0],
    Category.NOT_SETTLED: [6, 1, 1, 1],
}


def vector_layers() -> list[dict[str, Any]]:
    """Describe the layers of every tile, as TileJSON and PMTiles do."""
    return [
        {"id": name, "fields": fields, "minzoom": MIN_ZOOM, "maxzoom": MAX_ZOOM}
        for name, fields in FIELDS.items()
    ]


def describe_tiles(selection: Selection, *, base: str) -> dict[str, Any]:
    """Write the TileJSON of a scenario.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    base
        Address of the server, without a slash at its end.

    Returns
    -------
    dict
        TileJSON 3.0.0.
    """
    scenario = selection.scenario
    edges = shapely.total_bounds(scenario.boundaries.geometry)
    west, south, east, north = np.round(edges, 6).tolist()
    return {
        "tilejson": "3.0.0",
        "name": f"{scenario.plan.title}, line of {scenario.line.date.isoformat()}",
        "description": NEUTRALITY_NOTE,
        "version": "1.0.0",
        "attribution": join_credits(list_sources(selection)),
        "scheme": "xyz",
        "tiles": [f"{base}/tiles/{{z}}/{{x}}/{{y}}.mvt?{write_query(selection)}"],
        "minzoom": MIN_ZOOM,
        "maxzoom": MAX_ZOOM,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, 5],
        "vector_layers": vector_layers(),
    }


def describe_style(selection: Selection, *, base: str) -> dict[str, Any]:
    """Write a MapLibre style in the colours of the map.

    Parameters
    ----------
    selection, base
        As for :func:`describe_tiles`.

    Returns
    -------
    dict
        Style, version 8. It needs no sprites and no fonts, and so has no names on it.
    """
    scenario = selection.scenario
    categories = scenario.settlement.categories
    return {
        "version": 8,
        "name": f"{scenario.plan.title}, line of {scenario.line.date.isoformat()}",
        "center": [31.2, 48.5],
        "zoom": 5,
        "sources": {
            "point21": {
                "type": "vector",
                "url": f"{base}/tiles/tiles.json?{write_query(selection)}",
            }
        },
        "layers": [
            {"id": "sea", "type": "background", "paint": {"background-color": SEA}},
            *(_fill(category, scenario.settlement.label_of(category)) for category in categories),
            *(_edge(category) for category in categories),
            _line("oblast-borders", "oblasts", {"line-color": BORDER, "line-width": 0.8}),
            _line("contact-line-casing", "contact_line", {"line-color": "#fff", "line-width": 4}),
            _line("contact-line", "contact_line", {"line-color": LINE_COLOUR, "line-width": 2}),
            {
                "id": "settlements",
                "type": "circle",
                "source": "point21",
                "source-layer": "settlements",
                "paint": {"circle-radius": 2.2, "circle-color": LABEL},
            },
        ],
    }


def _of(category: Category) -> list[Any]:
    return ["==", ["get", "category"], category.value]


def _fill(category: Category, label: str) -> dict[str, Any]:
    _, mark = colours_of(category)
    return {
        "id": f"fill-{category.value}",
        "type": "fill",
        "source": "point21",
        "source-layer": "faces",
        "filter": _of(category),
        "metadata": {"point21:label": label},
        "paint": {"fill-color": mark, "fill-opacity": 0.7},
    }


def _edge(category: Category) -> dict[str, Any]:
    """Outline each category with a dash of its own, so that it reads without colour."""
    paint = {"line-color": OUTLINE, "line-width": 1, "line-dasharray": _DASHES[category]}
    return {**_line(f"edge-{category.value}", "faces", paint), "filter": _of(category)}


def _line(name: str, layer: str, paint: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "type": "line",
        "source": "point21",
        "source-layer": layer,
        "layout": {"line-join": "round"},
        "paint": paint,
    }
