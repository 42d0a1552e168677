"""Which images of a set were there before, whatever their file, turned or mirrored as well.

Numpy and Pillow alone, because an edge device asks it, too.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 64  # pixels an image is scaled to
KEPT = 16  # frequencies a side
# Stored again as JPEG of quality 80, scaled to 90 % or brightened by 8 %, and turned, all of 200
# NLM/NIH cells stay within 5 bits, and 99 of 100 JPEGs of another laboratory, stored again, within
# 10; of 6,000 NLM/NIH cells, 1,500 of the other laboratory and 480 rendered ones no two different
# ones are within 19, however turned.
NEAR = 10

Bits = npt.NDArray[np.uint64]


class Repeats:
    """Images, each compared with all before it."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._seen: Bits = np.empty((64, KEPT * KEPT // 64), np.uint64)

    def first(self, image: Image.Image, name: str) -> str | None:
        """Add an RGB image.

        Returns:
            The name of the first image that shows the same; None if there is none.
        """
        turned, count = _turned(image), len(self._names)
        different = np.bitwise_count(turned[:, np.newaxis] ^ self._seen[:count]).sum(axis=2)
        near = np.flatnonzero((different <= NEAR).any(axis=0))
        if count == len(self._seen):
            self._seen = np.concatenate([self._seen, np.empty_like(self._seen)])
        self._seen[count] = turned[0]
        self._names.append(name)
        return self._names[near[0]] if len(near) else None


def _turned(image: Image.Image) -> Bits:
    """Signs of low spatial frequencies, of the image and of it turned and mirrored; [8, 4].

    The discrete cosine transform of an image mirrored is the image's with the signs of the odd
    frequencies changed, of one mirrored at the diagonal the transposed.
    """
    grey = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    found = _COSINES @ np.asarray(grey, np.float64) @ _COSINES.T
    signs = [
        each * down[:, np.newaxis] * right > 0
        for each in (found, found.T)
        for down in (1 + 0 * _ALTERNATE, _ALTERNATE)
        for right in (1 + 0 * _ALTERNATE, _ALTERNATE)
    ]
    return np.packbits(np.reshape(signs, (8, -1)), axis=1).view(np.uint64)


_ALTERNATE = (-1) ** np.arange(KEPT)
_COSINES = np.cos(np.pi * np.outer(np.arange(KEPT), 2 * np.arange(SIDE) + 1) / (2 * SIDE))
