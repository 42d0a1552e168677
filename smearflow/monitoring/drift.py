"""How far a window of cells is from a reference.

The page of a window (`windows/page.py`) has Evidently show the same distances. Its own verdicts and
thresholds are not used, because they take cells for independent.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel

from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, WASSERSTEIN, Floats, Measure
from smearflow.records.drift import Family

IMAGE_STATISTICS: Family = "image statistics"
PREDICTIONS: Family = "predictions"
EMBEDDINGS: Family = "embeddings"

LEAST_SPREAD = 0.001  # of a reference whose cells are all alike; Evidently's page has it, too


def measures_of(statistics: Sequence[str]) -> tuple[Measure, ...]:
    """The scores of a window: one per image statistic, two of the predictions, one embedding."""
    return (
        *(Measure(IMAGE_STATISTICS, name, WASSERSTEIN) for name in statistics),
        Measure(PREDICTIONS, "probability", WASSERSTEIN),
        Measure(PREDICTIONS, "label", JENSEN_SHANNON),
        Measure(EMBEDDINGS, "embedding", MMD),
    )


def drift_scores(
    window: pd.DataFrame, reference: pd.DataFrame, measures: Sequence[Measure]
) -> npt.NDArray[np.float64]:
    """The scores of a window, [S]; 0 is no difference, NaN what so few cells do not tell.

    wasserstein: the first Wasserstein distance, in standard deviations of the reference.
    jensenshannon: the Jensen-Shannon distance of the shares of the two labels, 0 to 0.83.
    mmd: squared maximum mean discrepancy, unbiased, of the embedding's components; Gaussian
        kernel as wide as the median distance (Gretton et al. 2012); NaN of a single cell, and
        where most cells are the same to the model.

    Args:
        window: a column per measure's name, and the embedding's components e0, e1, ...
        reference: the same columns.
    """
    return np.array([_score(window, reference, measure) for measure in measures], dtype=float)


def embedding_columns(table: pd.DataFrame) -> list[str]:
    """Names of the embedding's components, in order."""
    return [name for name in table.columns if name[0] == "e" and name[1:].isdigit()]


def _score(window: pd.DataFrame, reference: pd.DataFrame, measure: Measure) -> float:
    if measure.method == MMD:
        columns = embedding_columns(reference)
        return _mmd(window[columns].to_numpy(), reference[columns].to_numpy())
    now, usual = (table[measure.name].to_numpy() for table in (window, reference))
    if measure.method == WASSERSTEIN:
        return float(wasserstein_distance(now, usual) / max(usual.std(), LEAST_SPREAD))
    kinds = set(now) | set(usual)
    shares = [[np.mean(cells == kind) for kind in sorted(kinds)] for cells in (now, usual)]
    return float(jensenshannon(*shares))


def _mmd(window: Floats, reference: Floats) -> float:
    if min(len(window), len(reference)) < 2 or not reference.shape[1]:
        return np.nan
    width = float(np.median(euclidean_distances(window, reference)))
    if not width:
        return np.nan
    kernel = partial(rbf_kernel, gamma=1 / width**2)
    within = _mean_of_pairs(kernel(window)) + _mean_of_pairs(kernel(reference))
    return max(within - 2 * float(kernel(window, reference).mean()), 0.0)


def _mean_of_pairs(kernel: Floats) -> float:
    """The mean of a kernel [n, n] over pairs of two different cells."""
    cells = len(kernel)
    return float(kernel.sum() - np.trace(kernel)) / (cells * (cells - 1))
