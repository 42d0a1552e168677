"""What images of each site look like, and how far those of a window are from it.

Image statistics depend on no network, so the cells that one learned from are at hand, too: many
more patients than the validation side has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from smearflow.monitoring.drift import drift_scores
from smearflow.monitoring.limits import DriftLimits, Measure, Score, beside_limits, limits_for
from smearflow.monitoring.resampling import (
    LEAST_PATIENTS,
    REFERENCE_CELLS,
    calibrate_all,
    sample_cells,
    window_groups,
)


@dataclass(frozen=True)
class Site:
    """Cells that were imaged at one place.

    Attributes:
        name: their source; None: those of all sites together.
        cells: patient, source and image statistics, a row per cell.
        limits: of the statistics, by number of patients in a window.
    """

    name: str | None
    cells: pd.DataFrame
    limits: dict[int, DriftLimits]

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The cells that windows are compared with, always the same."""
        return sample_cells(self.cells, REFERENCE_CELLS, np.random.default_rng(1))

    def scores(
        self, window: pd.DataFrame, patients: int, measures: Sequence[Measure]
    ) -> tuple[Score, ...]:
        """How far a window is from this site.

        Args:
            window: statistics of its cells.
            patients: in it.
            measures: of image statistics.
        """
        values = drift_scores(window, self.sample, measures)
        return beside_limits(measures, list(values), limits_for(patients, self.limits))


def sites_of(
    cells: pd.DataFrame,
    measures: Sequence[Measure],
    resamples: int,
    false_alarm_rate: float,
    seed: int,
) -> tuple[Site, ...]:
    """All sites together, then, of several, each by itself whose patients tell what is usual.

    Args:
        cells: patient, source and the statistics, of training and validation cells.
        measures: of image statistics.
        resamples: per number of patients.
        false_alarm_rate: of these measures together.
        seed: of the resamples.

    Raises:
        SmearflowError: fewer than three patients.
    """
    columns = ["patient", "source", *(measure.name for measure in measures)]
    sources = sorted(cells["source"].unique())
    parts: list[tuple[str | None, pd.DataFrame]] = [(None, cells)]
    if len(sources) > 1:
        parts += [(name, cells[cells["source"] == name]) for name in sources]
    found = []
    for name, own in parts:
        table = own[columns].reset_index(drop=True)
        if name is None or window_groups(table["patient"]).max() + 1 >= LEAST_PATIENTS:
            limits = calibrate_all(table, measures, resamples, false_alarm_rate, seed)
            found.append(Site(name, table, limits))
    return tuple(found)


def nearest_site(
    window: pd.DataFrame, patients: int, sites: Sequence[Site], measures: Sequence[Measure]
) -> tuple[Site, tuple[Score, ...]]:
    """The site from which a window is least far, by the score furthest beyond its limit.

    A window is unusual only if it is unlike every site, so several of them raise no more alarms
    than one.

    Args:
        window: statistics of its cells.
        patients: in it.
        sites: at least one.
        measures: of image statistics.

    Returns:
        The site, and the window's scores beside its limits.
    """
    scored = [(site, site.scores(window, patients, measures)) for site in sites]
    return min(scored, key=lambda each: _furthest(each[1]))


def _furthest(scores: Sequence[Score]) -> float:
    """Share of its limit of the furthest score; a site without limits is the furthest of all."""
    shares = [score.share for score in scores if score.judged]
    return max(shares, default=np.inf)
