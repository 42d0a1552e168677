"""On which part of the cells a model is worse than on the rest."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from smearflow.assessment.bootstrap import estimate
from smearflow.assessment.mistakes import LEVEL
from smearflow.assessment.partitions import Partition
from smearflow.evaluation.metrics import defined
from smearflow.records.slices import Slice

Floats = npt.NDArray[np.float64]

TWO_STAGE = "bootstrap of patients and of their cells, 95 %"
LEAST = 20  # cells of a slice that is called worse


class _Cells(NamedTuple):
    """Cells, and whether each is called right."""

    positive: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]
    patient: npt.NDArray[np.intp]  # from 0
    patients: int


def slice_figures(
    targets: npt.NDArray[np.int8],
    probabilities: npt.NDArray[np.float32],
    patients: npt.ArrayLike,
    threshold: float,
    partitions: Sequence[Partition],
    samples: int,
    seed: int,
) -> tuple[Slice, ...]:
    """Figures of every part, and whether it is worse than all other cells together.

    Intervals are percentiles of a two-stage bootstrap (Davison & Hinkley 1997, section 3.8): the
    patients of the part are drawn with replacement, then their cells, so that a part of one patient
    has an interval too; of patients without a cell in the part as many are drawn as there are. A
    part is worse where the difference of the accuracies lies so many bootstrap standard errors
    below 0 that chance alone brings one such part in 20 looks at all of them (Bonferroni).

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive.
        partitions: of these cells.
        samples: number of resamples.
        seed: the same seed gives the same intervals.

    Returns:
        Every part that has cells; those that are worse first, then by how much they fall short.
    """
    names, patient = np.unique(np.asarray(patients), return_inverse=True)
    positive = targets == 1
    cells = _Cells(positive, (probabilities >= threshold) == positive, patient, len(names))
    parts = [(each, name) for each in partitions for name in np.unique(each.parts)]
    generator = np.random.default_rng(seed)
    found = [
        _slice(cells, each, str(name), LEVEL / len(parts), samples, generator)
        for each, name in parts
    ]
    return tuple(sorted(found, key=lambda each: (not each.worse, -each.shortfall)))


def _slice(
    cells: _Cells,
    partition: Partition,
    name: str,
    level: float,
    samples: int,
    generator: np.random.Generator,
) -> Slice:
    inside = partition.parts == name
    own, rest = _counts(cells, inside), _counts(cells, ~inside)
    has = own.sum(axis=(0, 2)) > 0
    draws = _draws(has, samples, generator)
    values = _shares(own.sum(axis=1))
    resampled = _shares(_resample(own[:, has], draws[:, has], generator))
    elsewhere = _shares(rest.sum(axis=1))[0]
    differences = resampled[0] - _shares(np.einsum("kpr,sp->ksr", rest, draws))[0]
    low, high = partition.bounds.get(name, (None, None))
    accuracy, sensitivity, specificity = map(estimate, values, resampled)
    return Slice(
        dimension=partition.dimension,
        part=name,
        low=low,
        high=high,
        cells=int(inside.sum()),
        patients=len(np.unique(cells.patient[inside])),
        accuracy=accuracy,
        sensitivity=sensitivity,
        specificity=specificity,
        rest=defined(float(elsewhere)),
        worse=bool(inside.sum() >= LEAST)
        and _is_below_zero(float(values[0] - elsewhere), differences, level),
    )


def _counts(cells: _Cells, inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """[2, p, 2]: for negative and positive cells, by patient, those called wrong and right."""
    counts = np.zeros((2, cells.patients, 2), np.int64)
    at = (cells.positive.astype(int), cells.patient, cells.right.astype(int))
    np.add.at(counts, tuple(each[inside] for each in at), 1)
    return counts


def _draws(
    own: npt.NDArray[np.bool_], samples: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """[s, p]: how often each patient is drawn, from those with cells in the slice, and others."""
    draws = np.zeros((samples, len(own)), np.int64)
    for group in (own, ~own):
        if count := int(group.sum()):
            draws[:, group] = generator.multinomial(count, np.full(count, 1 / count), samples)
    return draws


def _resample(
    counts: npt.NDArray[np.int64],
    draws: npt.NDArray[np.int64],
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """[2, s, 2]: the counts of drawn patients, whose cells are drawn anew."""
    totals = counts.sum(axis=2)
    rates = counts[..., 1] / np.maximum(totals, 1)
    drawn = draws * totals[:, None]
    right = generator.binomial(drawn, rates[:, None]).sum(axis=2)
    return np.stack([drawn.sum(axis=2) - right, right], axis=2)


def _shares(counts: npt.NDArray[np.int64]) -> Floats:
    """[3, ...]: accuracy, sensitivity, specificity of counts [2, ..., 2]; NaN where undefined."""
    negative, positive = counts
    with np.errstate(invalid="ignore"):
        return np.stack(
            [each[..., 1] / each.sum(axis=-1) for each in (counts.sum(axis=0), positive, negative)]
        )


def _is_below_zero(difference: float, resampled: Floats, level: float) -> bool:
    """Whether a difference is beyond chance; a part that has all cells differs from nothing."""
    if not difference < 0:
        return False
    error = float(np.nanstd(resampled))
    return error == 0 or bool(norm.cdf(difference / error) < level)
