from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.conversion.convert import (
    FLOAT32,
    INT8,
    Operation,
    calibration_cells,
    choose_model,
    compare_outputs,
    even_steps,
    operations,
    refused,
    stem,
    to_float32,
    to_int8,
)
from smearflow.edge.runtime import Runner
from smearflow.records.edge import EdgeFile


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


def test_two_conversions_give_the_same_bytes(
    serve: Any, pixels: Any, float32_model: bytes, int8_model: bytes
) -> None:
    assert to_float32(serve) == float32_model
    assert to_int8(serve, pixels) == int8_model


def test_a_layer_silent_on_the_calibration_cells_still_runs(tmp_path: Path, pixels: Any) -> None:
    import tensorflow as tf

    kernel = tf.Variable(tf.ones((3, 3, 3, 4)) * 0.1)
    silent = tf.Variable(tf.ones((3, 3, 4, 4)))
    loud = tf.Variable(tf.ones((1, 1, 4, 4)))

    @tf.function(input_signature=[tf.TensorSpec((1, *pixels.shape[1:]), tf.float32)])
    def function(cell: Any) -> Any:
        hidden = tf.nn.relu(tf.nn.conv2d(cell / 255, kernel, 2, "SAME"))
        nothing = tf.nn.relu(tf.nn.conv2d(hidden, silent, 1, "SAME") - 1000)
        hidden = hidden + tf.nn.conv2d(nothing, loud, 1, "SAME")
        embedding = tf.reduce_mean(hidden, axis=(1, 2))
        return tf.nn.softmax(embedding[:, :2]), embedding

    content = to_int8(function, pixels)
    embeddings = _run(content, tmp_path, pixels)[1]
    original = np.array([function(cell[None].astype(np.float32))[1][0] for cell in pixels])
    assert embeddings == pytest.approx(original, abs=0.05 * float(original.max()))
    assert refused(operations(content)) == []


CHAIN = [
    Operation("MUL", "scale"),
    Operation("CONV_2D", "first"),
    Operation("HARD_SWISH", "swish"),
    Operation("DEPTHWISE_CONV_2D", "second"),
    Operation("CONV_2D", "third"),
]


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (CHAIN, ["scale", "first", "swish"]),
        (CHAIN[1:], ["first", "swish"]),
        (CHAIN[:3], []),
        ([Operation("FULLY_CONNECTED", "dense")], []),
        ([], []),
    ],
)
def test_stem_ends_before_the_second_convolution(found: list[Operation], names: list[str]) -> None:
    assert stem(found) == names


def test_what_the_kernels_refuse() -> None:
    found = [Operation("CONV_2D", "fine", 255.9), Operation("CONV_2D", "silent", 256.0)]
    assert refused(found) == ["silent"]


@given(st.integers(1, 500), st.integers(1, 500))
def test_spread_takes_different_cells_from_end_to_end(cells: int, count: int) -> None:
    indices = even_steps(cells, count)
    assert len(set(indices)) == min(cells, count)
    assert indices.min() == 0
    assert indices.max() == (cells - 1 if count > 1 else 0)


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


def told(*positive: int, cells: int = 100) -> Any:
    """Probabilities of which these are called positive."""
    return np.isin(np.arange(cells), positive).astype(np.float32)


@pytest.mark.parametrize(
    ("edge", "model", "rare"),
    [
        (told(1, 2), told(1, 2), 1.0),
        (told(1), told(1, 2), 0.5),
        (told(1, 2, 3, 4), told(1, 2), 0.5),
        (told(), told(1, 2), 0.0),
        (told(), told(), None),
        (1 - told(1), 1 - told(1, 2), 0.5),  # the negative ones are rare
        (told(*range(30)), told(*range(31)), None),
    ],
)
def test_of_a_rare_decision_agreement_is_told_apart(edge: Any, model: Any, rare: Any) -> None:
    assert compare_outputs(edge, model, 0.5)["rare_agreement"] == rare


def test_compare_counts_decisions_at_the_threshold() -> None:
    edge = np.array([0.1, 0.39, 0.4, 0.9], np.float32)
    model = np.array([0.1, 0.41, 0.8, 0.9], np.float32)
    found = compare_outputs(edge, model, 0.4)
    assert found["agreement"] == 0.75
    assert found["largest_difference"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("models", "chosen", "reason"),
    [
        ({FLOAT32: 1.0, INT8: 0.99}, INT8, "99.00% of the"),
        ({FLOAT32: 1.0, INT8: 0.98}, FLOAT32, "less than the 99.00%"),
        ({FLOAT32: 1.0}, FLOAT32, "does not run"),
    ],
)
def test_int8_is_chosen_if_it_agrees(models: dict[str, float], chosen: str, reason: str) -> None:
    found = {
        name: EdgeFile(bytes=9, sha256="0" * 64, agreement=agreement)
        for name, agreement in models.items()
    }
    file, sentence = choose_model(found, 0.99)
    assert file == chosen
    assert reason in sentence


def test_int8_that_agrees_because_it_never_says_positive_is_not_chosen() -> None:
    silent = EdgeFile(bytes=9, sha256="0" * 64, agreement=0.99, rare_agreement=0.5)
    found = {FLOAT32: EdgeFile(bytes=9, sha256="0" * 64, agreement=1.0), INT8: silent}
    file, sentence = choose_model(found, 0.99)
    assert file == FLOAT32
    assert "50.00% of those" in sentence
    fine = silent.model_copy(update={"rare_agreement": 0.995})
    assert choose_model(found | {INT8: fine}, 0.99)[0] == INT8
