"""Packed cells as batches for Keras: read from the mapped file as needed, the same on every run.

Order and symmetry of an epoch are drawn from (seed, epoch) alone. Batches are turned in numpy, not
in TensorFlow's graph, where the same costs four times as much.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from smearflow.cells.arrays import Side

Pixels = npt.NDArray[np.uint8]
Batch = tuple[Pixels, npt.NDArray[np.int8]]

EVALUATION_BATCH = 64  # larger ones are slower on a CPU
SYMMETRIES = 8


def training_batches(
    side: Side, batch_size: int, seed: int, *, augment: bool, epochs: int
) -> tf.data.Dataset:
    """Shuffled batches of all epochs in a row, `batch_count` of them per epoch; no cell is dropped.

    Yields:
        pixels uint8 [batch, S, S, 3] and targets int8 [batch].
    """

    targets = side.targets

    def batches() -> Iterator[Batch]:
        for epoch in range(epochs):
            random = np.random.default_rng((seed, epoch))
            order = random.permutation(len(targets))
            codes = random.integers(SYMMETRIES, size=len(order)) if augment else None
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                pixels = side.pixels[rows]
                if codes is not None:
                    turn(pixels, codes[start : start + batch_size])
                yield pixels, targets[rows]

    return _dataset(batches, side, epochs * batch_count(len(targets), batch_size))


def evaluation_batches(side: Side) -> tf.data.Dataset:
    """All cells in their order, as `training_batches` yields them."""

    targets = side.targets

    def batches() -> Iterator[Batch]:
        for start in range(0, len(targets), EVALUATION_BATCH):
            rows = slice(start, start + EVALUATION_BATCH)
            yield side.pixels[rows], targets[rows]

    return _dataset(batches, side, batch_count(len(targets), EVALUATION_BATCH))


def batch_count(cells: int, batch_size: int) -> int:
    """Number of batches, the last of which may be smaller."""
    return math.ceil(cells / batch_size)


def turn(pixels: Pixels, codes: npt.NDArray[np.int64]) -> None:
    """Apply one of the eight symmetries of the square to each image, in place.

    Args:
        pixels: [n, S, S, 3].
        codes: [n], 0..7; bit 0 flips rows, bit 1 columns, bit 2 swaps rows and columns. A cell
            under the microscope has no right way up.
    """
    for code in range(1, SYMMETRIES):
        chosen = np.flatnonzero(codes == code)
        images = pixels[chosen]
        if code & 1:
            images = images[:, ::-1]
        if code & 2:
            images = images[:, :, ::-1]
        if code & 4:
            images = images.transpose(0, 2, 1, 3)
        pixels[chosen] = images


def _dataset(batches: Callable[[], Iterator[Batch]], side: Side, count: int) -> tf.data.Dataset:
    signature = (
        tf.TensorSpec((None, *side.pixels.shape[1:]), tf.uint8),
        tf.TensorSpec((None,), tf.int8),
    )
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(2)
