import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.model.training import predict
from smearflow.params.whole import Params
from smearflow.records.search.best import Best
from smearflow.records.training import DefaultTraining
from smearflow.sides.side import load_side
from smearflow.trained.store import load_model, model_hash
from stages.train import train
from tests.toy_sides import SHORT, call, contents, stage_folders, toy_project


def project(root: Path, backbone: Path, **sections: Any) -> Params:
    params = toy_project(root, backbone, **sections)
    folder = Best.path(root).parent
    folder.mkdir()
    Best(configuration=SHORT, trial_id="0", val_loss=0.2, val_accuracy=0.9).write(folder)
    return params


def test_model_threshold_and_targets(hub_module: Path, tmp_path: Path, capsys: Any) -> None:
    params = project(
        tmp_path,
        hub_module,
        train={"epochs": 3, "configuration": {"dropout": 0.1}},
        problem={"targets": {"validation": {"accuracy": 1.0}, "test": {}}},
    )
    folders = stage_folders(tmp_path, "train")
    call(train, folders)
    found = contents(folders.outputs)
    summary = json.loads(found["summary.json"])
    assert summary["configuration"]["dropout"] == 0.1
    assert summary["configuration"]["epochs"] == 3
    assert summary["configuration"]["hidden_units"] == SHORT.hidden_units
    assert summary["model_sha256"] == model_hash(folders.outputs / "model")
    assert summary["validation"]["sensitivity"] >= params.problem.required_sensitivity
    assert [row["metric"] for row in summary["targets"]] == ["accuracy", "sensitivity"]
    answers = summary["operating"]["answers"]
    assert answers["lower"] <= summary["threshold"] <= answers["upper"]
    assert answers["most_errors"] == params.problem.most_errors
    assert summary["operating"]["sensitivity"]["patients"] == answers["patients"] == 4
    history = json.loads(found["history.json"])
    assert history["epochs"] == len(history["curve"]["loss"]) == 3
    assert history["diagnosis"] == summary["diagnosis"]
    assert contents(folders.reports) == {}
    assert "train: validation accuracy" in capsys.readouterr().out

    predictions = pd.read_parquet(folders.outputs / "validation_predictions.parquet")
    validation = load_side(folders.inputs("split"), "validation")
    assert predictions["cell_id"].tolist() == validation.table["cell_id"].tolist()
    probabilities, _ = predict(load_model(folders.outputs / "model"), validation.pixels)
    assert (predictions["probability"].to_numpy() == probabilities).all()
    called = predictions["probability"] >= summary["threshold"]
    accuracy = np.mean(called == (predictions["target"] == 1))
    assert summary["validation"]["accuracy"] == pytest.approx(accuracy)

    assert str(tmp_path).encode() not in b"".join(found.values())
    again = stage_folders(tmp_path, "train")
    call(train, again)
    assert contents(again.outputs) == found


def test_the_default_is_trained_on_the_same_cells(hub_module: Path, tmp_path: Path) -> None:
    usual = SHORT.model_copy(update={"hidden_units": 9}).model_dump()
    model = {"configuration": usual}
    project(tmp_path, hub_module, model=model, train={"epochs": 2, "configuration": {}})
    folders = stage_folders(tmp_path, "train")
    call(train, folders)
    default = DefaultTraining.read_from(folders.outputs)
    assert default.outcome == "trained"
    assert default.configuration.hidden_units == 9
    folder = folders.outputs / DefaultTraining.MODEL
    validation = load_side(folders.inputs("split"), "validation")
    probabilities, _ = predict(load_model(folder), validation.pixels)
    assert default.threshold is not None
    assert default.validation is not None
    called = probabilities >= default.threshold
    right = called == (validation.targets == 1)
    assert default.validation.accuracy == pytest.approx(right.mean())


def test_a_default_that_was_found_again_is_not_trained_twice(
    hub_module: Path, tmp_path: Path
) -> None:
    model = {"configuration": SHORT.model_dump()}
    project(tmp_path, hub_module, model=model, train={"epochs": 2, "configuration": {}})
    folders = stage_folders(tmp_path, "train")
    call(train, folders)
    assert DefaultTraining.read_from(folders.outputs).outcome == "same"
    assert not (folders.outputs / DefaultTraining.MODEL).exists()


def test_a_training_without_a_single_epoch_is_an_error(hub_module: Path, tmp_path: Path) -> None:
    wild = {"optimizer": "sgd", "learning_rate": 10.0, "batch_size": 1}
    project(tmp_path, hub_module, train={"configuration": wild})
    with pytest.raises(SmearflowError, match="diverged, and no epoch"):
        call(train, stage_folders(tmp_path, "train"))
