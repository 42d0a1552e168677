"""Maps of what a model looks at, laid over the cells."""

import numpy as np
import numpy.typing as npt
from PIL import Image

_FOR, _AGAINST = (178, 24, 43), (33, 102, 172)  # red and blue that the colour-blind tell apart
_STRENGTH = 0.75  # of the colour where a map is largest
_LEAST = 0.05  # change of the probability: less is not blown up to full colour


def over_cell(
    pixels: npt.NDArray[np.uint8], found: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """A cell in grey, red where what was hidden speaks for the positive class, blue where against.

    Args:
        pixels: RGB [S, S, 3].
        found: [m, m], of `assessment.occlusion.occlusion_maps`.
    """
    size = (pixels.shape[1], pixels.shape[0])
    smooth = np.asarray(Image.fromarray(found).resize(size, Image.Resampling.BILINEAR))
    share = np.clip(smooth / max(float(np.abs(found).max()), _LEAST), -1, 1)[..., None]
    grey = np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
    colour = np.where(share > 0, _FOR, _AGAINST)
    weight = _STRENGTH * np.abs(share)
    return (grey * (1 - weight) + colour * weight).round().astype(np.uint8)
