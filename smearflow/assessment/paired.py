"""Differences of two classifiers on the same cells, with what chance leaves of them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from smearflow.assessment.bootstrap import PERCENTILES, patient_resamples
from smearflow.evaluation.metrics import Floats, ScoredCells, defined
from smearflow.records.figures import Difference

CONFIDENCE = 0.95  # of the bound of a one-sided interval


class Scores(NamedTuple):
    """What a classifier says about cells, and from where on it calls them positive.

    Attributes:
        probabilities: [n], of the positive class.
        threshold: the least probability that is called positive.
    """

    probabilities: npt.NDArray[np.floating]
    threshold: float


def paired_differences(
    targets: npt.ArrayLike,
    patients: npt.ArrayLike,
    one: Scores,
    other: Scores,
    *,
    metrics: Sequence[str],
    samples: int,
    seed: int,
    confidence: float = CONFIDENCE,
) -> dict[str, Difference]:
    """How much better one classifier is than another on the same cells: one minus other.

    Both are scored on the same resamples of patients (cluster bootstrap, Field & Welsh 2007), so
    what makes a patient hard for both does not count. Non-inferiority by a margin is shown where
    `at_least`, by default the 5th percentile of the resampled differences, is not below minus the
    margin.
    Resamples that leave a figure undefined do not count for it.

    Args:
        targets: [n], 1 = positive.
        patients: [n], which patient each cell is of.
        metrics: of `evaluation.metrics.METRICS`.
        samples: number of resamples.
        seed: the same seed gives the same intervals.
        confidence: of `at_least`.

    Returns:
        By metric, with the 95 % interval.

    Raises:
        SmearflowError: a probability is not finite.
    """
    pair = [ScoredCells.of(targets, *each) for each in (one, other)]
    everything = np.ones((1, len(pair[0].targets)))
    values = _differences(pair, everything, metrics)
    chunks = [
        _differences(pair, weights, metrics)
        for weights in patient_resamples(patients, samples, seed)
    ]
    return {
        name: difference(
            values[name][0], np.concatenate([chunk[name] for chunk in chunks]), confidence
        )
        for name in metrics
    }


def _differences(
    pair: Sequence[ScoredCells], weights: Floats, metrics: Sequence[str]
) -> dict[str, Floats]:
    one, other = (scored.metrics(weights) for scored in pair)
    return {name: one[name] - other[name] for name in metrics}


def difference(value: float, resampled: Floats, confidence: float = CONFIDENCE) -> Difference:
    """A difference with what the same one was on resamples, NaN where it is undefined."""
    known = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(known):
        return Difference(value=defined(value), low=None, high=None, at_least=None)
    low, high, at_least = np.percentile(known, (*PERCENTILES, 100 - 100 * confidence))
    return Difference(
        value=float(value), low=float(low), high=float(high), at_least=float(at_least)
    )
