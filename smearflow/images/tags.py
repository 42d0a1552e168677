"""What a file says of the range of its samples."""

import re
import struct
from collections.abc import Iterator

from PIL import ImageFile, TiffImagePlugin

MAX_SAMPLE_VALUE = (281, 341)  # of integers; of any samples
_OME_BITS = re.compile(r'\bSignificantBits="(\d+)"')
_DISPLAY = re.compile(r"^(min|max)=([\d.]+)\s*$", re.MULTILINE)
# A tag that repeats the 16 bits of the file tells nothing of the camera.
_WHITES = frozenset(2**bits - 1 for bits in range(8, 16))


def description(image: TiffImagePlugin.TiffImageFile) -> str:
    """Free text, which ImageJ and OME fill with what they know."""
    return str(image.tag_v2.get(TiffImagePlugin.IMAGEDESCRIPTION, ""))


def tagged_white(image: ImageFile.ImageFile, data: bytes) -> float | None:
    """The sample value that a file of 16-bit samples calls the largest; None if it calls none.

    Of TIFF it is told by BitsPerSample below 16, MaxSampleValue, SMaxSampleValue, OME's
    SignificantBits or ImageJ's display range from 0; of PNG by the chunk sBIT. Only values
    2^n - 1 below 65,535 count: others are statistics of the image, not its range.
    """
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        named = _named_by_tiff(image)
    else:
        named = (2**bits - 1 for bits in _significant_bits(data))
    return next((float(white) for white in named if white in _WHITES), None)


def _named_by_tiff(image: TiffImagePlugin.TiffImageFile) -> Iterator[float]:
    yield 2 ** max(image.tag_v2.get(TiffImagePlugin.BITSPERSAMPLE, (1,))) - 1
    for tag in MAX_SAMPLE_VALUE:
        value = image.tag_v2.get(tag, 0)
        yield max(value) if isinstance(value, tuple) else value
    text = description(image)
    for bits in _OME_BITS.findall(text):
        yield 2 ** int(bits) - 1
    shown = dict(_DISPLAY.findall(text)) if text.startswith("ImageJ=") else {}
    if float(shown.get("min", 1)) == 0:
        yield float(shown.get("max", 0))


def _significant_bits(data: bytes) -> list[int]:
    """The largest number in sBIT, which comes before the pixels; none without that chunk."""
    at = 8  # after the signature
    while at + 8 <= len(data) and data[at + 4 : at + 8] != b"IDAT":
        (length,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"sBIT":
            return [max(data[at + 8 : at + 8 + length], default=0)]
        at += 12 + length
    return []
