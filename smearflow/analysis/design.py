"""The columns of a response surface, and which of them runs can tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smearflow.analysis.axes import Axis, Configurations, Floats

_OWN_SHARE = 0.05  # of a column's length that no other column explains, or it is left out

Owners = tuple[str, ...]
"""The parameters that a column belongs to; none for the mean."""


@dataclass(frozen=True)
class Pair:
    """Two parameters varied together.

    Attributes:
        p: of no interaction, corrected for all tests of pairs.
        found: whether their product is part of the surface.
        bent: whether it is one of a number and a choice, with the number's curve for each value of
            the choice: together these may have no curve at all.
    """

    parameters: tuple[str, str]
    p: float
    found: bool
    bent: bool = False


def design(
    axes: Sequence[Axis], pairs: Sequence[Pair], settings: Configurations
) -> tuple[list[Owners], Floats]:
    """The owners of the columns, and the columns [n, p]: mean, slopes, curves, found products."""
    by_name = {axis.name: axis for axis in axes}
    blocks: list[tuple[Owners, Floats]] = [((), np.ones((len(settings), 1)))]
    blocks += [((axis.name,), axis.slope(settings)) for axis in axes]
    blocks += [((axis.name,), axis.curve(settings)) for axis in axes]
    for pair in pairs:
        if pair.found:
            block = products(by_name, pair.parameters, pair.bent, settings)
            blocks.append((pair.parameters, block))
    owners = [owner for owner, block in blocks for _ in range(block.shape[1])]
    return owners, np.hstack([block for _, block in blocks])


def products(
    axes: dict[str, Axis], pair: tuple[str, str], bent: bool, settings: Configurations
) -> Floats:
    """The columns [n, k] of a pair: the products of its slopes and, where bent, of its curve."""
    first, second = (axes[name].slope(settings) for name in pair)
    blocks = [_product(first, second)]
    if bent:
        number, choice = (second, first) if axes[pair[0]].scale == "choice" else (first, second)
        blocks += [number**2, _product(number**2, choice)]
    return np.hstack(blocks)


def _product(first: Floats, second: Floats) -> Floats:
    return (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)


def independent(matrix: Floats, given: Floats | None = None) -> npt.NDArray[np.bool_]:
    """Which columns [p] say something that those before them, and `given`, do not."""
    basis = np.empty((len(matrix), 0)) if given is None else np.linalg.qr(given)[0]
    kept = np.zeros(matrix.shape[1], dtype=bool)
    for number, column in enumerate(matrix.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough (Giraud et al. 2005)
        if np.linalg.norm(rest) > _OWN_SHARE * np.linalg.norm(column):
            kept[number] = True
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept
