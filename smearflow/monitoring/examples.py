"""A few cells to look at, as they came in: usual ones beside those of a window."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

USUAL, WINDOW = "usual cells of the baseline", "cells of the window"  # titles of groups
CELLS = 20  # of a group
SIZE = 64  # pixels a side of usual ones; those of a window are as large as the model takes them

_USUAL_FILE, _FILE = "cells.npy", "cells.npz"

Pixels = npt.NDArray[np.uint8]


def some_of(cells: int, most: int) -> npt.NDArray[np.intp]:
    """Ascending indices of some cells, drawn by chance but always the same."""
    return np.sort(np.random.default_rng(1).permutation(cells)[:most])


def write_usual(folder: Path, cells: Iterable[Pixels]) -> None:
    """Keep some of a baseline's cells, uint8 RGB [SIZE, SIZE, 3] each."""
    np.save(folder / _USUAL_FILE, np.stack(list(cells)))


def read_usual(folder: Path) -> Pixels | None:
    """Those of a baseline, [n, SIZE, SIZE, 3]; None: it is of an earlier version."""
    file = folder / _USUAL_FILE
    return np.load(file) if file.is_file() else None


def write_examples(folder: Path, groups: Mapping[str, Pixels]) -> None:
    """Keep groups of cells, uint8 RGB [n, size, size, 3] each, by their titles, in order."""
    np.savez(folder / _FILE, allow_pickle=False, **groups)


def read_examples(folder: Path) -> dict[str, Pixels]:
    """The groups by their titles; none of a window that was not compared."""
    file = folder / _FILE
    if not file.is_file():
        return {}
    with np.load(file) as groups:
        return {title: groups[title] for title in groups.files}
