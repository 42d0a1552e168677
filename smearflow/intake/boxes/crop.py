"""Cells cut out of whole fields of view."""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from smearflow.ground.errors import SmearflowError
from smearflow.images.ranges import UndecodableError
from smearflow.intake.boxes.fields import read_field
from smearflow.intake.boxes.png import encode_png
from smearflow.intake.listing import Listed


def crops(cells: Iterable[Listed]) -> Iterator[bytes]:
    """The bytes of a PNG file for each cell with a box: the stored pixels, the same on every run.

    A field is decoded once and held alone, where its cells follow each other, as in a listing.

    Raises:
        SmearflowError: a field that can't be decoded or that has samples which PNG can't hold, or
            a box that lies out of it.
    """
    for file, of_one in groupby(cells, key=lambda cell: cell.file):
        yield from _cut(file, of_one)


def _cut(file: Path, cells: Iterable[Listed]) -> Iterator[bytes]:
    try:
        field = read_field(file.read_bytes())
    except UndecodableError as error:
        raise SmearflowError(
            f"{file}: {error}", "store that field anew, or move it away with its annotation"
        ) from error
    for cell in cells:
        rows, columns = _slices(cell)
        part = field.samples[rows, columns]
        if part.shape[:2] != (rows.stop - rows.start, columns.stop - columns.start):
            raise SmearflowError(
                f"{cell.path}: its box lies out of {file}", "correct the annotation of that field"
            )
        yield encode_png(part, field.bits)


def _slices(cell: Listed) -> tuple[slice, slice]:
    """Rows and columns of the pixels whose edges are the nearest to those of the box."""
    assert cell.box is not None, f"{cell.path} has no box"
    left, top, right, bottom = (math.floor(edge + 0.5) for edge in cell.box)
    return slice(top, bottom), slice(left, right)
