import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import pays
from smearflow.ground.errors import SmearflowError
from smearflow.sides.side import load_side
from smearflow.sides.tables import write_table
from smearflow.splitting.splits import SIDES

PATIENTS = 20  # five cells each, every second one infected


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder of a run with settings and split cells; a cell's pixels are its number."""
    split = tmp_path / "run/outputs/split"
    split.mkdir(parents=True)
    (split / "summary.json").write_text("{}")
    (tmp_path / "run/params.yaml").write_text("the run's")
    owners = np.repeat(np.arange(PATIENTS), 5)
    cells = pd.DataFrame(
        {
            "cell_id": [f"c{number}" for number in range(len(owners))],
            "patient": [f"s/p{owner}" for owner in owners],
            "target": (owners % 2).astype("int8"),
        }
    )
    sides = np.where(owners < 12, "train", np.where(owners < 16, "validation", "test"))
    for side in SIDES:
        rows = np.flatnonzero(sides == side)
        pixels = np.broadcast_to(rows[:, None, None, None], (len(rows), 2, 2, 3)).astype(np.uint8)
        np.save(split / f"{side}.npy", pixels)
        write_table(cells.iloc[rows].assign(side=side), split / f"{side}.parquet")
    return tmp_path / "run"


def test_every_patient_is_looked_at_once_and_never_seen_by_the_stages(run: Path) -> None:
    looked_at: list[str] = []
    for fold in range(1, pays.FOLDS + 1):
        root = run / f"work/pays/{fold}"
        test = pays.lay_out(run, root, fold)
        sides = {side: load_side(root / "outputs/split", side) for side in ("train", "validation")}
        seen = [set(side.patients) for side in (*sides.values(), test)]
        assert sum(map(len, seen)) == len(set.union(*seen)) == PATIENTS
        for side in sides.values():  # pixels stay with their rows
            numbers = [f"c{cell}" for cell in side.pixels[:, 0, 0, 0]]
            assert numbers == side.table["cell_id"].tolist()
        assert not (root / "outputs/split/test.npy").exists()
        assert (root / "params.yaml").read_text() == "the run's"
        looked_at += np.unique(test.patients).tolist()
    assert sorted(looked_at) == sorted(f"s/p{number}" for number in range(PATIENTS))


def fold(number: int, found: list[float], default: list[float]) -> pays.Fold:
    return {
        "fold": number,
        "minutes": 3.0,
        "found": {"learning_rate": 0.0003, "schedule": "cosine", "trainable": "all"},
        "patient": [f"{number}a", f"{number}a", f"{number}b", f"{number}b"],
        "target": [0, 1, 0, 1],
        "probability": {"found": found, "default": default},
    }


def test_the_gain_is_that_of_all_folds_together(tmp_path: Path, capsys: Any) -> None:
    right, one_wrong = [0.1, 0.9, 0.2, 0.8], [0.1, 0.9, 0.6, 0.8]
    for number, pair in enumerate([(right, one_wrong), (right, right)], start=1):
        (tmp_path / f"{number}.json").write_text(json.dumps(fold(number, *pair)))
    pays.main(["--results", str(tmp_path)])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()]
    accuracy = next(row for row in rows if row[0] == "| accuracy")
    assert accuracy[1:3] == ["0.8750", "+0.1250"]
    first, second = (row for row in rows if row[0] in ("| 1", "| 2"))
    assert "the default" not in first
    assert "the default" in second


def test_thresholds_are_moved_to_a_half_and_ranks_stay() -> None:
    probabilities = np.array([0.0, 0.1, 0.29, 0.3, 0.31, 0.9, 1.0], np.float32)
    moved = pays.at_half(probabilities, 0.3)
    assert ((moved >= 0.5) == (probabilities >= 0.3)).all()
    assert (np.diff(moved) > 0).all()


def test_without_a_fold_it_says_how_to_run_one(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="--fold 1"):
        list(pays.kept(tmp_path))
