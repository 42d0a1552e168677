import numpy as np
import pytest
import tensorflow as tf

from smearflow.pretraining.material import MEASURES, NAMES
from smearflow.pretraining.recipe import Recipe
from smearflow.pretraining.tasks import build_network, losses, views_loss, with_heads

CERTAIN = 20.0  # a logit


def projections(seed: int) -> tf.Tensor:
    return tf.constant(np.random.default_rng(seed).normal(size=(512, 8)).astype(np.float32))


def test_recognising_wants_the_same_numbers_and_different_ones() -> None:
    ours = projections(1)
    assert float(views_loss(ours, 3 * ours + 1)) < 0.01
    assert float(views_loss(ours, projections(2))) > 0.8
    collapsed = tf.repeat(ours[:, :1], 8, axis=1)
    assert float(views_loss(collapsed, collapsed)) > 3 * float(views_loss(ours, ours))


def answers(names: float, measures: float, places: float) -> dict[str, object]:
    return {
        "names": tf.fill((4, len(NAMES)), names),
        "measures": tf.fill((4, len(MEASURES)), measures),
        "places": [tf.fill((4, side, side, 1), places) for side in (8, 4)],
        "projection": projections(1)[:4],
    }


def test_a_right_answer_costs_nothing_and_a_wrong_one_much() -> None:
    truth = (tf.ones((4, len(NAMES))), tf.ones((4, len(MEASURES))), tf.fill((4, 16, 16, 1), 0.3))
    right = losses(answers(CERTAIN, 1.0, CERTAIN), *truth)
    wrong = losses(answers(-CERTAIN, 0.0, -CERTAIN), *truth)
    for task in ("names", "measures", "places"):
        assert float(right[task]) == pytest.approx(0, abs=1e-6)
        assert float(wrong[task]) >= 1


@pytest.mark.parametrize("size", [64, 96])
def test_network_answers_at_any_size(recipe: Recipe, size: int) -> None:
    network = build_network(recipe)
    given = with_heads(network)(tf.zeros((2, size, size, 3)))
    assert network(tf.zeros((2, size, size, 3))).shape == (2, 576)
    assert given["names"].shape == (2, len(NAMES))
    assert [each.shape[1] for each in given["places"]] == [size // 8, size // 16]
