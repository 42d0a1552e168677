"""A window: a folder of new, unlabelled images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.cells.files import cell_files
from smearflow.cells.manifest import Row, examine, identify, tabulate
from smearflow.cells.naming import parse_name
from smearflow.edge.plausible import ANY_CELL, CellLimits, why_no_cell
from smearflow.edge.repeats import Repeats
from smearflow.images.decode import peaks_of, resize
from smearflow.images.ranges import FolderScales

SOURCE = "incoming"
EXCLUDED = ("no_cell", "repeat_of")  # columns that say why a cell is not compared


@dataclass(frozen=True)
class Window:
    """The images of a folder.

    Attributes:
        table: a row per file with the manifest's columns, sorted by path (relative to the
            folder). The label is null, and so are patient and field where the name tells none.
            Further columns, null where nothing is wrong: `no_cell`, why the image can't be of one
            cell; `repeat_of`, the path of the first cell that shows the same.
        pixels: uint8 [decodable rows, size, size, 3], in the order of the rows without an error.
    """

    table: pd.DataFrame
    pixels: np.ndarray

    @property
    def decodable(self) -> pd.DataFrame:
        """The rows of the images that could be decoded."""
        return self.table[self.table["error"].isna()]

    @property
    def sound(self) -> "pd.Series[bool]":
        """Per decodable image, whether it can be a cell and shows none that was there before."""
        return self.decodable["no_cell"].isna() & self.decodable["repeat_of"].isna()


def read_window(
    folder: Path,
    image_size: int,
    bits: int | None = None,
    patterns: Sequence[str | None] = (None,),
    limits: CellLimits = ANY_CELL,
) -> Window:
    """Read all images of a folder, at any depth; `cells.files` says which files are images.

    A file that can't be decoded is a row with its error. One image at a time is in memory at its
    original size.

    Args:
        image_size: pixels a side of the resized images.
        bits: of samples of more than 8 bits; else by their tags, or measured over the folder.
        patterns: as in `naming.parse_name`; of each name the first that finds a patient counts.
        limits: of what an image of one cell is.
    """
    files = cell_files(folder)
    scales = FolderScales(bits, lambda: peaks_of(files))
    pixels = np.empty((len(files), image_size, image_size, 3), np.uint8)
    rows: list[Row] = []
    excluded: dict[str, dict[str, str | None]] = {name: {} for name in EXCLUDED}
    repeats = Repeats()
    decodable = 0
    for file in files:
        row, image, statistics, _ = examine(file.read_bytes(), scales)
        path = file.relative_to(folder).as_posix()
        rows.append(_identify(path, patterns) | row)
        if image:
            no_cell = why_no_cell(image, limits, statistics)
            excluded["no_cell"][path] = no_cell
            excluded["repeat_of"][path] = None if no_cell else repeats.first(image, path)
            pixels[decodable] = resize(image, image_size)
            decodable += 1
    table = tabulate(rows)
    found = {name: table["path"].map(why).astype(object) for name, why in excluded.items()}
    return Window(table.assign(**found), pixels[:decodable])


def _identify(path: str, patterns: Sequence[str | None]) -> Row:
    names = [parse_name(path, pattern) for pattern in patterns]
    return identify(SOURCE, None, path, next((name for name in names if name.patient), names[0]))
