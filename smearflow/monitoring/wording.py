"""What moved, in which direction and by how much, in sentences for people who read no scores."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smearflow.monitoring.limits import JENSEN_SHANNON, MMD, DriftLimits, Score
from smearflow.monitoring.resampling import LEAST_CELLS, least_cells

_QUANTITIES = {
    "cell_area": "share of the image that is cell",
    "brightness": "brightness",
    "contrast": "contrast within a cell",
    "sharpness": "sharpness",
    "probability": "predicted probability",
    "label": "share of cells called positive",
    "embedding": "embedding (how the model sees a cell)",
}


def quantity(name: str) -> str:
    """What a column holds: `blue_mean` is the blue optical density."""
    colour, _, kind = name.partition("_")
    if kind == "mean":
        return f"{colour} optical density"
    if kind == "spread":
        return f"spread of {colour} optical density"
    return _QUANTITIES.get(name, name.replace("_", " "))


def shortcomings(patients: pd.Series, limits: Mapping[int, DriftLimits]) -> list[str]:
    """What the limits can't tell, as the baseline's patients have too few cells.

    Args:
        patients: of each cell of the baseline.
        limits: by number of patients in a window.
    """
    sizes, least, lines = patients.value_counts(), least_cells(patients), []
    if few := int((sizes < least).sum()):
        lines.append(
            f"{few} of {len(sizes)} patients have fewer than {least} cells: too few for a window "
            "of their own"
        )
    if not limits[1].resamples:
        return [*lines, "they leave too few windows to compare: no limits, nothing can be judged"]
    if least < LEAST_CELLS:
        lines.append(
            f"patients have {least} cells, fewer than {LEAST_CELLS}: windows so small differ by "
            "chance as well, so the limits are wide"
        )
    if untold := [quantity(name) for name, value in limits[1].values.items() if np.isnan(value)]:
        lines.append(f"no limit, as too few cells tell: {', '.join(untold)}")
    return lines


def sentence(score: Score, window: pd.DataFrame, reference: pd.DataFrame, positive: str) -> str:
    """What a drifted score means.

    Args:
        window: the cells, in the baseline's columns.
        reference: the baseline's cells.
        positive: the label whose share is told.
    """
    name, method = score.measure.name, score.measure.method
    if method == MMD:
        return (
            "the model sees other cells than in the baseline: maximum mean discrepancy of the "
            f"embedding {score.value:.3g}, limit {score.limit:.3g}"
        )
    if method == JENSEN_SHANNON:
        now, usual = ((table[name] == positive).mean() for table in (window, reference))
        return (
            f"{'more' if now > usual else 'fewer'} cells are called {positive}: {now:.0%}, "
            f"{usual:.0%} in the baseline (Jensen-Shannon distance {score.value:.2f}, "
            f"limit {score.limit:.2f})"
        )
    now, usual = window[name].mean(), reference[name].mean()
    return (
        f"{quantity(name)} is {_direction(score, now, usual, reference[name].std())}: "
        f"{now:.3g} on average, {usual:.3g} in the baseline (Wasserstein distance "
        f"{score.value:.2f} standard deviations, limit {score.limit:.2f})"
    )


def _direction(score: Score, now: float, usual: float, deviation: float) -> str:
    # the distance is never below the difference of the means; far above it, the shape changed
    if abs(now - usual) < score.value * deviation / 2:
        return "distributed differently"
    return "higher" if now > usual else "lower"
