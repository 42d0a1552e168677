"""What an image of a cell looks like in a few hundred numbers: coarse pixels, outline, texture.

A network that was trained to tell infected from uninfected cells forgets what else sets a cell
apart from other things; these numbers do not. Numpy and Pillow alone, because an edge device asks.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from smearflow.images.stain import disc
from smearflow.images.statistics import BLACK, DENSITY

BLOCKS = 12  # a side


def looks_of(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Numbers of each cell [n, S, S, 3]; [n, 4 * BLOCKS^2 + 7].

    Mean level of each block and channel; share of each block that was not cut away; per channel
    the median density of the middle and how much it varies there; mean step from pixel to pixel.
    """
    if not len(pixels):
        return np.empty((0, 4 * BLOCKS**2 + 7), np.float32)
    middle = disc(pixels.shape[1])
    return np.stack([_of_one(cell, middle) for cell in pixels])


def _of_one(cell: npt.NDArray[np.uint8], middle: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    grey = cell.mean(axis=2, dtype=np.float32)
    shown = np.where(cell.max(axis=2) >= BLACK, 255, 0).astype(np.uint8)
    densities = DENSITY[cell[middle]]
    parts = (
        _blocks(cell) / 255,
        _blocks(shown) / 255,
        np.median(densities, axis=0),
        densities.std(axis=0),
        [np.abs(np.diff(grey, axis=1)).mean() / 255],
    )
    return np.concatenate(parts).astype(np.float32)


def _blocks(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.fromarray(image).resize((BLOCKS, BLOCKS), Image.Resampling.BOX)).ravel()
