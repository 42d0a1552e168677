"""Three answers: positive, negative, and "look yourself" where errors cannot be held."""

import numpy as np
import numpy.typing as npt

from smearflow.records.operating import AnswerLimits

Floats = npt.NDArray[np.float32]


def answer_limits(
    targets: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    patients: npt.ArrayLike,
    threshold: float,
    most_errors: float,
) -> AnswerLimits:
    """How sure a model must be for its answer to stand, by conformal risk control.

    Angelopoulos et al. 2022, with patients as what is exchangeable: of m patients with cells of a
    class, the shares of these that are answered wrongly sum up to at most most_errors (m + 1) - 1.
    Then the share is at most `most_errors` for a further patient, on average over patients. It is
    held for each class on its own, so that it does not depend on how many cells are infected.

    Fewer than 1 / most_errors - 1 patients cannot show it, whatever the limits. These then hold
    the mean share of the patients at hand, and `held` is false.

    Args:
        targets: [n], 1 = positive; of patients that the model was not trained on.
        probabilities: [n], of the positive class; in float32, as models give them, or they become
            so: limits lie between two of these.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive; it lies between the limits.
        most_errors: in (0, 1), of the cells of a class.
    """
    truth, scores = np.asarray(targets) == 1, np.asarray(probabilities, np.float32)
    names = np.asarray(patients)
    lowest, infected, lower_held = _beyond(-scores[truth], names[truth], most_errors)
    highest, healthy, upper_held = _beyond(scores[~truth], names[~truth], most_errors)
    return AnswerLimits(
        lower=min(threshold, -lowest),
        upper=max(threshold, float(np.nextafter(np.float32(highest), np.float32(np.inf)))),
        most_errors=most_errors,
        patients=min(infected, healthy),
        held=lower_held and upper_held,
    )


def _beyond(
    scores: Floats, patients: npt.NDArray[np.generic], most_errors: float
) -> tuple[float, int, bool]:
    """The lowest limit that few enough scores are above, patient by patient.

    Returns:
        The limit; number of patients; whether it holds for further patients.
    """
    names, numbers = np.unique(patients, return_inverse=True)
    count = len(names)
    allowed = most_errors * (count + 1) - 1
    held = allowed >= 0
    order = np.argsort(-scores, kind="stable")
    share = 1 / np.bincount(numbers)[numbers]
    over = share[order].cumsum() > (allowed if held else most_errors * count)
    limit = float(scores[order][over.argmax()]) if over.any() else -np.inf
    return limit, count, held
