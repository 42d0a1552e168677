"""Features of a frozen backbone: computed once per cell and symmetry, kept as a mapped file."""

import fcntl
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.ground.files import replacing
from smearflow.model.backbone import HubBackbone
from smearflow.model.batches import EVALUATION_BATCH, padded_batches, turn
from smearflow.model.network import scaling
from smearflow.model.quiet import keras, tf

Features = npt.NDArray[np.float32]


def cached_features(
    file: Path,
    pixels: npt.NDArray[np.uint8],
    backbone: Path,
    input_range: tuple[float, float],
    symmetries: Sequence[int],
) -> Features:
    """Features of cells under symmetries, from the file or computed and written to it.

    Processes that need one file at the same time wait for the first of them.

    Args:
        pixels: [n, S, S, 3].
        symmetries: codes of `turn`.

    Returns:
        [symmetries, n, D], mapped.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.is_file():
            _write(file, pixels, backbone, input_range, symmetries)
    # copy on write, for the same reason as in `load_side`
    features: Features = np.load(file, mmap_mode="c")
    return features


class Extractor:
    """A frozen backbone, traced at its first call.

    Args:
        image_size: of the cells' sides, pixels.
        backbone: folder of the module.
        input_range: what the module expects for 0 and 255.

    Attributes:
        width: features per cell, D.
    """

    def __init__(self, image_size: int, backbone: Path, input_range: tuple[float, float]) -> None:
        cell = keras.Input((image_size, image_size, 3))
        features = HubBackbone(backbone, "frozen").features(scaling(input_range)(cell))
        layers = keras.Model(cell, features)
        self.width: int = features.shape[1]

        @tf.function
        def extract(batch: tf.Tensor, code: tf.Tensor) -> tf.Tensor:
            return layers(turn(batch, tf.fill([EVALUATION_BATCH], code)), training=False)

        self._extract = extract

    def __call__(self, batch: tf.Tensor, code: int) -> Features:
        """Features [EVALUATION_BATCH, D] of a batch of `padded_batches`, turned as `turn` does."""
        features: Features = self._extract(batch, tf.constant(code, tf.uint8)).numpy()
        return features


def _write(
    file: Path,
    pixels: npt.NDArray[np.uint8],
    backbone: Path,
    input_range: tuple[float, float],
    symmetries: Sequence[int],
) -> None:
    extract = Extractor(pixels.shape[1], backbone, input_range)
    with replacing(file) as temporary:
        shape = (len(symmetries), len(pixels), extract.width)
        kept = np.lib.format.open_memmap(temporary, "w+", np.float32, shape)
        for rows, batch in padded_batches(pixels):
            for view, code in enumerate(symmetries):
                kept[view, rows] = extract(batch, code)[: rows.stop - rows.start]
        kept.flush()
