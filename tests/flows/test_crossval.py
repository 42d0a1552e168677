"""The task of the cross-validation, on cells and a module made on the spot."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.crossval import cross_validate_in
from smearflow.records.crossval import CrossvalFigures
from smearflow.sides.side import Side
from smearflow.sides.tables import read_table, write_table
from tests.material import short_params
from tests.stages.project import write_params
from tests.stages.trained import make_trained_project

SIDES = ("train", "validation", "test")


@pytest.fixture
def root(hub_module: Path, tmp_path: Path) -> Path:
    root = make_trained_project(tmp_path, hub_module)
    for side in SIDES:  # toy cells have no files
        file = root / f"outputs/split/{side}.parquet"
        table = read_table(file)
        write_table(table.assign(path=table["cell_id"] + ".png"), file)
    params = short_params(root, hub_module)
    params["crossval"]["seeds"] = [1, 2]
    write_params(root, params)
    return root


@pytest.fixture(autouse=True)
def _untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is trained: its seed alone says what it predicts."""

    def predict(
        _train: Side, pixels: Any, _backbone: Path, _configuration: Any, seed: int, *_: Any
    ) -> Any:
        return np.random.default_rng(seed).random(len(pixels), np.float32)

    monkeypatch.setattr("smearflow.studies.crossval._train_and_predict", predict)


def test_every_seed_predicts_every_cell_and_finished_folds_are_reused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = cross_validate_in.fn(root)
    folder = root / "reports/crossval"
    assert CrossvalFigures.model_validate_json((folder / "crossval.json").read_text()) == found
    predictions = pd.read_parquet(folder / "predictions.parquet")
    cells = sum(len(read_table(root / f"outputs/split/{side}.parquet")) for side in SIDES)
    assert predictions.groupby("seed")["cell_id"].nunique().to_dict() == {1: cells, 2: cells}
    by_fold = predictions.groupby("cell_id")["fold"].nunique()
    assert (by_fold == 1).all()  # the same folds
    first, second = (rows["probability"].to_numpy() for _, rows in predictions.groupby("seed"))
    assert (first != second).any()
    listed = pd.read_csv(folder / "label_errors.csv")
    assert len(listed) == found.labels.likely_wrong
    assert (folder / "crossval.png").is_file()
    kept = {file: file.stat().st_mtime_ns for file in (root / "work/crossval").iterdir()}
    assert len(kept) == 4
    assert cross_validate_in.fn(root) == found
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
    assert json.loads((folder / "crossval.json").read_text())["fold_seed"] == 1
    assert "seed 2" in capsys.readouterr().out
