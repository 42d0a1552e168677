"""How often a model is right on a patient, and how much that differs between patients."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betaln, expit, logit

from smearflow.records.operating import PatientRate

Floats = npt.NDArray[np.float64]
_BOUNDS = (1e-4, 1 - 1e-4)  # of the likeness: at its ends cells are independent, or all alike


def patient_rate(right: npt.ArrayLike, patients: npt.ArrayLike) -> PatientRate:
    """Mean and spread over patients of how often cells are called right.

    The number of right cells of a patient is taken for beta-binomial, and the likeliest one is
    found (Griffiths 1973): a patient of few cells tells little of the spread. To the cells one
    right and one wrong are added (Lang & Reiczigel 2014), as no error among few is no proof that
    there are none to come.

    Args:
        right: [n], whether each cell is called right; at least one.
        patients: [n], which patient each is of.

    Returns:
        The rate; of a single patient with the widest spread there is, as nothing is known of it.
    """
    called = np.asarray(right, np.float64)
    _, numbers = np.unique(np.asarray(patients), return_inverse=True)
    cells = np.bincount(numbers)
    mean, likeness = float(called.mean()), _BOUNDS[1]
    if (count := len(cells)) > 1:
        right_cells = np.bincount(numbers, called).astype(np.float64)
        mean, likeness = _likeliest(right_cells, cells.astype(np.float64))
        likeness = min(likeness * count / (count - 1), 1.0)  # the likeliest spread is too small
    mean = (mean * len(called) + 1) / (len(called) + 2)
    spread = mean * (1 - mean)
    variances = spread * (likeness + (1 - likeness) / cells)
    return PatientRate(
        mean=mean,
        deviation=float(np.sqrt(spread * likeness)),
        standard_error=float(1 / np.sqrt((1 / variances).sum())),
        patients=count,
        cells=len(called),
    )


def _likeliest(right: Floats, cells: Floats) -> tuple[float, float]:
    """Mean, and likeness of two cells of one patient: their intraclass correlation."""
    if right.sum() in (0, cells.sum()):
        return float(right.sum() / cells.sum()), _BOUNDS[0]

    def unlikely(point: Floats) -> float:
        mean, likeness = expit(point)
        pseudo = (1 - likeness) / likeness  # cells that a patient's own rate is worth
        a, b = mean * pseudo, (1 - mean) * pseudo
        return -float((betaln(right + a, cells - right + b) - betaln(a, b)).sum())

    start = logit([right.sum() / cells.sum(), 0.05])
    bounds = [logit((1e-6, 1 - 1e-6)), logit(_BOUNDS)]
    mean, likeness = expit(minimize(unlikely, start, bounds=bounds, method="L-BFGS-B").x)
    return float(mean), float(likeness)
