"""Metrics for Prometheus; needs the extra ``metrics``, imported only if they are enabled."""

from importlib.util import find_spec
from typing import Final

from starlette.types import Scope

__all__ = ["Metrics", "MetricsError", "check_metrics"]

_BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
_OTHER: Final = "other"
_FAILED: Final = 500


class MetricsError(RuntimeError):
    """Metrics are wanted, but the package for them is not installed."""


def check_metrics() -> None:
    """See whether metrics can be had.

    Raises
    ------
    MetricsError
        The package is missing; the message says which.
    """
    if find_spec("prometheus_client") is None:
        raise MetricsError(
            "POINT21_METRICS needs the package prometheus-client: pip install 'point21[metrics]'."
        )


class Metrics:
    """Counts requests by the first two parts of their path, method and status.

    Parameters
    ----------
    paths
        Of the routes; whatever else is asked for is counted as ``other``, so that strangers
        cannot make up labels.
    data_version
        Told as ``point21_data_info``.
    shared
        Directory in which several workers count together; ``None`` for one process.
    """

    def __init__(self, paths: list[str], *, data_version: str, shared: str | None = None) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._shared = shared
        self._registry = CollectorRegistry()
        self._groups = {_group(path) for path in paths}
        kept = self._registry
        self._requests = Counter(
            "point21_requests", "Requests answered.", ["path", "method", "status"], registry=kept
        )
        self._seconds = Histogram(
            "point21_request_seconds",
            "From the request to the end of the answer.",
            ["path"],
            buckets=_BUCKETS,
            registry=kept,
        )
        self._going_on = Gauge(
            "point21_requests_in_progress",
            "Requests being answered.",
            registry=kept,
            multiprocess_mode="livesum",
        )
        data = Gauge(
            "point21_data_info",
            "1 for the data version being served.",
            ["data_version"],
            registry=kept,
            multiprocess_mode="livemax",
        )
        data.labels(data_version).set(1)
        if shared is None:
            from prometheus_client import ProcessCollector

            ProcessCollector(registry=kept)

    def begin(self) -> None:
        """Note that a request has come."""
        self._going_on.inc()

    def end(self, scope: Scope, status: int, seconds: float) -> None:
        """Note how it was answered; a status of 0 means that it was not."""
        self._going_on.dec()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        group = _group(path)
        if group not in self._groups:
            group = _OTHER
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else _OTHER
        self._requests.labels(group, method, str(status or _FAILED)).inc()
        self._seconds.labels(group).observe(seconds)

    def write(self) -> tuple[bytes, str]:
        """Write everything counted, of all workers; return the bytes and their media type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        registry = self._registry
        if self._shared is not None:
            from prometheus_client.multiprocess import MultiProcessCollector

            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=self._shared)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST


def _group(path: str) -> str:
    return "/".join(path.split("/")[:3])
