"""Jobs on a Dask cluster: the same results as from worker processes of this machine.

Every worker of the cluster must see the project's folder under the same path and have the same
packages; as here, it computes with one thread, so its results are the same too.
"""

import threading
from asyncio import CancelledError
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Self

from distributed import Client, KilledWorker, as_completed

from smearflow.engine.jobs import Bench, Finished
from smearflow.engine.trainer import Trainer
from smearflow.experiments.job import Job
from smearflow.ground.errors import SmearflowError
from smearflow.model.quiet import tf

PATIENCE = 30  # seconds for the scheduler to answer

_ONE_AT_A_TIME = threading.Lock()  # a Trainer is for one thread


class Cluster:
    """The workers of a Dask scheduler, in the place of a `Pool`.

    Args:
        bench: what all jobs share.
        address: of the scheduler, as `tcp://host:8786`.
    """

    def __init__(self, bench: Bench, address: str) -> None:
        self._bench = bench
        self._address = address

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            SmearflowError: no scheduler answers there.
        """
        try:
            self._client = Client(self._address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise SmearflowError(
                f"no Dask scheduler answers at {self._address}",
                "start one with its workers, or set engine.scheduler to null",
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster to others."""
        self._client.close()

    def run(self, jobs: Sequence[Job]) -> Iterator[Finished]:
        """Run each different job once; those that have a result already are not run again.

        A job whose worker dies is run by another one.

        Yields:
            Jobs as they finish: first those finished earlier, then in no particular order.

        Raises:
            SmearflowError: the scheduler vanished, or one job ended several workers.
            Exception: whatever a job raised.
        """
        earlier, waiting = self._bench.sort_out(jobs)
        yield from earlier
        futures = [self._client.submit(_run, self._bench, job, pure=False) for job in waiting]
        try:
            for future in as_completed(futures, loop=self._client.loop):
                yield future.result()
        except KilledWorker as error:
            raise SmearflowError(
                f"a run ended every worker of {self._address} that tried it: {error.task}",
                "read the workers' logs; finished runs are kept, so run it again",
            ) from error
        except CancelledError as error:
            raise SmearflowError(
                f"the Dask scheduler at {self._address} is gone",
                "start it again; finished runs are kept, so run it again",
            ) from error
        finally:
            self._client.cancel(futures)


def _run(bench: Bench, job: Job) -> Finished:
    """What a worker does; what was kept before its worker died is not made again."""
    with _ONE_AT_A_TIME:
        return bench.finished(job) or _trainer(bench).run(job)


@lru_cache(maxsize=1)
def _trainer(bench: Bench) -> Trainer:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return Trainer(bench)
