"""One draw of the line's displacement, against displacing it and overlaying everything again."""

from __future__ import annotations

import time

import geopandas
import numpy as np
import shapely

from benchmarks.geometry import geod_areas_km2
from benchmarks.timing import Ratio, compare, ratio_of
from geo import (
    GEOGRAPHIC_CRS,
    ContactLine,
    Control,
    Scenario,
    build_scenario,
    estimate_uncertainty,
    load_boundaries,
    load_contact_line,
    load_observations,
    load_plan,
    split_by_contact_line,
)
from geo.crs import to_geographic, to_metric
from geo.uncertainty.displacement import DisplacementModel, make_displacement_model
from geo.uncertainty.strips import cut_strips

__all__ = ["run"]

DRAWS = 1_000
BLOCK = 200


class Naive:
    """What one would write without this project.

    Move the vertices of the Russian-held area that lie on the line along its normal, repair,
    overlay with the oblasts, measure each piece.
    """

    def __init__(self, scenario: Scenario, model: DisplacementModel) -> None:
        partition = scenario.partition
        held = np.asarray(partition.held_by) == Control.RUSSIA
        self.area_m = to_metric(
            shapely.segmentize(shapely.union_all(partition.geometry[held]), 0.05)
        )
        xy = shapely.get_coordinates(self.area_m)
        points = shapely.points(xy)
        site = shapely.STRtree(shapely.points(model.sites_m)).nearest(points)
        line_m = to_metric(shapely.segmentize(partition.line.geometry, 0.05))
        shapely.prepare(line_m)
        self.on_line = np.asarray(shapely.dwithin(points, line_m, 5.0))
        self.site = site[self.on_line]
        outwards = normals_of(model)
        ahead = shapely.points(model.sites_m + 50.0 * outwards)
        outwards[shapely.contains(self.area_m, ahead)] *= -1.0
        self.step = 1000.0 * outwards[self.site]
        self.oblasts = scenario.boundaries.to_geodataframe()[["oblast", "geometry"]]

    def draw(self, displacement_km: np.ndarray) -> np.ndarray:
        """Return the areas of all faces."""

        def move(xy: np.ndarray) -> np.ndarray:
            xy = xy.copy()
            xy[self.on_line] += displacement_km[self.site, None] * self.step
            return xy

        moved = to_geographic(shapely.make_valid(shapely.transform(self.area_m, move)))
        held = {"held_by": ["russia"]}
        area = geopandas.GeoDataFrame(held, geometry=[moved], crs=GEOGRAPHIC_CRS)
        faces = geopandas.overlay(self.oblasts, area, how="identity", keep_geom_type=True)
        return geod_areas_km2(faces.geometry.to_numpy())


def normals_of(model: DisplacementModel) -> np.ndarray:
    """Return the unit normal of the line at each element's middle."""
    ends = np.array([shapely.get_coordinates(element)[[0, -1]] for element in model.elements_m])
    along = ends[:, 1] - ends[:, 0]
    return np.column_stack([along[:, 1], -along[:, 0]]) / np.hypot(*along.T)[:, None]


def _displaced(
    model: DisplacementModel, normal: np.ndarray, line: ContactLine, displacement_km: np.ndarray
) -> ContactLine:
    """Move the middles of the elements and join them piece by piece, ends where they were."""
    paths = []
    for part in np.unique(model.part):
        mine = np.flatnonzero(model.part == part)
        xy = model.sites_m[mine]
        if len(mine) < 3 or model.loop_km[mine[0]] > 0:
            continue
        moved = xy + 1000.0 * displacement_km[mine, None] * normal[mine]
        ends = [shapely.get_coordinates(model.elements_m[mine[at]])[at] for at in (0, -1)]
        paths.append(shapely.LineString(np.vstack([ends[0], moved, ends[1]])))
    geometry = to_geographic(shapely.MultiLineString(paths))
    return ContactLine(line.date, geometry, line.source, "displaced", line.provenance)


def run(*, rounds: int) -> list[Ratio]:
    """Compare draws for the default plan and date."""
    plan = load_plan("point21-axios")
    boundaries, line = load_boundaries(), load_contact_line(plan.line_date)
    scenario = build_scenario(boundaries, line, plan, load_observations())
    model = make_displacement_model(boundaries, line)
    strips = cut_strips(scenario.partition, model)
    generator = np.random.default_rng(1)
    naive, normal = Naive(scenario, model), normals_of(model)
    drawn = iter(model.draw(4 * (rounds + 8), generator))

    def overlay() -> np.ndarray:
        return naive.draw(next(drawn))

    def split_anew() -> np.ndarray:
        moved = _displaced(
            model, normal, line, 0.2 * next(drawn)
        )  # at full width the line folds over
        return split_by_contact_line(boundaries, moved, end_tolerance_km=20.0).area_km2

    def block() -> np.ndarray:
        return strips.growth_km2(model.draw(BLOCK, generator))

    took = compare({"overlay": overlay, "split": split_anew, "ours": block}, rounds=rounds)
    began = time.perf_counter()
    result = estimate_uncertainty(scenario, draws=DRAWS)
    seconds = time.perf_counter() - began
    per_draw_ms = 1000.0 * took.median_s("ours") / BLOCK
    slow_ms = 1000.0 * took.median_s("overlay")
    split_ms = 1000.0 * took.median_s("split")
    apart = max(
        abs(row["sd_km2"] - row["first_order_sd_km2"]) / row["first_order_error_km2"]
        for row in result.table.rows
        if row["first_order_sd_km2"] > 0.5
    )
    return [
        ratio_of(
            "one draw, times faster than displacing the area, geopandas.overlay and Geod",
            BLOCK * took.times_faster("ours", than="overlay"),
            at_least=6.0,
            detail=f"{per_draw_ms:.2f} ms against {slow_ms:.1f} ms",
        ),
        ratio_of(
            "one draw, times faster than displacing the line and splitting the country anew",
            BLOCK * took.times_faster("ours", than="split"),
            at_least=6.0,
            detail=f"{per_draw_ms:.2f} ms against {split_ms:.1f} ms",
        ),
        ratio_of(
            f"{DRAWS:,} draws with all that is prepared for them, times faster than overlay + Geod",
            DRAWS * took.median_s("overlay") / seconds,
            at_least=6.0,
            detail=f"{seconds:.1f} s in all, one process; {len(model):,} elements of line",
        ),
        ratio_of(
            f"{DRAWS:,} draws for one date, share of a minute",
            seconds / 60.0,
            at_most=0.5,
            detail=f"{seconds:.1f} s",
        ),
        ratio_of(
            "difference from the first-order estimate, share of the error stated for it, largest",
            apart,
            at_most=1.0,
            detail=f"over {len(result.table.rows)} figures",
        ),
    ]
