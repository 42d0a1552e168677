"""One training run, the same wherever and whenever it runs; and predictions of the result."""

import gc
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

from smearflow.ground.settings import fingerprint
from smearflow.model.backbone import HubBackbone
from smearflow.model.batches import evaluation_batches, padded_batches, training_batches
from smearflow.model.callbacks import (
    DivergedError,
    EpochLines,
    Recorder,
    Tell,
    TensorBoardLog,
    WeightCounts,
    WeightHistograms,
)
from smearflow.model.curves import Curve, diagnose
from smearflow.model.network import (
    Network,
    build_head,
    build_model,
    draw_head,
    landmarks,
    with_embedding,
)
from smearflow.params.model import Configuration
from smearflow.sides.side import Side

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Run:
    """What came out of one training.

    Attributes:
        model: with the weights of its best epoch.
        curve: per epoch.
        status: diverged as `diagnose` has it, else completed.
        best_epoch: the one with the lowest validation loss, counted from 1; None if no epoch ended.
        val_loss: of the best epoch, nats per cell.
        val_accuracy: of the best epoch.
        steps: of the optimizer, over all epochs.
        weight_change: |w - w0| / |w0| of each of `landmarks`; None: not finite. A bias that starts
            at 0 is related to a vector of ones.
        histograms: of each of `landmarks` before training and after each epoch.
    """

    model: keras.Model
    curve: Curve
    status: Literal["completed", "diverged"]
    best_epoch: int | None
    val_loss: float | None
    val_accuracy: float | None
    steps: int
    weight_change: dict[str, float | None]
    histograms: dict[str, list[WeightCounts]]


def train_once(
    train: Side,
    validation: Side,
    backbone: Path,
    configuration: Configuration,
    *,
    seed: int,
    input_range: tuple[float, float],
    log_dir: Path | None = None,
    tell: Tell | None = None,
) -> Run:
    """Train a new model; same arguments, same weights, to the last bit on the same machine.

    Args:
        train: cells to learn from.
        validation: cells that decide on the learning rate, when to stop and which epoch is best.
        backbone: folder of the module.
        log_dir: for TensorBoard's files; None writes none.
        tell: is told of each epoch.
    """
    size = train.pixels.shape[1]
    model = new_model(size, backbone, configuration, seed=seed, input_range=input_range)
    return fit(model, train, validation, configuration, seed=seed, log_dir=log_dir, tell=tell)


def new_model(
    image_size: int,
    backbone: Path,
    configuration: Configuration,
    *,
    seed: int,
    input_range: tuple[float, float],
    decay_steps: int | None = None,
) -> keras.Model:
    """A compiled model in a cleared session, whatever ran in this process before.

    Args:
        decay_steps: let the learning rate fall to 0 over so many steps, as a half cosine.
    """
    _start_session()
    model = build_model(backbone, image_size, input_range, configuration, seed)
    _compile(model, configuration, decay_steps)
    return model


def new_head(width: int, configuration: Configuration, *, seed: int) -> keras.Model:
    """`new_model` for features [n, width] of a frozen backbone: its head alone."""
    _start_session()
    model = build_head(width, configuration, seed)
    _compile(model, configuration, None)
    return model


def _start_session() -> None:
    tf.get_logger().setLevel("ERROR")  # it warns that each run traces its functions anew
    keras.utils.clear_session()
    gc.collect()
    keras.utils.set_random_seed(0)  # all that is random has a seed of its own
    tf.config.experimental.enable_op_determinism()


def _compile(model: Network, configuration: Configuration, decay_steps: int | None) -> None:
    optimizer = _optimizer(configuration, decay_steps)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.clips = configuration.gradient_clip is not None
    if configuration.weight_decay:
        optimizer.weight_decay = tf.Variable(0.0, trainable=False)
        biases = [each for each in model.trainable_variables if len(each.shape) < 2]
        optimizer.exclude_from_weight_decay(var_list=biases)
    # Variables made while a step is traced cause a second trace, which costs as long as an epoch.
    optimizer.build(model.trainable_variables)
    _set_values(model, configuration)


def _set_values(model: Network, configuration: Configuration) -> None:
    """Set what a configuration says outside the graph of the training step."""
    model.get_layer("dropout").rate.assign(configuration.dropout)
    model.label_smoothing.assign(configuration.label_smoothing)
    if configuration.gradient_clip is not None:
        model.gradient_clip.assign(configuration.gradient_clip)
    if configuration.weight_decay:
        model.optimizer.weight_decay.assign(configuration.weight_decay)


# What a run may change without another trace of the training step; of the second group, whether
# they are at work is part of it.
_OUTSIDE_GRAPH = {
    "augment",
    "batch_size",
    "brightness_jitter",
    "dropout",
    "early_stopping_patience",
    "epochs",
    "label_smoothing",
    "learning_rate",
    "plateau_factor",
    "plateau_patience",
    "stain_jitter",
}
_VALUE_OUTSIDE_GRAPH = {"gradient_clip", "weight_decay"}


def graph_key(configuration: Configuration) -> str:
    """Equal for configurations whose runs may share one model, by `restart`."""
    outside = _OUTSIDE_GRAPH | _VALUE_OUTSIDE_GRAPH
    at_work = [bool(getattr(configuration, name)) for name in sorted(_VALUE_OUTSIDE_GRAPH)]
    return fingerprint([configuration.model_dump(mode="json", exclude=outside), at_work])


