"""Sustained load: page, layers, statistics, tiles, locate and what-if, every answer checked.

Light requests come at a steady pace, first alone, then beside heavy ones, some of which are refused
because there are too many: what-ifs, estimates of uncertainty, and what is made for the first time
(maps, comparisons, ranges of readings, histories, files). The bound: nobody gets a wrong
answer, and the slowest hundredth of the light requests takes at most twice as long.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence

from benchmarks.servers import ask, our_server
from benchmarks.timing import Ratio, ratio_of
from benchmarks.traffic import Request, Tally, ask_until, percentile, run_client

__all__ = ["LIGHT", "known_answers", "run"]

LIGHT = (
    ("page", "/"),
    ("layers", "/api/layers"),
    ("layers", "/api/layers/buffer_zone"),
    ("layers", "/api/layers?plan=point21-cbs&date=2026-08-01"),
    ("statistics", "/api/statistics?by=category"),
    ("statistics", "/api/statistics?by=oblast&format=csv"),
    ("tiles", "/tiles/5/18/11.mvt"),
    ("tiles", "/tiles/7/76/44.mvt"),
    ("locate", "/api/locate?place=Kramatorsk"),
    ("locate", "/api/locate?lon=37.58&lat=48.72"),
    ("health", "/healthz"),
)
_WHAT_IF = {"shift": {"km": 10, "into": "ukraine"}, "geometry": "none"}
_CONNECTIONS = 8
_PAUSE_S = 0.04
_HEAVY_CONNECTIONS = 6
_REFUSED = 429


def known_answers(port: int, wanted: Sequence[tuple[str, str]] = LIGHT) -> list[Request]:
    """Ask everything once; what is answered now must be answered always."""
    requests = []
    for kind, path in wanted:
        status, _, body = ask(port, path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        requests.append(Request(kind, path, expected=body))
    return requests


def _heavy(port: int) -> list[Request]:
    body = json.dumps(_WHAT_IF).encode()
    draws = [f"/api/uncertainty?draws=2000&seed={seed}" for seed in range(1, 400)]
    what_if = Request("what-if", "/api/what-if", body, (200, _REFUSED))
    return [what_if, *(Request("uncertainty", path, b"", (200, _REFUSED)) for path in draws)]


def _first_answers() -> list[Request]:
    """Ask what nobody asked before: days, spans, comparisons, ranges, files."""
    days = [f"{year}-{month:02}-01" for year in (2025, 2026) for month in range(1, 9)]
    plans = ("point21-axios", "point21-cbs", "freeze-everywhere", "borders-1991")
    asked = []
    for plan in plans:
        for day, other in zip(days, [*days[1:], days[0]], strict=True):
            chosen = f"plan={plan}&date={day}"
            asked += [
                ("map", f"/api/map?{chosen}"),
                ("compare", f"/api/compare?a={plan}@{day}&b={plan}@{other}"),
                ("readings", f"/api/readings?{chosen}"),
                ("history", f"/api/history?plan={plan}&from=2024-08-01&to={day}"),
                ("download", f"/api/downloads/xlsx?{chosen}"),
                ("download", f"/api/downloads/fgb?{chosen}"),
                ("download", f"/api/downloads/gpkg?{chosen}"),
            ]
    return [Request(kind, path, b"", (200, _REFUSED)) for kind, path in asked]


def _latency(tally: Tally) -> list[float]:
    return [second for asked in tally.kinds.values() for second in asked.seconds]


async def _measure(port: int, seconds: float) -> tuple[Tally, Tally, Tally]:
    light = known_answers(port)

    def until(moment: float) -> float:
        return time.perf_counter() + moment

    async def calm(length: float) -> Tally:
        end = until(length)
        return await ask_until(
            port, light, lambda _: time.perf_counter() > end,
            connections=_CONNECTIONS, pause_s=_PAUSE_S,
        )  # fmt: skip

    await calm(1.0)
    alone = await calm(seconds)
    end = until(seconds + 4.0)
    heavy = _heavy(port)
    what_if, draws, first = heavy[:1], heavy[1:], _first_answers()
    busy = [
        asyncio.create_task(
            ask_until(
                port, kind, lambda _: time.perf_counter() > end,
                connections=_HEAVY_CONNECTIONS // 3, pause_s=0.2,
            )
        )
        for kind in (what_if, draws, first)
    ]  # fmt: skip
    await asyncio.sleep(3.0)  # the workers have started
    beside = await calm(seconds)
    worked = Tally()
    for part in await asyncio.gather(*busy):
        worked.kinds |= part.kinds
        worked.answered += part.answered
        worked.broken += part.broken
    return alone, beside, worked


def _count(tally: Tally) -> str:
    return ", ".join(f"{len(asked.seconds)} {kind}" for kind, asked in sorted(tally.kinds.items()))


def _describe(tally: Tally) -> str:
    return ", ".join(
        f"{kind} {1000 * percentile(asked.seconds, 0.5):.1f}/"
        f"{1000 * percentile(asked.seconds, 0.99):.1f}"
        for kind, asked in sorted(tally.kinds.items())
    )


def run(*, seconds: float) -> list[Ratio]:
    """Load a server of our own; tell faults, and light requests' p99 beside heavy work."""
    with our_server() as port:
        alone, beside, worked = run_client(_measure(port, seconds))
    faults = [*alone.wrong, *beside.wrong, *worked.wrong]
    broken = alone.broken + beside.broken + worked.broken
    before, after = _latency(alone), _latency(beside)
    p99, p99_beside = percentile(before, 0.99), percentile(after, 0.99)
    answered = alone.answered + beside.answered + worked.answered
    if faults:
        print("\n".join(faults[:10]))
    return [
        ratio_of(
            "sustained mix: wrong answers and broken connections",
            float(len(faults) + broken),
            at_most=0.0,
            detail=f"of {answered:,} answers; milliseconds p50/p99 alone: {_describe(alone)}",
        ),
        ratio_of(
            "light requests beside heavy ones: p99, times that without",
            p99_beside / p99,
            at_most=2.0,
            detail=f"p50 {1000 * percentile(before, 0.5):.1f} and p99 {1000 * p99:.1f} ms alone, "
            f"{1000 * percentile(after, 0.5):.1f} and {1000 * p99_beside:.1f} ms beside "
            f"{worked.answered} heavy requests ({_count(worked)}); "
            f"{len(before) / seconds:.0f} light requests/s",
        ),
    ]
