"""From the bytes of an image file to RGB pixels of one size."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

LARGEST_SIDE = 4096  # pixels; a cell has some hundred, a decompression bomb many thousand
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
INTERPOLATION = Image.Resampling.BICUBIC
# What `decode` makes of files, told with every exported model.
DECODING = {
    "bits_per_channel": 8,
    "exif_orientation": "ignored",
    "formats": list(FORMATS),
    "frame": "the first",
    "largest_side": LARGEST_SIDE,
    "sixteen_bit_grey": "the high byte",
    "transparency": "over black",
}
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit is higher, and its message names no limit


class UndecodableError(Exception):
    """Bytes that are no image we can read; the message says why."""


def decode(data: bytes) -> tuple[Image.Image, str]:
    """Decode an image file of any of FORMATS.

    Transparency is laid over black, the background of segmented cells; of 16-bit greys the high
    byte is kept; of several frames the first. An EXIF orientation is ignored: a cell has no top.

    Returns:
        The image in mode RGB, and the mode it was stored in.

    Raises:
        UndecodableError: no image, a damaged one, or more than LARGEST_SIDE pixels a side.
    """
    if not data:
        raise UndecodableError("empty file")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if max(image.size) > LARGEST_SIDE:  # known from the header, before pixels take memory
            raise UndecodableError(
                f"{image.width} x {image.height} pixels, more than {LARGEST_SIDE} a side"
            )
        image.load()
        return _to_rgb(image), image.mode
    except UndecodableError:
        raise
    except UnidentifiedImageError as error:  # its own text holds a memory address
        raise UndecodableError("not an image") from error
    except Exception as error:  # Pillow's decoders raise anything on damaged bytes
        raise UndecodableError(f"damaged: {error}") from error


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise UndecodableError(f"mode {image.mode}: 32-bit values without a known range")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "black"), rgba).convert("RGB")
    return image.convert("RGB")


def resize(image: Image.Image, size: int) -> np.ndarray:
    """Scale to a square with antialiasing (bicubic, its support widened when shrinking).

    The whole crop fills the square, so a crop that is not square is stretched: half of the
    NLM/NIH crops by less than 9 %, one in twenty by more than 36 %. Bars of padding would keep
    the shape but show the network an edge that no cell has wherever the background is not black.

    Returns:
        uint8 [size, size, 3].
    """
    return np.asarray(image.resize((size, size), INTERPOLATION))


def pixels_of(data: bytes, size: int) -> np.ndarray:
    """Decode and resize; uint8 [size, size, 3].

    Raises:
        UndecodableError: as `decode`.
    """
    return resize(decode(data)[0], size)
