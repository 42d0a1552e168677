"""How cells would look under another stain, lamp, focus, camera or compression."""

import io
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from smearflow.images.statistics import BLACK

Levels = npt.NDArray[np.float64]

_STAIN = (1.0, -0.5, 0.5)  # how the densities of red, green and blue move, per strength
_WHITE = (1.0, 0.0, -1.0)  # likewise the light


class Shift(NamedTuple):
    """One change of a strength that its kind says the unit of."""

    kind: str
    strength: float

    def __str__(self) -> str:
        """As in a table."""
        return f"{self.kind} {self.strength:g}"


def shifted(image: Image.Image, shift: Shift, seed: int) -> Image.Image:
    """An RGB image after a change; what was cut away stays black.

    Args:
        image: of one cell.
        shift: of a kind of `STRENGTHS`.
        seed: of the noise.
    """
    changed = _CHANGES[shift.kind](image, shift.strength, seed)
    cell = np.asarray(image).max(axis=2, keepdims=True) >= BLACK
    return Image.fromarray(np.where(cell, np.asarray(changed), np.asarray(image)))


def _stain(image: Image.Image, strength: float, seed: int) -> Image.Image:
    """Densities times 2 to the power of the strength, by channel (Beer-Lambert)."""
    del seed
    light = (np.asarray(image) + 1.0) / 256
    return _image(256 * light ** (2.0 ** (strength * np.array(_STAIN))) - 1)


def _white_balance(image: Image.Image, strength: float, seed: int) -> Image.Image:
    """Light times one plus or minus the strength, by channel."""
    del seed
    return _image(np.asarray(image) * (1 + strength * np.array(_WHITE)))


def _blur(image: Image.Image, strength: float, seed: int) -> Image.Image:
    """Gaussian; the strength is its deviation in shares of the image's width."""
    del seed
    return image.filter(ImageFilter.GaussianBlur(strength * image.width))


def _jpeg(image: Image.Image, strength: float, seed: int) -> Image.Image:
    """The strength is the quality that is missing from 100."""
    del seed
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=round(100 - strength))
    return Image.open(stream).convert("RGB")


def _noise(image: Image.Image, strength: float, seed: int) -> Image.Image:
    """Gaussian; the strength is its deviation in levels."""
    levels = np.asarray(image).astype(float)
    return _image(levels + np.random.default_rng(seed).normal(0, strength, levels.shape))


def _image(levels: Levels) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


_CHANGES: Mapping[str, Callable[[Image.Image, float, int], Image.Image]] = {
    "stain": _stain,
    "white balance": _white_balance,
    "blur": _blur,
    "JPEG": _jpeg,
    "noise": _noise,
}

STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "stain": (0.25, 0.5, 1.0),
    "white balance": (0.1, 0.2, 0.4),
    "blur": (0.01, 0.02, 0.04),
    "JPEG": (60, 80, 90),
    "noise": (5, 15, 30),
}
"""Of each kind what is tried: just visible, plain, coarse."""
