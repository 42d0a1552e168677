"""How well probabilities agree with what happens."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

BINS = 10
_SURE = 1e-7  # no probability is taken to be nearer to 0 or 1: float32 rounds them to these
_LARGEST = 20.0  # temperature; its inverse is the smallest


def bin_of(probabilities: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Index of the equal-width bin in [0, 1] that each probability falls in; 1.0 is in the last."""
    return np.minimum((np.asarray(probabilities) * BINS).astype(np.intp), BINS - 1)


def reliability(targets: npt.ArrayLike, probabilities: npt.ArrayLike) -> pd.DataFrame:
    """What a reliability diagram shows (Guo et al. 2017), for the positive class.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.

    Returns:
        A row per bin that holds cells: low, high (edges of the bin), cells, probability (mean),
        positive (share of the cells that are).
    """
    scores = np.asarray(probabilities, np.float64)
    cells = pd.DataFrame(
        {"bin": bin_of(scores), "probability": scores, "positive": np.asarray(targets) == 1}
    )
    table = cells.groupby("bin").agg(
        cells=("positive", "size"),
        probability=("probability", "mean"),
        positive=("positive", "mean"),
    )
    edges = np.linspace(0, 1, BINS + 1)
    table.insert(0, "low", edges[table.index])
    table.insert(1, "high", edges[table.index + 1])
    return table.reset_index(drop=True)


def fit_temperature(targets: npt.ArrayLike, probabilities: npt.ArrayLike) -> float:
    """The temperature at which `calibrated` probabilities have the lowest cross-entropy.

    Guo et al. 2017.

    Args:
        targets: [n], 1 = positive; of patients that the model was not trained on.
        probabilities: [n], of the positive class.

    Returns:
        Above 1 where the model is surer than it should be; within 1 / 20 and 20.
    """
    margins = np.where(np.asarray(targets) == 1, 1.0, -1.0) * _logits(probabilities)
    found = minimize_scalar(
        lambda log: float(np.logaddexp(0, -margins / np.exp(log)).mean()),
        bounds=(-np.log(_LARGEST), np.log(_LARGEST)),
        method="bounded",
    )
    return float(np.exp(found.x))


def calibrated(probabilities: npt.ArrayLike, temperature: float) -> npt.NDArray[np.float64]:
    """Probabilities whose logits are divided by a temperature; their order stays.

    A threshold, or a limit, that is calibrated likewise decides as before.

    Args:
        probabilities: of the positive class, any shape.
        temperature: above 0, of `fit_temperature`.
    """
    return np.asarray(1 / (1 + np.exp(-_logits(probabilities) / temperature)))


def _logits(probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
    sure = np.clip(np.asarray(probabilities, np.float64), _SURE, 1 - _SURE)
    return np.asarray(np.log(sure) - np.log1p(-sure))
