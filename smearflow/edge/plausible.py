"""Whether an image can be of one cell, by its size and by what is on it.

A network gives every image a probability, a whole field of view or a black frame as well. This is
asked before it: numpy and Pillow alone, because an edge device asks it, too.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from smearflow.images.statistics import measure

COARSE = 8  # blocks a side for `relief`
EXTREME = 0.001  # share of the training cells at either end that sets no limit
SEEN = ("width", "height", "cell_area", "brightness", "sharpness")  # what `CellLimits.of` needs


@dataclass(frozen=True)
class CellLimits:
    """What an image of one cell is like.

    Size depends on the cells that a model learned from (`of`). What must be on it hardly does, and
    is set so that no change of stain, lamp, focus or camera reaches it, which is drift: cells of
    another laboratory have a relief of 0.038 or more, of 0.015 or more badly out of focus and 0.014
    or more overexposed, an empty field of glass 0.002; at a third of the light the brightness is
    above 40; with camera noise of 10 levels the sharpness is below 1,200, of nothing but noise it
    is tens of thousands.

    Attributes:
        shortest: pixels of the shorter side, at least.
        longest: pixels of the longer side, at most.
        elongation: longer side by shorter side, at most.
        cell_area: as in `statistics.measure`, at least.
        brightness: likewise.
        relief: what `relief` returns, at least.
        sharpness: as in `statistics.measure`, at most.
    """

    shortest: float = 30.0
    longest: float = 600.0
    elongation: float = 4.5
    cell_area: float = 0.02
    brightness: float = 32.0
    relief: float = 0.01
    sharpness: float = 3000.0

    @classmethod
    def of(
        cls, seen: Mapping[str, npt.NDArray[np.floating]], reliefs: npt.NDArray[np.floating]
    ) -> Self:
        """The limits for a model: sides from half of the training cells' smallest to twice their
        largest, and content as by default, or half of (twice) what they have if that is wider.

        Args:
            seen: the columns SEEN of the training cells' table.
            reliefs: `relief` of training cells.
        """
        usual = cls()
        sides = np.stack([seen["width"], seen["height"]])
        shorter, longer = sides.min(axis=0), sides.max(axis=0)
        return cls(
            shortest=math.floor(_low(shorter)),
            longest=math.ceil(_high(longer)),
            elongation=_high(longer / shorter),
            cell_area=min(usual.cell_area, _low(seen["cell_area"])),
            brightness=min(usual.brightness, _low(seen["brightness"])),
            relief=min(usual.relief, _low(reliefs)),
            sharpness=max(usual.sharpness, _high(seen["sharpness"])),
        )


ANY_CELL = CellLimits()


def _low(values: npt.NDArray[np.floating]) -> float:
    return round(float(np.quantile(values, EXTREME)) / 2, 3)


def _high(values: npt.NDArray[np.floating]) -> float:
    return round(float(np.quantile(values, 1 - EXTREME)) * 2, 3)


def relief(image: Image.Image) -> float:
    """How much an RGB image is more than uneven light: 0 for one colour, a ramp or a vignette.

    Returns:
        Standard deviation of the grey levels of 8 x 8 blocks around the quadratic surface that
        fits them best, as a share of their mean (0 for a black image).
    """
    blocks = image.convert("L").resize((COARSE, COARSE), Image.Resampling.BOX)
    levels = np.asarray(blocks, np.float64).ravel()
    rest = levels - _SURFACES @ (_SURFACES.T @ levels)
    return float(np.sqrt(np.mean(rest**2)) / max(levels.mean(), 1.0))


def _surfaces() -> npt.NDArray[np.float64]:
    """An orthonormal basis [64, 6] of the quadratic surfaces on the blocks."""
    place = np.linspace(-1, 1, COARSE)
    x, y = (grid.ravel() for grid in np.meshgrid(place, place))
    return np.linalg.qr(np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1))[0]


_SURFACES = _surfaces()


def why_no_cell(
    image: Image.Image, limits: CellLimits, statistics: Mapping[str, float] | None = None
) -> str | None:
    """Why an RGB image can't be of one cell: `<what it is>: <measured, and the limit>`.

    Args:
        statistics: what `measure` returns, if that is known already.

    Returns:
        None if it can be of one cell.
    """
    return _why_no_size(image, limits) or _why_no_content(
        image, limits, statistics or measure(image)
    )


def _why_no_size(image: Image.Image, limits: CellLimits) -> str | None:
    size = f"{image.width} x {image.height} pixels"
    shorter, longer = sorted(image.size)
    if longer > limits.longest:
        return f"larger than a cell: {size}, at most {limits.longest:g} a side"
    if shorter < limits.shortest:
        return f"smaller than a cell: {size}, at least {limits.shortest:g} a side"
    if longer > limits.elongation * shorter:
        return f"longer than a cell: {size}, at most {limits.elongation:g} times as long as wide"
    return None


def _why_no_content(
    image: Image.Image, limits: CellLimits, statistics: Mapping[str, float]
) -> str | None:
    area, light, edges = (statistics[name] for name in ("cell_area", "brightness", "sharpness"))
    if light < limits.brightness:
        return f"black: mean grey level {light:.0f}, at least {limits.brightness:g}"
    if (found := relief(image)) < limits.relief:
        return f"empty: grey levels within {found:.1%} of even light, at least {limits.relief:.1%}"
    if area < limits.cell_area:
        return (
            f"hardly anything on it: {area:.1%} is neither black nor clear, "
            f"at least {limits.cell_area:.1%}"
        )
    if not edges:  # it is measured three pixels away from black and clear
        return "lines only: nothing on it is wider than 6 pixels"
    if edges > limits.sharpness:
        return f"noise: sharpness {edges:,.0f}, at most {limits.sharpness:,.0f}"
    return None


def no_cell_kinds(reasons: Iterable[str | None]) -> list[tuple[str, int]]:
    """What images are that can't be one cell, and how many are so, the most frequent first.

    Args:
        reasons: per image what `why_no_cell` returns.
    """
    return Counter(reason.partition(":")[0] for reason in reasons if reason).most_common()


def count_no_cells(reasons: Sequence[str | None]) -> str | None:
    """A sentence on how many files can't be one cell, by what they are; None if all can."""
    kinds = no_cell_kinds(reasons)
    if not kinds:
        return None
    told = ", ".join(f"{count:,} {kind}" for kind, count in kinds)
    found = sum(count for _, count in kinds)
    return f"{found:,} of {len(reasons):,} files can't be one cell ({told})"
