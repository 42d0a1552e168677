"""Image files as Pillow opens them: of known formats and bounded sizes, their pixels not read."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from PIL import Image, ImageFile, TiffImagePlugin, UnidentifiedImageError

from smearflow.images.formats import FORMATS
from smearflow.images.ranges import UndecodableError

LARGEST_SIDE = 4096  # pixels; a cell has some hundred, a decompression bomb many thousand
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit is higher, and its message names no limit

_TIFF = (b"II*\0", b"MM\0*")
_SAMPLE_FORMATS = {2: "signed ", 3: "float "}


@contextmanager
def readable() -> Iterator[None]:
    """A block in which whatever Pillow raises on damaged bytes is an UndecodableError."""
    try:
        yield
    except UndecodableError:
        raise
    except Exception as error:  # its decoders raise anything
        raise UndecodableError(f"damaged: {error}") from error


def opened(data: bytes, page: int = 0, largest: int = LARGEST_SIDE) -> ImageFile.ImageFile:
    """Open a file at one of its pages.

    Args:
        largest: pixels a side.

    Raises:
        UndecodableError: no image, or a larger one.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        go_to(image, page, largest)
    except UnidentifiedImageError as error:  # its own text holds a memory address
        _explain(data, error)
    return image


def go_to(image: ImageFile.ImageFile, page: int, largest: int = LARGEST_SIDE) -> None:
    """Turn to a page, whose size is checked before its pixels take memory."""
    if page != image.tell():
        image.seek(page)
    if max(image.size) > largest:
        raise UndecodableError(f"{image.width} x {image.height} pixels, more than {largest} a side")


def tiff_tag(image: Image.Image, tag: int, default: int) -> int:
    """The number in a TIFF's tag, the largest where there are several; of others the default."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return default
    value = image.tag_v2.get(tag, default)
    return int(max(value) if isinstance(value, tuple) else value)


def _explain(data: bytes, error: Exception) -> NoReturn:
    """Say what a TIFF holds that Pillow knows no mode for."""
    if data[:4] not in _TIFF:
        raise UndecodableError("not an image") from error
    tags = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
    stream = io.BytesIO(data)
    stream.seek(tags.next)
    tags.load(stream)
    bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    kind = _SAMPLE_FORMATS.get(max(tags.get(TiffImagePlugin.SAMPLEFORMAT, (1,))), "")
    raise UndecodableError(
        f"a TIFF of {len(bits)} x {max(bits)} {kind}bits a pixel "
        f"(photometric {tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 'unknown')}), "
        "which is not read: store 8 or 16 bits a sample"
    ) from error
