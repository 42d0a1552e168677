"""Real worker processes: equal results, whoever computed them; no worker outlives its starter."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from smearflow.engine.jobs import Bench, Finished
from smearflow.engine.pool import Pool, worker_count
from smearflow.ground.errors import SmearflowError
from tests.engine.test_trainer import RESULT, job, make_bench
from tests.processes import children, workers_of_killed

JOBS = [job(), job(seed=2, learning_rate=1e-3), job(seed=3, optimizer="sgd")]


def run(bench: Bench, workers: int, runs_per_worker: int = 10) -> dict[str, Finished]:
    with Pool(bench, workers, runs_per_worker) as pool:
        return {done.job.id: done for done in pool.run(JOBS)}


def test_results_do_not_depend_on_the_workers(hub_module: Path, tmp_path: Path) -> None:
    results = []
    for number, (workers, runs_per_worker) in enumerate([(1, 10), (2, 1)]):
        (tmp_path / str(number)).mkdir()
        bench = make_bench(hub_module, tmp_path / str(number), logs=True)
        done = run(bench, workers, runs_per_worker)
        results.append({id: finished.result for id, finished in done.items()})
        assert all(finished.spent for finished in done.values())
        kept = [bench.finished(each) for each in JOBS]
        assert kept == [replace(done[each.id], earlier=True) for each in JOBS]
        assert all(list(bench.log_folder(each).iterdir()) for each in JOBS)
    assert results[0] == results[1]
    assert len({result.model_dump_json() for result in results[0].values()}) == len(JOBS)


def test_finished_runs_are_kept(hub_module: Path, tmp_path: Path) -> None:
    bench = make_bench(hub_module, tmp_path)
    for each in JOBS:
        bench.keep(each, RESULT.model_copy(update={"steps": each.seed}), 7.0)
    done = run(bench, 1)
    assert [finished.result.steps for finished in done.values()] == [job.seed for job in JOBS]
    assert {(finished.seconds, finished.spent) for finished in done.values()} == {(7.0, None)}


def test_a_job_that_fails_spares_its_worker_and_a_killed_worker_is_an_error(
    hub_module: Path, tmp_path: Path
) -> None:
    bench = make_bench(hub_module, tmp_path)
    with Pool(bench, 1) as pool:
        with pytest.raises(SmearflowError, match="fewer than") as caught:
            list(pool.run([job(trainable=99)]))
        assert caught.value.action == "lower it, or set trainable: all"
        assert "_trained_layers" in caught.value.__notes__[0]
        workers = children(os.getpid())
        runs = pool.run(JOBS)
        first = next(runs)
        assert children(os.getpid()) == workers
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(SmearflowError, match="worker process ended with status -9"):
            list(runs)
    assert bench.finished(first.job)


ORPHANING = """
import sys
from dataclasses import replace
from pathlib import Path
from smearflow.engine.jobs import Bench
from smearflow.engine.pool import Pool
from tests.engine.test_trainer import job

if __name__ == "__main__":
    root = Path(sys.argv[1])
    bench = Bench(root, Path(sys.argv[2]), (0.0, 1.0), 0.2, root / "work")
    with Pool(bench, 2) as pool:
        for done in pool.run([job(seed=seed, epochs=2) for seed in range(100)]):
            print("one", flush=True)
"""


def test_workers_end_with_the_process_that_started_them(hub_module: Path, tmp_path: Path) -> None:
    make_bench(hub_module, tmp_path)
    folders = (str(tmp_path), str(hub_module))
    assert workers_of_killed(tmp_path / "orphaning.py", ORPHANING, *folders) >= 2


@pytest.mark.parametrize("asked", [1, 3])
def test_the_number_of_workers_can_be_set(asked: int) -> None:
    assert worker_count(asked) == asked


def test_without_a_wish_there_is_a_worker_per_core_at_most() -> None:
    assert 1 <= worker_count(None) <= (os.cpu_count() or 1)
