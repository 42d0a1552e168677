from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.limits import EACH, judge_windows, main
from smearflow.images.statistics import STATISTICS
from smearflow.params.baseline import Baseline

SETTINGS = Baseline(resamples=40, false_alarm_rate=0.05, seed=1)


def _cells(patients: int, shift: float, rng: np.random.Generator) -> pd.DataFrame:
    values = rng.normal(shift, 1, size=(patients, 20, len(STATISTICS)))
    values += rng.normal(0, 0.3, size=(patients, 1, len(STATISTICS)))
    table = pd.DataFrame(values.reshape(-1, len(STATISTICS)), columns=STATISTICS)
    return table.assign(patient=np.repeat([f"C{number}" for number in range(patients)], 20))


def test_other_cells_alert_and_patients_like_the_baseline_hardly() -> None:
    rng = np.random.default_rng(1)
    cells, shifted = _cells(24, 0, rng), _cells(8, 3, rng)
    judged = pd.DataFrame(judge_windows(cells, shifted, SETTINGS, 12, 2), columns=["of", "alert"])
    assert judged.groupby("of").size().to_dict() == {
        "patients: 1": 2 * EACH,
        "patients: 2": 2 * EACH,
        "patients: 8": 2 * EACH,
        "shifted": 2,
    }
    alerts = judged.groupby("of")["alert"].mean()
    assert alerts.pop("shifted") == 1
    assert alerts.mean() < 0.3


def test_a_folder_without_a_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: .*params\.yaml"):
        main(["--run", str(tmp_path)])
