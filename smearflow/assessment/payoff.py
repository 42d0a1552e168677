"""What exploration and search gained over the default, on test cells that both models are asked."""

import numpy as np
import numpy.typing as npt

from smearflow.assessment.bootstrap import draw_patients
from smearflow.assessment.breakdown import per_patient
from smearflow.assessment.clinic import mean_and_tail
from smearflow.assessment.paired import Scores, difference, paired_differences
from smearflow.evaluation.metrics import Floats, classification_metrics
from smearflow.records.figures import Difference, Payoff

METRICS = ("accuracy", "sensitivity", "specificity", "roc_auc")
PATIENT_MEAN, WORST_TENTH = "patient_mean", "worst_tenth"


def compared(
    targets: npt.ArrayLike,
    patients: npt.ArrayLike,
    found: Scores,
    default: Scores,
    *,
    samples: int,
    seed: int,
) -> Payoff:
    """Both on the same cells, each at its own threshold; gains are found minus default.

    Beside the figures over cells `patient_mean`, the accuracy where each patient counts alike, and
    `worst_tenth`, its mean over the worst tenth of each model's patients.

    Args:
        targets: [n], 1 = positive.
        patients: [n], which patient each cell is of.
        samples: number of resamples of the patients.
        seed: the same seed gives the same intervals.

    Raises:
        SmearflowError: a probability is not finite.
    """
    over_cells = paired_differences(
        targets, patients, found, default, metrics=METRICS, samples=samples, seed=seed
    )
    usual = classification_metrics(targets, *default)
    accuracies = [_accuracies(targets, patients, each) for each in (found, default)]
    count = len(accuracies[0])
    draws = np.vstack([np.ones((1, count), np.int64), draw_patients(count, samples, seed)])
    own, other = (mean_and_tail(each, draws) for each in accuracies)
    names = (PATIENT_MEAN, WORST_TENTH)
    return Payoff(
        outcome="compared",
        default={name: usual[name] for name in METRICS}
        | {name: float(each[0]) for name, each in zip(names, other, strict=True)},
        gains=over_cells
        | {name: _gain(*pair) for name, *pair in zip(names, own, other, strict=True)},
    )


def _accuracies(targets: npt.ArrayLike, patients: npt.ArrayLike, scores: Scores) -> Floats:
    """Of each patient, in the order of their names."""
    probabilities = np.asarray(scores.probabilities, np.float32)
    table = per_patient(np.asarray(targets, np.int8), probabilities, patients, scores.threshold)
    return table["accuracy"].to_numpy(np.float64)


def _gain(own: Floats, other: Floats) -> Difference:
    return difference(float(own[0] - other[0]), own[1:] - other[1:])
