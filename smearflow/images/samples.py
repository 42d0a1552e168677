"""The samples of an image of more than 8 bits, as they are stored.

Pillow keeps the high byte of each sample of 16-bit colours. Its decoders of the other byte order
keep the low one: read both ways, a file gives all 16 bits.
"""

import re
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import ImageFile, TiffImagePlugin

from smearflow.images.opening import LARGEST_SIDE, opened, tiff_tag
from smearflow.images.ranges import (
    FLOAT,
    INTEGER,
    INVERTED,
    LONG,
    AmbiguousError,
    Peak,
    UndecodableError,
)
from smearflow.images.tags import tagged_white

_COLOURS = re.compile(r"(RGB|RGBA|RGBX|RGBa|CMYK|LA);16([BLN])")
_PHOTOMETRIC = TiffImagePlugin.PHOTOMETRIC_INTERPRETATION
_OTHER = {"B": "L", "L": "B"}


class Samples(NamedTuple):
    """Samples before they are scaled.

    Attributes:
        values: [height, width] of a grey image, else [height, width, 3 or, of CMYK, 4].
        alpha: [height, width], opacity of the same type; None if all is opaque.
        mode: of the pixels, `I`, `F` or `I;16` and the like for greys, `RGB;16` and the like.
        kind: as in `Peak`.
        tagged: the white that the file names, None if it doesn't.
    """

    values: np.ndarray
    alpha: np.ndarray | None
    mode: str
    kind: str
    tagged: float | None

    @property
    def peak(self) -> Peak:
        """Of the colours that can be seen."""
        seen = self.values if self.alpha is None else self.values[self.alpha > 0]
        return Peak(self.kind, float(seen.max(initial=0)))


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether an image just opened, at its page, has samples of more than 8 bits."""
    if image.mode.startswith(("I", "F")):
        return True
    if tiff_tag(image, TiffImagePlugin.BITSPERSAMPLE, 1) > 8:
        return True
    return image.format == "PNG" and any(_COLOURS.fullmatch(_raw_mode(each)) for each in image.tile)


def read_samples(data: bytes, pages: Sequence[int] = (0,), largest: int = LARGEST_SIDE) -> Samples:
    """Read a page for which `is_deep` holds, or three of one grey kind as red, green and blue.

    Args:
        largest: pixels a side.

    Raises:
        UndecodableError: samples below 0 or infinite, or an arrangement that can't be read.
        AmbiguousError: pages of different ranges, or inverted samples of no known black.
    """
    each = [_read_page(data, page, largest) for page in pages]
    if len(each) == 1:
        return each[0]
    tagged = {samples.tagged for samples in each} - {None}
    if len(tagged) > 1:
        raise AmbiguousError(f"pages whose tags allow different largest values: {tagged}")
    values = np.stack([samples.values for samples in each], axis=-1)
    return each[0]._replace(values=values, tagged=next(iter(tagged), None))


def _read_page(data: bytes, page: int, largest: int) -> Samples:
    image = opened(data, page, largest)
    tagged, key = tagged_white(image, data), image.info.get("transparency")
    if image.mode.startswith(("I", "F")):
        mode, values, alpha = image.mode, np.asarray(image), None
    else:
        mode, values, alpha = _colours(data, page, largest)
    _require_lightness(values)
    if image.format == "PNG" and tagged and values.max() > tagged:
        tagged = 2**16 - 1  # sBIT of samples scaled up, as the standard has it
    if key is not None:
        alpha = np.where(_matches(values, key), 0, 2**16 - 1)
    kind = {"F": FLOAT, "I": LONG}.get(mode, INTEGER)
    if mode == "CMYK;16" or tiff_tag(image, _PHOTOMETRIC, 1) == 0:
        kind = _inverted(kind)
    return Samples(values, alpha, mode, kind, tagged)


def _require_lightness(values: np.ndarray) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise UndecodableError("samples that are no finite numbers")
    if values.min() < 0:
        raise UndecodableError(f"samples below 0: {values.min():g}")


def _inverted(kind: str) -> str:
    if kind != INTEGER:
        raise AmbiguousError(f"{kind} samples where 0 is white: their black is not known")
    return INVERTED


def _matches(values: np.ndarray, key: object) -> np.ndarray:
    same = values == np.asarray(key)
    return same if same.ndim == 2 else same.all(axis=-1)


def _raw_mode(tile: Any) -> str:
    return str(tile.args[0] if isinstance(tile.args, tuple) else tile.args)


def _colours(data: bytes, page: int, largest: int) -> tuple[str, np.ndarray, np.ndarray | None]:
    """The mode, uint16 [height, width, 1, 3 or 4], and alpha [height, width] where it matters."""
    name, order = _layout(opened(data, page, largest))
    if name == "LA":  # as four bytes, of which two and two are a sample
        pairs = _decoded(data, page, "RGBA", largest).astype(np.uint16)
        both = pairs[..., ::2] << 8 | pairs[..., 1::2]
    else:
        stored = name.upper()
        high = _decoded(data, page, f"{stored};16{order}", largest).astype(np.uint16)
        both = high << 8 | _decoded(data, page, f"{stored};16{_OTHER[order]}", largest)
    if name == "RGBa":  # multiplied by alpha: laid over black already
        return "RGBa;16", both[..., :3], None
    alpha = both[..., -1] if name in ("LA", "RGBA") else None
    colours = both if alpha is None else both[..., :-1]
    return f"{name};16", colours, alpha


def _layout(image: ImageFile.ImageFile) -> tuple[str, str]:
    """The samples of a pixel, and their byte order, L or B."""
    found = {_COLOURS.fullmatch(_raw_mode(each)) for each in image.tile}
    layouts = {match.groups() if match else None for match in found}
    if (
        len(layouts) != 1
        or None in layouts
        or tiff_tag(image, TiffImagePlugin.PLANAR_CONFIGURATION, 1) != 1
    ):
        raise UndecodableError("16-bit colours in separate planes: store them pixel by pixel")
    ((name, order),) = filter(None, layouts)
    return name, {"little": "L", "big": "B"}[sys.byteorder] if order == "N" else order


def _decoded(data: bytes, page: int, raw_mode: str, largest: int) -> np.ndarray:
    image = opened(data, page, largest)
    image.tile = [
        each._replace(args=(raw_mode, *each.args[1:]) if isinstance(each.args, tuple) else raw_mode)
        for each in image.tile
    ]
    return np.asarray(image)
