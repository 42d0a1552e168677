"""The network and its training as Keras Tuner sees them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import keras_tuner

from smearflow.cells.arrays import Side
from smearflow.model.training import Run, fit, new_model
from smearflow.params import Configuration

Space = dict[str, dict[str, Any]]
"""Per field of a configuration: kind float (low, high, sampling) or choice (values)."""


class MobileNetHyperModel(keras_tuner.HyperModel):
    """Trains configurations out of a space, all from one seed, so that they differ in nothing else.

    Args:
        train: cells to learn from.
        validation: cells that give the objective, val_loss.
        backbone: folder of the module.
        base: values of all fields that the space leaves alone.
        space: the fields to search.
    """

    def __init__(
        self,
        train: Side,
        validation: Side,
        backbone: Path,
        base: Configuration,
        space: Space,
        *,
        seed: int,
        input_range: tuple[float, float],
    ) -> None:
        super().__init__(name="mobilenet")
        self._train = train
        self._validation = validation
        self._backbone = backbone
        self._base = base
        self._space = space
        self._seed = seed
        self._input_range = input_range

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Add the space. Choices are held as JSON: Keras Tuner refuses lists of mixed types."""
        for name, entry in sorted(self._space.items()):
            if entry["kind"] == "float":
                hp.Float(name, entry["low"], entry["high"], sampling=entry["sampling"])
            elif len(entry["values"]) > 1:
                hp.Choice(name, [json.dumps(value) for value in entry["values"]])
            else:  # no dimension of the search
                hp.Fixed(name, json.dumps(entry["values"][0]))

    def configuration(self, hp: keras_tuner.HyperParameters) -> Configuration:
        """The whole configuration of a trial."""
        sampled = {
            name: json.loads(hp.get(name)) if entry["kind"] == "choice" else hp.get(name)
            for name, entry in self._space.items()
        }
        return Configuration.model_validate(self._base.model_dump() | sampled)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        """A new, compiled model."""
        return new_model(
            self._train,
            self._backbone,
            self.configuration(hp),
            seed=self._seed,
            input_range=self._input_range,
        )

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *args: Any,
        on_end: Callable[[Run], None] | None = None,
        **kwargs: Any,
    ) -> dict[str, float]:
        """Train a model of `build`.

        Args:
            on_end: gets the run, also a diverged one.

        Returns:
            val_loss and val_accuracy of the best epoch.

        Raises:
            keras_tuner.errors.FailedTrialError: training diverged. Keras Tuner would take an
                infinite score for 0, the best there is.
        """
        del args, kwargs
        run = fit(model, self._train, self._validation, self.configuration(hp), seed=self._seed)
        if on_end:
            on_end(run)
        if run.status == "diverged" or run.val_loss is None or run.val_accuracy is None:
            raise keras_tuner.errors.FailedTrialError("training diverged")
        return {"val_loss": run.val_loss, "val_accuracy": run.val_accuracy}
