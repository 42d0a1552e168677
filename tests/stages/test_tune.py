from pathlib import Path
from typing import Any

import pytest

from smearflow.records.search.best import Best
from smearflow.records.search.dimensions import Choice, Interval
from smearflow.records.search.finalists import Finalists
from smearflow.records.search.space import Space
from smearflow.records.search.trials import Trials
from stages.tune import tune
from tests.toy_sides import call, contents, stage_folders, toy_project

SPACE = Space(
    parameters={
        "learning_rate": Interval(kind="float", low=1e-3, high=1e-2, sampling="log"),
        "optimizer": Choice(values=("sgd",)),
    },
    fixed={"trainable": "frozen"},
)


def write_space(root: Path) -> None:
    folder = Space.path(root).parent
    folder.mkdir()
    SPACE.write(folder)


def test_best_trial_becomes_the_configuration(
    hub_module: Path, tmp_path: Path, capsys: Any
) -> None:
    toy_project(tmp_path, hub_module, tune={"trials": 2, "epochs": 1})
    write_space(tmp_path)
    folders = stage_folders(tmp_path, "tune")
    call(tune, folders)
    found = contents(folders.outputs)
    assert set(found) == {"best.json", "metrics.json", "space.json", "trials.json"}
    trials, best = Trials.read(tmp_path).trials, Best.read(tmp_path)
    assert best.val_loss == min(trial.loss for trial in trials)
    assert best.configuration.optimizer == "sgd"
    assert best.configuration.trainable == "frozen"
    assert best.configuration.epochs == 1
    assert best.configuration.hidden_units == 8
    assert 1e-3 <= best.configuration.learning_rate <= 1e-2
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
    assert Best.read(tmp_path).configuration.learning_rate == 0.005
    searched = Space.read_from(folders.outputs).parameters
    assert searched["learning_rate"] == Choice(values=(0.005,))
    assert "locked in params.yaml: learning_rate" in capsys.readouterr().out


@pytest.mark.parametrize("winner", ["a trial", "the defaults"])
def test_the_best_run_again_beside_the_defaults(
    winner: str, hub_module: Path, tmp_path: Path
) -> None:
    good, too_small, explodes = 3e-3, 1e-9, 10
    rates = (too_small, good) if winner == "the defaults" else (good, explodes)
    toy_project(
        tmp_path,
        hub_module,
        tune={
            "trials": 1,
            "epochs": 1,
            "finalists": 1,
            "finalist_seeds": [7, 8, 9],
            "space": {"learning_rate": [rates[0]]},
        },
        model={"configuration": {"optimizer": "sgd", "learning_rate": rates[1], "batch_size": 16}},
        train={"epochs": 4},
    )
    write_space(tmp_path)
    folders = stage_folders(tmp_path, "tune")
    call(tune, folders)
    found, best = Finalists.read(tmp_path), Best.read(tmp_path)
    finalist, usual = found.rows
    assert usual.trial_id is None
    won = finalist if winner == "a trial" else usual
    assert found.winner == won.trial_id == best.trial_id
    assert best.configuration == won.configuration
    assert best.val_loss == won.mean
    assert found.epochs == 4
    assert len(set(finalist.losses)) == 3
    assert (None in usual.losses) == (found.gain is None) == (winner == "a trial")
