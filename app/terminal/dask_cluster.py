"""A Dask distributed cluster that does the work; needs the extra ``dask``."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Final

__all__ = ["TIMEOUT_S", "ClusterError", "work_on_cluster"]

TIMEOUT_S: Final = 10.0
"""How long to wait for a scheduler to answer."""


class ClusterError(ConnectionError):
    """There is no cluster at the address, or the package for it is not installed."""


@contextmanager
def work_on_cluster(
    address: str, *, timeout_s: float | None = None
) -> Iterator[tuple[Executor, int]]:
    """Connect to the scheduler of a cluster.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    timeout_s
        How long to wait for it; :data:`TIMEOUT_S` by default.

    Yields
    ------
    executor : concurrent.futures.Executor
        Gives work to the cluster; what a worker had that died goes to another.
    workers : int
        How many tasks the cluster works on at a time, at least 1.

    Raises
    ------
    ClusterError
        The package ``distributed`` is not installed, or nobody answers at the address.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            "a cluster needs the package distributed: pip install 'point21[dask]', here and on "
            "the workers."
        ) from error
    try:
        client = Client(address, timeout=timeout_s or TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address!r} ({error}). Expected its address, such as "
            "tcp://127.0.0.1:8786; start one with `dask scheduler`, workers with `dask worker`."
        ) from error
    with client, client.get_executor(pure=False) as executor:
        yield executor, max(1, sum(client.nthreads().values()))
