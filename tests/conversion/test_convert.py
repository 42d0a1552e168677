from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.conversion.convert import (
    calibration_cells,
    to_float32,
    to_int8,
    to_weights_int8,
)
from smearflow.conversion.operations import operations, pieces, refused
from smearflow.edge.runtime import Runner
from smearflow.sides.side import even_steps


@pytest.fixture(scope="module")
def int8_model(serve: Any, pixels: Any) -> bytes:
    return to_int8(serve, pixels)


def _run(content: bytes, folder: Path, pixels: Any) -> Any:
    file = folder / "model.tflite"
    file.write_bytes(content)
    return Runner(file).predict(pixels)


def test_float32_gives_the_numbers_of_the_function(
    float32_model: bytes, tmp_path: Path, pixels: Any, expected: Any
) -> None:
    probabilities, embeddings = _run(float32_model, tmp_path, pixels)
    assert probabilities == pytest.approx(expected[0], abs=1e-5)
    assert embeddings == pytest.approx(expected[1], abs=1e-4)


def test_int8_is_close_and_takes_the_same_pixels(
    int8_model: bytes, tmp_path: Path, pixels: Any, expected: Any
) -> None:
    probabilities, embeddings = _run(int8_model, tmp_path, pixels)
    assert probabilities == pytest.approx(expected[0], abs=0.05)
    assert not np.array_equal(embeddings, expected[1])


def test_int8_begins_after_the_first_convolution(int8_model: bytes) -> None:
    kinds = [operation.kind for operation in operations(int8_model)]
    first, second = (place for place, kind in enumerate(kinds) if kind == "CONV_2D")
    assert first < kinds.index("QUANTIZE") < second
    assert kinds.count("QUANTIZE") == 1


def test_weights_in_int8_are_close_smaller_and_take_the_same_pixels(
    float32_model: bytes, tmp_path: Path, pixels: Any, expected: Any
) -> None:
    content = to_weights_int8(float32_model)
    probabilities, embeddings = _run(content, tmp_path, pixels)
    assert probabilities == pytest.approx(expected[0], abs=0.02)
    assert not np.array_equal(embeddings, expected[1])
    assert len(content) < len(float32_model)
    assert pieces(content) == 1
    assert content == to_weights_int8(float32_model)


def test_what_has_fast_kernels_in_float32_alone_does_not_cut_the_network(
    tmp_path: Path, pixels: Any
) -> None:
    import tensorflow as tf

    generator = tf.random.Generator.from_seed(2)
    kernels = [tf.Variable(generator.normal((3, 3, n, 16)) * 0.2) for n in (3, 16, 16, 16)]

    @tf.function(input_signature=[tf.TensorSpec((1, *pixels.shape[1:]), tf.float32)])
    def function(cell: Any) -> Any:
        hidden = cell / 255
        for kernel in kernels:
            hidden = tf.nn.conv2d(hidden, kernel, 1, "SAME")
            hidden = hidden * tf.nn.relu6(hidden + 3) / 6
        embedding = tf.reduce_mean(hidden, axis=(1, 2))
        return tf.nn.softmax(embedding[:, :2]), embedding

    content = to_int8(function, pixels)
    kinds = [operation.kind for operation in operations(content)]
    assert kinds.count("HARD_SWISH") == 4
    assert kinds.count("QUANTIZE") > 1
    assert pieces(content) <= 2
    embeddings = _run(content, tmp_path, pixels)[1]
    original = np.array([function(cell[None].astype(np.float32))[1][0] for cell in pixels])
    assert embeddings == pytest.approx(original, abs=0.05 * float(np.abs(original).max()))


def test_two_conversions_give_the_same_bytes(
    serve: Any, pixels: Any, float32_model: bytes, int8_model: bytes
) -> None:
    assert to_float32(serve) == float32_model
    assert to_int8(serve, pixels) == int8_model


def test_a_layer_silent_on_the_calibration_cells_still_runs(tmp_path: Path, pixels: Any) -> None:
    import tensorflow as tf

    kernel = tf.Variable(tf.ones((3, 3, 3, 4)) * 0.1)
    silent = tf.Variable(tf.ones((3, 3, 4, 4)))
    loud, last = (tf.Variable(tf.ones((1, 1, 4, 4))) for _ in range(2))

    @tf.function(input_signature=[tf.TensorSpec((1, *pixels.shape[1:]), tf.float32)])
    def function(cell: Any) -> Any:
        hidden = tf.nn.relu(tf.nn.conv2d(cell / 255, kernel, 2, "SAME"))
        nothing = tf.nn.relu(tf.nn.conv2d(hidden, silent, 1, "SAME") - 1000)
        hidden = hidden + tf.nn.conv2d(nothing, loud, 1, "SAME")
        hidden = tf.nn.relu(tf.nn.conv2d(hidden, last, 1, "SAME"))
        embedding = tf.reduce_mean(hidden, axis=(1, 2))
        return tf.nn.softmax(embedding[:, :2]), embedding

    content = to_int8(function, pixels)
    embeddings = _run(content, tmp_path, pixels)[1]
    original = np.array([function(cell[None].astype(np.float32))[1][0] for cell in pixels])
    assert embeddings == pytest.approx(original, abs=0.05 * float(original.max()))
    assert refused(operations(content)) == []


@given(st.lists(st.integers(0, 1), min_size=1, max_size=400), st.integers(1, 300))
def test_calibration_has_a_fifth_of_each_class_if_there_are_so_many(
    labels: list[int], count: int
) -> None:
    targets = np.array(labels, np.int8)
    indices = calibration_cells(targets, count)
    assert len(set(indices.tolist())) == min(len(targets), count)
    assert (np.diff(indices) > 0).all()
    for target in (0, 1):
        there = int(np.sum(targets == target))
        assert np.sum(targets[indices] == target) >= min(there, int(0.2 * len(indices)))


def test_calibration_on_usual_classes_goes_in_even_steps() -> None:
    targets = np.tile(np.array([0, 1, 0], np.int8), 100)
    assert calibration_cells(targets, 64).tolist() == even_steps(300, 64).tolist()
