"""Training runs as Keras Tuner sees them: what its tuners search, and what workers train."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import keras_tuner

from smearflow.engine.declaration import Declaration
from smearflow.engine.training_data import TrainingData
from smearflow.experiments.job import Job
from smearflow.model.fit import FitResult, fit
from smearflow.model.quiet import keras
from smearflow.model.training import learns_from_features, new_head, new_model
from smearflow.records.search.dimensions import Dimension


class MobileNetHyperModel(keras_tuner.HyperModel):
    """Builds the networks of a space and trains them.

    A single run is a hypermodel with nothing to search: workers train each of theirs as one.

    Args:
        base: the run of a trial, apart from the fields of its configuration that are searched.
        parameters: those fields, and their values.
        data: the cells.
    """

    def __init__(self, base: Job, parameters: Mapping[str, Dimension], data: TrainingData) -> None:
        super().__init__()
        self._base = base
        self._declaration = Declaration(base.configuration, parameters)
        self._data = data

    def job(self, hp: keras_tuner.HyperParameters) -> Job:
        """The run that `hp` proposes; what it does not know yet is declared."""
        return replace(self._base, configuration=self._declaration.configuration(hp))

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """A new compiled network: the whole, or its head where the run learns from features.

        Raises:
            SmearflowError: the cells or the backbone can't be used.
        """
        job = self.job(hp)
        if learns_from_features(job.configuration):
            width = self._data.features(job).shape[2]
            return new_head(width, job.configuration, seed=job.seed)
        return new_model(
            self._data.cells(job).pixels.shape[1],
            self._data.bench.backbone,
            job.configuration,
            seed=job.seed,
            input_range=self._data.bench.input_range,
        )

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        keep: Callable[[FitResult], None] | None = None,
    ) -> dict[str, float | None]:
        """Train a network of `build`.

        Args:
            callbacks: of Keras Tuner, or of a worker.
            keep: gets all that came out, also of a run that diverged.

        Returns:
            val_loss and val_accuracy of the best epoch, the weights of which the model has then.

        Raises:
            keras_tuner.errors.FailedTrialError: it diverged.
        """
        job = self.job(hp)
        batches, validation = self._data.batches(job)
        run = fit(
            model,
            batches,
            validation,
            job.configuration,
            guessing=self._data.guessing(job),
            callbacks=callbacks,
        )
        if keep is not None:
            keep(run)
        if run.status == "diverged":
            raise keras_tuner.errors.FailedTrialError("training diverged")
        return {"val_loss": run.val_loss, "val_accuracy": run.val_accuracy}
