"""What moved, in which direction and by how much, in sentences for people who read no scores."""

import pandas as pd

from smearflow.monitoring.drift import JENSEN_SHANNON, MMD
from smearflow.monitoring.limits import Score

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
