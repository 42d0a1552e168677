"""Shapes that look grown: wavy outlines, seen from their middle, and smooth noise."""

from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter

TILE = 1024  # pixels
TURN = 360  # directions an outline is known in
_ANGLES = np.arange(TURN) * (2 * np.pi / TURN)
_ORDERS = np.arange(2, 9)
_WAVES = np.concatenate([np.cos(np.outer(_ORDERS, _ANGLES)), np.sin(np.outer(_ORDERS, _ANGLES))])
_FALL = np.tile(_ORDERS**-1.5, 2)  # higher orders are weaker: round, with few corners


def outline(
    rng: np.random.Generator, irregularity: float, elongation: float = 1.0, roughness: float = 0.0
) -> np.ndarray:
    """A closed curve around the origin: an ellipse in a random direction with waves on it.

    Args:
        irregularity: standard deviation of the waves' amplitudes relative to the radius.
        elongation: long axis by short axis.
        roughness: how much of the fall of the amplitudes towards higher orders is taken back.

    Returns:
        The distance from the origin per degree, float32 [TURN], about 1.
    """
    turned = _ANGLES - rng.uniform(0, np.pi)
    stretch = np.sqrt(elongation)
    ellipse = 1 / np.hypot(np.cos(turned) / stretch, np.sin(turned) * stretch)
    amplitudes = irregularity * rng.standard_normal(len(_FALL)) * _FALL ** (1 - roughness)
    return (ellipse * np.exp(amplitudes @ _WAVES)).astype(np.float32)


def bump(degrees: float, width: float) -> np.ndarray:
    """A bell of height 1 in a direction; `width` in degrees; float32 [TURN]."""
    apart = (np.arange(TURN) - degrees + TURN / 2) % TURN - TURN / 2
    return np.exp(-((apart / width) ** 2)).astype(np.float32)


def corners(radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points of an outline; rows and columns, each [TURN]."""
    return radii * np.sin(_ANGLES), radii * np.cos(_ANGLES)


def polar(rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance from the origin and direction in whole degrees.

    Args:
        rows: [h], `columns`: [w]; coordinates of a grid.

    Returns:
        float32 [h, w] and int [h, w] in [0, TURN).
    """
    down, right = rows.astype(np.float32)[:, None], columns.astype(np.float32)
    degrees = np.arctan2(down, right) * np.float32(TURN / (2 * np.pi))
    return np.sqrt(down * down + right * right), degrees.astype(np.int16) % TURN


def texture(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Smooth noise: a random window of a large tile, because drawing noise is slow.

    Args:
        shape: at most TILE a side.
        scale: standard deviation of the smoothing, pixels.

    Returns:
        Gaussian values of mean 0 and variance 1, float32 of the shape, read only.
    """
    row, column = rng.integers(0, TILE + 1 - np.array(shape))
    return _tile(scale)[row : row + shape[0], column : column + shape[1]]


@cache
def _tile(scale: float) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((TILE, TILE), np.float32)
    tile = gaussian_filter(noise, scale, mode="wrap")
    tile /= tile.std()
    tile.flags.writeable = False
    return tile
