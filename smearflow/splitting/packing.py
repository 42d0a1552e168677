"""The pixels of a side packed into one array, whatever their number."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, repeat
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.images.decode import ALONE, pixels_of
from smearflow.images.ranges import Settled
from smearflow.images.stain import normalised, own_stain, slide_stains
from smearflow.parallel import ordered_map
from smearflow.sides.tables import write_table

CHUNK = 16  # cells that are in memory at once


def decode_all(
    images: Iterable[bytes], size: int, count: int, whites: Iterable[float] | None = None
) -> Iterator[np.ndarray]:
    """Decode and resize images over all cores, in order, a few ahead of their use.

    Args:
        images: the files' bytes; drawn as they are needed.
        size: pixels a side of the resized images.
        count: how many images there are.
        whites: of each image, as the manifest has it; without them each image is a set of its own.

    Returns:
        Per image uint8 [size, size, 3].

    Raises:
        UndecodableError: while iterating, at an image that can't be decoded.
    """
    settled = repeat(None) if whites is None else whites
    return ordered_map(partial(_pixels, size=size), zip(images, settled, strict=False), count)


def _pixels(image: tuple[bytes, float | None], size: int) -> np.ndarray:
    data, white = image
    return pixels_of(data, size, ALONE if white is None else Settled(white))


def pack_side(
    folder: Path,
    side: str,
    table: pd.DataFrame,
    pixels: Iterator[np.ndarray],
    size: int,
    *,
    normalise: bool,
) -> str:
    """Write the pixels and the table of a side; memory does not grow with their number.

    Args:
        table: a row per image, with `cell_id`, `patient` and `target`.
        pixels: uint8 [size, size, 3] per image, in the order of the rows; as many are taken as
            there are rows.
        normalise: whether the stain of each patient is.

    Returns:
        sha256 over pixels, cell ids and targets; 64 hex digits.
    """
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(table), size, size, 3)}
    file, stains = folder / f"{side}.npy", []
    # written as a stream: of a memory map the written pages would stay in memory for a while
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for image in islice(pixels, len(table)):
            stream.write(image.tobytes())
            if normalise:
                stains.append(own_stain(image))
    if normalise:
        _normalise(file, slide_stains(stains, table["patient"].tolist()))
    digest = hashlib.sha256()
    packed = np.load(file, mmap_mode="r")
    for start in range(0, len(packed), CHUNK):
        digest.update(packed[start : start + CHUNK].tobytes())
    digest.update("\n".join(table["cell_id"]).encode())
    digest.update(table["target"].to_numpy(np.int8).tobytes())
    write_table(table, folder / f"{side}.parquet")
    return digest.hexdigest()


def _normalise(file: Path, slides: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Normalise the cells of a packed file in place, some at a time."""
    packed = np.load(file, mmap_mode="r+")
    for places, stain in slides:
        for start in range(0, len(places), CHUNK):
            some = places[start : start + CHUNK]
            packed[some] = normalised(packed[some], stain)
    packed.flush()
