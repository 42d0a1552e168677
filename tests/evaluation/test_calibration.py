import numpy as np
import pytest

from smearflow.evaluation.calibration import (
    BINS,
    bin_of,
    calibrated,
    fit_temperature,
    reliability,
)
from smearflow.evaluation.metrics import classification_metrics


def test_bins_are_equal_and_one_is_in_the_last() -> None:
    assert list(bin_of([0.0, 0.0999, 0.1, 0.55, 0.999, 1.0])) == [0, 0, 1, 5, BINS - 1, BINS - 1]


def test_a_row_per_bin_with_cells() -> None:
    table = reliability([0, 1, 1], [0.52, 0.58, 1.0])
    assert list(table["cells"]) == [2, 1]
    assert list(table["low"]) == pytest.approx([0.5, 0.9])
    assert list(table["high"]) == pytest.approx([0.6, 1.0])
    assert list(table["probability"]) == pytest.approx([0.55, 1.0])
    assert list(table["positive"]) == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_a_model_that_is_too_sure_is_found(temperature: float) -> None:
    rng = np.random.default_rng(7)
    logits = rng.normal(0, 2, 40_000)
    targets = rng.random(len(logits)) < 1 / (1 + np.exp(-logits))
    given = 1 / (1 + np.exp(-logits * temperature))
    found = fit_temperature(targets, given)
    assert found == pytest.approx(temperature, rel=0.05)
    error = classification_metrics(targets, calibrated(given, found), 0.5)["calibration_error"]
    assert error is not None
    assert error < 0.01


@pytest.mark.parametrize("temperature", [0.4, 1.0, 7.0])
def test_a_calibrated_threshold_decides_as_before(temperature: float) -> None:
    given = np.random.default_rng(2).random(500)
    for threshold in (0.02, 0.5, 0.97):
        called = calibrated(given, temperature) >= calibrated(threshold, temperature)
        assert (called == (given >= threshold)).all()


def test_probabilities_of_none_and_one_stay_finite() -> None:
    assert np.isfinite(calibrated(np.array([0.0, 1.0], np.float32), 0.05)).all()
    assert 0.04 < fit_temperature([0, 1], [0.0, 1.0]) < 1
