import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.errors import SmearflowError
from smearflow.params import Configuration, Experiment
from smearflow.search.analysis import RunRecord, compare, least_difference, narrow
from smearflow.search.plan import plan_runs
from tests.search.test_plan import experiment

BASE = Configuration()
Losses = dict[tuple[str, float], list[float | None]]
"""Per optimizer and learning rate the loss of each seed; None: diverged."""

USUAL: Losses = {
    ("adam", 0.0002): [0.10, 0.12],
    ("adam", 0.003): [0.70, 0.80],
    ("sgd", 0.0002): [0.50, 0.52],
    ("sgd", 0.003): [0.30, 0.34],
}
HOPELESS: Losses = {key: [None, None] for key in USUAL}


def records(question: Experiment, losses: Losses) -> list[RunRecord]:
    found = []
    for run in plan_runs([question], BASE):
        configuration, seed = run.job.configuration, run.job.seed
        key = (configuration.optimizer, configuration.learning_rate)
        loss = losses[key][question.seeds.index(seed)]
        found.append(
            {
                "experiments": list(run.experiments),
                "configuration": configuration.model_dump(mode="json"),
                "seed": seed,
                "status": "diverged" if loss is None else "completed",
                "val_loss": loss,
                "val_accuracy": None if loss is None else 1 - loss,
            }
        )
    return found


def space_of(question: Experiment, runs: list[RunRecord]) -> dict[str, Any]:
    return narrow([question], [compare(question, runs)], runs, BASE)


def test_each_value_is_compared_at_its_own_best() -> None:
    comparison = compare(experiment(), records(experiment(), USUAL))
    adam, sgd = comparison["rows"]
    assert adam["scientific"] == {"optimizer": "adam"}
    assert adam["nuisance"] == {"learning_rate": 0.0002}
    assert adam["n"] == 2
    assert adam["val_loss"]["mean"] == pytest.approx(0.11)
    assert adam["val_loss"]["std"] == pytest.approx(math.sqrt(0.0002))
    assert adam["val_accuracy"]["mean"] == pytest.approx(0.89)
    assert sgd["nuisance"] == {"learning_rate": 0.003}
    assert comparison["answer"].startswith(
        "Lowest validation loss: adam at learning_rate 0.0002, 0.1100 ± 0.0141. "
        "Next: sgd at learning_rate 0.003, 0.3200 ± 0.0283. That is a difference: 0.2100 where"
    )


def test_a_setting_with_a_diverged_seed_never_wins() -> None:
    losses = USUAL | {("adam", 0.0002): [0.01, None]}
    adam = compare(experiment(), records(experiment(), losses))["rows"][0]
    assert adam["nuisance"] == {"learning_rate": 0.003}
    assert adam["diverged"] == 1


@pytest.mark.parametrize(
    ("losses", "phrase"),
    [
        ({("sgd", 0.003): [0.11, 0.14]}, "no detectable difference"),
        ({("sgd", 0.003): [None, 0.1], ("sgd", 0.0002): [None, None]}, "Nothing else trained"),
        (HOPELESS, "No answer: every setting diverged."),
    ],
)
def test_honest_answers(losses: Losses, phrase: str) -> None:
    assert phrase in compare(experiment(), records(experiment(), USUAL | losses))["answer"]


def test_one_seed_tells_no_difference() -> None:
    question = experiment(seeds=[1])
    comparison = compare(question, records(question, USUAL))
    assert "no difference can be told" in comparison["answer"]
    assert comparison["rows"][0]["val_loss"]["std"] is None


def test_runs_of_other_experiments_are_left_out() -> None:
    others = records(experiment("other"), {key: [0.0, 0.0] for key in USUAL})
    mixed = records(experiment(), USUAL) + others
    assert compare(experiment(), mixed) == compare(experiment(), mixed[:8])


def row(n: int, std: float | None) -> dict[str, Any]:
    return {"n": n, "val_loss": {"mean": 0.0, "std": std}}


def test_least_difference_is_students() -> None:
    # t(0.975, 4) = 2.776; standard error sqrt(0.01 * 2 / 3)
    expected = 2.7764 * math.sqrt(0.01 * 2 / 3)
    assert least_difference(row(3, 0.1), row(3, 0.1)) == pytest.approx(expected, rel=1e-4)
    assert least_difference(row(1, None), row(1, None)) is None
    assert least_difference(row(1, None), row(3, 0.1)) is not None


@given(st.integers(2, 20), st.floats(1e-3, 10), st.floats(1.01, 10))
def test_more_spread_needs_more_difference(n: int, std: float, factor: float) -> None:
    narrow_spread = least_difference(row(n, std), row(n, std))
    wide_spread = least_difference(row(n, std), row(n, std * factor))
    more_seeds = least_difference(row(n + 1, std), row(n + 1, std))
    assert narrow_spread is not None
    assert wide_spread is not None
    assert more_seeds is not None
    assert more_seeds < narrow_spread < wide_spread


def test_space_lies_half_a_decade_around_the_best_of_the_winner() -> None:
    space = space_of(experiment(), records(experiment(), USUAL))
    rate = space["parameters"]["learning_rate"]
    assert (rate["low"], rate["high"]) == (6.32e-5, 6.32e-4)
    assert (rate["kind"], rate["sampling"]) == ("float", "log")
    assert rate["evidence"] == "best: adam at learning_rate 0.0002, 0.1100 ± 0.0141"
    assert space["parameters"]["optimizer"]["values"] == ["adam"]
    assert space["parameters"]["hidden_activation"]["values"] == ["linear", "relu"]
    assert set(space["parameters"]) == {
        "learning_rate",
        "optimizer",
        "hidden_activation",
        "dropout",
    }
    assert space["fixed"] == {}


def test_space_keeps_clear_of_rates_that_diverged() -> None:
    question = experiment(nuisance={"learning_rate": [0.001, 0.002]})
    losses: Losses = {
        ("adam", 0.001): [0.1, 0.1],
        ("adam", 0.002): [0.1, None],
        ("sgd", 0.001): [0.5, 0.5],
        ("sgd", 0.002): [0.5, 0.5],
    }
    rate = space_of(question, records(question, losses))["parameters"]["learning_rate"]
    assert rate["high"] == 0.00141
    assert "diverged at 0.002" in rate["evidence"]


def test_what_was_held_stays_held_unless_it_is_searched() -> None:
    question = experiment(fixed={"trainable": "all", "hidden_activation": "linear", "epochs": 9})
    space = space_of(question, records(question, USUAL))
    assert space["fixed"] == {"trainable": "all"}
    assert "hidden_activation" in space["parameters"]


def test_without_nuisance_values_that_are_not_worse_stay() -> None:
    question = experiment(nuisance={}, fixed={"learning_rate": 0.003})
    alike: Losses = {("adam", 0.003): [0.10, 0.12], ("sgd", 0.003): [0.11, 0.12]}
    space = space_of(question, records(question, alike))
    assert space["parameters"]["optimizer"]["values"] == ["adam", "sgd"]
    assert "not detectably worse" in space["parameters"]["optimizer"]["evidence"]
    worse = alike | {("sgd", 0.003): [0.80, 0.81]}
    space = space_of(question, records(question, worse))
    assert space["parameters"]["optimizer"]["values"] == ["adam"]


def test_an_experiment_in_which_everything_diverged_leaves_no_space() -> None:
    with pytest.raises(SmearflowError, match="every setting of the experiment optimizer diverged"):
        space_of(experiment(), records(experiment(), HOPELESS))
