"""The whole network: pixels, scaling, backbone, head. The one place that knows size and range."""

import math
from pathlib import Path
from typing import Any

from smearflow.model.backbone import HubBackbone
from smearflow.model.packed import PackedWeights
from smearflow.model.quiet import keras, tf
from smearflow.params.model import Configuration


def build_model(
    backbone: Path,
    image_size: int,
    input_range: tuple[float, float],
    configuration: Configuration,
    seed: int,
) -> keras.Model:
    """A new model with the backbone's weights and the head of `initialise_head`.

    Pixels [batch, image_size, image_size, 3], 0..255, uint8 or float, become softmax probabilities
    [batch, 2] in the order negative, positive.

    Args:
        backbone: folder of the module.
        input_range: what the module expects for 0 and 255.

    Raises:
        SmearflowError: the folder holds no usable module.
    """
    pixels = keras.Input((image_size, image_size, 3), name="pixels")
    scaled = scaling(input_range)(pixels)
    features = HubBackbone(backbone, configuration.trainable).features(scaled)
    model = Network(pixels, _head(features, configuration), name="smearflow")
    initialise_head(model, seed)
    return model


def scaling(input_range: tuple[float, float]) -> keras.layers.Layer:
    """From pixels 0..255 to what the module expects for them."""
    low, high = input_range
    return keras.layers.Rescaling((high - low) / 255, offset=low, name="scaling")


def build_head(width: int, configuration: Configuration, seed: int) -> keras.Model:
    """The head of `build_model` alone: from features [batch, width] to probabilities [batch, 2]."""
    features = keras.Input((width,), name="features")
    model = Network(features, _head(features, configuration), name="smearflow_head")
    initialise_head(model, seed)
    return model


def _head(features: Any, configuration: Configuration) -> Any:
    hidden = keras.layers.Dense(
        configuration.hidden_units, activation=configuration.hidden_activation, name="hidden"
    )(features)
    kept = HeadDropout(configuration.dropout)(hidden)
    return keras.layers.Dense(2, activation="softmax", name="probabilities")(kept)


class Network(keras.Model):
    """A model whose training step measures its gradients, and may clip them and smooth labels.

    What `fit` reports as loss is the cross-entropy of the labels as they are, weighted where cells
    have weights, so that runs with and without smoothing compare. Each step also reports
    `gradient_norm`, the global norm of its gradients before clipping.

    Attributes:
        label_smoothing: share of a label that is spread evenly over both classes.
        gradient_clip: largest global norm; infinity: none.
        packed: the trained weights, as the optimizer updates them.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # of TensorFlow, not of Keras: neither is a weight of the model
        self.label_smoothing = tf.Variable(0.0, trainable=False)
        self.gradient_clip = tf.Variable(math.inf, trainable=False)
        self.packed = PackedWeights(self.trainable_variables)

    def train_step(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """One step on inputs, targets int [batch] and, if there are any, weights [batch]."""
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            probabilities = self(inputs, training=True)
            loss = self.compute_loss(inputs, targets, probabilities, weights, training=True)
            total = loss + self.label_smoothing * (_even_loss(probabilities, weights) - loss)
        gradients = self.packed.pack(tape.gradient(total, self.trainable_variables))
        norm = tf.linalg.global_norm(gradients)
        within = tf.math.is_inf(self.gradient_clip) | (norm <= self.gradient_clip)
        scale = tf.where(within, 1.0, self.gradient_clip / norm)
        gradients = [scale * gradient for gradient in gradients]
        self.optimizer.apply(gradients, self.packed.vectors)
        self.packed.scatter()
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=tf.shape(targets)[0])
            else:
                metric.update_state(targets, probabilities)
        return self.get_metrics_result() | {"gradient_norm": norm}


def _even_loss(probabilities: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Cross-entropy of a label that is half one class, half the other; mean over the batch."""
    logs = tf.math.log(tf.maximum(probabilities, keras.config.epsilon()))
    return -tf.reduce_mean(logs if weights is None else logs * weights[:, None])


class HeadDropout(keras.layers.Layer):
    """Dropout whose rate is no part of the graph: runs with other rates share one traced step.

    Args:
        rate: share of the units set to 0 in training, in [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__(name="dropout")
        # of TensorFlow, not of Keras: neither is a weight of the model
        self.rate = tf.Variable(rate, trainable=False, dtype=tf.float32)
        self.state = tf.Variable([0, 0], trainable=False, dtype=tf.int32)

    def call(self, units: Any, training: bool = False) -> Any:
        """Units [batch, n]; in training some of them are 0 and the others scaled up."""
        if not training:
            return units
        self.state.assign_add([0, 1])
        kept = tf.random.stateless_uniform(tf.shape(units), self.state) >= self.rate
        return tf.where(kept, units / (1 - self.rate), 0.0)


def initialise_head(model: keras.Model, seed: int) -> None:
    """Start the head, and the random numbers of its dropout, as `seed` says."""
    for offset, name in enumerate(("hidden", "probabilities")):
        layer = model.get_layer(name)
        draw = keras.initializers.GlorotUniform(seed + offset)
        layer.kernel.assign(draw(layer.kernel.shape))
        layer.bias.assign(keras.ops.zeros_like(layer.bias))
    model.get_layer("dropout").state.assign([seed, 0])


def with_embedding(model: keras.Model) -> keras.Model:
    """The same model with two outputs: probabilities [batch, 2], backbone features [batch, D]."""
    return keras.Model(model.input, [model.output, model.get_layer("backbone").output])


def landmarks(model: keras.Model) -> dict[str, keras.Variable]:
    """The weights worth watching: `first kernel`, `first bias`, and so on.

    Of the layers `first` and `last` of the backbone, if the model has one, and `hidden` and
    `classifier` of its head. Where a batch normalisation follows a kernel, its offset is the bias.
    """
    found = {}
    if any(layer.name == "backbone" for layer in model.layers):
        weights = model.get_layer("backbone").weights
        kernels = [place for place, weight in enumerate(weights) if len(weight.shape) > 1]
        for name, place in (("first", kernels[0]), ("last", kernels[-1])):
            found[f"{name} kernel"] = weights[place]
            bias = _bias_after(weights[place + 1 :])
            if bias is not None:
                found[f"{name} bias"] = bias
    for name, layer in (("hidden", "hidden"), ("classifier", "probabilities")):
        found[f"{name} kernel"] = model.get_layer(layer).kernel
        found[f"{name} bias"] = model.get_layer(layer).bias
    return found


def _bias_after(weights: list[keras.Variable]) -> keras.Variable | None:
    """The first bias of the weights up to the next kernel."""
    for weight in weights:
        if len(weight.shape) > 1:
            break
        if weight.name.endswith(("bias", "beta")):
            return weight
    return None
