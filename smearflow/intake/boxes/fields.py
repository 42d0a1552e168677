"""Whole fields of view, which are larger than cells, with all bits of their samples."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from smearflow.images.decode import read_stored
from smearflow.images.ranges import INTEGER, UndecodableError
from smearflow.images.samples import Samples

LARGEST_FIELD = 20_000  # pixels a side: a slide camera has 4,000 to 8,000
_WHOLE = 2**16 - 1


class Field(NamedTuple):
    """A field of view as samples.

    Attributes:
        samples: uint8 [height, width, 3], or uint16 [height, width] or [height, width, 3].
        bits: of those 16 that its file says are used; None where it says nothing.
    """

    samples: np.ndarray
    bits: int | None


def read_field(data: bytes) -> Field:
    """Decode an image file by the rules of `decode`, but leave 16-bit samples as they are.

    Raises:
        UndecodableError: as `decode`, more than LARGEST_FIELD pixels a side, or samples of more
            than 8 bits that PNG can't hold.
    """
    found, mode = read_stored(data, LARGEST_FIELD)
    if isinstance(found, Image.Image):
        return Field(np.asarray(found), None)
    values = found.values[..., 0] if found.values.shape[2:] == (1,) else found.values
    opaque = found.alpha is None or found.alpha.min() == _WHOLE
    if found.kind != INTEGER or not opaque or values.shape[2:] not in ((), (3,)):
        raise UndecodableError(
            f"mode {mode}, {found.kind} samples, which can't be cut without loss: "
            "store it as grey or opaque RGB of 8 or 16 bits"
        )
    return Field(values.astype(np.uint16, copy=False), _bits(found))


def _bits(samples: Samples) -> int | None:
    if not samples.tagged or samples.tagged == _WHOLE:
        return None
    if samples.peak.value > samples.tagged:
        raise UndecodableError(
            f"samples up to {samples.peak.value:g}, above the largest its tags allow, "
            f"{samples.tagged:g}"
        )
    return int(samples.tagged).bit_length()
