"""Against SciPy's own test of Dunnett's, which knows no folds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from smearflow.search.dunnett import Comparison


@pytest.mark.parametrize("settings", [1, 3])
@pytest.mark.parametrize("runs", [3, 6])
def test_chance_and_margin_are_those_of_scipy(settings: int, runs: int) -> None:
    losses = np.random.default_rng(settings).normal(size=(settings + 1, runs))
    spread = np.sqrt(losses.var(axis=1, ddof=1).mean())
    error = spread * np.sqrt(2 / runs)
    means = losses.mean(axis=1)
    freedom = (settings + 1) * (runs - 1)  # without folds
    own = Comparison((means[1:] - means[0]) / error, error, freedom)
    known = stats.dunnett(*losses[1:], control=losses[0], rng=np.random.default_rng(0))
    interval = known.confidence_interval(0.95)
    for number, chance in enumerate(known.pvalue):
        assert own.chance(number) == pytest.approx(chance, abs=1e-3)
        half = (interval.high[number] - interval.low[number]) / 2
        assert own.margin(0.95) == pytest.approx(half, rel=0.01)


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_what_a_fold_does_to_all_changes_nothing(shifts: list[float]) -> None:
    losses = np.random.default_rng(1).normal(size=(3, 4))
    plain, shifted = (
        Comparison.of(rows[0].tolist(), rows[1:].tolist())
        for rows in (losses, losses + np.array(shifts))
    )
    assert plain is not None
    assert shifted is not None
    assert shifted.t == pytest.approx(plain.t)
    assert shifted.freedom == plain.freedom == 6


def test_two_settings_are_compared_as_by_a_paired_t_test() -> None:
    one, other = np.random.default_rng(2).normal(size=(2, 5))
    found = Comparison.of(one.tolist(), [other.tolist()])
    known = stats.ttest_rel(other, one)
    assert found is not None
    assert found.t[0] == pytest.approx(known.statistic)
    assert found.chance(0) == pytest.approx(known.pvalue, abs=1e-3)
    interval = known.confidence_interval(0.95)
    assert found.margin(0.95) == pytest.approx((interval.high - interval.low) / 2)


@pytest.mark.parametrize("losses", [[[0.1, 0.2]], [[0.1], [0.2]], [[0.1, 0.2], [0.3, 0.4]]])
def test_what_tells_of_no_spread_is_not_compared(losses: list[list[float]]) -> None:
    assert Comparison.of(losses[0], losses[1:]) is None
