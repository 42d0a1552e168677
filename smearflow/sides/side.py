"""A side of the split: its packed pixels and its table."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.sides.tables import read_table


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

    @property
    def people(self) -> np.ndarray:
        """str [n]: `patients` without their sources. Whoever came in by two is one person."""
        return self.table["patient"].str.partition("/")[2].to_numpy(str)

    def take(self, indices: np.ndarray) -> "Side":
        """Some cells, their pixels copied into memory.

        Args:
            indices: int [k], in the order wanted.
        """
        return Side(self.pixels[indices], self.table.iloc[indices].reset_index(drop=True))


def joined(sides: Sequence[Side]) -> Side:
    """All cells of several sides, one side after the other.

    Args:
        sides: at least one; a column that one of them lacks is missing in its rows.
    """
    return Side(
        np.concatenate([side.pixels for side in sides]),
        pd.concat([side.table for side in sides], ignore_index=True),
    )


def taken(sides: Sequence[Side], places: npt.NDArray[np.intp]) -> Side:
    """Some cells of several sides; no others are read, and one side alone and whole stays mapped.

    Args:
        places: in all cells of the sides in a row, int [k], ascending.
    """
    parts, start = [], 0
    for side in sides:
        stop = start + len(side.table)
        own = places[(places >= start) & (places < stop)] - start
        if len(own):
            parts.append(side if len(own) == len(side.table) else side.take(own))
        start = stop
    return parts[0] if len(parts) == 1 else joined(parts)


def load_side(folder: Path, side: str) -> Side:
    """Open a side that `pack_side` wrote; pixels are read from disk as they are used.

    Raises:
        SmearflowError: its array and table are not of one length.
        OSError: they don't exist.
    """
    # copy on write, which nobody does: TensorFlow takes over in place only what may be written
    pixels = np.load(folder / f"{side}.npy", mmap_mode="c")
    table = read_table(folder / f"{side}.parquet")
    if len(pixels) != len(table):
        raise SmearflowError(
            f"{folder}: {side} has {len(pixels)} images and {len(table)} rows",
            "run the split stage again, in the folder of that run: dvc repro -sf split",
        )
    return Side(pixels, table)


def patient_fraction(table: pd.DataFrame, fraction: float, salt: str) -> npt.NDArray[np.intp]:
    """The cells of a share of the patients, chosen by a hash.

    The patients of a smaller fraction are among those of a larger one. There are more of them
    than the fraction asks for if that takes in both classes.

    Args:
        table: of a side, or some of its rows.
        fraction: of the patients, in (0, 1].
        salt: another one chooses other patients.

    Returns:
        Ascending rows of the table, int [k].

    Raises:
        SmearflowError: the table has cells of one class only.
    """
    names, numbers = np.unique(table["patient"].to_numpy(str), return_inverse=True)
    hashes = [hashlib.sha256(f"{salt}/{name}".encode()).digest() for name in names]
    rank = np.empty(len(names), int)
    rank[sorted(range(len(names)), key=hashes.__getitem__)] = np.arange(len(names))
    rank_of_cell = rank[numbers]
    first_of_class = []
    for target in (0, 1):
        ranks = rank_of_cell[table["target"] == target]
        if not ranks.size:
            raise SmearflowError(
                f"no cell of target {target} to choose patients from", "add cells of that class"
            )
        first_of_class.append(ranks.min() + 1)
    wanted = max(int(np.ceil(fraction * len(names) - 1e-9)), *first_of_class)
    return np.flatnonzero(rank_of_cell < wanted)


def cells_of_each(table: pd.DataFrame, most: int) -> npt.NDArray[np.intp]:
    """At most so many cells of each patient, at even steps: each class keeps its share.

    Args:
        table: of a side, or some of its rows.

    Returns:
        Ascending rows of the table, int [k].
    """
    patients, targets = table["patient"].to_numpy(str), table["target"].to_numpy()
    chosen = []
    for patient in np.unique(patients):
        own = np.flatnonzero(patients == patient)
        by_class = own[np.argsort(targets[own], kind="stable")]
        chosen.append(by_class[even_steps(len(own), most)])
    return np.sort(np.concatenate(chosen))


def even_steps(cells: int, count: int) -> npt.NDArray[np.intp]:
    """`count` indices at even steps over `cells` (all of them if there are fewer)."""
    return np.linspace(0, cells - 1, min(cells, count)).round().astype(np.intp)
