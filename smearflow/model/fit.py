"""The epochs of a run: what decides them, and what is recorded of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from smearflow.model.batches import training_batches
from smearflow.model.callbacks import (
    DivergedError,
    Recorder,
    WeightCounts,
    WeightHistograms,
)
from smearflow.model.curves import Curve, diagnose
from smearflow.model.forgetting import forgetting_gradients
from smearflow.model.network import landmarks
from smearflow.model.quiet import keras, tf
from smearflow.model.schedule import Schedule
from smearflow.model.weighting import ClassWeights, Guessing
from smearflow.params.model import Configuration
from smearflow.sides.side import Side


@dataclass(frozen=True)
class FitResult:
    """What came out of one training.

    Attributes:
        model: with the weights of its best epoch.
        curve: per epoch.
        guessing: the losses that are worth nothing.
        status: diverged as `diagnose` has it, else completed.
        best_epoch: whose weights were kept, counted from 1: with the schedule `plateau` the one
            with the lowest validation loss, with `cosine` the last; None if there is none.
        val_loss: of the best epoch, nats per cell, each patient counting the same and the classes
            as in the loss.
        val_accuracy: of the best epoch.
        steps: of the optimizer, over all epochs.
        weight_change: |w - w0| / |w0| of each of `landmarks`; None: not finite. A bias that starts
            at 0 is related to a vector of ones.
        histograms: of each of `landmarks` before training and after each epoch.
    """

    model: keras.Model
    curve: Curve
    guessing: Guessing
    status: Literal["completed", "diverged"]
    best_epoch: int | None
    val_loss: float | None
    val_accuracy: float | None
    steps: int
    weight_change: dict[str, float | None]
    histograms: dict[str, list[WeightCounts]]


def fit(
    model: keras.Model,
    batches: tf.data.Dataset,
    validation: tf.data.Dataset,
    configuration: Configuration,
    *,
    guessing: Guessing,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FitResult:
    """Train a model by the schedule of its configuration.

    With `plateau` the validation loss decides: the learning rate falls where it stays, training
    stops, the best epoch is kept. With `cosine` it decides nothing: all epochs are trained, and the
    last weights kept.

    Training stops at the first loss that is not finite, and after an epoch that left the network
    beyond recovery.

    Args:
        model: compiled, at its start: of `training.new_model`, `new_head` or `restart`.
        batches: of all epochs in a row, in what the model takes: pixels, or features.
        validation: batches to look at after each epoch.
        guessing: `weighting.guessing` of both.
        callbacks: see each epoch before the learning rate is changed.
    """
    before = {name: weight.numpy() for name, weight in landmarks(model).items()}
    recorder = Recorder()
    histograms = WeightHistograms()
    watching = _watching(configuration)
    every = [histograms, recorder, *callbacks, *watching]
    try:
        _run_epochs(model, batches, validation, configuration, every)
    except DivergedError:
        for stopping in watching[:1]:
            if stopping.best_weights is not None:
                model.set_weights(stopping.best_weights)
    curve = recorder.curve
    best = _kept_epoch(curve, configuration)
    return FitResult(
        model=model,
        curve=curve,
        guessing=guessing,
        status="diverged" if diagnose(curve, guessing.train) == "diverged" else "completed",
        best_epoch=None if best is None else best + 1,
        val_loss=None if best is None else curve["val_loss"][best],
        val_accuracy=None if best is None else curve["val_accuracy"][best],
        steps=recorder.steps,
        weight_change=_change(before, landmarks(model)),
        histograms=histograms.found,
    )


def fit_blindly(
    model: keras.Model,
    train: Side,
    configuration: Configuration,
    *,
    seed: int,
    weights: ClassWeights | None,
) -> None:
    """Train for all epochs of the configuration; no other cells are looked at.

    None tell of a plateau: the learning rate falls as a cosine, whatever the configuration says.

    Args:
        weights: of the classes in the loss.

    Raises:
        DivergedError: the loss ceased to be finite.
    """
    configuration = configuration.model_copy(update={"schedule": "cosine"})
    batches = training_batches(train, configuration, seed, weights)
    _run_epochs(model, batches, None, configuration, [Recorder()])


def _run_epochs(
    model: keras.Model,
    batches: tf.data.Dataset,
    validation: tf.data.Dataset | None,
    configuration: Configuration,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    # makes its variables, as `_compile` says; of these batches, whose step is traced just once then
    model.evaluate(batches if validation is None else validation, steps=1, verbose=0)
    model.packed.gather()
    steps = int(batches.cardinality())
    with forgetting_gradients():
        model.fit(
            batches,
            epochs=configuration.epochs,
            steps_per_epoch=steps // configuration.epochs,
            validation_data=validation,
            callbacks=[Schedule(configuration, steps), *callbacks],
            shuffle=False,
            verbose=0,
        )


def _watching(configuration: Configuration) -> list[keras.callbacks.Callback]:
    """What acts on the validation loss, early stopping first."""
    if configuration.schedule == "cosine":
        return []
    patience, fall = configuration.early_stopping_patience, configuration.plateau_patience
    return [
        keras.callbacks.EarlyStopping("val_loss", patience=patience, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(
            "val_loss", factor=configuration.plateau_factor, patience=fall
        ),
    ]


def _kept_epoch(curve: Curve, configuration: Configuration) -> int | None:
    """Index of the lowest validation loss, the first of equals; of a cosine of the last epoch."""
    if configuration.schedule == "cosine":
        last = len(curve["val_loss"]) - 1
        return last if last >= 0 and curve["val_loss"][last] is not None else None
    losses = [(loss, epoch) for epoch, loss in enumerate(curve["val_loss"]) if loss is not None]
    return min(losses)[1] if losses else None


def _change(
    before: dict[str, npt.NDArray[np.float32]], after: dict[str, keras.Variable]
) -> dict[str, float | None]:
    changes = {}
    for name, old in before.items():
        difference = after[name].numpy().astype(np.float64) - old
        change = _norm(difference) / (_norm(old) if old.any() else math.sqrt(old.size))
        changes[name] = change if math.isfinite(change) else None
    return changes


def _norm(values: npt.NDArray[Any]) -> float:
    """The length of a vector; other sums differ in their last bit by where the array lies."""
    return math.sqrt(math.fsum(np.square(values, dtype=np.float64).ravel().tolist()))
