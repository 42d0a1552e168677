import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.evaluation.answers import answer_limits
from smearflow.records.operating import AnswerLimits

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]


def _cells(patients: int, rng: np.random.Generator) -> Cells:
    """Targets, probabilities and patients; how hard its cells are is the patient's own."""
    names = np.repeat(np.arange(patients), 30)
    targets = rng.integers(0, 2, len(names))
    shift = rng.normal(0, 1.0, patients)[names]
    logits = 2.0 * (2 * targets - 1) + shift + rng.normal(0, 1.0, len(names))
    return targets, (1 / (1 + np.exp(-logits))).astype(np.float32), names


def _errors(cells: Cells, limits: AnswerLimits) -> tuple[np.ndarray, np.ndarray]:
    """Of each patient, the share of positive cells answered negative, and the other way round."""
    targets, scores, names = cells
    wrong = (scores < limits.lower, scores >= limits.upper)
    shares = [
        [error[(names == name) & (targets == target)].mean() for name in np.unique(names)]
        for error, target in zip(wrong, (1, 0), strict=True)
    ]
    return np.array(shares[0]), np.array(shares[1])


def test_errors_of_patients_to_come_are_held() -> None:
    rng = np.random.default_rng(6)
    missed, false = [], []
    for _ in range(40):
        limits = answer_limits(*_cells(40, rng), 0.5, 0.05)
        assert limits.held
        new = _errors(_cells(40, rng), limits)
        missed.append(new[0].mean())
        false.append(new[1].mean())
    assert 0.02 < np.mean(missed) <= 0.05  # held, and not by answering nothing
    assert 0.02 < np.mean(false) <= 0.05


@given(
    patients=st.integers(2, 12),
    threshold=st.floats(0.05, 0.95),
    most=st.sampled_from([0.01, 0.1, 0.3]),
    seed=st.integers(0, 99),
)
def test_limits_lie_around_the_threshold_and_hold_what_they_say(
    patients: int, threshold: float, most: float, seed: int
) -> None:
    cells = _cells(patients, np.random.default_rng(seed))
    limits = answer_limits(*cells, threshold, most)
    assert limits.lower <= threshold <= limits.upper
    assert limits.held == (patients >= limits.needed)
    for errors in _errors(cells, limits):
        allowed = most * (patients + 1) - 1 if limits.held else most * patients
        assert errors.sum() <= allowed + 1e-9


def test_a_sure_model_answers_every_cell() -> None:
    targets = np.tile([0, 1], 60)
    limits = answer_limits(targets, np.where(targets, 0.9, 0.1), np.repeat(range(60), 2), 0.5, 0.02)
    assert (limits.lower, limits.upper, limits.held) == (0.5, 0.5, True)


@pytest.mark.parametrize(("patients", "held"), [(48, False), (49, True)])
def test_how_many_patients_it_takes(patients: int, held: bool) -> None:
    limits = answer_limits(*_cells(patients, np.random.default_rng(1)), 0.5, 0.02)
    assert (limits.patients, limits.needed, limits.held) == (patients, 49, held)
