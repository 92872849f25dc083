"""``python -m benchmarks.soak``: a million requests while workers are killed, every answer checked.

Two workers answer; one of them is killed (SIGKILL) again and again. A request whose connection
breaks is asked again; an answer that has come must be byte for byte the expected one. Memory of
each process is read every second. The exit code is 1 when an answer is wrong, or when the largest
process of the last third of the time is larger than that of the first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.servers import await_answer, children, environment, free_port, serve_command
from benchmarks.sustained import known_answers
from benchmarks.traffic import Tally, ask_until, run_client

_CONNECTIONS = 16
_MOST_GROWTH_MIB = 8.0
_ASKED = (
    ("layers", "/api/layers"),
    ("layers", "/api/layers/buffer_zone"),
    ("statistics", "/api/statistics?by=category"),
    ("statistics", "/api/statistics?by=oblast"),
    ("plans", "/api/plans"),
    ("tiles", "/tiles/5/18/11.mvt"),
    ("health", "/healthz"),
)


@dataclass
class Memory:
    """Resident memory of each process over time, MiB."""

    series: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    def note(self, pids: Sequence[int], now: float) -> None:
        for pid in pids:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            found = [line for line in status.splitlines() if line.startswith("VmRSS")]
            if found:
                self.series.setdefault(pid, []).append((now, int(found[0].split()[1]) / 1024))

    def peak(self, begin: float, end: float) -> float:
        """The largest memory of any process in a part of the time, from 0 to 1."""
        last = max(moment for series in self.series.values() for moment, _ in series)
        return max(
            mib
            for series in self.series.values()
            for moment, mib in series
            if begin * last <= moment <= end * last
        )


async def _disturb(pid: int, every_s: float, memory: Memory) -> int:
    """Kill a worker now and then, and read everybody's memory; return how many were killed."""
    chance, killed, began = random.Random(1), 0, time.monotonic()
    due = began + every_s
    try:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            workers = children(pid)
            memory.note([pid, *workers], now - began)
            if now >= due and workers:
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed, due = killed + 1, now + every_s
    except asyncio.CancelledError:
        return killed


async def _soak(port: int, pid: int, requests: int, every_s: float) -> tuple[Tally, Memory, int]:
    known = known_answers(port, _ASKED)
    memory = Memory()
    disturbing = asyncio.create_task(_disturb(pid, every_s, memory))
    tally = await ask_until(
        port, known, lambda tally: tally.answered >= requests, connections=_CONNECTIONS
    )
    disturbing.cancel()
    return tally, memory, await disturbing


def _report(tally: Tally, memory: Memory, killed: int, took_s: float) -> int:
    first, last = memory.peak(0.0, 1 / 3), memory.peak(2 / 3, 1.0)
    print(
        f"{tally.answered:,} answers in {took_s:.0f} s ({tally.answered / took_s:,.0f}/s), "
        f"{killed} workers killed, {tally.broken} requests asked again, "
        f"{len(tally.wrong)} wrong answers"
    )
    print(f"largest process: {first:.0f} MiB in the first third, {last:.0f} MiB in the last")
    for fault in tally.wrong[:10]:
        print(fault)
    flat = last - first <= _MOST_GROWTH_MIB
    return 0 if flat and not tally.wrong else 1


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between kills")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    port = free_port()
    command = [*serve_command(port), "--workers", str(options.workers)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment(POINT21_WARM_UP="false"), **quiet)
    try:
        await_answer(port, "/healthz", process)
        began = time.perf_counter()
        result = run_client(_soak(port, process.pid, options.requests, options.every))
        return _report(*result, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
