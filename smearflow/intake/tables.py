"""Labels and patients of images, told by the rows of tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd

from smearflow.cells.files import Files
from smearflow.cells.labels import Labels
from smearflow.cells.naming import Name
from smearflow.ground.errors import SmearflowError
from smearflow.intake.grids import SUFFIXES, Grid, read_grid
from smearflow.intake.listing import Aside, Listed
from smearflow.intake.matching import Finder
from smearflow.params.ingest import Source

OWN = "cells.csv"  # goes with cells whose paths do not tell all, wherever they go
COLUMNS = ("file", "label", *Name._fields)


class Told(NamedTuple):
    """What tables tell of an image.

    Attributes:
        spelled: the label, as it stands there; None where they tell none.
        name: whose it is, as far as they tell.
        row: that told it, for messages.
    """

    spelled: str | None
    name: Name
    row: str


class Tables(NamedTuple):
    """What the tables of a source tell.

    Attributes:
        files: their names, relative to the source; where they tell nothing, that name images.
        told: by the place of the image in the source.
    """

    files: tuple[str, ...]
    told: Mapping[PurePosixPath, Told]

    @property
    def labels(self) -> bool:
        """Whether they tell labels."""
        return any(told.spelled is not None for told in self.told.values())

    @property
    def patients(self) -> bool:
        """Whether they tell patients."""
        return any(told.name.patient for told in self.told.values())


def read_tables(
    folder: Path, files: Files, source: Source, labels: Labels, aside: Aside
) -> Tables | None:
    """Read the tables that the settings name, or else those that tell labels of images.

    Beside these, tables of which a column by its name tells patients are read as well.

    Args:
        files: of the folder.
        aside: gets the rows whose image is not there.

    Returns:
        None if the settings name none and there is none.

    Raises:
        SmearflowError: a table is not there, can't be read or names no images of the folder; or
            two rows differ on one image.
    """
    finder = Finder(files.images)
    if source.table is None:
        paths = [path for path in files.others if path.suffix.lower() in SUFFIXES]
    else:
        paths = [_stated(folder, files, name, source) for name in source.table]
    alone = len(paths) == 1
    read = [read_grid(folder / path, source.columns, finder, labels, alone=alone) for path in paths]
    found = [grid for grid in read if grid]
    if source.table is not None and len(found) < len(paths):
        raise SmearflowError(
            f"{folder / paths[read.index(None)]} has no column that names images in {folder}",
            f"correct that table, or columns.file of the source {source.name} in params.yaml",
        )
    if not found:
        return None
    _require_columns(found, source)
    useful = found if source.table else _useful(found)
    names = tuple(grid.file.relative_to(folder).as_posix() for grid in useful or found)
    return Tables(names, _told(useful, finder, aside))


def _useful(found: Sequence[Grid]) -> list[Grid]:
    """Those that tell labels, and, where there are some, those that tell patients."""
    labelled = any("label" in grid.columns for grid in found)
    return [grid for grid in found if "label" in grid.columns or (labelled and grid.says_patients)]


def _require_columns(found: Sequence[Grid], source: Source) -> None:
    """Of several tables each column that is named must be in one."""
    for kind, name in source.columns.model_dump().items():
        if name is not None and not any(name in grid.rows for grid in found):
            raise SmearflowError(
                f"{', '.join(grid.file.name for grid in found)} have no column {name}",
                f"correct columns.{kind} of the source {source.name} in params.yaml",
            )


def _told(grids: Iterable[Grid], finder: Finder, aside: Aside) -> dict[PurePosixPath, Told]:
    """What tables tell of each image; what one of them leaves open another may tell.

    Raises:
        SmearflowError: two rows differ on one.
    """
    told: dict[PurePosixPath, Told] = {}
    for grid in grids:
        for path, row in _rows(grid, finder, aside):
            told[path] = _merged(told[path], row, path) if path in told else row
    return told


def _merged(one: Told, other: Told, path: PurePosixPath) -> Told:
    pairs = list(zip((one.spelled, *one.name), (other.spelled, *other.name), strict=True))
    if any(first and second and first != second for first, second in pairs):
        raise SmearflowError(
            f"{one.row} and {other.row} differ on {path}", "correct one of the two rows"
        )
    spelled, *name = (first or second for first, second in pairs)
    return Told(spelled, Name(*name), one.row)


def _stated(folder: Path, files: Files, name: str, source: Source) -> PurePosixPath:
    """The place of a table that the settings name."""
    places = [path for path in (*files.others, *files.images) if str(path) == name]
    places = places or [path for path in files.others if path.name == name]
    if len(places) != 1:
        raise SmearflowError(
            f"{folder} holds {'no' if not places else len(places)} tables {name}",
            f"correct table of the source {source.name} in params.yaml: a file in that folder",
        )
    return places[0]


def _rows(grid: Grid, finder: Finder, aside: Aside) -> Iterator[tuple[PurePosixPath, Told]]:
    """What each row tells of an image that is there."""
    texts = grid.rows[list(grid.columns.values())].itertuples(index=False, name=None)
    for number, values in enumerate(texts, start=1):
        cells = dict(zip(grid.columns, values, strict=True))
        row = f"row {number} of {grid.file}"
        try:
            path = finder.find(cells["file"])
        except SmearflowError as error:
            raise SmearflowError(f"{row}: {error.problem}", error.action) from error
        if path is None:
            aside.add("no file", f"{row}: {cells['file']}")
            continue
        name = Name(**{kind: cells.get(kind) or None for kind in Name._fields})
        yield path, Told(cells.get("label") or None, name, row)


def own_table(cells: Sequence[Listed]) -> bytes:
    """The table OWN of cells: what `read_tables` needs to tell of each what is known of it."""
    rows = [(cell.path, cell.label, *cell.name) for cell in cells]
    return pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(index=False).encode()
