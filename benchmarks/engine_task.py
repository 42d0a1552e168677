"""One task of `benchmarks.engine`, in a process of its own; prints its figures as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

from smearflow.engine.features import Extractor
from smearflow.model.batches import evaluation_batches, padded_batches, training_batches
from smearflow.model.callbacks import EpochLines
from smearflow.model.curves import GUESSING
from smearflow.model.fit import fit
from smearflow.model.quiet import tf
from smearflow.model.training import new_model
from smearflow.model.weighting import Guessing
from smearflow.params.model import Configuration
from smearflow.sides.side import Side, load_side

EPOCHS = 4  # the first one traces, and is left out
INPUT_RANGE = (0.0, 1.0)


def main(packed: Path, module: Path, task: str) -> None:
    """Do the task on the packed side `train`."""
    side = load_side(packed, "train")
    if task == "features":
        seconds = time_features(side, module)
    else:
        tf.config.threading.set_intra_op_parallelism_threads(2 if "2" in task else 1)
        seconds = time_epoch(side, module)
    cells = len(side.targets)
    figures = {
        "cells": cells,
        "MB of pixels": side.pixels.nbytes / 1e6,
        "seconds an epoch": seconds,
        "images_per_second": cells / seconds,
        "MB of memory beside them": anonymous_memory() / 1e6,
    }
    print(json.dumps(figures))


def time_features(side: Side, module: Path) -> float:
    """Seconds for the features of all cells, once traced."""
    extract = Extractor(side.pixels.shape[1], module, INPUT_RANGE)
    _, batch = next(padded_batches(side.pixels))
    extract(batch, 0)
    started = time.perf_counter()
    for _, batch in padded_batches(side.pixels):
        extract(batch, 0)
    return time.perf_counter() - started


def time_epoch(side: Side, module: Path) -> float:
    """Seconds of a training epoch of the whole network, the median of all but the first."""
    told: list[float] = []
    configuration = Configuration(epochs=EPOCHS, early_stopping_patience=EPOCHS)
    model = new_model(side.pixels.shape[1], module, configuration, seed=1, input_range=INPUT_RANGE)
    validation = Side(side.pixels[:64], side.table[:64])
    fit(
        model,
        training_batches(side, configuration, 1),
        evaluation_batches(validation),
        configuration,
        guessing=Guessing(GUESSING, GUESSING),
        callbacks=[EpochLines(lambda _line, seconds, _loss: told.append(seconds))],
    )
    return statistics.median(told[1:])


def anonymous_memory() -> int:
    """Bytes of this process's memory that no file backs: mapped pixels do not count."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status tells no RssAnon")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
