"""How far a window of cells is from a reference, by Evidently's methods.

The methods are called one by one, not through a Report: a report costs seconds, and calibration
compares hundreds of windows. The page of a window (`report.py`) runs the same methods in a Report.
Their own verdicts and thresholds are not used, because they take cells for independent.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from evidently.legacy.calculations.stattests import jensenshannon_stat_test, wasserstein_stat_test
from evidently.legacy.core import ColumnType
from evidently.legacy.metrics.data_drift.embedding_drift_methods import MMDDriftMethod

from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, WASSERSTEIN, Measure
from smearflow.records.drift import Group

IMAGE_STATISTICS: Group = "image statistics"
PREDICTIONS: Group = "predictions"
EMBEDDINGS: Group = "embeddings"


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
        return _mmd(*(table[embedding_columns(reference)] for table in (window, reference)))
    test, kind = {
        WASSERSTEIN: (wasserstein_stat_test, ColumnType.Numerical),
        JENSEN_SHANNON: (jensenshannon_stat_test, ColumnType.Categorical),
    }[measure.method]
    return float(test(reference[measure.name], window[measure.name], kind, None).drift_score)


def _mmd(window: pd.DataFrame, reference: pd.DataFrame) -> float:
    if min(len(window), len(reference)) < 2 or not reference.shape[1]:
        return np.nan
    try:
        with np.errstate(divide="raise", invalid="raise"):
            score, _, _ = MMDDriftMethod()(window, reference)
    except FloatingPointError:  # a median distance of 0
        return np.nan
    return float(score)
