"""Images that are the same, to the pixel or nearly so, also mirrored or turned."""

import hashlib
from typing import NamedTuple, Self

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 16  # of a perceptual hash, which has SIDE * SIDE bits
# Stored again as JPEG of quality 80, scaled to 90 % or brightened by 8 %, 99 of 100 NLM/NIH cells
# stay within 4 bits; of 68 million pairs of different patients none was within 22.
NEAR = 10
# The same of cells that were mirrored or turned as well: within 16. Of those 68 million pairs in
# eight orientations each, none was within 18 and two within 20.
TURNED = 16
BLOCK = 64  # hashes compared with all others at a time: so the intermediate results stay in cache

Words = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]


def pixel_hash(image: Image.Image) -> str:
    """sha256 of the size and pixels of an RGB image, whatever file held them; 64 hex digits."""
    size = f"{image.width}x{image.height}/".encode()
    return hashlib.sha256(size + image.tobytes()).hexdigest()


def perceptual_hash(image: Image.Image) -> str:
    """What an image looks like: signs of its low spatial frequencies; 64 hex digits.

    pHash (Zauner 2010, Implementation and Benchmarking of Perceptual Image Hash Functions).
    """
    return str(imagehash.phash(image, hash_size=SIDE))


def twins(
    hashes: np.ndarray, groups: np.ndarray, most: int = NEAR, turned: int = TURNED
) -> np.ndarray:
    """For each image the most alike one of another group.

    Args:
        hashes: str [n], of `perceptual_hash`.
        groups: int or str [n].
        most: bits in which two images may differ and still be near duplicates.
        turned: likewise, where one is mirrored, turned by quarters or both; -1: none of these.

    Returns:
        int [n]: the index of the near duplicate, the first of equals; -1 where there is none.
    """
    kinds = [np.unique(each, return_inverse=True)[1] for each in (hashes, groups)]
    # equal hashes of a group are one: many blank images would else be compared by pairs
    _, first, item = np.unique(
        np.stack(kinds).astype(np.int64), axis=1, return_index=True, return_inverse=True
    )
    order = np.argsort(first)
    found = _Nearest.of(len(order))
    codes = _Codes.of(np.asarray(hashes)[first[order]])
    for start in range(0, len(order), BLOCK):
        found.learn(*_pairs(codes, kinds[1][first[order]], start, most, turned))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    own = found.other[place[item.ravel()]]
    return np.where(own < 0, -1, first[order][own]) if len(own) else own


class _Codes(NamedTuple):
    """Hashes by what becomes of their bits when the image is mirrored, a word of 64 bits each.

    A frequency of an odd number of half waves changes its sign when the image is mirrored along it,
    an even one does not; transposing the image transposes the frequencies.

    Attributes:
        words: [4, n]: even and even, even and odd, odd and even, odd and odd frequencies.
        transposed: the same of the transposed images.
    """

    words: Words
    transposed: Words

    @classmethod
    def of(cls, hashes: npt.NDArray[np.str_]) -> Self:
        data = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8)
        bits = np.unpackbits(data).reshape(-1, SIDE, SIDE)
        return cls(_words(bits), _words(bits.transpose(0, 2, 1)))


def _words(bits: Bits) -> Words:
    parts = [bits[:, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    return np.stack(
        [np.packbits(part.reshape(len(bits), 64), axis=1).view(np.uint64).ravel() for part in parts]
    )


def _pairs(
    codes: _Codes, groups: npt.NDArray[np.int64], start: int, most: int, turned: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Near duplicates of different groups, the first of each in a block.

    Returns:
        The first, the second, and the bits in which they differ, an entry per pair.
    """
    rows, limit = slice(start, start + BLOCK), max(most, turned)
    parts = []
    for others in (codes.words, codes.transposed) if turned >= 0 else (codes.words,):
        # these two words tell a lower bound whatever the orientation: few pairs pass it
        odd = np.bitwise_count(codes.words[3, rows, None] ^ others[3, None, start:])
        bound = np.minimum(odd, 64 - odd)
        bound += np.bitwise_count(codes.words[0, rows, None] ^ others[0, None, start:])
        first, second = (start + each for each in np.nonzero(bound <= limit))
        kept = (groups[first] != groups[second]) & (first < second)
        first, second = first[kept], second[kept]
        upright = others is codes.words
        bits = _different(codes.words[:, first], others[:, second], upright, most, turned)
        near = bits <= limit
        parts.append((first[near], second[near], bits[near]))
    first, second, bits = (np.concatenate(each) for each in zip(*parts, strict=True))
    return first, second, bits


def _different(
    words: Words, others: Words, upright: bool, most: int, turned: int
) -> npt.NDArray[np.int64]:
    """Bits in which pairs differ in the nearest orientation that counts; many where none does.

    Args:
        words: [4, k], others likewise.
        upright: whether they are compared as they are, and not transposed.
    """
    even, across, down, both = np.bitwise_count(words ^ others).astype(np.int64)
    as_it_is = even + across + down + both
    mirrored = [
        even + (64 - across) + down + (64 - both),
        even + across + (64 - down) + (64 - both),
        even + (64 - across) + (64 - down) + both,
    ]
    if not upright:
        mirrored.append(as_it_is)
    found = np.min(mirrored, axis=0)
    found[found > turned] = SIDE * SIDE
    return np.minimum(found, np.where(as_it_is > most, SIDE * SIDE, as_it_is)) if upright else found


class _Nearest(NamedTuple):
    """The nearest of each so far: its index, -1 for none, and the bits in which it differs."""

    other: npt.NDArray[np.int64]
    bits: npt.NDArray[np.int64]

    @classmethod
    def of(cls, count: int) -> Self:
        return cls(np.full(count, -1), np.full(count, SIDE * SIDE))

    def learn(
        self,
        first: npt.NDArray[np.int64],
        second: npt.NDArray[np.int64],
        bits: npt.NDArray[np.int64],
    ) -> None:
        own, other = np.concatenate([first, second]), np.concatenate([second, first])
        bits = np.concatenate([bits, bits])
        order = np.lexsort((other, bits, own))
        at = order[np.unique(own[order], return_index=True)[1]]  # the nearest new one of each
        own, other, bits = own[at], other[at], bits[at]
        known = self.other[own]
        better = (bits < self.bits[own]) | ((bits == self.bits[own]) & (other < known))
        better &= bits < SIDE * SIDE
        self.other[own[better]], self.bits[own[better]] = other[better], bits[better]
