"""Whether runs overfit, and whether regularisers help."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from smearflow.analysis.response import Surface
from smearflow.experiments.plan import RunRecord

REGULARISERS = (
    "weight_decay",
    "label_smoothing",
    "dropout",
    "augment",
    "stain_jitter",
    "brightness_jitter",
)


def overfitting(
    runs: Sequence[RunRecord], labels: Mapping[str, str], surface: Surface | None
) -> dict[str, Any]:
    """How many runs overfit, by how much, and what regularisers do to the loss.

    Args:
        runs: at least one did not diverge.
        labels: of `diagnose`, by the id of a run.

    Returns:
        completed and overfitted (numbers of runs), share (the one of the other), gap (validation
        less training loss in the best epoch of the median run, nats) and regularisers: name,
        effect (relative change of the validation loss from none to a moderate dose, the middle of
        the values tried), low and high (its 95 % interval) and helps (null where the interval
        holds 0, or where no effect of the parameter is found at all).
    """
    completed = [run for run in runs if run["status"] == "completed"]
    overfitted = [run for run in completed if labels[run["id"]].startswith("overfitting")]
    return {
        "completed": len(completed),
        "overfitted": len(overfitted),
        "share": len(overfitted) / len(completed),
        "gap": statistics.median(_gap(run) for run in completed if run["best_epoch"]),
        "regularisers": [] if surface is None else _regularisers(surface),
    }


def _gap(run: RunRecord) -> float:
    """By how much the validation loss of the best epoch is higher than the training loss."""
    epoch = run["best_epoch"] - 1
    return float(run["curve"]["val_loss"][epoch] - run["curve"]["loss"][epoch])


def _regularisers(surface: Surface) -> list[dict[str, Any]]:
    important = {each.name: each.important for each in surface.importances}
    rows = []
    for name in (name for name in REGULARISERS if name in surface.varied):
        axis = surface.axis(name)
        if axis is None:
            continue
        doses = [False, True] if axis.scale == "choice" else [axis.low, axis.value(0.0)]
        losses, resampled = surface.along(name, doses)
        low, high = np.expm1(np.quantile(resampled[1] - resampled[0], [0.025, 0.975]))
        rows.append(
            {
                "name": name,
                "effect": math.expm1(losses[1] - losses[0]),
                "low": float(low),
                "high": float(high),
                "helps": bool(high < 0) if important[name] and not low <= 0 <= high else None,
            }
        )
    return rows
