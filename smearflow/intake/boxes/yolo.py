"""YOLO: a text file per image, with a row `class cx cy width height` per box.

All but the class are shares of the image, as it is seen. A sixth number is a confidence. More
numbers are the corners of an outline, whose rectangle is taken (https://docs.ultralytics.com).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.cells.files import Files
from smearflow.intake.boxes.drawing import missing
from smearflow.intake.boxes.frames import Frame, frame_of
from smearflow.intake.boxes.marks import Marked, Marks, broken, read_text
from smearflow.intake.boxes.matching import Wanted, match
from smearflow.intake.boxes.yolo_names import Names, is_names_file
from smearflow.intake.listing import Box

HEAD = 1 << 12  # bytes in which a first row ends
MOST = 1 << 24  # bytes of a file
_OVER = 0.01  # of a share above 1 or below 0: rounding


class _Row(NamedTuple):
    """One box, in shares of the image."""

    number: int
    box: Box


def first_file(folder: Path, files: Files) -> PurePosixPath | None:
    """The first annotation file of this format: named as an image, its first row as above."""
    stems = {image.stem.casefold() for image in files.images}
    named = (file for file in _texts(files) if file.stem.casefold() in stems)
    return next((file for file in named if _begins_well(folder / file)), None)


def read(folder: Path, files: Files) -> Marks:
    """All boxes.

    Raises:
        SmearflowError: a file that can't be read, names of classes that contradict each other, or a
            name that may mean several images.
    """
    names = Names(folder, files)
    matched = match(files.images, map(_wanted, _texts(files)))
    marked = [
        each
        for wanted, image in matched.items()
        if image
        for each in _marked(folder, wanted.source, image, names.of(wanted.source))
    ]
    unused = (
        missing(wanted)
        for wanted, image in matched.items()
        if not image and _begins_well(folder / wanted.source)
    )
    return Marks(tuple(marked), tuple(unused))


def _texts(files: Files) -> Iterator[PurePosixPath]:
    return (
        file for file in files.others if file.suffix.lower() == ".txt" and not is_names_file(file)
    )


def _wanted(source: PurePosixPath) -> Wanted:
    """The image beside the file, or in images/ where that is in labels/, as Ultralytics has it."""
    parts = list(source.with_suffix("").parts)
    folders = [at for at, part in enumerate(parts[:-1]) if part == "labels"]
    if folders:
        parts[folders[-1]] = "images"
    return Wanted(PurePosixPath(*parts), source.stem, source, alone=True)


def _marked(
    folder: Path, source: PurePosixPath, image: PurePosixPath, names: Mapping[int, str] | None
) -> Iterator[Marked]:
    frame: Frame | None = None
    for at, text in enumerate(read_text(folder / source, MOST).splitlines(), start=1):
        if not text.strip():
            continue
        frame = frame or frame_of(folder / image)
        try:
            number, box = _row(text)
            label = _label(number, names)
        except ValueError as error:
            raise broken(folder / source, f"line {at}: {error}") from error
        yield Marked(image, label, _scaled(box, *frame.seen), False, str(source), frame.seen)


def _scaled(box: Box, width: int, height: int) -> Box:
    return Box(box.left * width, box.top * height, box.right * width, box.bottom * height)


def _label(number: int, names: Mapping[int, str] | None) -> str:
    if names is None:
        return str(number)
    if number not in names:
        raise ValueError(f"class {number}, which has no name")
    return names[number]


def _row(text: str) -> _Row:
    """A row.

    Raises:
        ValueError: it is none.
    """
    try:
        first, *values = map(float, text.split())
    except ValueError:
        raise ValueError("not numbers alone") from None
    if len(values) < 4 or first < 0 or not first.is_integer():
        raise ValueError("not the number of a class and four shares")
    if len(values) % 2:
        values.pop()  # a confidence
    if not all(-_OVER <= value <= 1 + _OVER for value in values):
        raise ValueError("numbers that are no shares of the image: below 0 or above 1")
    if len(values) > 4:
        across, down = values[::2], values[1::2]
        return _Row(int(first), Box(min(across), min(down), max(across), max(down)))
    x, y, width, height = values
    return _Row(int(first), Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def _begins_well(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(HEAD).decode("utf-8-sig", "replace")
    rows = [row for row in head.splitlines() if row.strip()]
    try:
        return bool(rows) and bool(_row(rows[0]))
    except ValueError:
        return False
