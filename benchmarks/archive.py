"""An archive of daily polygons, made here: like those published, and nobody's data.

The polygon is what lies beyond the project's own line of one day, with the border and the coast
drawn a little differently, as another data set would. Day by day a few stretches of the line move,
anywhere along it, near the borders of oblasts and of the country too; the rest of the coordinates
stays as it was, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import orjson
import shapely

from geo import (
    Boundaries,
    Control,
    load_boundaries,
    load_contact_line,
    split_by_contact_line,
)
from geo.geometry.topology import topology_of

__all__ = ["FIRST_DAY", "VERTICES", "make_areas", "write_archive"]

FIRST_DAY = date(2024, 8, 1)
VERTICES = 3000
SEED = 21
STRETCHES = 3  # that move on a day: three oblasts in ten change, as they do in published archives
HALF_WIDTH = 6  # vertices to each side of the middle of a stretch
STEP_DEG = 0.008  # standard deviation of a day's advance, about 700 m
FARTHEST_DEG = 0.04  # of a vertex from where it began
BORDER_NOISE_DEG = 0.01
NEAR_OUTLINE_DEG = 0.02
SMALLEST_DEG2 = 1e-3


def write_archive(folder: Path, days: int, *, seed: int = SEED) -> list[Path]:
    """Write one GeoJSON file a day, named as DeepState's mirror names them."""
    paths = []
    for number, area in enumerate(make_areas(days, seed=seed)):
        day = FIRST_DAY + timedelta(days=number)
        path = folder / f"deepstatemap_data_{day:%Y%m%d}.geojson"
        geometry = shapely.geometry.mapping(area)
        feature = {"type": "Feature", "properties": {"Name": "made"}, "geometry": geometry}
        path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [feature]}))
        paths.append(path)
    return paths


def make_areas(days: int, *, seed: int = SEED) -> Iterator[shapely.MultiPolygon]:
    """Yield a valid MultiPolygon for each day."""
    random = np.random.default_rng(seed)
    boundaries = load_boundaries()
    rings, inner = _first_rings(boundaries, random)
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    home = np.concatenate(rings)
    inner = np.concatenate(inner)
    place = home.copy()
    normal = np.concatenate([_normals(ring) for ring in rings])
    offset = np.zeros(len(home))
    for day in range(days):
        for _ in range(STRETCHES if day else 0):
            for _ in range(20):
                trial = _advance(offset, ring_of, inner, random)
                moved = home + trial[:, None] * normal
                area = _polygon(moved, ring_of)
                if area.is_valid:
                    offset, place = trial, moved
                    break
        yield _polygon(place, ring_of)


def _first_rings(
    boundaries: Boundaries, random: np.random.Generator
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return open rings of the first day, and which of their vertices lie on the line."""
    faces = split_by_contact_line(boundaries, load_contact_line(date(2025, 11, 21)))
    held = shapely.union_all(faces.geometry[faces.held_by == Control.RUSSIA])
    outline = shapely.union_all(topology_of(boundaries).outline)
    exteriors = [part.exterior for part in held.geoms if part.area > SMALLEST_DEG2]
    length = sum(ring.length for ring in exteriors)
    rings, inner = [], []
    for ring in exteriors:
        simple = shapely.simplify(ring, 0.004)
        fine = shapely.segmentize(simple, 1.1 * length / VERTICES)
        lonlat = shapely.get_coordinates(fine)[:-1].round(7)
        away = shapely.distance(outline, shapely.points(lonlat))
        noise = np.convolve(random.normal(0, 1, len(lonlat)), np.ones(15) / 15**0.5, "same")[
            : len(lonlat)
        ]
        near = away < NEAR_OUTLINE_DEG
        rings.append(_draw_otherwise(lonlat, near * noise))
        inner.append(~near)
    return rings, inner


def _draw_otherwise(lonlat: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Move the border a little, as far as the ring stays valid."""
    for amplitude_deg in BORDER_NOISE_DEG * 0.8 ** np.arange(20):
        drawn = lonlat + (noise * amplitude_deg)[:, None] * _normals(lonlat)
        if shapely.Polygon(drawn).is_valid:
            return drawn
    raise ValueError("the border cannot be drawn otherwise")


def _normals(ring: np.ndarray) -> np.ndarray:
    along = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    return np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]


def _advance(
    offset: np.ndarray,
    ring_of: np.ndarray,
    inner: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Move one stretch; its ends stay, and so does what lies on the border."""
    middle = int(random.choice(np.flatnonzero(inner)))
    reach = np.arange(middle - HALF_WIDTH, middle + HALF_WIDTH + 1) % len(offset)
    reach = reach[inner[reach] & (ring_of[reach] == ring_of[middle])]
    bump = np.cos(np.minimum(np.abs(reach - middle), HALF_WIDTH) / HALF_WIDTH * np.pi / 2) ** 2
    moved = offset.copy()
    moved[reach] += bump * random.normal(0.0, STEP_DEG)
    return np.clip(moved, -FARTHEST_DEG, FARTHEST_DEG)


def _polygon(lonlat: np.ndarray, ring_of: np.ndarray) -> shapely.MultiPolygon:
    rings = shapely.linearrings(lonlat.round(7), indices=ring_of)
    return shapely.MultiPolygon(list(shapely.polygons(rings)))
