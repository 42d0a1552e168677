"""Keras Tuner, as it is, searches with the hypermodel that workers train through."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras_tuner
import pytest

from smearflow.engine.hypermodel import MobileNetHyperModel
from smearflow.engine.jobs import Bench
from smearflow.engine.pool import Pool
from smearflow.engine.training_data import TrainingData
from smearflow.experiments.job import Job
from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Choice, Dimension, Interval
from tests.engine.test_trainer import VALIDATION, job, make_bench
from tests.material import PROJECT
from tests.toy_sides import INPUT_RANGE, SHARE

BASE = job(seed=3, epochs=3)
SPACE: dict[str, Dimension] = {
    "learning_rate": Interval(kind="float", low=1e-3, high=1e-2, sampling="log"),
    "hidden_units": Interval(kind="int", low=4, high=16, sampling="linear"),
    "trainable": Choice(values=("frozen", "all")),
}


def search(
    root: Path, backbone: Path, base: Job, space: dict[str, Dimension], trials: int
) -> tuple[MobileNetHyperModel, keras_tuner.BayesianOptimization]:
    bench = Bench(root, backbone, INPUT_RANGE, SHARE, root / "work")
    hypermodel = MobileNetHyperModel(base, space, TrainingData(bench))
    tuner = keras_tuner.BayesianOptimization(
        hypermodel, "val_loss", max_trials=trials, seed=1, directory=root, project_name="search"
    )
    tuner.search()
    return hypermodel, tuner


def two_trials(root: Path, backbone: Path) -> dict[str, Any]:
    """What a search found, and the loss of the best whole network after it was loaded."""
    hypermodel, tuner = search(root, backbone, BASE, SPACE, trials=2)
    trials = tuner.oracle.get_best_trials(2)
    loaded = next(each for each in tuner.get_best_models(2) if each.name == "smearflow")
    loss, _ = loaded.evaluate(VALIDATION.pixels, VALIDATION.targets, verbose=0)
    configurations = [hypermodel.job(each.hyperparameters).configuration for each in trials]
    return {
        "configurations": [each.model_dump(mode="json") for each in configurations],
        "losses": [float(each.score) for each in trials],
        "loaded": loss,
    }


# one thread, as a worker has: another number of them may change the last bits
ALONE = """
import json
import sys
from pathlib import Path
from smearflow.model.quiet import tf
from tests.engine.test_hypermodel import two_trials
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
root, backbone = map(Path, sys.argv[1:])
(root / "found.json").write_text(json.dumps(two_trials(root, backbone)))
"""


def test_keras_tuner_alone_gets_the_losses_that_workers_get(
    hub_module: Path, tmp_path: Path
) -> None:
    bench = make_bench(hub_module, tmp_path)
    command = [sys.executable, "-c", ALONE, str(tmp_path), str(hub_module)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    found = json.loads((tmp_path / "found.json").read_text())
    configurations = [Configuration.model_validate(each) for each in found["configurations"]]
    assert {each.trainable for each in configurations} == {"frozen", "all"}
    jobs = [replace(BASE, configuration=each) for each in configurations]
    with Pool(bench, 1) as pool:
        losses = {done.job.id: done.result.val_loss for done in pool.run(jobs)}
    assert [losses[each.id] for each in jobs] == found["losses"]
    whole = [each.trainable for each in configurations].index("all")
    assert found["loaded"] == pytest.approx(found["losses"][whole], rel=1e-5)


def test_a_run_that_diverged_is_a_failed_trial(hub_module: Path, tmp_path: Path) -> None:
    make_bench(hub_module, tmp_path)
    wild = job(optimizer="sgd", batch_size=1)
    rates: dict[str, Dimension] = {"learning_rate": Choice(values=(9.0, 10.0))}
    _, tuner = search(tmp_path, hub_module, wild, rates, trials=1)
    (trial,) = tuner.oracle.trials.values()
    assert trial.status == "FAILED"
    assert "training diverged" in trial.message
