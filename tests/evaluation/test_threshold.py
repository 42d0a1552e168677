import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.evaluation.threshold import choose_threshold
from smearflow.ground.errors import SmearflowError

POSITIVES = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9]


@pytest.mark.parametrize(
    ("positives", "required", "threshold"),
    [
        (POSITIVES, 0.5, 0.5),  # met at 0.5 exactly
        (POSITIVES, 0.51, 0.4),
        (POSITIVES, 0.625, 0.4),
        (POSITIVES, 0.63, 0.3),
        (POSITIVES, 1.0, 0.1),
        ([0.5], 1.0, 0.5),
        ([0.2] * 5, 0.1, 0.2),
        ([0.9, 0.3] * 15, 0.1, 0.5),  # 0.1 * 30 is above 3 in floating point
    ],
)
def test_is_the_highest_that_reaches_the_sensitivity(
    positives: list[float], required: float, threshold: float
) -> None:
    targets = [1] * len(positives) + [0, 0]
    assert choose_threshold(targets, [*positives, 0.99, 0.45], required) == threshold


@given(
    st.lists(st.integers(0, 16), min_size=1, max_size=20),
    st.floats(0.01, 1.0),
)
def test_reaches_the_sensitivity_and_no_higher_one_does(
    sixteenths: list[int], required: float
) -> None:
    positives = np.array(sixteenths, np.float32) / 16
    threshold = choose_threshold(np.ones(len(positives)), positives, required)
    assert np.mean(positives >= threshold) >= required
    assert threshold == 0.5 or np.mean(positives >= threshold + 1e-6) < required


def test_needs_a_positive_cell() -> None:
    with pytest.raises(SmearflowError, match="no positive cell"):
        choose_threshold([0, 0], [0.1, 0.2], 0.9)
