"""The probability from which a cell is called positive."""

import numpy as np
import numpy.typing as npt

from smearflow.ground.errors import SmearflowError

USUAL = 0.5


def choose_threshold(
    targets: npt.ArrayLike, probabilities: npt.ArrayLike, required_sensitivity: float
) -> float:
    """The highest threshold up to 0.5 that reaches a sensitivity on these cells.

    Lower ones would reach it too, at the price of specificity.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        required_sensitivity: in (0, 1].

    Returns:
        0.5, or the probability of a positive cell below it; `probability >= threshold` decides.

    Raises:
        SmearflowError: no cell is positive.
    """
    positives = np.asarray(probabilities, np.float64)[np.asarray(targets) == 1]
    if not len(positives):
        raise SmearflowError(
            "no positive cell to choose the threshold on", "hold out more patients for validation"
        )
    # The shares that can be reached are k/n; comparing those avoids rounding of required * n.
    shares = np.arange(1, len(positives) + 1) / len(positives)
    needed = np.searchsorted(shares, required_sensitivity)
    return min(USUAL, float(np.sort(positives)[::-1][needed]))
