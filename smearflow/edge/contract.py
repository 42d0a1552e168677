"""What an exported model takes, as data that is written into edge.json.

The runtime follows it, and refuses an export that asks for anything else.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import DECODING, INTERPOLATION
from smearflow.images.stain import describe_stain

TENSOR = "pixels"
RANGE = (0.0, 255.0)  # of black and white; scaling and quantisation are inside the model
_ANY_SIZE = {
    "antialias": True,  # the kernel grows with the factor, as Pillow's does
    "aspect": "stretched: the whole image fills the square",
    "channels": "RGB",
    "interpolation": INTERPOLATION.name.lower(),
    "layout": "NHWC",
    "padding": "none",
    "tensor": TENSOR,
    "type": "float32",
}


def describe_input(image_size: int, *, stain_normalised: bool = False) -> dict[str, Any]:
    """The key `input` of edge.json: how the bytes of an image file become the model's input.

    Args:
        image_size: pixels a side.
        stain_normalised: whether the model learned from cells that were.
    """
    return {
        **_ANY_SIZE,
        "decoding": DECODING,
        "range": list(RANGE),
        "shape": [1, image_size, image_size, 3],
        "stain": describe_stain() if stain_normalised else None,
    }


def pixel_range(asked: Mapping[str, Any] | None, image_size: int) -> tuple[float, float]:
    """The values of black and white in an export's input, once the rest of it is what we feed.

    Args:
        asked: its `input`; None of an export that has none, which is fed as it always was.
        image_size: pixels a side.

    Raises:
        SmearflowError: it asks for another feed than this version's.
    """
    if asked is None:
        return RANGE
    fed = describe_input(image_size)
    for name in (*_ANY_SIZE, "shape"):  # how files are decoded is told, for others to follow
        if asked[name] != fed[name]:
            raise SmearflowError(
                f"the model's input has {name} {asked[name]}, this version feeds {fed[name]}",
                "run it with the version of smearflow that exported it",
            )
    if asked.get("stain") not in (None, describe_stain()):
        raise SmearflowError(
            "the model's input has a stain normalisation that this version does not know",
            "run it with the version of smearflow that exported it",
        )
    black, white = asked["range"]
    return float(black), float(white)


def feed(
    pixels: npt.NDArray[np.uint8], black_and_white: tuple[float, float]
) -> npt.NDArray[np.float32]:
    """Resized RGB pixels as the values the model takes, of the same shape."""
    black, white = black_and_white
    return np.float32(black) + pixels * np.float32((white - black) / 255)
