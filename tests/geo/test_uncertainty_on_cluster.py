"""Draws on a Dask cluster: the same figures, also when a worker dies half-way."""

import os
import signal

import pytest

from geo.uncertainty import estimate_uncertainty

distributed = pytest.importorskip("distributed")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the cluster's own
def test_same_figures_when_a_worker_is_killed(scenarios):
    from app.cluster import work_on_cluster

    scenario = scenarios["point21-axios"]
    here = estimate_uncertainty(scenario, draws=2_000, seed=3)
    killed = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        process_id = next(iter(cluster.workers.values())).pid

        def kill_half_way(done: int, total: int) -> None:
            if not killed and 2 * done >= total:
                killed.append(done)
                os.kill(process_id, signal.SIGKILL)

        with work_on_cluster(cluster.scheduler_address) as (executor, workers):
            there = estimate_uncertainty(
                scenario,
                draws=2_000,
                seed=3,
                executor=executor,
                workers=workers,
                progress=kill_half_way,
            )
    assert killed
    assert there.table == here.table
    assert (there.draws_km2 == here.draws_km2).all()
