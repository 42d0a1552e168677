import math
import random
from collections.abc import Sequence
from typing import Any

import pytest

from smearflow.params.model import Configuration
from smearflow.records.search.finalists import Finalists
from smearflow.records.search.trials import TrialRecord
from smearflow.search.finalists import decide, first_trials

USUAL = Configuration()


def trial(name: str, loss: float | None, **settings: Any) -> TrialRecord:
    return TrialRecord(
        trial_id=name,
        status="FAILED" if loss is None else "COMPLETED",
        configuration=Configuration.model_validate({"learning_rate": 1e-3} | settings),
        val_loss=loss,
        val_accuracy=None if loss is None else 0.9,
        curve={},
        message=None,
    )


PLAIN = trial("plain", 0.13)
SMALL = trial("small", 0.12, dropout=0.2, hidden_units=16)
WIDE = trial("wide", 0.11, dropout=0.2, hidden_units=300)


def decided(*losses: Sequence[float | None]) -> Finalists:
    return decide([WIDE, SMALL, PLAIN], losses, USUAL, [101, 102, 103], 20)


def test_the_first_are_the_best_that_completed() -> None:
    trials = [trial("failed", None), PLAIN, SMALL, WIDE]
    assert [each.trial_id for each in first_trials(trials, 2)] == ["wide", "small"]


HIGH = [0.400, 0.451, 0.382]
GOOD = [0.100, 0.152, 0.079]
NEAR = [0.104, 0.151, 0.083]  # a little above
MIDDLE = [0.200, 0.249, 0.181]


@pytest.mark.parametrize(
    ("losses", "defaults", "winner", "alike"),
    [
        # one that is better for sure wins, whatever it is made of
        ((GOOD, MIDDLE, HIGH), HIGH, "wide", ["wide"]),
        ((MIDDLE, HIGH, HIGH), GOOD, None, [None]),
        # what can't be told apart is decided by what differs from the defaults, then by its size
        (
            ([0.100, 0.140, 0.11], [0.120, 0.110, 0.12], [0.130, 0.115, 0.12]),
            [0.130, 0.116, 0.121],
            None,
            ["wide", "small", "plain", None],
        ),
        (
            ([0.100, 0.140, 0.11], [0.120, 0.110, 0.12], [0.130, 0.115, 0.12]),
            [0.400, 0.420, None],
            "plain",
            ["wide", "small", "plain"],
        ),
        ((GOOD, NEAR, MIDDLE), HIGH, "small", ["wide", "small"]),
        # the simplest can't be told from the lowest, but no more from the defaults
        (
            ([0.1385, 0.1872, 0.1202], [0.1403, 0.1941, 0.1208], [0.1398, 0.1959, 0.1220]),
            [0.1433, 0.1976, 0.1267],
            "wide",
            ["wide", "small", "plain"],
        ),
        # folds differ much more than what is compared in each: that does not hide it
        (
            ([0.10, 0.31, 0.22], [0.14, 0.35, 0.26], [0.15, 0.36, 0.28]),
            [0.16, 0.37, 0.27],
            "wide",
            ["wide"],
        ),
        # a run that diverged loses
        (([0.100, None, 0.08], MIDDLE, HIGH), HIGH, "small", ["small"]),
        (([None, None, 0.1], [0.2, None, 0.2], [None, 0.3, 0.3]), HIGH, None, [None]),
        (
            ([None, None, 0.1], [0.2, None, 0.2], [None, 0.3, 0.3]),
            [None, 0.25, 1],
            "wide",
            ["wide"],
        ),
    ],
)
def test_who_wins(
    losses: Any, defaults: Sequence[float | None], winner: str | None, alike: list[str | None]
) -> None:
    found = decided(*losses, defaults)
    assert found.winner == winner
    assert [row.trial_id for row in found.rows if row.alike] == alike
    assert found.rows[-1].trial_id is None


def test_the_gain_over_the_defaults_has_its_spread() -> None:
    found = decided(GOOD, MIDDLE, HIGH, [0.251, 0.300, 0.229])
    assert found.gain is not None
    assert found.gain.trial_id == "wide"
    assert found.gain.difference == pytest.approx(0.1497, abs=1e-4)
    assert found.gain.low is not None
    assert found.gain.high is not None
    assert 0.14 < found.gain.low < found.gain.difference < found.gain.high < 0.16
    assert decided(GOOD, MIDDLE, HIGH, [None, 0.2, 0.2]).gain is None
    assert decided([None, 0.1, 0.1], [None, 0.2, 0.2], [None, 0.3, 0.3], GOOD).gain is None


def test_where_the_defaults_win_it_is_told_what_the_lowest_trial_would_gain() -> None:
    found = decided([0.300, 0.310, 0.3], [0.200, 0.210, 0.2], [0.290, 0.31, 0.3], [0.21, 0.21, 0.2])
    assert found.winner is None
    assert found.gain is not None
    assert found.gain.trial_id == "small"
    assert found.gain.difference == pytest.approx(0.01 / 3)


def test_where_folds_do_not_tell_of_a_spread_nothing_is_sure() -> None:
    found = decided(*[[0.1, 0.2, 0.15]] * 3, [0.2, 0.3, 0.25])
    assert found.winner is None
    assert found.gain is not None
    assert (found.gain.low, found.gain.high) == (None, None)


def drawn(noise: random.Random, gains: Sequence[float]) -> Finalists:
    """Of three folds, harder and easier; runs of one setting differ by 5 % in each."""
    folds = [noise.gauss(0, 0.3) for _ in range(3)]
    rows = [[0.15 * math.exp(fold + noise.gauss(-gain, 0.05)) for fold in folds] for gain in gains]
    return decided(*rows)


def test_equal_finalists_are_told_apart_at_most_as_often_as_the_level_says() -> None:
    noise = random.Random(1)
    found = [drawn(noise, [0, 0, 0, 0]) for _ in range(100)]
    # the lowest is chosen before the test, which makes it too sure
    assert sum(not all(row.alike for row in each.rows) for each in found) <= 20
    assert sum(each.winner is not None for each in found) <= 10


def test_what_is_better_by_four_times_the_spread_of_runs_is_found() -> None:
    noise = random.Random(2)
    found = [drawn(noise, [0.2, 0, 0, 0]) for _ in range(100)]
    assert sum(each.winner == "wide" for each in found) >= 80
