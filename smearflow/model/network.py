"""The whole network: pixels, scaling, backbone, head. The one place that knows size and range."""

from pathlib import Path

import keras

from smearflow.model.backbone import HubBackbone
from smearflow.params import Configuration


def build_model(
    backbone: Path,
    image_size: int,
    input_range: tuple[float, float],
    configuration: Configuration,
    seed: int,
) -> keras.Model:
    """A new model with the backbone's weights and a head drawn from `seed`.

    Pixels [batch, image_size, image_size, 3], 0..255, uint8 or float, become softmax probabilities
    [batch, 2] in the order negative, positive.

    Args:
        backbone: folder of the module.
        input_range: what the module expects for 0 and 255.

    Raises:
        SmearflowError: the folder holds no usable module.
    """
    low, high = input_range
    pixels = keras.Input((image_size, image_size, 3), name="pixels")
    scaled = keras.layers.Rescaling((high - low) / 255, offset=low, name="scaling")(pixels)
    features = HubBackbone(backbone, configuration.trainable)(scaled)
    hidden = keras.layers.Dense(
        configuration.hidden_units,
        activation=configuration.hidden_activation,
        kernel_initializer=keras.initializers.GlorotUniform(seed),
        name="hidden",
    )(features)
    kept = keras.layers.Dropout(configuration.dropout, seed=seed, name="dropout")(hidden)
    probabilities = keras.layers.Dense(
        2,
        activation="softmax",
        kernel_initializer=keras.initializers.GlorotUniform(seed + 1),
        name="probabilities",
    )(kept)
    return keras.Model(pixels, probabilities, name="smearflow")


def with_embedding(model: keras.Model) -> keras.Model:
    """The same model with two outputs: probabilities [batch, 2], backbone features [batch, D]."""
    return keras.Model(model.input, [model.output, model.get_layer("backbone").output])


def landmarks(model: keras.Model) -> dict[str, keras.Variable]:
    """The kernels worth watching: the backbone's first and last, and those of the head."""
    kernels = [weight for weight in model.get_layer("backbone").weights if len(weight.shape) > 1]
    return {
        "first": kernels[0],
        "last": kernels[-1],
        "hidden": model.get_layer("hidden").kernel,
        "classifier": model.get_layer("probabilities").kernel,
    }
