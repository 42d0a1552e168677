"""How an image lies in its file, which is not always how whoever drew the boxes saw it.

Cameras and phones store rows and columns as their sensor has them, and in EXIF how to turn them.
Browsers and OpenCV turn the image, and so do most programs in which boxes are drawn, as labelme,
CVAT since 2022, Roboflow, RectLabel and Dataloop, and trainers that read boxes, as Ultralytics and
Detectron2. Earlier CVAT and labelImg, and what reads by Pillow alone, do not. So boxes are of the
image as turned, unless the size that stands with them says that it was not. Cells are cut from the
image as stored, which is what `images.decode` gives: the boxes are turned, not the pixels.
"""

from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageFile, UnidentifiedImageError

from smearflow.ground.errors import SmearflowError
from smearflow.images.formats import FORMATS
from smearflow.images.opening import go_to, readable
from smearflow.images.pages import choose_pages
from smearflow.images.ranges import UndecodableError
from smearflow.intake.boxes.fields import LARGEST_FIELD
from smearflow.intake.boxes.marks import Marked
from smearflow.intake.listing import Box

_ORIENTATION = 0x0112  # of EXIF
_SIDEWAYS = (5, 6, 7, 8)
_NO_IMAGE = "replace that file, or move it away with its annotation"


class Frame(NamedTuple):
    """The header of an image file.

    Attributes:
        width, height: of the image as it is decoded.
        orientation: of EXIF, by which people see it: 1 as it is, else mirrored or turned.
    """

    width: int
    height: int
    orientation: int

    @property
    def stored(self) -> tuple[int, int]:
        """Width and height as it is decoded."""
        return self.width, self.height

    @property
    def seen(self) -> tuple[int, int]:
        """Width and height as people see it."""
        return self.stored[::-1] if self.orientation in _SIDEWAYS else self.stored

    def box(self, marked: Marked) -> Box:
        """The box in the image as it is decoded.

        Raises:
            SmearflowError: it was drawn in an image of another size.
        """
        if marked.size in (None, self.seen):
            return self._turned_back(marked.box)
        if marked.size == self.stored:
            return marked.box
        raise SmearflowError(
            f"{marked.source} has boxes of {marked.image} at {_pixels(marked.size)}, but it has "
            f"{_pixels(self.seen)}",
            "bring back the image that was annotated, or, if the boxes fit, take its size out of "
            "the annotation",
        )

    def _turned_back(self, box: Box) -> Box:
        left, top, right, bottom = box
        if self.orientation in _SIDEWAYS:
            left, top, right, bottom = top, left, bottom, right
        if self.orientation in (2, 3, 7, 8):
            left, right = self.width - right, self.width - left
        if self.orientation in (3, 4, 6, 7):
            top, bottom = self.height - bottom, self.height - top
        return Box(left, top, right, bottom)


def frame_of(file: Path) -> Frame:
    """The frame of an image, of whose file no more than the header is read.

    Raises:
        SmearflowError: no image, or one that is too large.
    """
    try:
        with readable(), Image.open(file, formats=FORMATS) as image:
            go_to(image, 0, LARGEST_FIELD)
            orientation = _orientation(image)
            if getattr(image, "n_frames", 1) > 1:
                go_to(image, choose_pages(image, LARGEST_FIELD)[0], LARGEST_FIELD)
            return Frame(*image.size, orientation)
    except UndecodableError as error:
        reason = "not an image" if _is_no_image(error) else error
        raise SmearflowError(f"{file}: {reason}", _NO_IMAGE) from error


def _is_no_image(error: Exception) -> bool:
    return isinstance(error.__cause__, UnidentifiedImageError)


def _orientation(image: ImageFile.ImageFile) -> int:
    if "exif" not in image.info:  # as of TIFF, which Pillow turns when it decodes it
        return 1
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # anything, of damaged EXIF; programs that draw boxes pass it over, too
        return 1
    return found if found in range(1, 9) else 1


def _pixels(size: tuple[int, int] | None) -> str:
    return " x ".join(map(str, size or ())) + " pixels"
