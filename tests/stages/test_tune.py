import json
from pathlib import Path
from typing import Any

from stages.tune import tune
from tests.toy_sides import call, contents, stage_folders, toy_project

SPACE = {
    "parameters": {
        "learning_rate": {
            "kind": "float",
            "low": 1e-3,
            "high": 1e-2,
            "sampling": "log",
        },
        "optimizer": {"kind": "choice", "values": ["sgd"]},
    },
    "fixed": {"trainable": "frozen"},
}


def write_space(root: Path) -> None:
    space = root / "outputs" / "analyse" / "space.json"
    space.parent.mkdir()
    space.write_text(json.dumps(SPACE))


def test_best_trial_becomes_the_configuration(
    hub_module: Path, tmp_path: Path, capsys: Any
) -> None:
    toy_project(tmp_path, hub_module, tune={"trials": 2, "epochs": 1})
    write_space(tmp_path)
    folders = stage_folders(tmp_path, "tune")
    call(tune, folders)
    found = contents(folders.outputs)
    assert set(found) == {"best.json", "metrics.json", "space.json", "trials.json"}
    trials, best = json.loads(found["trials.json"]), json.loads(found["best.json"])
    assert best["val_loss"] == min(trial["val_loss"] for trial in trials)
    assert best["configuration"]["optimizer"] == "sgd"
    assert best["configuration"]["trainable"] == "frozen"
    assert best["configuration"]["epochs"] == 1
    assert best["configuration"]["hidden_units"] == 8
    assert 1e-3 <= best["configuration"]["learning_rate"] <= 1e-2
    assert contents(folders.reports) == {}
    assert "tune 2 of 2: learning rate" in capsys.readouterr().out

    again = stage_folders(tmp_path, "tune")
    call(tune, again)  # from the trials kept in work
    assert contents(again.outputs) == found


def test_a_locked_space_wins_and_is_said(hub_module: Path, tmp_path: Path, capsys: Any) -> None:
    own = {"learning_rate": [0.005]}
    toy_project(tmp_path, hub_module, tune={"trials": 1, "epochs": 1, "space": own})
    write_space(tmp_path)
    folders = stage_folders(tmp_path, "tune")
    call(tune, folders)
    found = contents(folders.outputs)
    assert json.loads(found["best.json"])["configuration"]["learning_rate"] == 0.005
    entry = json.loads(found["space.json"])["parameters"]["learning_rate"]
    assert entry == {"kind": "choice", "values": [0.005]}
    assert "locked in params.yaml: learning_rate" in capsys.readouterr().out
