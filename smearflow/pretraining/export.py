"""A trained network as a module in TF-Hub's format, a "reusable SavedModel"."""

from pathlib import Path
from typing import Any

from smearflow.model.quiet import keras, tf


def fold_batch_norms(network: keras.Model) -> None:
    """Move what BatchNorm learned into the convolutions before it; outputs stay.

    Each BatchNorm is left as an identity plus bias: with m, v the moving mean and variance, a
    kernel k becomes k * gamma / sqrt(v + epsilon) and beta becomes
    beta - m * gamma / sqrt(v + epsilon) (Jacob et al. 2018, arXiv:1712.05877, section 3.2).
    Statistics of few cells then no longer matter, in fine-tuning neither.

    Args:
        network: each BatchNorm `<name>_bn` follows a convolution `<name>` without bias.
    """
    for norm in network.layers:
        if not isinstance(norm, keras.layers.BatchNormalization):
            continue
        convolution = network.get_layer(norm.name.removesuffix("_bn"))
        (kernel,), (gamma, beta, mean, variance) = convolution.get_weights(), norm.get_weights()
        scale = gamma / (variance + norm.epsilon) ** 0.5
        depthwise = isinstance(convolution, keras.layers.DepthwiseConv2D)
        convolution.set_weights([kernel * (scale[:, None] if depthwise else scale)])
        ones = gamma * 0 + 1
        norm.set_weights([ones, beta - mean * scale, mean * 0, ones - norm.epsilon])


def write_module(network: keras.Model, folder: Path) -> None:
    """Write a feature extractor; the same weights give the same bytes in a fresh process.

    The module has the interface of TF-Hub feature vectors: `__call__(inputs, training)` on float32
    [batch, height, width, 3], `variables` named `<layer>/<weight>` in the order of creation,
    `trainable_variables`, `regularization_losses` and the signature `serving_default`. It does the
    same in training: BatchNorm stays in inference mode.

    Args:
        network: from pixels [batch, None, None, 3] to features [batch, D]; not changed.
        folder: made if it is missing.
    """
    variables = {
        weight.path: tf.Variable(weight.value, trainable=weight.trainable, name=weight.path)
        for weight in network.variables
    }

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, None, 3), tf.float32, name="inputs"),
            tf.TensorSpec((), tf.bool, name="training"),
        ]
    )
    def call(inputs: tf.Tensor, training: Any = False) -> tf.Tensor:
        del training
        features, _ = network.stateless_call(
            [variables[weight.path] for weight in network.trainable_variables],
            [variables[weight.path] for weight in network.non_trainable_variables],
            inputs,
            training=False,
        )
        return features

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32, name="inputs")])
    def serve(inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"features": call(inputs, False)}

    module = tf.train.Checkpoint()  # tf.Module computes its `variables`, which are then not saved
    module.__call__ = call
    module.variables = list(variables.values())
    module.trainable_variables = [each for each in module.variables if each.trainable]
    module.regularization_losses = []
    tf.saved_model.save(module, str(folder), signatures={"serving_default": serve})
    (folder / "fingerprint.pb").unlink()  # holds a random number; loading does without
