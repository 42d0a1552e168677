import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from smearflow.assessment.parasitaemia import (
    LEVEL,
    POWER,
    Parasitaemia,
    PatientVerdict,
    least_told,
    parasitaemia,
    verdict,
)
from smearflow.evaluation.patient_rates import patient_rate
from smearflow.records.operating import PatientRate

SENSITIVITY, SPECIFICITY = (0.95, 0.03), (0.97, 0.02)  # mean, deviation


def _rate(mean: float, deviation: float) -> PatientRate:
    return PatientRate(mean=mean, deviation=deviation, standard_error=0, patients=50, cells=9999)


def _own(rate: tuple[float, float], rng: np.random.Generator, patients: int = 1) -> np.ndarray:
    mean, deviation = rate
    size = mean * (1 - mean) / deviation**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, patients)


def _measured(rate: tuple[float, float], rng: np.random.Generator) -> PatientRate:
    """On 20 validation patients of 60 to 140 cells."""
    names = np.repeat(np.arange(20), rng.integers(60, 140, 20))
    return patient_rate(rng.random(len(names)) < _own(rate, rng, 20)[names], names)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
def test_an_interval_holds_the_share_of_19_patients_in_20(share: float) -> None:
    rng = np.random.default_rng(8)
    inside = []
    for _ in range(25):  # laboratories, each with its validation patients
        rates = _measured(SENSITIVITY, rng), _measured(SPECIFICITY, rng)
        for _ in range(12):
            infected = rng.binomial(300, share)
            called = rng.binomial(infected, _own(SENSITIVITY, rng)[0])
            called += rng.binomial(300 - infected, 1 - _own(SPECIFICITY, rng)[0])
            found = parasitaemia(int(called), 300, *rates)
            inside.append(found.low <= share <= found.high)
    assert 0.91 <= np.mean(inside) <= 0.99


@given(
    cells=st.integers(1, 60),
    called=st.integers(0, 60),
    sensitivity=st.floats(0.6, 0.99),
    specificity=st.floats(0.6, 0.99),
    deviation=st.floats(0, 0.3),
)
def test_an_estimate_lies_in_its_interval(
    cells: int, called: int, sensitivity: float, specificity: float, deviation: float
) -> None:
    rates = _rate(sensitivity, deviation), _rate(specificity, deviation)
    found = parasitaemia(min(called, cells), cells, *rates)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_estimate_takes_errors_into_account() -> None:
    found = parasitaemia(125, 500, _rate(0.9, 0.0), _rate(0.95, 0.0))
    assert found.value == pytest.approx((0.25 + 0.95 - 1) / (0.9 + 0.95 - 1))  # Rogan & Gladen
    wider = parasitaemia(125, 500, _rate(0.9, 0.03), _rate(0.95, 0.03))
    assert wider.low < found.low
    assert wider.high > found.high


def test_any_number_of_cells_is_taken() -> None:
    rates = _rate(*SENSITIVITY), _rate(*SPECIFICITY)
    assert parasitaemia(30_000, 100_000, *rates) == parasitaemia(3_000, 10_000, *rates)


def test_a_model_that_guesses_tells_nothing() -> None:
    found = parasitaemia(9, 10, _rate(0.5, 0.0), _rate(0.5, 0.0))
    assert np.isnan(found.value)
    assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize("cells", [60, 200])
def test_the_least_that_is_told_from_none(cells: int) -> None:
    rates = _rate(*SENSITIVITY), _rate(*SPECIFICITY)
    least = least_told(cells, *rates)
    assert least is not None

    lows = [parasitaemia(called, cells, *rates).low for called in range(cells + 1)]
    first = int(np.argmax(np.array(lows) > 0))  # number called from which on it is positive

    def called_positive(share: float) -> float:
        """The chance that the interval does not reach down to none."""
        rate = share * 0.95 + (1 - share) * 0.03
        variance = share**2 * 0.03**2 + (1 - share) ** 2 * 0.02**2
        size = rate * (1 - rate) / variance - 1
        return float(betabinom.sf(first - 1, cells, rate * size, (1 - rate) * size))

    assert called_positive(0.0) <= LEVEL
    assert called_positive(least) == pytest.approx(POWER, abs=0.005)


def test_more_cells_tell_less_of_a_share_until_patients_differ_too_much() -> None:
    alike = [least_told(cells, _rate(0.95, 0.0), _rate(0.97, 0.0)) for cells in (100, 1000, 10000)]
    assert alike[0] > 2 * alike[1] > 4 * alike[2]  # type: ignore[operator]
    differ = [least_told(cells, _rate(0.95, 0.03), _rate(0.97, 0.05)) for cells in (1000, 10000)]
    assert differ[1] > 0.9 * differ[0]  # type: ignore[operator]
    assert least_told(1000, _rate(0.6, 0.3), _rate(0.6, 0.3)) is None


ALIKE, DIFFER = (0.0001, 0.999), (0.05, 0.95)  # deviation and mean of the specificity


@pytest.mark.parametrize(
    ("low", "high", "specificity", "expected"),
    [
        (0.01, 0.5, DIFFER, "positive"),
        (0.0, 0.019, DIFFER, "negative"),
        (0.0, 0.1, ALIKE, "too few cells"),
        (0.0, 0.1, DIFFER, "cannot tell"),
    ],
)
def test_verdicts(
    low: float, high: float, specificity: tuple[float, float], expected: PatientVerdict
) -> None:
    deviation, mean = specificity
    found = Parasitaemia((low + high) / 2, low, high)
    assert verdict(found, 0.02, _rate(0.95, 0.02), _rate(mean, deviation)) == expected
