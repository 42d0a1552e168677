import json
from pathlib import Path
from typing import Any

import pytest

from smearflow.files import read_json_lines
from smearflow.progress import Progress
from stages.explore import explore
from tests.sides import contents, stage_folders, toy_project

EXPERIMENT = {
    "name": "optimizer",
    "question": "Which optimizer?",
    "scientific": {"optimizer": ["adam", "sgd"]},
    "nuisance": {"learning_rate": [0.003]},
    "fixed": {
        "epochs": {"value": 1, "because": "it is quick"},
        "trainable": {"value": "all", "because": "it is a test"},
    },
    "seeds": [1],
    "budget": 2,
    "train_fraction": 0.5,
}


def test_interrupted_exploration_ends_as_an_undisturbed_one(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    params = toy_project(tmp_path, hub_module, explore={"experiments": [EXPERIMENT]})
    finish = Progress.finish

    def interrupted(*args: Any) -> None:
        finish(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        explore(params, stage_folders(tmp_path, "explore"))
    monkeypatch.undo()
    resumed = stage_folders(tmp_path, "explore")
    explore(params, resumed)
    printed = capsys.readouterr().out
    assert "explore 1 of 2: " in printed
    assert "learning rate 0.003, seed 1 -> val_loss" in printed
    assert "(kept from before)" in printed

    found = contents(resumed.outputs)
    assert set(found) == {
        "answers.json",
        "comparisons.json",
        "curves.json",
        "metrics.json",
        "runs.json",
        "space.json",
    }
    assert str(tmp_path).encode() not in b"".join(found.values())
    runs = json.loads(found["runs.json"])
    assert [run["configuration"]["optimizer"] for run in runs] == ["adam", "sgd"]
    assert all(len(run["curve"]["val_loss"]) == 1 for run in runs)
    assert all(run["steps"] == 2 for run in runs)  # half of the patients: 24 cells
    (comparison,) = json.loads(found["answers.json"])["comparisons"]
    assert comparison["answer"]
    space = json.loads(found["space.json"])
    assert space["fixed"] == {"optimizer": "adam", "trainable": "all"}  # one seed tells nothing
    assert space["parameters"]["learning_rate"]["low"] < 0.003

    reports = contents(resumed.reports)
    assert {"index.html", "curves_optimizer.png", "isolation_optimizer.png"} <= set(reports)
    events = {Path(name).parent.name for name in reports if "tfevents" in name}
    assert events == {"tensorboard", *(run["id"] for run in runs)}

    status = read_json_lines(resumed.progress)[-1]
    assert (status["done"], status["total"]) == (2, 2)

    for unit in resumed.work.glob("*.json"):
        unit.unlink()
    again = stage_folders(tmp_path, "explore")
    explore(params, again)
    assert contents(again.outputs) == found
