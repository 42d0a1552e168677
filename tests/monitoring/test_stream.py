import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.monitoring.stream import capital, evidence, ranks

YEAR, USUAL = 52, 28  # patients
SCORES = st.lists(st.floats(-1e6, 1e6), max_size=20)


def test_a_rank_counts_the_baseline_what_came_before_and_itself() -> None:
    assert ranks([5.0, 4.0, 6.0], [1.0, 2.0, 4.0]) == pytest.approx([1 / 4, 3 / 5, 1 / 6])


@given(SCORES, SCORES)
def test_ranks_are_probabilities_that_no_later_patient_changes(
    stream: list[float], usual: list[float]
) -> None:
    found = ranks(stream, usual)
    assert ((found > 0) & (found <= 1)).all()
    assert ranks(stream[:-1], usual).tolist() == found[:-1].tolist()


def test_bets_are_fair_whatever_was_won_before() -> None:
    # the mean over the ranks that a next patient may have is at most what the player has now
    for before in ([], [0.5], [0.02, 0.03], [0.9] * 9):
        now = capital(before)[-1] if before else 1.0
        ranks_of_next = np.arange(1, 31) / 30
        assert np.mean([capital([*before, p])[-1] for p in ranks_of_next]) <= now + 1e-12


def test_a_year_without_a_change_rarely_alarms() -> None:
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(400):
        scores = rng.normal(size=USUAL + YEAR)
        alarms += capital(ranks(scores[USUAL:], scores[:USUAL])).max() >= 20
    assert alarms <= 20


def test_a_slow_change_is_found_that_no_single_patient_shows() -> None:
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(50):
        usual, stream = rng.normal(size=USUAL), rng.normal(np.linspace(0, 3, YEAR))
        found += evidence([{"a": each} for each in stream], {"a": usual}).max() >= 20
    assert found >= 45


def test_a_change_that_comes_late_is_found() -> None:
    rng = np.random.default_rng(1)
    scores = np.concatenate([rng.normal(size=USUAL + YEAR), rng.normal(4, 1, 12)])
    course = capital(ranks(scores[USUAL:], scores[:USUAL]))
    assert course[:YEAR].max() < 20 <= course[-1]


def test_kinds_of_scores_share_the_stake() -> None:
    usual = np.arange(20.0)
    stream = [{"a": 30.0 + i, "b": 0.0} for i in range(8)]
    both = evidence(stream, {"a": usual, "b": usual})
    alone = [evidence(stream, {kind: usual}) for kind in "ab"]
    assert both == pytest.approx(np.mean(alone, axis=0))
    assert evidence(stream, {}).tolist() == [1.0] * 8
