import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.analysis.comparison import compare_alternatives, shortfalls
from smearflow.experiments.plan import deviations
from smearflow.params.explore import Experiment
from smearflow.records.analysis.comparison import Alternative, Comparison, Spread
from tests.analysis.records import BASE, experiment, records, table

Losses = dict[tuple[Any, ...], list[float | None]]

USUAL: Losses = {
    ("adam", 0.0002): [0.10, 0.12],
    ("adam", 0.003): [0.70, 0.80],
    ("sgd", 0.0002): [0.50, 0.52],
    ("sgd", 0.003): [0.30, 0.34],
}
HOPELESS: Losses = {key: [None, None] for key in USUAL}


def compared(losses: Losses, question: Experiment | None = None) -> Comparison:
    question = question or experiment()
    runs = records([question], table(losses, "optimizer", "learning_rate"))
    return compare_alternatives(question, runs, BASE)


def row(n: int, std: float | None, mean: float = 0.0) -> Alternative:
    spread = Spread(mean=mean, std=std)
    return Alternative(
        name="one",
        settings={},
        nuisance={},
        n=n,
        diverged=0,
        val_loss=spread,
        val_accuracy=spread,
        runs=(),
    )


def test_each_value_is_compared_at_its_own_best() -> None:
    comparison = compared(USUAL)
    adam, sgd = comparison.rows
    assert (adam.name, adam.settings) == ("adam", {"optimizer": "adam"})
    assert adam.nuisance == {"learning_rate": 0.0002}
    assert adam.n == 2
    assert adam.val_loss.mean == pytest.approx(0.11)
    assert adam.val_loss.std == pytest.approx(math.sqrt(0.0002))
    assert adam.val_accuracy.mean == pytest.approx(0.89)
    assert sgd.nuisance == {"learning_rate": 0.003}
    assert adam.difference is None
    assert sgd.difference == pytest.approx(0.21)
    assert sgd.is_worse
    assert not adam.is_worse


def test_a_setting_with_a_diverged_seed_never_wins() -> None:
    adam = compared(USUAL | {("adam", 0.0002): [0.01, None]}).rows[0]
    assert adam.nuisance == {"learning_rate": 0.003}
    assert adam.diverged == 1


def test_a_difference_that_repetitions_could_bring_is_none() -> None:
    sgd = compared(USUAL | {("sgd", 0.003): [0.11, 0.14]}).rows[1]
    assert sgd.difference == pytest.approx(0.015)
    assert sgd.needed is not None
    assert sgd.difference is not None
    assert sgd.needed > sgd.difference
    assert not sgd.is_worse


def test_what_never_trained_differs_from_nothing() -> None:
    half = USUAL | {("sgd", 0.003): [None, 0.1], ("sgd", 0.0002): [None, None]}
    for losses in (half, HOPELESS):
        sgd = compared(losses).rows[1]
        assert (sgd.n, sgd.difference, sgd.needed) == (0, None, None)


def test_one_seed_tells_no_difference() -> None:
    comparison = compared(USUAL, experiment(seeds=[1]))
    assert comparison.rows[1].difference is not None
    assert comparison.rows[1].needed is None
    assert comparison.rows[0].val_loss.std is None


def test_drawn_nuisance_values_are_grouped_as_they_came() -> None:
    rates = {"learning_rate": {"low": 1e-4, "high": 1e-2, "sampling": "log"}}
    question = experiment(nuisance=rates, budget=16)
    runs = records([question], lambda settings, seed: settings["learning_rate"] + seed / 1e6)
    lowest = min(run.configuration.learning_rate for run in runs)
    for each in compare_alternatives(question, runs, BASE).rows:
        assert each.nuisance == {"learning_rate": lowest}
        assert each.n == 2


def test_a_setting_with_missing_seeds_does_not_win_over_complete_ones() -> None:
    runs = records([experiment()], table(USUAL, "optimizer", "learning_rate"))
    lucky = {"learning_rate": 0.003, "optimizer": "adam"}
    kept = [run for run in runs if not (run.seed == 2 and lucky.items() <= run.settings.items())]
    kept[2] = kept[2].model_copy(update={"val_loss": 0.01})
    assert kept[2].configuration.learning_rate == 0.003
    adam = compare_alternatives(experiment(), kept, BASE).rows[0]
    assert adam.nuisance == {"learning_rate": 0.0002}


def test_runs_of_other_experiments_are_left_out() -> None:
    runs = records([experiment()], table(USUAL, "optimizer", "learning_rate"))
    others = records([experiment("other", train_fraction=0.3)], lambda *_: 0.01)
    assert compare_alternatives(experiment(), runs + others, BASE) == compare_alternatives(
        experiment(), runs, BASE
    )


def test_an_ablation_is_no_run_in_which_nothing_changed() -> None:
    removed = {"without symmetries": {"augment": False}, "narrow": {"hidden_units": 8}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses = {(True, 100): [0.1, 0.12], (False, 100): [0.3, 0.32], (True, 8): [0.11, 0.13]}
    runs = records([ablation], table(losses, "augment", "hidden_units"))
    found = {each.name: each for each in compare_alternatives(ablation, runs, BASE).rows}
    assert list(found) == ["nothing changed", "without symmetries", "narrow"]
    assert [each.n for each in found.values()] == [2, 2, 2]
    assert found["narrow"].val_loss.mean == pytest.approx(0.12)


def test_needed_difference_is_students() -> None:
    # t(0.975, 4) = 2.776; standard error sqrt(0.01 * 2 / 3)
    [shortfall] = shortfalls(row(3, 0.1), [row(3, 0.1, 1.0)])
    assert shortfall.needed == pytest.approx(2.7764 * math.sqrt(0.01 * 2 / 3), rel=1e-4)
    assert shortfall.difference == 1.0
    assert shortfall.detected
    assert shortfalls(row(1, None), [row(1, None, 9.0)])[0].needed is None
    assert not shortfalls(row(1, None), [row(1, None, 9.0)])[0].detected
    assert shortfalls(row(1, None), [row(3, 0.1)])[0].needed is not None


def test_many_differences_need_more_each_as_holm_has_it() -> None:
    # t(1 - 0.05 / 2 / 2, 6) = 2.969 for the surest of two; once it is found, t(0.975, 6) = 2.447
    sure, other = shortfalls(row(3, 0.1), [row(3, 0.1, 1.0), row(3, 0.1, 0.22)])
    error = math.sqrt(0.01 * 2 / 3)
    assert sure.needed == pytest.approx(2.9687 * error, rel=1e-4)
    assert other.needed == pytest.approx(2.4469 * error, rel=1e-4)
    assert other.detected
    unsure = shortfalls(row(3, 0.1), [row(3, 0.1, 0.23), row(3, 0.1, 0.22)])
    assert [each.detected for each in unsure] == [False, False]


@given(st.integers(2, 20), st.floats(1e-3, 10), st.floats(1.01, 10))
def test_more_spread_needs_more_difference(n: int, std: float, factor: float) -> None:
    less, more, seeds = (
        shortfalls(each, [each])[0].needed
        for each in (row(n, std), row(n, std * factor), row(n + 1, std))
    )
    assert less is not None
    assert more is not None
    assert seeds is not None
    assert seeds < less < more


def test_deviations_name_the_rate_and_what_differs() -> None:
    configuration = BASE.model_copy(update={"dropout": 0.5})
    names = ["optimizer", "dropout", "learning_rate"]
    assert deviations(configuration, names, BASE) == {"learning_rate": 0.0002, "dropout": 0.5}
