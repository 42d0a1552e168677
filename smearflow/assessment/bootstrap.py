"""Intervals that respect that the cells of one patient look alike."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from smearflow.evaluation.metrics import Floats, ScoredCells, defined, precision_at
from smearflow.records.figures import Estimate, Estimates

AT_PREVALENCE = "precision_at_prevalence"
INTERVAL = "patient bootstrap, 95 %"
PERCENTILES = (2.5, 97.5)
CHUNK = 100  # resamples weighted at once: 100 x 5,500 cells are 4 MB


def patient_bootstrap(
    targets: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    patients: npt.ArrayLike,
    threshold: float,
    samples: int,
    seed: int,
    prevalence: float | None = None,
) -> Estimates:
    """Figures with 95 % percentile intervals of a cluster bootstrap.

    Patients are drawn with replacement, as many as there are, and come with all their cells (the
    cluster bootstrap, Field & Welsh 2007); the interval is between the 2.5th and 97.5th percentile
    of the resampled figures (Efron 1981). Resamples that leave a figure undefined do not count for
    it.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive.
        samples: number of resamples.
        seed: the same seed gives the same intervals.
        prevalence: share of positive cells that AT_PREVALENCE is told for; None: that of these.

    Returns:
        An estimate for each of METRICS and CONFUSION, and for AT_PREVALENCE the precision where the
        share of positive cells is that one, whichever patients are drawn.

    Raises:
        SmearflowError: a probability is not finite.
    """
    scored = ScoredCells.of(targets, probabilities, threshold)
    share = float(scored.targets.mean()) if prevalence is None else prevalence
    values = _figures(scored, np.ones((1, len(scored.targets))), share)
    chunks = [
        _figures(scored, weights, share) for weights in patient_resamples(patients, samples, seed)
    ]
    return {
        name: estimate(value[0], np.concatenate([chunk[name] for chunk in chunks]))
        for name, value in values.items()
    }


def patient_resamples(patients: npt.ArrayLike, samples: int, seed: int) -> Iterator[Floats]:
    """How often each cell is in each resample of the patients, CHUNK resamples at a time.

    Args:
        patients: [n], which patient each cell is of.
        samples: number of resamples.
        seed: the same seed draws the same ones.

    Yields:
        Weights [at most CHUNK, n].
    """
    names, patient_of_cell = np.unique(np.asarray(patients), return_inverse=True)
    draws = draw_patients(len(names), samples, seed)
    for start in range(0, samples, CHUNK):
        yield draws[start : start + CHUNK, patient_of_cell].astype(np.float64)


def draw_patients(count: int, samples: int, seed: int) -> npt.NDArray[np.int64]:
    """How often each of so many patients is in each resample, [samples, count]."""
    return np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=samples)


def _figures(scored: ScoredCells, weights: Floats, prevalence: float) -> dict[str, Floats]:
    metrics = scored.metrics(weights)
    there = precision_at(prevalence, metrics["sensitivity"], metrics["specificity"])
    return metrics | scored.confusion(weights) | {AT_PREVALENCE: there}


def estimate(value: float, resampled: Floats) -> Estimate:
    """A figure with the interval of its resampled values; those that are undefined don't count."""
    known = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not len(known):
        return Estimate(value=defined(value), low=None, high=None)
    low, high = np.percentile(known, PERCENTILES)
    return Estimate(value=float(value), low=float(low), high=float(high))
