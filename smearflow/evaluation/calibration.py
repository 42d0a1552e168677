"""How well probabilities agree with what happens."""

import numpy as np
import numpy.typing as npt
import pandas as pd

BINS = 10


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
