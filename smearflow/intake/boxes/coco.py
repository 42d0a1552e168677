"""COCO: one or several JSON files with lists of images, annotations and categories.

A box is `[x, y, width, height]` in pixels from the upper left corner of the image
(https://cocodataset.org/#format-data). Where outlines alone are drawn, it is the rectangle around
their polygons. One with `iscrowd` is around many cells, so it is none.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, FiniteFloat, field_validator

from smearflow.cells.files import Files
from smearflow.ground.settings import Label
from smearflow.intake.boxes.drawing import Drawn, place
from smearflow.intake.boxes.jsons import json_files, read_json
from smearflow.intake.boxes.marks import Marks, Unused, broken, stated_size
from smearflow.intake.boxes.matching import Wanted, by_name
from smearflow.intake.listing import Box

Id = int | str


class _Image(BaseModel):
    id: Id
    file_name: str
    width: FiniteFloat | None = None
    height: FiniteFloat | None = None


class _Annotation(BaseModel):
    image_id: Id
    category_id: Id
    bbox: list[FiniteFloat] = []
    segmentation: list[list[FiniteFloat]] | object = None
    iscrowd: bool | None = None
    ignore: bool | None = None  # what converters make of VOC's `difficult`
    difficult: bool | None = None

    @property
    def box(self) -> Box:
        """The box.

        Raises:
            ValueError: there is none, nor an outline of polygons.
        """
        if self.bbox:
            left, top, width, height = self.bbox
            return Box(left, top, left + width, top + height)
        if not isinstance(self.segmentation, list) or not any(self.segmentation):
            raise ValueError("neither a bbox nor a segmentation of polygons")
        across = [x for polygon in self.segmentation for x in polygon[::2]]
        down = [y for polygon in self.segmentation for y in polygon[1::2]]
        return Box(min(across), min(down), max(across), max(down))

    @field_validator("bbox")
    @classmethod
    def _four_or_none(cls, bbox: list[float]) -> list[float]:
        if len(bbox) not in (0, 4):
            raise ValueError(f"{len(bbox)} numbers, not 4")
        return bbox


class _Category(BaseModel):
    id: Id
    name: Label


class _Coco(BaseModel):
    images: list[_Image]
    annotations: list[_Annotation] = []
    categories: list[_Category] = []


def first_file(folder: Path, files: Files) -> PurePosixPath | None:
    """The first annotation file of this format."""
    return next(json_files(folder, files, "coco"), None)


def read(folder: Path, files: Files) -> Marks:
    """All boxes.

    Raises:
        SmearflowError: a file that can't be read, or a name that may mean several images.
    """
    sources = json_files(folder, files, "coco")
    return place(files.images, (each for source in sources for each in _drawn(folder, source)))


def _drawn(folder: Path, source: PurePosixPath) -> Iterator[Drawn | Unused | Wanted]:
    content = read_json(_Coco, folder / source)
    labels = {category.id: category.name for category in content.categories}
    sizes = {image.id: stated_size(image.width, image.height) for image in content.images}
    wanted = {image.id: by_name(source, image.file_name) for image in content.images}
    yield from wanted.values()
    unnamed = set[Id]()
    for number, each in enumerate(content.annotations):
        if each.category_id not in labels:
            raise broken(folder / source, f"there is no category {each.category_id}")
        if each.image_id not in wanted:
            unnamed.add(each.image_id)
        elif each.iscrowd:
            yield Unused("difficult", f"{wanted[each.image_id].path} of {source}", "iscrowd")
        else:
            unsure = bool(each.ignore or each.difficult)
            label, size = labels[each.category_id], sizes[each.image_id]
            try:
                box = each.box
            except ValueError as error:
                raise broken(folder / source, f"annotations.{number}: {error}") from error
            yield Drawn(wanted[each.image_id], label, box, unsure, size)
    for image in sorted(unnamed, key=str):
        yield Unused("no file", f"image {image} of {source}")
