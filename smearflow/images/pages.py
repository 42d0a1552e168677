"""Which pages of a file are the cell."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import ImageFile, TiffImagePlugin

from smearflow.images.opening import LARGEST_SIDE, go_to, tiff_tag
from smearflow.images.ranges import AmbiguousError, UndecodableError
from smearflow.images.tags import description

Kind = tuple[str, tuple[int, int]]  # mode and size
MOST = 64  # pages; more are no cell
_SUBFILE, _IMAGEJ_METADATA = 254, 50839
_SMALLER_OR_MASK = 1 | 4  # bits of NewSubfileType
_EVEN = 0.02  # of the largest sample: the noise of a page on which there is nothing
_GREYS = frozenset(("1", "L", "I", "I;16", "I;16B", "I;16L", "F"))
_STACK = re.compile(r'(?:^(slices|frames)=|\bSize[ZT]=")(\d+)', re.MULTILINE)  # ImageJ's, OME's
_LABELS = tuple("Red".encode(f"utf-16-{order}") for order in ("le", "be"))


def choose_pages(image: ImageFile.ImageFile, largest: int = LARGEST_SIDE) -> tuple[int, ...]:
    """The page that shows the cell, or the three that are its red, green and blue.

    Three grey pages of one size are colours, unless ImageJ calls them slices or times. Otherwise
    the first page that isn't blank is used: of pages of one kind and size, if they have colours,
    and of the frames of other formats. Smaller copies and masks, marked as such, are left out.

    Args:
        image: just opened.
        largest: pixels a side.

    Raises:
        AmbiguousError: the pages differ, or several are grey.
        UndecodableError: more than MOST pages, or a larger one.
    """
    count = getattr(image, "n_frames", 1)
    if count == 1:
        return (0,)
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return (_first_filled(image, range(count), largest),)
    if count > MOST:
        raise UndecodableError(f"{count} pages, more than {MOST}")
    kinds = _kinds(image, count, largest)
    if _are_colours(image, kinds, largest):
        return tuple(kinds)
    filled = [page for page in kinds if not _is_blank(image, page, largest)]
    several = {kinds[page] for page in filled}
    if len(several) > 1 or (len(filled) > 1 and next(iter(several))[0] in _GREYS):
        raise AmbiguousError(f"{len(filled)} pages, of which any or all may be the cell")
    return (filled[0] if filled else min(kinds),)


def _kinds(image: TiffImagePlugin.TiffImageFile, count: int, largest: int) -> dict[int, Kind]:
    """Mode and size of each page, but for smaller copies and masks."""
    kinds: dict[int, Kind] = {}
    for page in range(count):
        go_to(image, page, largest)
        if not tiff_tag(image, _SUBFILE, 0) & _SMALLER_OR_MASK:
            kinds[page] = (image.mode, image.size)
    go_to(image, 0, largest)
    if not kinds:
        raise AmbiguousError(f"{count} pages, all marked as smaller copies or masks")
    return kinds


def _are_colours(
    image: TiffImagePlugin.TiffImageFile, kinds: Mapping[int, Kind], largest: int
) -> bool:
    modes = {mode for mode, _ in kinds.values()}
    if len(kinds) != 3 or len(set(kinds.values())) != 1 or not modes <= _GREYS:
        return False
    labelled = any(name in bytes(image.tag_v2.get(_IMAGEJ_METADATA, b"")) for name in _LABELS)
    stack = [name for name, number in _STACK.findall(description(image)) if int(number) > 1]
    # no channel of a stained cell is blank
    return (not stack or (stack == ["slices"] and labelled)) and not any(
        _is_blank(image, page, largest) for page in kinds
    )


def _first_filled(image: ImageFile.ImageFile, pages: Sequence[int], largest: int) -> int:
    return next((page for page in pages[:MOST] if not _is_blank(image, page, largest)), 0)


def _is_blank(image: ImageFile.ImageFile, page: int, largest: int) -> bool:
    go_to(image, page, largest)
    shown = image.convert("RGB") if image.mode == "P" else image
    values = np.asarray(shown, np.float64).reshape(image.height, image.width, -1)
    return bool((values.std(axis=(0, 1)) <= _EVEN * np.abs(values).max()).all())
