"""The batch size: chosen once for speed, on the machine that trains, and then kept.

It is no hyperparameter: with the learning rate tuned for it, a batch size trains as well as another
(Shallue et al. 2019, JMLR 20:112), so it may as well be the fastest that costs no memory in vain.
"""

import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from smearflow.engine.jobs import Bench
from smearflow.model.batches import training_batches
from smearflow.model.callbacks import Logs
from smearflow.model.quiet import keras, tf
from smearflow.model.training import new_model
from smearflow.params.model import Configuration
from smearflow.processes import end_with_parent
from smearflow.sides.side import load_side

SIZES = (8, 16, 32, 64, 128, 248, 256, 512)  # powers of two, and the 248 of the published method
CELLS = 2048  # trained on per size, apart from the first steps
_FIRST_STEPS = 2  # tracing, and memory that is allocated once
_WORTH_IT = 1.05  # times as fast: the least that a larger batch must bring


@dataclass(frozen=True)
class Throughput:
    """What training with a batch size takes, in one worker.

    Attributes:
        images_per_second: from the median step.
        peak_bytes: the most memory that the whole process held.
    """

    batch_size: int
    images_per_second: float
    peak_bytes: int


def measure_batch_sizes(
    bench: Bench, configuration: Configuration, sizes: Sequence[int] = SIZES
) -> Iterator[Throughput]:
    """Train for a moment with each batch size, each in a process of its own; yields as they end."""
    for size in sizes:
        changed = configuration.model_copy(update={"batch_size": size, "epochs": 1})
        # spawn: a fork of a process in which TensorFlow's threads run can hang
        with ProcessPoolExecutor(1, get_context("spawn"), end_with_parent) as process:
            yield process.submit(_measure, bench, changed).result()


def knee(rows: Sequence[Throughput]) -> int:
    """The smallest batch size that no larger one beats by more than 5 %.

    Args:
        rows: at least one, in any order.
    """
    fastest = max(row.images_per_second for row in rows)
    return min(row.batch_size for row in rows if row.images_per_second * _WORTH_IT >= fastest)


class _Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        del batch
        float((logs or {})["loss"])  # waits for the step
        self.times.append(time.perf_counter())


def _measure(bench: Bench, configuration: Configuration) -> Throughput:
    tf.config.threading.set_intra_op_parallelism_threads(1)  # as in a worker of the pool
    side, size = load_side(bench.split, "train"), configuration.batch_size
    steps = _FIRST_STEPS + max(3, CELLS // size)
    some = side.take(np.arange(steps * size) % len(side.targets))
    model = new_model(
        some.pixels.shape[1], bench.backbone, configuration, seed=1, input_range=bench.input_range
    )
    clock = _Clock()
    batches = training_batches(some, configuration, 1)
    model.fit(batches, callbacks=[clock], shuffle=False, verbose=0)
    seconds = statistics.median(np.diff(clock.times[_FIRST_STEPS - 1 :]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
    return Throughput(size, size / seconds, peak)
