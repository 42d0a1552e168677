import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from smearflow.engine.jobs import Record
from smearflow.errors import SmearflowError
from smearflow.model.hypermodel import MobileNetHyperModel, Space
from smearflow.params import Configuration
from smearflow.search.tuner import TrialRecord, best_trial, search

SPACE: Space = {
    "learning_rate": {"kind": "float", "low": 1e-5, "high": 1.0, "sampling": "log"},
    "hidden_activation": {"kind": "choice", "values": ["linear", "relu"]},
    "optimizer": {"kind": "choice", "values": ["sgd"]},
    "trainable": {"kind": "choice", "values": ["frozen", 1, "all"]},
}


class Formula:
    """Runs whose loss is a formula: lowest at a learning rate of 0.001, diverging above 0.1."""

    def __init__(self, diverges_above: float = 0.1) -> None:
        self.rounds: list[int] = []
        self._diverges_above = diverges_above

    def __call__(self, configurations: Sequence[Configuration]) -> list[Record]:
        self.rounds.append(len(configurations))
        return [self._record(each) for each in configurations]

    def _record(self, configuration: Configuration) -> Record:
        loss = 0.1 + math.log10(configuration.learning_rate / 1e-3) ** 2 / 10
        diverged = configuration.learning_rate > self._diverges_above
        return {
            "status": "diverged" if diverged else "completed",
            "curve": {"loss": [0.5, None if diverged else loss]},
            "val_loss": -1.0 if diverged else loss,  # tempting
            "val_accuracy": 0.9,
        }


def run(formula: Formula, work: Path, trials: int = 6, at_once: int = 2) -> list[TrialRecord]:
    work.mkdir(exist_ok=True)
    hypermodel = MobileNetHyperModel(Configuration(), SPACE)
    return search(hypermodel, trials, at_once, 1, work, formula)


def test_search_finds_the_low_and_failures_never_win(tmp_path: Path) -> None:
    records = run(Formula(), tmp_path, trials=10)
    assert [int(record["trial_id"]) for record in records] == list(range(10))
    failed = [record for record in records if record["status"] == "FAILED"]
    assert failed
    assert all(record["configuration"]["learning_rate"] > 0.1 for record in failed)
    assert all(record["message"] == "diverged in epoch 2" for record in failed)
    assert all(record["val_loss"] is None for record in failed)
    assert len(failed) < 5  # they do not draw the search to them
    best = best_trial(records)
    assert best["status"] == "COMPLETED"
    assert 1e-4 < best["configuration"]["learning_rate"] < 1e-2
    assert json.dumps(records, allow_nan=False)


def test_one_choice_is_no_dimension_and_mixed_types_survive(tmp_path: Path) -> None:
    configurations = [record["configuration"] for record in run(Formula(), tmp_path)]
    assert {each["optimizer"] for each in configurations} == {"sgd"}
    assert {each["trainable"] for each in configurations} <= {"frozen", 1, "all"}
    assert len({each["trainable"] for each in configurations}) > 1


def test_same_seed_same_search(tmp_path: Path) -> None:
    assert run(Formula(), tmp_path / "one") == run(Formula(), tmp_path / "two")


@pytest.mark.parametrize(("at_once", "rounds"), [(1, [1] * 5), (2, [2, 2, 1]), (9, [5])])
def test_trials_are_proposed_a_few_at_once(tmp_path: Path, at_once: int, rounds: list[int]) -> None:
    formula = Formula()
    records = run(formula, tmp_path, trials=5, at_once=at_once)
    assert formula.rounds == rounds
    assert len({record["configuration"]["learning_rate"] for record in records}) == 5


def test_a_search_begins_anew_in_a_used_folder(tmp_path: Path) -> None:
    assert run(Formula(), tmp_path) == run(Formula(), tmp_path)


def test_a_search_in_which_nothing_completed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="none of 5 trials completed: diverged in epoch 2"):
        run(Formula(diverges_above=0.0), tmp_path, trials=5)


def test_a_crash_is_no_failed_trial(tmp_path: Path) -> None:
    def crash(configurations: Sequence[Configuration]) -> list[Record]:
        raise RuntimeError(f"out of memory, {len(configurations)} at once")

    with pytest.raises(RuntimeError, match="out of memory"):
        search(MobileNetHyperModel(Configuration(), SPACE), 3, 2, 1, tmp_path, crash)
