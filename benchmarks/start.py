"""From process start to the first answer, against importing the framework alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.servers import ROOT, await_answer, environment, free_port, serve_command
from benchmarks.timing import Ratio, compare, ratio_of

__all__ = ["run"]

FIRST_QUESTIONS = {
    "the index of layers": "/api/layers",
    "the statistics": "/api/statistics?by=category",
    "a liveness probe": "/healthz",
}


def import_framework() -> None:
    """Start an interpreter, import FastAPI and uvicorn, end."""
    subprocess.run(
        [sys.executable, "-c", "import fastapi, uvicorn"], cwd=ROOT, env=environment(), check=True
    )


def start_and_ask(path: str) -> float:
    """Start ``point21 serve``, wait for the first answer, stop; return the seconds it took."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        serve_command(port),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return await_answer(port, path, process) - began
    finally:
        process.terminate()
        process.wait(timeout=20)


def run(*, rounds: int) -> list[Ratio]:
    """Interleave the import with a start for each first question."""
    imported: list[float] = []
    started: dict[str, list[float]] = {name: [] for name in FIRST_QUESTIONS}
    for turn in range(rounds + 1):
        took = compare({"import": import_framework}, rounds=1, warm_up=0).median_s("import")
        answers = {name: start_and_ask(path) for name, path in FIRST_QUESTIONS.items()}
        if turn == 0:
            continue  # the first turn warms the file cache and the bytecode
        imported.append(took)
        for name, seconds in answers.items():
            started[name].append(seconds)
    return [
        ratio_of(
            f"cold start until {name} is answered, times `import fastapi, uvicorn`",
            statistics.median(a / b for a, b in zip(seconds, imported, strict=True)),
            at_most=3.0,
            detail=f"{statistics.median(seconds) * 1000:.0f} ms against "
            f"{statistics.median(imported) * 1000:.0f} ms",
        )
        for name, seconds in started.items()
    ]
