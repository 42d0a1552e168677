"""Whether runs overfit, and whether regularisers help."""

import math
import statistics
from collections.abc import Mapping, Sequence

import numpy as np

from smearflow.analysis.response import Surface
from smearflow.records.analysis.analysis import Overfitting
from smearflow.records.analysis.surface import Regulariser
from smearflow.records.exploration import RunRecord

REGULARISERS = (
    "weight_decay",
    "label_smoothing",
    "dropout",
    "augment",
    "stain_jitter",
    "brightness_jitter",
    "ground_paint",
)


def overfitting(
    runs: Sequence[RunRecord], labels: Mapping[str, str], surface: Surface | None
) -> Overfitting:
    """How many runs overfit, by how much, and what regularisers do to the loss.

    Args:
        runs: at least one did not diverge.
        labels: of `diagnose`, by the id of a run.
    """
    completed = [run for run in runs if run.status == "completed"]
    overfitted = [run for run in completed if labels[run.id].startswith("overfitting")]
    gaps = [gap for run in completed if (gap := _gap(run)) is not None]
    return Overfitting(
        completed=len(completed),
        overfitted=len(overfitted),
        share=len(overfitted) / len(completed),
        gap=statistics.median(gaps),
        regularisers=() if surface is None else _regularisers(surface),
    )


def _gap(run: RunRecord) -> float | None:
    """By how much the validation loss of the best epoch is higher than the training loss."""
    if run.best_epoch is None:
        return None
    loss, val_loss = (run.curve[name][run.best_epoch - 1] for name in ("loss", "val_loss"))
    return None if loss is None or val_loss is None else val_loss - loss


def _regularisers(surface: Surface) -> tuple[Regulariser, ...]:
    """From none to a moderate dose, the middle of the values tried.

    Whether one helps is told where its interval leaves 0 out, and an effect of it is found at all.
    """
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
            Regulariser(
                name=name,
                effect=math.expm1(losses[1] - losses[0]),
                low=float(low),
                high=float(high),
                helps=bool(high < 0) if important[name] and not low <= 0 <= high else None,
            )
        )
    return tuple(rows)
