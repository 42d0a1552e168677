"""What a model looks at: hide a part of the cell, and see what becomes of the probability."""

from collections.abc import Callable
from itertools import product

import numpy as np
import numpy.typing as npt

from smearflow.assessment.breakdown import most_confident_errors
from smearflow.images.statistics import cell_mask
from smearflow.records.explained import ExplainedCell

Pixels = npt.NDArray[np.uint8]
Floats32 = npt.NDArray[np.float32]

PLACES = 11  # of the patch, along either side
_PATCHES = 6  # sides of a patch in a side of the image: a patch hides a parasite, not the cell
_MISTAKES, _BORDERLINE = 4, 8  # cells of either kind of mistake; near the threshold


def patch_side(size: int) -> int:
    """Pixels of a patch on images of so many pixels a side."""
    return max(size // _PATCHES, 1)


def occlusion_maps(cells: Pixels, score: Callable[[Pixels], Floats32]) -> Floats32:
    """Hide parts of cells one after the other (Zeiler & Fergus 2014, section 4.2).

    The patch has the cell's own colour, its median, and leaves the ground around the cell as it is:
    a grey patch, or one beyond the cell's edge, would itself be something that no cell shows.

    Args:
        cells: RGB [k, S, S, 3].
        score: probabilities [n] of the positive class of images [n, S, S, 3]; called once.

    Returns:
        [k, PLACES, PLACES], the probability without the patch less that with it.
    """
    scores = score(np.concatenate([_hidden(pixels) for pixels in cells]))
    each = scores.reshape(len(cells), 1 + PLACES**2)
    return (each[:, :1] - each[:, 1:]).reshape(-1, PLACES, PLACES)


def _hidden(pixels: Pixels) -> Pixels:
    """A cell as it is, and with the patch at each place in turn."""
    side, cell = patch_side(len(pixels)), cell_mask(pixels)
    colour = np.median(pixels[cell], axis=0) if cell.any() else 0
    images = np.repeat(pixels[None], 1 + PLACES**2, axis=0)
    starts = np.linspace(0, len(pixels) - side, PLACES).round().astype(int)
    for image, (top, left) in zip(images[1:], product(starts, starts), strict=True):
        part = (slice(top, top + side), slice(left, left + side))
        image[part][cell[part]] = colour
    return images


def cells_to_explain(
    targets: npt.NDArray[np.int8], probabilities: Floats32, threshold: float
) -> tuple[ExplainedCell, ...]:
    """The surest mistakes of each kind, and those of all others that are nearest the threshold.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        threshold: least probability that is called positive.
    """
    false, missed = most_confident_errors(targets, probabilities, threshold, _MISTAKES)
    mistakes = [*missed.indices, *false.indices]
    nearest = np.argsort(np.abs(probabilities - np.float32(threshold)), kind="stable")
    borderline = [index for index in nearest if index not in mistakes][:_BORDERLINE]
    return (
        *(ExplainedCell(index=int(at), reason="false negative") for at in missed.indices),
        *(ExplainedCell(index=int(at), reason="false positive") for at in false.indices),
        *(ExplainedCell(index=int(at), reason="borderline") for at in borderline),
    )
