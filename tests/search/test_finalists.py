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
    return decide([WIDE, SMALL, PLAIN], losses, USUAL, [101, 102], 20)


def test_the_first_are_the_best_that_completed() -> None:
    trials = [trial("failed", None), PLAIN, SMALL, WIDE]
    assert [each.trial_id for each in first_trials(trials, 2)] == ["wide", "small"]


HIGH = [0.400, 0.401]


@pytest.mark.parametrize(
    ("losses", "defaults", "winner", "alike"),
    [
        # one that is better for sure wins, whatever it is made of
        (([0.100, 0.101], [0.200, 0.201], [0.300, 0.301]), HIGH, "wide", ["wide"]),
        (([0.200, 0.201], [0.300, 0.301], HIGH), [0.100, 0.101], None, [None]),
        # what can't be told apart is decided by what differs from the defaults, then by its size
        (
            ([0.100, 0.140], [0.120, 0.110], [0.130, 0.115]),
            [0.130, 0.116],
            None,
            ["wide", "small", "plain", None],
        ),
        (
            ([0.100, 0.140], [0.120, 0.110], [0.130, 0.115]),
            [0.400, None],
            "plain",
            ["wide", "small", "plain"],
        ),
        (([0.100, 0.104], [0.102, 0.103], [0.300, 0.301]), HIGH, "small", ["wide", "small"]),
        # of the sample: the simplest can't be told from the lowest, but no more from the defaults
        (
            ([0.1385, 0.1372], [0.1433, 0.1421], [0.1418, 0.1529]),
            [0.1558, 0.1651],
            "wide",
            ["wide", "small", "plain"],
        ),
        # a run that diverged loses
        (([0.100, None], [0.200, 0.201], [0.300, 0.301]), HIGH, "small", ["small"]),
        (([None, None], [0.2, None], [None, 0.3]), [0.250, 0.251], None, [None]),
        (([None, None], [0.2, None], [None, 0.3]), [0.250, None], "wide", ["wide"]),
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
    found = decided([0.100, 0.110], [0.200, 0.210], [0.300, 0.310], [0.250, 0.260])
    assert found.gain is not None
    assert found.gain.trial_id == "wide"
    assert found.gain.difference == pytest.approx(0.15)
    assert found.gain.low is not None
    assert found.gain.high is not None
    assert 0 < found.gain.low < 0.15 < found.gain.high < 0.3
    assert decided([0.1, 0.1], [0.2, 0.2], [0.3, 0.3], [None, 0.2]).gain is None
    assert decided([None, 0.1], [None, 0.2], [None, 0.3], [0.2, 0.2]).gain is None


def test_where_the_defaults_win_it_is_told_what_the_lowest_trial_would_gain() -> None:
    found = decided([0.300, 0.310], [0.200, 0.210], [0.290, 0.310], [0.205, 0.215])
    assert found.winner is None
    assert found.gain is not None
    assert found.gain.trial_id == "small"
    assert found.gain.difference == pytest.approx(0.005)


def test_of_one_seed_the_spread_is_unknown() -> None:
    found = decide([WIDE, PLAIN], [[0.1], [0.2], [0.3]], USUAL, [101], 20)
    assert found.winner is None
    assert found.gain is not None
    assert (found.gain.low, found.gain.high) == (None, None)


def test_equal_finalists_are_told_apart_at_most_as_often_as_the_level_says() -> None:
    noise = random.Random(1)
    apart = 0
    for _ in range(100):
        drawn = [[0.15 * math.exp(noise.gauss(0, 0.05)) for _ in range(2)] for _ in range(4)]
        apart += not all(row.alike for row in decided(*drawn).rows)
    assert apart <= 20  # the lowest is chosen before the test, which makes it too sure
