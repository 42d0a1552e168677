"""Where the errors are: by patient and by cell."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd


class Errors(NamedTuple):
    """Indices of the errors shown, and how many there are."""

    indices: npt.NDArray[np.intp]
    total: int


def per_patient(
    targets: npt.NDArray[np.int8],
    probabilities: npt.NDArray[np.float32],
    patients: npt.ArrayLike,
    threshold: float,
) -> pd.DataFrame:
    """One row per patient, sorted by name.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive.

    Returns:
        Columns patient, cells, positives, called (cells the model calls positive), accuracy,
        sensitivity, specificity (NaN for a patient without cells of that class), mean_probability.
    """
    called = probabilities >= threshold
    right = called == (targets == 1)
    cells = pd.DataFrame(
        {
            "patient": patients,
            "positive": targets == 1,
            "called": called,
            "right": right,
            "right_positive": np.where(targets == 1, right, np.nan),
            "right_negative": np.where(targets == 1, np.nan, right),
            "probability": probabilities.astype(np.float64),
        }
    )
    return (
        cells.groupby("patient")
        .agg(
            cells=("right", "size"),
            positives=("positive", "sum"),
            called=("called", "sum"),
            accuracy=("right", "mean"),
            sensitivity=("right_positive", "mean"),
            specificity=("right_negative", "mean"),
            mean_probability=("probability", "mean"),
        )
        .reset_index()
    )


def most_confident_errors(
    targets: npt.NDArray[np.int8],
    probabilities: npt.NDArray[np.float32],
    threshold: float,
    count: int,
) -> tuple[Errors, Errors]:
    """False positives and false negatives, each the surest first.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        threshold: least probability that is called positive.
        count: of indices wanted per kind.
    """
    called = probabilities >= threshold
    order = np.argsort(-probabilities, kind="stable")
    false_positives = order[(called & (targets == 0))[order]]
    false_negatives = order[(~called & (targets == 1))[order]][::-1]
    return (
        Errors(false_positives[:count], len(false_positives)),
        Errors(false_negatives[:count], len(false_negatives)),
    )
