"""Training runs one after the other in one process, each as if it were the first."""

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

import keras_tuner

from smearflow.engine.hypermodel import MobileNetHyperModel
from smearflow.engine.jobs import Bench, Finished, RunResult
from smearflow.engine.training_data import TrainingData
from smearflow.experiments.job import Job
from smearflow.model.callbacks import TensorBoardLog
from smearflow.model.fit import FitResult
from smearflow.model.quiet import keras
from smearflow.model.training import graph_key, restart

MODELS_KEPT = 4  # traced models, about 150 MB each


class Trainer:
    """Runs jobs; between them it keeps cells and traced models, but nothing that a run changed.

    Args:
        bench: what the jobs share.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._data = TrainingData(bench)
        self._models: OrderedDict[str, keras.Model] = OrderedDict()

    def run(self, job: Job) -> Finished:
        """Train; what came out is also kept as a file.

        Raises:
            SmearflowError: the cells or the backbone can't be used.
        """
        started = time.perf_counter()
        fitted = self._train(job)
        result = {name: value for name, value in vars(fitted).items() if name != "model"}
        return self._bench.keep(
            job, RunResult.model_validate(result), time.perf_counter() - started
        )

    def _train(self, job: Job) -> FitResult:
        hypermodel = MobileNetHyperModel(job, {}, self._data)
        hp = keras_tuner.HyperParameters()
        model = self._model(job, lambda: hypermodel.build(hp))
        fitted: list[FitResult] = []
        with suppress(keras_tuner.errors.FailedTrialError):  # that it diverged is a result
            hypermodel.fit(hp, model, callbacks=self._callbacks(job), keep=fitted.append)
        return fitted[0]

    def _callbacks(self, job: Job) -> list[keras.callbacks.Callback]:
        if not self._bench.logs:
            return []
        logs = self._bench.log_folder(job)
        shutil.rmtree(logs, ignore_errors=True)  # of a run that was interrupted
        return [TensorBoardLog(logs)]

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
