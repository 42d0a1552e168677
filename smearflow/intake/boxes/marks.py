"""What readers of annotations make of them, and what they say of those that can't be read."""

from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from smearflow.ground.errors import SmearflowError
from smearflow.intake.listing import Box
from smearflow.records.sources import Reason

Format = Literal["coco", "voc", "yolo", "bbbc041"]
BOM = b"\xef\xbb\xbf"  # that Windows programs put before UTF-8


class Marked(NamedTuple):
    """A box in an image, as an annotation has it.

    Attributes:
        image: relative to the folder of the source.
        label: as the annotation spells it.
        box: in pixels; it may be empty, or reach out of the image.
        difficult: whether whoever drew it was unsure.
        source: the annotation file, relative to the folder of the source.
        size: width and height of the image as the annotation has them; None where it doesn't say.
    """

    image: PurePosixPath
    label: str
    box: Box
    difficult: bool
    source: str
    size: tuple[int, int] | None


class Unused(NamedTuple):
    """What a reader leaves out, with the arguments of `listing.Aside.add`."""

    reason: Reason
    first: str
    what: str = ""


class Marks(NamedTuple):
    """All that the annotations of one format say; each list in the order of files and rows."""

    marked: tuple[Marked, ...]
    unused: tuple[Unused, ...]


def read_annotation(file: Path, most: int) -> bytes:
    """The content of a file of at most so many bytes, without a byte order mark.

    Raises:
        SmearflowError: it has more.
    """
    if (size := file.stat().st_size) > most:
        raise broken(file, f"{size} bytes, more than the {most} of an annotation")
    return file.read_bytes().removeprefix(BOM)


def read_text(file: Path, most: int) -> str:
    """As `read_annotation`, as text.

    Raises:
        SmearflowError: it has more, or is no UTF-8.
    """
    try:
        return read_annotation(file, most).decode()
    except UnicodeDecodeError as error:
        raise broken(file, f"no UTF-8: {error.reason} at byte {error.start}") from error


def broken(file: Path, reason: str) -> SmearflowError:
    """The error of an annotation file that can't be read."""
    return SmearflowError(f"{file}: {reason}", "correct that file, or export it again")


def stated_size(width: float | None, height: float | None) -> tuple[int, int] | None:
    """A size as `Marked` has it; several programs write 0 for one that they don't know."""
    return (round(width), round(height)) if width and height else None
