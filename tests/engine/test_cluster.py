"""A real Dask cluster of two worker processes, on loopback."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from smearflow.engine import cluster
from smearflow.engine.cluster import Cluster
from smearflow.engine.pool import Pool, open_pool
from smearflow.ground.errors import SmearflowError
from smearflow.params.machine import Engine
from tests.engine.test_trainer import RESULT, job, make_bench

JOBS = [job(seed=seed) for seed in range(1, 5)]


@pytest.fixture
def address() -> Iterator[str]:
    """Of a scheduler with two workers."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as running:
        yield running.scheduler_address


@pytest.mark.slow
def test_a_cluster_gives_the_same_results_though_a_worker_is_killed(
    hub_module: Path, tmp_path: Path, address: str
) -> None:
    benches = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        benches.append(make_bench(hub_module, tmp_path / name))
    with Pool(benches[0], 1) as pool:
        expected = {done.job.id: done.result for done in pool.run(JOBS)}
    with open_pool(benches[1], Engine(workers=1, scheduler=address)) as workers:
        assert isinstance(workers, Cluster)
        runs = workers.run(JOBS)
        found = [next(runs)]
        with Client(address, set_as_default=False) as client:
            os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
        found += runs
    assert {done.job.id: done.result for done in found} == expected


def test_finished_runs_are_kept_and_errors_come_through(
    hub_module: Path, tmp_path: Path, address: str
) -> None:
    bench = make_bench(hub_module, tmp_path)
    bench.keep(JOBS[0], RESULT, 7.0)
    with Cluster(bench, address) as workers:
        assert [done.result for done in workers.run(JOBS[:1])] == [RESULT]
        with pytest.raises(SmearflowError, match="fewer than"):
            list(workers.run([job(trainable=99)]))


def test_no_scheduler_is_said_in_a_line(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.2)
    bench = make_bench(hub_module, tmp_path)
    with (
        pytest.raises(SmearflowError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        Cluster(bench, "tcp://127.0.0.1:9"),
    ):
        pass
