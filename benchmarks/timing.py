"""Interleaved timing: competitors take turns, so that drift of the machine hits them alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

__all__ = ["Comparison", "Ratio", "compare", "median_ms", "ratio_of"]


@dataclass(frozen=True)
class Ratio:
    """One claim: what was compared, the ratio found, and the bound it must keep.

    ``at_least`` tells the direction: a speed-up must reach the target, a share of time must not
    exceed it.
    """

    claim: str
    value: float
    target: float | None
    at_least: bool
    detail: str

    @property
    def holds(self) -> bool | None:
        """Whether the target is kept; ``None`` for a figure without a target."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def to_dict(self) -> dict[str, object]:
        return asdict(self) | {"holds": self.holds}


@dataclass(frozen=True)
class Comparison:
    """Seconds of every competitor, round by round."""

    seconds: dict[str, list[float]]

    def median_s(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def times_faster(self, name: str, *, than: str) -> float:
        """Return how many times faster ``name`` is: the median of the rounds' own ratios."""
        pairs = zip(self.seconds[than], self.seconds[name], strict=True)
        return statistics.median(slow / fast for slow, fast in pairs)


def compare(
    competitors: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int = 2
) -> Comparison:
    """Time each competitor once per round, in turn, garbage collection out of the way."""
    for _ in range(warm_up):
        for run in competitors.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in competitors}
    for _ in range(rounds):
        for name, run in competitors.items():
            gc.collect()
            gc.disable()
            try:
                began = time.perf_counter()
                run()
                seconds[name].append(time.perf_counter() - began)
            finally:
                gc.enable()
    return Comparison(seconds)


def median_ms(comparison: Comparison, name: str) -> str:
    return f"{comparison.median_s(name) * 1000:.1f} ms"


def ratio_of(
    claim: str,
    value: float,
    *,
    detail: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Ratio:
    """Build a claim with one bound, or none."""
    target = at_least if at_least is not None else at_most
    return Ratio(claim, value, target, at_most is None, detail)
