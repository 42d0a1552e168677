"""Stored samples to RGB of 8 bits."""

import numpy as np
from PIL import Image, TiffImagePlugin

from smearflow.images.opening import tiff_tag
from smearflow.images.ranges import FLOAT, INVERTED, AmbiguousError, UndecodableError
from smearflow.images.samples import Samples

_SIGNED = 2  # of SampleFormat
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr")


def to_rgb(image: Image.Image) -> Image.Image:
    """An image of at most 8 bits a sample, loaded, in mode RGB and over black.

    Raises:
        UndecodableError: signed samples, or colours that Pillow can't convert, as LAB.
        AmbiguousError: CMYK that may or may not be inverted, or nothing that can be seen.
    """
    if image.mode not in _EIGHT_BIT_MODES:
        raise UndecodableError(f"mode {image.mode}, which is not read: store it as RGB")
    if tiff_tag(image, TiffImagePlugin.SAMPLEFORMAT, 1) == _SIGNED:
        raise UndecodableError("signed samples of 8 bits: their black is not known")
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        raise AmbiguousError("a CMYK JPEG without Adobe's marker: perhaps inverted, perhaps not")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        if not np.asarray(rgba.getchannel("A")).any():
            raise AmbiguousError("wholly transparent")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "black"), rgba).convert("RGB")
    return image.convert("RGB")


def scale(samples: Samples, white: float) -> Image.Image:
    """Samples as RGB of 8 bits: `round(255 * value / white)`, over black.

    Args:
        white: the sample value that becomes 255; none is larger.

    Raises:
        AmbiguousError: the range of alpha isn't known, or nothing can be seen.
    """
    values, kind = samples.values, samples.kind
    if samples.alpha is not None:
        shares = samples.alpha / _opaque(samples.alpha, white)
        shares = shares if values.ndim == 2 else shares[..., np.newaxis]
        eight = np.rint(np.minimum(values, white) * (255 / white) * shares).astype(np.uint8)
    elif kind == FLOAT or white >= 2**16:
        eight = np.rint(values * (255 / white)).astype(np.uint8)
    else:
        levels = np.arange(int(white) + 1)
        eight = ((levels * 510 + int(white)) // (2 * int(white))).astype(np.uint8)[values]
    if samples.mode == "CMYK;16":
        return Image.frombytes("CMYK", eight.shape[1::-1], eight.tobytes()).convert("RGB")
    if kind == INVERTED:
        eight = 255 - eight
    if eight.ndim == 3 and eight.shape[2] == 1:
        eight = eight[..., 0]
    return Image.fromarray(eight).convert("RGB")


def _opaque(alpha: np.ndarray, white: float) -> float:
    """The value of alpha that is opaque: that of white, or of all 16 bits."""
    largest, whole = int(alpha.max()), 2**16 - 1
    if not largest:
        raise AmbiguousError("wholly transparent")
    if largest == white or white == whole:
        return white
    if largest == whole:
        return whole
    raise AmbiguousError(f"alpha up to {largest}, of colours up to {white:g}")
