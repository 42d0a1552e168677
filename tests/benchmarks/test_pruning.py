import numpy as np

from benchmarks.pruning import prune, replay

FALLING = [np.linspace(start, start / 2, 10) for start in (1.0, 1.1, 1.2, 1.3, 1.4, 1.5)]


def test_a_trial_above_the_median_of_the_earlier_ones_ends() -> None:
    hopeless, promising = np.full(10, 9.0), np.linspace(0.9, 0.1, 10)
    lengths = prune([*FALLING[:4], hopeless, promising], grace=3)
    assert lengths == [10, 10, 10, 10, 3, 10]


def test_a_pair_does_not_know_of_each_other() -> None:
    low = np.full(10, 0.01)
    assert prune([low, low, low, FALLING[0]], grace=1)[-1] == 10  # fewer than four were earlier
    assert prune([low, low, low, low, low, FALLING[0]], grace=1)[-1] == 1


def test_a_late_winner_is_killed_and_an_early_one_is_not() -> None:
    late = np.concatenate([np.full(9, 9.0), [0.0]])
    told = replay([*FALLING, *FALLING[:3], late], grace=1, draws=50)
    assert 0 < told.killed < 1  # not where it comes first
    crossed = replay([curve for curve in FALLING for _ in range(2)], grace=1, draws=50)
    assert crossed.killed == 0
    assert crossed.saved > 0
