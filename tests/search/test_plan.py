from typing import Any

import pytest

from smearflow.params import Configuration, Experiment
from smearflow.search.plan import grid, label, plan_runs

BASE = Configuration()


def experiment(name: str = "optimizer", **values: Any) -> Experiment:
    settings: dict[str, Any] = {
        "name": name,
        "question": "Which?",
        "scientific": {"optimizer": ["adam", "sgd"]},
        "nuisance": {"learning_rate": [0.0002, 0.003]},
        "fixed": {"epochs": 3},
        "seeds": [1, 2],
        "train_fraction": 0.2,
    }
    return Experiment.model_validate(settings | values)


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
        ({"question": "Other?"}, 8),
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


def test_labels() -> None:
    settings = {"optimizer": "adam", "learning_rate": 0.00021234, "trainable": 3, "augment": True}
    assert label(settings) == "adam, learning_rate 0.000212, trainable 3, augment True"
