import numpy as np
import pytest

from smearflow.assessment.paired import Scores
from smearflow.assessment.patients import patient_figures
from smearflow.assessment.payoff import PATIENT_MEAN, WORST_TENTH, compared
from smearflow.records.figures import Payoff

TARGETS = np.tile([0, 1], 150)
PATIENTS = np.repeat([f"p{number:02}" for number in range(30)], 10)


def answers(right: float, seed: int) -> Scores:
    """Right on so many of the cells, whichever."""
    hit = np.random.default_rng(seed).random(len(TARGETS)) < right
    return Scores(np.where(hit, TARGETS, 1 - TARGETS).astype(np.float32), 0.5)


def against(found: Scores, default: Scores) -> Payoff:
    return compared(TARGETS, PATIENTS, found, default, samples=500, seed=1)


@pytest.mark.parametrize(("found", "default", "sign"), [(0.95, 0.7, 1), (0.7, 0.95, -1)])
def test_the_better_one_is_told(found: float, default: float, sign: int) -> None:
    payoff = against(answers(found, 1), answers(default, 2))
    for name in ("accuracy", PATIENT_MEAN, WORST_TENTH):
        gain = payoff.gains[name]
        assert gain.low is not None
        assert gain.high is not None
        assert sign * gain.low > 0 < sign * gain.high


def test_the_same_answers_gain_nothing() -> None:
    one = answers(0.9, 1)
    assert {(gain.value, gain.low, gain.high) for gain in against(one, one).gains.values()} == {
        (0.0, 0.0, 0.0)
    }


def test_figures_over_patients_are_those_told_elsewhere() -> None:
    found, default = answers(0.9, 1), answers(0.8, 2)
    payoff = against(found, default)
    own, usual = (
        patient_figures(TARGETS, each.probabilities, PATIENTS, 0.5) for each in (found, default)
    )
    assert payoff.default[PATIENT_MEAN] == pytest.approx(usual.mean)
    assert payoff.default[WORST_TENTH] == pytest.approx(usual.worst_tenth)
    assert payoff.gains[PATIENT_MEAN].value == pytest.approx(own.mean - usual.mean)
    assert payoff.gains[WORST_TENTH].value == pytest.approx(own.worst_tenth - usual.worst_tenth)
