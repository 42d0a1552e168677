from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.experiments.plan import (
    NOTHING_CHANGED,
    alternatives,
    grid,
    name_of,
    plan_runs,
    planned_settings,
    varied_fields,
)
from smearflow.ground.errors import SmearflowError
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Setting
from tests.analysis import records

BASE = Configuration()


def experiment(name: str = "optimizer", **values: Any) -> Experiment:
    return records.experiment(name, **{"fixed": {"epochs": 3}, "budget": 8} | values)


def test_a_run_for_each_combination_and_seed() -> None:
    planned = plan_runs([experiment()], BASE)
    jobs = [run.job for run in planned]
    found = [
        (job.configuration.optimizer, job.configuration.learning_rate, job.seed) for job in jobs
    ]
    assert found == [
        ("adam", 0.0002, 1),
        ("adam", 0.0002, 2),
        ("adam", 0.003, 1),
        ("adam", 0.003, 2),
        ("sgd", 0.0002, 1),
        ("sgd", 0.0002, 2),
        ("sgd", 0.003, 1),
        ("sgd", 0.003, 2),
    ]
    assert all(job.configuration.epochs == 3 for job in jobs)
    assert all(job.configuration.batch_size == BASE.batch_size for job in jobs)
    assert len({job.id for job in jobs}) == 8


def test_a_shared_run_is_planned_once() -> None:
    first = experiment("first", scientific={"optimizer": ["adam", "sgd"]})
    second = experiment("second", scientific={"optimizer": ["adam"]})
    users = {run.job.id: run.experiments for run in plan_runs([first, second], BASE)}
    assert sorted(users.values()) == [("first",)] * 4 + [("first", "second")] * 4


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ({}, 8),
        ({"train_fraction": 0.3}, 0),
        ({"fixed": {"epochs": 4}}, 0),
        ({"seeds": [2, 3]}, 4),
        ({"nuisance": {"learning_rate": [0.003, 0.03]}}, 4),
    ],
)
def test_id_covers_whatever_changes_a_run(other: dict[str, Any], shared: int) -> None:
    ids = {run.job.id for run in plan_runs([experiment()], BASE)}
    assert len(ids & {run.job.id for run in plan_runs([experiment(**other)], BASE)}) == shared


def test_grid_without_parameters_is_one_empty_setting() -> None:
    assert list(grid({})) == [{}]
    assert list(grid({"a": (1, 2), "b": ("x",)})) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]


RATES = {"low": 1e-4, "high": 1e-2, "sampling": "log"}


def test_a_grid_beyond_the_budget_is_drawn_the_same_for_each_scientific_value() -> None:
    drawn = experiment(nuisance={"learning_rate": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]}, budget=12)
    settings = planned_settings(drawn)
    assert len(settings) == 6
    by_value = {
        name: [each["learning_rate"] for each in settings if each["optimizer"] == name]
        for name in ("adam", "sgd")
    }
    assert by_value["adam"] == by_value["sgd"]
    assert settings == planned_settings(drawn)


def test_ranges_are_filled_evenly() -> None:
    space = {"learning_rate": RATES, "hidden_units": {"low": 16, "high": 256, "sampling": "log"}}
    settings: list[dict[str, Any]] = planned_settings(
        experiment(scientific=space | {"augment": [True, False]}, nuisance={}, seeds=[1], budget=16)
    )
    assert len({tuple(each.values()) for each in settings}) == 16
    for name, middle in (("learning_rate", 1e-3), ("hidden_units", 64)):
        assert sum(each[name] < middle for each in settings) == 8
    assert sum(each["augment"] for each in settings) == 8
    assert {type(each["hidden_units"]) for each in settings} == {int}


@given(
    st.integers(1, 40),
    st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True),
    st.sampled_from(["scientific", "nuisance"]),
)
def test_no_plan_is_larger_than_its_budget(budget: int, seeds: list[int], role: str) -> None:
    roles: dict[str, Any] = {"nuisance": {}} | {role: {"learning_rate": RATES}}
    ranged = experiment("ranged", **roles, seeds=seeds, budget=budget)
    if budget < len(seeds) * max(1, len(alternatives(ranged))):
        with pytest.raises(SmearflowError, match=f"budget of {budget} runs"):
            plan_runs([ranged], BASE)
        return
    planned = plan_runs([ranged], BASE)
    assert 0 < len(planned) <= budget
    for run in planned:
        assert 1e-4 <= run.job.configuration.learning_rate <= 1e-2


def test_ablations_are_compared_with_nothing_changed() -> None:
    removed = {"without symmetries": {"augment": False}, "narrow": {"hidden_units": 8}}
    ablation = experiment(scientific={}, nuisance={}, ablations=removed, budget=6)
    assert planned_settings(ablation) == [{}, {"augment": False}, {"hidden_units": 8}]
    assert alternatives(ablation) == {NOTHING_CHANGED: {}} | removed
    assert len(plan_runs([ablation], BASE)) == 6


def test_what_an_experiment_compares_and_varies() -> None:
    listed, ranged = experiment(), experiment(scientific={"dropout": {"low": 0, "high": 0.5}})
    assert list(alternatives(listed)) == ["adam", "sgd"]
    assert alternatives(ranged) == {}
    assert varied_fields([listed, ranged]) == ["optimizer", "learning_rate", "dropout"]


@pytest.mark.parametrize(
    "change",
    [
        {"budget": 3},
        {"scientific": {"learning_rate": RATES}, "nuisance": {}, "budget": 1},
        {"nuisance": {"learning_rate": RATES}, "budget": 3},
        {"scientific": {}, "nuisance": {}, "ablations": {"a": {"dropout": 0.1}}, "budget": 3},
    ],
)
def test_a_budget_that_allows_no_comparison_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SmearflowError, match="the experiment optimizer has a budget of"):
        plan_runs([experiment(**change)], BASE)


def test_labels() -> None:
    settings: Setting = {
        "optimizer": "adam",
        "learning_rate": 0.00021234,
        "trainable": 3,
        "augment": True,
    }
    assert name_of(settings) == "adam, learning rate 0.000212, trainable 3, augment True"
