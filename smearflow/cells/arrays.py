"""The pixels of each side of the split, packed into one array a side."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, repeat
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.cells import manifest
from smearflow.cells.images import ALONE, pixels_of
from smearflow.cells.parallel import ordered_map
from smearflow.cells.ranges import Settled
from smearflow.errors import SmearflowError


@dataclass(frozen=True)
class Side:
    """The cells of one side of the split, or some of them.

    Attributes:
        pixels: uint8 RGB [n, size, size, 3]; of a whole side memory-mapped, never to be written.
        table: a row per cell in the same order: the manifest's columns, `target`, `side`.
    """

    pixels: np.ndarray
    table: pd.DataFrame

    @property
    def targets(self) -> np.ndarray:
        """int8 [n], 1 = positive."""
        return self.table["target"].to_numpy(np.int8)

    @property
    def patients(self) -> np.ndarray:
        """str [n]: what was kept together in the split."""
        return self.table["patient"].to_numpy(str)

    def take(self, indices: np.ndarray) -> "Side":
        """Some cells, their pixels copied into memory.

        Args:
            indices: int [k], in the order wanted.
        """
        return Side(self.pixels[indices], self.table.iloc[indices].reset_index(drop=True))


def load_side(folder: Path, side: str) -> Side:
    """Open a side that `pack_side` wrote; pixels are read from disk as they are used.

    Raises:
        SmearflowError: its array and table are not of one length.
        OSError: they don't exist.
    """
    # copy on write, which nobody does: TensorFlow takes over in place only what may be written
    pixels = np.load(folder / f"{side}.npy", mmap_mode="c")
    table = manifest.read(folder / f"{side}.parquet")
    if len(pixels) != len(table):
        raise SmearflowError(
            f"{folder}: {side} has {len(pixels)} images and {len(table)} rows",
            "run the split stage again, in the folder of that run: dvc repro -sf split",
        )
    return Side(pixels, table)


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
    folder: Path, side: str, table: pd.DataFrame, pixels: Iterator[np.ndarray], size: int
) -> str:
    """Write the pixels and the table of a side; memory does not grow with their number.

    Args:
        table: a row per image, with `cell_id` and `target`.
        pixels: uint8 [size, size, 3] per image, in the order of the rows; as many are taken as
            there are rows.

    Returns:
        sha256 over pixels, cell ids and targets; 64 hex digits.
    """
    digest = hashlib.sha256()
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(table), size, size, 3)}
    # written as a stream: of a memory map the written pages would stay in memory for a while
    with (folder / f"{side}.npy").open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for image in islice(pixels, len(table)):
            stream.write(image.tobytes())
            digest.update(image.tobytes())
    digest.update("\n".join(table["cell_id"]).encode())
    digest.update(table["target"].to_numpy(np.int8).tobytes())
    manifest.write(table, folder / f"{side}.parquet")
    return digest.hexdigest()


def patient_fraction(side: Side, fraction: float, salt: str) -> np.ndarray:
    """The cells of a share of the patients, chosen by a hash.

    The patients of a smaller fraction are among those of a larger one. There are more of them
    than the fraction asks for if that takes in both classes.

    Args:
        fraction: of the patients, in (0, 1].
        salt: another one chooses other patients.

    Returns:
        Ascending indices into the side, int [k].

    Raises:
        SmearflowError: the side has cells of one class only.
    """
    names, numbers = np.unique(side.patients, return_inverse=True)
    hashes = [hashlib.sha256(f"{salt}/{name}".encode()).digest() for name in names]
    rank = np.empty(len(names), int)
    rank[sorted(range(len(names)), key=hashes.__getitem__)] = np.arange(len(names))
    rank_of_cell = rank[numbers]
    first_of_class = []
    for target in (0, 1):
        ranks = rank_of_cell[side.targets == target]
        if not ranks.size:
            raise SmearflowError(
                f"no cell of target {target} to choose patients from", "add cells of that class"
            )
        first_of_class.append(ranks.min() + 1)
    wanted = max(int(np.ceil(fraction * len(names) - 1e-9)), *first_of_class)
    return np.flatnonzero(rank_of_cell < wanted)
