from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from smearflow.evaluation.metrics import (
    CONFUSION,
    METRICS,
    ScoredCells,
    classification_metrics,
    confusion_matrix,
    precision_at,
)
from smearflow.ground.errors import SmearflowError

# Multiples of 1/8 make ties, ends of the range and values on a bin's edge common.
CELLS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=1, max_size=30)
THRESHOLDS = st.integers(0, 8).map(lambda eighths: eighths / 8)


def _arrays(cells: list[tuple[int, int]]) -> tuple[Any, Any]:
    targets, eighths = np.array(cells).T
    return targets, eighths / 8


def _expected(targets: Any, probabilities: Any, threshold: float) -> dict[str, float | None]:
    """The same figures by scikit-learn, None where one of its own conventions would step in."""
    called = (probabilities >= threshold).astype(int)
    both = len(set(targets)) == 2
    positive, negative = 1 in targets, 0 in targets
    return {
        "accuracy": reference.accuracy_score(targets, called),
        "sensitivity": reference.recall_score(targets, called) if positive else None,
        "specificity": reference.recall_score(targets, called, pos_label=0) if negative else None,
        "precision": reference.precision_score(targets, called) if called.any() else None,
        "f1": reference.f1_score(targets, called) if positive or called.any() else None,
        "mcc": reference.matthews_corrcoef(targets, called)
        if both and len(set(called)) == 2
        else None,
        "roc_auc": reference.roc_auc_score(targets, probabilities) if both else None,
        "pr_auc": reference.average_precision_score(targets, probabilities) if positive else None,
        "brier": np.mean((probabilities - targets) ** 2),
    }


@given(CELLS, THRESHOLDS)
def test_agrees_with_scikit_learn(cells: list[tuple[int, int]], threshold: float) -> None:
    targets, probabilities = _arrays(cells)
    found = classification_metrics(targets, probabilities, threshold)
    assert set(found) == set(METRICS)
    for name, value in _expected(targets, probabilities, threshold).items():
        assert found[name] == (value if value is None else pytest.approx(value)), name


@given(CELLS, THRESHOLDS, st.data())
def test_a_weight_is_a_repetition(
    cells: list[tuple[int, int]], threshold: float, data: st.DataObject
) -> None:
    targets, probabilities = _arrays(cells)
    times = np.array(
        data.draw(st.lists(st.integers(0, 3), min_size=len(cells), max_size=len(cells)))
    )
    if not times.any():
        times[0] = 1
    scored = ScoredCells.of(targets, probabilities, threshold)
    weighted = scored.metrics(times[None].astype(float))
    repeated = classification_metrics(targets.repeat(times), probabilities.repeat(times), threshold)
    for name, value in repeated.items():
        assert weighted[name][0] == pytest.approx(np.nan if value is None else value, nan_ok=True)


def test_confusion_counts_cells() -> None:
    found = confusion_matrix([0, 0, 0, 1, 1, 1, 1], [0.1, 0.5, 0.2, 0.5, 0.4, 0.9, 0.8], 0.5)
    assert found == dict(zip(CONFUSION, (2, 1, 1, 3), strict=True))


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    # bin 0.2-0.3: two cells, mean 0.25, none positive; bin 0.9-1.0: two cells, mean 0.95, one is
    found = classification_metrics([0, 0, 1, 0], [0.2, 0.3 - 1e-9, 0.9, 1.0], 0.5)
    assert found["calibration_error"] == pytest.approx((0.25 + 0.45) / 2, abs=1e-6)


@pytest.mark.parametrize(
    ("prevalence", "sensitivity", "specificity", "expected"),
    [
        (0.5, 0.9, 0.9, 0.9),
        (0.02, 0.9, 0.9, 0.018 / (0.018 + 0.098)),
        (0.02, 0.9, 1.0, 1.0),
        (0.02, 0.0, 0.9, 0.0),
        (0.02, 0.0, 1.0, np.nan),  # nothing is called positive
        (0.02, np.nan, 0.9, np.nan),
    ],
)
def test_precision_elsewhere(
    prevalence: float, sensitivity: float, specificity: float, expected: float
) -> None:
    found = precision_at(prevalence, np.array([sensitivity]), np.array([specificity]))
    assert found == pytest.approx([expected], nan_ok=True)


def test_precision_at_the_share_of_the_cells_themselves_is_their_precision() -> None:
    targets, probabilities = [0, 0, 0, 1, 1], [0.2, 0.7, 0.1, 0.9, 0.3]
    plain = classification_metrics(targets, probabilities, 0.5)
    rates = (np.array([plain[name]]) for name in ("sensitivity", "specificity"))
    assert precision_at(0.4, *rates) == pytest.approx([plain["precision"]])


def test_a_diverged_model_is_named() -> None:
    with pytest.raises(SmearflowError, match="1 of 2 probabilities are not finite"):
        classification_metrics([0, 1], [0.2, np.nan], 0.5)


@pytest.mark.parametrize(("targets", "probabilities"), [([], []), ([1], [0.1, 0.2])])
def test_unusable_arrays_are_refused(targets: list[int], probabilities: list[float]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        classification_metrics(targets, probabilities, 0.5)
