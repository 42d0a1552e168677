from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import halves
from benchmarks.halves import PLAIN, alarms_evidently, judge_half, main, tables
from benchmarks.shifts import Shift
from smearflow.cells.files import cell_files
from smearflow.cells.naming import parse_name
from smearflow.params.baseline import Baseline
from smearflow.params.whole import load_params
from smearflow.sides.side import Side
from tests.material import PROJECT, write_cells
from tests.monitoring.colour_model import ColourModel, toy_baseline

STAIN = Shift("stain", 1.0)


@pytest.fixture
def cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Side]:
    """Toy cells of 32 patients, plain and of another stain; a colour model in place of networks."""
    colour = ColourModel(tmp_path)
    monkeypatch.setattr(halves, "train_once", lambda *_, **__: SimpleNamespace(model=colour))
    monkeypatch.setattr(halves, "predict", lambda model, pixels: model.predict(pixels))
    monkeypatch.setattr(halves, "normalised_slides", lambda pixels, _: pixels)
    files = cell_files(write_cells(tmp_path / "cells", patients=32))
    rows = pd.DataFrame(
        {
            "cell_id": [file.name for file in files],
            "patient": [parse_name(file.name).patient for file in files],
            "source": "toy",
            "target": [np.int8(file.parent.name == "Parasitized") for file in files],
        }
    )
    sides = halves.seen((file.read_bytes() for file in files), rows, 32, [None, STAIN])
    return dict(zip((PLAIN, str(STAIN)), sides, strict=True))


def test_windows_of_the_other_half_are_judged_and_a_coarse_shift_is_seen(
    cells: dict[str, Side],
) -> None:
    params = load_params(PROJECT / "profiles/nih.yaml")
    quick = Baseline(resamples=20, false_alarm_rate=0.05, seed=1)
    few = params.model_copy(update={"baseline": quick})
    found = judge_half(cells, few, 1, 1, evidently=False)
    counts = pd.DataFrame(found).groupby(["what", "patients"]).size().to_dict()
    assert counts == {(PLAIN, 1): 16, (PLAIN, 3): 5, (PLAIN, 10): 1, ("stain 1", 10): 1}
    (stained,) = (each for each in found if each["what"] == "stain 1")
    assert "image statistics" in stained["alert"]
    alone = [each for each in found if each["what"] == PLAIN]
    assert np.mean([bool(each["alert"]) for each in alone]) < 0.5
    assert all(0 <= each["accuracy"] <= 1 for each in found)
    assert all(0 <= each["named_of_harmed"] <= each["harmed"] <= each["judged"] for each in found)


def test_evidently_finds_no_drift_of_the_baseline_from_itself(tmp_path: Path) -> None:
    baseline = toy_baseline(write_cells(tmp_path, patients=6), resamples=10)
    usual = baseline.reference
    assert not alarms_evidently(usual, baseline)
    assert alarms_evidently(usual.assign(**dict.fromkeys(baseline.statistics, 9.0)), baseline)


def _half(alerts: list[bool]) -> dict[str, Any]:
    windows: list[dict[str, Any]] = [
        {"what": PLAIN, "patients": 10, "alert": ["embeddings"] * alert, "accuracy": 0.95}
        for alert in alerts
    ]
    shifted = {"what": "blur 0.04", "patients": 10, "alert": ["embeddings"], "accuracy": 0.9}
    more = {"evidently": None, "named": 1, "judged": 10, "named_of_harmed": 1, "harmed": 2}
    return {"windows": [each | more for each in (*windows, shifted)]}


def test_the_tables_are_means_over_halves() -> None:
    lines = tables([_half([True, False]), _half([False, False])]).splitlines()
    assert lines[2] == "| 10 patients | 4 | 25.0% (0.0%-74.0%) | not asked | 10.0% | 4 of 8 |"
    shifted = "| blur 0.04 | 5.0 points | 100.0% (100.0%-100.0%) | not asked | 10.0% | 2 of 4 |"
    assert lines[-1] == shifted


def test_a_folder_without_a_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: .*parquet"):
        main(["--run", str(tmp_path), "--results", str(tmp_path / "results")])
