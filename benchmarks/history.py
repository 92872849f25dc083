"""A history of 750 daily polygons, against geopandas.overlay, and against its own floor."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import orjson
import shapely

from benchmarks.archive import write_archive
from benchmarks.geometry import geod_areas_km2
from benchmarks.timing import Ratio, ratio_of
from geo import FileSource, each_day, load_boundaries, open_source
from geo.formats.features import Faults
from geo.formats.geojson import parse_geojson
from geo.histories.day_areas import AreaDivider, FailedDay

__all__ = ["run"]

DAYS = 750
DAYS_OVERLAY = 12  # the competitor is slow: every 62nd day, counted by the day
DAYS_FLOOR = 75
TIMES = "times faster than geopandas.overlay + pyproj.Geod"

PEAK = r"""
import re, sys
from pathlib import Path
from geo import each_day, load_boundaries, open_source
source = open_source(sys.argv[1], load_boundaries())
last = source.dates[int(sys.argv[2]) - 1]
days = sum(1 for _ in each_day(source, source.boundaries, last=last))
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
print(days, int(peak[1]) / 1024)
"""


def run(*, rounds: int) -> list[Ratio]:
    """Make the archive and measure it; competitors take turns within each round."""
    with tempfile.TemporaryDirectory(prefix="point21-archive-") as folder:
        write_archive(Path(folder), DAYS)
        source = open_source(folder, load_boundaries())
        return [*_speed(source, rounds), *_memory(folder)]


def _speed(source: FileSource, rounds: int) -> list[Ratio]:
    days = source.dates
    overlay = Overlay(source)
    floor = Floor(source)
    ways: dict[str, tuple[int, Callable[[], object]]] = {
        "overlay": (DAYS_OVERLAY, lambda: [overlay(day) for day in days[:: DAYS // DAYS_OVERLAY]]),
        "floor": (DAYS_FLOOR, lambda: [floor(day) for day in days[:: DAYS // DAYS_FLOOR]]),
        "ours": (DAYS, lambda: _history(source, 1)),
        "two": (DAYS, lambda: _history(source, 2)),
    }
    ms: dict[str, list[float]] = {name: [] for name in [*ways, "one"]}
    for warm_up in (overlay, floor, AreaDivider(source, source.boundaries).divide):
        warm_up(days[0])  # borders are prepared once, as everywhere; no day is kept
    for _ in range(rounds):
        for name, (count, measure) in ways.items():
            began, began_cpu = time.perf_counter(), time.process_time()
            measure()
            wall, cpu = time.perf_counter() - began, time.process_time() - began_cpu
            ms[name].append((wall if name == "two" else cpu) / count * 1000.0)
            if name == "ours":
                ms["one"].append(wall / count * 1000.0)

    def ratio(slow: str, fast: str) -> float:
        pairs = zip(ms[slow], ms[fast], strict=True)
        return float(np.median([one / other for one, other in pairs]))

    def typical(name: str) -> str:
        return f"{np.median(ms[name]):.2f} ms"

    return [
        ratio_of(
            f"statistics of a day in an archive of {DAYS}, one process, {TIMES}",
            ratio("overlay", "ours"),
            at_least=12.0,
            detail=f"{typical('ours')} against {typical('overlay')} a day of processor "
            f"time, files read by either; the competitor on {DAYS_OVERLAY} days only",
        ),
        ratio_of(
            "the same, as a multiple of the floor (parse + one intersection)",
            ratio("ours", "floor"),
            at_most=2.5,
            detail=f"floor {typical('floor')} a day, on {DAYS_FLOOR} days",
        ),
        ratio_of(
            "two processes, times faster than one, start of the second included",
            ratio("one", "two"),
            at_least=1.7,
            detail=f"{typical('two')} against {typical('one')} a day by the clock",
        ),
    ]


class Overlay:
    """What one would write without this project; the oblasts are loaded beforehand."""

    def __init__(self, source: FileSource) -> None:
        self.files = source.files
        self.oblasts = source.boundaries.to_geodataframe()[["oblast", "geometry"]]

    def __call__(self, day: date) -> np.ndarray:
        held = geopandas.read_file(self.files[day])[["geometry"]].to_crs(self.oblasts.crs)
        held["held_by"] = "russia"
        faces = geopandas.overlay(self.oblasts, held, how="identity", keep_geom_type=True)
        return geod_areas_km2(faces.geometry.to_numpy())


class Floor:
    """The least anyone can do: parse the file, intersect with one oblast (Donetsk)."""

    def __init__(self, source: FileSource) -> None:
        boundaries = source.boundaries
        self.files = source.files
        self.oblast = boundaries.geometry[boundaries.index("UA-14")]

    def __call__(self, day: date) -> shapely.Geometry:
        path = self.files[day]
        document = orjson.loads(path.read_bytes())
        layer = parse_geojson(document, name=path.stem, faults=Faults(path.name))
        return shapely.intersection(self.oblast, layer.geometry[0])


def _history(source: FileSource, workers: int) -> int:
    """Measure every day; nothing is kept from one call to the next but the oblasts' topology."""
    found = list(each_day(source, source.boundaries, workers=workers))
    if len(found) != DAYS or any(isinstance(day, FailedDay) for day in found):
        raise RuntimeError("a day of the archive could not be measured")
    return len(found)


def _memory(folder: str) -> list[Ratio]:
    peaks = {}
    for days in (DAYS // 10, DAYS):
        done = subprocess.run(
            [sys.executable, "-c", PEAK, folder, str(days)],
            capture_output=True, text=True, check=True, timeout=600,
        )  # fmt: skip
        peaks[days] = float(done.stdout.split()[1])
    return [
        ratio_of(
            "peak resident memory of a process, MiB",
            peaks[DAYS],
            at_most=200.0,
            detail=f"{peaks[DAYS // 10]:.0f} MiB for {DAYS // 10} days, {peaks[DAYS]:.0f} for "
            f"{DAYS}",
        )
    ]
