"""Training runs one after the other in one process, each as if it were the first."""

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import keras

from smearflow.engine.features import Features, cached_features
from smearflow.engine.jobs import Bench, Finished, RunResult
from smearflow.experiments.job import Job
from smearflow.ground.settings import fingerprint
from smearflow.model.batches import (
    SYMMETRIES,
    evaluation_batches,
    evaluation_features,
    training_batches,
    training_features,
)
from smearflow.model.fit import Run, fit
from smearflow.model.training import (
    graph_key,
    learns_from_features,
    new_head,
    new_model,
    restart,
)
from smearflow.sides.side import Side, load_side, patient_fraction

MODELS_KEPT = 4  # traced models, about 150 MB each


class Trainer:
    """Runs jobs; between them it keeps cells and traced models, but nothing that a run changed.

    Args:
        bench: what the jobs share.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._validation = load_side(bench.split, "validation")
        self._models: OrderedDict[str, keras.Model] = OrderedDict()
        self._cells = lru_cache(maxsize=1)(self._read_cells)

    def run(self, job: Job) -> Finished:
        """Train; what came out is also kept as a file.

        Raises:
            SmearflowError: the cells or the backbone can't be used.
        """
        started = time.perf_counter()
        logs = self._bench.log_folder(job) if self._bench.logs else None
        if logs:
            shutil.rmtree(logs, ignore_errors=True)  # of a run that was interrupted
        train = self._run_head if learns_from_features(job.configuration) else self._run_whole
        run = train(job, self._cells(job.train_fraction, job.salt), logs)
        result = {name: value for name, value in vars(run).items() if name != "model"}
        return self._bench.keep(
            job, RunResult.model_validate(result), time.perf_counter() - started
        )

    def _read_cells(self, fraction: float, salt: str) -> Side:
        side = load_side(self._bench.split, "train")
        return side if fraction == 1 else side.take(patient_fraction(side, fraction, salt))

    def _run_whole(self, job: Job, train: Side, logs: Path | None) -> Run:
        def new() -> keras.Model:
            return new_model(
                train.pixels.shape[1],
                self._bench.backbone,
                job.configuration,
                seed=job.seed,
                input_range=self._bench.input_range,
            )

        return fit(
            self._model(job, new),
            training_batches(train, job.configuration, job.seed),
            evaluation_batches(self._validation),
            job.configuration,
            log_dir=logs,
        )

    def _run_head(self, job: Job, train: Side, logs: Path | None) -> Run:
        """Train the head on the frozen backbone's features: the same, apart from rounding."""
        symmetries = range(SYMMETRIES if job.configuration.augment else 1)
        name = fingerprint([job.train_fraction, job.salt, len(symmetries)])[:12]
        features = self._features(f"train-{name}", train, symmetries)
        known = self._features("validation", self._validation, range(1))
        return fit(
            self._model(job, lambda: new_head(features.shape[2], job.configuration, seed=job.seed)),
            training_features(features, train.targets, job.configuration, job.seed),
            evaluation_features(known[0], self._validation.targets),
            job.configuration,
            log_dir=logs,
        )

    def _features(self, name: str, side: Side, symmetries: range) -> Features:
        return cached_features(
            self._bench.work / "features" / f"{name}.npy",
            side.pixels,
            self._bench.backbone,
            self._bench.input_range,
            symmetries,
        )

    def _model(self, job: Job, new: Callable[[], keras.Model]) -> keras.Model:
        """A model at its start: a new one, or one of an earlier run with the same graph."""
        key = graph_key(job.configuration)
        if key in self._models:
            self._models.move_to_end(key)
            restart(self._models[key], job.configuration, seed=job.seed)
        else:
            if len(self._models) == MODELS_KEPT:
                self._models.popitem(last=False)
            self._models[key] = new()
        return self._models[key]
