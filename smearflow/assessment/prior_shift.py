"""Probabilities of cells in the company of their patient's: what the others say of the share."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AS_IF = 5.0  # cells of the usual share, counted with a patient's own: few of these tell little
_STEPS, _NEAR = 500, 1e-7
_SURE = 1e-4  # no network is surer: a patient's share would hang on a few overconfident cells


def in_company(probabilities: npt.ArrayLike, patients: npt.ArrayLike, usual_share: float) -> Floats:
    """Probabilities if each patient has a share of positive cells of its own, told without labels.

    A network's probabilities fit the share of positive cells that it learned from. A patient has
    another: none, most often. That share and the probabilities under it are found together by
    expectation maximisation (Saerens, Latinne & Decaestecker 2002, Neural Computation 14:21-41),
    patient by patient, with AS_IF cells of the usual share beside them. The order of a patient's
    cells stays; cells of different patients change places.

    Args:
        probabilities: [n], of the positive class, each cell judged alone.
        patients: [n], whose each cell is.
        usual_share: of positive cells among those that the network learned from, in (0, 1).

    Returns:
        [n].
    """
    alone = np.clip(np.asarray(probabilities, np.float64), _SURE, 1 - _SURE)
    _, numbers = np.unique(np.asarray(patients).astype(str), return_inverse=True)
    result = np.empty_like(alone)
    for number in range(numbers.max(initial=-1) + 1):
        own = numbers == number
        result[own] = _of_patient(alone[own], usual_share)
    return result


def _of_patient(alone: Floats, usual: float) -> Floats:
    share, found = usual, alone
    for _ in range(_STEPS):
        positive, negative = alone * share / usual, (1 - alone) * (1 - share) / (1 - usual)
        found = positive / (positive + negative)
        before, share = share, float((found.sum() + AS_IF * usual) / (len(alone) + AS_IF))
        if abs(share - before) < _NEAR:
            break
    return np.asarray(found)
