"""Packed cells as batches for Keras: read and varied in TensorFlow's graph, the same on every run.

Order, symmetries and jitter of an epoch are drawn from (seed, epoch) alone. Pixels stay uint8 until
they are in the network.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from smearflow.model.quiet import tf
from smearflow.model.weighting import ClassWeights, Weights, cell_weights
from smearflow.params.model import Configuration
from smearflow.sides.side import Side

Read = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]]
"""Cells int32 [b], their symmetries uint8 [b], the seed int32 [2] of the batch -> a batch."""

EVALUATION_BATCH = 64  # larger ones are slower on a CPU
SYMMETRIES = 8
# below it in all channels: as `images.statistics.BLACK`, which no training run should depend on
CUT_AWAY = 16
# of painted ground: levels of all channels, and how far one of them is off
_DARKEST_GROUND, _LIGHTEST_GROUND, _TINT = 190.0, 250.0, 15.0
_WITH_NEIGHBOUR = 0.5  # share of the painted images
_PAINT = 1_000_003  # apart from the seeds of jitter
_ALIGNMENT = 64  # bytes; TensorFlow takes over an array in place only where it starts so


def training_batches(
    side: Side, configuration: Configuration, seed: int, weights: ClassWeights | None = None
) -> tf.data.Dataset:
    """Shuffled batches of all epochs in a row, `batch_count` of them per epoch; no cell is dropped.

    Yields:
        pixels uint8 [batch, S, S, 3] and targets int8 [batch]; where classes have weights also
        those of the cells, float32 [batch].
    """
    counted = cell_weights(side.targets, weights)
    pixels, answers = as_tensor(side.pixels), _answers(side.targets, counted)
    strengths = (configuration.stain_jitter, configuration.brightness_jitter)

    def read(rows: tf.Tensor, codes: tf.Tensor, batch_seed: tf.Tensor) -> Any:
        images = tf.gather(pixels, rows)
        if configuration.augment:
            images = turn(images, codes)
        if configuration.ground_paint:
            images = paint_ground(images, configuration.ground_paint, batch_seed)
        if any(strengths):
            images = jitter(images, *strengths, batch_seed)
        return images, *(tf.gather(each, rows) for each in answers)

    return _shuffled(len(side.targets), configuration, seed, read)


def evaluation_batches(side: Side, weights: ClassWeights | None = None) -> tf.data.Dataset:
    """All cells in their order, as `training_batches` yields them; each patient counts the same."""
    counted = cell_weights(side.targets, weights, side.patients)
    return _ordered(as_tensor(side.pixels), side.targets, counted)


def training_features(
    features: npt.NDArray[np.float32],
    targets: npt.NDArray[np.int8],
    configuration: Configuration,
    seed: int,
    weights: ClassWeights | None = None,
) -> tf.data.Dataset:
    """`training_batches` of cells whose features are known: the same cells in the same order.

    Args:
        features: [symmetries, n, D], of each cell under each symmetry; of one symmetry, the
            identity, if the configuration does not augment.
        targets: [n].

    Yields:
        features float32 [batch, D], then as `training_batches`.
    """
    views, cells, width = features.shape
    flat = as_tensor(features.reshape(views * cells, width))
    answers = _answers(targets, cell_weights(targets, weights))

    def read(rows: tf.Tensor, codes: tf.Tensor, batch_seed: tf.Tensor) -> Any:
        del batch_seed
        vectors = tf.gather(flat, tf.cast(codes, tf.int32) * cells + rows)
        return vectors, *(tf.gather(each, rows) for each in answers)

    return _shuffled(cells, configuration, seed, read)


def evaluation_features(
    features: npt.NDArray[np.float32], side: Side, weights: ClassWeights | None = None
) -> tf.data.Dataset:
    """`evaluation_batches` of cells whose features [n, D] are known."""
    counted = cell_weights(side.targets, weights, side.patients)
    return _ordered(as_tensor(features), side.targets, counted)


def padded_batches(pixels: npt.NDArray[np.uint8]) -> Iterator[tuple[slice, tf.Tensor]]:
    """All cells in their order in batches of one size, so that no result depends on their number.

    Args:
        pixels: [n, S, S, 3]; may be mapped, they are read batch by batch.

    Yields:
        The rows of the batch, and their pixels, filled up with zeros [EVALUATION_BATCH, S, S, 3].
    """
    for start in range(0, len(pixels), EVALUATION_BATCH):
        batch = pixels[start : start + EVALUATION_BATCH]
        missing = EVALUATION_BATCH - len(batch)
        padded = np.pad(batch, ((0, missing), (0, 0), (0, 0), (0, 0)))
        yield slice(start, start + len(batch)), tf.constant(padded)


def batch_count(cells: int, batch_size: int) -> int:
    """Number of batches, the last of which may be smaller."""
    return math.ceil(cells / batch_size)


def as_tensor(array: npt.NDArray[Any]) -> tf.Tensor:
    """An array as a tensor, in place where TensorFlow can: a file mapped for reading stays so."""
    if array.flags.writeable and array.ctypes.data % _ALIGNMENT == 0:
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    return tf.constant(array)


def turn(pixels: tf.Tensor, codes: tf.Tensor) -> tf.Tensor:
    """Apply one of the eight symmetries of the square to each image.

    Args:
        pixels: [n, S, S, 3].
        codes: uint8 [n], 0..7; bit 0 flips rows, bit 1 columns, bit 2 swaps rows and columns. A
            cell under the microscope has no right way up.
    """
    images, side = tf.shape(pixels)[0], pixels.shape[1]
    # one gather of whole pixels: flips and choices between them took a quarter of a training step
    places = tf.gather(_turned_places(side), tf.cast(codes, tf.int32))
    flat = tf.reshape(pixels, (images, side * side, 3))
    return tf.reshape(tf.gather(flat, places, batch_dims=1), tf.shape(pixels))


def _turned_places(side: int) -> npt.NDArray[np.int32]:
    """Of each code and each pixel of a turned image its place before, int32 [8, side * side]."""
    square = np.arange(side * side, dtype=np.int32).reshape(side, side)
    found = []
    for code in range(SYMMETRIES):
        places = square[::-1] if code & 1 else square
        places = places[:, ::-1] if code & 2 else places
        found.append((places.T if code & 4 else places).ravel())
    return np.stack(found)


def jitter(pixels: tf.Tensor, stain: float, brightness: float, seed: tf.Tensor) -> tf.Tensor:
    """Stain each image a little differently, and light it a little differently.

    A stain multiplies the optical density -log10((level + 1) / 256) of a channel (Beer-Lambert
    law), light multiplies the intensity level + 1. Both factors are e^u, u uniform in +-strength.
    Level 0, what was cut away, stays.

    Args:
        pixels: uint8 [n, S, S, 3].
        stain: strength, one factor per image and channel.
        brightness: strength, one factor per image.
        seed: int32 [2]; the same one gives the same factors.

    Returns:
        uint8 [n, S, S, 3].
    """
    images = tf.shape(pixels)[0]
    uniform = tf.random.stateless_uniform((images, 4, 1), seed, -1.0, 1.0)
    density, light = tf.exp(stain * uniform[:, :3]), tf.exp(brightness * uniform[:, 3:])
    levels = tf.range(256, dtype=tf.float32)
    changed = tf.round(256 * light * ((levels + 1) / 256) ** density - 1)
    # a table per image and channel: cheaper than powers of every pixel
    table = tf.cast(tf.clip_by_value(changed, 0, 255) * tf.sign(levels), tf.uint8)
    offsets = 256 * tf.reshape(tf.range(3 * images), (images, 1, 1, 3))
    return tf.gather(tf.reshape(table, [-1]), tf.cast(pixels, tf.int32) + offsets)


def paint_ground(pixels: tf.Tensor, share: float, seed: tf.Tensor) -> tf.Tensor:
    """Put some cells on a light ground, half of them with a neighbour, where they were cut out.

    Other laboratories' cells lie on the glass, beside others. Painted is what is black (below
    CUT_AWAY in all channels): with a light colour of the image's own, or with what
    another cell of the batch shows there, moved by about half a side.

    Args:
        pixels: uint8 [n, S, S, 3].
        share: of the images.
        seed: int32 [2]; the same one paints the same.

    Returns:
        uint8 [n, S, S, 3].
    """
    images, side = tf.shape(pixels)[0], tf.shape(pixels)[1]
    uniform = tf.random.stateless_uniform((images, 6, 1, 1), seed + _PAINT)
    painted, near = uniform[:, 0:1] < share, uniform[:, 1:2] < _WITH_NEIGHBOUR
    light = _DARKEST_GROUND + (_LIGHTEST_GROUND - _DARKEST_GROUND) * uniform[:, 2:3]
    tint = _TINT * (2 * tf.transpose(uniform[:, 3:6], (0, 2, 3, 1)) - 1)
    ground = tf.cast(tf.clip_by_value(light + tint, 0, 255), tf.uint8)
    along, across = tf.unstack(tf.random.stateless_uniform((2,), seed + 2 * _PAINT))
    move = [
        tf.cast((0.4 + 0.2 * along) * tf.cast(side, tf.float32), tf.int32),
        tf.cast(across * tf.cast(side, tf.float32), tf.int32),
    ]
    others = tf.roll(tf.roll(pixels, 1, 0), move, (1, 2))
    behind = tf.where(near & _is_cell(others), others, ground)
    return tf.where(painted & ~_is_cell(pixels), behind, pixels)


def _is_cell(pixels: tf.Tensor) -> tf.Tensor:
    """Which pixels were not cut away, [n, S, S, 1]."""
    return tf.reduce_max(pixels, -1, keepdims=True) >= CUT_AWAY


def _shuffled(cells: int, configuration: Configuration, seed: int, read: Read) -> tf.data.Dataset:
    order, codes = _draw(cells, configuration, seed)
    size, per_epoch = configuration.batch_size, batch_count(cells, configuration.batch_size)

    def batch(step: tf.Tensor) -> Any:
        epoch, place = step // per_epoch, step % per_epoch
        start = epoch * cells + place * size
        stop = tf.minimum(start + size, (epoch + 1) * cells)
        batch_seed = tf.stack([tf.constant(seed, tf.int64), step])
        return read(order[start:stop], codes[start:stop], tf.cast(batch_seed, tf.int32))

    return _dataset(batch, configuration.epochs * per_epoch)


def _draw(cells: int, configuration: Configuration, seed: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The cells of all epochs in a row, int32 [epochs * n], and their symmetries, uint8."""
    orders, codes = [], []
    for epoch in range(configuration.epochs):
        random = np.random.default_rng((seed, epoch))
        orders.append(random.permutation(cells).astype(np.int32))
        codes.append(random.integers(SYMMETRIES if configuration.augment else 1, size=cells))
    return (
        tf.constant(np.concatenate(orders)),
        tf.constant(np.concatenate(codes).astype(np.uint8)),
    )


def _answers(targets: npt.NDArray[np.int8], counted: Weights | None) -> tuple[tf.Tensor, ...]:
    """What a batch tells beside its cells: targets int8 [n], and their weights float32 [n]."""
    if counted is None:
        return (tf.constant(targets),)
    return tf.constant(targets), tf.constant(counted.astype(np.float32))


def _ordered(
    inputs: tf.Tensor, targets: npt.NDArray[np.int8], counted: Weights | None
) -> tf.data.Dataset:
    answers = _answers(targets, counted)

    def batch(step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        rows = slice(step * EVALUATION_BATCH, (step + 1) * EVALUATION_BATCH)
        return inputs[rows], *(each[rows] for each in answers)

    return _dataset(batch, batch_count(len(targets), EVALUATION_BATCH))


def _dataset(batch: Callable[[tf.Tensor], Any], count: int) -> tf.data.Dataset:
    options = tf.data.Options()
    # they would gain nothing here, and copy every tensor in use, the mapped pixels too
    options.experimental_optimization.apply_default_optimizations = False
    # nothing is left to be tuned; and its thread kept the end of many a run waiting until ten
    # seconds after the start
    options.autotune.enabled = False
    return tf.data.Dataset.range(count).map(batch).prefetch(2).with_options(options)
