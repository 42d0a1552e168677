from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub as hub

from smearflow.model.backbone import HubBackbone
from smearflow.model.hub import module_files
from smearflow.pretraining.export import fold_batch_norms, write_module
from smearflow.pretraining.recipe import Recipe
from smearflow.pretraining.tasks import build_network


@pytest.fixture(scope="module")
def pixels() -> tf.Tensor:
    return tf.constant(np.random.default_rng(1).random((3, 64, 64, 3), np.float32))


@pytest.fixture(scope="module")
def network(recipe: Recipe) -> keras.Model:
    """Fresh weights, and BatchNorms that look trained."""
    keras.utils.set_random_seed(3)
    network = build_network(recipe)
    random = np.random.default_rng(3)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, each.shape) for each in layer.weights])
    return network


@pytest.fixture(scope="module")
def expected(network: keras.Model, pixels: tf.Tensor) -> np.ndarray:
    """What the network says in inference mode, before its BatchNorms are folded."""
    return np.asarray(network(pixels, training=False))


@pytest.fixture(scope="module")
def module(
    network: keras.Model, expected: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    del expected  # taken before the network changes
    folder = tmp_path_factory.mktemp("export") / "module"
    fold_batch_norms(network)
    write_module(network, folder)
    return folder


@pytest.mark.parametrize("training", [False, True])
def test_module_says_what_the_network_said(
    module: Path, expected: np.ndarray, pixels: tf.Tensor, training: bool
) -> None:
    found = hub.load(str(module))(pixels, training=training).numpy()
    assert np.abs(expected).max() > 0.1
    assert np.abs(found - expected).max() < 1e-4


def test_folded_norms_only_add(module: Path, network: keras.Model) -> None:
    del module
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, _, mean, variance = layer.get_weights()
            assert (gamma == 1).all()
            assert (mean == 0).all()
            assert np.allclose(variance + layer.epsilon, 1)


def test_module_has_the_interface_of_feature_vectors(
    module: Path, expected: np.ndarray, pixels: tf.Tensor
) -> None:
    loaded = tf.saved_model.load(str(module))
    names = [variable.name for variable in loaded.variables]
    assert names[0] == "conv/kernel:0"
    assert all(name.count("/") == 1 for name in names)
    assert len(loaded.trainable_variables) < len(names)
    assert list(loaded.regularization_losses) == []
    served = loaded.signatures["serving_default"](pixels)["features"]
    assert np.abs(served.numpy() - expected).max() < 1e-4


def test_gradients_reach_every_trainable_weight(module: Path, pixels: tf.Tensor) -> None:
    layer = HubBackbone(module)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(pixels) ** 2)
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_weights])
    assert all(np.abs(gradient).sum() > 0 for gradient in gradients)


def test_files_hold_nothing_random(module: Path) -> None:
    assert [file.name for file in module_files(module)] == [
        "saved_model.pb",
        "variables.data-00000-of-00001",
        "variables.index",
    ]
