"""What the decision threshold is worth on validation patients, and what goes with it."""

import math

from pydantic import ConfigDict

from smearflow.ground.record import Part


class _Lasting(Part):
    """Part of edge.json too, which outlives the code that wrote it: later keys are ignored."""

    model_config = ConfigDict(extra="ignore")


class PatientRate(_Lasting):
    """A rate of right calls, which differs between patients.

    Attributes:
        mean: of the patients.
        deviation: between patients, standard, beyond what so few cells of each make by chance.
        standard_error: of the mean.
        patients: it was measured on.
        cells: of theirs.
    """

    mean: float
    deviation: float
    standard_error: float
    patients: int
    cells: int


class AnswerLimits(_Lasting):
    """Between which probabilities a person must look.

    Attributes:
        lower: below it the answer is negative.
        upper: from it on the answer is positive.
        most_errors: of the cells of a class, the share that may be answered wrongly.
        patients: validation patients with cells of the class that fewer of them have.
        held: whether that many patients suffice for `most_errors` to hold for patients to come.
    """

    lower: float
    upper: float
    most_errors: float
    patients: int
    held: bool

    @property
    def needed(self) -> int:
        """Patients of each class that would suffice, if a model is sure enough on them."""
        return math.ceil(1 / self.most_errors - 1e-9) - 1


class OperatingPoint(_Lasting):
    """What belongs to a model's threshold, measured on validation patients.

    Attributes:
        sensitivity: at the threshold.
        specificity: likewise.
        temperature: that probabilities are calibrated with; the threshold and the limits are of
            probabilities as the model gives them.
        answers: where a person must look.
    """

    sensitivity: PatientRate
    specificity: PatientRate
    temperature: float
    answers: AnswerLimits
