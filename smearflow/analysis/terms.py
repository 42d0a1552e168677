"""Which curves and which products of two parameters the runs show that a surface needs."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from smearflow.analysis.axes import Axis, Configurations, Floats
from smearflow.analysis.design import Pair, design, independent, products
from smearflow.params.explore import Experiment

TOGETHER = 0.05  # level of the tests of all pairs together, by Holm's correction
CURVED = 0.05  # level of the test of one curve
SPARE_RUNS = 4  # more than coefficients, or the noise is anybody's guess


def straightened(
    axes: list[Axis], settings: Configurations, losses: Floats, weights: Floats
) -> list[Axis]:
    """The axes, straight ones where no curve is found on top of all others, the least sure first.

    A curve fitted to noise would put the best value anywhere.

    Args:
        weights: of the runs, as everywhere here.
    """
    root = np.sqrt(weights)
    losses = root * losses
    while True:
        chances = {}
        for number, axis in enumerate(axes):
            straight = [*axes[:number], replace(axis, curved=False), *axes[number + 1 :]]
            matrix = root[:, None] * design(straight, [], settings)[1]
            matrix = matrix[:, independent(matrix)]
            if axis.curved:
                curve = root[:, None] * axis.curve(settings)
                chances[number] = _chance(matrix, curve, losses)
        least = max(chances, key=lambda number: _or_certain(chances[number]), default=None)
        if least is None or _or_certain(chances[least]) < CURVED:
            return axes
        axes = [*axes[:least], replace(axes[least], curved=False), *axes[least + 1 :]]


def _or_certain(chance: float | None) -> float:
    return 1.0 if chance is None else chance


def varied_together(
    experiments: Sequence[Experiment], axes: Sequence[Axis]
) -> list[tuple[str, str]]:
    """Pairs that an experiment varies together; others are confounded with experiments."""
    order = [axis.name for axis in axes]
    pairs = {
        pair
        for each in experiments
        for pair in itertools.combinations(
            [name for name in order if name in each.scientific | each.nuisance], 2
        )
    }
    return sorted(pairs, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))


def interactions(
    axes: Sequence[Axis],
    pairs: Sequence[tuple[str, str]],
    settings: Configurations,
    losses: Floats,
    weights: Floats,
) -> list[Pair]:
    """Test the products of each pair on top of all that is found; take in the surest, go on.

    The surest is taken while its p, multiplied by the number of tests left, is below TOGETHER
    (Holm 1979).
    """
    by_name = {axis.name: axis for axis in axes}
    root = np.sqrt(weights)
    losses = root * losses
    matrix = root[:, None] * design(axes, [], settings)[1]
    matrix = matrix[:, independent(matrix)]
    left = {
        (pair, bent): root[:, None] * products(by_name, pair, bent, settings)
        for pair in pairs
        for bent in ((False, True) if _is_of_choice(by_name, pair) else (False,))
    }
    found: dict[tuple[str, str], Pair] = {}
    while ranked := _ranked_pairs(left, matrix, losses):
        best = ranked[0]
        if best.p > TOGETHER:
            break
        earlier = found.get(best.parameters, best)  # bent on top of a product, perhaps
        found[best.parameters] = replace(best, found=True, p=min(best.p, earlier.p))
        block = left.pop((best.parameters, best.bent))
        matrix = np.hstack([matrix, block[:, independent(block, matrix)]])
    others: dict[tuple[str, str], Pair] = {}
    for pair in ranked:
        if pair.parameters not in found:
            others.setdefault(pair.parameters, pair)
    return [*found.values(), *others.values()]


def _is_of_choice(axes: dict[str, Axis], pair: tuple[str, str]) -> bool:
    """Whether one of two parameters is a number, the other a choice."""
    return sum(axes[name].scale == "choice" for name in pair) == 1


def _ranked_pairs(
    products: dict[tuple[tuple[str, str], bool], Floats], matrix: Floats, losses: Floats
) -> list[Pair]:
    """The pairs whose products the runs can tell from the other columns, the surest first."""
    chances = {key: _chance(matrix, block, losses) for key, block in products.items()}
    tested = {key: chance for key, chance in chances.items() if chance is not None}
    ranked = sorted(tested, key=lambda key: tested[key])
    return [
        Pair(pair, min(1.0, tested[pair, bent] * len(tested)), False, bent) for pair, bent in ranked
    ]


def _chance(matrix: Floats, block: Floats, losses: Floats) -> float | None:
    """p of an F test of further columns; None if the runs cannot tell them from the others."""
    block = block[:, independent(block, matrix)]
    spare = len(losses) - matrix.shape[1] - block.shape[1]
    if not block.shape[1] or spare < SPARE_RUNS:
        return None
    without, full = (_rest(each, losses) for each in (matrix, np.hstack([matrix, block])))
    ratio = (without - full) / block.shape[1] / max(full / spare, 1e-12)
    return float(stats.f.sf(ratio, block.shape[1], spare))


def _rest(matrix: Floats, losses: Floats) -> float:
    """The sum of squares that columns leave unexplained."""
    basis = np.linalg.qr(matrix)[0]
    return float(np.sum((losses - basis @ (basis.T @ losses)) ** 2))
