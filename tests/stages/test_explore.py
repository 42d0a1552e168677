import json
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.files import read_json_lines
from smearflow.ground.progress import Progress
from smearflow.records.exploration import Histograms, Runs
from stages.explore import explore
from tests.toy_sides import call, contents, stage_folders, toy_project

EXPERIMENT = {
    "name": "optimizer",
    "scientific": {"optimizer": ["adam", "sgd"]},
    "nuisance": {"learning_rate": [0.003]},
    "fixed": {"epochs": 1, "trainable": "all"},
    "seeds": [1],
    "budget": 2,
    "train_fraction": 0.5,
}
WORDS = {
    "optimizer": {
        "question": "Which optimizer learns best?",
        "because": {"epochs": "it is quick", "trainable": "to see every layer move"},
    }
}


@pytest.mark.slow
def test_interrupted_exploration_ends_as_an_undisturbed_one(
    hub_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    toy_project(tmp_path, hub_module, explore={"experiments": [EXPERIMENT], "words": WORDS})
    finish = Progress.finish

    def interrupted(*args: Any) -> None:
        finish(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "finish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call(explore, stage_folders(tmp_path, "explore"))
    monkeypatch.undo()
    resumed = stage_folders(tmp_path, "explore")
    call(explore, resumed)
    printed = capsys.readouterr().out
    assert "explore 1 of 2: " in printed
    assert "learning rate 0.003, seed 1 -> val_loss" in printed
    assert "(kept from before)" in printed

    found = contents(resumed.outputs)
    assert set(found) == {"histograms.json", "runs.json"}
    assert str(tmp_path).encode() not in b"".join(found.values())
    runs = Runs.read(tmp_path).runs
    assert [run.configuration.optimizer for run in runs] == ["adam", "sgd"]
    assert all(len(run.curve["val_loss"]) == 1 for run in runs)
    assert all(run.steps == 2 for run in runs)  # half of the patients: 24 cells
    histograms = Histograms.read(tmp_path).runs
    assert set(histograms) == {run.id for run in runs}
    for run in runs:
        assert set(histograms[run.id]) == set(run.weight_change)
        assert {len(each) for each in histograms[run.id].values()} == {2}  # before and after

    reports = contents(resumed.reports)
    events = {Path(name).parent.name for name in reports if "tfevents" in name}
    assert events == {"tensorboard", *(run.id for run in runs)}
    assert set(json.loads(reports["run_seconds.json"])) == set(histograms)

    status = read_json_lines(resumed.progress)[-1]
    assert (status["done"], status["total"]) == (2, 2)

    for unit in resumed.work.glob("*.json"):
        unit.unlink()
    again = stage_folders(tmp_path, "explore")
    call(explore, again)
    assert contents(again.outputs) == found
