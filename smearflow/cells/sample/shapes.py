"""Shapes that look grown: wavy outlines, seen from their middle, and smooth noise."""

from functools import lru_cache

import numpy as np

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
    return np.hypot(down, right), degrees.astype(np.int16) % TURN


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], knots: int) -> np.ndarray:
    """Gaussian values on a coarse grid, interpolated; float32 of the shape, variance below 1."""
    values = rng.standard_normal((knots, knots), np.float32)
    return _weights(shape[0], knots) @ values @ _weights(shape[1], knots).T


@lru_cache(maxsize=4096)
def _weights(length: int, knots: int) -> np.ndarray:
    """Cosine interpolation from `knots` values to `length`; float32 [length, knots]."""
    place = np.linspace(0, knots - 1, length)[:, None]
    distance = np.minimum(np.abs(place - np.arange(knots)), 1)
    return ((1 + np.cos(np.pi * distance)) / 2).astype(np.float32)
