"""What a model is worth for a patient, beside what it is worth for a cell."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.assessment.bootstrap import draw_patients, estimate
from smearflow.assessment.parasitaemia import least_told, parasitaemia, verdict
from smearflow.evaluation.metrics import Floats
from smearflow.records.figures import DetectionLimit, OverPatients
from smearflow.records.operating import OperatingPoint

CELLS = (100, 1_000, 10_000)  # of a patient, that limits of detection are stated for
_WORST = 0.1  # of the patients


def over_patients(by_patient: pd.DataFrame, samples: int, seed: int) -> OverPatients:
    """Accuracy where each patient counts alike, with intervals of a patient bootstrap.

    Args:
        by_patient: of `breakdown.per_patient`.
        samples: number of resamples.
        seed: the same seed gives the same intervals.
    """
    accuracy = np.sort(by_patient["accuracy"].to_numpy(np.float64))
    count = len(accuracy)
    draws = np.vstack([np.ones((1, count), np.int64), draw_patients(count, samples, seed)])
    mean, tail = mean_and_tail(accuracy, draws)
    return OverPatients(
        accuracy=estimate(mean[0], mean[1:]), worst_tenth=estimate(tail[0], tail[1:])
    )


def mean_and_tail(accuracy: Floats, draws: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Accuracy over patients, and over the worst tenth of them, in resamples.

    Args:
        accuracy: [patients].
        draws: how often each of them is in each resample, [resamples, patients].

    Returns:
        Both for each resample.
    """
    order = np.argsort(accuracy, kind="stable")
    accuracy, draws = accuracy[order], draws[:, order]
    tenth = math.ceil(_WORST * len(accuracy))
    lower = draws.cumsum(axis=1) - draws  # drawn of those that are worse
    worst = np.minimum(draws, np.maximum(tenth - lower, 0))
    return draws @ accuracy / len(accuracy), worst @ accuracy / tenth


def detection_limits(operating: OperatingPoint) -> tuple[DetectionLimit, ...]:
    """The smallest parasitaemia that can be told from none, for each of CELLS."""
    rates = (operating.sensitivity, operating.specificity)
    return tuple(
        DetectionLimit(cells=cells, parasitaemia=least_told(cells, *rates)) for cells in CELLS
    )


def with_parasitaemia(
    by_patient: pd.DataFrame, operating: OperatingPoint, least: float
) -> pd.DataFrame:
    """The table with what a clinic asks of each patient.

    Args:
        by_patient: of `breakdown.per_patient`.
        operating: of the model that called the cells.
        least: parasitaemia that must not be missed.

    Returns:
        Further columns parasitaemia, parasitaemia_low, parasitaemia_high and verdict, of
        `parasitaemia.parasitaemia` and `parasitaemia.verdict`.
    """
    rates = (operating.sensitivity, operating.specificity)
    found = [
        parasitaemia(int(called), int(cells), *rates)
        for called, cells in zip(by_patient["called"], by_patient["cells"], strict=True)
    ]
    return by_patient.assign(
        parasitaemia=[each.value for each in found],
        parasitaemia_low=[each.low for each in found],
        parasitaemia_high=[each.high for each in found],
        verdict=[verdict(each, least, *rates) for each in found],
    )
