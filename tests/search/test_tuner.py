import json
import math
from pathlib import Path
from typing import Any

import keras_tuner
import pytest

from smearflow.errors import SmearflowError
from smearflow.model.hypermodel import MobileNetHyperModel, Space
from smearflow.model.training import Run
from smearflow.params import Configuration
from smearflow.search.tuner import TrialRecord, best_trial, search
from tests.sides import INPUT_RANGE, SHORT, toy_side

SPACE: Space = {
    "learning_rate": {"kind": "float", "low": 1e-5, "high": 1.0, "sampling": "log"},
    "hidden_activation": {"kind": "choice", "values": ["linear", "relu"]},
    "optimizer": {"kind": "choice", "values": ["sgd"]},
    "trainable": {"kind": "choice", "values": ["frozen", 1, "all"]},
}


class Interrupted(BaseException):
    pass


class Formula(MobileNetHyperModel):
    """Trials whose loss is a formula: lowest at a learning rate of 0.001, diverging above 0.1."""

    def __init__(self, *, stop_after: int | None = None, crash: bool = False) -> None:
        super().__init__(
            toy_side(patients=2),
            toy_side(patients=2),
            Path("nowhere"),
            Configuration(),
            SPACE,
            seed=1,
            input_range=INPUT_RANGE,
        )
        self.trained: list[Configuration] = []
        self._stop_after = stop_after
        self._crash = crash
        self.diverges_above = 0.1

    def build(self, hp: keras_tuner.HyperParameters) -> None:
        del hp

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: Any,
        *args: Any,
        on_end: Any = None,
        **kwargs: Any,
    ) -> dict[str, float]:
        del model, args, kwargs
        if self._stop_after == len(self.trained):
            raise Interrupted
        if self._crash:
            raise RuntimeError("out of memory")
        configuration = self.configuration(hp)
        self.trained.append(configuration)
        loss = 0.1 + math.log10(configuration.learning_rate / 1e-3) ** 2 / 10
        diverged = configuration.learning_rate > self.diverges_above
        on_end(
            Run(
                model=None,
                curve={"loss": [0.5, None if diverged else loss]},
                status="diverged" if diverged else "completed",
                best_epoch=2,
                val_loss=-1.0 if diverged else loss,  # tempting
                val_accuracy=0.9,
                steps=1,
                weight_change={},
            )
        )
        if diverged:
            raise keras_tuner.errors.FailedTrialError("training diverged")
        return {"val_loss": loss, "val_accuracy": 0.9}


def quiet(trial: TrialRecord, seconds: float | None) -> None:
    del trial, seconds


def run(hypermodel: MobileNetHyperModel, work: Path, trials: int = 6) -> list[TrialRecord]:
    work.mkdir(exist_ok=True)
    return search(hypermodel, trials, 1, work, quiet)


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


@pytest.mark.parametrize("finished", [1, 4])
def test_an_interrupted_search_ends_as_an_undisturbed_one(tmp_path: Path, finished: int) -> None:
    undisturbed = run(Formula(), tmp_path / "undisturbed")
    with pytest.raises(Interrupted):
        run(Formula(stop_after=finished), tmp_path / "interrupted")
    second = Formula()
    assert run(second, tmp_path / "interrupted") == undisturbed
    assert len(second.trained) == 6 - finished


def test_progress_says_which_trials_were_kept(tmp_path: Path) -> None:
    kept: list[bool] = []

    def report(trial: TrialRecord, seconds: float | None) -> None:
        del trial
        kept.append(seconds is None)

    with pytest.raises(Interrupted):
        run(Formula(stop_after=2), tmp_path, trials=4)
    search(Formula(), 4, 1, tmp_path, report)
    assert kept == [True, True, False, False]


def test_a_search_in_which_nothing_completed_is_an_error(tmp_path: Path) -> None:
    hopeless = Formula()
    hopeless.diverges_above = 0.0
    with pytest.raises(SmearflowError, match="none of 5 trials completed: diverged in epoch 2"):
        run(hopeless, tmp_path, trials=5)


def test_a_crash_is_no_failed_trial(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="out of memory"):
        run(Formula(crash=True), tmp_path)


def test_real_trainings(hub_module: Path, tmp_path: Path) -> None:
    hypermodel = MobileNetHyperModel(
        toy_side(patients=4),
        toy_side(patients=2, seed=2),
        hub_module,
        SHORT,
        {"learning_rate": {"kind": "float", "low": 1e-4, "high": 1e-2, "sampling": "log"}},
        seed=1,
        input_range=INPUT_RANGE,
    )
    records = run(hypermodel, tmp_path, trials=2)
    assert [record["status"] for record in records] == ["COMPLETED", "COMPLETED"]
    assert records[0]["val_loss"] == min(records[0]["curve"]["val_loss"])
    assert records[0]["configuration"]["batch_size"] == SHORT.batch_size
    wild = SHORT.model_copy(
        update={"optimizer": "sgd", "epochs": 20, "early_stopping_patience": 20}
    )
    diverging = MobileNetHyperModel(
        toy_side(patients=4),
        toy_side(patients=2, seed=2),
        hub_module,
        wild,
        {"learning_rate": {"kind": "choice", "values": [10.0]}},
        seed=1,
        input_range=INPUT_RANGE,
    )
    with pytest.raises(SmearflowError, match="none of 1 trials completed"):
        run(diverging, tmp_path / "wild", trials=1)
