"""What a model is worth where each cell is judged in the company of its patient's."""

import numpy as np
import numpy.typing as npt

from smearflow.assessment.bootstrap import patient_bootstrap
from smearflow.assessment.patients import patient_figures
from smearflow.evaluation.metrics import METRICS
from smearflow.records.figures import InCompany


def company_figures(
    targets: npt.ArrayLike,
    together: npt.ArrayLike,
    patients: npt.ArrayLike,
    threshold: float,
    *,
    usual_share: float,
    samples: int,
    seed: int,
) -> InCompany:
    """Figures of probabilities that `prior_shift.in_company` made of those of cells alone.

    Args:
        targets: [n], 1 = positive.
        together: [n], of the positive class.
        patients: [n], whose each cell is.
        threshold: least of them that is called positive.
        usual_share: that they were made with, told with the figures.
        samples: number of resamples of the patients.
        seed: the same seed gives the same intervals.
    """
    estimates = patient_bootstrap(targets, together, patients, threshold, samples, seed)
    return InCompany(
        usual_share=usual_share,
        threshold=threshold,
        pooled={name: estimates[name] for name in METRICS},
        by_patient=patient_figures(targets, np.asarray(together), patients, threshold),
    )
