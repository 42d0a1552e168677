"""Which settings learn fastest."""

import json
import statistics
from collections.abc import Sequence
from typing import Any

from smearflow.analysis.response import trained
from smearflow.experiments.plan import RunRecord, deviations, varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

NEAR = 1.1  # of the lowest validation loss; what counts as converged

_SHOWN = 10


def convergence(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> dict[str, Any]:
    """Epochs until the mean validation loss is near the lowest of all settings, the fewest first.

    Settings that were run once are left out where others were repeated: the lowest of many single
    runs is a lucky one.

    Returns:
        lowest (mean validation loss of all settings, null if none trained), reached and as_early
        (numbers of settings that came within NEAR of it, and of those as early as the first) and
        rows, of the first that got there: settings (the learning rate, and what differs from the
        base), epochs (of the mean curve), val_loss (mean over n runs, each at its best), std (of
        val_loss) and runs (their ids).
    """
    groups = _groups(varied_fields(experiments), runs, base)
    groups = [pair for pair in groups if len(pair[1]) > 1] or groups
    curves = [_mean_curve(group) for _, group in groups]
    lowest = min((min(curve) for curve in curves), default=None)
    rows = []
    for (settings, group), curve in zip(groups, curves, strict=True):
        epochs = _epochs_to(NEAR * (lowest or 0.0), curve)
        if epochs is not None:
            rows.append(_row(settings, group, epochs))
    rows.sort(key=lambda row: (row["epochs"], row["val_loss"]))
    return {
        "lowest": lowest,
        "reached": len(rows),
        "as_early": sum(row["epochs"] <= rows[0]["epochs"] for row in rows),
        "rows": rows[:_SHOWN],
    }


def _groups(
    varied: Sequence[str], runs: Sequence[RunRecord], base: Configuration
) -> list[tuple[dict[str, Any], list[RunRecord]]]:
    """The runs of the same configuration, where all of them trained."""
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        groups.setdefault(json.dumps(run["configuration"], sort_keys=True), []).append(run)
    return [
        (deviations(group[0], varied, base), group)
        for group in groups.values()
        if all(map(trained, group))
    ]


def _mean_curve(group: Sequence[RunRecord]) -> list[float]:
    """The mean validation loss of each epoch that all runs of a group have."""
    curves = [run["curve"]["val_loss"] for run in group]
    return [statistics.fmean(losses) for losses in zip(*curves, strict=False)]


def _epochs_to(target: float, curve: Sequence[float]) -> int | None:
    """The first epoch, from 1, with a loss no higher than the target."""
    return next((epoch for epoch, loss in enumerate(curve, start=1) if loss <= target), None)


def _row(settings: dict[str, Any], group: Sequence[RunRecord], epochs: int) -> dict[str, Any]:
    losses = [run["val_loss"] for run in group]
    return {
        "settings": settings,
        "epochs": epochs,
        "val_loss": statistics.fmean(losses),
        "std": statistics.stdev(losses) if len(losses) > 1 else None,
        "n": len(group),
        "runs": [run["id"] for run in group],
    }
