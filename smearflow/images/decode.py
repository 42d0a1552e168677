"""From the bytes of an image file to RGB pixels of one size.

docs/images.md has the rules, kind by kind.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from smearflow.images.formats import FORMATS
from smearflow.images.opening import LARGEST_SIDE, opened, readable
from smearflow.images.pages import choose_pages
from smearflow.images.ranges import (
    EIGHT_BITS,
    STATED,
    TAG,
    AmbiguousError,
    Peak,
    Rules,
    SampleRange,
    Scales,
    UndecodableError,
)
from smearflow.images.samples import Samples, is_deep, read_samples
from smearflow.images.scaling import scale, to_rgb

__all__ = [
    "ALONE",
    "AmbiguousError",
    "Decoded",
    "UndecodableError",
    "decode",
    "peaks_of",
    "pixels_of",
    "read_stored",
    "resize",
]

ALONE = Rules()  # what an image tells without others
INTERPOLATION = Image.Resampling.BICUBIC
# What `decode` makes of files, told with every exported model; docs/images.md has the rules.
DECODING = {
    "bits_per_channel": 8,
    "deep_samples": "round(255 v / white), white stated, tagged or measured over the files",
    "exif_orientation": "ignored",
    "formats": list(FORMATS),
    "largest_side": LARGEST_SIDE,
    "pages": "red, green and blue as pages are one image; else the first that is not blank",
    "transparency": "over black",
}


class Decoded(NamedTuple):
    """A decoded image.

    Attributes:
        image: in mode RGB.
        mode: it was stored in, as Pillow names it (16-bit colours end in `;16`), and which of
            several pages it is.
        range: of its samples.
        peak: of samples whose range neither the file nor a person tells, else None.
    """

    image: Image.Image
    mode: str
    range: SampleRange
    peak: Peak | None


@readable()
def decode(data: bytes, scales: Scales = ALONE, largest: int = LARGEST_SIDE) -> Decoded:
    """Decode an image file of any of `formats.FORMATS`.

    Transparency is laid over black, the background of segmented cells. A colour profile is
    ignored, and so is an EXIF orientation: a cell has no top.

    Args:
        scales: tells the range of samples of more than 8 bits.
        largest: pixels a side.

    Raises:
        UndecodableError: no image, a damaged one, or one that is too large.
        AmbiguousError: it can't be known for sure what it shows.
    """
    found, mode = read_stored(data, largest)
    if isinstance(found, Image.Image):
        return Decoded(found, mode, EIGHT_BITS, None)
    white, peak = scales.range_of(found.peak, found.tagged), None
    if white.by not in (STATED, TAG):
        peak = found.peak
    return Decoded(scale(found, white.white), mode, white, peak)


@readable()
def read_stored(data: bytes, largest: int = LARGEST_SIDE) -> tuple[Image.Image | Samples, str]:
    """What an image file holds, and its mode as in `Decoded`.

    Args:
        largest: pixels a side.

    Returns:
        First RGB of 8 bits, or samples of more bits that are still to be scaled.

    Raises:
        UndecodableError, AmbiguousError: as `decode`.
    """
    if not data:
        raise UndecodableError("empty file")
    image = opened(data, largest=largest)
    count = getattr(image, "n_frames", 1)
    pages, place = choose_pages(image, largest), ""
    if count > 1:
        image = opened(data, pages[0], largest)
        place = ", 3 pages" if len(pages) == 3 else f", page {pages[0] + 1} of {count}"
    if is_deep(image):
        samples = read_samples(data, pages, largest)
        return samples, samples.mode + place
    image.load()
    mode = image.mode + place
    if len(pages) == 3:
        colours = [opened(data, page, largest).convert("L") for page in pages]
        return Image.merge("RGB", colours), mode
    return to_rgb(image), mode


def _peak_of(data: bytes) -> Peak | None:
    """The peak of an image whose range is told by others at most; of any other bytes None."""
    try:
        return decode(data).peak
    except AmbiguousError as error:
        return error.peak
    except UndecodableError:
        return None


def peaks_of(files: Iterable[Path]) -> Iterator[Peak]:
    """The peaks of files that have one."""
    return filter(None, (_peak_of(file.read_bytes()) for file in files))


def resize(image: Image.Image, size: int) -> np.ndarray:
    """Scale to a square with antialiasing (bicubic, its support widened when shrinking).

    The whole crop fills the square, so a crop that is not square is stretched: half of the
    NLM/NIH crops by less than 9 %, one in twenty by more than 36 %. Bars of padding would keep
    the shape but show the network an edge that no cell has wherever the background is not black.

    Returns:
        uint8 [size, size, 3].
    """
    return np.asarray(image.resize((size, size), INTERPOLATION))


def pixels_of(data: bytes, size: int, scales: Scales = ALONE) -> np.ndarray:
    """Decode and resize; uint8 [size, size, 3].

    Raises:
        UndecodableError: as `decode`.
    """
    return resize(decode(data, scales).image, size)
