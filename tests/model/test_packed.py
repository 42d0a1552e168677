import numpy as np
import pytest

from smearflow.model.packed import PackedWeights
from smearflow.model.quiet import keras, tf

SHAPES = [(3, 3, 2, 4), (4,), (4, 1), (1,), ()]


def _weights(seed: int = 1) -> list[keras.Variable]:
    rng = np.random.default_rng(seed)
    return [keras.Variable(rng.normal(size=shape).astype(np.float32)) for shape in SHAPES]


def _values(weights: list[keras.Variable]) -> list[np.ndarray]:
    return [weight.numpy() for weight in weights]


def test_kernels_and_others_are_apart_and_come_back_as_they_were() -> None:
    weights = _weights()
    packed = PackedWeights(weights)
    packed.gather()
    assert [vector.shape for vector in packed.vectors] == [(76,), (6,)]
    before = _values(weights)
    for weight in weights:
        weight.assign(weight.value * 0)
    packed.scatter()
    for after, expected in zip(_values(weights), before, strict=True):
        assert np.array_equal(after, expected)


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_an_optimizer_leaves_the_same_numbers_in_vectors_as_in_each_weight(name: str) -> None:
    packing, plain = _weights(), _weights()
    packed = PackedWeights(packing)
    packed.gather()
    first, second = (getattr(keras.optimizers, name)(0.1, weight_decay=0.1) for _ in range(2))
    first.exclude_from_weight_decay(var_list=[packed.others])
    second.exclude_from_weight_decay(var_list=[each for each in plain if len(each.shape) < 2])
    for seed in (2, 3):
        gradients = [tf.constant(value) for value in _values(_weights(seed))]
        first.apply(packed.pack(gradients), packed.vectors)
        packed.scatter()
        second.apply(gradients, plain)
    for one, other in zip(_values(packing), _values(plain), strict=True):
        assert np.array_equal(one, other)
