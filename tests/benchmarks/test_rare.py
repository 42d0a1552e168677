from pathlib import Path

import numpy as np
import pytest

import benchmarks.rare
from benchmarks.rare import draw_sides, main
from tests.material import short_params
from tests.stages.project import write_params


def test_sides_are_of_different_patients_and_positive_cells_are_as_rare_as_asked() -> None:
    train, validation, test = draw_sides(0.1, 32, (3, 1, 2))
    patients = [set(side.patients) for side in (train, validation, test)]
    assert [len(each) for each in patients] == [3, 1, 2]
    assert len(set.union(*patients)) == 6
    assert train.pixels.shape == (300, 32, 32, 3)
    assert 0.05 < np.mean(train.targets) < 0.15
    again = draw_sides(0.1, 32, (3, 1, 2))[0]
    assert (again.pixels == train.pixels).all()


def test_a_row_per_share(
    hub_module: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_params(tmp_path, short_params(tmp_path, hub_module))
    monkeypatch.setattr(benchmarks.rare, "PARAMETERS", tmp_path / "params.yaml")
    few = ["--positive", "0.1", "--seeds", "1", "--patients", "1", "1", "1"]
    main([*few, "--shares", "0", "0.5"])
    counts, _, header, _, *rows = capsys.readouterr().out.splitlines()
    assert counts.endswith("of 100")
    assert header.startswith("| share | pr_auc | roc_auc | sensitivity")
    assert [row.split(" | ")[0] for row in rows] == ["| 0", "| 0.5"]
    assert rows[0].split(" | ")[1:] != rows[1].split(" | ")[1:]
