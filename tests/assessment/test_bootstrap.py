from typing import Any

import numpy as np
import pytest

from smearflow.assessment.bootstrap import AT_PREVALENCE, patient_bootstrap
from smearflow.evaluation.metrics import CONFUSION, METRICS, classification_metrics
from smearflow.records.figures import Estimate


def _cells(
    patients: int = 30, per_patient: int = 40, patient_spread: float = 0.0
) -> tuple[Any, Any, Any]:
    """Cells whose probabilities are right more or less often, depending on the patient."""
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(patients), per_patient)
    targets = rng.integers(0, 2, len(patient))
    right = rng.random(len(patient)) < np.clip(
        0.85 + rng.normal(0, patient_spread, patients)[patient], 0, 1
    )
    return targets, np.where(right, targets, 1 - targets) * 0.8 + 0.1, patient


def _width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_values_are_those_of_all_cells_and_lie_in_their_intervals() -> None:
    targets, probabilities, patients = _cells()
    found = patient_bootstrap(targets, probabilities, patients, 0.5, 300, 1)
    assert set(found) == {*METRICS, *CONFUSION, AT_PREVALENCE}
    plain = classification_metrics(targets, probabilities, 0.5)
    assert {name: found[name].value for name in METRICS} == plain
    for name in ("accuracy", "mcc", "roc_auc", "tp"):
        low, value, high = (getattr(found[name], part) for part in ("low", "value", "high"))
        assert low < value < high


def test_precision_where_positives_are_rarer() -> None:
    targets, probabilities, patients = _cells()
    here, there = (
        patient_bootstrap(targets, probabilities, patients, 0.5, 300, 1, prevalence)
        for prevalence in (None, 0.02)
    )
    assert here[AT_PREVALENCE].value == pytest.approx(here["precision"].value)
    se, sp = (there[name].value or 0.0 for name in ("sensitivity", "specificity"))
    expected = se * 0.02 / (se * 0.02 + (1 - sp) * 0.98)
    found = there[AT_PREVALENCE]
    assert found.value == pytest.approx(expected)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high < 0.2
    assert {name: here[name] for name in METRICS} == {name: there[name] for name in METRICS}


def test_few_positives_leave_resamples_without_any_and_figures_still_have_intervals() -> None:
    targets = np.zeros(300, int)
    targets[[5, 17]] = 1  # one cell of each of two patients of thirty
    probabilities = np.where(targets == 1, 0.9, 0.1)
    probabilities[17] = 0.2
    found = patient_bootstrap(targets, probabilities, np.arange(300) // 10, 0.5, 500, 1)
    assert found["sensitivity"] == Estimate(value=0.5, low=0.0, high=1.0)
    assert found[AT_PREVALENCE].value == 1.0
    for name in ("roc_auc", "pr_auc", "accuracy", "brier"):
        assert found[name].value is not None
        assert found[name].low is not None


def test_a_seed_fixes_the_intervals_and_names_do_not_matter() -> None:
    targets, probabilities, patients = _cells()
    first = patient_bootstrap(targets, probabilities, patients, 0.5, 150, 1)
    assert first == patient_bootstrap(targets, probabilities, patients, 0.5, 150, 1)
    named = np.array([f"nih/C{number:03d}" for number in patients])
    assert first == patient_bootstrap(targets, probabilities, named, 0.5, 150, 1)
    assert first != patient_bootstrap(targets, probabilities, patients, 0.5, 150, 2)


def test_width_of_the_interval_of_independent_patients_is_the_textbook_one() -> None:
    targets, probabilities, patients = _cells(patients=400, per_patient=5)
    found = patient_bootstrap(targets, probabilities, patients, 0.5, 2000, 1)["accuracy"]
    share = np.mean((probabilities >= 0.5) == targets)
    expected = 2 * 1.96 * np.sqrt(share * (1 - share) / len(targets))
    assert _width(found) == pytest.approx(expected, rel=0.1)


def test_patients_that_differ_widen_the_interval() -> None:
    targets, probabilities, patients = _cells(patient_spread=0.15)
    by_patient = patient_bootstrap(targets, probabilities, patients, 0.5, 1000, 1)
    by_cell = patient_bootstrap(targets, probabilities, np.arange(len(targets)), 0.5, 1000, 1)
    assert _width(by_patient["accuracy"]) > 1.5 * _width(by_cell["accuracy"])


def test_resamples_without_a_class_do_not_count() -> None:
    found = patient_bootstrap([0, 1], [0.2, 0.9], ["a", "b"], 0.5, 200, 1)
    assert found["roc_auc"] == Estimate(value=1, low=1, high=1)
    assert found["tp"] == Estimate(value=1, low=0, high=2)


def test_an_undefined_figure_has_no_interval() -> None:
    found = patient_bootstrap([1, 1], [0.2, 0.9], ["a", "b"], 0.5, 100, 1)
    assert found["specificity"] == Estimate(value=None, low=None, high=None)
    assert found["sensitivity"].value == 0.5
