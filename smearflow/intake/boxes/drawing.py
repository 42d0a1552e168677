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


def place(images: Sequence[PurePosixPath], found: Iterable[Drawn | Unused | Wanted]) -> Marks:
    """All boxes whose images are there; each image with boxes that is not is `no file`.

    Args:
        found: also the images without boxes that annotations name, lest others' boxes go to them.

    Raises:
        SmearflowError: as `match`.
    """
    drawn, unused, named = list[Drawn](), list[Unused](), list[Wanted]()
    for each in found:
        if isinstance(each, Drawn):
            drawn.append(each)
        elif isinstance(each, Wanted):
            named.append(each)
        else:
            unused.append(each)
    with_boxes = dict.fromkeys(each.wanted for each in drawn)
    matched = match(images, [*with_boxes, *named])
    unused.extend(missing(wanted) for wanted in with_boxes if matched[wanted] is None)
    marked = (
        Marked(image, each.label, each.box, each.difficult, str(each.wanted.source), each.size)
        for each in drawn
        if (image := matched[each.wanted])
    )
    return Marks(tuple(marked), tuple(unused))


def missing(wanted: Wanted) -> Unused:
    """An image that is not there."""
    return Unused("no file", f"{wanted.path} of {wanted.source}")
