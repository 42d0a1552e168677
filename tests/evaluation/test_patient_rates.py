import numpy as np
import pytest

from smearflow.evaluation.patient_rates import patient_rate


def _drawn(mean: float, deviation: float, patients: int, cells: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(4)
    rates = np.full(patients, mean)
    if deviation:
        size = mean * (1 - mean) / deviation**2 - 1
        rates = rng.beta(mean * size, (1 - mean) * size, patients)
    names = np.repeat(np.arange(patients), cells)
    return rng.random(len(names)) < rates[names], names


@pytest.mark.parametrize(("mean", "deviation"), [(0.95, 0.03), (0.8, 0.1), (0.97, 0.0)])
def test_a_known_spread_between_patients_is_found(mean: float, deviation: float) -> None:
    found = patient_rate(*_drawn(mean, deviation, patients=400, cells=100))
    assert found.mean == pytest.approx(mean, abs=0.01)
    assert found.deviation == pytest.approx(deviation, abs=0.006)
    by_patients = deviation**2 + mean * (1 - mean) / 100
    assert found.standard_error == pytest.approx(np.sqrt(by_patients / 400), rel=0.15)
    assert (found.patients, found.cells) == (400, 40_000)


def test_a_patient_of_one_cell_tells_little_of_the_spread() -> None:
    right, names = _drawn(0.95, 0.0, patients=10, cells=100)
    alone = patient_rate(right, names)
    found = patient_rate(np.append(right, False), np.append(names, 99))
    assert found.deviation < alone.deviation + 0.02


def test_no_error_is_no_proof_that_none_will_come() -> None:
    found = patient_rate(np.ones(200, bool), np.repeat(np.arange(10), 20))
    assert 0.99 < found.mean < 1
    assert 0 < np.hypot(found.deviation, found.standard_error) < 0.01


def test_nothing_is_known_of_the_spread_of_one_patient() -> None:
    found = patient_rate([True] * 19 + [False], ["one"] * 20)
    assert found.deviation == pytest.approx(np.sqrt(found.mean * (1 - found.mean)), rel=1e-3)
