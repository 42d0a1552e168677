"""What is said of a window's patients: its figures and names, whatever the words."""

from typing import Any

from smearflow.monitoring.over_time import OverTime
from smearflow.records.verdict import EstimatedAccuracy, Evidence, JudgedPatient, JudgedPatients
from smearflow.report.drift.patients import over_time_text
from smearflow.report.drift.verdict import alerts, notes
from tests.records.examples import VERDICT
from tests.wording import named

ACCURACY = EstimatedAccuracy(
    value=0.901,
    low=0.85,
    high=0.92,
    expected=0.96,
    patients=3,
    invalid=1,
    harmful=True,
    harmless=False,
)
EVIDENCE = (
    Evidence(group="image statistics", name="blue_mean", patient=0.41, usual=0.21, deviations=4.2),
    Evidence(group="embeddings", name="embedding", patient=None, usual=None, deviations=2.5),
)


def patient(name: str, **changed: Any) -> JudgedPatient:
    usual: dict[str, Any] = {"cells": 70, "p_value": 0.4, "flagged": False, "accuracy": 0.95}
    scores = {"embeddings": 2.5}
    return JudgedPatient(patient=name, scores=scores, evidence=EVIDENCE, **(usual | changed))


def judged(*patients: JudgedPatient, accuracy: EstimatedAccuracy | None = None) -> JudgedPatients:
    return JudgedPatients(
        usual=17,
        rate=0.05,
        confidence=0.95,
        few_cells=0,
        least_cells=20,
        patients=patients,
        accuracy=accuracy,
        usual_scores={},
    )


def test_a_strange_patient_is_named_with_the_evidence() -> None:
    strange = patient("C99", p_value=0.03, flagged=True, accuracy=None)
    told = " ".join(notes(VERDICT.model_copy(update={"patients": judged(strange, patient("C1"))})))
    names = ["C99", "17 patients", "5%", "95%", "blue", "0.41", "+4.2"]
    assert named(told, *names, "C1 ") == names


def test_a_loss_of_accuracy_is_an_alert_and_an_estimate_that_is_not_valid_none() -> None:
    harmful = VERDICT.model_copy(update={"patients": judged(patient("C1"), accuracy=ACCURACY)})
    (alert,) = alerts(harmful)
    assert named(alert, "92.0%", "96.0%") == ["92.0%", "96.0%"]
    assert named(" ".join(notes(harmful)), "90.1%", "85.0%") == ["90.1%", "85.0%"]
    invalid = VERDICT.model_copy(update={"patients": judged(patient("C1"))})
    assert alerts(invalid) == []
    assert "can't be estimated" in " ".join(notes(invalid))


def test_evidence_over_time_is_told_beside_its_limit() -> None:
    assert named(over_time_text(OverTime(52, 3.21)), "52", "3.21", "20") == ["52", "3.21", "20"]
    assert over_time_text(OverTime(9, 30.0)) != over_time_text(OverTime(9, 3.0))
