"""What belongs to a threshold: how often it is right on patients, and when a person must look."""

import numpy as np
import numpy.typing as npt

from smearflow.evaluation.answers import answer_limits
from smearflow.evaluation.calibration import fit_temperature
from smearflow.evaluation.patient_rates import patient_rate
from smearflow.records.operating import OperatingPoint


def operating_point(
    targets: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    patients: npt.ArrayLike,
    threshold: float,
    most_errors: float,
) -> OperatingPoint:
    """Measure it on cells of patients that the model was not trained on.

    Args:
        targets: [n], 1 = positive; of both classes.
        probabilities: [n], of the positive class.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive.
        most_errors: of `answers.answer_limits`.
    """
    positive, names = np.asarray(targets) == 1, np.asarray(patients)
    called = np.asarray(probabilities) >= threshold
    return OperatingPoint(
        sensitivity=patient_rate(called[positive], names[positive]),
        specificity=patient_rate(~called[~positive], names[~positive]),
        temperature=fit_temperature(targets, probabilities),
        answers=answer_limits(targets, probabilities, patients, threshold, most_errors),
    )
