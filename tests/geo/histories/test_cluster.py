"""Histories and draws on a Dask cluster of two processes, one of them killed half-way."""

from __future__ import annotations

import os
import signal

import pytest
from typer.testing import CliRunner

import geo
from app.cli.main import app
from app.terminal.dask_cluster import ClusterError, work_on_cluster
from benchmarks.archive import write_archive
from geo.uncertainty.estimate import estimate_uncertainty

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # of a cluster that loses a worker on purpose
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory, boundaries) -> geo.FileSource:
    folder = tmp_path_factory.mktemp("archive")
    write_archive(folder, 18)
    return geo.open_source(folder, boundaries)


@pytest.fixture(scope="module")
def cluster():
    """Two processes, of which tests kill one; a new one then takes its place."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running


def figures(source, boundaries, **options):
    plan = geo.load_plan("point21-axios")
    return geo.history(plan, source, boundaries=boundaries, **options)


def test_the_command_line_on_the_cluster(archive, cluster):
    folder = str(next(iter(archive.files.values())).parent)
    arguments = ["history", "--source", folder, "--by", "category", "--csv"]
    here = CliRunner().invoke(app, arguments)
    there = CliRunner().invoke(app, [*arguments, "--dask", cluster.scheduler_address])
    assert there.exit_code == 0, there.output
    assert there.stdout_bytes == here.stdout_bytes


def test_the_command_line_says_that_nobody_answers(free_port, monkeypatch):
    monkeypatch.setattr("app.terminal.dask_cluster.TIMEOUT_S", 0.5)
    done = CliRunner().invoke(app, ["history", "--dask", f"tcp://127.0.0.1:{free_port}"])
    assert done.exit_code == 1
    assert "no Dask scheduler answers" in done.stderr


@pytest.mark.thorough
def test_our_own_lines_on_the_cluster(lines, boundaries, cluster):
    here = list(figures(lines, boundaries).rows)
    with work_on_cluster(cluster.scheduler_address) as (executor, count):
        there = figures(lines, boundaries, executor=executor, workers=count)
    assert list(there.rows) == here


def test_nobody_at_the_address(free_port):
    nobody = work_on_cluster(f"tcp://127.0.0.1:{free_port}", timeout_s=0.5)
    with pytest.raises(ClusterError, match="no Dask scheduler answers"), nobody:
        pass


def test_the_cluster_gives_the_same_also_when_a_worker_is_killed(archive, boundaries, cluster):
    here = list(figures(archive, boundaries).rows)
    cluster.wait_for_workers(2)
    victim = next(iter(cluster.workers.values())).pid
    killed = []

    def kill(done, total, day):
        if not killed and done >= total // 3:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    with work_on_cluster(cluster.scheduler_address) as (executor, count):
        assert count == 2
        there = figures(archive, boundaries, executor=executor, workers=count, progress=kill)
    assert killed == [victim]
    assert not there.failed
    assert list(there.rows) == here


def test_draws_are_the_same_when_a_worker_is_killed(scenarios, cluster):
    scenario = scenarios["point21-axios"]
    here = estimate_uncertainty(scenario, draws=800, seed=3)
    killed = []
    cluster.wait_for_workers(2)
    victim = next(iter(cluster.workers.values())).pid

    def kill_half_way(done: int, total: int) -> None:
        if not killed and 2 * done >= total:
            killed.append(done)
            os.kill(victim, signal.SIGKILL)

    with work_on_cluster(cluster.scheduler_address) as (executor, count):
        there = estimate_uncertainty(
            scenario, draws=800, seed=3, executor=executor, workers=count, progress=kill_half_way
        )
    assert killed
    assert there.table == here.table
    assert (there.draws_km2 == here.draws_km2).all()
