"""Faces, areas and one scenario, against geopandas.overlay and pyproj.Geod."""

from __future__ import annotations

import geopandas
import numpy as np
import pyproj
import shapely

from benchmarks.timing import Ratio, compare, median_ms, ratio_of
from geo import (
    GEOGRAPHIC_CRS,
    By,
    Control,
    build_scenario,
    load_boundaries,
    load_contact_line,
    load_observations,
    load_plan,
    split_by_contact_line,
)
from geo.measure import area_km2

__all__ = ["run"]

GEOD = pyproj.Geod(ellps="WGS84")
ORACLE_STEP_DEG = 0.0002  # at 0.002° the oracle itself is off by up to 4e-8 on small faces


def geod_areas_km2(geometries: np.ndarray) -> np.ndarray:
    """Measure each geometry by itself with pyproj.Geod, as one would without this project."""
    return np.array([abs(GEOD.geometry_area_perimeter(g)[0]) for g in geometries]) / 1e6


def oracle_areas_km2(geometries: np.ndarray) -> np.ndarray:
    """Measure with Geod on rings densified until edges no longer matter: slow, independent.

    Geod takes the sign of a ring from its direction, so shells and holes are oriented first.
    """
    return geod_areas_km2(shapely.segmentize(shapely.orient_polygons(geometries), ORACLE_STEP_DEG))


def run(*, rounds: int) -> list[Ratio]:
    """Compare faces, areas and a scenario for the default date."""
    boundaries = load_boundaries()
    plan = load_plan("point21-axios")
    line = load_contact_line(plan.line_date)
    observations = load_observations()
    partition = split_by_contact_line(boundaries, line)

    held = partition.geometry[np.asarray(partition.held_by) == Control.RUSSIA]
    oblasts = boundaries.to_geodataframe()[["geometry"]]
    area_held = geopandas.GeoDataFrame(
        {"held_by": ["russia"]}, geometry=[shapely.union_all(held)], crs=GEOGRAPHIC_CRS
    )

    def overlay_and_geod() -> np.ndarray:
        faces = geopandas.overlay(oblasts, area_held, how="identity", keep_geom_type=True)
        return geod_areas_km2(faces.geometry.to_numpy())

    def faces_and_areas() -> np.ndarray:
        return split_by_contact_line(boundaries, line).area_km2

    def scenario() -> object:
        built = build_scenario(boundaries, line, plan, observations)
        return [built.layers] + [built.table(by) for by in By]

    faces = compare({"overlay": overlay_and_geod, "ours": faces_and_areas}, rounds=rounds)
    whole = compare({"overlay": overlay_and_geod, "scenario": scenario}, rounds=rounds)
    geometry = partition.geometry
    areas = compare(
        {"geod": lambda: geod_areas_km2(geometry), "ours": lambda: area_km2(geometry)},
        rounds=rounds,
    )
    oracle = oracle_areas_km2(geometry)
    error = float(np.max(np.abs(area_km2(geometry) - oracle) / oracle))
    vertices = int(shapely.get_num_coordinates(geometry).sum())
    return [
        ratio_of(
            "coverage-valid faces and areas of one date, times faster than overlay + Geod",
            faces.times_faster("ours", than="overlay"),
            at_least=3.0,
            detail=f"{median_ms(faces, 'ours')} against {median_ms(faces, 'overlay')}; "
            f"{len(geometry)} faces, coverage valid: {_is_coverage(geometry)}",
        ),
        ratio_of(
            "areas, times faster than Geod per geometry",
            areas.times_faster("ours", than="geod"),
            at_least=5.0,
            detail=f"{median_ms(areas, 'ours')} against {median_ms(areas, 'geod')}; "
            f"{vertices:,} vertices",
        ),
        ratio_of(
            "areas, largest relative difference from Geod on rings densified to 0.0002°",
            error,
            at_most=1e-9,
            detail=f"over {len(geometry)} faces",
        ),
        ratio_of(
            "one whole scenario (split, settle, layers, all tables, settlements), "
            "times faster than geopandas.overlay + Geod for the faces alone",
            whole.times_faster("scenario", than="overlay"),
            detail=median_ms(whole, "scenario"),
        ),
    ]


def _is_coverage(geometry: np.ndarray) -> bool:
    return bool(shapely.coverage_is_valid(geometry))
