from typing import Any

import numpy as np
import pytest

from smearflow.assessment.bootstrap import patient_bootstrap
from smearflow.assessment.paired import Scores, paired_differences
from smearflow.evaluation.metrics import classification_metrics

METRICS = ("roc_auc", "sensitivity", "specificity", "accuracy")


def _cells(noise: float) -> tuple[Any, Any, Any, Any]:
    """Cells of patients that differ, what one classifier says, and another with noise beside it."""
    rng = np.random.default_rng(4)
    patients = np.repeat(np.arange(20), 50)
    targets = rng.integers(0, 2, len(patients))
    hard = rng.normal(0, 1.5, 20)[patients] + rng.normal(0, 1, len(patients))
    one = 1 / (1 + np.exp(-(4 * targets - 2 + hard)))
    other = np.clip(one + rng.normal(0, noise, len(one)), 0, 1)
    return targets, patients, one, other


def _found(one: Scores, other: Scores, targets: Any, patients: Any) -> Any:
    return paired_differences(targets, patients, one, other, metrics=METRICS, samples=400, seed=1)


def test_a_difference_is_that_of_the_figures_each_at_its_own_threshold() -> None:
    targets, patients, one, other = _cells(0.2)
    found = _found(Scores(one, 0.4), Scores(other, 0.6), targets, patients)
    first = classification_metrics(targets, one, 0.4)
    second = classification_metrics(targets, other, 0.6)
    for name in METRICS:
        assert found[name].value == pytest.approx((first[name] or 0) - (second[name] or 0))
        assert found[name].low < found[name].at_least < found[name].value < found[name].high


def test_scores_moved_with_their_threshold_differ_in_nothing() -> None:
    targets, patients, one, _ = _cells(0.0)
    found = _found(Scores(one, 0.5), Scores(one**2, 0.25), targets, patients)
    for name in METRICS:
        told = found[name]
        assert (told.value, told.low, told.high, told.at_least) == (0, 0, 0, 0)


def test_what_is_hard_for_both_widens_nothing() -> None:
    targets, patients, one, other = _cells(0.02)
    alone = patient_bootstrap(targets, one, patients, 0.5, 400, 1)["accuracy"]
    found = _found(Scores(one, 0.5), Scores(other, 0.5), targets, patients)["accuracy"]
    assert alone.high is not None
    assert alone.low is not None
    assert found.high - found.low < (alone.high - alone.low) / 5


def test_the_other_way_round_the_interval_is_mirrored() -> None:
    targets, patients, one, other = _cells(0.2)
    there = _found(Scores(one, 0.5), Scores(other, 0.5), targets, patients)
    back = _found(Scores(other, 0.5), Scores(one, 0.5), targets, patients)
    for name in METRICS:
        assert back[name].low == pytest.approx(-there[name].high)
        assert back[name].value == pytest.approx(-there[name].value)


def test_the_bound_is_below_the_truth_in_all_but_a_twentieth_of_studies() -> None:
    rng, below = np.random.default_rng(8), []
    patients = np.repeat(np.arange(40), 10)
    for seed in range(200):
        targets = np.tile([0, 1], 200)
        one, other = (np.where(rng.random(400) < 0.9, targets, 1 - targets) for _ in range(2))
        found = paired_differences(
            targets,
            patients,
            Scores(one, 0.5),
            Scores(other, 0.5),
            metrics=["accuracy"],
            samples=200,
            seed=seed,
        )
        below.append((found["accuracy"].at_least or 0) <= 0)
    assert 0.90 <= np.mean(below) <= 0.985


def test_a_seed_fixes_it_and_undefined_stays_undefined() -> None:
    targets, patients, one, other = _cells(0.1)
    pair = (Scores(one, 0.5), Scores(other, 0.5))
    assert _found(*pair, targets, patients) == _found(*pair, targets, patients)
    found = _found(*pair, np.ones_like(targets), patients)
    assert found["roc_auc"].value is None
    assert found["specificity"].at_least is None
    assert found["sensitivity"].at_least is not None