def restart(model: Network, configuration: Configuration, *, seed: int) -> None:
    """Put a model of `new_model` or `new_head` back to the start of a run of the same graph.

    What follows is the same as with a new model, without tracing its functions again: seconds.
    """
    for layer in model.layers:
        if isinstance(layer, HubBackbone):
            layer.restore()
    draw_head(model, seed)
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = configuration.learning_rate
    _set_values(model, configuration)


def _optimizer(configuration: Configuration, decay_steps: int | None) -> keras.optimizers.Optimizer:
    rate: Any = configuration.learning_rate
    if decay_steps is not None:
        rate = keras.optimizers.schedules.CosineDecay(rate, decay_steps)
    if configuration.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=configuration.momentum)
    return keras.optimizers.Adam(rate)


def fit(
    model: keras.Model,
    train: Side,
    validation: Side,
    configuration: Configuration,
    *,
    seed: int,
    log_dir: Path | None = None,
    tell: Tell | None = None,
) -> Run:
    """Train a model of `new_model`, with early stopping and a learning rate that falls on plateaus.

    Training stops at the first loss that is not finite, and after an epoch that left the network
    beyond recovery.
    """
    return fit_batches(
        model,
        training_batches(train, configuration, seed),
        evaluation_batches(validation),
        configuration,
        log_dir=log_dir,
        tell=tell,
    )


def fit_batches(
    model: keras.Model,
    batches: tf.data.Dataset,
    validation: tf.data.Dataset,
    configuration: Configuration,
    *,
    log_dir: Path | None = None,
    tell: Tell | None = None,
) -> Run:
    """`fit` with batches of the model's inputs: those of all epochs in a row, and validation."""
    before = {name: weight.numpy() for name, weight in landmarks(model).items()}
    recorder = Recorder()
    histograms = WeightHistograms()
    stopping = keras.callbacks.EarlyStopping(
        "val_loss", patience=configuration.early_stopping_patience, restore_best_weights=True
    )
    plateau = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=configuration.plateau_factor, patience=configuration.plateau_patience
    )
    callbacks: list[keras.callbacks.Callback] = [histograms, recorder]
    if log_dir is not None:
        callbacks.append(TensorBoardLog(log_dir))
    if tell is not None:
        callbacks.append(EpochLines(tell))
    callbacks += [stopping, plateau]
    try:
        _run_epochs(model, batches, validation, configuration, callbacks)
    except DivergedError:
        if stopping.best_weights is not None:
            model.set_weights(stopping.best_weights)
    curve = recorder.curve
    best = _best_epoch(curve)
    return Run(
        model=model,
        curve=curve,
        status="diverged" if diagnose(curve) == "diverged" else "completed",
        best_epoch=None if best is None else best + 1,
        val_loss=None if best is None else curve["val_loss"][best],
        val_accuracy=None if best is None else curve["val_accuracy"][best],
        steps=recorder.steps,
        weight_change=_change(before, landmarks(model)),
        histograms=histograms.found,
    )


def fit_blindly(
    model: keras.Model, train: Side, configuration: Configuration, *, seed: int
) -> None:
    """Train for all epochs of the configuration; no other cells are looked at.

    Raises:
        DivergedError: the loss ceased to be finite.
    """
    batches = training_batches(train, configuration, seed)
    _run_epochs(model, batches, None, configuration, [Recorder()])


def _run_epochs(
    model: keras.Model,
    batches: tf.data.Dataset,
    validation: tf.data.Dataset | None,
    configuration: Configuration,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    model.evaluate(batches, steps=1, verbose=0)  # makes its variables, as `_compile` says
    with _forgetting_gradients():
        model.fit(
            batches,
            epochs=configuration.epochs,
            steps_per_epoch=int(batches.cardinality()) // configuration.epochs,
            validation_data=validation,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )


@contextmanager
def _forgetting_gradients() -> Iterator[None]:
    """Undo what optimizers leave behind: 150 MB a run.

    For each training step they trace, TensorFlow registers a gradient for good, and with it keeps
    the graph of the step. Nobody differentiates a finished step.
    """
    registered = set(gradient_registry.list())
    try:
        yield
    finally:
        for name in set(gradient_registry.list()) - registered:
            del gradient_registry._registry[name]


def _best_epoch(curve: Curve) -> int | None:
    """Index of the lowest validation loss, the first of equals."""
    losses = [(loss, epoch) for epoch, loss in enumerate(curve["val_loss"]) if loss is not None]
    return min(losses)[1] if losses else None


def _change(before: dict[str, Any], after: dict[str, keras.Variable]) -> dict[str, float | None]:
    changes = {}
    for name, old in before.items():
        difference = after[name].numpy().astype(np.float64) - old
        scale = np.linalg.norm(old) if old.any() else math.sqrt(old.size)
        change = float(np.linalg.norm(difference) / scale)
        changes[name] = change if math.isfinite(change) else None
    return changes


def predict(model: keras.Model, pixels: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Score cells in batches of one size, so that no result depends on how many cells there are.

    Args:
        model: of `build_model`.
        pixels: [n, S, S, 3]; may be memory-mapped, it is read batch by batch.

    Returns:
        Probability of the positive class [n], and the backbone's features [n, D].
    """
    both = with_embedding(model)
    score = tf.function(lambda batch: both(batch, training=False))
    probabilities, embeddings = [], []
    for rows, batch in padded_batches(pixels):
        softmax, features = score(batch)
        cells = rows.stop - rows.start
        probabilities.append(softmax[:cells, 1].numpy())
        embeddings.append(features[:cells].numpy())
    if not probabilities:
        return np.empty(0, np.float32), np.empty((0, both.output_shape[1][-1]), np.float32)
    return np.concatenate(probabilities), np.concatenate(embeddings)
