"""What an experiment compared, as it is told: who is best, who is worse for sure, by how much."""

from typing import Any

import pytest

from smearflow.analysis.comparison import compare_alternatives
from smearflow.report.exploration.comparisons import answer_of
from tests.analysis.records import BASE, experiment, records, table
from tests.analysis.test_comparison import HOPELESS, USUAL, Losses
from tests.wording import named, numbers

BEST = [0.0002, 0.11, 0.0141, 2]  # adam's learning rate, mean, deviation and runs


def told(losses: Losses, **values: Any) -> str:
    question = experiment(**values)
    runs = records([question], table(losses, "optimizer", "learning_rate"))
    return answer_of(compare_alternatives(question, runs, BASE))


def test_the_best_comes_first_and_one_that_is_worse_for_sure_is_only_named() -> None:
    answer = told(USUAL)
    assert named(answer, "sgd", "adam") == ["adam", "sgd"]
    assert numbers(answer) == BEST


def test_of_one_that_may_be_as_good_it_is_told_by_how_much_it_is_higher() -> None:
    answer = told(USUAL | {("sgd", 0.003): [0.11, 0.14]})
    assert named(answer, "sgd", "adam") == ["adam", "sgd"]
    *best, higher, needed = numbers(answer)
    assert best == BEST
    assert higher == 0.015
    assert needed > higher


def test_one_that_did_not_train_is_not_named() -> None:
    answer = told(USUAL | {("sgd", 0.003): [None, 0.1], ("sgd", 0.0002): [None, None]})
    assert named(answer, "sgd", "adam") == ["adam"]
    assert numbers(answer) == BEST


def test_where_all_diverged_nothing_is_told_of_any() -> None:
    assert not named(told(HOPELESS), "sgd", "adam")
    assert not numbers(told(HOPELESS))


@pytest.mark.parametrize("seed", [1, 2])
def test_one_seed_tells_results_but_no_difference(seed: int) -> None:
    answer = told(USUAL, seeds=[seed])
    assert named(answer, "sgd", "adam") == ["adam", "sgd"]
    losses = [USUAL["adam", 0.0002][seed - 1], USUAL["sgd", 0.003][seed - 1]]
    assert numbers(answer) == [0.0002, losses[0], 1, 0.003, losses[1], 1]
