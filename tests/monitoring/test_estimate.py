import numpy as np
import pytest

from smearflow.monitoring.estimate import Estimator


def test_patients_on_a_line_are_told_exactly() -> None:
    doubts = np.linspace(0.01, 0.1, 10)
    estimator = Estimator.fit(doubts, 0.99 - 2 * doubts)
    assert estimator.accuracy([0.2]) == pytest.approx([0.59])
    assert estimator.mean([0.05, 0.15]) == pytest.approx((0.79, 0.79, 0.79))
    assert estimator.accuracy([9.0]) == [0.0]


def test_doubts_that_tell_nothing_give_the_mean_and_how_far_it_misses() -> None:
    accuracies = np.array([0.9, 0.92, 0.94, 0.96, 0.98])
    estimator = Estimator.fit([0.1] * 5, accuracies)
    value, low, high = estimator.mean([0.1])
    assert value == pytest.approx(0.94)
    assert low < 0.9 < 0.98 < high
    assert Estimator.fit([0.1, 0.2, 0.3], [0.7, 0.8, 0.9]).slope == 0  # surer, yet wrong


def test_the_interval_covers_patients_as_often_as_it_says_and_narrows_with_more() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        doubts = rng.uniform(0, 0.1, 26)
        accuracies = 0.97 - doubts + rng.normal(0, 0.02, 26)
        estimator = Estimator.fit(doubts[:16], accuracies[:16])
        value, low, high = estimator.mean(doubts[16:])
        held.append(low <= accuracies[16:].mean() <= high)
        alone = estimator.mean([value])
        assert alone[2] - alone[1] > high - low or alone[2] == 1
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)
