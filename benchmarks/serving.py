"""Requests per second against a bare ASGI app that returns the same bytes."""

from __future__ import annotations

import json
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import CONNECTIONS, Target, generator, requests_per_second
from benchmarks.servers import app_server, ask, our_server
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]


@dataclass(frozen=True)
class Case:
    """One answer to be asked for, and the share of the floor it must reach."""

    name: str
    path: str
    at_least: float
    headers: tuple[tuple[str, str], ...] = ()
    revalidate: bool = False


CASES = (
    Case("layer, GeoJSON at full precision", "/api/layers/retained", 0.6),
    Case("the same, brotli", "/api/layers/retained", 0.6, (("Accept-Encoding", "br"),)),
    Case("statistics by category, JSON", "/api/statistics?by=category", 0.8),
    Case("layer index, JSON", "/api/layers", 0.8),
    Case("layer, 304", "/api/layers/retained", 0.8, revalidate=True),
    Case("statistics, 304", "/api/statistics?by=category", 0.8, revalidate=True),
)


@dataclass(frozen=True)
class Prepared:
    """A case with the request for either server and the size of the answer."""

    case: Case
    ours: Target
    bare: Target
    body_bytes: int


def _record(case: Case, number: int, port: int, directory: Path) -> tuple[Target, int, str]:
    """Take the answer down for the bare app; return our request, its size, the bare path."""
    wanted = dict(case.headers)
    status, headers, body = ask(port, case.path, wanted)
    if case.revalidate:
        wanted["If-None-Match"] = headers["etag"]
        status, headers, body = ask(port, case.path, wanted)
    expected = 304 if case.revalidate else 200
    if status != expected:
        raise RuntimeError(f"{case.path} answered {status}, expected {expected}")
    kept = [(name, value) for name, value in headers.items() if name not in {"date", "server"}]
    bare_path = f"/{number}"
    described = {"path": bare_path, "status": status, "headers": kept}
    directory.joinpath(f"{number}.json").write_text(json.dumps(described), encoding="utf-8")
    directory.joinpath(f"{number}.bin").write_bytes(body)
    return Target(port, case.path, tuple(wanted.items()), status), len(body), bare_path


def run(*, rounds: int, seconds: int) -> list[Ratio]:
    """Ask both servers in turn, case by case."""
    with tempfile.TemporaryDirectory() as scratch, our_server() as port:
        recorded = [
            (case, *_record(case, number, port, Path(scratch))) for number, case in enumerate(CASES)
        ]
        with app_server("benchmarks.bare:app", Path(scratch)) as bare_port:
            prepared = [
                Prepared(case, ours, Target(bare_port, path, ours.headers, ours.status), size)
                for case, ours, size, path in recorded
            ]
            return [_measure(item, rounds, seconds) for item in prepared]


def _measure(item: Prepared, rounds: int, seconds: int) -> Ratio:
    for target in (item.ours, item.bare):
        requests_per_second(target, seconds=1)
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(requests_per_second(item.bare, seconds=seconds))
        ours.append(requests_per_second(item.ours, seconds=seconds))
    share = statistics.median(mine / floor for mine, floor in zip(ours, bare, strict=True))
    return ratio_of(
        f"requests per second, share of a bare ASGI app: {item.case.name}",
        share,
        at_least=item.case.at_least,
        detail=f"{statistics.median(ours):,.0f} of {statistics.median(bare):,.0f} requests/s, "
        f"{item.body_bytes / 1000:,.1f} kB, {CONNECTIONS} connections, {generator()}",
    )
