"""What a model is worth where it is used: for patients, with a person beside it, calibrated."""

from typing import TypedDict

import pandas as pd

from smearflow.assessment.answered import answered
from smearflow.assessment.assessment import EDGE, MODEL, Assessment
from smearflow.assessment.bootstrap import patient_bootstrap
from smearflow.assessment.breakdown import per_patient
from smearflow.assessment.clinic import detection_limits, over_patients
from smearflow.assessment.company import company_figures
from smearflow.assessment.patients import false_positives
from smearflow.assessment.prior_shift import in_company
from smearflow.evaluation.calibration import calibrated
from smearflow.evaluation.metrics import METRICS
from smearflow.evaluation.threshold import choose_threshold
from smearflow.records.figures import Answered, Estimates, InCompany, OverPatients, Patients
from smearflow.records.operating import OperatingPoint

CALIBRATION = ("calibration_error", "brier")


class InUse(TypedDict):
    """Fields of `smearflow.records.figures.Figures`."""

    validation: Estimates
    calibrated: Estimates
    answered: Answered
    by_patient: Patients
    in_company: InCompany


def in_use(
    assessment: Assessment,
    operating: OperatingPoint,
    validation: pd.DataFrame,
    least_parasitaemia: float,
    required_sensitivity: float,
    samples: int,
    seed: int,
) -> InUse:
    """Figures of MODEL, with intervals of a patient bootstrap.

    Args:
        operating: of MODEL, on the validation side.
        validation: a row per cell of that side: target, probability, patient.
        least_parasitaemia: that must not be missed.
        required_sensitivity: that thresholds are chosen for on the validation side.
        samples: number of resamples.
        seed: the same seed gives the same intervals.
    """
    targets, patients = assessment.targets, assessment.patients
    scores, threshold = assessment.scores[MODEL], assessment.threshold
    temperature = operating.temperature
    chosen_on = patient_bootstrap(
        validation["target"],
        validation["probability"],
        validation["patient"],
        threshold,
        samples,
        seed,
    )
    warm = patient_bootstrap(
        targets,
        calibrated(scores, temperature),
        patients,
        float(calibrated(threshold, temperature)),
        samples,
        seed,
    )
    return {
        "validation": {name: chosen_on[name] for name in METRICS},
        "calibrated": {name: warm[name] for name in CALIBRATION},
        "answered": answered(targets, scores, patients, operating.answers, samples, seed),
        "by_patient": Patients(
            **_accuracies(assessment, samples, seed),
            false_positives=false_positives(assessment.by_patient),
            detection=detection_limits(operating),
            least_parasitaemia=least_parasitaemia,
        ),
        "in_company": _in_company(assessment, validation, required_sensitivity, samples, seed),
    }


def _in_company(
    assessment: Assessment, validation: pd.DataFrame, required: float, samples: int, seed: int
) -> InCompany:
    """At a threshold of its own, chosen on the validation side.

    What the network takes for usual is the mean of its probabilities there: also where the loss
    weighed a rare class.
    """
    usual = float(validation["probability"].mean())
    chosen_on = in_company(validation["probability"], validation["patient"], usual)
    return company_figures(
        assessment.targets,
        in_company(assessment.scores[MODEL], assessment.patients, usual),
        assessment.patients,
        choose_threshold(validation["target"], chosen_on, required),
        usual_share=usual,
        samples=samples,
        seed=seed,
    )


def _accuracies(assessment: Assessment, samples: int, seed: int) -> dict[str, OverPatients]:
    targets, patients, threshold = assessment.targets, assessment.patients, assessment.threshold
    return {
        key: over_patients(
            per_patient(targets, assessment.scores[name], patients, threshold), samples, seed
        )
        for key, name in (("model", MODEL), ("edge", EDGE))
    }
