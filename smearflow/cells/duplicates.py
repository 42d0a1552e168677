"""Images that are the same, to the pixel or nearly so."""

import hashlib

import imagehash
import numpy as np
from PIL import Image

SIDE = 16  # of a perceptual hash, which has SIDE * SIDE bits
# Stored again as JPEG of quality 80, scaled to 90 % or brightened by 8 %, 99 of 100 NLM/NIH cells
# stay within 4 bits; of 8 million pairs of different patients none was within 20.
NEAR = 10
BLOCK = 1024  # rows compared at a time, so that memory stays flat


def pixel_hash(image: Image.Image) -> str:
    """sha256 of the size and pixels of an RGB image, whatever file held them; 64 hex digits."""
    size = f"{image.width}x{image.height}/".encode()
    return hashlib.sha256(size + image.tobytes()).hexdigest()


def perceptual_hash(image: Image.Image) -> str:
    """What an image looks like: signs of its low spatial frequencies; 64 hex digits.

    pHash (Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions).
    """
    return str(imagehash.phash(image, hash_size=SIDE))


def twins(hashes: np.ndarray, groups: np.ndarray, most: int = NEAR) -> np.ndarray:
    """For each image the most alike one of another group.

    Args:
        hashes: str [n], of `perceptual_hash`.
        groups: int or str [n].
        most: bits in which two images may differ and still be near duplicates.

    Returns:
        int [n]: the index of the near duplicate, the first of equals; -1 where there is none.
    """
    found = np.full(len(hashes), -1)
    # of signs +1 and -1 the product counts equal bits minus different ones
    signs = np.array([_signs(each) for each in hashes], np.float32).reshape(-1, SIDE * SIDE)
    for start in range(0, len(hashes), BLOCK):
        rows = slice(start, start + BLOCK)
        alike = signs[rows] @ signs.T
        alike[groups[rows, None] == groups[None, :]] = -np.inf
        nearest = alike.argmax(axis=1)
        near = alike[np.arange(len(nearest)), nearest] >= SIDE * SIDE - 2 * most
        found[rows] = np.where(near, nearest, -1)
    return found


def _signs(text: str) -> np.ndarray:
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8))
    return 2.0 * bits - 1.0
