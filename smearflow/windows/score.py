"""The cells of a window beside those of the baseline."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.drift import drift_scores
from smearflow.monitoring.limits import WASSERSTEIN, Score, beside_limits, limits_for
from smearflow.monitoring.resampling import WINDOW_CELLS, sample_cells
from smearflow.monitoring.sites import Site, nearest_site
from smearflow.records.verdict import ComparedCells, Distribution, Distributions

BINS = 30  # of a histogram


@dataclass(frozen=True)
class WindowScores:
    """How far a window is from the baseline.

    Attributes:
        scores: beside their limits.
        cells: that were compared, at most WINDOW_CELLS.
        usual: those of the baseline that they were compared with; its columns of images are of
            other cells than its columns of what the model says, and may be longer or shorter.
        site: whose images look most like those of the window.
    """

    scores: tuple[Score, ...]
    cells: pd.DataFrame
    usual: pd.DataFrame
    site: Site

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
    site, of_images = nearest_site(compared, patients, baseline.sites, baseline.of_images)
    values = drift_scores(compared, baseline.sample, baseline.of_model)
    limits = limits_for(patients, baseline.limits)
    of_model = beside_limits(baseline.of_model, list(values), limits)
    names = list(baseline.statistics)
    said = baseline.sample.drop(columns=names).reset_index(drop=True)
    usual = pd.concat([site.sample[names].reset_index(drop=True), said], axis=1)
    return WindowScores((*of_images, *of_model), compared, usual, site)


def distributions(comparison: WindowScores) -> Distributions:
    """Histograms of the numbers that are compared, of a window's cells and the baseline's."""
    columns = {}
    for measure in (each.measure for each in comparison.scores):
        if measure.method != WASSERSTEIN:
            continue
        name = measure.name
        now, usual = comparison.cells[name], comparison.usual[name].dropna()
        edges = np.histogram_bin_edges(pd.concat([now, usual]), bins=BINS)
        columns[name] = Distribution(
            edges=edges.tolist(),
            window=(np.histogram(now, edges)[0] / len(now)).tolist(),
            baseline=(np.histogram(usual, edges)[0] / len(usual)).tolist(),
        )
    cells = ComparedCells(window=len(comparison.cells), baseline=len(comparison.usual))
    return Distributions(cells=cells, columns=columns)
