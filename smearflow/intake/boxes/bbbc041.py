"""The JSON of BBBC041, smears with P. vivax of the Broad Institute, and of its Keras R-CNN.

A list with an entry per image; a box has the rows and columns of two corners, of which `maximum`
lies outside, as in a slice of an array (https://bbbc.broadinstitute.org/BBBC041).
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, FiniteFloat

from smearflow.cells.files import Files
from smearflow.ground.settings import Label
from smearflow.intake.boxes.drawing import Drawn, place
from smearflow.intake.boxes.jsons import json_files, read_json
from smearflow.intake.boxes.marks import Marks, stated_size
from smearflow.intake.boxes.matching import Wanted, by_name
from smearflow.intake.listing import Box


class _Point(BaseModel):
    r: FiniteFloat
    c: FiniteFloat


class _Image(BaseModel):
    pathname: str
    shape: _Point | None = None


class _Corners(BaseModel):
    minimum: _Point
    maximum: _Point


class _Object(BaseModel):
    category: Label
    bounding_box: _Corners

    @property
    def box(self) -> Box:
        first, last = self.bounding_box.minimum, self.bounding_box.maximum
        return Box(first.c, first.r, last.c, last.r)


class _Entry(BaseModel):
    image: _Image
    objects: list[_Object]


def first_file(folder: Path, files: Files) -> PurePosixPath | None:
    """The first annotation file of this format."""
    return next(json_files(folder, files, "bbbc041"), None)


def read(folder: Path, files: Files) -> Marks:
    """All boxes.

    Raises:
        SmearflowError: a file that can't be read, or a name that may mean several images.
    """
    sources = json_files(folder, files, "bbbc041")
    return place(files.images, (each for source in sources for each in _drawn(folder, source)))


def _drawn(folder: Path, source: PurePosixPath) -> Iterator[Drawn | Wanted]:
    for entry in read_json(list[_Entry], folder / source):
        wanted = by_name(source, entry.image.pathname)
        yield wanted
        shape = entry.image.shape
        size = stated_size(shape.c, shape.r) if shape else None
        for each in entry.objects:
            yield Drawn(wanted, each.category, each.box, False, size)
