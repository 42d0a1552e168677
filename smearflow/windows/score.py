"""The cells of a window beside those of the baseline."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.drift import drift_scores
from smearflow.monitoring.limits import WASSERSTEIN, Score, beside_limits, limits_for
from smearflow.monitoring.resampling import WINDOW_CELLS, sample_cells
from smearflow.records.verdict import ComparedCells, Distribution, Distributions

BINS = 30  # of a histogram


@dataclass(frozen=True)
class WindowScores:
    """How far a window is from the baseline.

    Attributes:
        scores: beside their limits.
        cells: that were compared, at most WINDOW_CELLS.
    """

    scores: tuple[Score, ...]
    cells: pd.DataFrame

    @property
    def judged(self) -> list[Score]:
        """The scores that enough cells tell."""
        return [score for score in self.scores if score.judged]

    @property
    def drifted(self) -> list[Score]:
        """Those beyond their limits."""
        return [score for score in self.scores if score.drifted]


def score_window(cells: pd.DataFrame, patients: int, baseline: Baseline) -> WindowScores:
    """Compare described cells (`Baseline.describe`) with the baseline.

    Args:
        patients: in the window; the fewer, the wider the limits.
    """
    compared = sample_cells(cells, WINDOW_CELLS, np.random.default_rng(1))
    values = drift_scores(compared, baseline.sample, baseline.measures)
    limits = limits_for(patients, baseline.limits)
    return WindowScores(beside_limits(baseline.measures, list(values), limits), compared)


def distributions(comparison: WindowScores, baseline: Baseline) -> Distributions:
    """Histograms of the numbers that are compared, of a window's cells and the baseline's."""
    columns = {}
    for name in (each.name for each in baseline.measures if each.method == WASSERSTEIN):
        now, usual = comparison.cells[name], baseline.sample[name]
        edges = np.histogram_bin_edges(pd.concat([now, usual]), bins=BINS)
        columns[name] = Distribution(
            edges=edges.tolist(),
            window=(np.histogram(now, edges)[0] / len(now)).tolist(),
            baseline=(np.histogram(usual, edges)[0] / len(usual)).tolist(),
        )
    cells = ComparedCells(window=len(comparison.cells), baseline=len(baseline.sample))
    return Distributions(cells=cells, columns=columns)
