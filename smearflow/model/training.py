"""One training run, the same wherever and whenever it runs; and predictions of the result."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.ground.settings import fingerprint
from smearflow.model.backbone import HubBackbone
from smearflow.model.batches import evaluation_batches, padded_batches, training_batches
from smearflow.model.fit import FitResult, fit
from smearflow.model.network import (
    Network,
    build_head,
    build_model,
    initialise_head,
    with_embedding,
)
from smearflow.model.quiet import keras, tf
from smearflow.model.weighting import Guessing, class_weights, guessing
from smearflow.params.model import Configuration
from smearflow.sides.side import Side

Floats32 = npt.NDArray[np.float32]


def train_once(
    train: Side,
    validation: Side,
    backbone: Path,
    configuration: Configuration,
    *,
    seed: int,
    input_range: tuple[float, float],
    least_class_share: float,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FitResult:
    """Train a new model; same arguments, same weights, to the last bit on the same machine.

    Args:
        train: cells to learn from.
        validation: cells to look at after each epoch, as `fit` does.
        backbone: folder of the module.
        least_class_share: of `weighting.class_weights`.
        callbacks: of `fit`.
    """
    size = train.pixels.shape[1]
    weights = class_weights(train.targets, least_class_share)
    model = new_model(size, backbone, configuration, seed=seed, input_range=input_range)
    return fit(
        model,
        training_batches(train, configuration, seed, weights),
        evaluation_batches(validation, weights),
        configuration,
        guessing=Guessing(
            guessing(train.targets, weights),
            guessing(validation.targets, weights, validation.patients),
        ),
        callbacks=callbacks,
    )


def new_model(
    image_size: int,
    backbone: Path,
    configuration: Configuration,
    *,
    seed: int,
    input_range: tuple[float, float],
) -> keras.Model:
    """A compiled model in a cleared session, whatever ran in this process before."""
    _start_session()
    model = build_model(backbone, image_size, input_range, configuration, seed)
    _compile(model, configuration)
    return model


def new_head(width: int, configuration: Configuration, *, seed: int) -> keras.Model:
    """`new_model` for features [n, width] of a frozen backbone: its head alone."""
    _start_session()
    model = build_head(width, configuration, seed)
    _compile(model, configuration)
    return model


def _start_session() -> None:
    tf.get_logger().setLevel("ERROR")  # it warns that each run traces its functions anew
    keras.utils.clear_session()  # collects garbage, too: earlier models are gone
    keras.utils.set_random_seed(0)  # all that is random has a seed of its own
    tf.config.experimental.enable_op_determinism()


def _compile(model: Network, configuration: Configuration) -> None:
    optimizer = _optimizer(configuration)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    optimizer.weight_decay = tf.Variable(0.0, trainable=False)
    optimizer.exclude_from_weight_decay(var_list=[model.packed.others])
    # Variables made while a step is traced cause a second trace, which costs as long as an epoch.
    optimizer.build(model.packed.vectors)
    _set_values(model, configuration)


def _set_values(model: Network, configuration: Configuration) -> None:
    """Set what a configuration says outside the graph of the training step."""
    model.get_layer("dropout").rate.assign(configuration.dropout)
    model.label_smoothing.assign(configuration.label_smoothing)
    clip = configuration.gradient_clip
    model.gradient_clip.assign(math.inf if clip is None else clip)
    model.optimizer.weight_decay.assign(configuration.weight_decay)


# What a run may change without another trace of the training step.
_OUTSIDE_GRAPH = {
    "augment",
    "batch_size",
    "brightness_jitter",
    "dropout",
    "early_stopping_patience",
    "epochs",
    "gradient_clip",
    "ground_paint",
    "label_smoothing",
    "learning_rate",
    "plateau_factor",
    "plateau_patience",
    "schedule",
    "stain_jitter",
    "warmup_steps",
    "weight_decay",
}


def graph_key(configuration: Configuration) -> str:
    """Equal for configurations whose runs may share one model, by `restart`."""
    inside = configuration.model_dump(mode="json", exclude=_OUTSIDE_GRAPH)
    return fingerprint([inside, learns_from_features(configuration)])  # jitter decides the latter


def learns_from_features(configuration: Configuration) -> bool:
    """Whether a run sees nothing that the features of a frozen backbone do not tell."""
    changes = (
        configuration.stain_jitter,
        configuration.brightness_jitter,
        configuration.ground_paint,
    )
    return configuration.trainable == "frozen" and not any(changes)


def restart(model: Network, configuration: Configuration, *, seed: int) -> None:
    """Put a model of `new_model` or `new_head` back to the start of a run of the same graph.

    What follows is the same as with a new model, without tracing its functions again: seconds.
    """
    for layer in model.layers:
        if isinstance(layer, HubBackbone):
            layer.restore()
    initialise_head(model, seed)
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    model.optimizer.learning_rate = configuration.learning_rate
    _set_values(model, configuration)


def _optimizer(configuration: Configuration) -> keras.optimizers.Optimizer:
    rate = configuration.learning_rate
    if configuration.optimizer == "sgd":
        return keras.optimizers.SGD(rate, momentum=configuration.momentum)
    return keras.optimizers.Adam(rate)


def predict(model: keras.Model, pixels: npt.NDArray[np.uint8]) -> tuple[Floats32, Floats32]:
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
