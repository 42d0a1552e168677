import numpy as np
import pytest

from smearflow.assessment.answered import answered
from smearflow.records.operating import AnswerLimits

LIMITS = AnswerLimits(lower=0.2, upper=0.8, most_errors=0.02, patients=9, held=False)
#                    sure, right     unsure    missed, false
TARGETS = np.array([1, 1, 0, 0, 0, 1, 0, 1, 1, 0])
SCORES = np.array([0.8, 0.9, 0.1, 0.1, 0.1, 0.5, 0.2, 0.79, 0.19, 0.9], np.float32)


def test_shares_of_cells_that_are_answered_and_of_those_that_are_wrong() -> None:
    patients = ["a", "b"] * 5
    found = answered(TARGETS, SCORES, patients, LIMITS, samples=200, seed=1)
    assert found.coverage.value == pytest.approx(0.7)
    assert found.error.value == pytest.approx(2 / 7)
    assert found.missed.value == pytest.approx(1 / 5)
    assert found.false.value == pytest.approx(1 / 5)
    alone = [
        answered(TARGETS[start::2], SCORES[start::2], patients[start::2], LIMITS, 100, 1)
        for start in (0, 1)
    ]
    ends = sorted(each.coverage.value or 0 for each in alone)
    assert [found.coverage.low, found.coverage.high] == pytest.approx(ends)


def test_where_nothing_is_answered_the_error_is_undefined() -> None:
    found = answered([0, 1], [0.5, 0.5], ["a", "b"], LIMITS, samples=100, seed=1)
    assert found.coverage.value == 0
    assert found.error.value is None
