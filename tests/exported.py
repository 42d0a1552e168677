"""A small trained-looking network and its export: fixtures of the rooms edge and conversion."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from smearflow.ground.files import file_sha256, write_json

SIZE = 24
WIDTH = 12


@pytest.fixture(scope="session")
def serve() -> Any:
    """A tf.function like the one of a trained model: two convolutions, 24 pixels, 12 features."""
    import tensorflow as tf

    generator = tf.random.Generator.from_seed(3)
    first = tf.Variable(generator.normal((3, 3, 3, 8)) * 0.3)
    second = tf.Variable(generator.normal((3, 3, 8, WIDTH)) * 0.2)
    head = tf.Variable(generator.normal((WIDTH, 2)))

    @tf.function(input_signature=[tf.TensorSpec((1, SIZE, SIZE, 3), tf.float32)])
    def function(pixels: Any) -> Any:
        hidden = tf.nn.relu(tf.nn.conv2d(pixels / 127.5 - 1, first, 2, "SAME"))
        hidden = tf.nn.relu(tf.nn.conv2d(hidden, second, 2, "SAME"))
        embedding = tf.reduce_mean(hidden, axis=(1, 2))
        return tf.nn.softmax(embedding @ head), embedding

    return function


@pytest.fixture(scope="session")
def pixels() -> npt.NDArray[np.uint8]:
    """40 cells of random colours, each with some noise."""
    rng = np.random.default_rng(5)
    colours = rng.integers(0, 256, (40, 1, 1, 3))
    noise = rng.integers(-40, 41, (40, SIZE, SIZE, 3))
    return (colours + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def expected(
    serve: Any, pixels: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Probability of the positive class and embedding of each cell, by the original function."""
    outputs = [serve(cell[None].astype(np.float32)) for cell in pixels]
    probabilities = np.array([output[0][0, 1] for output in outputs])
    return probabilities, np.array([output[1][0] for output in outputs])


@pytest.fixture(scope="session")
def float32_model(serve: Any) -> bytes:
    from smearflow.conversion.convert import to_float32

    return to_float32(serve)


@pytest.fixture(scope="session")
def export_folder(tmp_path_factory: pytest.TempPathFactory, float32_model: bytes) -> Path:
    """What the stage export leaves, with the float32 model chosen."""
    folder = tmp_path_factory.mktemp("export")
    file = folder / "model_float32.tflite"
    file.write_bytes(float32_model)
    description = {
        "chosen": file.name,
        "classes": ["Uninfected", "Parasitized"],
        "image_size": SIZE,
        "models": {file.name: {"sha256": file_sha256(file)}},
        "threshold": 0.4,
    }
    write_json(folder / "edge.json", description)
    return folder
