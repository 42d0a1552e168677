"""Worker processes that run jobs, so that imports and tracing are paid for once, not per run.

Every worker computes with one thread: a result depends neither on how many workers there are nor on
the number of cores. A worker is replaced after some runs, because memory of what it traced is never
wholly given back; and it ends when the process that started it ends, however that ends.
"""

import os
import signal
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Self

from smearflow.engine.jobs import Bench, Finished
from smearflow.engine.trainer import Trainer
from smearflow.experiments.job import Job
from smearflow.ground.errors import SmearflowError
from smearflow.model.quiet import tf
from smearflow.model.training import graph_key
from smearflow.params.machine import Engine
from smearflow.processes import end_with_parent

if TYPE_CHECKING:
    from smearflow.engine.cluster import Cluster

RUNS_PER_WORKER = 40
MEMORY_PER_WORKER = 2 * 10**9  # bytes
_SPAWN = get_context("spawn")  # a fork of a process in which TensorFlow's threads run can hang


def worker_count(asked: int | None) -> int:
    """As many workers as asked for, or one per core as far as memory allows."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return asked or max(1, min(os.cpu_count() or 1, memory // MEMORY_PER_WORKER))


def open_pool(bench: Bench, settings: Engine) -> "Pool | Cluster":
    """Workers on this machine or, where a scheduler is named, those of a Dask cluster."""
    if settings.scheduler:
        from smearflow.engine.cluster import Cluster  # here: Dask takes a second to import

        return Cluster(bench, settings.scheduler)
    return Pool(bench, worker_count(settings.workers))


class Pool:
    """Workers, started as they are needed and ended when the block ends.

    Args:
        bench: what all jobs share.
        workers: how many there are at most.
        runs_per_worker: after so many a worker is replaced.
    """

    def __init__(self, bench: Bench, workers: int, runs_per_worker: int = RUNS_PER_WORKER) -> None:
        self._bench = bench
        self._most = workers
        self._runs_per_worker = runs_per_worker
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers, whatever they do."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def run(self, jobs: Sequence[Job]) -> Iterator[Finished]:
        """Run each different job once; those that have a result already are not run again.

        Yields:
            Jobs as they finish: first those finished earlier, then in no particular order.

        Raises:
            SmearflowError: a worker ended before its job did.
            Exception: whatever a job raised.
        """
        earlier, waiting = self._bench.sort_out(jobs)
        yield from earlier
        busy: list[_Worker] = []
        while waiting or busy:
            while waiting and len(busy) < self._most:
                worker = next((each for each in self._workers if each not in busy), None)
                worker = worker or self._start()
                worker.begin(waiting.pop(self._choose(worker, waiting)))
                busy.append(worker)
            ready = wait([worker.pipe for worker in busy])
            for worker in [each for each in busy if each.pipe in ready]:
                busy.remove(worker)
                yield worker.finish()
                if worker.runs >= self._runs_per_worker:
                    worker.end()
                    self._workers.remove(worker)

    def _start(self) -> "_Worker":
        self._workers.append(_Worker(self._bench))
        return self._workers[-1]

    def _choose(self, worker: "_Worker", waiting: Sequence[Job]) -> int:
        """Which job: one whose graph this worker traced before, else one that no other traced."""
        others = {graph for each in self._workers if each is not worker for graph in each.graphs}
        graphs = [graph_key(job.configuration) for job in waiting]
        costs = [0 if graph in worker.graphs else 1 + (graph in others) for graph in graphs]
        return costs.index(min(costs))


class _Worker:
    """One process, and the job it works on."""

    def __init__(self, bench: Bench) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve, args=(theirs, bench), daemon=True)
        self._process.start()
        theirs.close()  # so that reading ends when the process does
        self.runs = 0
        self.graphs: set[str] = set()

    def begin(self, job: Job) -> None:
        self.graphs.add(graph_key(job.configuration))
        try:
            self.pipe.send(job)
        except ConnectionError:
            raise self._gone() from None

    def finish(self) -> Finished:
        try:
            answer: Finished | Exception = self.pipe.recv()
        except (EOFError, ConnectionError):
            raise self._gone() from None
        if isinstance(answer, Exception):
            raise answer
        self.runs += 1
        return answer

    def _gone(self) -> SmearflowError:
        self._process.join()
        return SmearflowError(
            f"a worker process ended with status {self._process.exitcode}",
            "if memory ran out, lower engine.workers; finished runs are kept, so run it again",
        )

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Connection, bench: Bench) -> None:
    """What a worker does: jobs, until it is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the pool ends us
    end_with_parent()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    trainer: Trainer | None = None
    while True:
        job: Job = pipe.recv()
        answer: Finished | Exception
        try:
            trainer = trainer or Trainer(bench)
            answer = trainer.run(job)
        except Exception as error:
            error.add_note(traceback.format_exc())  # a traceback does not survive the way
            answer = error
        pipe.send(answer)
