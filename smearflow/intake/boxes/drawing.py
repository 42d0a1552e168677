"""From boxes as annotations draw them to boxes in images that are there."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from smearflow.intake.boxes.marks import Marked, Marks, Unused
from smearflow.intake.boxes.matching import Wanted, match
from smearflow.intake.listing import Box


class Drawn(NamedTuple):
    """A box of an image that is still to be found; the rest as in `Marked`."""

    wanted: Wanted
    label: str
    box: Box
    difficult: bool
    size: tuple[int, int] | None


def place(images: Sequence[PurePosixPath], found: Iterable[Drawn | Unused]) -> Marks:
    """All boxes whose images are there; each image that is not is `no file`.

    Raises:
        SmearflowError: as `match`.
    """
    drawn, unused = list[Drawn](), list[Unused]()
    for each in found:
        if isinstance(each, Drawn):
            drawn.append(each)
        else:
            unused.append(each)
    matched = match(images, (each.wanted for each in drawn))
    unused.extend(missing(wanted) for wanted, image in matched.items() if image is None)
    marked = (
        Marked(image, each.label, each.box, each.difficult, str(each.wanted.source), each.size)
        for each in drawn
        if (image := matched[each.wanted])
    )
    return Marks(tuple(marked), tuple(unused))


def missing(wanted: Wanted) -> Unused:
    """An image that is not there."""
    return Unused("no file", f"{wanted.path} of {wanted.source}")
