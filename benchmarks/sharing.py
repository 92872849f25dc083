"""What workers share: answers made before, asked for again when all workers were replaced."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.servers import ROOT, ask, await_answer, environment, free_port, serve_command
from benchmarks.soak import children
from benchmarks.timing import Ratio, ratio_of

__all__ = ["run"]

DAYS = ("2025-01-01", "2025-03-01", "2025-05-01", "2025-07-01", "2025-09-01")
ASKED = (
    *(f"/api/map?date={day}" for day in DAYS),
    *(f"/api/compare?a=point21-axios@{day}&b=point21-cbs@{day}" for day in DAYS),
    *(f"/api/history?plan=point21-axios&from=2024-08-01&to={day}" for day in DAYS),
)
_WORKERS = 2
_PATIENCE_S = 60


@contextmanager
def _supervised(shared: bool) -> Iterator[tuple[int, int]]:
    """Run a server with workers that make nothing before it is asked; yield port and process."""
    port = free_port()
    settings = {"POINT21_WARM_UP": "false"} | ({} if shared else {"POINT21_SHARED_BYTES": "0"})
    command = [*serve_command(port), "--workers", str(_WORKERS)]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(**settings), stderr=subprocess.DEVNULL
    ) as process:
        try:
            await_answer(port, "/healthz", process)
            yield port, process.pid
        finally:
            process.terminate()


def _replace_workers(pid: int) -> None:
    former = children(pid)
    for worker in former:
        os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + _PATIENCE_S
    while len(set(children(pid)) - set(former)) < _WORKERS:
        if time.monotonic() > until:
            raise RuntimeError(f"the workers were not replaced within {_PATIENCE_S} s")
        time.sleep(0.05)


def _time(port: int, path: str) -> float:
    began = time.perf_counter()
    status, _, _ = ask(port, path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    return time.perf_counter() - began


def _again(*, shared: bool) -> list[float]:
    """Seconds that each answer takes from workers that have not made it."""
    with _supervised(shared) as (port, pid):
        for path in ASKED:
            _time(port, path)
        _replace_workers(pid)
        ask(port, "/healthz")
        return [_time(port, path) for path in ASKED]


def run() -> list[Ratio]:
    """Compare workers that share answers with workers that make their own."""
    with_folder, without = _again(shared=True), _again(shared=False)
    return [
        ratio_of(
            "answers made before all workers were replaced: times faster than without sharing",
            sum(without) / sum(with_folder),
            detail=f"{len(ASKED)} maps, comparisons and histories in {sum(with_folder):.2f} s "
            f"against {sum(without):.2f} s; median {1000 * statistics.median(with_folder):.0f} ms "
            f"against {1000 * statistics.median(without):.0f} ms",
        )
    ]
