"""P-values of scores by rank among those of the baseline's patients: no distribution is assumed."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def p_values(scores: npt.ArrayLike, usual: npt.ArrayLike) -> Floats:
    """Conformal p-values [n]: among b usual scores and its own, the share that is no lower.

    Of a patient who is like the usual ones it is at most a with a chance of at most a, for any
    score and any b (Vovk, Gammerman & Shafer 2022, ch. 2). It is never below 1 / (b + 1).

    Args:
        scores: [n], the higher, the stranger.
        usual: [b], of those who are usual.
    """
    found, known = np.asarray(scores, float), np.sort(np.asarray(usual, float))
    lower = np.searchsorted(known, found, side="left")
    return np.asarray((1 + len(known) - lower) / (len(known) + 1))
