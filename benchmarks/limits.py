"""How often the drift limits of the image statistics alert, over random baselines.

    python -m benchmarks.limits --run runs/nih --shifted <cells of another laboratory>

Each baseline is of as many patients as the run's validation cells, chosen from all of its patients.
Its limits judge windows of the others, which should not alert, and the shifted cells, which should:
by the image statistics alone, at their part of the false alarms, because a network knows the
patients it learned from and would make them look alike.
"""

import argparse
import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.ground.errors import SmearflowError
from smearflow.images.statistics import STATISTICS
from smearflow.monitoring import drift
from smearflow.monitoring.limits import beside_limits, limits_for
from smearflow.monitoring.resampling import (
    REFERENCE_CELLS,
    WINDOW_CELLS,
    calibrate_all,
    sample_cells,
)
from smearflow.params.baseline import Baseline
from smearflow.params.whole import load_params
from smearflow.sides.side import load_side
from smearflow.sides.tables import read_table
from smearflow.windows.patients import count_patients
from smearflow.windows.read import read_window

WINDOWS = (1, 2, 8)  # patients
EACH = 4  # windows of each size per baseline


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--shifted", type=Path, help="folder of images that should alert")
    parser.add_argument("--baselines", type=int, default=50)
    options = parser.parse_args(arguments)
    try:
        settings = load_params(options.run / "params.yaml").baseline
        patients = load_side(options.run / "outputs/split", "validation").table["patient"].nunique()
        cells = _decoded(read_table(options.run / "outputs/ingest/manifest.parquet"))
        shifted = _decoded(read_window(options.shifted, 1).table) if options.shifted else None
        print(f"{options.baselines} baselines of {patients} of {cells['patient'].nunique()}")
        judged = judge_windows(cells, shifted, settings, patients, options.baselines)
        alerts = pd.DataFrame(judged, columns=["windows", "alerts"]).groupby("windows")["alerts"]
        print(alerts.agg(["size", "mean"]).to_string(header=["judged", "share that alert"]))
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def judge_windows(
    cells: pd.DataFrame,
    shifted: pd.DataFrame | None,
    settings: Baseline,
    patients: int,
    baselines: int,
) -> Iterator[tuple[str, bool]]:
    """Judge windows by the limits of random baselines; yields what each is of, whether it alerts.

    Args:
        cells: patient and statistics, of at least `patients` + 8 patients.
        shifted: likewise, one window.
        patients: of a baseline.
    """
    everything = drift.measures_of(STATISTICS)
    measures = [measure for measure in everything if measure.group == drift.IMAGE_STATISTICS]
    rate = settings.false_alarm_rate / len({measure.group for measure in everything})
    for number in range(baselines):
        rng = np.random.default_rng(number)
        order = rng.permutation(cells["patient"].unique())
        chosen, others = order[:patients], order[patients:]
        reference = cells[cells["patient"].isin(chosen)]
        with contextlib.redirect_stdout(io.StringIO()):  # a stage's progress, baseline by baseline
            limits = calibrate_all(reference, measures, settings.resamples, rate, number)
        windows = [
            (f"patients: {count}", cells[cells["patient"].isin(rng.choice(others, count, False))])
            for count in WINDOWS
            for _ in range(EACH)
        ]
        if shifted is not None:
            windows.append(("shifted", shifted))
        sample = sample_cells(reference, REFERENCE_CELLS, rng)
        for kind, window in windows:
            values = drift.drift_scores(sample_cells(window, WINDOW_CELLS, rng), sample, measures)
            usual = limits_for(count_patients(window), limits)
            yield kind, any(score.drifted for score in beside_limits(measures, list(values), usual))


def _decoded(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["error"].isna()]


if __name__ == "__main__":
    main()
