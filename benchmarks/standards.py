"""Our layers and boxes against pygeoapi over GeoJSON and tipg over PostGIS, the same features."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks.competitors import BOUNDS, COLLECTION, pygeoapi_server, tipg_server
from benchmarks.load import CONNECTIONS, Target, generator, requests_per_second
from benchmarks.postgis import temporary_postgis
from benchmarks.servers import ask, our_server
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]

LAYER = "/api/layers/retained"
"""The largest layer: 23 features, 430 kB."""
BOXES = 4000
WIDE, HIGH = 1.5, 1.0
"""Degrees: what a reader sees who looks at one oblast."""


@dataclass(frozen=True)
class Server:
    """A server with its addresses: of the whole layer, and of what a box touches."""

    name: str
    port: int
    layer: str
    box: str

    def within(self, box: str) -> str:
        return self.box.format(box)


@dataclass(frozen=True)
class Case:
    """What is asked for, the paths of one turn, and how many times faster we must be."""

    name: str
    paths: Callable[[Server, int], tuple[str, ...]]
    at_least: float


_LAYER = Case("a layer, 434 kB", lambda server, turn: (server.layer,), 100)
_BOX = Case(
    "what a new box touches, 34 kB on average",
    lambda server, turn: tuple(map(server.within, draw_boxes(turn + 1, BOXES))),
    25,
)
_ACCEPTED = ("identity", "gzip")
"""GDAL, QGIS, browsers and clients in Python accept gzip; plain bytes are the harder case."""


def draw_boxes(seed: int, count: int) -> list[str]:
    """Draw boxes anywhere over the country, none twice."""
    dice = random.Random(seed)
    west, south, east, north = BOUNDS
    boxes = []
    for _ in range(count):
        x, y = dice.uniform(west, east - WIDE), dice.uniform(south, north - HIGH)
        boxes.append(f"{x:.6f},{y:.6f},{x + WIDE:.6f},{y + HIGH:.6f}")
    return boxes


@contextmanager
def _servers(layer: dict[str, Any], ours: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pygeoapi = stack.enter_context(pygeoapi_server(layer, scratch))
        tipg = stack.enter_context(tipg_server(layer, stack.enter_context(temporary_postgis())))
        items = f"/collections/{COLLECTION}/items?f=json&limit=1000"
        theirs = f"/collections/public.{COLLECTION}/items?f=geojson&limit=1000"
        yield [
            Server("ours", ours, LAYER, LAYER + "?bbox={}"),
            Server("pygeoapi (GeoJSON)", pygeoapi, items, items + "&bbox={}"),
            Server("tipg (PostGIS)", tipg, theirs, theirs + "&bbox={}"),
        ]


def _read(port: int, path: str) -> dict[str, Any]:
    status, _, body = ask(port, path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}: {body[:300]!r}")
    document: dict[str, Any] = json.loads(body)
    return document


def _check(servers: list[Server], boxes: list[str]) -> None:
    """Make sure that all answer the same: as many features, of the same shapes."""

    def areas(server: Server, path: str) -> np.ndarray:
        features = _read(server.port, path)["features"]
        read = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
        return np.sort([shape.area for shape in read])

    ours, *others = servers
    for path in [lambda s: s.layer, *(lambda s, box=box: s.within(box) for box in boxes)]:
        expected = areas(ours, path(ours))
        for other in others:
            found = areas(other, path(other))
            if len(found) != len(expected) or not np.allclose(found, expected, rtol=1e-6):
                raise RuntimeError(f"{other.name} answers {path(other)} otherwise than we do")


def run(*, rounds: int, seconds: int) -> list[Ratio]:
    """Ask all servers in turn for the layer, then for boxes that were never asked for before."""
    with our_server() as port:
        layer = _read(port, LAYER)
        with _servers(layer, port) as servers:
            _check(servers, draw_boxes(0, 20))
            measured = [
                (case, accepted, _measure(servers, case, accepted, rounds, seconds))
                for case in (_LAYER, _BOX)
                for accepted in _ACCEPTED
            ]
    return [ratio for case, accepted, rates in measured for ratio in _ratios(case, accepted, rates)]


Rates = dict[str, list[float]]


def _measure(servers: list[Server], case: Case, accepted: str, rounds: int, seconds: int) -> Rates:
    rates: Rates = {server.name: [] for server in servers}
    headers = (("Accept-Encoding", accepted),)
    for turn in range(rounds + 1):  # the first warms up and does not count
        for server in servers:
            first, *more = case.paths(server, turn)
            target = Target(server.port, first, headers, more=tuple(more))
            rate = requests_per_second(target, seconds=seconds)
            if turn:
                rates[server.name].append(rate)
    return rates


def _ratios(case: Case, accepted: str, rates: Rates) -> list[Ratio]:
    ours = rates["ours"]
    how = "" if accepted == "identity" else f", Accept-Encoding: {accepted}"
    return [
        ratio_of(
            f"requests per second, times as many as {name}: {case.name}{how}",
            statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True)),
            at_least=case.at_least,
            detail=f"{statistics.median(ours):,.0f} against {statistics.median(theirs):,.1f} "
            f"requests/s, one worker each, {CONNECTIONS} connections, {generator()}",
        )
        for name, theirs in rates.items()
        if name != "ours"
    ]
