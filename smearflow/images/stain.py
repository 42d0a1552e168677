"""A slide's own stain and lamp, told without labels, and cells as if all slides had the same.

By Beer-Lambert's law the optical density of a channel is proportional to the amount of stain
(Ruifrok & Johnston 2001, Anal Quant Cytol Histol 23:291-299). So the densities of all cells of a
slide are multiplied, channel by channel, until its usual cell has the density of `REFERENCE`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smearflow.images.statistics import DENSITY, LEVELS

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

REFERENCE = (0.132, 0.212, 0.215)
"""Density of red, green and blue of a usual Giemsa-stained cell: median over 80 NLM/NIH patients.
A constant, so that every model sees the same pixels whatever cells it learned from."""

DISC = 0.7
"""Diameter of the part in the middle that is looked at, in sides of the image: nearly always inside
the cell, whether the ground around it is black, white or full of neighbours."""

_LEAST = 0.02  # density of clear glass: there is no stain to be multiplied
_FURTHEST = 4.0  # factor; what is further off is no stain of a cell


def describe_stain() -> dict[str, object]:
    """What is done, for whoever writes another runtime."""
    return {
        "by": "slide: the cells of a patient that are judged together",
        "density": "-log10((level + 1) / 256)",
        "disc": DISC,
        "reference": list(REFERENCE),
        "rule": "densities times reference / median over cells of the density of the median level "
        f"in the disc, that at least {_LEAST}, the factor within 1/{_FURTHEST:g} to {_FURTHEST:g}; "
        "level 0 stays",
    }


def own_stain(cell: Pixels) -> Floats:
    """Density [3] of the median colour in the middle of a cell [S, S, 3]."""
    return DENSITY[np.median(cell[disc(len(cell))], axis=0).astype(int)]


def normalised(cells: Pixels, stain: Floats) -> Pixels:
    """Cells of one slide as if it were stained as REFERENCE.

    Args:
        cells: [n, S, S, 3].
        stain: density [3] of its usual cell: the median of `own_stain` over its cells.

    Returns:
        [n, S, S, 3].
    """
    factors = np.array(REFERENCE) / np.maximum(stain, _LEAST)
    factors = np.clip(factors, 1 / _FURTHEST, _FURTHEST)
    levels = np.rint(256 * 10 ** -(factors[:, np.newaxis] * DENSITY) - 1)
    levels[:, LEVELS == 0] = 0  # what was cut away
    table = np.clip(levels, 0, 255).astype(np.uint8)
    return np.stack([table[channel][cells[..., channel]] for channel in range(3)], axis=-1)


def normalised_slides(cells: Pixels, slides: Sequence[object]) -> Pixels:
    """Cells of several slides, each slide by itself.

    One cell tells the stain of its slide roughly, ten nearly as well as hundreds.

    Args:
        cells: [n, S, S, 3].
        slides: [n], which slide each is of.

    Returns:
        [n, S, S, 3].
    """
    result = np.empty_like(cells)
    for places, stain in slide_stains([own_stain(cell) for cell in cells], slides):
        result[places] = normalised(cells[places], stain)
    return result


def slide_stains(
    stains: Sequence[Floats], slides: Sequence[object]
) -> list[tuple[npt.NDArray[np.intp], Floats]]:
    """Of each slide the places of its cells and the density [3] of its usual cell.

    Args:
        stains: `own_stain` of each cell.
        slides: which slide each is of.
    """
    _, numbers = np.unique(np.array([str(slide) for slide in slides]), return_inverse=True)
    densities = np.array(stains).reshape(-1, 3)
    found = [np.flatnonzero(numbers == number) for number in range(numbers.max(initial=-1) + 1)]
    return [(places, np.median(densities[places], axis=0)) for places in found]


def disc(side: int) -> npt.NDArray[np.bool_]:
    """Which pixels of a square image are in the middle of it; [side, side]."""
    from_middle = np.arange(side) - (side - 1) / 2
    squares = from_middle**2
    return squares[:, np.newaxis] + squares <= (DISC * side / 2) ** 2
