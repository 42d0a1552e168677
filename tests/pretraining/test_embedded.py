"""The module that the project carries with it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from smearflow.conversion.convert import to_float32, to_int8
from smearflow.edge.runtime import Runner
from smearflow.model.backbone import HubBackbone
from smearflow.model.hub import module_files
from smearflow.model.network import build_model
from smearflow.params.model import Configuration
from smearflow.pretraining.material import Material, render_material
from smearflow.pretraining.recipe import EMBEDDED, RECIPE, Recipe
from smearflow.pretraining.tasks import build_network
from smearflow.studies.probe import linear_probe
from smearflow.trained.store import serving_function
from tests.material import PROJECT

MODULE = PROJECT / EMBEDDED
LARGEST = 8 * 10**6  # bytes


@pytest.fixture(scope="module")
def unseen() -> Material:
    """Cells as the sample has them, of other patients than those of the pre-training."""
    return render_material(Recipe(seed=7, patients=25, cells=12, wildest=0.0, stored=64))


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in module_files(MODULE)) <= LARGEST


def test_the_last_layers_can_be_tuned_alone() -> None:
    names = {weight.name for weight in HubBackbone(MODULE, 2).trainable_weights}
    assert names == {"conv_1_kernel", "conv_1_bn_gamma", "conv_1_bn_beta"}


def test_gradients_reach_all_of_it(unseen: Material) -> None:
    layer = HubBackbone(MODULE)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant(unseen.pixels[:16] / np.float32(255))) ** 2)
    gradients = tape.gradient(loss, [weight.value for weight in layer.trainable_weights])
    assert all(np.abs(gradient).sum() > 0 for gradient in gradients)


def test_its_features_tell_infected_cells_better_than_fresh_weights(unseen: Material) -> None:
    keras.utils.set_random_seed(1)
    fresh, embedded = build_network(RECIPE), HubBackbone(MODULE)
    accuracies = [
        linear_probe(_features(extract, unseen), unseen.names[:, 0], np.arange(300) // 12).accuracy
        for extract in (lambda pixels: fresh(pixels, training=False), embedded)
    ]
    assert accuracies[1] > 0.9
    assert accuracies[1] > accuracies[0] + 0.1


def _features(extract: Callable[[tf.Tensor], tf.Tensor], cells: Material) -> Any:
    return np.asarray(extract(tf.constant(cells.pixels / np.float32(255))))


def test_it_converts_to_the_edge(unseen: Material, tmp_path: Any) -> None:
    model = build_model(MODULE, 64, (0.0, 1.0), Configuration(), seed=1)
    serve = serving_function(model, 64)
    expected = model(unseen.pixels[:50], training=False).numpy()[:, 1]
    for content, tolerance in [(to_float32(serve), 1e-4), (to_int8(serve, unseen.pixels), 0.2)]:
        file = tmp_path / "model.tflite"
        file.write_bytes(content)
        found, _ = Runner(file).predict(unseen.pixels[:50])
        assert np.abs(found - expected).max() < tolerance
