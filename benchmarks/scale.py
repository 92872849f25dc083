"""What a second process, a Dask cluster and PostGIS bring on this machine: docs/scale.md.

``python -m benchmarks.scale`` prints the tables; with ``--write`` they go into the page. Everything
runs here, so that the figures tell what each way costs; what more machines bring is their number
times what a process brings, less that.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from distributed import Client, LocalCluster

import geo
from app.datasets.catalogue import Catalogue
from app.postgis.address import parse_address
from app.postgis.publishing import publish
from benchmarks.archive import write_archive
from benchmarks.postgis import Postgis, temporary_postgis
from benchmarks.report import machine
from benchmarks.servers import ask, our_server

__all__ = ["Row", "measure", "to_markdown"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
MARKERS = re.compile(r"(<!-- scale:begin -->\n).*(<!-- scale:end -->)", re.DOTALL)
PROCESSES = 2
TILE = "/tiles/6/38/22.mvt"
LAYER = "/api/layers/retained"
POINT = "ST_SetSRID(ST_Point(37.58, 48.72), 4326)"


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    days: int = 1_200
    draws: int = 20_000
    published: int = 26
    rounds: int = 15


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    group: str
    what: str
    figure: str


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(rounds)) * 1000.0


@contextmanager
def _cluster() -> Iterator[Any]:
    with (
        LocalCluster(
            n_workers=PROCESSES, threads_per_worker=1, dashboard_address=None, processes=True
        ) as cluster,
        Client(cluster) as client,
        client.get_executor(pure=False) as executor,
    ):
        yield executor


def measure(sizes: Sizes) -> list[Row]:
    """Measure everything; the results of the ways are held against each other."""
    plan = geo.load_plan("point21-axios")
    boundaries, observations = geo.load_boundaries(), geo.load_observations()
    line = geo.load_contact_line(plan.line_date)
    scenario = geo.build_scenario(boundaries, line, plan, observations)
    with tempfile.TemporaryDirectory() as folder, _cluster() as executor:
        write_archive(Path(folder), sizes.days)

        def count_days(amount: int, **how: Any) -> object:  # noqa: ANN401
            source = geo.open_source(folder, boundaries)  # nothing is known from the run before
            last = source.dates[amount - 1]
            found = geo.history(
                plan, source, boundaries=boundaries, by="category", last=last, **how
            )
            return list(found.rows)

        def draw(amount: int, **how: Any) -> object:  # noqa: ANN401
            found = geo.estimate_uncertainty(scenario, draws=amount, seed=0, **how)
            return found.table.rows

        rows = [
            *_ways(f"History of {sizes.days:,} days of areas", count_days, sizes.days, executor),
            *_ways(f"Uncertainty, {sizes.draws:,} draws", draw, sizes.draws, executor),
        ]
    return [*rows, *_postgis(sizes)]


def _ways(
    group: str,
    work: Callable[..., object],
    amount: int,
    executor: Any,  # noqa: ANN401
) -> list[Row]:
    ways: dict[str, dict[str, Any]] = {
        "one process": {"workers": 1},
        f"{PROCESSES} processes": {"workers": PROCESSES},
        f"Dask, {PROCESSES} workers on this machine": {"workers": PROCESSES, "executor": executor},
    }
    results = []
    rows = []
    for name, how in ways.items():
        work(2, **how)  # modules are loaded and borders prepared once, as everywhere
        began = time.perf_counter()
        results.append(work(amount, **how))
        rows.append(Row(group, name, f"{time.perf_counter() - began:.1f} s"))
    if any(result != results[0] for result in results):
        raise RuntimeError(f"{group}: the ways do not give the same")
    return rows


def _postgis(sizes: Sizes) -> list[Row]:
    group = "PostGIS"
    catalogue = Catalogue()
    days = catalogue.dataset.lines.dates[-sizes.published :]
    with temporary_postgis() as server, our_server() as ours:
        address = parse_address(server.url)
        first = _seconds(lambda: publish(address, [catalogue.select("point21-axios", days[-1])]))
        every = (catalogue.select("point21-axios", day) for day in days)
        all_days = _seconds(lambda: publish(address, every))
        rows = [
            Row(group, "publish one plan on one day, tables made", f"{first:.1f} s"),
            Row(group, f"publish one plan on {len(days)} days", f"{all_days:.1f} s"),
            Row(group, f"size of these {len(days)} days, indexes included", _size(server)),
        ]
        return rows + _reading(server, ours, str(days[-1]), sizes.rounds)


def _size(server: Postgis) -> str:
    query = (
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n "
        "ON n.oid = relnamespace WHERE nspname = 'point21' AND relkind = 'r'"
    )
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
    return f"{int(row[0]) / 2**20:.0f} MiB" if row else ""


def _reading(server: Postgis, ours: int, day: str, rounds: int) -> list[Row]:
    newest = f"FROM faces WHERE plan = 'point21-axios' AND date = '{day}'"
    envelope = "ST_TileEnvelope(6, 38, 22)"
    queries = {
        "one layer as GeoJSON": "SELECT json_agg(ST_AsGeoJSON(faces.*)::json)::text "
        f"{newest} AND category = 'retained'",
        "one vector tile": "SELECT ST_AsMVT(t, 'faces') FROM (SELECT category, area_km2, "
        f"ST_AsMVTGeom(ST_Transform(geom, 3857), {envelope}) AS geom {newest} "
        f"AND geom && ST_Transform({envelope}, 4326)) AS t",
        "one place on every day that is published": "SELECT date, category FROM faces "
        f"WHERE plan = 'point21-axios' AND ST_Covers(geom, {POINT}) ORDER BY date",
    }
    choice = f"plan=point21-axios&date={day}"
    paths = {"one layer as GeoJSON": f"{LAYER}?{choice}", "one vector tile": f"{TILE}?{choice}"}
    rows = []
    with psycopg.connect(server.url) as connection:
        connection.execute("SET search_path = point21, public")
        for what, query in queries.items():
            theirs = _median_ms(lambda q=query: connection.execute(q).fetchall(), rounds)  # type: ignore[misc]
            rows.append(Row("Reading", f"{what}: SQL in PostGIS", f"{theirs:.1f} ms"))
            if what in paths:
                mine = _median_ms(lambda p=paths[what]: ask(ours, p), rounds)  # type: ignore[misc]
                rows.append(Row("Reading", f"{what}: our server over HTTP", f"{mine:.1f} ms"))
    return rows


def to_markdown(rows: list[Row]) -> str:
    """Write the rows as one table, with what they were measured on."""
    lines = [f"Measured on {datetime.now(UTC):%Y-%m-%d}: {machine()}.", ""]
    lines += ["| what | how | figure |", "|---|---|--:|"]
    lines += [f"| {row.group} | {row.what} | {row.figure} |" for row in rows]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure, print, and on request write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little of everything")
    parser.add_argument("--write", action="store_true", help="write the table into docs/scale.md")
    options = parser.parse_args(arguments)
    quick = Sizes(days=8, draws=400, published=2, rounds=2)
    text = to_markdown(measure(quick if options.quick else Sizes()))
    sys.stdout.write(f"{text}\n")
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(MARKERS.sub(lambda m: f"{m[1]}\n{text}\n\n{m[2]}", page), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
