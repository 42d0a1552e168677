import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.monitoring.conformal import p_values


def test_a_p_value_is_the_share_as_strange_or_stranger_this_one_counted() -> None:
    assert p_values([5.0, 2.0, 0.0], [1.0, 2.0, 3.0]) == pytest.approx([1 / 4, 3 / 4, 1.0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_whoever_of_them_is_new_few_are_told_strange(scores: list[float]) -> None:
    found = [p_values([each], np.delete(scores, i))[0] for i, each in enumerate(scores)]
    for rate in (0.05, 0.1, 0.5):
        assert np.mean(np.array(found) <= rate) <= rate
